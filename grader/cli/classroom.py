"""What `batch`, `demo` and `report` have in common: grade a class, then show it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from grader.cli import screen
from grader.examine.pool import WorkerSetup
from grader.labs import Lab
from grader.pipeline import grading, publishing
from grader.pipeline.grading import Summary
from grader.store import Store

UNGRADED = 3
"""Exit status where some submissions could not be graded."""
REGRADE: Final = " --regrade grades all of them again; without it, the others keep what they had."


def grade_and_show(
    lab: Lab, paths: Sequence[Path], store: Store, setup: WorkerSetup, jobs: int, pages: Path, *, regrade: bool = False
) -> int:
    """Grade what is at `paths`, write the pages, print the class; the exit status."""
    with screen.working("Reading submissions") as work, interruptible(work.stopped, REGRADE if regrade else ""):
        summary = grading.grade_class(lab, paths, store, setup, jobs, screen.BatchProgress(work), regrade=regrade)
    with interruptible(lambda: "All results are kept; not all pages are written."):
        _show(lab, store, summary, pages)
    return UNGRADED if summary.ungraded else 0


def _show(lab: Lab, store: Store, summary: Summary, pages: Path) -> None:
    try:
        results = publishing.class_results(lab, store)
        if len(results.grades) <= screen.ROWS_MOST:
            screen.class_table(results)
    finally:
        screen.batch_summary(summary)  # whatever is the matter with the database or the pages, this is known
    with screen.writing_pages() as written:
        page = publishing.write_pages(results, pages, written)
    screen.say(f"Class page: {page}")


@contextmanager
def interruptible(how_far: Callable[[], str], then: str = "") -> Iterator[None]:
    """An interrupt within the block is passed on with how far things were."""
    try:
        yield
    except KeyboardInterrupt:
        raise click.Abort(f"{how_far()}{then}") from None
