"""The grade that counts of each student: read here, never written."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from sqlalchemy import Connection, and_, func, select, union

from grader import model
from grader.model import Counting, Ending, Grade, Regraded, RunKey
from grader.store import rows, runs, statements
from grader.store.attempts import Counted, comparable, counted, policy
from grader.store.blocks import in_blocks
from grader.store.tables import Lab, Override, Refusal, Run, Student, Submission

Reading: TypeAlias = Callable[[], AbstractContextManager[Connection]]
"""Begins a transaction that reads."""


class _Student(NamedTuple):
    id: int
    key: str
    name: str


class _Override(NamedTuple):
    """What a person set, and the id of the run that was in effect then."""

    what: model.Override
    run: int | None

    def on(self, grade: Grade, counts: Counted | None) -> Grade:
        """The grade of the attempt that counts, as the person set it."""
        run, last = (counts.attempt.run, counts.attempt.row == counts.all[-1]) if counts else (None, True)
        return rows.overridden(grade, self.what, same_run=run == self.run or not last)


class Grades:
    """The grades of a lab, sorted by the student's key.

    Whoever goes through them reads them anew, a block of students at a time and all in one transaction; none is kept.
    """

    def __init__(self, reading: Reading, lab: str) -> None:
        self._reading = reading
        self._lab = lab

    def __len__(self) -> int:
        return len(self.keys())

    def keys(self) -> list[str]:
        """Whose they are: the students' keys."""
        return [student.key for student in self.students()]

    def students(self) -> list[model.Student]:
        """Whose they are."""
        with self._reading() as connection:
            return [model.Student(key, name) for _, key, name in _students(connection, self._lab)]

    def __iter__(self) -> Iterator[Grade]:
        with self._reading() as connection:
            for students in in_blocks(_students(connection, self._lab)):
                yield from _grades(connection, self._lab, students)


def _students(connection: Connection, lab: str) -> list[_Student]:
    """Those who handed in something, or have a score that a person set, in the order of their keys.

    Databases have different ideas of what that order is.
    """
    kinds = (Submission, Refusal, Override)
    theirs = union(*(select(kind.student_id).join(Lab).where(Lab.name == lab) for kind in kinds))
    found = connection.execute(select(Student.id, Student.key, Student.name).where(Student.id.in_(theirs)))
    return sorted((_Student(*row) for row in found), key=lambda student: student.key)


def _grades(connection: Connection, lab: str, students: Sequence[_Student]) -> Iterator[Grade]:
    ids, lab_id = [student.id for student in students], _id(connection, lab)
    refused, submitted = _refused(connection, lab, ids), counted(connection, lab_id, ids)
    examined = runs.read(connection, [one.attempt.run for one in submitted.values() if one.attempt.run is not None])
    overrides = _overrides(connection, lab, ids)
    zone = policy(connection, lab_id).zone
    passed = _passed(connection, [row.run_id for one in submitted.values() if len(one.all) > 1 for row in one.all])
    for id_, key, name in students:
        student, refusal, one = model.Student(key, name), refused.get(id_), submitted.get(id_)
        if one is not None:
            run = None if one.attempt.run is None else examined[one.attempt.run]
            when, trail = rows.handed_in(one.attempt.row, zone), _trail(one, zone, passed)
            grade = replace(_graded(lab, student, one, run, refusal), received_at=when, trail=trail)
        elif refusal is not None:
            grade = _rejected(lab, student, refusal)
        else:
            grade = _nothing(lab, student, overrides[id_].what.set_at)
        yield overrides[id_].on(grade, one) if id_ in overrides else grade


def _id(connection: Connection, lab: str) -> int:
    """The id of a lab that somebody handed in something for."""
    return int(connection.scalars(statements.LAB, {"lab": lab}).one())


def counting(connection: Connection, lab: str, attempt: Literal["latest", "best"]) -> list[Counting]:
    """What may count of each student if the latest or the best attempt does, and by which suite it is graded."""
    return _counting(connection, lab, lambda one: one.all if attempt == "best" else one.all[-1:])


def that_count(connection: Connection, lab: str) -> list[Counting]:
    """What counts of each student who handed in something, and by which suite it is graded."""
    return _counting(connection, lab, lambda one: (one.attempt.row,))


def _counting(connection: Connection, lab: str, chosen: Callable[[Counted], Sequence[rows.AnyRow]]) -> list[Counting]:
    found: list[Counting] = []
    for students in in_blocks(_students(connection, lab)):
        submitted = counted(connection, _id(connection, lab), [student.id for student in students])
        may = {who: chosen(one) for who, one in submitted.items()}
        keys = _keys(
            connection, lab, [row.run_id for theirs in may.values() for row in theirs if row.run_id is not None]
        )
        found += [
            Counting(row.id, model.Student(student.key, student.name), row.content, keys.get(row.run_id))
            for student in students
            for row in may.get(student.id, ())
        ]
    return found


