"""Figures become tables and small pictures, or the text that stands for them."""

import base64
import io

import pytest
from PIL import Image

from grader.feedback.figures import drawn, png
from grader.model import Figure, FigureKind


def confusion(**data):
    return drawn(Figure(FigureKind.CONFUSION, "Matrix", "in words", data))


def images(**data):
    return drawn(Figure(FigureKind.IMAGES, "Pictures", "in words", data))


def test_a_picture_decodes_to_the_pixels_it_was_made_of():
    pixels = [0, 50, 100, 150, 200, 255]
    uri = png(pixels, height=2, width=3)
    picture = Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/png;base64,"))))
    assert (picture.mode, picture.size) == ("L", (3, 2))
    assert list(picture.tobytes()) == pixels


def test_a_digit_is_small_enough_for_a_page():
    assert len(png([7 * n % 256 for n in range(784)], 28, 28)) < 1500


def test_a_confusion_matrix_puts_what_is_against_what_was_said_with_shares_of_each_row():
    drawing = confusion(tp=90, fp=60, tn=940, fn=10, positive="digit")
    assert [[cell.count for cell in row] for row in drawing.rows] == [[90, 10], [60, 940]]
    assert [[cell.share for cell in row] for row in drawing.rows] == [["90 %", "10 %"], ["6 %", "94 %"]]
    assert [[cell.right for cell in row] for row in drawing.rows] == [[True, False], [False, True]]


def test_a_class_that_does_not_occur_has_no_share():
    assert confusion(tp=0, fp=1, tn=1, fn=0, positive="7").rows[0][0].share == "–"


def test_pictures_keep_their_captions():
    drawing = images(shape=[1, 1], images=[[0], [255]], captions=["a 4", "a 9"])
    assert [(one.caption, one.alt) for one in drawing.pictures] == [
        ("a 4", "Picture 1: a 4"),
        ("a 9", "Picture 2: a 9"),
    ]


def test_pictures_need_no_captions():
    drawing = images(shape=[1, 1], images=[[0], [255]], captions=[])
    assert [(one.caption, one.alt) for one in drawing.pictures] == [("", "Picture 1"), ("", "Picture 2")]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"shape": [28], "images": [[0]], "captions": ["x"]},
        {"shape": [1, 1], "images": [[256]], "captions": ["x"]},
        {"shape": [1, 1], "images": [["a"]], "captions": ["x"]},
        {"shape": [2, 2], "images": [[0]], "captions": ["x"]},
        {"shape": [10**9, 10**9], "images": [[0]], "captions": ["x"]},
        {"shape": [1, 1], "images": [[0]], "captions": ["x", "y"]},
        {"shape": None, "images": None, "captions": None},
    ],
)
def test_data_that_is_no_picture_leaves_the_words(data):
    drawing = images(**data)
    assert (drawing.title, drawing.alt, drawing.pictures) == ("Pictures", "in words", ())
    assert confusion(**data).rows == ()
