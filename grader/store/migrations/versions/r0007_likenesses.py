"""Which submissions of a lab were compared with each other, and which of them are alike.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Nothing was compared before."""
    op.create_table(
        "comparisons",
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.Column("threshold", sa.Double(), nullable=False, comment="the share from which on a pair is named"),
        sa.Column(
            "found",
            sa.Integer(),
            nullable=False,
            comment="how many pairs there were; those with the largest shares are kept",
        ),
        sa.CheckConstraint("threshold > 0 AND threshold <= 1", name=op.f("ck_comparisons_threshold")),
        sa.ForeignKeyConstraint(["lab_id"], ["labs.id"], name=op.f("fk_comparisons_lab_id")),
        sa.PrimaryKeyConstraint("lab_id", name=op.f("pk_comparisons")),
    )
    op.create_table(
        "compared",
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lab_id"], ["comparisons.lab_id"], name=op.f("fk_compared_lab_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_compared_submission_id")),
        sa.PrimaryKeyConstraint("lab_id", "submission_id", name=op.f("pk_compared")),
    )
    op.create_index(op.f("ix_compared_submission_id"), "compared", ["submission_id"], unique=False)
    _likenesses()


def _likenesses() -> None:
    op.create_table(
        "likenesses",
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="most alike first, from 0"),
        sa.Column("left_content", sa.String(64), nullable=False),
        sa.Column(
            "right_content", sa.String(64), nullable=False, comment="the left one itself where several handed it in"
        ),
        sa.Column("left_share", sa.Double(), nullable=False, comment="how much of the left one is in the right one"),
        sa.Column("right_share", sa.Double(), nullable=False, comment="the other way round"),
        sa.Column("shared", sa.Integer(), nullable=False, comment="how many pieces of code they share"),
        sa.Column(
            "passages",
            sa.JSON(),
            nullable=False,
            comment="list of [[first, last], [first, last]]: matching lines, left and right, from 1",
        ),
        sa.CheckConstraint(
            "left_share >= 0 AND left_share <= 1 AND right_share >= 0 AND right_share <= 1",
            name=op.f("ck_likenesses_shares"),
        ),
        sa.ForeignKeyConstraint(
            ["lab_id"], ["comparisons.lab_id"], name=op.f("fk_likenesses_lab_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["left_content"], ["contents.digest"], name=op.f("fk_likenesses_left_content")),
        sa.ForeignKeyConstraint(["right_content"], ["contents.digest"], name=op.f("fk_likenesses_right_content")),
        sa.PrimaryKeyConstraint("lab_id", "position", name=op.f("pk_likenesses")),
    )
