"""Which attempt of a student counts, and how much of what it earned: read here, decided by `scoring`."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import astuple, fields
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, case, delete, insert, select

from grader import scoring
from grader.model import Ending
from grader.scoring import Late
from grader.store.blocks import in_blocks
from grader.store.rows import AnyRow
from grader.store.tables import Extension, Policy, Run, Submission

RULES: Final = tuple(field.name for field in fields(scoring.Policy))
"""The columns of a policy."""
_FINISHED: Final = Run.ending.not_in([Ending.BROKEN, Ending.REJECTED])
_OF_STUDENTS: Final = (
    select(
        *Submission.__table__.columns,
        case((_FINISHED, Run.score)).label("earned"),
        case((_FINISHED, Run.max_score)).label("could"),
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


class Counted(NamedTuple):
    """The attempt that counts of a student for a lab.

    Attributes:
        row: of `submissions`, with what its run `earned`, and what `could` be earned in it: None where it broke.
        late: None where it came in time, or nobody knows when.
        score: what is left of the points earned.
        all: every attempt of the student, in the order of turns.
    """

    row: AnyRow
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
            one = scoring.counting(theirs, rules, until.get(student))
            in_order = tuple(sorted(theirs, key=lambda row: row.turn))
            found[student] = Counted(one.attempt, one.late, one.score, in_order)
    return found


def _extensions(connection: Connection, whose: Mapping[str, object]) -> dict[int, datetime]:
    return {student: until for student, until in connection.execute(_EXTENSIONS, whose)}  # noqa: C416 - a row is no pair
