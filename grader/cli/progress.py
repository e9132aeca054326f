"""Shows how far a long work is: lines drawn anew on a terminal, a line now and then elsewhere."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

from rich.console import Group
from rich.live import Live

from grader.cli import screen, view
from grader.cli.totals import Totals
from grader.model import Ending, Run
from grader.pace import Pace

LINE_SECONDS: Final = 10.0
"""Where the output is no terminal, progress is a line this often."""
FAULTS_MOST: Final = 10
"""Different faults that are told as they come; all of them are at the end."""


class Lines:
    """Where nothing is drawn anew, a line now and then; the first one not at once."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._told = monotonic()

    def tell(self, how_far: str) -> None:
        """Print how far a work is and how long it will take, unless that was told a moment ago."""
        now = monotonic()
        if not screen.live() and now - self._told >= LINE_SECONDS:
            self._told = now
            left = time_left(self._pace)
            screen.say(f"{how_far}{f', {left}' if left else ''}.")


class Slots:
    """Which worker is at what, so that each keeps its line.

    A worker gets its next part before the one it had is reported as done: what begins where all are busy takes the
    place of what ends next.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._coming: deque[str] = deque()

    def planned(self, workers: int) -> None:
        """There will be so many."""
        self._lines, self._coming = [""] * workers, deque()

    def started(self, part: str) -> None:
        """A worker is at it; again, where it is tried again."""
        if part in self._lines or part in self._coming:
            return
        if "" in self._lines:
            self._lines[self._lines.index("")] = part
        else:
            self._coming.append(part)

    def finished(self, part: str) -> None:
        """It is done."""
        if part in self._lines:
            self._lines[self._lines.index(part)] = self._coming.popleft() if self._coming else ""

    @property
    def lines(self) -> Sequence[str]:
        """What each worker is at, "" for one that waits."""
        return tuple(self._lines)


class Work:
    """A work of many parts, and how far it is.

    Args:
        jobs: how many parts are done at once.
    """

    def __init__(self, beginning: str, jobs: int) -> None:
        self.totals = Totals()
        self._jobs = jobs
        self._pace = Pace()
        self._lines = Lines(self._pace)
        self._slots = Slots()
        self._called: dict[str, str] = {}
        self._doing, self._then = beginning, ""
        self._todo: int | None = None
        self._done = 0
        self._found = 0

    def state(self) -> view.State:
        """What there is to be seen now; another thread asks."""
        slots = [
            view.Busy(self._called.get(part, ""), self._pace.elapsed(part)) if part else None
            for part in self._slots.lines
        ]
        if self._todo is None:
            return view.State(self._doing, self._found, totals=self.totals.words())
        left = time_left(self._pace) if self._done < self._todo else ""
        return view.State(self._doing, self._done, self._todo, left, self.totals.words(), slots)

    def counted(self, found: int) -> None:
        """Count what is there to be done, before it begins."""
        self._found = found

    def planned(self, todo: int, parts: int, doing: str, line: str) -> None:
        """Begin what is done in so many parts; `line` is what is said where nothing is drawn anew."""
        self._todo, self._doing, self._then = todo, "Starting the sandboxes", doing
        self._pace.planned(parts)
        self._slots.planned(min(self._jobs, parts))
        if not screen.live():
            screen.say(line)
            self._lines = Lines(self._pace)

    def started(self, part: str, called: str) -> None:
        """Begin a part; before the first one, sandboxes are started."""
        self._pace.started(part)
        self._called[part] = called
        self._slots.started(part)
        self._doing = self._then

    def finished(self, part: str, count: int = 1) -> None:
        """Count what a part did."""
        self._pace.finished(part)
        self._slots.finished(part)
        self._called.pop(part, None)
        self._done += count
        if self._todo and self._done < self._todo:
            totals = ", ".join(self.totals.words())
            self._lines.tell(f"Graded {self._done} of {self._todo}{f' ({totals})' if totals else ''}")

    def stopped(self) -> str:
        """How far it was when it was interrupted."""
        if not self._done or self._todo is None:
            return "Nothing new was graded yet."
        return f"Graded {self._done} of {self._todo}: what is graded is kept, {self._todo - self._done} to go."


class Faults:
    """Tells what goes wrong as soon as it does, and of what goes wrong for many the first."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def tell(self, who: str, fault: str) -> None:
        """Print whom a fault hit, which stays on the terminal."""
        if fault in self._told or len(self._told) > FAULTS_MOST:
            return
        self._told.add(fault)
        if len(self._told) > FAULTS_MOST:
            screen.say("More went wrong; all of that is told at the end.", "red")
        else:
            screen.say(f"Not graded: {who}: {fault}", "red")


