"""What workers on other machines are asked to grade, and who they are.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_STATES = ("waiting", "claimed", "settled", "withdrawn", "superseded")


def upgrade() -> None:
    """Nobody was asked before."""
    _workers()
    _tickets()
    op.create_table(
        "ticket_submissions",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_ticket_submissions_submission_id")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_submissions_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "submission_id", name=op.f("pk_ticket_submissions")),
    )
    op.create_index(op.f("ix_ticket_submissions_submission_id"), "ticket_submissions", ["submission_id"], unique=False)


def _workers() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.Integer(), nullable=False, comment="random: a restored database gives no id twice"),
        sa.Column("name", sa.Text(), nullable=False, comment="its machine and process, for people; need not be unique"),
        sa.Column("version", sa.Text(), nullable=False, comment="of the grader"),
        sa.Column("needs", sa.JSON(), nullable=False, comment="list of queues that it serves"),
        sa.Column("slots", sa.Integer(), nullable=False, comment="how many submissions it has at once"),
        sa.Column(
            "sandbox",
            sa.Text(),
            nullable=False,
            comment="identity of the software that student code runs with there",
        ),
        sa.Column("dataset", sa.Text(), nullable=False, comment="which digits it has"),
        sa.Column(
            "enrolled_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="UTC, by the database's clock as all times here",
        ),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False, comment="when it was heard of last, UTC"),
        sa.Column(
            "left_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it ended in good order, UTC; null: it did not",
        ),
        sa.CheckConstraint("slots > 0", name=op.f("ck_workers_slots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_index(op.f("ix_workers_heard_at"), "workers", ["heard_at"], unique=False)


def _tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("lab_version", sa.Text(), nullable=False, comment="as in runs"),
        sa.Column("suite", sa.Text(), nullable=False, comment="as in runs"),
        sa.Column("sandbox", sa.Text(), nullable=False, comment="as in runs"),
        sa.Column("dataset", sa.Text(), nullable=False, comment="which digits"),
        sa.Column("need", _word("need", "cpu", "gpu"), nullable=False, comment="what it needs of a machine"),
        sa.Column("urgency", sa.Integer(), nullable=False, comment="0 for a batch; larger goes first"),
        sa.Column("state", _word("ticketstate", *_STATES), nullable=False, comment="how far it is"),
        sa.Column(
            "number",
            sa.Integer(),
            nullable=False,
            comment="how often it was claimed ever: tells a claim from those before",
        ),
        sa.Column(
            "since",
            sa.Integer(),
            nullable=False,
            comment="its number when it was asked for last: claims before that are over",
        ),
        sa.Column(
            "tries",
            sa.Integer(),
            nullable=False,
            comment="how often since it was asked for, but for claims given back",
        ),
        sa.Column("worker_id", sa.Integer(), nullable=True, comment="who has claimed it, or settled it; null: nobody"),
        sa.Column("refused", sa.JSON(), nullable=False, comment="why workers would not take it, by their names"),
        sa.Column(
            "fault",
            sa.Text(),
            nullable=True,
            comment="what went wrong, for the operator; null: nothing did",
        ),
        sa.Column("version", sa.Text(), nullable=False, comment="of the grader that asked, the last time"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, comment="the last time, UTC"),
        sa.CheckConstraint("tries >= 0 AND tries <= number", name=op.f("ck_tickets_tries")),
        sa.CheckConstraint("state <> 'claimed' OR worker_id IS NOT NULL", name=op.f("ck_tickets_worker")),
        sa.CheckConstraint("state IN ('claimed', 'settled') OR worker_id IS NULL", name=op.f("ck_tickets_nobody")),
        sa.CheckConstraint("state = 'settled' OR fault IS NULL", name=op.f("ck_tickets_fault")),
        sa.ForeignKeyConstraint(["content"], ["contents.digest"], name=op.f("fk_tickets_content")),
        sa.ForeignKeyConstraint(["lab_id"], ["labs.id"], name=op.f("fk_tickets_lab_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_tickets_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint(
            "content",
            "lab_id",
            "lab_version",
            "suite",
            "sandbox",
            name=op.f("uq_tickets_content_lab_id_lab_version_suite_sandbox"),
        ),
    )
    op.create_index(op.f("ix_tickets_state_worker_id"), "tickets", ["state", "worker_id"], unique=False)


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)
