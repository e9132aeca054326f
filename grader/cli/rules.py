"""What a terminal says about the rules of a lab: which attempt counts, and who is late."""

from collections.abc import Sequence
from typing import Final

import click

from grader.cli import screen
from grader.intake.choose import some
from grader.intake.names import shown
from grader.labs import Lab
from grader.model import Recount, Student
from grader.store import Store

_NAMED: Final = 20
"""How many students are named, at most."""
_NAME_MOST: Final = 50
"""Characters of a name that scores stand behind, so that these are not cut off with it."""


def warn(lab: Lab, store: Store) -> None:
    """Say on standard error where lab.toml has other rules than those by which the grades count."""
    rules = store.policy(lab.name)
    if rules != lab.policy and store.grades(lab.name):
        click.echo(
            f"lab.toml has other rules than those in effect. In effect: {rules}. In lab.toml: {lab.policy}. "
            f"`grader regrade {lab.name}` puts these into effect; `--dry-run` shows first whose score changes.",
            err=True,
        )


def show_recounts(recounts: Sequence[Recount], what: str) -> None:
    """Print whose score changed, after `what` changed it; nothing where nobody's did."""
    if recounts:
        found = [
            f"{shown(screen.called(one.student), _NAME_MOST)} {_score(one.old_score)} → {_score(one.new_score)}"
            for one in recounts
        ]
        screen.say(f"{what} {some(found, _NAMED)}.", "yellow")


def show_untold(students: Sequence[Student]) -> None:
    """Print of whom nobody knows whether they are late; nothing where it is known of all."""
    if students:
        found = [screen.called(student) for student in students]
        screen.say(
            f"Nobody told when these were handed in, so lateness costs them nothing: {some(found, _NAMED)}.", "yellow"
        )


def _score(score: float | None) -> str:
    return screen.points(score, "no score")
