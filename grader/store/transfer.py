"""All rows of one database into another, whatever kinds the two are."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, RowMapping, Table, exists, func, insert, select

from grader.errors import BackupRefused
from grader.store.blocks import BLOCK
from grader.store.tables import Base
from grader.store.trouble import translated

Rows: TypeAlias = Iterator[tuple[Table, Sequence[RowMapping]]]
"""A block of a table's rows after the other; what others point to comes first."""


def rows(connection: Connection, place: str) -> Rows:
    """Everything in a database; what goes wrong meanwhile is told of `place`, whoever goes through it."""
    with translated(place):
        for table in Base.metadata.sorted_tables:
            wanted = select(table).order_by(*table.primary_key)
            found = connection.execute(wanted, execution_options={"yield_per": BLOCK}).mappings()
            for block in found.partitions():
                yield table, block


def fill(connection: Connection, place: str, found: Rows) -> None:
    """Put rows into a database.

    Raises:
        BackupRefused: it holds some already.
    """
    if any(connection.scalar(select(exists().select_from(table))) for table in Base.metadata.sorted_tables):
        aside = (
            "put that one aside with --replace" if connection.dialect.name == "sqlite" else "make a new database for it"
        )
        raise BackupRefused(f"There are records in {place} already. A backup is no addition to others: {aside}.")
    for table, block in found:
        connection.execute(insert(table), [dict(row) for row in block])
    if connection.dialect.name == "postgresql":
        for statement in _numbering():
            connection.execute(statement)


def _numbering() -> Iterator[Any]:
    """PostgreSQL gives numbers of its own to new rows, and does not see which ones are taken."""
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            yield select(func.setval(sequence, func.max(column)))
