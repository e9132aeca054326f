"""A student's history in a lab, on a terminal."""

from collections.abc import Sequence
from datetime import UTC
from pathlib import PurePosixPath

from rich import box
from rich.table import Table
from rich.text import Text

from grader.cli import screen
from grader.labs import Lab
from grader.model import Change, Event, GradeChange, HandedIn, Refused, Student
from grader.scoring import written


def show(lab: Lab, student: Student, events: Sequence[Event]) -> None:
    """Print what happened, an event a row; the score is what counts from then on."""
    name = screen.called(student)
    if not events:
        screen.say(f"Nothing of {name} is on record for {lab.name}.")
        return
    screen.say(f"{name}, {lab.name}, out of {written(lab.spec.points)}. Times are UTC.")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("when", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("what", overflow="fold")
    for event in events:
        score = screen.points(event.new_score, "–") if isinstance(event, GradeChange) else ""
        table.add_row(f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M}", score, Text(screen.plain(_what(event))))
    screen.console.print(table, width=screen.WIDTH)


def _what(event: Event) -> str:
    match event:
        case HandedIn():
            how = "handed in" if event.known else "taken in"
            return f"attempt {event.attempt} {how}: {_file(event.source)}"
        case Refused():
            return f"not taken in: {_file(event.source)}. {event.reason}"
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
