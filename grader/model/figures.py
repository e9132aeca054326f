"""Pictures for a student's page, as data."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class FigureKind(StrEnum):
    """The pictures that a suite may ask for; `feedback` draws each kind."""

    CONFUSION = "confusion"
    """data: {"tp": int, "fp": int, "tn": int, "fn": int, "positive": str}"""
    IMAGES = "images"
    """data: {"shape": [n, h, w], "pixels": str, "captions": [str, ...]}

    Small grey images, each with its caption, or none has one; `pixels` is base64 of zlib of n * h * w bytes, 0 black to
    255 white. Older databases have {"shape": [h, w], "images": [[0..255, ...], ...], "captions": [str, ...]}.
    """
    SHEETS = "sheets"
    """data: {"sheets": [{"name": str, "shape": [n, h, w], "pixels": str}, ...], "columns": int}

    Grids of small grey images, side by side; `shape` and `pixels` as of images.
    """
    PLOT = "plot"
    """data: {"x": str, "y": str, "lines": [Line, ...], "dots": [Dots, ...], "marks": [Mark, ...]}

    Two axes, called `x` and `y`. Line: {"name": str, "x": [float, ...], "y": [float | None, ...]}, with a gap where y
    is None. Dots: {"name": str, "x": [float, ...], "y": [float, ...], "fit": [float, ...]}, where `fit` is empty, or
    what a model says at x, so that residuals can be drawn. Mark: {"name": str, "x": float, "y": float}, to look at.
    """
    BARS = "bars"
    """data: {"x": str, "y": str, "labels": [str, ...], "values": [0.0..1.0, ...]}; values are shares."""
    SHAPES = "shapes"
    """data: {"expected": [int | None, ...], "actual": [int, ...]}; None is any size."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture for the student's page, as data.

    Attributes:
        data: what `kind` says; numbers, strings, lists and dicts only.
        alt: the text that stands for the picture.
        about: id of the check that the picture belongs to; "" for the run as a whole.
    """

    kind: FigureKind
    title: str
    alt: str
    data: dict[str, Any]
    about: str = ""
