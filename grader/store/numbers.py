"""The numbers that rows have, which other rows point to: of students, by their keys, and of labs, by their names."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Insert

from grader import model
from grader.errors import UnknownStudent
from grader.store import statements


def inserted(connection: Connection, statement: Insert, values: Mapping[str, Any]) -> int:
    """Put a row into a table that numbers its rows; the row's number."""
    key = connection.execute(statement, values).inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    return int(key[0])


def student(connection: Connection, who: model.Student) -> int:
    """The id of a student, who may not be known yet; they are called by this name from now on."""
    row = connection.execute(statements.STUDENT, {"who": who.key}).one_or_none()
    if row is None:
        return inserted(connection, statements.NEW_STUDENT, {"key": who.key, "name": who.name})
    if row.name != who.name:
        connection.execute(statements.CALL_STUDENT, {"student": row.id, "called": who.name})
    return int(row.id)


def met(connection: Connection, who: model.Student) -> int:
    """The id of a student, who may not be known yet; who is keeps the name."""
    row = connection.execute(statements.STUDENT, {"who": who.key}).one_or_none()
    return int(row.id) if row else student(connection, who)


def known_student(connection: Connection, key: str) -> int:
    """The id of the student with this key.

    Raises:
        UnknownStudent: nobody has it.
    """
    row = connection.execute(statements.STUDENT, {"who": key}).one_or_none()
    if row is None:
        raise UnknownStudent("Nobody with this key has handed in anything.")
    return int(row.id)


def lab(connection: Connection, name: str) -> int:
    """The id of a lab, from now on if nothing is on record for it yet."""
    found = connection.scalar(statements.LAB, {"lab": name})
    return inserted(connection, statements.NEW_LAB, {"name": name}) if found is None else int(found)


def known_lab(connection: Connection, name: str) -> int:
    """The id of a lab; 0, which none has, where nothing is on record for it."""
    return int(connection.scalar(statements.LAB, {"lab": name}) or 0)
