"""What the terminal shows. Text from students is stripped of control characters and never read as markup."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import Final
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from grader.intake.names import visible
from grader.labs import Lab
from grader.model import (
    Change,
    CheckResult,
    ClassResults,
    Ending,
    Exported,
    Grade,
    GradeChange,
    Outcome,
    Override,
    Refusal,
    Run,
    Student,
)
from grader.pace import Pace
from grader.scoring import written

MARKS: Final = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.PARTIAL: ("◐", "yellow"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.ERROR: ("!", "red"),
    Outcome.SKIPPED: ("–", "dim"),
}
ROWS_MOST: Final = 40
"""A longer class is summed up; `grader results` shows all of it."""
LINE_SECONDS: Final = 10.0
"""Where the output is no terminal, progress is a line this often."""

console: Final = Console(highlight=False, emoji=False, markup=False)
WIDTH: Final = min(console.width, 80)


def plain(text: str) -> str:
    """`text` without what a terminal would obey."""
    return "\n".join(map(visible, text.expandtabs(4).split("\n")))


def say(text: str, style: str = "", indent: int = 0) -> None:
    """Print a paragraph, wrapped to the terminal."""
    for line in Text(plain(text), style=style).wrap(console, WIDTH - indent) or [Text()]:
        console.print(Text(" " * indent) + line)


def refusals(found: Iterable[Refusal]) -> None:
    """Print what could not be taken in, and why."""
    for refusal in found:
        say(f"Not taken in: {refusal.student.name} ({refusal.source}): {refusal.reason}", "yellow", indent=2)


class CheckRows:
    """Prints checks one after the other; what ends all of them alike is told once."""

    def __init__(self) -> None:
        self._told = ("", "")

    def show(self, check: CheckResult) -> None:
        """Print one check's outcome, what happened and what to try."""
        _headline(check)
        what = (check.message, check.traceback)
        if check.outcome is Outcome.PASSED or what == self._told:
            return
        self._told = what
        hint = f"Hint: {check.hint}" if check.hint else ""
        for text, look in ((check.message, ""), (check.traceback, "dim"), (hint, "cyan")):
            if text:
                say(text, look, indent=6)


def _headline(check: CheckResult) -> None:
    mark, style = MARKS[check.outcome]
    earned = f"{written(check.points)}/{written(check.max_points)}"
    room = WIDTH - len(earned) - 5
    title = plain(check.title)
    shown = title if len(title) <= room else title[: room - 1] + "…"
    console.print(Text.assemble("  ", (mark, style), " ", shown.ljust(room), " ", earned))


def check_summary(run: Run) -> None:
    """Print how a pre-check went as a whole."""
    if run.message:
        say(run.message, "red")
    for note in run.notes:
        say(note, "dim")
    if run.output:
        console.rule("what your code printed", align="left", style="dim")
        say(run.output.rstrip()[-2000:])
        console.rule(style="dim")
    passed = sum(check.outcome is Outcome.PASSED for check in run.checks)
    earned = f"{written(run.score)} of {written(run.max_score)} points"
    say(f"{passed} of {len(run.checks)} public checks passed, {earned}.", "bold")


def class_table(results: ClassResults) -> None:
    """Print a class, a row each, with the key of who has a name that another has. Long names take more lines."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=None)
    table.add_column("student", overflow="fold", max_width=32)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("passed", justify="right", no_wrap=True)
    table.add_column("remarks", overflow="fold")
    rows = [(grade.student, *_figures(grade), remarks(grade)) for grade in results.grades]
    names = Counter(student.name for student, *_ in rows)
    for who, score, passed, unusual in rows:
        called = who.name if names[who.name] == 1 else f"{who.name} ({who.key})"
        table.add_row(Text(plain(called)), score, passed, Text(unusual))
    console.print(table, width=WIDTH)


def _figures(grade: Grade) -> tuple[str, str]:
    """(points, checks passed)."""
    passed = sum(check.outcome is Outcome.PASSED for check in grade.run.checks)
    return (
        f"{written(grade.score)}/{written(grade.max_score)}" if grade.graded else "–",
        f"{passed}/{len(grade.run.checks)}" if grade.run.checks else "",
    )


def remarks(grade: Grade) -> str:
    """What is unusual about a grade, in a few words."""
    words = [] if grade.run.ending is Ending.COMPLETED or not grade.attempts else [_ending(grade.run)]
    flags = ", ".join(flag.value for flag in grade.run.flags)
    words += [f"look at it: {flags}"] if flags else []
    if grade.override:
        words.append(_set_by_hand(grade, grade.override))
    elif grade.late and grade.earned is not None:
        words.append(f"{grade.late}, earned {written(grade.earned)}")
    return "; ".join(words)


def _set_by_hand(grade: Grade, override: Override) -> str:
    if grade.earned is None:
        earned = ""
    elif grade.superseded:
        earned = f" (a run since then earned {written(grade.earned)}, which does not count)"
    else:
        earned = f" (the run earned {written(grade.earned)})"
    return plain(f"set by {override.set_by}{earned}: {override.reason}")


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


def _ending(run: Run) -> str:
    judged = any(check.outcome not in {Outcome.ERROR, Outcome.SKIPPED} for check in run.checks)
    return "a call crashed" if run.ending is Ending.CRASHED and judged else _ENDINGS[run.ending]


_ENDINGS: Final = {
    Ending.TIMEOUT: "ran into the time limit",
    Ending.MEMORY: "ran out of memory",
    Ending.CRASHED: "could not be run",
    Ending.REJECTED: "not taken in",
    Ending.BROKEN: "not graded yet",
}


class Lines:
    """Where the output is no terminal, a line now and then; the first one not at once."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._told = monotonic()

    def tell(self, how_far: str) -> None:
        """Print how far a work is and how long it will take, unless that was told a moment ago."""
        now = monotonic()
        if not console.is_terminal and now - self._told >= LINE_SECONDS:
            self._told = now
            left = time_left(self._pace)
            say(f"{how_far}{f', {left}' if left else ''}.")


