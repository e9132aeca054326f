"""Canvas: the instructor's own gradebook export, with one column filled in.

Canvas looks students up by the ids in its export, so nothing but the one column changes, and students without a new
grade are left out of the file: an empty cell would count as a change.
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from grader.errors import GradebookUnusable
from grader.export import table, worksheet
from grader.export.shape import PAGE, Export, Placed, Request
from grader.export.table import Row
from grader.export.worksheet import Worksheet
from grader.model import ClassResults

_IDENTITY: Final = ("ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account")
_KEYS: Final = ("ID", "SIS User ID", "SIS Login ID")
"""The columns that may hold a student's key, in the order in which Canvas itself looks."""
_ASSIGNMENT: Final = re.compile(r"(?P<title>.*)\s\((?P<id>\d+)\)", re.DOTALL)
_TOTAL: Final = re.compile(r"\b(Current|Final|Override) (Score|Points|Grade)\b")
_POINTS: Final = "Points Possible"
_MANUAL: Final = "Manual Posting"
_READ_ONLY: Final = re.compile("read only", re.IGNORECASE)
_CLOSED: Final[Mapping[str, str]] = {
    "EX": "is excused from the assignment in Canvas, which a score would undo",
    "N/A": "takes no score: Canvas shows N/A, since the assignment is not theirs, or is anonymous and not yet posted",
}
"""What stands in a cell that must not be filled in -> why."""


def export(results: ClassResults, request: Request) -> Export:
    """The gradebook in `request` with the lab's column filled in, scaled to the points that Canvas has for it.

    Raises:
        GradebookUnusable: no gradebook, not one of Canvas's, or no such column.
    """
    if request.gradebook is None:
        raise GradebookUnusable(
            "Canvas takes back its own gradebook only. Download it (Grades, Export, Export Entire Gradebook) and name "
            "the file with --gradebook FILE."
        )
    book = table.read(request.gradebook)
    names = _names(book.header)
    if not names:
        raise GradebookUnusable(
            f"This is not a Canvas gradebook: its first columns are {worksheet.quoted(book.header[:5])}, where Canvas "
            "has “Student”, “ID” … “Section”. Give the file as Canvas exported it."
        )
    column = _column(book.header, results, request.assignment)
    head = tuple(row for row in book.rows if _is_head(row))
    students = tuple(row for row in book.rows if not _is_head(row))
    mark = worksheet.decimal_mark(row[column] for row in students)
    possible = _possible(head, column, book.header[column], mark)
    sheet = Worksheet(
        platform="Canvas",
        table=book,
        students=students,
        column=column,
        keys=worksheet.cells(students, book.header[: book.header.index("Section")], _KEYS),
        names=[_name(row[:names]) for row in students],
        worth=lambda _row: possible,
        closed=partial(_closed, column),
        repeats=True,
    )
    filled = worksheet.fill(sheet, results.grades)
    notes = worksheet.notes(sheet, filled, possible, results)
    content = book.keep([*head, *filled.rows]).bare().content()  # a quoted header after a mark would be refused
    return filled.export(content, f"{results.lab}-canvas.csv", notes)


def returned(at: Placed, called: str) -> str:
    """A name with the ids of the student and of a file of theirs, by which alone Canvas goes.

    It takes the first two numbers between underscores, which may stand in a student's name, and has another way with
    names that begin with "anon": so the name is not repeated.
    """
    user = at.ids[0]
    theirs = re.match(rf".*?_{user}_(?P<attachment>[0-9]+)_", called) if re.fullmatch("[0-9]+", user) else None
    return f"student_{user}_{theirs['attachment']}_{PAGE}" if theirs else ""


def _names(header: Row) -> int:
    """How many columns the name takes, 0 if this is no Canvas header."""
    names = 2 if header[:2] == ("LastName", "FirstName") else int("Student" in header[0])
    if not names or "ID" not in header[names : names + 1] or "Section" not in header:
        return 0
    identity = header[names : header.index("Section")]
    return names if set(identity) <= set(_IDENTITY) else 0


def _is_head(row: Row) -> bool:
    """Whether a row stands above the students'."""
    others = [cell for cell in row if cell.strip()]
    return _POINTS in row[0] or all(cell.startswith((_MANUAL, "Muted")) for cell in others)


def _column(header: Row, results: ClassResults, wanted: str) -> int:
    titles = {at: (*parts, name) for at, name in enumerate(header) if (parts := _assignment(name))}
    advice = "Name one by the number in parentheses: --assignment NUMBER."
    return worksheet.column(titles, header, results, wanted, advice)


def _assignment(name: str) -> tuple[str, str] | None:
    """(title, id) of an assignment's header, None for any other column."""
    parts = _ASSIGNMENT.fullmatch(name)
    return (parts["title"], parts["id"]) if parts and not _TOTAL.search(name) else None


def _possible(head: Sequence[Row], column: int, title: str, mark: str) -> float:
    """The points that Canvas has for the assignment, 0 where it does not say.

    Raises:
        GradebookUnusable: the column cannot be written, or the points cannot be told.
    """
    cell = next((row[column] for row in head if _POINTS in row[0]), "")
    if _READ_ONLY.search(cell):
        raise GradebookUnusable(f"Canvas marks the column “{title}” as read only. Choose another with --assignment.")
    return max(worksheet.worth(cell, title, mark), 0.0)


def _closed(column: int, row: Row, _points: float) -> str:
    return _CLOSED.get(row[column].strip().upper(), "")


def _name(cells: Sequence[str]) -> str:
    """A name as Canvas means it: it writes `="=x"` for one that starts like a formula."""
    plain = [cell[2:-1] if cell.startswith('="=') and cell.endswith('"') else cell for cell in cells]
    return ", ".join(plain)
