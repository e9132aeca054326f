"""Plots: ticks at round numbers, lines with gaps, and nothing that odd numbers can break."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.feedback.figures import drawn
from grader.feedback.plots import HEIGHT, WIDTH, axis
from grader.model import Figure, FigureKind


def line(y, x=None, name="loss"):
    return {"name": name, "x": [float(n) for n in range(len(y))] if x is None else x, "y": y}


def dots(x, y, fit=(), name="points"):
    return {"name": name, "x": list(x), "y": list(y), "fit": list(fit)}


def mark(name, x, y):
    return {"name": name, "x": x, "y": y}


def plot(lines=(), points=(), marks=()):
    data = {"x": "epoch", "y": "loss", "lines": list(lines), "dots": list(points), "marks": list(marks)}
    return drawn(Figure(FigureKind.PLOT, "Loss", "in words", data)).plot


def labels(values):
    found = axis(values)
    return [found.label(tick) for tick in found.ticks]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([0, 1], ["0", "1"]),
        ([0.0, 0.5, 1.0], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ([1, 40], ["0", "10", "20", "30", "40"]),
        ([0.31, 0.69], ["0.3", "0.4", "0.5", "0.6", "0.7"]),
        ([-2.4, 2.4], ["−2", "−1", "0", "1", "2"]),
        ([12_000, 61_000], ["0", "10,000", "20,000", "30,000", "40,000", "50,000", "60,000"]),
        ([0.001, 0.0042], ["0.000", "0.001", "0.002", "0.003", "0.004"]),
        ([0.5e-7, 1.5e-6], ["0", "5e−7", "1e−6", "1.5e−6"]),
        ([1e9, 5e9], ["0", "1e9", "2e9", "3e9", "4e9", "5e9"]),
        ([3.0], ["3"]),
        ([-3.0, -3.0], ["−3"]),
        ([0.0, 0.0], ["0", "1"]),
        ([0.5, 0.5], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),  # a share
    ],
)
def test_ticks_are_a_round_number_apart(values, shown):
    assert labels(values) == shown


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_every_value_is_on_the_axis_and_the_ticks_are_few_and_told_apart(values):
    found = axis(values)
    assert all(-1e-6 <= found.share(min(1e300, max(-1e300, value))) <= 1 + 1e-6 for value in values)
    assert len(found.ticks) <= 8
    shown = [found.label(tick) for tick in found.ticks]
    assert len(shown) == len(set(shown))


NUMBERS = st.one_of(
    st.floats(), st.none(), st.integers(), st.booleans(), st.text(max_size=3), st.lists(st.integers(), max_size=2)
)
SERIES = st.fixed_dictionaries(
    {"name": st.text(max_size=5), "x": st.lists(NUMBERS, max_size=6), "y": st.lists(NUMBERS, max_size=6)},
    optional={"fit": st.lists(NUMBERS, max_size=6)},
)


@given(st.lists(SERIES, max_size=3), st.lists(SERIES, max_size=3), st.floats(), st.floats())
def test_no_numbers_break_a_plot_and_what_is_drawn_stays_in_its_frame(lines, points, x, y):
    made = plot(lines, points, [mark("here", x, y)])
    for series in made.series if made else ():
        for across, up in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", series.path):
            assert -1 <= float(across) <= WIDTH + 1
            assert -1 <= float(up) <= HEIGHT + 1


def test_a_line_has_a_gap_where_a_value_is_missing():
    (series,) = plot([line([1.0, 2.0, None, 3.0, 4.0])]).series
    assert [pen for pen in series.path if pen.isalpha()] == ["M", "L", "M", "L"]


def test_a_point_between_two_gaps_is_seen():
    (series,) = plot([line([1.0, None, 2.0, math.nan, 3.0, 4.0])]).series
    assert [pen for pen in series.path if pen.isalpha()] == ["M", "h", "M", "h", "M", "L"]


def test_more_is_higher_and_later_is_further_right():
    (series,) = plot([line([1.0, 2.0])]).series
    (x0, y0), (x1, y1) = re.findall(r"([\d.]+) ([\d.]+)", series.path)
    assert float(x0) < float(x1)
    assert float(y0) > float(y1)


def test_residuals_lead_from_each_point_to_the_fit():
    residuals, points = plot(points=[dots([0.0, 1.0], [1.0, 2.0], [1.5, 1.5])]).series
    assert (residuals.kind, points.kind) == ("residuals", "dots")
    assert residuals.name == "from points to the fit"
    tops = re.findall(r"M[\d.]+ ([\d.]+)V([\d.]+)", residuals.path)
    assert len(tops) == 2
    assert float(tops[0][0]) > float(tops[0][1])  # the first point lies below the fit
    assert float(tops[1][0]) < float(tops[1][1])


def test_series_are_told_apart_by_more_than_colour():
    made = plot([line([1.0, 2.0], name=str(n)) for n in range(4)], [dots([1], [n], name=str(n)) for n in range(4)])
    assert len({(one.kind, one.style) for one in made.series}) == 8
    assert len({one.sign for one in made.series if one.kind == "dots"}) == 4


def test_what_would_look_like_another_series_is_not_drawn():
    assert plot([line([1.0, 2.0], name=str(n)) for n in range(5)]) is None
    assert plot(points=[dots([1], [n], name=str(n)) for n in range(5)]) is None


def test_the_names_of_marks_do_not_lie_on_each_other_and_long_ones_are_cut():
    made = plot([line([0.0, 1.0])], marks=[mark("a" * 40, 0.0, 0.5), mark("best", 1.0, 0.5)])
    heights = [float(one.label_y) for one in made.marks]
    assert abs(heights[0] - heights[1]) >= 15
    assert {one.anchor for one in made.marks} == {"start", "end"}
    assert sorted(len(one.label) for one in made.marks) == [4, 22]
    assert {one.name for one in made.marks} == {"a" * 40, "best"}


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [line([])],
        [line([None, math.nan])],
        [line([1.0], x=[1.0, 2.0])],
        [line(["1.0"])],
        [line([[1.0]])],
        [{"x": [1], "y": [1]}],
        [line([1.0])] * 13,
        [line([0.0] * 2001)],
        [line("12")],
        None,
    ],
)
def test_what_is_no_plot_leaves_the_words(lines):
    data = {"x": "x", "y": "y", "lines": lines, "dots": [], "marks": []}
    made = drawn(Figure(FigureKind.PLOT, "Loss", "in words", data))
    assert (made.title, made.alt, made.plot) == ("Loss", "in words", None)


@pytest.mark.parametrize("y", [[5.0], [5.0, 5.0, 5.0], [1e308, -1e308], [5e-324, 0.0], [1e15, 1e15 + 1], [0.0]])
def test_one_point_the_same_value_and_huge_ones_make_a_plot(y):
    made = plot([line(y)])
    assert made.series
    assert made.y_ticks
