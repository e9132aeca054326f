"""A suite's figures as what a template can show: tables of numbers and small pictures."""

import base64
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from grader.model import Figure, FigureKind

_SIDE_MOST: Final = 256


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a confusion matrix; `share` is of its row, in percent."""

    count: int
    share: str
    right: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a data URI."""

    source: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure, ready for the template.

    Attributes:
        positive: what the confusion matrix is about.
        rows: of the confusion matrix: first what really is `positive`, then the rest.
        pictures: of a figure of images.
    """

    title: str
    alt: str
    positive: str = ""
    rows: tuple[tuple[Cell, Cell], ...] = ()
    pictures: tuple[Picture, ...] = ()


def drawn(figure: Figure) -> Drawing:
    """The figure as drawn; data that is not what its kind promises leaves the text that stands for it."""
    try:
        match figure.kind:
            case FigureKind.CONFUSION:
                return _confusion(figure)
            case FigureKind.IMAGES:
                return _images(figure)
    except (KeyError, TypeError, ValueError, struct.error):
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
    height, width = (int(side) for side in data["shape"])
    images = data["images"]
    captions = [str(caption) for caption in data["captions"]] or [""] * len(images)
    pictures = tuple(
        Picture(png(image, height, width), caption, f"Picture {number}: {caption}" if caption else f"Picture {number}")
        for number, (image, caption) in enumerate(zip(images, captions, strict=True), start=1)
    )
    return Drawing(figure.title, figure.alt, pictures=pictures)


def png(pixels: Sequence[int], height: int, width: int) -> str:
    """A grey picture as a data URI.

    Args:
        pixels: 0 (black) to 255 (white), row by row.

    Raises:
        ValueError: not `height * width` values in 0..255, or no size for a small picture.
    """
    if not (0 < height <= _SIDE_MOST and 0 < width <= _SIDE_MOST and len(pixels) == height * width):
        raise ValueError(f"{len(pixels)} pixels are no picture of {height} x {width}")
    grey = bytes(pixels)
    rows = b"".join(b"\0" + grey[at : at + width] for at in range(0, len(grey), width))  # 0: unfiltered
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)  # 8 bits, grey scale
    parts = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows, 9)), _chunk(b"IEND", b""))
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
