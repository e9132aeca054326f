"""What is asked of the database for each submission. Made once: making a statement costs more than its answer."""

from dataclasses import fields
from typing import Final

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, union, union_all, update

from grader import model
from grader.model import Ending, Outcome
from grader.store.tables import (
    Audit,
    CheckResult,
    Content,
    Extension,
    Figure,
    Lab,
    Override,
    Refusal,
    Run,
    Student,
    Submission,
)

# ------------------------------------------------------------ what students handed in

STUDENT: Final = select(Student.id, Student.name).where(Student.key == bindparam("who"))
NEW_STUDENT: Final = insert(Student)
PEOPLE: Final = select(Student.id, Student.key, Student.name).where(Student.id.in_(bindparam("ids", expanding=True)))
CALL_STUDENT: Final = update(Student).where(Student.id == bindparam("student")).values(name=bindparam("called"))

LAB: Final = select(Lab.id).where(Lab.name == bindparam("lab"))
NEW_LAB: Final = insert(Lab)

CONTENT: Final = select(Content.digest).where(Content.digest == bindparam("content"))
NEW_CONTENT: Final = insert(Content)

LAST_TURN: Final = select(
    func.max(
        union_all(
            *(
                select(kind.turn).where(kind.student_id == bindparam("student"), kind.lab_id == bindparam("lab"))
                for kind in (Submission, Refusal)
            )
        )
        .subquery()
        .c.turn
    )
)
SUBMISSIONS: Final = select(
    Submission.id,
    Submission.content,
    Submission.turn,
    Submission.received_at,
    Submission.told_at,
    Submission.told_local,
    Submission.collected_at,
).where(Submission.student_id == bindparam("student"), Submission.lab_id == bindparam("lab"))
_SEEN: Final = ("turn", "source", "received_at", "told_at", "told_local", "collected_at")
NEW_SUBMISSION: Final = insert(Submission)
SEE_SUBMISSION: Final = (
    update(Submission)
    .where(Submission.id == bindparam("submission"))
    .values({name: bindparam(f"new_{name}") for name in _SEEN})
)
SUBMISSION: Final = (
    select(
        Student.key,
        Student.name,
        Lab.name.label("lab"),
        Content.files,
        Content.entry,
        Content.digest,
        Submission.source,
        Submission.received_at,
        Submission.told_at,
        Submission.told_local,
    )
    .join_from(Submission, Student)
    .join(Lab, Lab.id == Submission.lab_id)
    .join(Content)
    .where(Submission.id == bindparam("submission"))
)
NAMES: Final = (
    select(Submission.id, Student.name)
    .join_from(Submission, Student)
    .where(Submission.id.in_(bindparam("ids", expanding=True)))
)
DIGESTS: Final = select(Submission.id, Submission.content).where(Submission.id.in_(bindparam("ids", expanding=True)))

# ------------------------------------------------------------ runs

RUN: Final = (
    select(Run.id, Run.ending)
    .join(Lab)
    .where(
        Lab.name == bindparam("lab"),
        Run.content == bindparam("submission"),
        Run.lab_version == bindparam("lab_version"),
        Run.suite == bindparam("suite"),
        Run.sandbox == bindparam("sandbox"),
    )
)
FINISHED_RUNS: Final = (
    select(Run.id, Run.content, Lab.name, Run.lab_version, Run.suite, Run.sandbox)
    .join(Lab)
    .where(Run.content.in_(bindparam("contents", expanding=True)), Run.ending != Ending.BROKEN)
)
PASSED: Final = select(CheckResult.run_id, CheckResult.id).where(
    CheckResult.outcome == Outcome.PASSED, CheckResult.run_id.in_(bindparam("runs", expanding=True))
)
NEW_RUN: Final = insert(Run)
NEW_CHECKS: Final = insert(CheckResult)
NEW_FIGURES: Final = insert(Figure)
FORGET_RECORDS: Final = tuple(delete(table).where(table.run_id == bindparam("run")) for table in (CheckResult, Figure))
PUT_INTO_EFFECT: Final = (
    update(Submission).where(Submission.id == bindparam("submission")).values(run_id=bindparam("run"))
)

# ------------------------------------------------------------ what persons set and see

LABS: Final = select(Lab.name).where(
    Lab.id.in_(
        union(
            *(
                select(kind.lab_id).where(kind.student_id == bindparam("student"))
                for kind in (Submission, Refusal, Audit)  # who has an extension has a row in the log
            )
        )
    )
)
EXTENSION: Final = (
    select(Extension.until).join(Student).join(Lab).where(Student.key == bindparam("who"), Lab.name == bindparam("lab"))
)
OVERRIDES: Final = (
    select(Override.student_id, Override.run_id, *(getattr(Override, field.name) for field in fields(model.Override)))
    .join(Lab)
    .where(Lab.name == bindparam("lab"), Override.student_id.in_(bindparam("students", expanding=True)))
)

_WAS: Final = (
    select(Submission.id, func.max(Audit.id).label("row"))
    .join(Lab, Lab.id == Submission.lab_id)
    .join(
        Audit,
        and_(
            Audit.student_id == Submission.student_id,
            Audit.lab_id == Submission.lab_id,
            Audit.attempt == Submission.attempt,
            Audit.earned.is_not(None),
            or_(Submission.run_id.is_(None), Audit.run_id != Submission.run_id),
        ),
    )
    .where(Lab.name == bindparam("lab"), Submission.student_id.in_(bindparam("students", expanding=True)))
    .group_by(Submission.id)
    .subquery()
)
RUNS_BEFORE: Final = select(_WAS.c.id, Audit.run_id).join(Audit, Audit.id == _WAS.c.row)
"""(submission's id, id of the run that was in effect for it last, before the one that is)."""
