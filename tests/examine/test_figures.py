"""Pictures as data: what is kept of images, lines, dots and shares, whatever student code answered with."""

import base64
import json
import math
import zlib

import numpy as np
import pytest
import torch

from grader.examine.figures import GREYS, IMAGES_MOST, POINTS_MOST, SHEET_MOST, Dots, Figures, Line, Mark
from grader.model import FigureKind

ODD = [1.0, math.nan, math.inf, -math.inf, 1e308, None, "3", [4], torch.zeros(2), torch.tensor(5), np.array(6.0), 7]
"""What a list of losses may hold; of these a picture has 1, 5, 6 and 7."""


def unpacked(data):
    """The images of a figure or a sheet, uint8 [n, h, w]."""
    pixels = zlib.decompress(base64.b64decode(data["pixels"]))
    return torch.tensor(list(pixels), dtype=torch.uint8).view(data["shape"])


@pytest.fixture
def made():
    """Makes one picture, and gives it back as a database would."""

    def make(name, *given, **options):
        figures = Figures(about="check")
        getattr(figures, name)(*given, **options)
        (figure,) = figures.made
        assert figure.about == "check"
        assert json.loads(json.dumps(figure.data, allow_nan=False)) == figure.data
        return figure

    return make


def plotted(made, *lines, dots=(), marks=()):
    return made("plot", "Losses", "They fall.", x="epoch", y="loss", lines=lines, dots=dots, marks=marks).data


def test_images_come_out_as_they_went_in(made):
    images = torch.arange(3 * 4 * 5).view(3, 4, 5).to(torch.uint8)
    figure = made("images", images, ["a", "b", "c"], "Samples", "Three samples.")
    assert (figure.kind, figure.title, figure.alt) == (FigureKind.IMAGES, "Samples", "Three samples.")
    assert figure.data["captions"] == ["a", "b", "c"]
    assert torch.equal(unpacked(figure.data), images)


def test_of_many_images_the_first_are_kept_with_their_captions(made):
    data = made("images", torch.zeros(100, 2, 2), [str(number) for number in range(100)], "", "").data
    assert data["shape"] == [IMAGES_MOST, 2, 2]
    assert data["captions"][-1] == str(IMAGES_MOST - 1)


def test_floats_become_greys_and_what_is_outside_of_0_to_1_is_cut_off(made):
    given = torch.tensor([0.0, 0.5, 1.0, -3.0, 1e38, math.nan, math.inf, -math.inf]).view(1, 2, 4)
    expected = [0, round(round(0.5 * (GREYS - 1)) * 255 / (GREYS - 1)), 255, 0, 255, 0, 255, 0]
    assert unpacked(made("images", given, (), "", "").data).flatten().tolist() == expected


def test_no_grey_is_far_from_what_was_given(made):
    given = torch.linspace(0, 1, 1000).view(1, 10, 100)
    shown = unpacked(made("images", given, (), "", "").data)
    assert float((shown / 255 - given).abs().max()) < 1 / GREYS


def test_sheets_stand_side_by_side_with_their_names(made):
    some, many = torch.rand(6, 3, 2), torch.zeros(500, 3, 2, dtype=torch.uint8)
    data = made("sheets", [("drawn", some), ("given", many)], "Digits", "", columns=3).data
    assert [(sheet["name"], sheet["shape"]) for sheet in data["sheets"]] == [
        ("drawn", [6, 3, 2]),
        ("given", [SHEET_MOST, 3, 2]),
    ]
    assert data["columns"] == 3
    assert (unpacked(data["sheets"][0]) / 255 - some).abs().max() < 1 / GREYS


def test_where_there_is_nothing_to_show_there_is_no_picture():
    figures, nothing = Figures(), [math.nan]
    figures.images(torch.zeros(0, 28, 28), (), "", "")
    figures.plot("", "", x="", y="", lines=[Line("loss", nothing), Line("empty", ())], dots=[Dots("", (), [1.0])])
    figures.bars(["0"], nothing, "", "", x="", y="")
    assert figures.made == []


def test_points_of_a_line_are_counted_from_one_unless_it_says_where_they_are(made):
    data = plotted(made, Line("a", [3.0, 2.0]), Line("b", [3.0, 2.0], x=[0.5, 1.5]))
    assert data["lines"] == [{"name": "a", "x": [1, 2], "y": [3, 2]}, {"name": "b", "x": [0.5, 1.5], "y": [3, 2]}]
    assert (data["x"], data["y"]) == ("epoch", "loss")


def test_what_is_no_finite_number_leaves_a_gap_in_a_line(made):
    (line,) = plotted(made, Line("loss", ODD))["lines"]
    assert line["y"] == [1, *[None] * 8, 5, 6, 7]
    assert line["x"] == list(range(1, len(ODD) + 1))


