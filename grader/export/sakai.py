"""Sakai: the `grades.csv` of a download, with the grades filled in.

Sakai goes by places: two lines, a header that it does not read, and rows with the id in the second column and the
grade in the fifth, or in the fourth where groups hand in. An empty grade clears what is there, and an old one would
undo what was graded since the download; so who gets no new grade is left out, whose grade Sakai does not touch.
"""

import csv
import re
from collections.abc import Iterator
from typing import Final

from grader.errors import GradebookUnusable
from grader.export import table, worksheet
from grader.export.shape import PAGE, Export, Placed, Request
from grader.export.table import Table
from grader.export.text import unescaping
from grader.export.worksheet import Filled, Worksheet
from grader.model import ClassResults

_ABOVE: Final = 2
_KEY: Final = 1
_GRADE: Final = 4
_GROUPS_GRADE: Final = 3
_DATE_NUMBERS: Final = 3
"""A date has so many at least."""
_POINTS: Final = "SCORE_GRADE_TYPE"
_HANDED_IN: Final = "_Submission attachment(s)_"
"""What stands between a student and a file in a download without folders."""
_ITS_OWN: Final = re.compile("comments|feedbackText|_submissionText|timestamp")
"""Wherever one of these is in a path, Sakai takes the file for something else."""


def export(results: ClassResults, request: Request) -> Export:
    """The `grades.csv` in `request` with new grades, points as they are: it does not say how many there can be.

    Raises:
        GradebookUnusable: no such file, not one of Sakai's, not of an assignment that is graded by points, or
            the column of its grades cannot be told.
    """
    if request.gradebook is None:
        raise GradebookUnusable(
            "Sakai takes back its own grades.csv only. It is in what “Download All” gives (with the grade file "
            "ticked, as CSV): name it with --gradebook FILE."
        )
    book = table.read(request.gradebook, above=_ABOVE)
    title = _title(book)
    column = _column(book)
    sheet = Worksheet(
        platform="Sakai",
        table=book,
        students=book.rows,
        column=column,
        keys={book.header[at]: [row[at] for row in book.rows] for at in (_KEY, 0)},
        names=[row[0] if column == _GROUPS_GRADE else worksheet.full_name(row[2:4]) for row in book.rows],
        worth=lambda _row: 0.0,
        closed=lambda _row, _points: "",
        mark=_mark(book, column),
    )
    filled = worksheet.fill(sheet, results.grades)
    content = book.keep(tuple(map(unescaping, row)) for row in filled.rows).content()
    return filled.export(content, "grades.csv", _notes(sheet, filled, title, results))


def returned(at: Placed, called: str) -> str:
    """A folder of the student's, of which Sakai reads the id in brackets, below one that may be called anything."""
    who = called.partition(_HANDED_IN)[0]
    path = f"feedback/{who}/Feedback Attachment(s)/{PAGE}"
    return path if who.endswith(f"({at.ids[0]})") and not _ITS_OWN.search(path) else ""


def _title(book: Table) -> str:
    """The assignment's, from the line that says how it is graded."""
    line = book.above.partition("\n")[0].strip()
    first, *kind = next(csv.reader([line], delimiter=book.delimiter), [""])
    if len(book.header) <= _GRADE or not kind or not kind[0].endswith("_GRADE_TYPE"):
        raise GradebookUnusable(
            f"This is not Sakai's grades.csv: its first line is “{line}”, where Sakai has "
            "the assignment's title and “SCORE_GRADE_TYPE”. Give the file as it is in the download."
        )
    if kind[0] != _POINTS:
        raise GradebookUnusable(
            f"The assignment “{first}” is not graded by points in Sakai, but by {kind[0]}. Set its grade scale to "
            "points and download anew."
        )
    return first


def _column(book: Table) -> int:
    """The place of the grade, which a known word tells, or the dates behind it.

    Raises:
        GradebookUnusable: it cannot be told.
    """
    places = (_GROUPS_GRADE, _GRADE)
    named = [at for at in places if worksheet.GRADE.fullmatch(worksheet.folded(book.header[at]))]
    hits = named or [at for at in places if _is_before_dates(book, at)]
    if len(hits) != 1:
        raise GradebookUnusable(
            "Which column of grades.csv holds the grades cannot be told: of groups it is the fourth, otherwise the "
            f"fifth, and here they are called {worksheet.quoted(book.header[at] for at in places)}. Download it with "
            "your language in Sakai set to English."
        )
    return hits[0]


def _is_before_dates(book: Table, at: int) -> bool:
    """Whether a column can be that of the grades: numbers or nothing, and behind it when each was handed in."""
    if at + 1 >= len(book.header):
        return False
    dates = [row[at + 1] for row in book.rows if row[at + 1].strip()]
    grades = [row[at] for row in book.rows if row[at].strip()]
    return bool(dates) and all(map(_is_date, dates)) and all(map(_is_grade, grades))


def _is_date(cell: str) -> bool:
    return len(re.findall("[0-9]+", cell)) >= _DATE_NUMBERS and worksheet.number(cell) is None


def _is_grade(cell: str) -> bool:
    return worksheet.number(cell) is not None or worksheet.is_ambiguous(cell)


def _mark(book: Table, column: int) -> str:
    """The decimal mark of the grades there; where none has one, semicolons stand for languages that use the comma."""
    return worksheet.decimal_mark(row[column] for row in book.rows) or ("," if book.delimiter == ";" else ".")


def _notes(sheet: Worksheet, filled: Filled, title: str, results: ClassResults) -> Iterator[str]:
    yield from worksheet.notes(sheet, filled, 0.0, results)
    if worksheet.folded(title) not in map(worksheet.folded, (results.lab_title, results.lab)):
        yield f"The file is for the assignment “{title}” in Sakai: look whether it is the right one."
