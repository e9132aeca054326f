"""Figures become tables and small pictures, or the text that stands for them."""

import base64
import io
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from grader.feedback.figures import drawn, png
from grader.model import Figure, FigureKind


def confusion(**data):
    return drawn(Figure(FigureKind.CONFUSION, "Matrix", "in words", data))


def images(**data):
    return drawn(Figure(FigureKind.IMAGES, "Pictures", "in words", data))


def sheets(*images, shape, columns=2, name="samples"):
    sheet = {"name": name, "shape": shape, "pixels": packed(bytes(images))}
    return drawn(Figure(FigureKind.SHEETS, "Sheets", "in words", {"sheets": [sheet], "columns": columns}))


def bars(labels, values):
    return drawn(
        Figure(FigureKind.BARS, "Bars", "in words", {"x": "digit", "y": "share", "labels": labels, "values": values})
    )


def packed(pixels):
    return base64.b64encode(zlib.compress(pixels)).decode()


def opened(source):
    return Image.open(io.BytesIO(base64.b64decode(source.removeprefix("data:image/png;base64,"))))


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


@pytest.mark.parametrize(
    ("shape", "size", "wide"),
    [([1, 1], (84, 84), False), ([28, 57], (168, 83), True), ([20, 10], (42, 84), False), ([2, 200], (168, 2), True)],
)
def test_a_picture_keeps_its_form_on_the_page(shape, size, wide):
    drawing = images(shape=shape, images=[[0] * (shape[0] * shape[1])], captions=[])
    assert ((drawing.pictures[0].width, drawing.pictures[0].height), drawing.wide) == (size, wide)


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


def test_packed_images_are_the_same_pictures_as_those_of_older_databases():
    older = images(shape=[2, 1], images=[[0, 9], [255, 7]], captions=["a", "b"])
    assert images(shape=[2, 2, 1], pixels=packed(bytes([0, 9, 255, 7])), captions=["a", "b"]) == older
    assert len(older.pictures) == 2


def test_a_sheet_has_its_images_in_rows_with_lines_between_them_and_blanks_at_its_end():
    (sheet,) = sheets(1, 2, 3, shape=[3, 1, 1]).sheets
    picture = opened(sheet.source)
    assert (picture.size, (sheet.width, sheet.height)) == ((3, 3), (3, 3))
    line = 0x60
    assert list(picture.tobytes()) == [1, line, 2, line, line, line, 3, line, line]
    assert (sheet.caption, sheet.alt) == ("samples", "samples: 3 pictures")


def test_a_sheet_of_fewer_images_than_columns_is_as_wide_as_they_are():
    assert opened(sheets(1, 2, shape=[2, 1, 1], columns=8).sheets[0].source).size == (3, 1)


def test_of_packed_pixels_no_more_are_unpacked_than_promised():
    bomb = base64.b64encode(zlib.compress(bytes(200_000_000), 9)).decode()
    sheet = {"name": "bomb", "shape": [1, 1, 1], "pixels": bomb}
    tracemalloc.start()
    drawing = drawn(Figure(FigureKind.SHEETS, "Sheets", "in words", {"sheets": [sheet], "columns": 1}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert drawing.sheets == ()
    assert peak < 10_000_000


@pytest.mark.parametrize(
    ("shape", "columns"),
    [([2, 1, 1], 1), ([4, 1, 1], 1), ([3, 1], 1), ([0, 1, 1], 1), ([-3, -1, 1], 1), ([10**6, 10**6, 1], 1), (None, 1)],
)
def test_pixels_that_are_no_sheet_leave_the_words(shape, columns):
    drawing = sheets(1, 2, 3, shape=shape, columns=columns)
    assert (drawing.alt, drawing.sheets) == ("in words", ())


def test_a_sheet_that_would_be_too_long_for_a_page_leaves_the_words():
    assert sheets(*bytes(5000), shape=[5000, 1, 1], columns=1).sheets == ()


def test_the_lowest_bar_is_pointed_out():
    made = bars(["0", "1"], [0.95, 0.712]).bars
    assert (made.x, made.y) == ("digit", "share")
    assert [(bar.label, bar.percent, bar.words, bar.lowest) for bar in made.rows] == [
        ("0", "95.0%", "95.0 %", False),
        ("1", "71.2%", "71.2 %", True),
    ]


def test_of_bars_that_are_all_alike_none_is_the_lowest():
    assert [bar.lowest for bar in bars(["0", "1"], [0.5, 0.5]).bars.rows] == [False, False]


@pytest.mark.parametrize(
    ("labels", "values"),
    [
        ([], []),
        (["a"], [1.5]),
        (["a"], [-0.1]),
        (["a"], ["x"]),
        (["a"], [float("nan")]),
        (["a"], []),
        (["a"] * 201, [0.5] * 201),
        (None, None),
    ],
)
def test_what_are_no_shares_leaves_the_words(labels, values):
    assert bars(labels, values).bars is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
KEYS = (
    "tp", "fp", "tn", "fn", "positive", "shape", "images", "pixels", "captions", "sheets", "columns", "x", "y",
    "lines", "dots", "marks", "labels", "values", "expected", "actual",
)  # fmt: skip


@given(st.sampled_from(FigureKind), JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, JSON)))
def test_no_data_breaks_a_drawing(kind, data):
    drawing = drawn(Figure(kind, "Title", "in words", data))
    assert (drawing.title, drawing.alt) == ("Title", "in words")