class BatchProgress:
    """Watches a batch and shows it."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._faults = Faults()
        self._called: dict[str, str] = {}

    def collected(self, found: int, refused: int) -> None:
        """Count what was read."""
        self._work.totals.refused(refused)
        self._work.counted(found)

    def planned(self, todo: int, gradings: int, kept: int) -> None:
        """Turn to grading."""
        already = f" ({kept} already graded)" if kept else ""
        many = f"{todo} submission{'' if todo == 1 else 's'}"
        self._work.planned(todo, gradings, f"Grading{already}", f"Grading {many}{already}.")

    def warned(self, sentence: str) -> None:
        """Show it; it stays on the terminal."""
        screen.say(sentence, "yellow")

    def started(self, content: str, name: str, submissions: int) -> None:
        """See who is at it."""
        self._called[content] = f"{name} and {submissions - 1} more" if submissions > 1 else name
        self._work.started(content, self._called[content])

    def finished(self, content: str, run: Run, submissions: int) -> None:
        """Count them; where our side failed, say so at once."""
        called = self._called.pop(content, "")
        self._work.totals.add(run, submissions)
        if run.ending is Ending.BROKEN:
            self._faults.tell(called, run.fault)
        self._work.finished(content, 0 if run.ending is Ending.BROKEN else submissions)


class ValidationProgress:
    """Watches a validation and shows it."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def warned(self, sentence: str) -> None:
        """Show it; it stays on the terminal."""
        screen.say(sentence, "yellow")

    def planned(self, todo: int) -> None:
        """Turn to grading."""
        line = f"{todo} gradings of the lab's own solutions."
        self._work.planned(todo, todo, "Grading the lab's own solutions", line)

    def started(self, name: str) -> None:
        """See who is at it."""
        self._work.started(name, name)

    def finished(self, name: str) -> None:
        """Count one more."""
        self._work.finished(name)


def time_left(pace: Pace) -> str:
    """When all will be done, no more exactly than it is known; "" where nothing can be told."""
    seconds = pace.left()
    if seconds is None:
        return ""
    return f"about {view.duration(5 * round(seconds / 5))} left" if seconds > 2.5 else "a few seconds left"


@contextmanager
def _drawing(state: Callable[[], view.State]) -> Iterator[None]:
    """Draws how far a work is until the block ends, when it is gone; where that cannot be, draws nothing."""

    def lines() -> Group:
        width, height = screen.console.size
        return Group(*view.drawn(state(), min(width, screen.WIDTH), height))

    if not screen.live():
        yield
        return
    with Live(get_renderable=lines, console=screen.console, transient=True, refresh_per_second=4):
        yield


@contextmanager
def working(beginning: str, jobs: int) -> Iterator[Work]:
    """Shows how far a work is, which does `jobs` parts at once, until the block ends."""
    work = Work(beginning, jobs)
    with _drawing(work.state):
        yield work


@contextmanager
def writing_pages() -> Iterator[Callable[[int, int], None]]:
    """Shows how many pages are written until the block ends: call what it gives with (done, in all) after each one."""
    pace = Pace()
    lines = Lines(pace)
    counts: list[tuple[int, int | None]] = [(0, None)]

    def written(done: int, total: int) -> None:
        if done == 1:
            pace.planned(total)
        pace.finished(str(done))
        counts[0] = done, total
        if done < total:
            pace.started(str(done + 1))
            lines.tell(f"Wrote {done} of {total} pages")

    def state() -> view.State:
        done, total = counts[0]
        return view.State("Writing pages", done, total, time_left(pace) if total and done < total else "")

    with _drawing(state):
        yield written
