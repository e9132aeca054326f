"""A suite's figures as what a template can show: tables of numbers, small pictures and drawings."""

import base64
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from grader.feedback import words
from grader.feedback.plots import Plot, plot
from grader.feedback.shapes import Shapes, shapes
from grader.model import Figure, FigureKind

_SIDE_MOST: Final = 256
_SHOWN_HEIGHT: Final = 84
_SHEETS_MOST: Final = 8
_PIXELS_MOST: Final = 2**20
"""Of a sheet, or of all images of a figure."""
_SHEET_SIDE_MOST: Final = 4096
_GAP: Final = 1
"""Pixels between the images of a sheet."""
_GREY: Final = b"\x60"
_BARS_MOST: Final = 200
_LABEL_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a confusion matrix; `share` is of its row, in percent."""

    count: int
    share: str
    right: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a data URI, with its size on the page."""

    source: str
    caption: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A share, as a width and in words."""

    label: str
    percent: str
    words: str
    lowest: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """Shares of what `x` calls the labels; `y` calls the shares."""

    x: str
    y: str
    rows: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure, ready for the template.

    Attributes:
        positive: what the confusion matrix is about.
        rows: of the confusion matrix: first what really is `positive`, then the rest.
        pictures: of a figure of images.
        wide: the pictures are wider than high.
        sheets: each many images in one.
    """

    title: str
    alt: str
    positive: str = ""
    rows: tuple[tuple[Cell, Cell], ...] = ()
    pictures: tuple[Picture, ...] = ()
    wide: bool = False
    sheets: tuple[Picture, ...] = ()
    plot: Plot | None = None
    bars: Bars | None = None
    shapes: Shapes | None = None


def drawn(figure: Figure) -> Drawing:
    """The figure as drawn; data that is not what its kind promises leaves the text that stands for it."""
    try:
        return _DRAWN[figure.kind](figure)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error, zlib.error):
        return Drawing(figure.title, figure.alt)


def _confusion(figure: Figure) -> Drawing:
    data: dict[str, Any] = figure.data
    tp, fp, tn, fn = (int(data[name]) for name in ("tp", "fp", "tn", "fn"))
    rows = (
        (_cell(tp, tp + fn, right=True), _cell(fn, tp + fn, right=False)),
        (_cell(fp, fp + tn, right=False), _cell(tn, fp + tn, right=True)),
    )
    return Drawing(figure.title, figure.alt, positive=str(data["positive"]), rows=rows)


def _cell(count: int, total: int, *, right: bool) -> Cell:
    return Cell(count, f"{100 * count / total:.0f} %" if total else "–", right)


def _images(figure: Figure) -> Drawing:
    data: dict[str, Any] = figure.data
    images, height, width = _older_images(data) if "images" in data else _unpacked(data)
    captions = [str(caption) for caption in data["captions"]] or [""] * len(images)
    pictures = tuple(
        Picture(
            png(image, height, width),
            caption,
            f"Picture {number}: {caption}" if caption else f"Picture {number}",
            *_shown(height, width),
        )
        for number, (image, caption) in enumerate(zip(images, captions, strict=True), start=1)
    )
    return Drawing(figure.title, figure.alt, pictures=pictures, wide=width > height)


def _shown(height: int, width: int) -> tuple[int, int]:
    """Width and height of a picture on the page, whose form is kept."""
    scale = min(_SHOWN_HEIGHT / height, 2 * _SHOWN_HEIGHT / width)
    return max(1, round(scale * width)), max(1, round(scale * height))


def _older_images(data: Mapping[str, Any]) -> tuple[Sequence[Sequence[int]], int, int]:
    """As databases have them that were made before images were packed."""
    height, width = (int(side) for side in data["shape"])
    return data["images"], height, width


def _unpacked(data: Mapping[str, Any]) -> tuple[Sequence[bytes], int, int]:
    """The images, their height and their width; no more pixels than promised are ever made of the data.

    Raises:
        ValueError: it holds fewer or more, or a sheet could not hold them.
    """
    count, height, width = (int(size) for size in data["shape"])
    size = height * width
    if min(count, height, width) < 1 or count * size > _PIXELS_MOST:
        raise ValueError(f"{count} images of {height} x {width} are no figure")
    pixels = zlib.decompressobj().decompress(base64.b64decode(data["pixels"], validate=True), count * size + 1)
    if len(pixels) != count * size:
        raise ValueError(f"{len(pixels)} pixels where {count * size} should be")
    return [pixels[at : at + size] for at in range(0, count * size, size)], height, width


