"""More time for one student."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from grader.errors import ExtensionImpossible
from grader.labs import Lab
from grader.model import Extension, GradeChange, Student
from grader.store import Store


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
