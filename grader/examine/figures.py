"""Pictures that a suite puts on the student's page, as data."""

import base64
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from grader.examine import answers
from grader.model import Figure, FigureKind

IMAGES_MOST: Final = 64
SHEET_MOST: Final = 144
"""Images of a sheet."""
POINTS_MOST: Final = 200
"""Points of a line, and dots; of longer ones only so many are kept, evenly spread."""
NUMBER_MOST: Final = 1e30
"""From here on a number counts as infinite: beside it nothing else could be seen."""
GREYS: Final = 32
"""So many greys are left of images of floats. No eye misses the others, and they would take twice the room."""

COUNTED: Final = frozenset({FigureKind.CONFUSION, FigureKind.BARS, FigureKind.SHAPES})
"""Pictures of counts, rates and shapes. Pixels and points may be anything that student code answered."""


@dataclass(frozen=True, slots=True)
class Line:
    """Points that are joined. Without `x` they are counted from 1.

    Attributes:
        y: may be what student code answered: whatever is no finite number leaves a gap.
    """

    name: str
    y: Sequence[object]
    x: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Dots:
    """Points that are not joined; those of which a number is not finite are left out.

    Attributes:
        fit: what a model says at their x.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    fit: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A point to look at."""

    name: str
    x: float
    y: float


@dataclass(slots=True)
class Figures:
    """Collects the pictures of one run.

    Never put hidden data into a picture: it goes to the student.

    Attributes:
        made: the pictures so far.
        about: id of the check that is at work.
        whole: False where nothing that student code wrote may be shown: then none but counted pictures are made.
    """

    made: list[Figure] = field(default_factory=list)
    about: str = ""
    whole: bool = True

    def confusion(self, tp: int, fp: int, tn: int, fn: int, positive: str = "digit") -> None:
        """The four counts of a yes-or-no classifier; `positive` is what "yes" means."""
        alt = (
            f"Of {tp + fn} images of the {positive}, {tp} were recognised; "
            f"of {fp + tn} others, {fp} were taken for the {positive}."
        )
        data = {"tp": int(tp), "fp": int(fp), "tn": int(tn), "fn": int(fn), "positive": positive}
        self._add(FigureKind.CONFUSION, "Confusion matrix", alt, data)

    def images(self, images: Tensor, captions: Sequence[str], title: str, alt: str) -> None:
        """Small grey images, the first 64, each with its caption.

        Args:
            images: [n, h, w], uint8, or floats in 0..1; what lies outside is cut off, and NaN is black.
            captions: one for each image, or none at all.
        """
        shown = images[:IMAGES_MOST]
        if len(shown):
            self._add(FigureKind.IMAGES, title, alt, _packed(shown) | {"captions": list(captions)[: len(shown)]})

    def sheets(self, sheets: Sequence[tuple[str, Tensor]], title: str, alt: str, *, columns: int = 8) -> None:
        """Grids of small grey images, beside each other.

        Args:
            sheets: (what the sheet is called, its images as for `images`), of each the first 144 images.
            columns: images in a row of a sheet.
        """
        packed = [{"name": name} | _packed(images[:SHEET_MOST]) for name, images in sheets]
        data = {"sheets": packed, "columns": columns}
        self._add(FigureKind.SHEETS, title, alt, data)

    def plot(
        self,
        title: str,
        alt: str,
        *,
        x: str,
        y: str,
        lines: Sequence[Line] = (),
        dots: Sequence[Dots] = (),
        marks: Sequence[Mark] = (),
    ) -> None:
        """Lines, dots and marks over two axes, called `x` and `y`; where there are none, no picture.

        Args:
            alt: is followed by what is drawn: where lines go, how far dots are from their fit, and each mark.
        """
        pairs = [(line, _line(line)) for line in lines]
        drawn = [data for _, data in pairs if _known(data)]
        courses = [_ends(data) if line.x else _course(data) for line, data in pairs if _known(data)]
        points = [each for each in map(_dots, dots) if each["x"]]
        places = [mark for mark in map(_mark, marks) if None not in mark.values()]
        told = [
            *courses,
            *(_distance(each) for each in points if each["fit"]),
            *(_place(mark, x, y) for mark in places),
        ]
        data = {"x": x, "y": y, "lines": drawn, "dots": points, "marks": places}
        if drawn or points:
            self._add(FigureKind.PLOT, title, " ".join([alt, *told]), data)

    def bars(self, labels: Sequence[str], values: Sequence[float], title: str, alt: str, *, x: str, y: str) -> None:
        """A share, in 0..1, for each of the labels; those without one, as NaN is none, are left out."""
        known = [(label, share) for label, share in zip(labels, map(_number, values), strict=True) if share is not None]
        data = {"x": x, "y": y, "labels": [label for label, _ in known], "values": [share for _, share in known]}
        if known:
            self._add(FigureKind.BARS, title, alt, data)

    def shapes(self, expected: Sequence[int | None], actual: Sequence[int]) -> None:
        """The shape that was asked for, beside the one that came back."""
        alt = f"The shape asked for is {answers.shape(expected)}; what came back is {answers.shape(actual)}."
        self._add(FigureKind.SHAPES, "Shapes", alt, {"expected": list(expected), "actual": list(actual)})

    def _add(self, kind: FigureKind, title: str, alt: str, data: dict[str, Any]) -> None:
        if self.whole or kind in COUNTED:
            self.made.append(Figure(kind, title, alt, data, self.about))