def png(pixels: Sequence[int], height: int, width: int) -> str:
    """A grey picture as a data URI.

    Args:
        pixels: 0 (black) to 255 (white), row by row.

    Raises:
        ValueError: not `height * width` values in 0..255, or no size for a small picture.
    """
    if not (0 < height <= _SIDE_MOST and 0 < width <= _SIDE_MOST and len(pixels) == height * width):
        raise ValueError(f"{len(pixels)} pixels are no picture of {height} x {width}")
    return _data_uri(bytes(pixels), height, width)


def _data_uri(grey: bytes, height: int, width: int) -> str:
    rows = b"".join(b"\0" + grey[at : at + width] for at in range(0, len(grey), width))  # 0: unfiltered
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)  # 8 bits, grey scale
    parts = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows, 6)), _chunk(b"IEND", b""))
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _sheets(figure: Figure) -> Drawing:
    data: dict[str, Any] = figure.data
    if not 0 < len(data["sheets"]) <= _SHEETS_MOST:
        raise ValueError("no sheets, or too many")
    sheets = tuple(_sheet(sheet, int(data["columns"])) for sheet in data["sheets"])
    return Drawing(figure.title, figure.alt, sheets=sheets)


def _sheet(data: Mapping[str, Any], columns: int) -> Picture:
    """Its images in rows of `columns`, with lines between them."""
    images, height, width = _unpacked(data)
    columns = max(1, min(columns, len(images)))
    blank = _GREY * (height * width)
    filled = [*images, *[blank] * (-len(images) % columns)]
    bands = [_band(filled[at : at + columns], height, width) for at in range(0, len(filled), columns)]
    wide, tall = columns * (width + _GAP) - _GAP, len(bands) * (height + _GAP) - _GAP
    if max(wide, tall) > _SHEET_SIDE_MOST:
        raise ValueError(f"{wide} x {tall} is no picture for a page")
    name = str(data["name"])
    whole = (_GREY * (wide * _GAP)).join(bands)
    return Picture(_data_uri(whole, tall, wide), name, f"{name}: {words.count(len(images), 'picture')}", wide, tall)


def _band(images: Sequence[bytes], height: int, width: int) -> bytes:
    return b"".join(
        (_GREY * _GAP).join(image[at : at + width] for image in images) for at in range(0, height * width, width)
    )


def _plot(figure: Figure) -> Drawing:
    return Drawing(figure.title, figure.alt, plot=plot(figure.data))


def _bars(figure: Figure) -> Drawing:
    data: dict[str, Any] = figure.data
    labels = [words.shortened(str(label), _LABEL_MOST) for label in data["labels"]]
    values = [float(value) for value in data["values"]]
    if not 0 < len(labels) <= _BARS_MOST or not all(0 <= value <= 1 for value in values):
        raise ValueError("no shares, or too many")
    lowest = min(values) if len(set(values)) > 1 else -1.0
    rows = tuple(_bar(label, value, lowest) for label, value in zip(labels, values, strict=True))
    x, y = (words.shortened(str(data[name]), _LABEL_MOST) for name in ("x", "y"))
    return Drawing(figure.title, figure.alt, bars=Bars(x, y, rows))


def _bar(label: str, value: float, lowest: float) -> Bar:
    return Bar(label, f"{100 * value:.1f}%", f"{100 * value:.1f} %", lowest=value == lowest)


def _shapes(figure: Figure) -> Drawing:
    return Drawing(figure.title, figure.alt, shapes=shapes(figure.data))


_DRAWN: Final[Mapping[FigureKind, Callable[[Figure], Drawing]]] = {
    FigureKind.CONFUSION: _confusion,
    FigureKind.IMAGES: _images,
    FigureKind.SHEETS: _sheets,
    FigureKind.PLOT: _plot,
    FigureKind.BARS: _bars,
    FigureKind.SHAPES: _shapes,
}
