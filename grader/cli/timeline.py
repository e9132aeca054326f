"""A student's history in a lab, on a terminal."""

from collections.abc import Sequence
from datetime import UTC
from pathlib import PurePosixPath

from rich import box
from rich.table import Table
from rich.text import Text

from grader.cli import screen
from grader.model import Change, Event, GradeChange, HandedIn, HandedOut, Refused, Student
from grader.scoring import written


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
    for event in events:
        score = _score(event, told=bool(out_of)) if isinstance(event, GradeChange) else ""
        table.add_row(f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M}", score, Text(screen.plain(_what(event))))
    screen.console.print(table, width=screen.WIDTH)


def _score(event: GradeChange, *, told: bool) -> str:
    """The score that counts from then on; what it is out of unless that is told for all of them."""
    if event.new_score is None or event.max_score is None:
        return "–"
    return written(event.new_score) + ("" if told else f"/{written(event.max_score)}")


def _what(event: Event) -> str:
    match event:
        case HandedIn():
            how = "handed in" if event.known else "taken in"
            return f"attempt {event.attempt} {how}: {_file(event.source)}"
        case Refused():
            return f"not taken in: {_file(event.source)}. {event.reason}"
        case HandedOut():
            already = "" if event.in_file else ", there already"
            return f"exported by {event.by} ({event.form}): {screen.exported(event)}{already}"
        case GradeChange(change=Change.SET | Change.CHANGED):
            return f"set by {event.actor}: {event.reason}"
        case GradeChange(change=Change.CLEARED):
            return f"taken back by {event.actor}{': ' if event.reason else ''}{event.reason}"
        case GradeChange():
            return _graded(event)


def _graded(event: GradeChange) -> str:
    """What grading changed, and whether that counts."""
    if event.earned is None:
        how = "could not be graded" if event.examined else "not graded yet"
    elif event.earned == event.new_score:
        how = "graded"
    else:
        how = f"graded {written(event.earned)}, overridden"
    latest = " is the latest now" if event.change is Change.SUBMISSION else ""
    before = ", before this log began" if event.change is Change.BEFORE else ""
    return f"attempt {event.attempt}{latest}: {how}{before}"


def _file(source: str) -> str:
    return PurePosixPath(source).name
