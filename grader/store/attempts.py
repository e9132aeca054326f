"""Which attempt of a student counts, and how much of what it earned: read here, decided by `scoring`."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import astuple, fields
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, case, delete, insert, select

from grader import scoring
from grader.model import Ending
from grader.scoring import Late
from grader.store.blocks import in_blocks
from grader.store.rows import AnyRow, told
from grader.store.tables import Extension, Policy, Run, Submission

RULES: Final = tuple(field.name for field in fields(scoring.Policy))
"""The columns of a policy."""
_FINISHED: Final = Run.ending.not_in([Ending.BROKEN, Ending.REJECTED])
_OF_STUDENTS: Final = (
    select(
        *Submission.__table__.columns,
        case((_FINISHED, Run.score)).label("earned"),
        case((_FINISHED, Run.max_score)).label("could"),
        Run.ending,
        Run.lab_version,
        Run.suite,
        Run.sandbox,
    )
    .outerjoin(Run, Run.id == Submission.run_id)
    .where(Submission.lab_id == bindparam("lab"), Submission.student_id.in_(bindparam("students", expanding=True)))
)
_STUDENTS: Final = select(Submission.student_id).distinct().where(Submission.id.in_(bindparam("ids", expanding=True)))
_ALL_STUDENTS: Final = select(Submission.student_id).distinct().where(Submission.lab_id == bindparam("lab"))
_POLICY: Final = select(*(getattr(Policy, name) for name in RULES)).where(Policy.lab_id == bindparam("lab"))
_EXTENSIONS: Final = select(Extension.student_id, Extension.until).where(
    Extension.lab_id == bindparam("lab"), Extension.student_id.in_(bindparam("students", expanding=True))
)


class Attempt(NamedTuple):
    """An attempt as it compares with the student's others.

    Attributes:
        row: of `submissions`.
        run: the id of its run in effect; None where that is by another suite or sandbox than the latest's.
        earned: what that run earned; None where there is none, or it broke.
        could: what could be earned in it.
        told_at: when it was handed in, as a platform told; naive where that is local time.
    """

    row: AnyRow
    turn: int
    run: int | None
    earned: float | None
    could: float | None
    told_at: datetime | None


class Counted(NamedTuple):
    """The attempt that counts of a student for a lab.

    Attributes:
        late: None where it came in time, or nobody knows when.
        score: what is left of the points earned.
        all: every attempt of the student, in the order of turns.
    """

    attempt: Attempt
    late: Late | None
    score: float | None
    all: tuple[AnyRow, ...]


def policy(connection: Connection, lab: int) -> scoring.Policy:
    """The rules that are in effect."""
    row = connection.execute(_POLICY, {"lab": lab}).one_or_none()
    return scoring.Policy(*row) if row else scoring.Policy()


def put_policy(connection: Connection, lab: int, rules: scoring.Policy) -> None:
    """Put rules into effect."""
    connection.execute(delete(Policy).where(Policy.lab_id == lab))
    connection.execute(insert(Policy).values(lab_id=lab, **dict(zip(RULES, astuple(rules), strict=True))))


def students(connection: Connection, submissions: Collection[int]) -> list[int]:
    """The ids of those who handed in these submissions, given by their ids."""
    return [who for ids in in_blocks(submissions) for who in connection.scalars(_STUDENTS, {"ids": ids})]


def all_students(connection: Connection, lab: int) -> list[int]:
    """The ids of those who handed in something."""
    return list(connection.scalars(_ALL_STUDENTS, {"lab": lab}))


def counted(
    connection: Connection, lab: int, students: Collection[int], rules: scoring.Policy | None = None
) -> dict[int, Counted]:
    """What counts of each of these students who handed in something, by the student's id.

    Args:
        rules: those by which it is decided; None for those in effect.
    """
    rules = rules or policy(connection, lab)
    found: dict[int, Counted] = {}
    for ids in in_blocks(students):
        whose = {"lab": lab, "students": ids}
        until = _extensions(connection, whose) if rules.due else {}
        attempts: defaultdict[int, list[AnyRow]] = defaultdict(list)
        for row in connection.execute(_OF_STUDENTS, whose):
            attempts[row.student_id].append(row)
        for student, theirs in attempts.items():
            in_order = tuple(sorted(theirs, key=lambda row: row.turn))
            one = scoring.counting(comparable(in_order), rules, until.get(student))
            found[student] = Counted(one.attempt, one.late, one.score, in_order)
    return found


def comparable(in_order: Sequence[AnyRow]) -> Iterator[Attempt]:
    """Attempts, of which those have results that are by the suite and sandbox of the latest that has any."""
    runs = [(row.lab_version, row.suite, row.sandbox) for row in in_order]
    present = next((run for row, run in zip(in_order[::-1], runs[::-1], strict=True) if row.run_id is not None), None)
    for row, run in zip(in_order, runs, strict=True):
        run_id, earned, could = (row.run_id, row.earned, row.could) if run == present else (None, None, None)
        yield Attempt(row, row.turn, run_id, earned, could, told(row))


def _extensions(connection: Connection, whose: Mapping[str, object]) -> dict[int, datetime]:
    return {student: until for student, until in connection.execute(_EXTENSIONS, whose)}  # noqa: C416 - a row is no pair
