"""Points: pure arithmetic, and the rules by which attempts become a grade."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final, Generic, Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo

_HUNDREDTH: Final = Decimal("0.01")
_DAY: Final = timedelta(days=1)


def linear(value: float, low: float, high: float) -> float:
    """The share of the points that `value` earns on the line between two thresholds, in 0..1.

    Nothing at or below `low`, everything from `high` on; NaN earns nothing. Where less is better, `low > high`.

    Raises:
        ValueError: the thresholds are the same, so that there is no line.
    """
    if low == high:
        raise ValueError(
            f"both thresholds are {low:g}: nothing is earned at low and everything at high, so they have to differ"
        )
    share = (value - low) / (high - low)
    return min(1.0, share) if share > 0 else 0.0


@lru_cache
def written(points: float) -> str:
    """Points as every page, table and gradebook shows them: a plain decimal of at most two places, "8.5".

    Raises:
        ValueError: not a finite number.
    """
    if not math.isfinite(points):
        raise ValueError(f"{points} is not a number of points")
    exact = Decimal(repr(float(points))).quantize(_HUNDREDTH, ROUND_HALF_UP)
    text = f"{exact:f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass(frozen=True, slots=True)
class Policy:
    """Which attempt counts, and what it costs to hand in late.

    Attributes:
        attempt: "latest", or "best": the one that keeps the most points.
        due: aware; None: nothing is late.
        zone: whose clocks days are counted by, a name of the IANA database.
        grace_hours: so much later is not late, in 0..8760.
        per_day: percent of the points earned that each day begun after `due` costs, in 0..100.
        floor: percent of the points earned that are kept, however late, in 0..100.
    """

    attempt: Literal["latest", "best"] = "latest"
    due: datetime | None = None
    zone: str = "UTC"
    grace_hours: float = 0.0
    per_day: float = 0.0
    floor: float = 0.0

    def __str__(self) -> str:
        """The rule in words."""
        counts = f"the {self.attempt} attempt counts"
        if self.due is None:
            return f"{counts}, nothing is late"
        due = f"due {self.due.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M} ({self.zone})"
        grace = f", {self.grace_hours:g} hours of grace" if self.grace_hours else ""
        floor = f", {self.floor:g}% are kept" if self.per_day and self.floor else ""
        return f"{counts}, {due}{grace}, {self.per_day:g}% off for each day begun{floor}"


@dataclass(frozen=True, slots=True)
class Late:
    """How late an attempt came.

    Attributes:
        due: when it was due for this student, by the clocks of the lab's zone.
        days: begun since then, at least 1.
        percent: of the points earned that are left, in 0..100.
    """

    due: datetime
    days: int
    percent: float

    def __str__(self) -> str:
        """How late, in words."""
        return days_late(self.days)

    def cost(self, earned: float) -> str:
        """What is left of the points earned, in a sentence for the student."""
        due = f"{self.due:%Y-%m-%d %H:%M}, {self.due.tzinfo}"
        left = "" if self.percent == 100 else f", so {self.percent:g}% of the points earned count"
        return f"Handed in {self} (due {due}){left}: {written(kept(earned, self))} of {written(earned)}."


def days_late(days: int) -> str:
    """So many days, in words."""
    return "1 day late" if days == 1 else f"{days} days late"


class Attempt(Protocol):
    """What must be known of an attempt."""

    @property
    def turn(self) -> int:
        """Grows with each attempt of a student."""

    @property
    def earned(self) -> float | None:
        """Points; None where they are not known."""

    @property
    def could(self) -> float | None:
        """Points that could be earned; None where they are not known."""

    @property
    def told_at(self) -> datetime | None:
        """When it was handed in, as a platform told; naive where that is by the clocks of the lab's zone."""


Some = TypeVar("Some", bound=Attempt)


@dataclass(frozen=True, slots=True)
class Counted(Generic[Some]):
    """The attempt that counts.

    Attributes:
        late: None where it came in time, or nobody knows when.
        score: what is left of the points earned; None where they are not known.
    """

    attempt: Some
    late: Late | None
    score: float | None


def counting(attempts: Iterable[Some], policy: Policy, until: datetime | None) -> Counted[Some]:
    """The attempt that counts, of one student's for a lab, of which there is at least one.

    Where the best counts, one that is not graded yet counts before all others, unless one of these keeps everything:
    what is not known yet may be the best, and less than that is nobody's grade. Of two that keep as many points the
    later one counts.

    Args:
        until: an extension, which never makes the time shorter.
    """
    found = [_counted(attempt, lateness(policy, attempt.told_at, until)) for attempt in attempts]
    if policy.attempt == "best":
        whole = [one for one in found if one.score is not None and one.score == one.attempt.could]
        waiting = [one for one in found if one.score is None]
        return max(whole or waiting or found, key=lambda one: (one.score or 0.0, one.attempt.turn))
    return max(found, key=lambda one: one.attempt.turn)


def _counted(attempt: Some, late: Late | None) -> Counted[Some]:
    return Counted(attempt, late, None if attempt.earned is None else kept(attempt.earned, late))


def lateness(policy: Policy, told_at: datetime | None, until: datetime | None) -> Late | None:
    """How late something came; None where it was in time, or nobody knows when it came.

    All of the minute in which it is due is in time. Who is later than the grace allows is late from the due date on. A
    day lasts until the lab's clocks show the time of the due date again, so that the night in which they are put back
    costs no day more.

    Args:
        told_at: when it was handed in, as a platform told; naive where it told the time of the lab's zone.
        until: an extension, which never makes the time shorter.
    """
    if policy.due is None or told_at is None:
        return None
    due = (policy.due if until is None else max(policy.due, until)).astimezone(UTC)
    came = told_at if told_at.tzinfo else told_at.replace(tzinfo=ZoneInfo(policy.zone))
    came = came.astimezone(UTC).replace(second=0, microsecond=0)
    if came - due <= timedelta(hours=policy.grace_hours):
        return None
    here, there = _clock(due, policy.zone), _clock(came, policy.zone)
    days = max(1, -((here - there) // _DAY))
    return Late(due.astimezone(ZoneInfo(policy.zone)), days, max(policy.floor, 100 - policy.per_day * days))


def _clock(when: datetime, zone: str) -> datetime:
    """What clocks show there, without the zone."""
    return when.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def kept(earned: float, late: Late | None) -> float:
    """The points that are left of those earned, in hundredths, halves rounded up as people do."""
    if late is None:
        return earned
    left = Decimal(repr(earned)) * Decimal(repr(late.percent)) / 100
    return float(left.quantize(_HUNDREDTH, ROUND_HALF_UP))
