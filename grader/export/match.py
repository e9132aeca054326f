"""Finding students in somebody else's list: by id where there is one, by name only where nobody else can be meant."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.export.shape import BY_NAME
from grader.model import Student

_TWICE: Final = "is the same student of the gradebook as the author of another submission"


@dataclass(frozen=True, slots=True)
class Found:
    """The row of a student, counted from 0, and the column that told."""

    row: int
    by: str


class Finder:
    """Looks students up in a list.

    Args:
        keys: column of ids -> its cells, one for each row; earlier columns are believed first.
        names: one for each row, "Last, First" or "First Last".
    """

    def __init__(self, keys: Mapping[str, Sequence[str]], names: Sequence[str]) -> None:
        self._keys = {column: _index(map(_folded, cells)) for column, cells in keys.items()}
        self._names = _index(map(canonical, names))

    def find(self, students: Sequence[Student]) -> list[Found | str]:
        """For each student the row, or why there is none. No two students get the same row."""
        by_key = [self._by_key(student) for student in students]
        taken = {place.row for place in by_key if isinstance(place, Found)}
        names = Counter(canonical(student.name) for student in students)
        found = [place or self._by_name(student, taken, names) for student, place in zip(students, by_key, strict=True)]
        claims = Counter(place.row for place in found if isinstance(place, Found))
        return [_TWICE if isinstance(place, Found) and claims[place.row] > 1 else place for place in found]

    def _by_key(self, student: Student) -> Found | str | None:
        key = _folded(student.key)
        hits = {column: index[key] for column, index in self._keys.items() if key in index}
        rows = {row for hit in hits.values() for row in hit}
        if len(rows) > 1:  # one person's number is another's login: only the name can tell them apart
            rows &= set(self._names.get(canonical(student.name), ()))
            if len(rows) != 1:
                return f"could be several students of the gradebook: “{student.key}” stands under {' and '.join(hits)}"
        return next((Found(row, column) for column, hit in hits.items() for row in hit if row in rows), None)

    def _by_name(self, student: Student, taken: Collection[int], names: Mapping[str, int]) -> Found | str:
        name = canonical(student.name)
        rows = self._names.get(name, []) if name else []
        if not rows:
            return "is not in the gradebook, neither by id nor by name"
        if len(rows) > 1 or names[name] > 1:
            return "is not in the gradebook by id, and several students have this name"
        if rows[0] in taken:
            return _TWICE
        return Found(rows[0], BY_NAME)


def canonical(name: str) -> str:
    """The same text for "Doe, Jane" and "Jane Doe", however they are written; for comparing only."""
    last, comma, first = name.partition(",")
    return _folded(f"{first} {last}") if comma and "," not in first else _folded(name)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _index(texts: Iterable[str]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        if text:
            index[text].append(row)
    return dict(index)