def test_a_line_without_points_is_left_out(made):
    lines = plotted(made, Line("none", ()), Line("odd", [None]), Line("loss", [1.0]))["lines"]
    assert [line["name"] for line in lines] == ["loss"]


def test_the_text_of_a_plot_tells_the_course_of_lines(made):
    lines = [Line("a", [math.nan, 3, 0.5, 9.8765, 2, None]), Line("fit", [math.nan, 0, 7, 1], x=[0, 0.5, 1, 1.5])]
    figure = made("plot", "Losses", "They fall.", x="", y="", lines=lines)
    assert figure.alt == (
        "They fall. “a” goes from 3 to 2; it is 0.5 at least and 9.88 at most. “fit” goes from 0 at 0.5 to 1 at 1.5."
    )


def test_the_text_of_a_plot_tells_its_marks_and_how_far_dots_are_from_their_fit(made):
    dots = [Dots("points", [1, 2], [3, 5], fit=[4, 5.5]), Dots("bare", [1], [2])]
    marks = [Mark("threshold 0.5", 0.91, 0.875), Mark("nowhere", math.nan, 1.0)]
    figure = made("plot", "", "Two.", x="recall", y="precision", dots=dots, marks=marks)
    assert figure.alt == (
        "Two. The 2 dots “points” are 0.75 away from the fit on average."
        " “threshold 0.5” is at recall 0.91, precision 0.875."
    )


@pytest.mark.parametrize("count", [POINTS_MOST, POINTS_MOST + 1, 100_000])
def test_a_long_line_keeps_its_ends_and_evenly_spread_points_between(made, count):
    (line,) = plotted(made, Line("loss", range(count)))["lines"]
    assert len(line["x"]) == len(line["y"]) == POINTS_MOST
    assert (line["x"][0], line["x"][-1]) == (1, count)
    steps = torch.tensor(line["x"]).diff()
    assert steps.min() > 0
    assert steps.max() <= math.ceil((count - 1) / (POINTS_MOST - 1))


def test_where_a_line_has_fewer_x_than_y_the_rest_is_left_out(made):
    (line,) = plotted(made, Line("loss", [1.0, 2.0, 3.0], x=[1.0, math.nan]))["lines"]
    assert (line["x"], line["y"]) == ([1], [1])


def test_numbers_keep_five_digits(made):
    (line,) = plotted(made, Line("loss", [1.23456789, 123456.789, 1e-9 / 3]))["lines"]
    assert line["y"] == [1.2346, 123460, 3.3333e-10]


def test_dots_with_what_a_model_says_of_them(made):
    (dots,) = plotted(made, dots=[Dots("points", [1.0, 2.0], [3.0, 4.0], fit=[3.5, 4.5])])["dots"]
    assert dots == {"name": "points", "x": [1, 2], "y": [3, 4], "fit": [3.5, 4.5]}


def test_dots_without_a_model(made):
    (dots,) = plotted(made, dots=[Dots("points", range(1000), range(1000))])["dots"]
    assert (len(dots["x"]), len(dots["y"]), dots["fit"]) == (POINTS_MOST, POINTS_MOST, [])


def test_dots_of_which_a_number_is_not_finite_are_left_out(made):
    given = Dots("points", [1.0, math.nan, 3.0, 4.0, 5.0], [1.0, 2.0, math.inf, 4.0, 5.0], fit=[1, 2, 3, 1e308, 5])
    (dots,) = plotted(made, dots=[given])["dots"]
    assert dots == {"name": "points", "x": [1, 5], "y": [1, 5], "fit": [1, 5]}


@pytest.mark.parametrize("x", [(), [math.nan] * 3])
def test_dots_of_which_none_is_known_are_left_out(made, x):
    assert plotted(made, Line("loss", [1.0]), dots=[Dots("points", x, [1.0, 2.0, 3.0])])["dots"] == []


def test_marks_are_points_and_those_that_are_nowhere_are_left_out(made):
    data = plotted(
        made,
        Line("loss", [1.0]),
        marks=[Mark("threshold", 0.5, 0.25), Mark("nowhere", math.nan, 1.0), Mark("far", 1.0, 1e300)],
    )
    assert data["marks"] == [{"name": "threshold", "x": 0.5, "y": 0.25}]


def test_a_bar_for_each_share_that_there_is(made):
    figure = made("bars", ["0", "1", "2"], [0.25, math.nan, 1.0], "By class", "", x="class", y="recognised")
    assert figure.kind is FigureKind.BARS
    assert figure.data == {"x": "class", "y": "recognised", "labels": ["0", "2"], "values": [0.25, 1.0]}


def test_shapes_beside_each_other(made):
    figure = made("shapes", (None, 3), (3,))
    assert figure.alt == "The shape asked for is (any, 3); what came back is (3,)."
    assert figure.data == {"expected": [None, 3], "actual": [3]}