def regraded(connection: Connection, lab: str) -> Iterator[Regraded]:
    """Of each student's attempt that counts, the run in effect beside the one before; sorted by the student's key."""
    for students in in_blocks(_students(connection, lab)):
        ids = [student.id for student in students]
        submitted = counted(connection, _id(connection, lab), ids)
        found = connection.execute(statements.RUNS_BEFORE, {"lab": lab, "students": ids})
        before: dict[int, int] = {submission: run for submission, run in found}  # noqa: C416 - a row is no pair of ints
        in_effect = [one.attempt.run for one in submitted.values() if one.attempt.run is not None]
        examined = runs.read(connection, [*before.values(), *in_effect])
        overrides = _overrides(connection, lab, ids)
        for id_, key, name in students:
            if id_ in submitted and (one := submitted[id_]).attempt.row.id in before:
                run = one.attempt.run
                old = examined[before[one.attempt.row.id]][1]
                new = examined[run][1] if run is not None else rows.ungraded()
                given = overrides[id_].what if id_ in overrides else None
                yield Regraded(model.Student(key, name), old, new, given, one.late)


def _keys(connection: Connection, lab: str, ids: Sequence[int]) -> dict[int, RunKey]:
    """What runs were made by, by their ids."""
    query = select(Run.id, Run.content, Run.lab_version, Run.suite, Run.sandbox).where(Run.id.in_(ids))
    return {
        id_: RunKey(content, lab, version, suite, sandbox)
        for id_, content, version, suite, sandbox in connection.execute(query)
    }


def _passed(connection: Connection, ids: Collection[int | None]) -> Mapping[int | None, frozenset[str]]:
    """The ids of the checks that passed, by the runs' ids."""
    found: defaultdict[int | None, set[str]] = defaultdict(set)
    for block in in_blocks(id_ for id_ in ids if id_ is not None):
        for run, check in connection.execute(statements.PASSED, {"runs": block}):
            found[run].add(check)
    return {run: frozenset(checks) for run, checks in found.items()}


def _trail(one: Counted, zone: str, passed: Mapping[int | None, frozenset[str]]) -> tuple[model.Attempt, ...]:
    """All attempts, where there are several."""
    if len(one.all) == 1:
        return ()
    return tuple(
        model.Attempt(
            at=rows.handed_in(row, zone),
            ending=row.ending or Ending.BROKEN,
            earned=row.earned,
            max_score=row.could or 0.0,
            passed=passed.get(row.run_id, frozenset()),
            counts=row == one.attempt.row,
            comparable=attempt.run == row.run_id,
        )
        for row, attempt in zip(one.all, comparable(one.all), strict=True)
    )


def _refused(connection: Connection, lab: str, students: Sequence[int]) -> dict[int, rows.AnyRow]:
    """What of each student was refused last and how `many` there are on record, by the student's id."""
    last = (
        select(Refusal.lab_id, Refusal.student_id, func.max(Refusal.turn).label("turn"), func.count().label("many"))
        .join(Lab)
        .where(Lab.name == lab, Refusal.student_id.in_(students))
        .group_by(Refusal.lab_id, Refusal.student_id)
        .subquery()
    )
    same = [getattr(Refusal, column.name) == column for column in last.columns if column.name != "many"]
    found = connection.execute(select(*Refusal.__table__.columns, last.c.many).join(last, and_(*same)))
    return {row.student_id: row for row in found}


def _overrides(connection: Connection, lab: str, students: Sequence[int]) -> dict[int, _Override]:
    """What persons set, by the students' ids."""
    found = connection.execute(statements.OVERRIDES, {"lab": lab, "students": students})
    return {student: _Override(model.Override(*values), run) for student, run, *values in found}


def _graded(
    lab: str,
    student: model.Student,
    one: Counted,
    run: tuple[rows.AnyRow, model.Run] | None,
    refusal: rows.AnyRow | None,
) -> Grade:
    row, examined = run or (None, rows.ungraded())
    counts = one.attempt.row
    return Grade(
        student=student,
        lab=lab,
        submission=counts.content,
        source=counts.source,
        run=rows.noted(examined, counts, one.all, refusal),
        score=one.score or 0.0,
        max_score=row.max_score if row else 0.0,
        graded_at=row.graded_at if row else counts.collected_at,
        attempts=len(one.all),
        late=one.late,
        pending=run is None,
    )


def _rejected(lab: str, student: model.Student, refusal: rows.AnyRow) -> Grade:
    return Grade(
        student=student,
        lab=lab,
        submission="",
        source=refusal.source,
        run=model.Run(Ending.REJECTED, message=refusal.reason),
        score=0.0,
        max_score=0.0,
        graded_at=refusal.refused_at,
        attempts=refusal.many,
    )


def _nothing(lab: str, student: model.Student, set_at: datetime) -> Grade:
    """Of somebody who handed in nothing, and has a score that a person set."""
    return Grade(
        student=student,
        lab=lab,
        submission="",
        source="",
        run=model.Run(Ending.BROKEN, fault="Nothing was handed in."),
        score=0.0,
        max_score=0.0,
        graded_at=set_at,
        attempts=0,
        pending=True,
    )
