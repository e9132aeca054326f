"""A plot's numbers as what its drawing needs: ticks at round numbers, and paths in a frame of a fixed size."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from grader.feedback.words import shortened

WIDTH: Final = 480
HEIGHT: Final = 280
_TOP, _RIGHT, _BOTTOM = 30, 14, 46
"""Space for the name of y, for half a label, and for the labels and the name of x."""
_LETTER: Final = 9.0
"""Width of a figure where the labels are largest, on a phone."""
_TICKS: Final = 5
_PADDING: Final = 0.04
_LARGEST: Final = 1e300
_SMALLEST: Final = 1e-300
_FLATTEST: Final = 1e-6
"""Values closer together than this part of their size are one value."""
_POINTS_MOST: Final = 2000
_STYLES: Final = 4
"""Dash patterns, and shapes of dots, that the stylesheet has; of no more series can a reader tell which is which."""
SIGNS: Final[Mapping[int, str]] = {1: "h0", 2: "m-3 -3l6 6m-6 0l6 -6", 3: "m0 -4l4 7h-8z", 4: "m-4 0h8m-4 -4v8"}
"""What is drawn at a dot, by style: a point with round ends, a cross, a triangle, a plus."""
_ABOVE_THE_OTHER: Final = 17.0
"""Between the names of two marks."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What part of the numbers is shown, and where its ticks are."""

    low: float
    high: float
    step: float
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Where a value is, in 0..1."""
        return (value - self.low) / (self.high - self.low)

    def label(self, tick: float) -> str:
        """A tick as people write it, with as many places as the step needs."""
        largest = max(abs(self.low), abs(self.high))
        if largest < 1e6 and self.step >= 1e-4:
            text = f"{tick:,.{max(0, -math.floor(math.log10(self.step) + 1e-9))}f}"
        else:
            places = max(0, math.ceil(math.log10(largest) - math.log10(self.step)))
            mantissa, _, power = f"{tick:.{places}e}".partition("e")
            text = f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(power)}" if tick else "0"
        return text.replace("-", "−")


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick at its place in the drawing."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Series:
    """A line, dots or residuals as the data of one path.

    Attributes:
        tone: one of the stylesheet's colours.
        style: which of its dash patterns, or of `SIGNS`.
        sign: the path of a single dot; "" otherwise.
    """

    name: str
    kind: str
    tone: int
    style: int
    path: str
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with its name, which stands at `label_y` on the side that has more room."""

    name: str
    label: str
    x: str
    y: str
    label_x: str
    label_y: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot, ready for the template; lengths are units of its frame."""

    x: str
    y: str
    left: str
    right: str
    top: str
    bottom: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    series: tuple[Series, ...]
    marks: tuple[Mark, ...]
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class _Frame:
    """From values to places."""

    across: Axis
    up: Axis
    left: float

    def x(self, value: float) -> float:
        return self.left + self.across.share(value) * (WIDTH - _RIGHT - self.left)

    def y(self, value: float) -> float:
        return HEIGHT - _BOTTOM - self.up.share(value) * (HEIGHT - _BOTTOM - _TOP)

    def place(self, x: float, y: float) -> str:
        return f"{_short(self.x(x))} {_short(self.y(y))}"


@dataclass(frozen=True, slots=True)
class _Points:
    """A series as its suite gave it; what is not finite is None."""

    name: str
    x: Sequence[float | None]
    y: Sequence[float | None]
    fit: Sequence[float | None] = ()


def plot(data: Mapping[str, Any]) -> Plot:
    """The plot of a figure's data.

    Raises:
        LookupError, TypeError, ValueError: the data is not what its kind promises, or there is nothing to draw.
    """
    lines = [_points(one) for one in data["lines"]]
    dots = [_points(one) for one in data["dots"]]
    marks = [_points({"name": one["name"], "x": [one["x"]], "y": [one["y"]]}) for one in data["marks"]]
    everything = [*lines, *dots, *marks]
    if max(map(len, (lines, dots, marks))) > _STYLES:
        raise ValueError("these are too many to tell apart")
    frame = _frame(everything)
    return Plot(
        x=shortened(str(data["x"]), 40),
        y=shortened(str(data["y"]), 40),
        left=_short(frame.left),
        right=_short(WIDTH - _RIGHT),
        top=_short(_TOP),
        bottom=_short(HEIGHT - _BOTTOM),
        x_ticks=tuple(Tick(_short(frame.x(tick)), frame.across.label(tick)) for tick in frame.across.ticks),
        y_ticks=tuple(Tick(_short(frame.y(tick)), frame.up.label(tick)) for tick in frame.up.ticks),
        series=(*_residuals(dots, frame), *_lines(lines, frame), *_dots(dots, frame, after=len(lines))),
        marks=_marks(marks, frame),
    )


def axis(values: Iterable[float]) -> Axis:
    """An axis on which all of `values` are, with ticks 1, 2 or 5 times a power of ten apart.

    Raises:
        ValueError: there are none.
    """
    numbers = [min(_LARGEST, max(-_LARGEST, value)) for value in values]
    low, high = min(numbers), max(numbers)
    largest = max(abs(low), abs(high))
    if high - low <= max(largest * _FLATTEST, _SMALLEST):
        low, high = _about(low, high, largest)
    step = _step((high - low) / _TICKS)
    if all(number == round(number) for number in numbers):
        step = max(step, 1.0)
    room = (high - low) * _PADDING
    low, high = (0.0 if 0 <= low < high / 4 else low - room), high + room
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return Axis(low, high, step, tuple(number * step for number in range(first, last + 1)))


def _about(low: float, high: float, largest: float) -> tuple[float, float]:
    """What is shown around values that are all the same: of a share, everything from 0 to 1."""
    if low >= 0 and high <= 1:
        return 0.0, 1.0
    middle, room = (low + high) / 2, largest / 10 if largest > _SMALLEST else 1.0
    return middle - room, middle + room


def _step(least: float) -> float:
    """1, 2 or 5 times a power of ten, the first that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next((times * power for times in (1, 2, 5) if times * power >= least * (1 - 1e-9)), 10 * power)


