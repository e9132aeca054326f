"""What changes grades: what persons decide, and the audit log, in which every change of a grade is a row."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from itertools import accumulate
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from grader import model
from grader.errors import ExtensionImpossible, OverrideImpossible
from grader.model import Change, Event, GradeChange, HandedIn, Refused
from grader.scoring import Policy
from grader.store import exports
from grader.store.attempts import Counted, counted
from grader.store.blocks import in_blocks
from grader.store.tables import Audit, Extension, Override, Refusal, Submission

GRADER: Final = "grader"
"""Who changed a grade where no person did."""


class Standing(NamedTuple):
    """Where a student is in a lab.

    Attributes:
        score: what counts; None where there is none.
        most: what it is out of.
        attempt: the one that counts; None where nothing was handed in.
        run: the id of its run in effect.
        earned: what that run earned; None where it broke.
        late_days: how late it came; 0 where it was in time, or nobody knows when.
    """

    score: float | None = None
    most: float | None = None
    attempt: int | None = None
    run: int | None = None
    earned: float | None = None
    late_days: int = 0


Standings: TypeAlias = Mapping[int, Standing]
"""A student's id -> where they are in a lab."""

_WITH_RUN: Final = select(Submission.id).where(Submission.run_id == bindparam("run"))
_SET: Final = select(Override.student_id, Override.score, Override.max_score).where(
    Override.lab_id == bindparam("lab"), Override.student_id.in_(bindparam("students", expanding=True))
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
    select(
        func.coalesce(Submission.told_at, Submission.received_at),
        Submission.collected_at,
        Submission.attempt,
        Submission.source,
    )
    .where(Submission.student_id == bindparam("student"), Submission.lab_id == bindparam("lab"))
    .order_by(Submission.attempt)
)
_REFUSED: Final = (
    select(Refusal.refused_at, Refusal.source, Refusal.reason)
    .where(Refusal.student_id == bindparam("student"), Refusal.lab_id == bindparam("lab"))
    .order_by(Refusal.turn)
)


def standings(connection: Connection, lab: int, students: Collection[int], rules: Policy | None = None) -> Standings:
    """Where these students are in a lab, those who have something there; all are given by their ids.

    Args:
        rules: those by which it is decided; None for those in effect.
    """
    found = {who: _earned(one) for who, one in counted(connection, lab, students, rules).items()}
    for ids in in_blocks(students):
        for who, score, most in connection.execute(_SET, {"lab": lab, "students": ids}):
            found[who] = found.get(who, Standing())._replace(score=score, most=most)
    return found


def _earned(one: Counted) -> Standing:
    """Where somebody is by what was handed in alone."""
    late_days = one.late.days if one.late else 0
    attempt = one.attempt
    return Standing(one.score, attempt.could, attempt.row.attempt, attempt.run, attempt.earned, late_days)


def given(connection: Connection, lab: int) -> set[int]:
    """The ids of the students for whom a person set a score."""
    return set(connection.scalars(select(Override.student_id).where(Override.lab_id == lab)))


def with_run(connection: Connection, run: int) -> list[int]:
    """The ids of the submissions for which this run is in effect."""
    return list(connection.scalars(_WITH_RUN, {"run": run}))


def record(
    connection: Connection, lab: int, before: Standings, after: Standings, change: Change, reason: str = ""
) -> None:
    """Write down who is elsewhere in a lab than before."""
    at, nowhere = datetime.now(UTC), Standing()
    rows = [
        _row((who, lab), was, now, at, change, GRADER, reason)
        for who, now in after.items()
        if now != (was := before.get(who, nowhere))
    ]
    if rows:
        connection.execute(_NEW_ROW, rows)


def set_score(connection: Connection, student: int, lab: int, decision: model.Decision) -> GradeChange:
    """Make a score count, whatever runs earn."""
    was, at = _of_student(connection, student, lab), datetime.now(UTC)
    before = _put(connection, Override, student, lab, decision, set_at=at, run_id=was.run)
    change = Change.CHANGED if before else Change.SET
    now = was._replace(score=decision.score, most=decision.max_score)
    return _written(connection, _row((student, lab), was, now, at, change, decision.set_by, decision.reason))


def clear_score(connection: Connection, student: int, lab: int, reason: str, by: str) -> GradeChange:
    """Let the run count again.

    Raises:
        OverrideImpossible: nobody set a score.
    """
    was = _of_student(connection, student, lab)
    if not _remove(connection, Override, student, lab):
        raise OverrideImpossible("Nobody set a score for this student and lab, so there is none to take back.")
    now = _of_student(connection, student, lab)
    return _written(connection, _row((student, lab), was, now, datetime.now(UTC), Change.CLEARED, by, reason))


def extend(connection: Connection, student: int, lab: int, extension: model.Extension) -> GradeChange:
    """Give more time."""
    was, at = _of_student(connection, student, lab), datetime.now(UTC)
    _put(connection, Extension, student, lab, extension, set_at=at)
    now = _of_student(connection, student, lab)
    row = _row((student, lab), was, now, at, Change.EXTENDED, extension.set_by, extension.reason)
    return _written(connection, row | {"until": extension.until})


def shorten(connection: Connection, student: int, lab: int, reason: str, by: str) -> GradeChange:
    """Take back the time that was given.

    Raises:
        ExtensionImpossible: nobody gave any.
    """
    was = _of_student(connection, student, lab)
    if not _remove(connection, Extension, student, lab):
        raise ExtensionImpossible("Nobody gave this student more time for this lab, so there is none to take back.")
    now = _of_student(connection, student, lab)
    return _written(connection, _row((student, lab), was, now, datetime.now(UTC), Change.SHORTENED, by, reason))


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
    return standings(connection, lab, [student]).get(student, Standing())


def _put(
    connection: Connection,
    table: type[Override | Extension],
    student: int,
    lab: int,
    what: model.Decision | model.Extension,
    **more: Any,
) -> bool:
    """Write down what a person decided, in place of what was decided before; whether anything was."""
    before = _remove(connection, table, student, lab)
    connection.execute(insert(table).values(student_id=student, lab_id=lab, **(asdict(what) | more)))
    return before


def _remove(connection: Connection, table: type[Override | Extension], student: int, lab: int) -> bool:
    """Remove what a person decided; whether there was anything."""
    return connection.execute(delete(table).where(table.student_id == student, table.lab_id == lab)).rowcount > 0


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
        "late_days": now.late_days,
        "until": None,
    }


def _written(connection: Connection, row: dict[str, Any]) -> GradeChange:
    """Put a row into the log; what it says."""
    connection.execute(_NEW_ROW, row)
    told = {field.name: row[field.name] for field in fields(GradeChange) if field.name in row}
    return GradeChange(**told, examined=row["run_id"] is not None)
