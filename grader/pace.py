"""How long the rest of a class will take, judged by those who are done and those who are at it.

The rest is played several times with durations drawn from those seen, each worker taking the next as it becomes free;
the median counts. So a class of which some take fifty times as long as others has its long ones still to come, and the
last ones, when workers have nothing more to take, are waited for one beside the other.
"""

import random
import time
from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from heapq import heapify, heapreplace
from statistics import fmean, median
from typing import Final

ENOUGH: Final = 3
"""How many have to be done before anything can be told."""
PLAYS: Final = 25
PLAYED_MOST: Final = 200
"""Of a longer queue, the last ones are played; how those before them are spread matters little."""

SEEN_MOST: Final = 200
"""Of more durations seen, so many to twice as many stand for all, spread evenly from the shortest to the longest."""


class Pace:
    """Who has been at work since when, and how long others took."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting = 0
        self._begun: dict[str, float] = {}
        self._took: list[float] = []

    def planned(self, todo: int) -> None:
        """So many are to be done."""
        self._waiting = todo

    def started(self, name: str) -> None:
        """One begins; again, where it is tried again."""
        self._waiting -= name not in self._begun
        self._begun[name] = self._clock()

    def finished(self, name: str) -> None:
        """One is done; one that was not seen to begin tells nothing about the others."""
        begun = self._begun.pop(name, None)
        if begun is None:
            self._waiting -= 1
        else:
            insort(self._took, self._clock() - begun)

    def elapsed(self, name: str) -> float:
        """Seconds since it began; 0 where it did not, or is done."""
        now = self._clock()
        return now - self._begun.get(name, now)

    def left(self) -> float | None:
        """Seconds until all are done; None while too few are done to tell."""
        now = self._clock()
        took, begun = tuple(self._took), tuple(self._begun.values())  # who shows this may be another thread
        return time_left(took, [now - when for when in begun], self._waiting)


def time_left(took: Sequence[float], running: Sequence[float], waiting: int) -> float | None:
    """Seconds until all are done; None while too few are done to tell.

    Args:
        took: how long those that are done took, in rising order.
        running: how long those at work have been so, one for each worker.
        waiting: how many have not begun.
    """
    if len(took) < ENOUGH:
        return None
    dice = random.Random(0)  # noqa: S311 - equal figures, equal answers
    if len(took) > SEEN_MOST:
        every = len(took) // SEEN_MOST
        took = took[every // 2 :: every]
    return median(_played(took, running, waiting, dice) for _ in range(PLAYS))


def _played(took: Sequence[float], running: Sequence[float], waiting: int, dice: random.Random) -> float:
    ends = [_rest(took, elapsed, dice) for elapsed in running] or [0.0]
    seen = [*took, *map(sum, zip(running, ends, strict=False))]  # the long ones are those still at work
    unplayed = max(0, waiting - PLAYED_MOST)
    if unplayed:
        level = unplayed * fmean(seen) / len(ends)
        ends = [max(end, level) for end in ends]
    heapify(ends)
    for one in dice.choices(seen, k=waiting - unplayed):
        heapreplace(ends, ends[0] + one)
    return max(ends)


def _rest(took: Sequence[float], elapsed: float, dice: random.Random) -> float:
    """As for one that lasted longer; what has outlasted all others goes on for as long again as it has done so."""
    longer = bisect_right(took, elapsed)
    return dice.choice(took[longer:]) - elapsed if longer < len(took) else elapsed - took[-1]
