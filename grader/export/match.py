"""Finding students in somebody else's list: by id where there is one, by name only where nobody else can be meant.

An id counts only as far as the names do not speak against it: the number of a folder or of a group can be another
student's id. Who was kept apart from somebody with the same id (`naming.parted`) has it where the names agree.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from grader import naming
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
        stand_ins: what the platform writes for a name that it does not tell, besides what all do.
    """

    def __init__(self, keys: Mapping[str, Sequence[str]], names: Sequence[str], stand_ins: Iterable[str] = ()) -> None:
        self._keys = {column: _index(map(naming.folded, cells)) for column, cells in keys.items()}
        self._names = names
        self._rows = _index(map(naming.canonical, names))
        self._stand_ins = naming.stand_ins(stand_ins)

    def find(self, students: Sequence[Student]) -> list[Found | str]:
        """For each student the row, or why there is none. No two students get the same row."""
        by_key = [self._by_key(student) for student in students]
        taken = {place.row for place in by_key if isinstance(place, Found)}
        names = Counter(naming.canonical(student.name) for student in students)
        found = [place or self._by_name(student, taken, names) for student, place in zip(students, by_key, strict=True)]
        claims = Counter(place.row for place in found if isinstance(place, Found))
        return [_TWICE if isinstance(place, Found) and claims[place.row] > 1 else place for place in found]

    def _by_key(self, student: Student) -> Found | str | None:
        if (id_ := naming.parted(student.key)) and not self._is_there(student.key):
            place = self._by_key(replace(student, key=id_))  # somebody else's in the database, maybe not in this list
            return place if isinstance(place, Found) and naming.same(student, self._names[place.row]) else None
        key = naming.folded(student.key)
        hits = {column: index[key] for column, index in self._keys.items() if key in index}
        rows = {row for hit in hits.values() for row in hit}
        if len(rows) > 1:  # one person's number is another's login: only the name can tell them apart
            rows &= set(self._rows.get(naming.canonical(student.name), ()))
            if len(rows) != 1:
                return f"could be several students of the gradebook: “{student.key}” stands under {' and '.join(hits)}"
        found = next((Found(row, column) for column, hit in hits.items() for row in hit if row in rows), None)
        if found and naming.differ(student, self._names[found.row], self._stand_ins):
            return (
                f"is called “{self._names[found.row]}” in the gradebook, where “{student.key}” stands under "
                f"{found.by}: look whether both are the same person, and if they are, enter the score there by hand; "
                "of a group, for each member"
            )
        return found

    def _is_there(self, key: str) -> bool:
        return any(naming.folded(key) in index for index in self._keys.values())

    def _by_name(self, student: Student, taken: Collection[int], names: Mapping[str, int]) -> Found | str:
        name = naming.canonical(student.name)
        rows = self._rows.get(name, []) if name else []
        if not rows:
            return "is not in the gradebook, neither by id nor by name"
        if len(rows) > 1 or names[name] > 1:
            return "is not in the gradebook by id, and several students have this name"
        if rows[0] in taken:
            return _TWICE
        return Found(rows[0], BY_NAME)


def _index(texts: Iterable[str]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        if text:
            index[text].append(row)
    return dict(index)
