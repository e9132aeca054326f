"""Two shapes as diagrams: a cell, a row of cells, a grid or a stack of grids, with the sizes at the edges."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Sizes: TypeAlias = Sequence[int | None]
"""None is any size."""

_CELLS_MOST: Final = 6
_SHEETS_MOST: Final = 3
_RANK_MOST: Final = 8
_SIZE_MOST: Final = 10**9
_CELL: Final = 14
_PITCH: Final = 17
_SHIFT: Final = 6
_LINE: Final = 20
"""Height of a line of text."""
_LETTER: Final = 8


@dataclass(frozen=True, slots=True)
class Label:
    """A size at an edge; `odd` where it is what differs."""

    text: str
    x: float
    y: float
    anchor: str
    odd: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """One shape.

    Attributes:
        name: the shape as messages write it.
        sheets: x and y of the sheets behind the cells, the last first.
        cells: the data of a path.
        dots: the data of a path, where cells are left out.
    """

    name: str
    width: float
    height: float
    sheet_width: float
    sheet_height: float
    sheets: tuple[tuple[float, float], ...]
    cells: str
    dots: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shape that was asked for, the one that came back, and what differs in words."""

    expected: Diagram
    actual: Diagram
    difference: str


def shapes(data: Mapping[str, Any]) -> Shapes:
    """Both shapes of a figure's data.

    Raises:
        LookupError, TypeError, ValueError: these are no shapes.
    """
    expected = [None if size is None else _size(size) for size in data["expected"]]
    actual = [_size(size) for size in data["actual"]]
    if max(len(expected), len(actual)) > _RANK_MOST:
        raise ValueError("too many dimensions for a diagram")
    missing, wrong = _odd(expected, actual)
    return Shapes(_diagram(expected, missing, "{}"), _diagram(actual, wrong, "≠ {}"), difference(expected, actual))


def difference(expected: Sizes, actual: Sequence[int]) -> str:
    """What differs, in words; dimensions are counted from 0, as in PyTorch; "" where nothing does."""
    missing, wrong = _odd(expected, actual)
    if len(expected) == len(actual):
        parts = [f"dim {at} is {actual[at]} instead of {expected[at]}" for at in wrong]
        if len(parts) > 1 and None not in expected and sorted(map(str, expected)) == sorted(map(str, actual)):
            return f"The sizes are right, their order is not: {', '.join(parts)}."
        return f"{', '.join(parts)}.".capitalize() if parts else ""
    if missing:
        return _missing(missing[0], expected[missing[0]])
    if wrong:
        return f"Dim {wrong[0]}, of size {actual[wrong[0]]}, is one too many."
    return f"{_dimensions(len(actual))} came back; {_dimensions(len(expected))} should."


def _missing(at: int, size: int | None) -> str:
    if size is not None:
        return f"Dim {at} is missing; its size should be {size}."
    return f"Dim {at}{', the batch perhaps,' if at == 0 else ''} is missing; any size will do."


def _odd(expected: Sizes, actual: Sequence[int]) -> tuple[list[int], list[int]]:
    """Which dimensions differ: (of what was asked for, of what came back)."""
    if len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        wrong = [at for at, (size, got) in pairs if not _fits(size, got)]
        return wrong, wrong
    if len(expected) == len(actual) + 1:
        return _left_over(expected, actual), []
    if len(expected) + 1 == len(actual):
        return [], _left_over(actual, expected)
    return [], []


def _left_over(longer: Sizes, shorter: Sizes) -> list[int]:
    """The dimension of `longer` without which the two fit: one of size 1 if that is among them, or one of any size."""
    found = [at for at in range(len(longer)) if all(map(_fits, [*longer[:at], *longer[at + 1 :]], shorter))]
    return sorted(found, key=lambda at: (longer[at] != 1, longer[at] is not None))[:1]


def _fits(one: int | None, other: int | None) -> bool:
    return one is None or other is None or one == other


def _size(size: Any) -> int:
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _SIZE_MOST:
        raise ValueError("no size")
    return size


def _word(size: int | None) -> str:
    return "any" if size is None else str(size)


def _dimensions(rank: int) -> str:
    return f"{rank} dimension{'' if rank == 1 else 's'}"


def _diagram(sizes: Sizes, odd: Collection[int], sign: str) -> Diagram:
    """The last two dimensions as a grid; those before them as the stack that it lies on.

    Args:
        sign: what the size of an `odd` dimension is put into.
    """
    rank = len(sizes)
    rows = _places(sizes[-2]) if rank > 1 else [0]
    columns = _places(sizes[-1]) if rank else [0]
    behind = 0 if rank < 3 else _SHEETS_MOST - 1 if _many(sizes[:-2]) else 0
    tall, wide = _extent(rows), _extent(columns)
    words = [(sign if at in odd else "{}").format(_word(size)) for at, size in enumerate(sizes)]
    left = _LETTER * len(words[-2]) + 8 if rank > 1 else 4
    top = behind * _SHIFT + (_LINE if rank > 2 else 2)
    stack = " × ".join(words[:-2])
    labels = [
        *([Label(f"{stack} of these", 4, 14, "start", any(at in odd for at in range(rank - 2)))] if rank > 2 else []),
        *([Label(words[-2], left - 8, top + tall / 2 + 5, "end", rank - 2 in odd)] if rank > 1 else []),
        Label(words[-1] if rank else "one number", left + wide / 2, top + tall + 17, "middle", rank - 1 in odd),
    ]
    needed = max(
        left + wide + behind * _SHIFT,
        left + wide / 2 + _LETTER * len(labels[-1].text) / 2,
        _LETTER * len(labels[0].text) if rank > 2 else 0,
    )
    return Diagram(
        name=_name(sizes),
        width=needed + 4,
        height=top + tall + _LINE + 4,
        sheet_width=wide + 4,
        sheet_height=tall + 4,
        sheets=tuple((left - 2 + _SHIFT * at, top - 2 - _SHIFT * at) for at in range(behind, -1, -1)),
        cells="".join(
            f"M{left + x} {top + y}h{_CELL}v{_CELL}h-{_CELL}z"
            for y in rows
            for x in columns
            if y is not None and x is not None
        ),
        dots=_dots(rows, columns, left, top),
        labels=tuple(labels),
    )


def _name(sizes: Sizes) -> str:
    """As Python writes a shape, and messages do."""
    text = ", ".join(map(_word, sizes))
    return f"({text},)" if len(sizes) == 1 else f"({text})"


def _many(sizes: Sizes) -> bool:
    return any(size is None or size > 1 for size in sizes)


def _places(size: int | None) -> list[int | None]:
    """Where cells are along a dimension; None where some are left out, [] where there are none."""
    if size is not None and size <= _CELLS_MOST:
        return [at * _PITCH for at in range(size)]
    return [0, _PITCH, 2 * _PITCH, None, 4 * _PITCH]


def _extent(places: Sequence[int | None]) -> int:
    return (places[-1] or 0) + _CELL if places else _CELL


def _dots(rows: Sequence[int | None], columns: Sequence[int | None], left: float, top: float) -> str:
    """Three dots in the middle of what is left out, along each dimension."""
    middle_x, middle_y = left + _extent(columns) / 2, top + _extent(rows) / 2
    gap = 3 * _PITCH + _CELL / 2
    across = [(left + gap + shift, middle_y) for shift in (-5, 0, 5)] if None in columns else []
    down = [(middle_x, top + gap + shift) for shift in (-5, 0, 5)] if None in rows else []
    return "".join(f"M{x:g} {y:g}h0" for x, y in (*across, *down))
