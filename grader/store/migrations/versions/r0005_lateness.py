"""Rules by which attempts count, more time for a student, and what both did to grades.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Nobody knows what a platform told of what was handed in before: none of that is late until it is seen again."""
    op.add_column(
        "submissions",
        sa.Column(
            "told_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when this content was handed in first, as a platform told; null: none did",
        ),
    )
    local = "told_at is by clocks of the lab's zone, else UTC"
    op.add_column(
        "submissions", sa.Column("told_local", sa.Boolean(), nullable=False, server_default=sa.false(), comment=local)
    )
    _policies()
    _extensions()
    if op.get_context().dialect.name == "sqlite":
        _audit_made_anew()
    else:
        _audit_altered()


def _policies() -> None:
    op.create_table(
        "policies",
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.String(16), nullable=False, comment="which one counts"),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True, comment="UTC; null: nothing is late"),
        sa.Column(
            "zone", sa.Text(), nullable=False, comment="whose clocks days are counted by, a name of the IANA database"
        ),
        sa.Column("grace_hours", sa.Double(), nullable=False, comment="so much later is not late"),
        sa.Column(
            "per_day", sa.Double(), nullable=False, comment="percent of the points earned that each day begun costs"
        ),
        sa.Column(
            "floor", sa.Double(), nullable=False, comment="percent of the points earned that are kept, however late"
        ),
        sa.CheckConstraint("attempt IN ('latest', 'best')", name=op.f("ck_policies_attempt")),
        sa.CheckConstraint("grace_hours >= 0 AND grace_hours <= 8760", name=op.f("ck_policies_grace_hours")),
        sa.CheckConstraint(
            "per_day >= 0 AND per_day <= 100 AND floor >= 0 AND floor <= 100", name=op.f("ck_policies_percent")
        ),
        sa.ForeignKeyConstraint(["lab_id"], ["labs.id"], name=op.f("fk_policies_lab_id")),
        sa.PrimaryKeyConstraint("lab_id", name=op.f("pk_policies")),
    )


def _extensions() -> None:
    op.create_table(
        "extensions",
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False, comment="due for this student, UTC"),
        sa.Column("reason", sa.Text(), nullable=False, comment="a sentence for those who teach"),
        sa.Column("set_by", sa.Text(), nullable=False, comment="who gave it"),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_extensions_reason")),
        sa.CheckConstraint("trim(set_by) <> ''", name=op.f("ck_extensions_set_by")),
        sa.ForeignKeyConstraint(["lab_id"], ["labs.id"], name=op.f("fk_extensions_lab_id")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_extensions_student_id")),
        sa.PrimaryKeyConstraint("student_id", "lab_id", name=op.f("pk_extensions")),
    )
    op.create_index(op.f("ix_extensions_lab_id"), "extensions", ["lab_id"], unique=False)


_CHANGE = sa.Enum(
    "before",
    "run",
    "submission",
    "set",
    "changed",
    "cleared",
    "policy",
    "told",
    "extended",
    "shortened",
    name="change",
    native_enum=False,
    create_constraint=True,
    length=16,
)
_CHANGES = (
    "change IN ('before', 'run', 'submission', 'set', 'changed', 'cleared', 'policy', 'told', 'extended', 'shortened')"
)
_REASON = "what a person said, or new rules; empty where grading changed it"
_ATTEMPT = "what counts from now on; null: nothing was handed in"
_NEW_CHECKS = {
    "reason": "change NOT IN ('policy', 'extended') OR trim(reason) <> ''",
    "until": "(change = 'extended') = (until IS NOT NULL)",
    "late_days": "late_days >= 0 AND (late_days = 0 OR attempt IS NOT NULL)",
}


def _late_days() -> sa.Column[int]:
    late_days = "how late that attempt came; 0: in time"
    return sa.Column("late_days", sa.Integer(), nullable=False, server_default="0", comment=late_days)


def _until() -> sa.Column[object]:
    return sa.Column("until", sa.DateTime(timezone=True), nullable=True, comment="the time that a person gave, UTC")


def _audit_altered() -> None:
    op.drop_constraint("change", "audit", type_="check")
    op.create_check_constraint("change", "audit", _CHANGES)
    op.add_column("audit", _late_days())
    op.add_column("audit", _until())
    op.alter_column("audit", "reason", comment=_REASON)
    op.alter_column("audit", "attempt", comment=_ATTEMPT)
    for name, check in _NEW_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_audit_{name}"), "audit", check)


def _audit_made_anew() -> None:
    """SQLite cannot change a constraint. The old table takes its triggers and its index with it."""
    op.rename_table("audit", "audit_before")
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change", _CHANGE, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("old_score", sa.Double(), nullable=True),
        sa.Column("new_score", sa.Double(), nullable=True),
        sa.Column("max_score", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("earned", sa.Double(), nullable=True),
        _late_days(),
        _until(),
        sa.CheckConstraint("old_score >= 0 AND new_score >= 0 AND earned >= 0", name=op.f("ck_audit_scores")),
        sa.CheckConstraint(
            "(new_score IS NULL) = (max_score IS NULL) AND new_score <= max_score", name=op.f("ck_audit_max_score")
        ),
        sa.CheckConstraint("trim(actor) <> ''", name=op.f("ck_audit_actor")),
        sa.CheckConstraint(
            "change NOT IN ('set', 'changed') OR (new_score IS NOT NULL AND trim(reason) <> '')",
            name=op.f("ck_audit_by_hand"),
        ),
        *(sa.CheckConstraint(check, name=op.f(f"ck_audit_{name}")) for name, check in _NEW_CHECKS.items()),
        sa.CheckConstraint("run_id IS NULL OR attempt IS NOT NULL", name=op.f("ck_audit_attempt")),
        sa.CheckConstraint("earned IS NULL OR run_id IS NOT NULL", name=op.f("ck_audit_earned")),
        sa.ForeignKeyConstraint(
            ["student_id", "lab_id", "attempt"],
            ["submissions.student_id", "submissions.lab_id", "submissions.attempt"],
            name=op.f("fk_audit_student_id_lab_id_attempt"),
        ),
        sa.ForeignKeyConstraint(["lab_id"], ["labs.id"], name=op.f("fk_audit_lab_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_audit_run_id")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_audit_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.execute(_COPY)
    op.drop_table("audit_before")
    op.create_index(op.f("ix_audit_lab_id_student_id"), "audit", ["lab_id", "student_id"], unique=False)
    for statement in _APPEND_ONLY:
        op.execute(statement)


_COPY = """
INSERT INTO audit
    (id, student_id, lab_id, at, change, actor, old_score, new_score, max_score, reason, attempt, run_id, earned)
SELECT id, student_id, lab_id, at, change, actor, old_score, new_score, max_score, reason, attempt, run_id, earned
FROM audit_before
"""
_APPEND_ONLY = (
    (
        "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
    ),
    (
        "CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
    ),
    (
        "CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit "
        "WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
    ),
)