class Work:
    """Shows how far a long work is: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self, bar: Progress, pace: Pace, beginning: str) -> None:
        self._bar = bar
        self._pace = pace
        self._task: TaskID = bar.add_task(beginning, total=None)
        self._lines = Lines(pace)
        self._doing = ""
        self._todo = self._done = 0

    def counted(self, found: int) -> None:
        """Count what is there to be done, before it begins."""
        self._bar.update(self._task, completed=found)

    def planned(self, todo: int, parts: int, doing: str, line: str) -> None:
        """Begin what is done in so many parts; `line` is what is said where there is no terminal."""
        self._todo, self._doing = todo, doing
        self._pace.planned(parts)
        self._bar.reset(self._task, total=todo, description="Starting the sandboxes")
        if not console.is_terminal:
            say(line)
            self._lines = Lines(self._pace)

    def started(self, part: str) -> None:
        """Begin a part; before the first one, sandboxes are started."""
        self._pace.started(part)
        self._bar.update(self._task, description=self._doing)

    def finished(self, part: str, count: int = 1) -> None:
        """Count what a part did."""
        self._pace.finished(part)
        self._done += count
        self._bar.advance(self._task, count)
        if self._done < self._todo:
            self._lines.tell(f"Graded {self._done} of {self._todo}")

    def stopped(self) -> str:
        """How far it was when it was interrupted."""
        if not self._done:
            return "Nothing new was graded yet."
        return f"Graded {self._done} of {self._todo}: what is graded is kept, {self._todo - self._done} to go."


class BatchProgress:
    """Watches a batch and shows it."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def collected(self, found: int) -> None:
        """Count what was read."""
        self._work.counted(found)

    def planned(self, todo: int, gradings: int, kept: int) -> None:
        """Turn to grading."""
        already = f" ({kept} already graded)" if kept else ""
        self._work.planned(todo, gradings, f"Grading{already}", f"Grading {todo} submissions{already}.")

    def warned(self, sentence: str) -> None:
        """Show it; it stays on the terminal."""
        say(sentence, "yellow")

    def started(self, content: str) -> None:
        """See who is at it."""
        self._work.started(content)

    def finished(self, content: str, submissions: int) -> None:
        """Count them."""
        self._work.finished(content, submissions)


class ValidationProgress:
    """Watches a validation and shows it."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def planned(self, todo: int) -> None:
        """Turn to grading."""
        line = f"{todo} gradings of the lab's own solutions."
        self._work.planned(todo, todo, "Grading the lab's own solutions", line)

    def started(self, name: str) -> None:
        """See who is at it."""
        self._work.started(name)

    def finished(self, name: str) -> None:
        """Count one more."""
        self._work.finished(name)


class TimeLeft(ProgressColumn):
    """When all will be done, on a bar."""

    def __init__(self, pace: Pace) -> None:
        super().__init__()
        self._pace = pace

    def render(self, task: Task) -> Text:
        """See `time_left`; nothing while it is only counted what there is to do, and nothing at the end."""
        return Text("" if task.total is None or task.finished else time_left(self._pace))


def time_left(pace: Pace) -> str:
    """When all will be done, no more exactly than it is known; "" where nothing can be told."""
    seconds = pace.left()
    if seconds is None:
        return ""
    return f"about {duration(5 * round(seconds / 5))} left" if seconds > 2.5 else "a few seconds left"


def duration(seconds: float) -> str:
    """A time to wait, as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _bar(pace: Pace) -> Progress:
    """Is gone when its block ends; where the output is no terminal, it shows nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeLeft(pace))
    shown = console.is_terminal
    return Progress(*columns, console=console, transient=True, disable=not shown, refresh_per_second=4)


@contextmanager
def working(beginning: str) -> Iterator[Work]:
    """Shows how far a work is until the block ends."""
    pace = Pace()
    with _bar(pace) as bar:
        yield Work(bar, pace, beginning)


@contextmanager
def writing_pages() -> Iterator[Callable[[int, int], None]]:
    """Shows how many pages are written until the block ends: call what it gives with (done, in all) after each one."""
    pace = Pace()
    lines = Lines(pace)
    with _bar(pace) as bar:
        task = bar.add_task("Writing pages", total=None)

        def written(done: int, total: int) -> None:
            if done == 1:
                pace.planned(total)
            pace.finished(str(done))
            bar.update(task, completed=done, total=total)
            if done < total:
                pace.started(str(done + 1))
                lines.tell(f"Wrote {done} of {total} pages")

        yield written
