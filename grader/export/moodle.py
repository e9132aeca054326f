"""Moodle: the assignment's own grading worksheet, with the grade and a comment filled in.

Headers are in the language of whoever downloaded the worksheet, so columns are told by what stands in them, in the
order in which Moodle writes them, and known words only help. Only students with a new grade are in the file. The date
by which Moodle sees that a grade is newer than the worksheet stays as it came.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.errors import GradebookUnusable
from grader.export import table, worksheet
from grader.export.shape import PAGE, Export, Placed, Request
from grader.export.table import Row, Table
from grader.export.text import inert, unescaping
from grader.export.worksheet import GRADE, Filled, Score, Worksheet, folded, number, quoted
from grader.model import ClassResults
from grader.scoring import written

_PARTICIPANT: Final = re.compile(r"(?P<word>\D+)\d+")
_LETTER: Final = re.compile(r"[^\W\d_]")
_NO_GRADE: Final = frozenset({"", "-"})
_MAXIMUM: Final = "maximum grade"
_YES: Final = frozenset(
    ["yes", "ja", "oui", "sí", "si", "sì", "sim", "tak", "да", "はい", "是", "evet", "kyllä", "ναι", "ano", "jah", "da"]
)
_NO: Final = frozenset(
    ["no", "nein", "non", "não", "nao", "nee", "nie", "nej", "нет", "いいえ", "否", "hayır", "ei", "όχι", "ne", "nei"]
)
_COMMENTS: Final = re.compile(
    "comment|kommentar|coment|comenta|commento|commenti|opmerking|komentar|komentář|коммент|kommentti|yorum|"
    "コメント|评语|評語|意见",
    re.IGNORECASE,
)
_PARAGRAPH: Final = re.compile(r"\s*<p[^>]*>(?P<text>[^<]*)</p>\s*")
_FORMULA: Final = re.compile(r"\s*[=+\-@]")
_FOLDER: Final = re.compile(r"[^_]*_(?P<id>[0-9]+)_assignsubmission_file")


@dataclass(frozen=True, slots=True)
class _Places:
    """Where things are in a worksheet; None for what it does not have, or what could not be told.

    Attributes:
        name: what people are called; a worksheet for blind marking has none.
        worth: the maximum grade.
        open: whether the grade can be changed.
        comments: feedback comments.
    """

    identifier: int
    name: int | None
    grade: int
    worth: int
    open: int | None
    comments: int | None


def export(results: ClassResults, request: Request) -> Export:
    """The worksheet in `request` with new grades, scaled to each row's maximum grade, and a sentence as comment.

    Raises:
        GradebookUnusable: no worksheet, not one of Moodle's, or its columns cannot be told.
    """
    if request.gradebook is None:
        raise GradebookUnusable(
            "Moodle takes back its own grading worksheet only. Download it (the assignment, View all submissions, "
            "Download grading worksheet) and name the file with --gradebook FILE."
        )
    book = table.read(request.gradebook)
    places = _places(book, request)
    sheet = _worksheet(book, places)
    filled = worksheet.fill(sheet, results.grades)
    content = _armed(book, places, filled.rows).content()
    return filled.export(content, f"{results.lab}-moodle.csv", _notes(sheet, places, filled, results))


def returned(at: Placed, called: str) -> str:
    """The folder of the submission, by whose number Moodle hands out what is in it."""
    folder = _FOLDER.match(called)
    return f"{folder[0]}/{PAGE}" if folder and folder["id"] == at.ids[0] else ""


def _places(book: Table, request: Request) -> _Places:
    identifier = _identifier(book)
    grade = _grade(book, request.assignment)
    return _Places(
        identifier=identifier,
        name=_name(book, identifier, grade),
        grade=grade,
        worth=_worth(book, grade),
        open=_open(book, grade),
        comments=_comments(book.header, request.comments),
    )


def _identifier(book: Table) -> int:
    """The place of “Participant 4711”, whatever the word for a participant is."""
    hits = [at for at in range(len(book.header)) if _is_identifier(_column(book, at))]
    if not hits:
        raise GradebookUnusable(
            "This is not a Moodle grading worksheet with students: none of its columns "
            f"({quoted(book.header[:8])}) holds participants' numbers, as “Participant 4711”. Give the file "
            "as Moodle's “Download grading worksheet” gave it; what the whole gradebook exports is another file."
        )
    return min(hits, key=lambda at: (folded(book.header[at]) != "identifier", not _spaced(book.rows[0][at]), at))


def _is_identifier(cells: Sequence[str]) -> bool:
    words = {part["word"] if (part := _PARTICIPANT.fullmatch(cell)) else "" for cell in cells}
    return len(words) == 1 and _LETTER.search(words.pop()) is not None


def _spaced(identifier: str) -> bool:
    return identifier.rstrip("0123456789").endswith(" ")  # “student7” may be a user's name


def _grade(book: Table, wanted: str) -> int:
    """The place of the grade: as named, or by a known word, or before a column of maximum grades."""
    if wanted:
        hits = [at for at, title in enumerate(book.header) if folded(title) == folded(wanted)]
    else:
        hits = [at for at, title in enumerate(book.header) if GRADE.fullmatch(folded(title))] or _pairs(book)
    if len(hits) != 1:
        which = (
            f"called “{wanted}”" if wanted else "of grades that is known, or that alone stands before maximum grades"
        )
        raise GradebookUnusable(
            f"The worksheet has {'no' if not hits else 'more than one'} column {which}. Name the column of the grade "
            f"with --assignment; there are: {quoted(book.header)}."
        )
    return hits[0]


def _pairs(book: Table) -> list[int]:
    """Places of what can be grades beside what can be their maximum."""
    columns = [_column(book, at) for at in range(len(book.header))]
    return [at for at in range(len(columns) - 1) if _fits(columns[at], columns[at + 1])]


def _fits(grades: Sequence[str], most: Sequence[str]) -> bool:
    limits = {number(cell) for cell in most}
    limit = limits.pop()
    given = [number(cell) for cell in grades if cell not in _NO_GRADE]
    return not limits and limit is not None and limit > 0 and all(one is not None and one <= limit for one in given)


def _worth(book: Table, grade: int) -> int:
    named = [at for at, title in enumerate(book.header) if folded(title) == _MAXIMUM]
    place = named[0] if named else grade + 1
    cells = _column(book, place) if place < len(book.header) else ["nothing"]
    for cell in cells:
        if not number(cell) and not worksheet.is_ambiguous(cell):
            raise GradebookUnusable(
                f"The worksheet does not say what “{book.header[grade]}” is out of: beside it stands “{cell}”. Moodle "
                "takes points only where the assignment's grade is of type “Point”, not on a scale."
            )
    return place


def _open(book: Table, grade: int) -> int | None:
    places = range(grade + 1, len(book.header))
    return next((at for at in places if {folded(cell) for cell in _column(book, at)} <= _YES | _NO), None)


def _name(book: Table, identifier: int, grade: int) -> int | None:
    """Names stand beside the participants; in blind marking that is the state of the submission, much alike for all."""
    place = identifier + 1
    if place >= len(book.header) or place == grade:
        return None
    named = folded(book.header[place]) == "full name"
    return place if named or 4 * len(set(_column(book, place))) > 3 * len(book.rows) else None


def _comments(header: Row, wanted: str) -> int | None:
    if wanted and folded(wanted) not in map(folded, header):
        raise GradebookUnusable(
            f"The worksheet has no column “{wanted}” for comments. Name another with --comments; there are: "
            f"{quoted(header)}."
        )
    hits = [
        at
        for at, title in enumerate(header)
        if (folded(title) == folded(wanted) if wanted else _COMMENTS.search(title))
    ]
    return hits[0] if len(hits) == 1 else None


def _column(book: Table, at: int) -> list[str]:
    return [row[at].strip() for row in book.rows]


def _worksheet(book: Table, places: _Places) -> Worksheet:
    shown = worksheet.decimal_mark(_column(book, places.worth) + _column(book, places.grade))
    mark = shown or _mark(book, places)
    names = [""] * len(book.rows) if places.name is None else _column(book, places.name)

    def worth(row: Row) -> float:
        return worksheet.worth(row[places.worth], book.header[places.grade], shown)

    return Worksheet(
        platform="Moodle",
        table=book,
        students=book.rows,
        column=places.grade,
        keys=_keys(book, places),
        names=names,
        worth=worth,
        closed=lambda row, points: _closed(places, row, points, worth(row)),
        mark=mark,
        others=_commenting(places, mark, worth),
        stand_ins={cell.rstrip("0123456789") for cell in _column(book, places.identifier)},
    )


def _mark(book: Table, places: _Places) -> str:
    """The decimal mark to write where the worksheet's own numbers do not show one for sure."""
    figures = "".join(_column(book, places.worth) + _column(book, places.grade))
    return "," if "," in figures and "." not in figures else "."


