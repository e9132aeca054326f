"""Grades classes in processes that die when they are told to. Run by `test_killed_batches`, and imports things once.

Each line that it reads is a batch: {"course", "class", "address", "at", "most"}. Its answer is a line for each content
whose result was reported as stored, then one with the status that the batch's process ended with and how many points
it came to, at each of which it could have been killed.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Self

from sqlalchemy import Engine, Pool, create_engine, event

from grader import intake
from grader.labs import Course
from grader.model import CheckResult, Ending, Figure, FigureKind, Outcome, Run
from grader.pipeline import grading
from grader.store import Store

CHECKS = 4


class ReadyMade:
    """In place of the pool: what sandboxes would say is known."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def run(self, tasks: Iterable[grading.Task]) -> Iterator[tuple[grading.Task, Run]]:
        for task in tasks:
            yield task, result(task.submission.student.key)


def result(student: str) -> Run:
    points = len(student) / 2
    checks = [CheckResult(f"check-{n}", "title", "", Outcome.PARTIAL, points, 5.0) for n in range(CHECKS)]
    return Run(Ending.COMPLETED, tuple(checks), figures=(Figure(FigureKind.IMAGES, "Samples", "two", {"images": []}),))


def tell(line: str) -> None:
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


class Watcher:
    """Says which contents are graded, as the command line does."""

    def collected(self, found: int, refused: int) -> None: ...

    def planned(self, todo: int, gradings: int, kept: int) -> None: ...

    def warned(self, sentence: str) -> None: ...

    def started(self, content: str, name: str, submissions: int) -> None: ...

    def finished(self, content: str, run: Run, submissions: int) -> None:
        if run.ending is not Ending.BROKEN:
            tell(content)


def batch(order: SimpleNamespace) -> None:
    reached = count(1)

    def point(*_: object) -> None:
        if next(reached) == order.at:
            os.kill(os.getpid(), signal.SIGKILL)

    for what, moments in {
        Engine: ("before_cursor_execute", "after_cursor_execute", "commit"),
        Pool: ("checkin",),
    }.items():
        for moment in moments:
            event.listen(what, moment, point)
    if order.most:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.most, order.most))
    course = Course(Path(order.course))
    lab = course.lab("double")
    setup = grading.worker_setup(course, lab, "local", "warm", "digits", None)
    with Store.open(order.address) as store:
        grading.grade_class(
            lab, intake.survey([Path(order.folder)], lab.name), store, grading.Machine(setup, 1), Watcher()
        )
    tell(f"points {next(reached) - 1}")


def main() -> None:
    grading.Pool = ReadyMade
    for kind in ("sqlite", "postgresql+psycopg"):
        with suppress(ImportError):
            create_engine(f"{kind}://")  # imports what each process would import by itself
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                batch(SimpleNamespace(**json.loads(line)))
                status = 0
            finally:
                os._exit(status)
        tell(f"ended {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}")


main()
