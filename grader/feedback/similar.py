"""What the pages say of submissions that are alike: where to look, never what to conclude."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from grader.feedback import words
from grader.model import Alike, Similar, SimilarPair, Student

FOLDER: Final = "similar"
_NAMED_MOST: Final = 3
"""Of those who handed in the very same; the page of the pair names all."""
_NAME_MOST: Final = 120
"""Characters of a name."""

PageName = Callable[[str], str]
"""Address of the page of the student with a key, relative to the class page."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who handed in a file; the key is "" where the name says as much."""

    name: str
    key: str
    page: str


@dataclass(frozen=True, slots=True)
class Row:
    """A pair in the class page's table.

    Attributes:
        named: whose names stand in the link; those of the left file, then those of the right one.
        more: how many others handed in one of the two.
        left: how much of the first is in the second; "" where they are the same file.
    """

    page: str
    named: tuple[Person, ...]
    more: int
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Section:
    """What the class page says.

    Attributes:
        news: how many submissions count that were not compared, in words; "" for none.
        none: why there is no row, in words; "" where there is one.
        more: how many pairs have no row, in words; "" for none.
        fewer: a larger threshold to ask for, in percent; 0 where there is none.
    """

    at: str
    compared: str
    news: str
    threshold: str
    rows: tuple[Row, ...]
    none: str
    more: str
    fewer: int


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of a file that match the other's, with the same number there; 0 where they match nothing."""

    number: int
    lines: str
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """One of the two files."""

    side: str
    other: str
    title: str
    people: tuple[Person, ...]
    share: str
    parts: tuple[Part, ...]
    cut: bool


def page_name(pair: SimilarPair) -> str:
    """Where the page of a pair is, relative to the class page."""
    return f"{FOLDER}/{pair.name}.html"


def section(similar: Similar, student_page: PageName) -> Section:
    """What the class page says of the last comparison."""
    rows = tuple(_row(pair, student_page) for pair in similar.pairs)
    more = similar.count - len(rows) + similar.lost
    return Section(
        at=words.moment(similar.at),
        compared=words.count(similar.compared, "submission"),
        news=_news(similar.unseen),
        threshold=_percent(similar.threshold),
        rows=rows,
        none="" if rows else _none(similar),
        more=words.count(more, "more pair") if more else "",
        fewer=_fewer(similar.threshold),
    )


def _news(unseen: int) -> str:
    """They may have been there: an attempt can count since a rule is another, or since somebody has more time."""
    if not unseen:
        return ""
    counts, were = ("counts", "was") if unseen == 1 else ("count", "were")
    return f"{words.count(unseen, 'submission')} that {counts} by now {were} not compared"


def _none(similar: Similar) -> str:
    found = similar.gone + similar.lost
    if not found:
        return f"No two of them share {_percent(similar.threshold)} of their code or more."
    if found == 1:
        return "The one pair that was found is not of submissions that still count."
    which = f"the {similar.gone} most alike are not" if similar.lost else "none is"
    return f"Of the {found} pairs found, {which} of submissions that still count."


def _fewer(threshold: float) -> int:
    """Halfway from the threshold to all of a file."""
    percent = round(100 * threshold)
    return (percent + 101) // 2 if percent < 100 else 0


def columns(pair: SimilarPair, student_page: PageName) -> tuple[Column, ...]:
    """The files of a pair; one where all handed in the very same."""
    if pair.right is None:
        return (_column(pair.left, "left", "Handed in by", (), student_page),)
    spans = [[(*getattr(passage, side), at) for at, passage in enumerate(pair.passages, 1)] for side in _SIDES]
    return (
        _column(pair.left, "left", "First", spans[0], student_page),
        _column(pair.right, "right", "Second", spans[1], student_page),
    )


_SIDES: Final = ("left", "right")


def _row(pair: SimilarPair, student_page: PageName) -> Row:
    if pair.right is None:
        students = [pair.left.students]
        left = right = ""
    else:
        students = [pair.left.students, pair.right.students]
        left, right = _percent(pair.left.share), _percent(pair.right.share)
    room = _NAMED_MOST if pair.right is None else 1
    named = [student for theirs in students for student in theirs[:room]]
    more = sum(map(len, students)) - len(named)
    return Row(page_name(pair), tuple(_people(named, student_page)), more, left, right)


def _people(students: Iterable[Student], student_page: PageName) -> Iterator[Person]:
    for student in students:
        key = "" if student.key == student.name else words.shortened(student.key, _NAME_MOST)
        yield Person(words.shortened(student.name, _NAME_MOST), key, student_page(student.key))


def _column(
    file: Alike, side: str, title: str, spans: Sequence[tuple[int, int, int]], student_page: PageName
) -> Column:
    other = _SIDES[side == "left"]
    people = tuple(_people(file.students, student_page))
    return Column(side, other, title, people, _percent(file.share), tuple(parts(file.text, spans)), file.cut)


def parts(text: str, spans: Sequence[tuple[int, int, int]]) -> Iterator[Part]:
    """A text in parts.

    Args:
        spans: (first line, last line, number) of those that match; no line is in two of them.
    """
    lines = text.split("\n")
    done = 0
    for first, last, number in sorted(spans):
        if done < first - 1:
            yield _part(lines, done, first - 1, 0)
        yield _part(lines, first - 1, last, number)
        done = last
    if done < len(lines):
        yield _part(lines, done, len(lines), 0)


def _part(lines: Sequence[str], begin: int, end: int, number: int) -> Part:
    called = f"line {begin + 1}" if end == begin + 1 else f"lines {begin + 1} to {end}"
    return Part(number, called, "\n".join(lines[begin:end]))


def _percent(share: float) -> str:
    """Rounded down, so that all of it is all of it."""
    return f"{int(100 * share + 1e-6)}%"
