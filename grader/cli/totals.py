"""Running totals of a batch: what came of those that are done."""

from collections import Counter
from typing import Final

from grader.model import Ending, Run

_ENDINGS: Final = {
    Ending.TIMEOUT: "out of time",
    Ending.MEMORY: "out of memory",
    Ending.CRASHED: "crashed",
    Ending.BROKEN: "not graded",
}


class Totals:
    """Counts submissions."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def refused(self, many: int) -> None:
        """So many are not taken in, of all that were read so far."""
        self._counts["not taken in"] = many

    def add(self, run: Run, many: int) -> None:
        """So many have this run."""
        if run.ending is Ending.COMPLETED and run.score == run.max_score:
            self._counts["with full marks"] += many
        if run.ending in _ENDINGS:
            self._counts[_ENDINGS[run.ending]] += many
        if run.flags:
            self._counts["to be looked at"] += many

    def words(self) -> list[str]:
        """What there is at least one of."""
        return [f"{self._counts[what]} {what}" for what in _ORDER if self._counts[what]]


_ORDER: Final = ("with full marks", *_ENDINGS.values(), "to be looked at", "not taken in")