def _keys(book: Table, places: _Places) -> dict[str, list[str]]:
    """Columns that can tell who a student is: the participant's number, then addresses, numbers and user names.

    The latter stand left of the grade, hold no blanks, and no two students share one.
    """
    title = book.header[places.identifier]
    identifiers = _column(book, places.identifier)
    keys = {title: [re.sub(r"\D+", "", cell) for cell in identifiers]}
    keys[f"{title} in full"] = identifiers
    for at in set(range(places.grade)) - {places.identifier, places.name}:
        cells = _column(book, at)
        told = [cell for cell in cells if cell]
        if len(set(told)) == len(told) and not any(re.search(r"\s", cell) for cell in told):
            keys[book.header[at]] = cells
    return keys


def _closed(places: _Places, row: Row, points: float, worth: float) -> str:
    if places.open is not None and folded(row[places.open]) in _NO:
        return "has a grade that is locked in Moodle's gradebook, where it has to be unlocked first"
    if not 0 <= round(points, 2) <= worth:
        return f"would get {written(points)} of {written(worth)} points, which Moodle refuses"
    return ""


def _commenting(
    places: _Places, mark: str, worth: Callable[[Row], float]
) -> Callable[[Row, Score, float], Mapping[int, str]]:
    """What fills in comments. What a person wrote there stays."""
    place = places.comments

    def comment(row: Row, score: Score, points: float) -> Mapping[int, str]:
        if not place or not _is_free(row[place]):  # Moodle overlooks comments in the first column
            return {}
        return {place: f"<p>{worksheet.comment(score, points, worth(row), mark)}</p>"}

    return comment


