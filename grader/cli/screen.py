"""What the terminal shows. Text from students is stripped of control characters and never read as markup."""

import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from grader.cli.signs import spelled
from grader.intake.names import visible
from grader.labs import Lab
from grader.model import Change, Exported, GradeChange, Refusal, Student
from grader.scoring import written

ROWS_MOST: Final = 40
"""A longer class is summed up; `grader results` shows all of it."""


class _Console(Console):
    goes_on = False

    def on_broken_pipe(self) -> None:
        """Leave it to `main`, which knows what to do about it whoever prints; print nothing more where work goes on."""
        if not self.goes_on:
            raise BrokenPipeError
        self.quiet = True


console: Final = _Console(highlight=False, emoji=False, markup=False)
WIDTH: Final = min(console.width, 80)


def to_its_end(work: Callable[[], int]) -> int:
    """The exit status of a work that goes on where nobody reads any more what is printed of it.

    Raises:
        BrokenPipeError: nobody did, and the status is 0, which says nothing.
    """
    console.goes_on = True
    try:
        status = work()
        if console.quiet and not status:
            raise BrokenPipeError
        return status
    finally:
        console.goes_on = console.quiet = False


def live() -> bool:
    """Whether lines can be drawn anew: somebody looks on, at more than a log that is told to have colours."""
    return console.is_interactive and console.file.isatty()


def plain(text: str) -> str:
    """`text` without what a terminal would obey, in signs that it has."""
    return spelled("\n".join(map(visible, text.expandtabs(4).split("\n"))), console.encoding)


def wrapped(text: str, width: int, style: str = "") -> list[Text]:
    """Lines of at most `width` cells."""
    if "\n" not in text and cell_len(text) <= width:
        return [Text(text, style)]
    lines = Text(text, style).wrap(console, width)
    for line in lines:
        line.rstrip()
    return list(lines)


def cut(text: str, width: int) -> str:
    """`text`, already plain, in at most `width` cells; it shows where something is cut off."""
    if cell_len(text) <= width:
        return text
    dots = spelled("…", console.encoding)
    return set_cell_size(text, width - len(dots)).rstrip() + dots if width >= len(dots) else ""


def isolated(text: str) -> str:
    """`text`, already plain, so that where it runs from right to left nothing beside it does."""
    if text.isascii() or not any(unicodedata.bidirectional(sign) in {"R", "AL", "AN"} for sign in text):
        return text
    return spelled(f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}", console.encoding)


def say(text: str, style: str = "", indent: int = 0) -> None:
    """Print a paragraph, wrapped to the terminal."""
    for line in wrapped(plain(text), WIDTH - indent, style):
        console.print(Text(" " * indent) + line, soft_wrap=True)


def say_notes(notes: Iterable[str]) -> None:
    """Print what the operator should know before it begins."""
    for note in notes:
        say(note, "yellow")


def log(text: str) -> None:
    """Print a line of a service's log, as long as it is."""
    console.print(Text(plain(text)), soft_wrap=True)


def say_place(what: str, path: Path) -> None:
    """Print where something is, the path whole whatever the width: to be clicked, or copied."""
    console.print(Text(f"{what}: {plain(str(path))}"), soft_wrap=True)


def rule(title: str = "") -> None:
    """Print a line across, which sets apart what students wrote."""
    shown = f"{plain('──')} {title} " if title else ""
    console.print(Text(shown + plain("─") * (WIDTH - len(shown)), "dim"), soft_wrap=True)


def refusals(found: Iterable[Refusal]) -> None:
    """Print what could not be taken in, and why."""
    for refusal in found:
        say(f"Not taken in: {refusal.student.name} ({refusal.source}): {refusal.reason}", "yellow", indent=2)


def change(lab: Lab, student: Student, done: GradeChange) -> None:
    """Print what a person did to a grade, and what does not know of it yet."""
    before, now = (points(score, "no score") for score in (done.old_score, done.new_score))
    out_of = "" if done.max_score is None else f" of {written(done.max_score)}"
    say(f"{called(student)}, {lab.name}: {now}{out_of}, {_done(lab, done)}. Before: {before}.")
    if done.new_score == done.old_score:
        return
    report, export = f"grader report {lab.name}", f"grader export {lab.name}"
    if done.new_score is None:
        say(f"`{report}` brings the pages up to date. A gradebook that has the score keeps it: take it out there.")
    else:
        say(f"Pages and gradebooks are as they were: `{report}` and `{export}` bring them up to date.")


def _done(lab: Lab, done: GradeChange) -> str:
    match done.change:
        case Change.CLEARED:
            return "the run counts again"
        case Change.SHORTENED:
            return f"more time taken back by {done.actor}"
        case Change.EXTENDED if done.until:
            return f"due {by_clock(done.until, lab.policy.zone)} for this student, given by {done.actor}"
    return f"set by {done.actor}"


def by_clock(when: datetime, zone: str) -> str:
    """What clocks show there."""
    return f"{when.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


def called(student: Student) -> str:
    """A student's name, with the key where that is another."""
    return student.name if student.name == student.key else f"{student.name} ({student.key})"


def points(score: float | None, none: str) -> str:
    """A score, or `none`."""
    return none if score is None else written(score)


def exported(told: Exported) -> str:
    """What a file says of a student's score."""
    if told.score is None or told.max_score is None:
        return "no score"
    return f"{written(told.score)} of {written(told.max_score)}"
