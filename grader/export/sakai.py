"""Sakai: the `grades.csv` of a download, with the grades filled in.

Sakai goes by places: two lines, a header that it does not read, and rows with the id in the second column and the
grade in the fifth, or in the fourth where groups hand in. An empty grade clears what is there, and an old one would
undo what was graded since the download; so who gets no new grade is left out, whose grade Sakai does not touch.
"""

import csv
from collections.abc import Iterator
from typing import Final

from grader.errors import GradebookUnusable
from grader.export import table, worksheet
from grader.export.shape import Export, Request
from grader.export.table import Table
from grader.export.text import unescaping
from grader.export.worksheet import Filled, Worksheet
from grader.model import ClassResults

_ABOVE: Final = 2
_KEY: Final = 1
_GRADE: Final = 4
_GROUPS_GRADE: Final = 3
_POINTS: Final = "SCORE_GRADE_TYPE"


def export(results: ClassResults, request: Request) -> Export:
    """The `grades.csv` in `request` with new grades, points as they are: it does not say how many there can be.

    Raises:
        GradebookUnusable: no such file, not one of Sakai's, or not of an assignment that is graded by points.
    """
    if request.gradebook is None:
        raise GradebookUnusable(
            "Sakai takes back its own grades.csv only. It is in what “Download All” gives (with the grade file "
            "ticked, as CSV): name it with --gradebook FILE."
        )
    book = table.read(request.gradebook, above=_ABOVE)
    title = _title(book)
    column = _GROUPS_GRADE if worksheet.folded(book.header[_GROUPS_GRADE]) == "grade" else _GRADE
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


def _mark(book: Table, column: int) -> str:
    """The decimal mark of the grades there; where none has one, semicolons stand for languages that use the comma."""
    figures = "".join(row[column] for row in book.rows if worksheet.number(row[column]) is not None)
    if "," in figures or "." in figures:
        return "," if "," in figures else "."
    return "," if book.delimiter == ";" else "."


def _notes(sheet: Worksheet, filled: Filled, title: str, results: ClassResults) -> Iterator[str]:
    yield from worksheet.notes(sheet, filled, 0.0, results)
    if worksheet.folded(title) not in map(worksheet.folded, (results.lab_title, results.lab)):
        yield f"The file is for the assignment “{title}” in Sakai: look whether it is the right one."
