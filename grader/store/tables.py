"""The schema; `queue_tables` has what workers are asked.

A change needs a migration; docs/reference/database.md says how.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    String,
    UniqueConstraint,
    event,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from grader.model import Change, Ending, FigureKind, Outcome, Visibility
from grader.store.columns import AnyJson, AnyText, Moment, vocabulary


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: AnyText(), datetime: Moment(), float: Double()}  # noqa: RUF012 - SQLAlchemy's declaration


class Student(Base):
    """A person in a class."""

    __tablename__ = "students"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True, comment="LMS id, user name, or the name of the file or folder")
    name: Mapped[str] = mapped_column(comment="for people to read; the one seen last")


class Lab(Base):
    """A lab that something was handed in for."""

    __tablename__ = "labs"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True, comment="its folder in the course")


class Content(Base):
    """The files of a submission, once however many students handed them in."""

    __tablename__ = "contents"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True, comment="SHA-256 in hex, see intake.digest")
    entry: Mapped[str] = mapped_column(comment="path of the lab's file")
    files: Mapped[bytes] = mapped_column(LargeBinary, comment="zlib-compressed msgpack map: path -> content")


class Submission(Base):
    """A content that a student handed in for a lab."""

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("student_id", "lab_id", "content"),
        UniqueConstraint("student_id", "lab_id", "attempt"),
        UniqueConstraint("student_id", "lab_id", "turn"),
        ForeignKeyConstraint(["run_id", "content", "lab_id"], ["runs.id", "runs.content", "runs.lab_id"]),
        CheckConstraint("attempt > 0", name="attempt"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"))
    lab_id: Mapped[int] = mapped_column(ForeignKey("labs.id"), index=True)
    content: Mapped[str] = mapped_column(ForeignKey("contents.digest"))
    attempt: Mapped[int] = mapped_column(comment="1 for the first content of this student for this lab")
    turn: Mapped[int] = mapped_column(comment="grows with each hand-in or refusal; the largest counts")
    source: Mapped[str] = mapped_column(comment="where it was found last")
    received_at: Mapped[datetime | None] = mapped_column(comment="when it was handed in, UTC, where known")
    told_at: Mapped[datetime | None] = mapped_column(
        comment="when this content was handed in first, as a platform told; null: none did"
    )
    told_local: Mapped[bool] = mapped_column(
        server_default=false(), comment="told_at is by clocks of the lab's zone, else UTC"
    )
    collected_at: Mapped[datetime] = mapped_column(comment="when it was taken in last, UTC")
    run_id: Mapped[int | None] = mapped_column(index=True, comment="the run in effect")


class Refusal(Base):
    """Something that could not be taken in."""

    __tablename__ = "refusals"
    __table_args__ = (UniqueConstraint("student_id", "lab_id", "turn"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"))
    lab_id: Mapped[int] = mapped_column(ForeignKey("labs.id"), index=True)
    turn: Mapped[int] = mapped_column(comment="shares the counter of submissions.turn")
    source: Mapped[str] = mapped_column(comment="where it was found")
    reason: Mapped[str] = mapped_column(comment="a sentence for its author")
    refused_at: Mapped[datetime] = mapped_column(comment="the last time, UTC")


class Run(Base):
    """The examination of one content under one suite in one sandbox."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("content", "lab_id", "lab_version", "suite", "sandbox"),
        UniqueConstraint("id", "content", "lab_id"),  # what submissions refer to
        CheckConstraint("score >= 0 AND score <= max_score", name="score"),
        CheckConstraint("cpu_seconds >= 0 AND wall_seconds >= 0", name="seconds"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(ForeignKey("contents.digest"))
    lab_id: Mapped[int] = mapped_column(ForeignKey("labs.id"))
    lab_version: Mapped[str] = mapped_column(comment="version in lab.toml")
    suite: Mapped[str] = mapped_column(comment="digest of hidden suite, limits and dataset")
    sandbox: Mapped[str] = mapped_column(comment="identity of the software that student code ran with")
    ending: Mapped[Ending] = mapped_column(vocabulary(Ending), comment="broken: ungraded, may be replaced")
    score: Mapped[float] = mapped_column(comment="points earned, two decimals")
    max_score: Mapped[float] = mapped_column(comment="points that could be earned, two decimals")
    message: Mapped[str] = mapped_column(comment="for the student, about an ending other than completed")
    fault: Mapped[str] = mapped_column(comment="for the operator, when broken")
    notes: Mapped[list[Any]] = mapped_column(AnyJson, comment="list of sentences for the student")
    flags: Mapped[list[Any]] = mapped_column(AnyJson, comment="list of flags for a person to look at")
    output: Mapped[str] = mapped_column(comment="what the student's code printed, bounded")
    cpu_seconds: Mapped[float] = mapped_column(comment="CPU time of the submission's processes")
    wall_seconds: Mapped[float] = mapped_column(comment="time on the host's clock")
    launcher: Mapped[str | None] = mapped_column(comment="docker or local; null when no sandbox was reached")
    isolation: Mapped[str | None] = mapped_column(comment="what separated it from the machine")
    image: Mapped[str | None] = mapped_column(comment="image id or versions")
    device: Mapped[str | None] = mapped_column(comment="cpu, or the GPU's name and UUID")
    graded_at: Mapped[datetime] = mapped_column(comment="UTC")


class Override(Base):
    """A score that a person set."""

    __tablename__ = "overrides"
    __table_args__ = (
        CheckConstraint("score >= 0 AND score <= max_score", name="score"),
        CheckConstraint("trim(reason) <> ''", name="reason"),
        CheckConstraint("trim(set_by) <> ''", name="set_by"),
    )

    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"), primary_key=True)
    lab_id: Mapped[int] = mapped_column(ForeignKey("labs.id"), primary_key=True, index=True)
    score: Mapped[float] = mapped_column(comment="counts in place of what runs earn, two decimals")
    max_score: Mapped[float] = mapped_column(comment="points of the lab when it was set")
    reason: Mapped[str] = mapped_column(comment="a sentence for those who teach")
    set_by: Mapped[str] = mapped_column(comment="who set it")
    set_at: Mapped[datetime] = mapped_column(comment="UTC")
    run_id: Mapped[int | None] = mapped_column(
        ForeignKey("runs.id"), comment="the run in effect when it was set; null: none was"
    )


class Policy(Base):
    """The rules of a lab that are in effect; without a row the latest attempt counts and nothing is late."""

    __tablename__ = "policies"
    __table_args__ = (
        CheckConstraint("attempt IN ('latest', 'best')", name="attempt"),
        CheckConstraint("grace_hours >= 0 AND grace_hours <= 8760", name="grace_hours"),
        CheckConstraint("per_day >= 0 AND per_day <= 100 AND floor >= 0 AND floor <= 100", name="percent"),
    )

    lab_id: Mapped[int] = mapped_column(ForeignKey("labs.id"), primary_key=True)
    attempt: Mapped[Literal["latest", "best"]] = mapped_column(String(16), comment="which one counts")
    due: Mapped[datetime | None] = mapped_column(comment="UTC; null: nothing is late")
    zone: Mapped[str] = mapped_column(comment="whose clocks days are counted by, a name of the IANA database")
    grace_hours: Mapped[float] = mapped_column(comment="so much later is not late")
    per_day: Mapped[float] = mapped_column(comment="percent of the points earned that each day begun costs")
    floor: Mapped[float] = mapped_column(comment="percent of the points earned that are kept, however late")


class Extension(Base):
    """More time for a student."""

    __tablename__ = "extensions"
    __table_args__ = (
        CheckConstraint("trim(reason) <> ''", name="reason"),
        CheckConstraint("trim(set_by) <> ''", name="set_by"),
    )

    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"), primary_key=True)
    lab_id: Mapped[int] = mapped_column(ForeignKey("labs.id"), primary_key=True, index=True)
    until: Mapped[datetime] = mapped_column(comment="due for this student, UTC")
    reason: Mapped[str] = mapped_column(comment="a sentence for those who teach")
    set_by: Mapped[str] = mapped_column(comment="who gave it")
    set_at: Mapped[datetime] = mapped_column(comment="UTC")


class Audit(Base):
    """A change of a grade. Rows are added and never changed or removed: triggers see to it."""

    __tablename__ = "audit"
    __table_args__ = (
        CheckConstraint("old_score >= 0 AND new_score >= 0 AND earned >= 0", name="scores"),
        CheckConstraint("(new_score IS NULL) = (max_score IS NULL) AND new_score <= max_score", name="max_score"),
        CheckConstraint("trim(actor) <> ''", name="actor"),
        CheckConstraint(
            "change NOT IN ('set', 'changed') OR (new_score IS NOT NULL AND trim(reason) <> '')", name="by_hand"
        ),
        CheckConstraint("change NOT IN ('policy', 'extended') OR trim(reason) <> ''", name="reason"),
        CheckConstraint("(change = 'extended') = (until IS NOT NULL)", name="until"),
        CheckConstraint("late_days >= 0 AND (late_days = 0 OR attempt IS NOT NULL)", name="late_days"),
        CheckConstraint("run_id IS NULL OR attempt IS NOT NULL", name="attempt"),
        CheckConstraint("earned IS NULL OR run_id IS NOT NULL", name="earned"),
        ForeignKeyConstraint(
            ["student_id", "lab_id", "attempt"], ["submissions.student_id", "submissions.lab_id", "submissions.attempt"]
        ),
        Index("ix_audit_lab_id_student_id", "lab_id", "student_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"))
    lab_id: Mapped[int] = mapped_column(ForeignKey("labs.id"))
    at: Mapped[datetime] = mapped_column(comment="UTC; of before: when that run was graded")
    change: Mapped[Change] = mapped_column(vocabulary(Change), comment="what changed it")
    actor: Mapped[str] = mapped_column(comment="the person; grader where grading changed it")
    old_score: Mapped[float | None] = mapped_column(comment="null: there was none")
    new_score: Mapped[float | None] = mapped_column(comment="null: there is none from now on")
    max_score: Mapped[float | None] = mapped_column(comment="what the new score is out of; null: there is none")
    reason: Mapped[str] = mapped_column(comment="what a person said, or new rules; empty where grading changed it")
    attempt: Mapped[int | None] = mapped_column(comment="what counts from now on; null: nothing was handed in")
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), comment="its run in effect from now on")
    earned: Mapped[float | None] = mapped_column(comment="what that run earned; null: nothing ran, or it broke")
    late_days: Mapped[int] = mapped_column(server_default="0", comment="how late that attempt came; 0: in time")
    until: Mapped[datetime | None] = mapped_column(comment="the time that a person gave, UTC")