def _is_free(comment: str) -> bool:
    paragraph = _PARAGRAPH.fullmatch(comment)
    return worksheet.is_free(paragraph["text"]) if paragraph else not comment.strip()


def _armed(book: Table, places: _Places, rows: Sequence[Row]) -> Table:
    """The file's rows, safe for Moodle's reader and for spreadsheets."""
    comments = _can_be_comments(book.header, places)
    return book.keep(tuple(_cell(cell, at, places, comments) for at, cell in enumerate(row)) for row in rows)


def _can_be_comments(header: Row, places: _Places) -> set[int]:
    """Columns that Moodle may read besides the grade; where none is called as comments are, all that are not known."""
    named = {at for at, title in enumerate(header) if at == places.comments or _COMMENTS.search(title)}
    others = {places.name, places.worth, places.open}
    return named or {at for at in range(len(header)) if at not in others}


def _cell(cell: str, at: int, places: _Places, comments: Collection[int]) -> str:
    """A cell as PHP reads it right.

    Moodle puts an apostrophe before a comment that begins like a formula, as a list does; inside of a tag it begins
    with none, for spreadsheets neither. Cells that Moodle does not read may begin with an apostrophe.
    """
    if at not in {places.identifier, places.grade} and cell not in _NO_GRADE:
        if at not in comments:
            cell = inert(cell)
        elif _FORMULA.match(cell):
            cell = f"<p>{cell}</p>"
    return unescaping(cell)


def _notes(sheet: Worksheet, places: _Places, filled: Filled, results: ClassResults) -> Iterator[str]:
    worths = {sheet.worth(row) for row in sheet.students}
    yield from worksheet.notes(sheet, filled, worths.pop() if len(worths) == 1 else results.max_score, results)
    if places.comments is None:
        yield "No column for comments was recognised, so none are written. If there is one, name it with --comments."
    elif places.comments == 0:
        yield "Moodle overlooks comments in the first column, so none are written. Move the column, or download anew."
    elif kept := sum(not _is_free(row[places.comments]) for row in filled.rows):
        yield f"Comments that somebody wrote in Moodle stay as they are, without a new one: {kept}."
    if places.open is None:
        yield "Which grades are locked could not be told. Moodle itself passes over those."
