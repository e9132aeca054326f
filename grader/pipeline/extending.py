"""More time for one student."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from grader.errors import ExtensionImpossible, UnknownStudent
from grader.intake.names import student as named
from grader.labs import Lab
from grader.model import Extension, GradeChange, Student
from grader.pipeline.people import find_student
from grader.store import Store


def find(wanted: str, store: Store, lab: Lab, *, new: bool) -> Student:
    """The student whom a person means.

    Args:
        new: nobody may be known yet whose key is `wanted`.

    Raises:
        UnknownStudent: nobody is called so, or several are; the sentence names who may be meant.
    """
    known = store.students()
    if new and wanted not in {who.key for who in known}:
        return named(wanted)
    try:
        return find_student(wanted, known, store.grades(lab.name).keys())
    except UnknownStudent as error:
        hint = "" if new else " With --new it may be the key of somebody who has not handed in anything yet."
        raise UnknownStudent(f"{error}{hint}") from error


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
    own = until.replace(tzinfo=zone).astimezone(UTC)
    if own <= due:
        raise ExtensionImpossible(
            f"{lab.name} is due {due.astimezone(zone):%Y-%m-%d %H:%M} ({zone}) for everybody: that is no more time. "
            "Nothing was changed."
        )
    if not reason.strip():
        raise ExtensionImpossible("An extension needs a reason: say it with --why. Nothing was changed.")
    return store.extend(lab.name, who, Extension(own, reason.strip(), by))
