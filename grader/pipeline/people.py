"""Whom a person means who names a student."""

import difflib
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from grader.errors import UnknownStudent
from grader.intake.names import student as named
from grader.intake.names import visible
from grader.model import Student
from grader.naming import canonical, folded
from grader.store import Store

ONLY_KEY: Final = "key:"
"""Before a key that is somebody else's name."""
NAMED_MOST: Final = 8
"""Of the students who may be meant."""


def find(wanted: str, store: Store, lab: str, *, new: bool) -> Student:
    """The student whom a person means who decides something in a lab.

    Args:
        new: where nobody has this key or name, it is the key of somebody who is not known yet.

    Raises:
        UnknownStudent: nobody is called so, or several are; the sentence names who may be meant.
    """
    known = store.students()
    nobodys = not those_called(wanted, known)
    if new and nobodys and wanted.strip() and not wanted.startswith(ONLY_KEY):
        return named(wanted)
    try:
        return find_student(wanted, known, store.grades(lab).keys())
    except UnknownStudent as error:
        hint = " With --new it may be the key of somebody who has not handed in anything yet." if nobodys else ""
        raise UnknownStudent(f"{error}{'' if new else hint}") from error


def find_student(wanted: str, students: Sequence[Student], here: Collection[str] = ()) -> Student:
    """The student who has this as the key or as the name, whatever stands first; of several, the only one `here`.

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
    alike = _alike(wanted, students)
    meant = f" Did you mean {_named(alike)}?" if alike else ""
    raise UnknownStudent(f"Nobody known has the key or the name “{visible(wanted)}”.{meant}")


def those_called(wanted: str, students: Sequence[Student]) -> list[Student]:
    """Those who have this key or name; if nobody has, those who have the name with the last name elsewhere."""
    key = wanted.removeprefix(ONLY_KEY)
    if key != wanted:
        return [student for student in students if student.key == key]
    named, turned = folded(wanted), canonical(wanted)
    exactly = [student for student in students if student.key == key or folded(student.name) == named]
    return exactly or [student for student in students if canonical(student.name) == turned]


def _alike(wanted: str, students: Sequence[Student]) -> list[Student]:
    """Those whose key or name holds `wanted`, or else is written much like it, whatever stands first.

    What has digits in it is a key, and keys that are much like it are other people's.
    """
    called = [
        (text, student)
        for student in students
        for text in (folded(student.key), folded(student.name), canonical(student.name))
    ]
    holding = [student for text, student in called if folded(wanted) in text]
    if holding or any(map(str.isdigit, wanted)):
        return list(dict.fromkeys(holding))
    texts = {text for text, _ in called}
    close = {
        text
        for form in (folded(wanted), canonical(wanted))
        for text in difflib.get_close_matches(form, texts, NAMED_MOST)
    }
    return list(dict.fromkeys(student for text, student in called if text in close))


def _named(students: Sequence[Student]) -> str:
    shown = ", ".join(_calling(students[:NAMED_MOST]))
    more = len(students) - NAMED_MOST
    return f"{shown} or one of {more} more" if more > 0 else shown


def _calling(students: Iterable[Student]) -> Iterable[str]:
    for student in students:
        key, name = visible(student.key), visible(student.name)
        yield key if key == name else f"{key} ({name})"
