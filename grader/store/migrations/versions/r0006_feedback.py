"""Why a check matters, and what pictures there are of what.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_KIND = sa.Enum(
    *("confusion", "images", "sheets", "plot", "bars", "shapes"),
    name="figurekind",
    native_enum=False,
    create_constraint=True,
    length=16,
)
_COPY = """
INSERT INTO figures (run_id, position, kind, title, alt, data)
SELECT run_id, position, kind, title, alt, data FROM figures_before
"""


def upgrade() -> None:
    """Of checks from before nobody wrote why they matter; their pictures belong to the run as a whole."""
    op.add_column(
        "check_results", sa.Column("why", sa.Text(), nullable=False, server_default="", comment="why it matters")
    )
    if op.get_context().dialect.name == "sqlite":
        _figures_made_anew()
    else:
        op.drop_constraint("figurekind", "figures", type_="check")
        op.create_check_constraint("figurekind", "figures", sa.column("kind").in_(_KIND.enums))
        op.add_column("figures", _about())


def _about() -> sa.Column[str]:
    return sa.Column(
        "about", sa.Text(), nullable=False, server_default="", comment="id of its check; empty: of the run as a whole"
    )


def _figures_made_anew() -> None:
    """SQLite cannot change a constraint. Alembic's own way hides an interrupt or a full disk behind another error."""
    op.rename_table("figures", "figures_before")
    op.create_table(
        "figures",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False, comment="order on the page, from 0"),
        sa.Column("kind", _KIND, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False, comment="the text that stands for the picture"),
        sa.Column("data", sa.JSON(), nullable=False, comment="what the kind says"),
        _about(),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_figures_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_figures")),
    )
    op.execute(_COPY)
    op.drop_table("figures_before")
