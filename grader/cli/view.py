"""How far a long work is, as lines of a terminal: what is drawn, not when. Pure but for the terminal's signs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from grader.cli import screen

BAR_MOST: Final = 24
BAR_LEAST: Final = 6
"""Cells of a bar; where there is less room, there is none."""


@dataclass(frozen=True, slots=True)
class Busy:
    """What one worker is at, and for how many seconds."""

    what: str
    seconds: float


@dataclass(frozen=True, slots=True)
class State:
    """How far a work is.

    Attributes:
        doing: what is done.
        done: how much of it.
        todo: how much there is; None while that is counted.
        left: when all will be done, "" where nothing can be told.
        totals: what came of it so far, a few words each.
        slots: what each worker is at, None for one that waits.
    """

    doing: str
    done: int = 0
    todo: int | None = None
    left: str = ""
    totals: Sequence[str] = ()
    slots: Sequence[Busy | None] = ()


def drawn(state: State, width: int, height: int) -> list[Text]:
    """Lines of at most `width` cells, fewer than `height`: the whole, the totals, then the workers."""
    totals = screen.plain(", ".join(state.totals))
    above = [_whole(state, width), *(screen.wrapped(totals, width, "dim") if totals else [])][: max(1, height - 2)]
    room = height - 1 - len(above)
    seen = len(state.slots) if len(state.slots) <= room else max(0, room - 1)
    slots = [_slot(busy, width) for busy in state.slots[:seen]]
    unseen = sum(busy is not None for busy in state.slots[seen:])
    if unseen and room:
        slots.append(Text(screen.cut(screen.plain(f"{'':8}  … and {unseen} more at work"), width), "dim"))
    return [*above, *slots] if any(state.slots) else above


def _whole(state: State, width: int) -> Text:
    """What is done, a bar, how much, and for how long still; as much of that as there is room for."""
    counted = f"{state.done}" if state.todo is None else f"{state.done}/{state.todo}"
    figures = f"{counted}, {state.left}" if state.left else counted
    if cell_len(figures) > width:
        figures = counted
    doing = screen.cut(screen.plain(state.doing), max(0, width - cell_len(figures) - 1))
    room = min(BAR_MOST, width - cell_len(doing) - cell_len(figures) - 2)
    line = Text(doing)
    if state.todo and room >= BAR_LEAST:
        full = room * state.done // state.todo
        line.append(" ").append(screen.plain("━") * full, "green").append(screen.plain("─") * (room - full), "dim")
    return line.append(f" {figures}")


def _slot(busy: Busy | None, width: int) -> Text:
    if busy is None:
        return Text("")
    took = f"{duration(busy.seconds):>8}  "
    what = screen.cut(screen.plain(busy.what.replace("\n", " ")), width - len(took))
    return Text.assemble((took, "dim"), screen.isolated(what))


def duration(seconds: float) -> str:
    """A time to wait, as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