def _packed(images: Tensor) -> dict[str, Any]:
    """Images [n, h, w] in little room."""
    if images.is_floating_point():
        levels = images.double().nan_to_num(0).clamp(0, 1) * (GREYS - 1)
        images = (levels.round() * 255 / (GREYS - 1)).round().to(torch.uint8)
    pixels = zlib.compress(bytes(images.flatten().tolist()), 9)
    return {"shape": list(images.shape), "pixels": base64.b64encode(pixels).decode()}


def _line(line: Line) -> dict[str, Any]:
    across = line.x or range(1, len(line.y) + 1)
    points = [(_number(across[at]), _number(line.y[at])) for at in _spread(min(len(across), len(line.y)))]
    known = [(x, y) for x, y in points if x is not None]
    return {"name": line.name, "x": [x for x, _ in known], "y": [y for _, y in known]}


def _known(line: dict[str, Any]) -> list[float]:
    return [up for up in line["y"] if up is not None]


def _course(line: dict[str, Any]) -> str:
    """Where a line begins and ends, and between what it goes."""
    known = _known(line)
    lowest, highest = f"{min(known):.3g}", f"{max(known):.3g}"
    return (
        f"“{line['name']}” goes from {known[0]:.3g} to {known[-1]:.3g}; it is {lowest} at least and {highest} at most."
    )


def _ends(line: dict[str, Any]) -> str:
    """Where a line over an axis of its own begins and ends."""
    known = [(x, y) for x, y in zip(line["x"], line["y"], strict=True) if y is not None]
    (left, first), (right, last) = known[0], known[-1]
    return f"“{line['name']}” goes from {first:.3g} at {left:.3g} to {last:.3g} at {right:.3g}."


def _distance(dots: dict[str, Any]) -> str:
    """How far dots are from their fit."""
    mean = sum(abs(y - fit) for y, fit in zip(dots["y"], dots["fit"], strict=True)) / len(dots["y"])
    return f"The {len(dots['y'])} dots “{dots['name']}” are {mean:.3g} away from the fit on average."


def _place(mark: dict[str, Any], x: str, y: str) -> str:
    """Where a mark is, in the names of the axes."""
    return f"“{mark['name']}” is at {x} {mark['x']:.3g}, {y} {mark['y']:.3g}."


def _dots(dots: Dots) -> dict[str, Any]:
    columns = (dots.x, dots.y, dots.fit) if dots.fit else (dots.x, dots.y)
    points = [[_number(column[at]) for column in columns] for at in _spread(min(map(len, columns)))]
    known = [point for point in points if None not in point]
    return {"name": dots.name} | {
        name: [point[place] for point in known if place < len(point)] for place, name in enumerate(("x", "y", "fit"))
    }


def _mark(mark: Mark) -> dict[str, Any]:
    return {"name": mark.name, "x": _number(mark.x), "y": _number(mark.y)}


def _number(value: object) -> float | None:
    """A number with five digits that count; None for what is none, or not finite."""
    if isinstance(value, Tensor | np.ndarray) and math.prod(value.shape) == 1:
        value = value.item()
    small = isinstance(value, int | float) and abs(value) < NUMBER_MOST  # which NaN is not
    return float(f"{value:.5g}") if small else None


def _spread(count: int) -> list[int]:
    """At most `POINTS_MOST` places among so many, the first and the last included."""
    if count <= POINTS_MOST:
        return list(range(count))
    return [round(turn * (count - 1) / (POINTS_MOST - 1)) for turn in range(POINTS_MOST)]
