"""What a check measured.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Checks from before measured nothing."""
    with op.batch_alter_table("check_results") as table:
        table.add_column(
            sa.Column(
                "metrics",
                sa.JSON(),
                nullable=False,
                server_default="[]",
                comment="list of {name, value, low, high}: what was measured, and its thresholds",
            )
        )
