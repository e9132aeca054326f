"""What `grader check` shows: a line for each check, below it what happened and what to do next."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from grader.cli import screen
from grader.examine import sentences
from grader.examine.imports import Imports
from grader.model import CheckResult, Ending, Outcome, Run
from grader.scoring import written

MARKS: Final = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.PARTIAL: ("◐", "yellow"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.ERROR: ("!", "red"),
    Outcome.SKIPPED: ("–", "dim"),
}
_ALIKE: Final = frozenset({Outcome.ERROR, Outcome.SKIPPED})
"""Outcomes of which many come from one cause, a file that cannot be imported for instance."""
_OUTPUT_MOST: Final = 2000
"""Characters of the end of what a file printed."""
_DISTRIBUTIONS: Final[Mapping[str, str]] = {"PIL": "pillow", "mpl_toolkits": "matplotlib", "sklearn": "scikit-learn"}
"""Module -> what to install for it, where that has another name."""


class CheckRows:
    """Prints checks one after the other as they end. Those that end alike are one row, and told once.

    Args:
        entry: what the submission's file is called when it runs.
        name: what its author calls it.
    """

    def __init__(self, entry: str, name: str) -> None:
        self._alike: list[CheckResult] = []
        self._frame = re.compile(rf'^File "{re.escape(entry)}(?=[",])', re.MULTILINE)
        self._named = f'File "{name}'

    def show(self, check: CheckResult) -> None:
        """Print one check's outcome, what happened and what to try; later, where others may end like it."""
        check = replace(check, traceback=self._frame.sub(lambda _: self._named, check.traceback))
        if self._alike and _what(self._alike[0]) != _what(check):
            self._print()
        self._alike.append(check)
        if check.outcome not in _ALIKE:
            self._print()

    def summary(self, run: Run, imports: Imports) -> None:
        """Print how a pre-check went as a whole, and what to do next."""
        told = len(self._alike) == len(run.checks) > 0  # all ended alike, which says more than the run's own message
        self._print()
        if run.message and not told:
            screen.say(run.message, "red")
        for note in run.notes:
            screen.say(note, "dim")
        for sentence in _differences(imports):
            screen.say(sentence, "yellow")
        if run.output:
            screen.rule("what your code printed")
            screen.say(run.output.rstrip()[-_OUTPUT_MOST:])
            screen.rule()
        if run.ending is Ending.BROKEN:
            screen.say("The checks could not be finished: one of them failed itself.", "bold")
            screen.say(f"That says nothing about your file. Show your instructor this: {run.fault}", "cyan")
            return
        passed = sum(check.outcome is Outcome.PASSED for check in run.checks)
        earned = f"{written(run.score)} of {written(run.max_score)} points"
        screen.say(f"{passed} of {len(run.checks)} public checks passed, {earned}.", "bold")
        screen.say(_next(run, imports), "cyan")

    def _print(self) -> None:
        if self._alike:
            _row(self._alike)
            _details(self._alike)
            self._alike = []


def _what(check: CheckResult) -> tuple[Outcome, str, str]:
    return check.outcome, sentences.advised(check.message), check.traceback


def _row(checks: list[CheckResult]) -> None:
    mark, style = MARKS[checks[0].outcome]
    earned, out_of = sum(check.points for check in checks), sum(check.max_points for check in checks)
    points = f"{written(earned)}/{written(out_of)}"
    width = max(cell_len(screen.plain(sign)) for sign, _ in MARKS.values())
    room = screen.WIDTH - len(points) - width - 4
    title = checks[0].title if len(checks) == 1 else f"{len(checks)} checks"
    shown = screen.cut(screen.plain(title), room)
    line = Text.assemble("  ", (screen.plain(mark).ljust(width), style), " ", screen.isolated(shown))
    screen.console.print(line + Text(" " * (room - cell_len(shown) + 1) + points), soft_wrap=True)


def _details(checks: list[CheckResult]) -> None:
    """What happened; a hint is for who failed that one check, not for whom something else kept from it."""
    first = checks[0]
    if first.outcome is Outcome.PASSED:
        return
    message = sentences.together([check.message for check in checks])
    names = ", ".join(check.title for check in checks) if len(checks) > 1 and message == first.message else ""
    hint = f"Hint: {first.hint}" if first.hint and len(checks) == 1 else ""
    for text, style in ((message, ""), (first.traceback, "dim"), (names, "dim"), (hint, "cyan")):
        if text:
            screen.say(text, style, indent=6)


def _differences(imports: Imports) -> list[str]:
    only_here = [f"Your course's grader has no {name}: take that import out." for name in imports.only_here]
    only_there = [
        f"{name} is not on this machine, though your course's grader has it. "
        f"Install it: python -m pip install {_DISTRIBUTIONS.get(name, name)}"
        for name in imports.only_there
    ]
    beside = [
        f"{name}.py was not checked with your file: put what you need of it into your file, or check a zip of both."
        for name in imports.beside
    ]
    return only_here + only_there + beside


def _next(run: Run, imports: Imports) -> str:
    """What a student does next."""
    unpassed = [check for check in run.checks if check.outcome is not Outcome.PASSED]
    if not run.checks:
        return "Next: mend that, then run this command again."
    if not unpassed and (lacking := imports.only_here + imports.beside):
        return f"Next: do without {' and '.join(lacking)}, then run this command again."
    if not unpassed:
        return "Next: hand it in. The checks that decide your grade ask the same kind of thing with other inputs."
    if cell := sentences.unreadable(run.notes):
        return f"Next: mend {cell[0]}, of which nothing was run; then run this command again."
    if len(unpassed) == len(run.checks) > 1 and len(set(map(_what, unpassed))) == 1:
        return "Next: mend what is told above, which keeps every check from running; then run this command again."
    first = next((check for check in unpassed if check.outcome is not Outcome.SKIPPED), unpassed[0])
    return f"Next: mend {first.title}, then run this command again."
