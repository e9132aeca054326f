"""Scores that a person sets, and a log of what changed grades.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Of how grades came about before, the log says only what they are."""
    _overrides()
    _audit()
    op.create_index(op.f("ix_submissions_run_id"), "submissions", ["run_id"], unique=False)
    for statement in (_LATEST, _BY_HAND, _SET_IN_RUNS, _ADD_UP, _BEFORE, _SET_BEFORE, *_FORGET):
        op.execute(statement)
    for statement in _APPEND_ONLY[op.get_context().dialect.name]:
        op.execute(statement)


def _overrides() -> None:
    op.create_table(
        "overrides",
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False, comment="counts in place of what runs earn, two decimals"),
        sa.Column("max_score", sa.Double(), nullable=False, comment="points of the lab when it was set"),
        sa.Column("reason", sa.Text(), nullable=False, comment="a sentence for those who teach"),
        sa.Column("set_by", sa.Text(), nullable=False, comment="who set it"),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.Column("run_id", sa.Integer(), nullable=True, comment="the run in effect when it was set; null: none was"),
        sa.CheckConstraint("score >= 0 AND score <= max_score", name=op.f("ck_overrides_score")),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_overrides_reason")),
        sa.CheckConstraint("trim(set_by) <> ''", name=op.f("ck_overrides_set_by")),
        sa.ForeignKeyConstraint(["lab_id"], ["labs.id"], name=op.f("fk_overrides_lab_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_overrides_run_id")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_overrides_student_id")),
        sa.PrimaryKeyConstraint("student_id", "lab_id", name=op.f("pk_overrides")),
    )
    op.create_index(op.f("ix_overrides_lab_id"), "overrides", ["lab_id"], unique=False)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="UTC; of before: when that run was graded"),
        sa.Column(
            "change",
            sa.Enum(
                "before",
                "run",
                "submission",
                "set",
                "changed",
                "cleared",
                name="change",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
            comment="what changed it",
        ),
        sa.Column("actor", sa.Text(), nullable=False, comment="the person; grader where grading changed it"),
        sa.Column("old_score", sa.Double(), nullable=True, comment="null: there was none"),
        sa.Column("new_score", sa.Double(), nullable=True, comment="null: there is none from now on"),
        sa.Column("max_score", sa.Double(), nullable=True, comment="what the new score is out of; null: there is none"),
        sa.Column("reason", sa.Text(), nullable=False, comment="what the person said; empty where grading changed it"),
        sa.Column(
            "attempt", sa.Integer(), nullable=True, comment="the latest from now on; null: nothing was handed in"
        ),
        sa.Column("run_id", sa.Integer(), nullable=True, comment="its run in effect from now on"),
        sa.Column("earned", sa.Double(), nullable=True, comment="what that run earned; null: nothing ran, or it broke"),
        sa.CheckConstraint("old_score >= 0 AND new_score >= 0 AND earned >= 0", name=op.f("ck_audit_scores")),
        sa.CheckConstraint(
            "(new_score IS NULL) = (max_score IS NULL) AND new_score <= max_score", name=op.f("ck_audit_max_score")
        ),
        sa.CheckConstraint("trim(actor) <> ''", name=op.f("ck_audit_actor")),
        sa.CheckConstraint(
            "change NOT IN ('set', 'changed') OR (new_score IS NOT NULL AND trim(reason) <> '')",
            name=op.f("ck_audit_by_hand"),
        ),
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
    op.create_index(op.f("ix_audit_lab_id_student_id"), "audit", ["lab_id", "student_id"], unique=False)


_APPEND_ONLY = {
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

_LATEST = """
CREATE TEMPORARY VIEW counts AS
SELECT id, student_id, lab_id, attempt, run_id
FROM submissions
WHERE NOT EXISTS (
    SELECT 1 FROM submissions AS later
    WHERE later.student_id = submissions.student_id AND later.lab_id = submissions.lab_id
        AND later.turn > submissions.turn
)
"""

_BY_HAND = """
CREATE TEMPORARY VIEW by_hand AS
SELECT runs.id
FROM runs LEFT JOIN check_results ON check_results.run_id = runs.id
GROUP BY runs.id
HAVING ABS(runs.score - COALESCE(SUM(points), 0)) > 0.00501
    AND (runs.ending IN ('broken', 'rejected') OR ABS(runs.max_score - COALESCE(SUM(max_points), 0)) < 0.00501)
"""
"""Runs whose score somebody wrote into the database, where it counted until now.

Where what could be earned is another, too, check results may be lost: such a run stays as it is, for a check of the
database to find. One that broke has none to lose.
"""

_SET_IN_RUNS = """
INSERT INTO overrides (student_id, lab_id, score, max_score, reason, set_by, set_at, run_id)
SELECT counts.student_id, counts.lab_id, runs.score, runs.max_score,
    'Set by hand under an earlier version of the grader, which kept no reasons.', 'grader', CURRENT_TIMESTAMP, runs.id
FROM counts
JOIN runs ON runs.id = counts.run_id
WHERE runs.id IN (SELECT id FROM by_hand)
"""

_ADD_UP = """
UPDATE runs SET
    score = (
        SELECT ROUND(CAST(COALESCE(SUM(points), 0) AS NUMERIC), 2) FROM check_results WHERE run_id = runs.id
    ),
    max_score = (
        SELECT ROUND(CAST(COALESCE(SUM(max_points), 0) AS NUMERIC), 2) FROM check_results WHERE run_id = runs.id
    )
WHERE id IN (SELECT id FROM by_hand)
"""

_BEFORE = """
INSERT INTO audit
    (student_id, lab_id, at, change, actor, old_score, new_score, max_score, reason, attempt, run_id, earned)
SELECT counts.student_id, counts.lab_id, runs.graded_at, 'before', 'grader', NULL, runs.score, runs.max_score, '',
    counts.attempt, runs.id, runs.score
FROM counts
JOIN runs ON runs.id = counts.run_id
WHERE runs.ending NOT IN ('broken', 'rejected')
ORDER BY runs.graded_at, counts.id
"""

_SET_BEFORE = """
INSERT INTO audit
    (student_id, lab_id, at, change, actor, old_score, new_score, max_score, reason, attempt, run_id, earned)
SELECT counts.student_id, counts.lab_id, overrides.set_at, 'set', overrides.set_by, graded.new_score, overrides.score,
    overrides.max_score, overrides.reason, counts.attempt, counts.run_id, graded.earned
FROM overrides
JOIN counts ON counts.student_id = overrides.student_id AND counts.lab_id = overrides.lab_id
LEFT JOIN audit AS graded ON graded.student_id = overrides.student_id AND graded.lab_id = overrides.lab_id
ORDER BY counts.id
"""

_FORGET = ("DROP VIEW by_hand", "DROP VIEW counts")
