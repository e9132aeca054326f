"""What was exported: when, by whom, and what it says of each student.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Of what was exported before, nothing is known."""
    op.create_table(
        "exports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False, comment="as on the command line, e.g. canvas"),
        sa.Column("made_by", sa.Text(), nullable=False, comment="who made it"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="UTC; it was delivered by then"),
        sa.CheckConstraint("trim(format) <> ''", name=op.f("ck_exports_format")),
        sa.CheckConstraint("trim(made_by) <> ''", name=op.f("ck_exports_made_by")),
        sa.ForeignKeyConstraint(["lab_id"], ["labs.id"], name=op.f("fk_exports_lab_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index(op.f("ix_exports_lab_id"), "exports", ["lab_id"], unique=False)
    op.create_table(
        "exported_grades",
        sa.Column("export_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column(
            "score", sa.Double(), nullable=True, comment="as it stands there, two decimals; null: that there is none"
        ),
        sa.Column("max_score", sa.Double(), nullable=True, comment="what it is out of there; null: there is no score"),
        sa.Column(
            "in_file",
            sa.Boolean(),
            nullable=False,
            comment="false: left out, since the gradebook had this score already",
        ),
        sa.CheckConstraint("(score IS NULL) = (max_score IS NULL)", name=op.f("ck_exported_grades_max_score")),
        sa.CheckConstraint("score >= 0 AND score < max_score + 0.01", name=op.f("ck_exported_grades_score")),
        sa.ForeignKeyConstraint(["export_id"], ["exports.id"], name=op.f("fk_exported_grades_export_id")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_exported_grades_student_id")),
        sa.PrimaryKeyConstraint("export_id", "student_id", name=op.f("pk_exported_grades")),
    )
    op.create_index(op.f("ix_exported_grades_student_id"), "exported_grades", ["student_id"], unique=False)
