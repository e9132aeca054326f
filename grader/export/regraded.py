"""What grading again changed: whose result, and at which checks."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from grader.export.text import inert
from grader.model import CheckResult, Ending, Override, Regraded, Run, Student
from grader.scoring import Late, written

COLUMNS: Final = (
    "student_id", "name", "score_before", "max_before", "score", "max_score", "status", "override", "check", "title",
    "points_before", "points", "outcome_before", "outcome", "message",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckChange:
    """A check that earned something else than before.

    Attributes:
        old: None for a check that is new.
        new: None for one that is gone.
    """

    id: str
    title: str
    old: CheckResult | None
    new: CheckResult | None


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """A student whose result changed, and where.

    Attributes:
        checks: in the order of the new suite, those that are gone last; none where `new` is broken.
        override: what a person set, which counts in place of either run.
        late: how late the attempt came, which lessens what counts of either.
    """

    student: Student
    old: Run
    new: Run
    checks: tuple[CheckChange, ...]
    override: Override | None = None
    late: Late | None = None


def changes(regraded: Iterable[Regraded]) -> Iterator[ScoreChange]:
    """Those whose result is another than before."""
    for one in regraded:
        found = () if one.new.ending is Ending.BROKEN else _changed(one.old, one.new)
        if found or one.new.ending is Ending.BROKEN:
            yield ScoreChange(one.student, one.old, one.new, found, one.override, one.late)


def _changed(old: Run, new: Run) -> tuple[CheckChange, ...]:
    before, now = ({check.id: check for check in run.checks} for run in (old, new))
    return tuple(
        CheckChange(id_, check.title, before.get(id_), now.get(id_))
        for id_, check in (now | before | now).items()
        if _worth(before.get(id_)) != _worth(now.get(id_))
    )


def _worth(check: CheckResult | None) -> tuple[float, float] | None:
    return (check.points, check.max_points) if check else None


def changes_csv(found: Iterable[ScoreChange]) -> bytes:
    """A row for each check of each student, for people and their spreadsheets.

    What is not there is empty: points of a check that is new, a score that our fault keeps from being known.
    Scores are what runs earned; `override` is what a person set, which counts in their place.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    table.writerow(COLUMNS)
    for change in found:
        who = [inert(change.student.key), inert(change.student.name), written(change.old.score)]
        now = (
            ["", ""]
            if change.new.ending is Ending.BROKEN
            else [written(change.new.score), written(change.new.max_score)]
        )
        given = written(change.override.score) if change.override else ""
        row = [*who, written(change.old.max_score), *now, change.new.ending.value, given]
        table.writerows([*row, *_cells(check)] for check in change.checks)
        if not change.checks:
            table.writerow([*row, *[""] * (len(COLUMNS) - len(row))])
    return text.getvalue().encode()


def _cells(change: CheckChange) -> list[str]:
    old, new = change.old, change.new
    points = [written(check.points) if check else "" for check in (old, new)]
    outcomes = [check.outcome.value if check else "" for check in (old, new)]
    return [inert(change.id), inert(change.title), *points, *outcomes, inert(new.message if new else "")]
