"""What changes grades: scores that a person sets, and the audit log, in which every change of a grade is a row."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from itertools import accumulate
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy import Connection, and_, bindparam, case, delete, exists, func, insert, select, update
from sqlalchemy.orm import aliased

from grader import model
from grader.errors import OverrideImpossible
from grader.model import Change, Ending, Event, GradeChange, HandedIn, Refused
from grader.store import exports
from grader.store.blocks import in_blocks
from grader.store.rows import AnyRow
from grader.store.tables import Audit, Override, Refusal, Run, Submission

GRADER: Final = "grader"
"""Who changed a grade where no person did."""


class Standing(NamedTuple):
    """Where a student is in a lab.

    Attributes:
        score: what counts; None where there is none.
        most: what it is out of.
        attempt: the latest; None where nothing was handed in.
        run: the id of its run in effect.
        earned: what that run earned; None where it broke.
        could: what could be earned in it; None where it broke.
    """

    score: float | None = None
    most: float | None = None
    attempt: int | None = None
    run: int | None = None
    earned: float | None = None
    could: float | None = None


Standings: TypeAlias = Mapping[tuple[int, int], Standing]
"""(a student's id, a lab's) -> where they are."""

_later = aliased(Submission)
_COUNTS: Final = ~exists().where(
    _later.student_id == Submission.student_id, _later.lab_id == Submission.lab_id, _later.turn > Submission.turn
)
_FINISHED: Final = Run.ending.not_in([Ending.BROKEN, Ending.REJECTED])
_EARNED: Final = case((_FINISHED, Run.score))
_COULD: Final = case((_FINISHED, Run.max_score))
_STANDING: Final = (
    select(
        func.coalesce(Override.score, _EARNED),
        func.coalesce(Override.max_score, _COULD),
        Submission.attempt,
        Submission.run_id,
        _EARNED,
        _COULD,
    )
    .outerjoin(Run, Run.id == Submission.run_id)
    .outerjoin(Override, and_(Override.student_id == Submission.student_id, Override.lab_id == Submission.lab_id))
    .where(_COUNTS)
)
_STANDINGS: Final = _STANDING.add_columns(Submission.student_id, Submission.lab_id).where(
    Submission.id.in_(bindparam("ids", expanding=True))
)
_OF_STUDENT: Final = _STANDING.where(
    Submission.student_id == bindparam("student"), Submission.lab_id == bindparam("lab")
)
_WITH_RUN: Final = select(Submission.id).where(Submission.run_id == bindparam("run"))
_SET: Final = select(Override.score, Override.max_score).where(
    Override.student_id == bindparam("student"), Override.lab_id == bindparam("lab")
)
_NEW_ROW: Final = insert(Audit)
_CHANGES: Final = (
    select(
        *(
            Audit.run_id.is_not(None) if field.name == "examined" else getattr(Audit, field.name)
            for field in fields(GradeChange)
        )
    )
    .where(Audit.student_id == bindparam("student"), Audit.lab_id == bindparam("lab"))
    .order_by(Audit.id)
)
_HANDED_IN: Final = (
    select(Submission.received_at, Submission.collected_at, Submission.attempt, Submission.source)
    .where(Submission.student_id == bindparam("student"), Submission.lab_id == bindparam("lab"))
    .order_by(Submission.attempt)
)
_REFUSED: Final = (
    select(Refusal.refused_at, Refusal.source, Refusal.reason)
    .where(Refusal.student_id == bindparam("student"), Refusal.lab_id == bindparam("lab"))
    .order_by(Refusal.turn)
)


def standings(connection: Connection, submissions: Collection[int]) -> Standings:
    """Where those students are whose latest attempt is among these submissions, given by their ids."""
    found: dict[tuple[int, int], Standing] = {}
    for ids in in_blocks(submissions):
        for *values, student, lab in connection.execute(_STANDINGS, {"ids": ids}):
            found[student, lab] = Standing(*values)
    return found


def with_run(connection: Connection, run: int) -> list[int]:
    """The ids of the submissions for which this run is in effect."""
    return list(connection.scalars(_WITH_RUN, {"run": run}))


def record(connection: Connection, before: Standings, after: Standings, change: Change) -> None:
    """Write down who is elsewhere than before."""
    at = datetime.now(UTC)
    rows = [
        _row(whose, before[whose], there, at, change, GRADER)
        for whose, there in after.items()
        if there != before[whose]
    ]
    if rows:
        connection.execute(_NEW_ROW, rows)


def set_score(connection: Connection, student: int, lab: int, decision: model.Decision) -> GradeChange:
    """Make a score count, whatever runs earn."""
    was, at = _of_student(connection, student, lab), datetime.now(UTC)
    values = asdict(decision) | {"set_at": at, "run_id": was.run}
    if _set_score(connection, student, lab) is None:
        change = Change.SET
        connection.execute(insert(Override).values(student_id=student, lab_id=lab, **values))
    else:
        change = Change.CHANGED
        connection.execute(update(Override).where(*_whose(student, lab)).values(**values))
    now = was._replace(score=decision.score, most=decision.max_score)
    row = _row((student, lab), was, now, at, change, decision.set_by, decision.reason)
    return _written(connection, row)


def clear_score(connection: Connection, student: int, lab: int, reason: str, by: str) -> GradeChange:
    """Let the run count again.

    Raises:
        OverrideImpossible: nobody set a score.
    """
    if _set_score(connection, student, lab) is None:
        raise OverrideImpossible("Nobody set a score for this student and lab, so there is none to take back.")
    was = _of_student(connection, student, lab)
    connection.execute(delete(Override).where(*_whose(student, lab)))
    now = was._replace(score=was.earned, most=was.could)
    return _written(connection, _row((student, lab), was, now, datetime.now(UTC), Change.CLEARED, by, reason))


def history(connection: Connection, student: int, lab: int) -> list[Event]:
    """What happened to a student in a lab, in the order of time; the log in that of writing, whatever clocks said."""
    whose = {"student": student, "lab": lab}
    events: list[Event] = [
        HandedIn(received or collected, received is not None, attempt, source)
        for received, collected, attempt, source in connection.execute(_HANDED_IN, whose)
    ]
    events += [Refused(*row) for row in connection.execute(_REFUSED, whose)]
    events += exports.of_student(connection, student, lab)
    log = [GradeChange(*row) for row in connection.execute(_CHANGES, whose)]
    times = [*(event.at for event in events), *accumulate((change.at for change in log), max)]
    return [event for _, event in sorted(zip(times, [*events, *log], strict=True), key=itemgetter(0))]


def _of_student(connection: Connection, student: int, lab: int) -> Standing:
    row = connection.execute(_OF_STUDENT, {"student": student, "lab": lab}).one_or_none()
    return Standing(*row or _set_score(connection, student, lab) or ())


def _set_score(connection: Connection, student: int, lab: int) -> AnyRow | None:
    """The score that a person set, and what it is out of."""
    return connection.execute(_SET, {"student": student, "lab": lab}).one_or_none()


def _whose(student: int, lab: int) -> tuple[Any, Any]:
    return Override.student_id == student, Override.lab_id == lab


def _row(
    whose: tuple[int, int], was: Standing, now: Standing, at: datetime, change: Change, actor: str, reason: str = ""
) -> dict[str, Any]:
    student, lab = whose
    return {
        "student_id": student,
        "lab_id": lab,
        "at": at,
        "change": change,
        "actor": actor,
        "old_score": was.score,
        "new_score": now.score,
        "max_score": now.most,
        "reason": reason,
        "attempt": now.attempt,
        "run_id": now.run,
        "earned": now.earned,
    }


def _written(connection: Connection, row: dict[str, Any]) -> GradeChange:
    """Put a row into the log; what it says."""
    connection.execute(_NEW_ROW, row)
    told = {field.name: row[field.name] for field in fields(GradeChange) if field.name in row}
    return GradeChange(**told, examined=row["run_id"] is not None)
