"""Brightspace (D2L): the grades' own export, cut down to the ids and one column, which is filled in.

Brightspace takes ids with the `#` that it writes before them, and titles with all that it adds to them. Names, other
grades and totals are not to be imported, so they are not in the file; neither is who gets no new score.
"""

import re
from typing import Final

from grader import naming
from grader.errors import GradebookUnusable
from grader.export import table, worksheet
from grader.export.shape import PAGE, Export, Placed, Request
from grader.export.table import Row, Table
from grader.export.worksheet import Worksheet
from grader.model import ClassResults

_IDS: Final = ("OrgDefinedId", "Username")
_TITLE: Final = re.compile(r"(?P<title>.*) Points Grade(?:\s*<(?P<facts>.*)>)?", re.DOTALL)
_POINTS: Final = re.compile(r"MaxPoints:\s*([0-9.,]*[0-9])")
_FOLDER: Final = re.compile(
    r"(?P<pair>(?P<first>[0-9]+)-[0-9]+) - (?P<name>[^\ufffd]+) - "
    r"[A-Z][a-z]{2,8}\.? [0-9]{1,2}, [0-9]{4} [0-9]{3,4}(?:\s?[AaPp][Mm])?"
)
"""A student's in a download; one that could not be kept as it was has a sign in place of another."""
_END: Final = "End-of-Line Indicator"


def export(results: ClassResults, request: Request) -> Export:
    """The ids in `request` with the lab's column filled in, scaled to its greatest number of points.

    Raises:
        GradebookUnusable: no export, not one of Brightspace's, or no such column.
    """
    if request.gradebook is None:
        raise GradebookUnusable(
            "Brightspace looks students up by its own ids. Export the grades (Grades, Enter Grades, Export, with both "
            "keys and points grades) and name the file with --gradebook FILE."
        )
    book = table.read(request.gradebook)
    titles = {at: parts for at, title in enumerate(book.header) if (parts := _TITLE.fullmatch(title))}
    ids = [at for at, title in enumerate(book.header) if title in _IDS]
    if not ids or not titles:
        raise GradebookUnusable(
            f"This is not a Brightspace export of points: its columns are {worksheet.quoted(book.header[:8])}, where "
            "Brightspace has “OrgDefinedId” or “Username”, and titles such as “HW 1 Points Grade”. Export the grades "
            "as points and give that file as it is."
        )
    known = {at: (parts["title"], f"{parts['title']} Points Grade", parts[0]) for at, parts in titles.items()}
    advice = "Name one by its whole title: --assignment TITLE."
    column = worksheet.column(known, book.header, results, request.assignment, advice)
    points = _POINTS.search(titles[column]["facts"] or "")
    mark = worksheet.decimal_mark(row[column] for row in book.rows)
    worth = worksheet.worth(points[1] if points else "", book.header[column], mark)
    sheet = Worksheet(
        platform="Brightspace",
        table=book,
        students=book.rows,
        column=column,
        keys=_keys(book, ids),
        names=_names(book),
        worth=lambda _row: worth,
        closed=lambda _row, _points: "",
    )
    filled = worksheet.fill(sheet, results.grades)
    content = _cut(book.keep(filled.rows), [*ids, column]).content()
    return filled.export(content, f"{results.lab}-brightspace.csv", worksheet.notes(sheet, filled, worth, results))


def returned(at: Placed, called: str) -> str:
    """The folder of the submission, which has to be called as it was. Its numbers are in no gradebook."""
    folder = _FOLDER.fullmatch(called)
    if folder is None:
        return ""
    theirs = at.student.key in {folder["first"], folder["pair"]} or naming.same(at.student, folder["name"])
    return f"{called}/{PAGE}" if theirs else ""


def _keys(book: Table, ids: list[int]) -> dict[str, list[str]]:
    """Ids without the `#` that Brightspace may write before them, then as they stand."""
    plain = {book.header[at]: [row[at].removeprefix("#") for row in book.rows] for at in ids}
    return plain | {f"{book.header[at]} with its sign": [row[at] for row in book.rows] for at in ids}


def _names(book: Table) -> list[str]:
    places = [book.header.index(title) for title in ("Last Name", "First Name") if title in book.header]
    return [worksheet.full_name(row[at] for at in places) for row in book.rows]


def _cut(book: Table, places: list[int]) -> Table:
    """The columns in `places`, and the one that ends each line."""

    def cut(row: Row, end: str) -> Row:
        return (*(row[at] for at in places), end)

    return book.only(cut(book.header, _END), (cut(row, "#") for row in book.rows))
