"""A platform's own table with one column filled in: what the platforms share that take back what they gave out.

A platform says where in its table things are (`Worksheet`); students are found and scores written here.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.errors import GradebookUnusable
from grader.export.match import Finder, Found
from grader.export.shape import Export, LeftOut, Placed
from grader.export.table import Row, Table
from grader.model import ClassResults, Ending, Grade, Outcome, Student
from grader.scoring import Late, written

GRADE: Final = re.compile(
    "grade|bewertung|note|calificación|nota|avaliação|valutazione|voto|cijfer|beoordeling|ocena|оценка|not|betyg|"
    "karakter|arvosana|qualificació|hodnocení|成绩|評点|評定"
)
"""What a column of grades is called in the languages of platforms, folded."""
_NUMBER: Final = re.compile(r"-?[0-9.,]*[0-9]")
_NAME_MOST: Final = 150
"""Characters of a column's title in a sentence."""
_COMMENT: Final = re.compile(r"[0-9.,]+ of [0-9.,]+ points(, [0-9]+ of [0-9]+ checks passed)?(, [0-9]+ days? late)?\.")
_AMBIGUOUS: Final = re.compile(r"-?[1-9][0-9]{0,2}([.,])[0-9]{3}(?:\1[0-9]{3})*")
"""1,000 is a thousand or one, by the language."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a gradebook takes of a grade.

    Attributes:
        missing: how the run ended that has no score; "" if there is one.
        passed: how many of its checks passed.
        late: how late it was, where that lessened the points.
    """

    student: Student
    points: float
    most: float
    missing: str
    passed: int
    checks: int
    late: Late | None


@dataclass(frozen=True, slots=True)
class Filled:
    """What filling in a worksheet came to.

    Attributes:
        unchanged: students who have the same score there already, and are not in `rows`.
        rows: the rows of the students in `placed`, in the worksheet's own order.
    """

    placed: tuple[Placed, ...]
    unchanged: tuple[Placed, ...]
    left_out: tuple[LeftOut, ...]
    rows: tuple[Row, ...]

    def export(self, content: bytes, file_name: str, notes: Iterable[str]) -> Export:
        """The file made of it."""
        return Export(content, file_name, self.placed, self.left_out, self.unchanged, tuple(notes))


