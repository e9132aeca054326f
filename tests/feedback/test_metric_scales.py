"""A metric's place between too little and enough."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.feedback.scales import reading
from grader.model import Metric


def place(value, low, high):
    at = reading(Metric("accuracy", value, low, high)).at
    return float(at.removesuffix("%")) if at else None


@pytest.mark.parametrize(
    ("value", "low", "high", "at"),
    [
        (0.85, 0.85, 0.95, 30),
        (0.90, 0.85, 0.95, 50),
        (0.95, 0.85, 0.95, 70),
        (1.0, 0.85, 0.95, 90),
        (0.0, 0.85, 0.95, 2),
        (90.0, 90.0, 45.0, 30),
        (45.0, 90.0, 45.0, 70),
        (500.0, 90.0, 45.0, 2),
        (math.inf, 0.0, 1.0, 98),
        (math.inf, 1.0, 0.0, 2),
    ],
)
def test_worse_is_left_and_better_is_right_also_where_less_is_better(value, low, high, at):
    assert place(value, low, high) == pytest.approx(at)


def test_a_threshold_that_is_a_step_stands_in_the_middle():
    noise = Metric("noise", 0.01, math.nextafter(0.05, 1), 0.05)
    found = reading(noise)
    assert (found.begin, found.full, found.full_at) == ("", "0.05", "50.0%")
    assert place(0.01, noise.low, noise.high) > 50 > place(0.2, noise.low, noise.high)
    assert place(0.9, math.nextafter(0.85, 0), 0.85) > 50 > place(0.8, math.nextafter(0.85, 0), 0.85)


def test_what_could_not_be_measured_has_no_place():
    found = reading(Metric("R²", math.nan, 0.8, 0.97))
    assert (found.value, found.at) == ("not measurable", "")


@pytest.mark.parametrize(
    ("value", "low", "high", "shown"),
    [
        (0.9698, 0.8, 0.97, "0.9698"),
        (0.96999999, 0.8, 0.97, "0.96999999"),
        (0.97, 0.8, 0.97, "0.97"),
        (0.8004, 0.8, 0.97, "0.8004"),
        (0.84985, math.nextafter(0.85, 0), 0.85, "0.8498"),
        (0.85, math.nextafter(0.85, 0), 0.85, "0.85"),
        (0.05001, math.nextafter(0.05, 1), 0.05, "0.05001"),
        (45.04, 90.0, 45.0, "45.04"),
        (89.96, 90.0, 45.0, "89.96"),
        (0.912345, 0.8, 0.97, "0.912"),
    ],
)
def test_a_value_is_not_rounded_onto_a_threshold_that_it_missed(value, low, high, shown):
    assert reading(Metric("accuracy", value, low, high)).value == shown


def test_a_scale_speaks_of_the_figure_alone_since_points_may_hang_on_others():
    more, less = reading(Metric("novelty", 1.05, 0.8, 1.0)), reading(Metric("distance", 61.3, 90.0, 45.0))
    assert (more.short, more.enough) == ("too low", "high enough")
    assert (less.short, less.enough) == ("too high", "low enough")
    assert "points" not in more.asked + less.asked


@given(st.floats(), st.floats(), st.floats())
def test_no_numbers_break_a_scale(value, low, high):
    at = place(value, low, high)
    assert at is None or 2 <= at <= 98
