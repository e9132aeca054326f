"""A student's history in a lab, on a terminal."""

from collections.abc import Sequence
from datetime import UTC
from pathlib import PurePosixPath
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from grader.cli import screen
from grader.model import Change, Event, GradeChange, HandedIn, HandedOut, Refused, Student
from grader.scoring import days_late, written


def show(lab: str, student: Student, events: Sequence[Event]) -> None:
    """Print what happened, an event a row; the score is what counts from then on."""
    name = screen.called(student)
    if not events:
        screen.say(f"Nothing of {name} is on record for {lab}.")
        return
    worths = {event.max_score for event in events if isinstance(event, GradeChange) and event.max_score is not None}
    out_of = f", out of {written(*worths)}" if len(worths) == 1 else ""
    screen.say(f"{name}, {lab}{out_of}. Times are UTC.")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("when", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("what", overflow="fold")
    given = False
    for event in events:
        given = _given(event, given=given)
        score = _score(event, told=bool(out_of)) if isinstance(event, GradeChange) else ""
        table.add_row(
            f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M}", score, Text(screen.plain(_what(event, given=given)))
        )
    screen.console.print(table, width=screen.WIDTH)


def _score(event: GradeChange, *, told: bool) -> str:
    """The score that counts from then on; what it is out of unless that is told for all of them."""
    if event.new_score is None or event.max_score is None:
        return "–"
    return written(event.new_score) + ("" if told else f"/{written(event.max_score)}")


def _given(event: Event, *, given: bool) -> bool:
    """Whether a score that a person set counts from then on."""
    change = event.change if isinstance(event, GradeChange) else None
    return (given or change in {Change.SET, Change.CHANGED}) and change is not Change.CLEARED


def _what(event: Event, *, given: bool) -> str:
    match event:
        case HandedIn():
            how = "handed in" if event.known else "taken in"
            return f"attempt {event.attempt} {how}: {_file(event.source)}"
        case Refused():
            return f"not taken in: {_file(event.source)}. {event.reason}"
        case HandedOut():
            already = "" if event.in_file else ", there already"
            return f"exported by {event.by} ({event.form}): {screen.exported(event)}{already}"
        case GradeChange(change=change) if change in _BY_HAND:
            return f"{_BY_HAND[change]}{_until(event)} by {event.actor}{': ' if event.reason else ''}{event.reason}"
        case GradeChange():
            return f"{_BECAUSE.get(event.change, '').format(event.reason)}{_graded(event, given=given)}"


_BY_HAND: Final = {
    Change.SET: "set",
    Change.CHANGED: "set",
    Change.CLEARED: "score taken back",
    Change.EXTENDED: "more time given, ",
    Change.SHORTENED: "more time taken back",
}
"""What a person did."""
_BECAUSE: Final = {
    Change.POLICY: "other rules in lab.toml ({}): ",
    Change.TOLD: "now it is told when it was handed in: ",
}
"""Why the grade is another, where no run or attempt is the reason."""


def _until(event: GradeChange) -> str:
    return f"until {event.until.astimezone(UTC):%Y-%m-%d %H:%M}," if event.until else ""


def _graded(event: GradeChange, *, given: bool) -> str:
    """What the attempt that counts earned, and whether that counts."""
    if event.earned is None:
        how = "could not be graded" if event.examined else "not graded yet"
    else:
        plain = event.earned == event.new_score and not given
        late = f", {days_late(event.late_days)}" if event.late_days else ""
        how = f"graded{'' if plain else f' {written(event.earned)}'}{late}{', overridden' if given else ''}"
    latest = " counts now" if event.change is Change.SUBMISSION else ""
    before = ", before this log began" if event.change is Change.BEFORE else ""
    return f"attempt {event.attempt}{latest}: {how}{before}"


def _file(source: str) -> str:
    return PurePosixPath(source).name
