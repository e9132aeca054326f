"""Canvas: the instructor's own gradebook export, with one column filled in.

Canvas looks students up by the ids in its export, so nothing but the one column changes, and students without a new
grade are left out of the file: an empty cell would count as a change.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.errors import GradebookUnusable
from grader.export import table
from grader.export.match import Finder, Found
from grader.export.shape import Export, LeftOut, Placed, Request
from grader.export.table import Row, Table
from grader.model import ClassResults, Grade, Student
from grader.scoring import written

_IDENTITY: Final = ("ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account")
_KEYS: Final = ("ID", "SIS User ID", "SIS Login ID")
"""The columns that may hold a student's key, in the order in which Canvas itself looks."""
_ASSIGNMENT: Final = re.compile(r"(?P<title>.*)\s\((?P<id>\d+)\)", re.DOTALL)
_TOTAL: Final = re.compile(r"\b(Current|Final|Override) (Score|Points|Grade)\b")
_POINTS: Final = "Points Possible"
_MANUAL: Final = "Manual Posting"
_DIGITS: Final = re.compile(r"[0-9.,]*[0-9]")
_READ_ONLY: Final = re.compile("read only", re.IGNORECASE)
_CLOSED: Final[Mapping[str, str]] = {
    "EX": "is excused from the assignment in Canvas, which a score would undo",
    "N/A": "takes no score: Canvas shows N/A, since the assignment is not theirs, or is anonymous and not yet posted",
}
"""What stands in a cell that must not be filled in -> why."""


@dataclass(frozen=True, slots=True)
class _Gradebook:
    """A Canvas export, understood.

    Attributes:
        names: the first columns, one or two, that make up a name.
        head: the rows above the students'.
    """

    table: Table
    names: int
    head: tuple[Row, ...]
    students: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _Score:
    """What Canvas takes of a grade.

    Attributes:
        missing: how the run ended that has no score; "" if there is one.
    """

    student: Student
    points: float
    most: float
    missing: str


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
    book = _understand(table.read(request.gradebook))
    column = _column(book.table.header, results, request.assignment)
    possible = _possible(book, column)
    placed, left_out, rows = _fill(book, column, possible, results.grades)
    return Export(
        content=book.table.keep([*book.head, *rows]).content(),
        file_name=f"{results.lab}-canvas.csv",
        placed=tuple(placed),
        left_out=tuple(left_out),
        notes=tuple(_notes(book, column, possible, results, len(rows))),
    )


def _understand(found: Table) -> _Gradebook:
    names = _names(found.header)
    if not names:
        raise GradebookUnusable(
            f"This is not a Canvas gradebook: its first columns are {_quoted(found.header[:5])}, where Canvas has "
            "“Student”, “ID” … “Section”. Give the file as Canvas exported it."
        )
    head = [row for row in found.rows if _is_head(row)]
    return _Gradebook(found, names, tuple(head), tuple(row for row in found.rows if not _is_head(row)))


def _names(header: Row) -> int:
    """How many columns the name takes, 0 if this is no Canvas header."""
    names = 2 if header[:2] == ("LastName", "FirstName") else int("Student" in header[0])
    if not names or "ID" not in header[names : names + 1] or "Section" not in header:
        return 0
    identity = header[names : header.index("Section")]
    return names if set(identity) <= set(_IDENTITY) else 0


def _is_head(row: Row) -> bool:
    others = [cell for cell in row if cell.strip()]
    return _POINTS in row[0] or all(cell.startswith((_MANUAL, "Muted")) for cell in others)


def _column(header: Row, results: ClassResults, wanted: str) -> int:
    """The place of the assignment's column."""
    titles = {at: parts for at, name in enumerate(header) if (parts := _assignment(name))}
    asked = [wanted] if wanted else [results.lab_title, results.lab]
    for text in asked:
        key = _folded(text)
        hits = [at for at, (title, number) in titles.items() if key in {number, _folded(title), _folded(header[at])}]
        if len(hits) == 1:
            return hits[0]
        if hits:
            raise GradebookUnusable(
                f"The gradebook has {len(hits)} columns called “{text}”: {_quoted([header[at] for at in hits])}. "
                "Name one by the number in parentheses: --assignment NUMBER."
            )
    names = " or ".join(f"“{text}”" for text in asked)
    raise GradebookUnusable(
        f"The gradebook has no assignment called {names}. Say which one is meant with --assignment; "
        f"it has: {_quoted([header[at] for at in titles]) or 'none at all'}."
    )


