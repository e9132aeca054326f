"""The first tables.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them, those first that others refer to."""
    _contents_labs_students()
    _runs()
    _check_results_and_figures()
    _submissions()
    _refusals()


def _contents_labs_students() -> None:
    op.create_table(
        "contents",
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 in hex, see intake.digest"),
        sa.Column("entry", sa.Text(), nullable=False, comment="path of the lab's file"),
        sa.Column("files", sa.LargeBinary(), nullable=False, comment="zlib-compressed msgpack map: path -> content"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_contents")),
    )
    op.create_table(
        "labs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="its folder in the course"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labs")),
        sa.UniqueConstraint("name", name=op.f("uq_labs_name")),
    )
    op.create_table(
        "students",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="LMS id, user name, or the name of the file or folder"),
        sa.Column("name", sa.Text(), nullable=False, comment="for people to read; the one seen last"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_students")),
        sa.UniqueConstraint("key", name=op.f("uq_students_key")),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("lab_version", sa.Text(), nullable=False, comment="version in lab.toml"),
        sa.Column("suite", sa.Text(), nullable=False, comment="digest of hidden suite, limits and dataset"),
        sa.Column("sandbox", sa.Text(), nullable=False, comment="identity of the software that student code ran with"),
        sa.Column(
            "ending",
            sa.Enum(
                "completed",
                "timeout",
                "memory",
                "crashed",
                "rejected",
                "broken",
                name="ending",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
            comment="broken: ungraded, may be replaced",
        ),
        sa.Column("score", sa.Double(), nullable=False, comment="points earned, two decimals"),
        sa.Column("max_score", sa.Double(), nullable=False, comment="points that could be earned, two decimals"),
        sa.Column(
            "message", sa.Text(), nullable=False, comment="for the student, about an ending other than completed"
        ),
        sa.Column("fault", sa.Text(), nullable=False, comment="for the operator, when broken"),
        sa.Column("notes", sa.JSON(), nullable=False, comment="list of sentences for the student"),
        sa.Column("flags", sa.JSON(), nullable=False, comment="list of flags for a person to look at"),
        sa.Column("output", sa.Text(), nullable=False, comment="what the student's code printed, bounded"),
        sa.Column("cpu_seconds", sa.Double(), nullable=False, comment="CPU time of the submission's processes"),
        sa.Column("wall_seconds", sa.Double(), nullable=False, comment="time on the host's clock"),
        sa.Column("launcher", sa.Text(), nullable=True, comment="docker or local; null when no sandbox was reached"),
        sa.Column("isolation", sa.Text(), nullable=True, comment="what separated it from the machine"),
        sa.Column("image", sa.Text(), nullable=True, comment="image id or versions"),
        sa.Column("device", sa.Text(), nullable=True, comment="cpu, or the GPU's name and UUID"),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.CheckConstraint("cpu_seconds >= 0 AND wall_seconds >= 0", name=op.f("ck_runs_seconds")),
        sa.CheckConstraint("score >= 0 AND score <= max_score", name=op.f("ck_runs_score")),
        sa.ForeignKeyConstraint(["content"], ["contents.digest"], name=op.f("fk_runs_content")),
        sa.ForeignKeyConstraint(["lab_id"], ["labs.id"], name=op.f("fk_runs_lab_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint(
            "content",
            "lab_id",
            "lab_version",
            "suite",
            "sandbox",
            name=op.f("uq_runs_content_lab_id_lab_version_suite_sandbox"),
        ),
        sa.UniqueConstraint("id", "content", "lab_id", name=op.f("uq_runs_id_content_lab_id")),
    )


def _check_results_and_figures() -> None:
    op.create_table(
        "check_results",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False, comment="order in the suite, from 0"),
        sa.Column("id", sa.Text(), nullable=False, comment="the check's id in the suite"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "passed",
                "partial",
                "failed",
                "error",
                "skipped",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False, comment="what the check asked for"),
        sa.Column("message", sa.Text(), nullable=False, comment="what happened, for the student"),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("traceback", sa.Text(), nullable=False, comment="the student's own lines"),
        sa.Column("depends", sa.JSON(), nullable=False, comment="list of check ids that this one needs"),
        sa.Column(
            "visibility",
            sa.Enum("student", "staff", name="visibility", native_enum=False, create_constraint=True, length=16),
            nullable=False,
            comment="who sees the message",
        ),
        sa.CheckConstraint("points >= 0 AND points <= max_points", name=op.f("ck_check_results_points")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_check_results_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_check_results")),
        sa.UniqueConstraint("run_id", "id", name=op.f("uq_check_results_run_id_id")),
    )
    op.create_table(
        "figures",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False, comment="order on the page, from 0"),
        sa.Column(
            "kind",
            sa.Enum("confusion", "images", name="figurekind", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False, comment="the text that stands for the picture"),
        sa.Column("data", sa.JSON(), nullable=False, comment="what the kind says"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_figures_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_figures")),
    )


def _submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column(
            "attempt", sa.Integer(), nullable=False, comment="1 for the first content of this student for this lab"
        ),
        sa.Column(
            "turn", sa.Integer(), nullable=False, comment="grows with each hand-in or refusal; the largest counts"
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="where it was found last"),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), nullable=True, comment="when it was handed in, UTC, where known"
        ),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=False, comment="when it was taken in last, UTC"),
        sa.Column("run_id", sa.Integer(), nullable=True, comment="the run in effect"),
        sa.CheckConstraint("attempt > 0", name=op.f("ck_submissions_attempt")),
        sa.ForeignKeyConstraint(["content"], ["contents.digest"], name=op.f("fk_submissions_content")),
        sa.ForeignKeyConstraint(["lab_id"], ["labs.id"], name=op.f("fk_submissions_lab_id")),
        sa.ForeignKeyConstraint(
            ["run_id", "content", "lab_id"],
            ["runs.id", "runs.content", "runs.lab_id"],
            name=op.f("fk_submissions_run_id_content_lab_id"),
        ),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_submissions_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint("student_id", "lab_id", "attempt", name=op.f("uq_submissions_student_id_lab_id_attempt")),
        sa.UniqueConstraint("student_id", "lab_id", "content", name=op.f("uq_submissions_student_id_lab_id_content")),
        sa.UniqueConstraint("student_id", "lab_id", "turn", name=op.f("uq_submissions_student_id_lab_id_turn")),
    )
    op.create_index(op.f("ix_submissions_lab_id"), "submissions", ["lab_id"], unique=False)


def _refusals() -> None:
    op.create_table(
        "refusals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False, comment="shares the counter of submissions.turn"),
        sa.Column("source", sa.Text(), nullable=False, comment="where it was found"),
        sa.Column("reason", sa.Text(), nullable=False, comment="a sentence for its author"),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False, comment="the last time, UTC"),
        sa.ForeignKeyConstraint(["lab_id"], ["labs.id"], name=op.f("fk_refusals_lab_id")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_refusals_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusals")),
        sa.UniqueConstraint("student_id", "lab_id", "turn", name=op.f("uq_refusals_student_id_lab_id_turn")),
    )
    op.create_index(op.f("ix_refusals_lab_id"), "refusals", ["lab_id"], unique=False)
