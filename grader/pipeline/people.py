"""Whom a person means who names a student."""

import difflib
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from grader.errors import UnknownStudent
from grader.intake.names import visible
from grader.model import Student
from grader.naming import folded

ONLY_KEY: Final = "key:"
"""Before a key that is somebody else's name."""
NAMED_MOST: Final = 8
"""Of the students who may be meant."""


def find_student(wanted: str, students: Sequence[Student], here: Collection[str] = ()) -> Student:
    """The student who has this as the key or as the name; of several, the only one of those who are `here`.

    Args:
        wanted: a key or a name; after `ONLY_KEY`, a key.
        here: keys of those who have something in the lab that it is about.

    Raises:
        UnknownStudent: nobody is called so, or several are; the sentence names who may be meant.
    """
    key, called = wanted.removeprefix(ONLY_KEY), those_called(wanted, students)
    called = [student for student in called if student.key in here] or called
    if len(called) == 1:
        return called[0]
    if called:
        who = f"{len(called)} may be meant by “{visible(wanted)}”: {_named(called)}"
        keys = {student.key for student in called}
        theirs = f" The one with the key “{visible(key)}” is “{ONLY_KEY}{visible(key)}”." if key in keys else ""
        raise UnknownStudent(f"{who}. Give the key.{theirs}")
    alike = _alike(folded(wanted), students)
    meant = f" Did you mean {_named(alike)}?" if alike else ""
    raise UnknownStudent(f"Nobody known has the key or the name “{visible(wanted)}”.{meant}")


def those_called(wanted: str, students: Sequence[Student]) -> list[Student]:
    """Those who have this key or name."""
    key = wanted.removeprefix(ONLY_KEY)
    named = folded(wanted) if key == wanted else None
    return [student for student in students if student.key == key or folded(student.name) == named]


def _alike(wanted: str, students: Sequence[Student]) -> list[Student]:
    """Those whose key or name holds `wanted`, or else is written much like it."""
    called = [(folded(text), student) for student in students for text in (student.key, student.name)]
    holding = [student for text, student in called if wanted in text]
    close = difflib.get_close_matches(wanted, {text for text, _ in called}, NAMED_MOST)
    return list(dict.fromkeys(holding or [student for text, student in called if text in close]))


def _named(students: Sequence[Student]) -> str:
    shown = ", ".join(_calling(students[:NAMED_MOST]))
    more = len(students) - NAMED_MOST
    return f"{shown} or one of {more} more" if more > 0 else shown


def _calling(students: Iterable[Student]) -> Iterable[str]:
    for student in students:
        key, name = visible(student.key), visible(student.name)
        yield key if key == name else f"{key} ({name})"
