"""Shapes as diagrams, and what differs between two of them in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.feedback.figures import drawn
from grader.feedback.shapes import difference
from grader.model import Figure, FigureKind


def shapes(expected, actual):
    return drawn(Figure(FigureKind.SHAPES, "Shapes", "in words", {"expected": expected, "actual": actual})).shapes


def cells(diagram):
    return diagram.cells.count("M")


def texts(diagram, *, odd=None):
    return [label.text for label in diagram.labels if odd is None or label.odd is odd]


def test_a_number_is_a_cell_a_vector_a_row_and_a_matrix_a_grid():
    made = shapes([], [4])
    assert (made.expected.name, cells(made.expected), texts(made.expected)) == ("()", 1, ["one number"])
    assert (made.actual.name, cells(made.actual), texts(made.actual, odd=True)) == ("(4,)", 4, ["≠ 4"])
    made = shapes([2, 3], [2, 3])
    assert (made.expected.name, cells(made.expected), texts(made.expected)) == ("(2, 3)", 6, ["2", "3"])
    assert made.difference == ""


def test_three_dimensions_and_more_are_a_stack_of_grids():
    made = shapes([5, 2, 3], [7, 5, 2, 3])
    assert len(made.expected.sheets) == 3
    assert texts(made.expected) == ["5 of these", "2", "3"]
    assert texts(made.actual) == ["≠ 7 × 5 of these", "2", "3"]
    assert len(shapes([1, 2, 3], [1, 2, 3]).actual.sheets) == 1


def test_of_a_large_dimension_some_cells_are_left_out_and_its_size_is_written():
    made = shapes([10**6], [7])
    assert cells(made.expected) == 4
    assert made.expected.dots.count("M") == 3
    assert texts(made.expected) == ["1000000"]
    assert shapes([6], [6]).actual.dots == ""


def test_any_size_and_no_size_can_be_drawn():
    made = shapes([None, 0], [3, 0])
    assert made.expected.name == "(any, 0)"
    assert cells(made.expected) == cells(made.actual) == 0
    assert made.difference == ""


@pytest.mark.parametrize(
    ("expected", "actual", "words"),
    [
        ([4, 3], [4, 2], "Dim 1 is 2 instead of 3."),
        ([None, 3], [9, 2], "Dim 1 is 2 instead of 3."),
        ([4, 3], [3, 4], "The sizes are right, their order is not: dim 0 is 3 instead of 4, dim 1 is 4 instead of 3."),
        ([4, 1], [4], "Dim 1 is missing; its size should be 1."),
        ([None, 10], [10], "Dim 0, the batch perhaps, is missing; any size will do."),
        ([3, None], [3], "Dim 1 is missing; any size will do."),
        ([4], [4, 1], "Dim 1, of size 1, is one too many."),
        ([4], [1, 4], "Dim 0, of size 1, is one too many."),
        ([1, 1], [1], "Dim 0 is missing; its size should be 1."),
        ([4, 3], [12], "1 dimension came back; 2 dimensions should."),
        ([], [2, 3], "2 dimensions came back; 0 dimensions should."),
        ([], [1], "Dim 0, of size 1, is one too many."),
    ],
)
def test_what_differs_is_said_in_words(expected, actual, words):
    assert difference(expected, actual) == words


def test_the_dimensions_that_differ_are_marked_with_a_sign():
    made = shapes([4, 3], [4, 5])
    assert texts(made.actual, odd=True) == ["≠ 5"]
    assert texts(made.expected, odd=True) == ["3"]


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**9)), max_size=8), st.lists(st.integers(0, 10**9), max_size=8))
def test_a_diagram_holds_its_labels_and_few_cells(expected, actual):
    made = shapes(expected, actual)
    assert (made.difference == "") == (
        len(expected) == len(actual) and all(one in {None, got} for one, got in zip(expected, actual, strict=True))
    )
    for diagram in (made.expected, made.actual):
        assert cells(diagram) <= 36
        assert all(0 <= label.x <= diagram.width and 0 < label.y < diagram.height for label in diagram.labels)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ([1] * 9, [1]),
        (["4"], [4]),
        ([4], [4.0]),
        ([-1], [1]),
        ([1], [None]),
        (None, [1]),
        ([10**10], [1]),
        ([True], [1]),
    ],
)
def test_what_is_no_shape_leaves_the_words(expected, actual):
    made = drawn(Figure(FigureKind.SHAPES, "Shapes", "in words", {"expected": expected, "actual": actual}))
    assert (made.alt, made.shapes) == ("in words", None)