def _assignment(name: str) -> tuple[str, str] | None:
    """(title, id) of an assignment's header, None for any other column."""
    parts = _ASSIGNMENT.fullmatch(name)
    return (parts["title"], parts["id"]) if parts and not _TOTAL.search(name) else None


def _possible(book: _Gradebook, column: int) -> float:
    """The points that Canvas has for the assignment, 0 where it does not say.

    Raises:
        GradebookUnusable: the column cannot be written.
    """
    cell = next((row[column] for row in book.head if _POINTS in row[0]), "")
    if _READ_ONLY.search(cell):
        raise GradebookUnusable(
            f"Canvas marks the column “{book.table.header[column]}” as read only. Choose another with --assignment."
        )
    return _number(cell) if _DIGITS.fullmatch(cell.strip()) else 0.0


def _number(cell: str) -> float:
    """A number as Canvas reads it: the last dot or comma is the decimal point, the others vanish."""
    whole, mark, fraction = cell.strip().replace(",", ".").rpartition(".")
    return float(whole.replace(".", "") + mark + fraction)


def _fill(
    book: _Gradebook, column: int, possible: float, grades: Iterable[Grade]
) -> tuple[list[Placed], list[LeftOut], list[Row]]:
    """Who got a new grade, who did not, and the students' rows in the gradebook's own order."""
    finder = Finder(_keys(book), [_name(row[: book.names]) for row in book.students])
    scores = [_score(grade) for grade in grades]
    placed: list[Placed] = []
    left_out: list[LeftOut] = []
    filled: dict[int, Row] = {}
    for score, found in zip(scores, finder.find([score.student for score in scores]), strict=True):
        why = _reason(score, found, book, column)
        if why or not isinstance(found, Found):
            left_out.append(LeftOut(score.student, why))
            continue
        row = book.students[found.row]
        filled[found.row] = (*row[:column], _scaled(score, possible), *row[column + 1 :])
        placed.append(Placed(score.student, _name(row[: book.names]), found.by))
    return placed, left_out, [filled[at] for at in sorted(filled)]


def _score(grade: Grade) -> _Score:
    ending = "" if grade.graded else grade.run.ending.value
    return _Score(grade.student, grade.score, grade.max_score, ending)


def _scaled(score: _Score, possible: float) -> str:
    factor = possible / score.most if possible and score.most else 1.0
    return written(score.points * factor)


def _reason(score: _Score, found: Found | str, book: _Gradebook, column: int) -> str:
    """Why this grade is not written; "" if it is."""
    if score.missing:
        return f"has no score: the run ended “{score.missing}”. What Canvas has stays as it is"
    if isinstance(found, str):
        return found
    return _CLOSED.get(book.students[found.row][column].strip().upper(), "")


def _keys(book: _Gradebook) -> dict[str, list[str]]:
    """Identity column -> its cells, one for each student."""
    header = book.table.header
    end = header.index("Section")
    places = {name: header.index(name) for name in _KEYS if name in header[:end]}
    return {name: [row[at] for row in book.students] for name, at in places.items()}


def _name(cells: Sequence[str]) -> str:
    """A name as Canvas means it: it writes `="=x"` for one that starts like a formula."""
    plain = [cell[2:-1] if cell.startswith('="=') and cell.endswith('"') else cell for cell in cells]
    return ", ".join(plain)


def _notes(book: _Gradebook, column: int, possible: float, results: ClassResults, count: int) -> Iterator[str]:
    title = book.table.header[column]
    yield f"{count} of {len(book.students)} students in the gradebook get a new score in “{title}”."
    if not possible:
        yield f"The gradebook does not say what “{title}” is worth, so scores are written as they are."
    elif possible != results.max_score:
        yield (
            f"“{title}” is worth {written(possible)} points in Canvas and {written(results.max_score)} here: "
            f"scores were scaled to {written(possible)}."
        )


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
