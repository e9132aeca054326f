"""Blackboard: the grade centre's own download, with one column filled in.

Blackboard looks students up by their user names, and columns by the number at the end of their titles. A download is
quoted CSV in UTF-8, or text in UTF-16 with tabs, and goes back as it came; who gets no new score is left out.
"""

import re
from typing import Final

from grader.errors import GradebookUnusable
from grader.export import table, worksheet
from grader.export.shape import Export, Request
from grader.export.table import Row, Table
from grader.export.worksheet import Worksheet
from grader.model import ClassResults

_TITLE: Final = re.compile(r"(?P<title>.*?)\s*(?:\[(?P<points>[^\[\]]*)\]\s*)?\|(?P<id>\d+)", re.DOTALL)
_POINTS: Final = re.compile(r"[0-9][0-9.,]*")
_FEEDBACK: Final = "feedback to learner"
_FORMAT: Final = "feedback format"
_PLAIN: Final = "SMART_TEXT"
"""What Blackboard calls text without tags."""
_USERNAME: Final = "username"
_NUMBER: Final = "student id"


def export(results: ClassResults, request: Request) -> Export:
    """The grade centre in `request` with the lab's column filled in, scaled to the points in its title.

    Raises:
        GradebookUnusable: no download, not one of Blackboard's, or no such column.
    """
    if request.gradebook is None:
        raise GradebookUnusable(
            "Blackboard takes back its own columns only. Download them (Grade Centre, Work Offline, Download) and name "
            "the file with --gradebook FILE."
        )
    book = table.read(request.gradebook, wide=True)
    titles = {at: parts for at, title in enumerate(book.header) if (parts := _TITLE.fullmatch(title))}
    if not titles or min(titles) < 3:
        raise GradebookUnusable(
            f"This is not a Blackboard download: its first columns are {worksheet.quoted(book.header[:5])}, where "
            "Blackboard has the last name, the first name, the username, and then titles that end in a number, as "
            "“HW 1 [Total Pts: 10 Score] |4455667”. Give the file as Blackboard gave it."
        )
    known = {at: (parts["title"], parts["id"], f"|{parts['id']}", parts[0]) for at, parts in titles.items()}
    advice = "Name one by the number after the |: --assignment NUMBER."
    column = worksheet.column(known, book.header, results, request.assignment, advice)
    points = _POINTS.search(titles[column]["points"] or "")
    mark = worksheet.decimal_mark(row[column] for row in book.rows)
    worth = worksheet.worth(points[0].rstrip(".,") if points else "", book.header[column], mark)
    sheet = Worksheet(
        platform="Blackboard",
        table=book,
        students=book.rows,
        column=column,
        keys=_keys(book, min(titles)),
        names=[worksheet.full_name(row[:2]) for row in book.rows],
        worth=lambda _row: worth,
        closed=lambda row, _points: _closed(row, column),
        others=lambda row, score, points: _comments(book, row, worksheet.comment(score, points, worth, ".")),
    )
    filled = worksheet.fill(sheet, results.grades)
    ending = "xls" if book.delimiter == "\t" else "csv"
    notes = worksheet.notes(sheet, filled, worth, results)
    return filled.export(book.keep(filled.rows).content(), f"{results.lab}-blackboard.{ending}", notes)


def _keys(book: Table, identity: int) -> dict[str, list[str]]:
    """User names, in the third column where the header is in another language, and numbers of students."""
    header = [worksheet.folded(title) for title in book.header[:identity]]
    username = header.index(_USERNAME) if _USERNAME in header else 2
    places = [username, *(at for at, title in enumerate(header) if title == _NUMBER)]
    return {book.header[at]: [row[at] for row in book.rows] for at in places}


def _comments(book: Table, row: Row, comment: str) -> dict[int, str]:
    """Place -> cell of the feedback, where the download of a single column has it, and nobody has written any."""
    places = {worksheet.folded(title): at for at, title in enumerate(book.header)}
    feedback, form = places.get(_FEEDBACK), places.get(_FORMAT)
    if feedback is None or not worksheet.is_free(row[feedback]):
        return {}
    return {feedback: comment} | ({form: _PLAIN} if form is not None and not row[form].strip() else {})


def _closed(row: Row, column: int) -> str:
    exempt = worksheet.folded(row[column]) == "exempt"
    return "is exempt from the assignment in Blackboard, which a score would undo" if exempt else ""