APPEND_ONLY: Final[Mapping[str, Sequence[str]]] = {
    "sqlite": (
        (
            "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
        ),
        (
            "CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
        ),
        (  # INSERT OR REPLACE removes rows without asking the one above
            "CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit "
            "WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
            "'the audit log is only added to' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        ),
        (
            "CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()"
        ),
    ),
}
"""By dialect: what keeps the audit log as it was written."""

for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        event.listen(Audit.__table__, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]


class Export(Base):
    """A file with a lab's grades that was delivered."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("trim(format) <> ''", name="format"),
        CheckConstraint("trim(made_by) <> ''", name="made_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lab_id: Mapped[int] = mapped_column(ForeignKey("labs.id"), index=True)
    format: Mapped[str] = mapped_column(comment="as on the command line, e.g. canvas")
    made_by: Mapped[str] = mapped_column(comment="who made it")
    made_at: Mapped[datetime] = mapped_column(comment="UTC; it was delivered by then")


class ExportedGrade(Base):
    """What an export says of a student; who is left out of it has no row."""

    __tablename__ = "exported_grades"
    __table_args__ = (
        CheckConstraint("(score IS NULL) = (max_score IS NULL)", name="max_score"),
        CheckConstraint("score >= 0 AND score < max_score + 0.01", name="score"),  # which alone is rounded
    )

    export_id: Mapped[int] = mapped_column(ForeignKey("exports.id"), primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"), primary_key=True, index=True)
    score: Mapped[float | None] = mapped_column(comment="as it stands there, two decimals; null: that there is none")
    max_score: Mapped[float | None] = mapped_column(comment="what it is out of there; null: there is no score")
    in_file: Mapped[bool] = mapped_column(comment="false: left out, since the gradebook had this score already")


class Comparison(Base):
    """The last time that the submissions of a lab were compared with each other."""

    __tablename__ = "comparisons"
    __table_args__ = (CheckConstraint("threshold > 0 AND threshold <= 1", name="threshold"),)

    lab_id: Mapped[int] = mapped_column(ForeignKey("labs.id"), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(comment="UTC")
    threshold: Mapped[float] = mapped_column(comment="the share from which on a pair is named")
    found: Mapped[int] = mapped_column(comment="how many pairs there were; those with the largest shares are kept")


class Compared(Base):
    """A submission that was compared with the others."""

    __tablename__ = "compared"

    lab_id: Mapped[int] = mapped_column(ForeignKey("comparisons.lab_id", ondelete="CASCADE"), primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True, index=True)


class Likeness(Base):
    """Two contents that have much in common: something to look at, and no verdict."""

    __tablename__ = "likenesses"
    __table_args__ = (
        CheckConstraint("left_share >= 0 AND left_share <= 1 AND right_share >= 0 AND right_share <= 1", name="shares"),
    )

    lab_id: Mapped[int] = mapped_column(ForeignKey("comparisons.lab_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="most alike first, from 0")
    left_content: Mapped[str] = mapped_column(ForeignKey("contents.digest"))
    right_content: Mapped[str] = mapped_column(
        ForeignKey("contents.digest"), comment="the left one itself where several handed it in"
    )
    left_share: Mapped[float] = mapped_column(comment="how much of the left one is in the right one")
    right_share: Mapped[float] = mapped_column(comment="the other way round")
    shared: Mapped[int] = mapped_column(comment="how many pieces of code they share")
    passages: Mapped[list[Any]] = mapped_column(
        AnyJson, comment="list of [[first, last], [first, last]]: matching lines, left and right, from 1"
    )


class CheckResult(Base):
    """One row of a run's feedback."""

    __tablename__ = "check_results"
    __table_args__ = (
        UniqueConstraint("run_id", "id"),
        CheckConstraint("points >= 0 AND points <= max_points", name="points"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="order in the suite, from 0")
    id: Mapped[str] = mapped_column(comment="the check's id in the suite")
    title: Mapped[str]
    group: Mapped[str]
    outcome: Mapped[Outcome] = mapped_column(vocabulary(Outcome))
    points: Mapped[float]
    max_points: Mapped[float]
    asked: Mapped[str] = mapped_column(comment="what the check asked for")
    message: Mapped[str] = mapped_column(comment="what happened, for the student")
    hint: Mapped[str]
    traceback: Mapped[str] = mapped_column(comment="the student's own lines")
    depends: Mapped[list[Any]] = mapped_column(AnyJson, comment="list of check ids that this one needs")
    visibility: Mapped[Visibility] = mapped_column(vocabulary(Visibility), comment="who sees the message")
    metrics: Mapped[list[Any]] = mapped_column(
        AnyJson, server_default="[]", comment="list of {name, value, low, high}: what was measured, and its thresholds"
    )
    why: Mapped[str] = mapped_column(server_default="", comment="why it matters")


class Figure(Base):
    """A picture for the student's page, as data."""

    __tablename__ = "figures"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="order on the page, from 0")
    kind: Mapped[FigureKind] = mapped_column(vocabulary(FigureKind))
    title: Mapped[str]
    alt: Mapped[str] = mapped_column(comment="the text that stands for the picture")
    data: Mapped[dict[str, Any]] = mapped_column(AnyJson, comment="what the kind says")
    about: Mapped[str] = mapped_column(server_default="", comment="id of its check; empty: of the run as a whole")
