"""How a student's attempts went, one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from typing import Final

from grader.feedback import words
from grader.model import Attempt, Ending
from grader.scoring import written

ROWS_MOST: Final = 6
_NAMED_MOST: Final = 8

_NOTES: Final[Mapping[Ending, str]] = {
    Ending.TIMEOUT: "ran out of time",
    Ending.MEMORY: "ran out of memory",
    Ending.CRASHED: "did not run to its end",
    Ending.REJECTED: "could not be taken in",
    Ending.BROKEN: "not graded yet, which is not your fault",
}
_OTHER: Final = "graded by another version of the checks"


@dataclass(frozen=True, slots=True)
class Row:
    """An attempt; `when` is in UTC, `points` is "" where it has none, `percent` is of what could be earned."""

    number: int
    when: str
    points: str
    most: str
    percent: str
    passed: str
    note: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Trail:
    """All attempts, newest first.

    Attributes:
        more: how many others there were.
        step: which attempt is compared with which; "" if fewer than two are graded, or if what changed has no name.
        gained, lost: titles of the checks that now pass, and that no longer do.
        steady: both attempts passed the same checks.
        shown: which of the attempts this page is about, where it is not the last; "" otherwise.
    """

    rows: tuple[Row, ...]
    more: int
    step: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    steady: bool
    shown: str


def trail(attempts: Sequence[Attempt], titles: Mapping[str, str]) -> Trail | None:
    """What to show of the attempts; None where there is only one.

    Args:
        titles: of the checks, by their ids; those that are not there any more are not named.
    """
    if len(attempts) < 2:
        return None
    numbered = list(enumerate(attempts, start=1))
    newest = [pair for pair in numbered[-ROWS_MOST:] if not pair[1].counts]
    kept = sorted([*newest, *(pair for pair in numbered if pair[1].counts)], key=lambda pair: -pair[0])
    step, won, lost = _step(numbered)
    gained, gone = _named(won, titles), _named(lost, titles)
    steady = bool(step) and won == lost
    return Trail(
        rows=tuple(_row(number, attempt) for number, attempt in kept),
        more=len(attempts) - len(kept),
        step=step if steady or gained or gone else "",
        gained=gained,
        lost=gone,
        steady=steady,
        shown=next((f"attempt {number}" for number, one in numbered[:-1] if one.counts), ""),
    )


def _row(number: int, attempt: Attempt) -> Row:
    graded, at = attempt.earned is not None, attempt.at and attempt.at.astimezone(UTC)
    note = _NOTES.get(attempt.ending, "")
    return Row(
        number=number,
        when=f"{at.day} {at:%b %Y, %H:%M}" if at else "not known",
        points="" if attempt.earned is None else written(attempt.earned),
        most=written(attempt.max_score) if graded and attempt.max_score else "",
        percent=f"{100 * _share(attempt):.1f}%",
        passed=words.count(len(attempt.passed), "check") if graded else "",
        note=note if attempt.comparable else f"{note}; {_OTHER}".removeprefix("; "),
        counts=attempt.counts,
    )


def _share(attempt: Attempt) -> float:
    if attempt.earned is None or attempt.max_score <= 0:
        return 0.0
    return min(1.0, max(0.0, attempt.earned / attempt.max_score))


def _step(numbered: Sequence[tuple[int, Attempt]]) -> tuple[str, frozenset[str], frozenset[str]]:
    """The last graded attempt against the one before it by the same checks: (which, now passed, no longer passed)."""
    graded = [pair for pair in numbered if pair[1].earned is not None and pair[1].comparable]
    for (before, old), (now, new) in list(pairwise(graded))[-1:]:
        return f"From attempt {before} to attempt {now}", new.passed - old.passed, old.passed - new.passed
    return "", frozenset(), frozenset()


def _named(checks: frozenset[str], titles: Mapping[str, str]) -> tuple[str, ...]:
    """Their titles in the suite's order, and how many more there are."""
    found = [title for check, title in titles.items() if check in checks]
    more = len(found) - _NAMED_MOST
    return (*found[:_NAMED_MOST], f"{more} more") if more > 0 else tuple(found)
