"""What `grader watch` says, and how it goes on."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from grader.cli.classroom import UNGRADED
from grader.cli.service import line
from grader.intake.choose import some
from grader.model import Ending, Refusal, Run
from grader.pipeline.grading import Summary
from grader.pipeline.watching import Drop, Watch

KEPT: Final = "What is graded is kept."


class Log:
    """A line for each event, with the time."""

    def __init__(self) -> None:
        self._called: dict[str, str] = {}
        self._noted: set[str] = set()

    def told(self, sentence: str) -> None:
        """Print it."""
        line(sentence)

    def warned(self, sentence: str) -> None:
        """Print it so that it is seen."""
        line(sentence, "yellow")

    def noted(self, sentences: Sequence[str]) -> None:
        """Print what is to be known of how it is graded, each sentence once."""
        for sentence in dict.fromkeys(sentences):
            if sentence not in self._noted:
                self.warned(sentence)
        self._noted.update(sentences)

    def refused(self, refusal: Refusal) -> None:
        """Print whose it is, and why."""
        line(f"Not taken in: {refusal.student.name} ({refusal.source}): {refusal.reason}", "yellow")

    def collected(self, found: int, refused: int) -> None:
        """Nothing is said of reading."""

    def planned(self, todo: int, gradings: int, kept: int) -> None:  # noqa: ARG002 - what was graded is told at the end
        """Print what will be graded."""
        if todo:
            line(f"Grading {todo} submission{'' if todo == 1 else 's'}.")

    def started(self, content: str, name: str, submissions: int) -> None:
        """See whose it is."""
        self._called[content] = f"{name} and {submissions - 1} more" if submissions > 1 else name

    def finished(self, content: str, run: Run, submissions: int) -> None:  # noqa: ARG002 - it is in the name
        """Print who is graded, and not how well: logs are read by others than grades."""
        called = self._called.pop(content, "")
        if run.ending is not Ending.BROKEN:
            line(f"Graded: {called}.")

    def graded(self, summary: Summary, page: Path | None) -> None:
        """Print what a round did."""
        if summary.recounts:
            line(f"Other rules are in effect: they changed the scores of {len(summary.recounts)}.", "yellow")
        done = f"Graded {summary.graded}, already graded {summary.kept}, not taken in {len(summary.refusals)}."
        line(f"{done} Class page: {page}" if page else done)


def on_and_on(watch: Watch, drop: Drop, every: float) -> NoReturn:
    """Watch until somebody ends it."""
    line(f"Watching {drop.folder} for {drop.lab}.")
    while True:
        watch.round()
        time.sleep(every)


def once(watch: Watch, settle: float) -> int:
    """Grade what is there now and stays as it is; the exit status."""
    watch.look()
    time.sleep(settle)
    listing, settled = watch.look()
    if not watch.is_ready(settled):
        line("The lab or its roster is just being written, so nothing is graded this time.", "yellow")
        return UNGRADED
    watch.grade(listing, settled)
    if left := watch.unarrived(listing, settled):
        line(f"Still arriving, and left for the next time: {some(left)}.")
    return UNGRADED if watch.ungraded else 0
