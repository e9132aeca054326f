"""The grade that counts of each student: read here, never written."""

from collections import defaultdict
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from grader import model
from grader.model import Ending, Grade
from grader.store import rows
from grader.store.tables import CheckResult, Figure, Lab, Refusal, Run, Student, Submission

Kind = TypeVar("Kind", Submission, Refusal)


def grades_of(session: Session, lab: str) -> list[Grade]:
    """See `Store.grades`."""
    lab_id = session.scalar(select(Lab.id).where(Lab.name == lab))
    if lab_id is None:
        return []
    refused = {
        student.key: (student, refusal, count) for student, refusal, count in session.execute(_latest(Refusal, lab_id))
    }
    found = {key: _rejected(lab, *latest) for key, latest in refused.items()}
    runs = _runs(session, lab_id)
    for student, submission, count in session.execute(_latest(Submission, lab_id)):
        _, refusal, _ = refused.get(student.key, (student, None, 0))
        later = refusal if refusal is not None and refusal.turn > submission.turn else None
        found[student.key] = _graded(lab, student, submission, count, runs.get(submission.run_id), later)
    return [found[key] for key in sorted(found)]


def _latest(kind: type[Kind], lab_id: int) -> Select[Student, Kind, int]:
    """Each student, what the student handed in last, and how many there are on record."""
    per_student = (
        select(kind.student_id, func.max(kind.turn).label("turn"), func.count().label("many"))
        .where(kind.lab_id == lab_id)
        .group_by(kind.student_id)
        .subquery()
    )
    return (
        select(Student, kind, per_student.c.many)
        .join(kind, kind.student_id == Student.id)
        .join(per_student, (per_student.c.student_id == Student.id) & (per_student.c.turn == kind.turn))
        .where(kind.lab_id == lab_id)
    )


def _runs(session: Session, lab_id: int) -> dict[int | None, tuple[Run, model.Run]]:
    """The runs in effect for the lab, by their id."""
    chosen = select(Submission.run_id).where(Submission.lab_id == lab_id)
    checks, figures = _by_run(session, CheckResult, chosen), _by_run(session, Figure, chosen)
    return {
        row.id: (row, rows.run(row, [*map(rows.check, checks[row.id])], [*map(rows.figure, figures[row.id])]))
        for row in session.scalars(select(Run).where(Run.id.in_(chosen)))
    }


def _by_run(
    session: Session, table: type[CheckResult | Figure], chosen: Select[int | None]
) -> defaultdict[int, list[dict[str, Any]]]:
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    columns = table.__table__.columns
    query = select(*columns).where(table.run_id.in_(chosen)).order_by(table.run_id, table.position)
    for row in session.execute(query).mappings():
        values = dict(row)
        del values["position"]
        found[values.pop("run_id")].append(values)
    return found


def _graded(
    lab: str,
    student: Student,
    submission: Submission,
    attempts: int,
    run: tuple[Run, model.Run] | None,
    later: Refusal | None,
) -> Grade:
    row, examined = run or (None, rows.ungraded())
    return Grade(
        student=rows.student(student),
        lab=lab,
        submission=submission.content,
        source=submission.source,
        run=rows.noted(examined, later),
        score=row.score if row else 0.0,
        max_score=row.max_score if row else 0.0,
        graded_at=row.graded_at if row else submission.collected_at,
        received_at=submission.received_at,
        attempts=attempts,
        pending=run is None,
    )


def _rejected(lab: str, student: Student, refusal: Refusal, attempts: int) -> Grade:
    return Grade(
        student=rows.student(student),
        lab=lab,
        submission="",
        source=refusal.source,
        run=model.Run(Ending.REJECTED, message=refusal.reason),
        score=0.0,
        max_score=0.0,
        graded_at=refusal.refused_at,
        attempts=attempts,
    )
