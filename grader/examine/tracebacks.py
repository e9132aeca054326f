"""A student's traceback as people read it: what calls itself over and over is told once. Pure."""

import re
from typing import Final

_FRAME: Final = re.compile(r"\n(?=File \"|… \d{1,7} more lines of calls …)")
"""Between two entries: a frame with its source below, or what the sandbox left out in the middle."""
_LEFT_OUT: Final = re.compile(r"… (\d{1,7}) more lines of calls …")
_CYCLE_MOST: Final = 4
"""Functions that call each other in a circle, at most."""
_ROUNDS_LEAST: Final = 3
"""Fewer are shown as they are."""


def condensed(traceback: str) -> str:
    """`traceback` with frames that repeat, one by one or in a circle, shown once and counted."""
    entries = _FRAME.split(traceback)
    shown: list[str] = []
    at = 0
    while at < len(entries):
        length, frames, taken = _cycle(entries[at:])
        shown += entries[at : at + length]
        if frames > length:
            these = "this" if length == 1 else "these"
            shown.append(f"… {frames - length:,} more frames like {these} …")
        at += taken
    return "\n".join(shown)


def _cycle(entries: list[str]) -> tuple[int, int, int]:
    """The shortest circle that `entries` begin with: (frames of one round, frames of all, entries that tell them)."""
    for length in range(1, _CYCLE_MOST + 1):
        frames, taken = _rounds(entries[:length], entries)
        if frames >= _ROUNDS_LEAST * length:
            return length, frames, taken
    return 1, 1, 1


def _rounds(cycle: list[str], entries: list[str]) -> tuple[int, int]:
    """How many frames go round in `cycle`, and how many of the entries that is.

    What was left out in the middle goes round, too, where what stands on both sides of it does.
    """
    frames = taken = phase = 0
    while taken < len(entries):
        left_out = _LEFT_OUT.fullmatch(entries[taken])
        if left_out and taken >= len(cycle) and taken + 1 < len(entries) and entries[taken + 1] in cycle:
            frames, phase = frames + int(left_out[1]), cycle.index(entries[taken + 1])
        elif not left_out and entries[taken] == cycle[phase % len(cycle)]:
            frames, phase = frames + 1, phase + 1
        else:
            break
        taken += 1
    return frames, taken
