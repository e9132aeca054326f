"""More time for one student."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from grader.errors import ExtensionImpossible, UnknownStudent
from grader.intake.names import student as named
from grader.labs import Lab
from grader.model import Extension, GradeChange, Student
from grader.pipeline.people import ONLY_KEY, find_student, those_called
from grader.store import Store


def find(wanted: str, store: Store, lab: Lab, *, new: bool) -> Student:
    """The student whom a person means.

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
        return find_student(wanted, known, store.grades(lab.name).keys())
    except UnknownStudent as error:
        hint = " With --new it may be the key of somebody who has not handed in anything yet." if nobodys else ""
        raise UnknownStudent(f"{error}{'' if new else hint}") from error


def extend(lab: Lab, store: Store, who: Student, until: datetime, reason: str, by: str) -> GradeChange:
    """Give a student time until then.

    Args:
        until: by the clocks of the lab's zone; naive.

    Raises:
        ExtensionImpossible: nothing is due, it is not more time, or nobody says why.
    """
    due = lab.policy.due
    if due is None:
        raise ExtensionImpossible(
            f"Nothing is due in {lab.name}, so nobody needs more time. Say when it is in lab.toml: due, under [grade]."
        )
    zone = ZoneInfo(lab.policy.zone)
    try:
        own = until.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        raise ExtensionImpossible(f"{until:%Y-%m-%d %H:%M} is out of the calendar. Nothing was changed.") from None
    if own <= due:
        raise ExtensionImpossible(
            f"{lab.name} is due {due.astimezone(zone):%Y-%m-%d %H:%M} ({zone}) for everybody: that is no more time. "
            "Nothing was changed."
        )
    if not reason.strip():
        raise ExtensionImpossible("An extension needs a reason: say it with --why. Nothing was changed.")
    return store.extend(lab.name, who, Extension(own, reason.strip(), by))
