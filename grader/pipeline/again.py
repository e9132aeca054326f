"""What our side failed, and when it is tried again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

AGAIN_FIRST: Final = 30.0
AGAIN_MOST: Final = 3600.0
"""Seconds until a submission that our side failed is tried again: after the first time, and at most."""
TRIES: Final = 5
"""How often a submission is graded whose runs break; what broke them so often may well be in it."""


@dataclass(slots=True)
class Delay:
    """When something that failed is tried again: after a time that doubles with each failure, up to a most."""

    first: float
    most: float
    failures: int = 0
    until: float = field(default=float("-inf"))

    def failed(self, now: float) -> float:
        """It did, once more; in how many seconds it is tried again."""
        seconds = min(self.most, self.first * 2.0 ** min(self.failures, 30))
        self.failures += 1
        self.until = now + seconds
        return seconds

    def is_over(self, now: float) -> bool:
        """Whether it is to be tried now."""
        return now >= self.until


@dataclass(slots=True)
class _Owed:
    """A submission without a result."""

    name: str
    fault: str = ""
    broke: int = 0
    delay: Delay = field(default_factory=lambda: Delay(AGAIN_FIRST, AGAIN_MOST))


class Again:
    """Submissions without a result because of our side, by their ids in the store."""

    def __init__(self) -> None:
        self._owed: dict[int, _Owed] = {}

    def __len__(self) -> int:
        return len(self._owed)

    def due(self, now: float) -> dict[int, str]:
        """Whose are to be tried now, by the ids."""
        return {id_: one.name for id_, one in self._owed.items() if one.broke < TRIES and one.delay.is_over(now)}

    def owe(self, names: Mapping[int, str]) -> None:
        """These have no result; those that are new are to be tried now."""
        for id_, name in names.items():
            self._owed.setdefault(id_, _Owed(name))

    def forget(self, ids: Collection[int]) -> None:
        """These have a result, or need none any more."""
        for id_ in ids:
            self._owed.pop(id_, None)

    def forget_all_but(self, ids: Collection[int]) -> None:
        """Only these may count."""
        self.forget(self._owed.keys() - set(ids))

    def failed(self, id_: int, name: str, fault: str, now: float, *, broke: bool) -> tuple[bool, bool]:
        """It did; (whether by another fault than before, whether it is not tried any more).

        Args:
            broke: a run of it did, rather than that there was nobody to grade it.
        """
        one = self._owed.setdefault(id_, _Owed(name))
        one.delay.failed(now)
        one.broke += broke
        is_new, one.fault = fault != one.fault, fault
        return is_new, one.broke == TRIES and broke