def _nothing_else(_row: Row, _score: Score, _points: float) -> Mapping[int, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A platform's table, understood.

    Attributes:
        platform: its name, for sentences.
        students: the rows that may be filled in.
        column: the place of the score in a row.
        keys: column of ids -> its cells, one for each student; earlier columns are believed first.
        names: what the platform calls each student.
        worth: what a row's score is out of, 0 where the platform does not say.
        closed: why a row does not take a score of so many points, going on with the sentence that the student's
            name begins; "" if it does.
        repeats: who has the same score already stays in the file.
        mark: the decimal mark to write.
        others: what else changes in a row whose score does: place -> cell.
        stand_ins: what the platform writes in place of names that it does not tell.
    """

    platform: str
    table: Table
    students: tuple[Row, ...]
    column: int
    keys: Mapping[str, Sequence[str]]
    names: Sequence[str]
    worth: Callable[[Row], float]
    closed: Callable[[Row, float], str]
    repeats: bool = False
    mark: str = "."
    others: Callable[[Row, Score, float], Mapping[int, str]] = _nothing_else
    stand_ins: Collection[str] = ()

    @property
    def title(self) -> str:
        """What the column of the score is called."""
        return self.table.header[self.column]


def fill(sheet: Worksheet, grades: Iterable[Grade]) -> Filled:
    """Write the scores into their rows, scaled to what each is worth there."""
    scores = [_score(grade) for grade in grades]
    placed: list[Placed] = []
    unchanged: list[Placed] = []
    left_out: list[LeftOut] = []
    filled: dict[int, Row] = {}
    found = Finder(sheet.keys, sheet.names, sheet.stand_ins).find([score.student for score in scores])
    for score, place in zip(scores, found, strict=True):
        if score.missing or isinstance(place, str):
            left_out.append(LeftOut(score.student, _ungraded(score, sheet) if score.missing else str(place)))
            continue
        row = sheet.students[place.row]
        points = _scaled(score, sheet.worth(row))
        if why := sheet.closed(row, points):
            left_out.append(LeftOut(score.student, why))
            continue
        at = _placed(score, place, sheet, points)
        if at.was == at.now and not sheet.repeats:
            unchanged.append(at)
            continue
        placed.append(at)
        filled[place.row] = _with(
            row, {sheet.column: at.now.replace(".", sheet.mark), **sheet.others(row, score, points)}
        )
    return Filled(tuple(placed), tuple(unchanged), tuple(left_out), tuple(filled[at] for at in sorted(filled)))


def _score(grade: Grade) -> Score:
    missing = "" if grade.graded else grade.run.ending.value
    passed = sum(check.outcome is Outcome.PASSED for check in grade.run.checks)
    late = None if grade.override else grade.late
    return Score(grade.student, grade.score, grade.max_score, missing, passed, len(grade.run.checks), late)


def _ungraded(score: Score, sheet: Worksheet) -> str:
    refused = score.missing == Ending.REJECTED
    why = "what was handed in could not be taken in" if refused else f"the run ended “{score.missing}”"
    return f"has no score: {why}. What {sheet.platform} has stays as it is"


def _scaled(score: Score, worth: float) -> float:
    return score.points * (worth / score.most if worth and score.most else 1.0)


def _placed(score: Score, place: Found, sheet: Worksheet, points: float) -> Placed:
    before = sheet.students[place.row][sheet.column].strip()
    was = number(before)
    name = sheet.names[place.row] or next(cells[place.row] for cells in sheet.keys.values())
    most = sheet.worth(sheet.students[place.row]) or score.most
    ids = tuple(cells[place.row] for cells in sheet.keys.values())
    return Placed(score.student, name, place.by, before if was is None else written(was), written(points), most, ids)


def _with(row: Row, cells: Mapping[int, str]) -> Row:
    return tuple(cells.get(at, cell) for at, cell in enumerate(row))


def number(cell: str) -> float | None:
    """A number as any language writes it: the last dot or comma is the decimal point.

    None for other text, and for what is a thousand or one, by the language, as 1,000.
    """
    text = cell.strip()
    point = _point(text)
    if not _NUMBER.fullmatch(text) or is_ambiguous(text) or (point and text.count(point) > 1):
        return None
    whole, mark, fraction = text.replace(",", ".").rpartition(".")
    return float(whole.replace(".", "") + mark + fraction)


def is_ambiguous(cell: str) -> bool:
    """Whether it is a number, and only the language tells which."""
    return _AMBIGUOUS.fullmatch(cell.strip()) is not None


def decimal_mark(cells: Iterable[str]) -> str:
    """The dot or comma that numbers show to be their decimal point, "" where none or both do."""
    marks = {_point(cell.strip()) for cell in cells if number(cell) is not None} - {""}
    return marks.pop() if len(marks) == 1 else ""


def _point(number_: str) -> str:
    """The last dot or comma."""
    return number_.rstrip("0123456789")[-1:].strip("-")


def worth(cell: str, title: str, mark: str) -> float:
    """What a cell says that a column is worth, 0 where it says nothing.

    Args:
        mark: the decimal point of the numbers beside it, as far as these show it.

    Raises:
        GradebookUnusable: it may be a thousand or one.
    """
    text = cell.strip()
    if not is_ambiguous(text):
        return number(text) or 0.0
    if not mark or text.count(mark) > 1:
        raise GradebookUnusable(
            f"“{title}” is worth “{text}” in the gradebook, which is thousands or a fraction, by the language. Write "
            "it without a sign for thousands into a copy of the file, as 1000, and give that."
        )
    return float(text.replace("," if mark == "." else ".", "").replace(mark, "."))


def column(titles: Mapping[int, Collection[str]], header: Row, results: ClassResults, wanted: str, advice: str) -> int:
    """The place of the lab's column.

    Args:
        titles: place -> what the column there may be called.
        wanted: what the instructor calls it; "" looks for the lab's title, then for its name.
        advice: what to do where several have the title, a sentence.

    Raises:
        GradebookUnusable: there is none, or there are several.
    """
    asked = [wanted] if wanted else [results.lab_title, results.lab]
    for text in asked:
        hits = [at for at, names in titles.items() if folded(text) in map(folded, names)]
        if len(hits) == 1:
            return hits[0]
        if hits:
            raise GradebookUnusable(
                f"The gradebook has {len(hits)} columns called “{text}”: {quoted(header[at] for at in hits)}. {advice}"
            )
    raise GradebookUnusable(
        f"The gradebook has no assignment called {' or '.join(f'“{text}”' for text in asked)}. Say which one is meant "
        f"with --assignment; it has: {quoted(header[at] for at in titles) or 'none at all'}."
    )


def cells(rows: Sequence[Row], header: Row, columns: Iterable[str]) -> dict[str, list[str]]:
    """Those of `columns` that the header has -> their cells."""
    return {name: [row[header.index(name)] for row in rows] for name in columns if name in header}


def notes(sheet: Worksheet, filled: Filled, worth: float, results: ClassResults) -> Iterator[str]:
    """What there is to say about a worksheet whose rows are all worth the same."""
    title, students = sheet.title, len(sheet.students)
    yield f"{len(filled.placed)} of {students} students in the gradebook get a new score in “{title}”."
    if filled.unchanged:
        yield f"Students who have the same score there already are not in the file: {len(filled.unchanged)}."
    if not worth:
        yield f"The gradebook does not say what “{title}” is worth, so scores are written as they are."
    elif worth != results.max_score:
        yield (
            f"“{title}” is worth {written(worth)} points in {sheet.platform} and {written(results.max_score)} here: "
            f"scores were scaled to {written(worth)}."
        )


def comment(score: Score, points: float, worth: float, mark: str) -> str:
    """A sentence for the student."""
    earned, most = (written(figure).replace(".", mark) for figure in (points, worth or score.most))
    checks = f", {score.passed} of {score.checks} checks passed" if score.checks else ""
    late = f", {score.late}" if score.late else ""
    return f"{earned} of {most} points{checks}{late}."


def is_free(cell: str) -> bool:
    """Whether a comment may take the place of what is there: nothing, or one that an earlier export wrote."""
    return not cell.strip() or _COMMENT.fullmatch(cell.strip()) is not None


def full_name(parts: Iterable[str]) -> str:
    """“Last, First” of the columns for them, as far as they are filled."""
    return ", ".join(part for part in parts if part.strip())


def folded(text: str) -> str:
    """`text` as titles are compared: capitals and spaces do not matter."""
    return " ".join(text.split()).casefold()


def quoted(names: Iterable[str]) -> str:
    """Names in a sentence; what is long is cut."""
    short = (name if len(name) <= _NAME_MOST else f"{name[: _NAME_MOST - 1]}…" for name in names)
    return ", ".join(f"“{name}”" for name in short)
