"""Below the table of `grader results`: whose grade is another than was exported last."""

from collections.abc import Sequence
from datetime import UTC
from typing import Final

from grader.cli import screen
from grader.export import Differing, Outdated
from grader.intake.choose import some
from grader.scoring import written

_NAMED: Final = 10
"""How many students are named, at most; `grader history` tells of each."""


def show(found: Sequence[Outdated]) -> None:
    """Print for each format what its exports do not know of; nothing where they know all."""
    for one in found:
        if one.differing:
            which = f"({one.form}, {one.at.astimezone(UTC):%Y-%m-%d})"
            screen.say(f"{_students(len(one.differing), 'another grade')} than the last export {which} says:", "yellow")
            for differing in one.differing[:_NAMED]:
                screen.say(_differing(differing), indent=2)
            if len(one.differing) > _NAMED:
                screen.say(f"… and {len(one.differing) - _NAMED} more", indent=2)
        if one.missing:
            named = some([screen.called(who) for who in one.missing], _NAMED)
            screen.say(f"{_students(len(one.missing), 'a score')} that no {one.form} export has: {named}.", "yellow")


def _students(many: int, what: str) -> str:
    return f"1 student has {what}" if many == 1 else f"{many} students have {what}"


def _differing(one: Differing) -> str:
    now = "no score" if one.score is None else f"{written(one.score)} of {written(one.max_score)}"
    return f"{screen.called(one.student)}: {screen.exported(one.was)} there, now {now}"