def _points(data: Mapping[str, Any]) -> _Points:
    found = _Points(str(data["name"]), _numbers(data["x"]), _numbers(data["y"]), _numbers(data.get("fit", ())))
    if len(found.x) != len(found.y) or len(found.fit) not in {0, len(found.x)}:
        raise ValueError("as many x as y")
    return found


def _numbers(values: Sequence[Any]) -> list[float | None]:
    """Raises: TypeError, ValueError: there are too many, or they are no numbers."""
    if len(values) > _POINTS_MOST or isinstance(values, str):
        raise ValueError(f"{len(values)} are no points")
    return [None if value is None or not math.isfinite(value) else float(value) for value in values]


def _frame(everything: Sequence[_Points]) -> _Frame:
    pairs = [pair for one in everything for pair in zip(one.x, one.y, strict=True)]
    pairs += [pair for one in everything if one.fit for pair in zip(one.x, one.fit, strict=True)]
    whole = [(x, y) for x, y in pairs if x is not None and y is not None]
    across, up = axis(x for x, _ in whole), axis(y for _, y in whole)
    longest = max((len(up.label(tick)) for tick in up.ticks), default=0)
    return _Frame(across, up, 12 + _LETTER * longest)


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _style(at: int) -> int:
    return at % _STYLES + 1


def _lines(lines: Sequence[_Points], frame: _Frame) -> Iterable[Series]:
    for at, line in enumerate(lines):
        path, pen = [], "M"
        for x, y in zip(line.x, line.y, strict=True):
            if x is None or y is None:
                pen = "M"
            else:
                path.append(f"{pen}{frame.place(x, y)}")
                pen = "L"
        yield Series(line.name, "line", _style(at), _style(at), "".join(_alone(path)))


def _alone(path: Sequence[str]) -> Iterable[str]:
    """A point between two gaps is a line without a length, which the stylesheet's round ends show."""
    for at, step in enumerate(path):
        single = step[0] == "M" and (at + 1 == len(path) or path[at + 1][0] == "M")
        yield f"{step}h0" if single else step


def _dots(dots: Sequence[_Points], frame: _Frame, *, after: int) -> Iterable[Series]:
    for at, one in enumerate(dots):
        tone, sign = _style(at + after), SIGNS[_style(at)]
        places = [frame.place(x, y) for x, y in zip(one.x, one.y, strict=True) if x is not None and y is not None]
        yield Series(one.name, "dots", tone, _style(at), "".join(f"M{place}{sign}" for place in places), sign)


def _residuals(dots: Sequence[_Points], frame: _Frame) -> Iterable[Series]:
    for one in dots:
        rows = zip(one.x, one.y, one.fit, strict=True) if one.fit else ()
        whole = [(x, y, fit) for x, y, fit in rows if x is not None and y is not None and fit is not None]
        if whole:
            path = "".join(f"M{frame.place(x, y)}V{_short(frame.y(fit))}" for x, y, fit in whole)
            yield Series(f"from {one.name} to the fit", "residuals", 1, 1, path)


def _marks(marks: Sequence[_Points], frame: _Frame) -> tuple[Mark, ...]:
    """The marks, the highest first; names that would lie on each other are moved down."""
    places = [
        (frame.y(y), frame.x(x), one.name)
        for one in marks
        for x, y in zip(one.x, one.y, strict=True)
        if x is not None and y is not None
    ]
    made: list[Mark] = []
    free = float(_TOP)
    for y, x, name in sorted(places):
        at = max(y, free)
        free = at + _ABOVE_THE_OTHER
        left = x > WIDTH * 0.6
        made.append(
            Mark(
                name=name,
                label=shortened(name, 22),
                x=_short(x),
                y=_short(y),
                label_x=_short(x - 10 if left else x + 10),
                label_y=_short(min(at, HEIGHT - _BOTTOM - 4) + 4),
                anchor="end" if left else "start",
            )
        )
    return tuple(made)
