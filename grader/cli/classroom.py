"""What `batch` and `demo` have in common: grade a class, then show it."""

from collections.abc import Sequence
from pathlib import Path

from grader.cli import screen
from grader.examine.pool import WorkerSetup
from grader.labs import Lab
from grader.pipeline import grading, publishing
from grader.store import Store

UNGRADED = 3
"""Exit status where some submissions could not be graded."""


def grade_and_show(
    lab: Lab, paths: Sequence[Path], store: Store, setup: WorkerSetup, jobs: int, pages: Path, *, regrade: bool = False
) -> int:
    """Grade what is at `paths`, write the pages, print the class; the exit status."""
    with screen.working("Reading submissions") as work:
        summary = grading.grade_class(lab, paths, store, setup, jobs, screen.BatchProgress(work), regrade=regrade)
    try:
        results = publishing.class_results(lab, store)
        if len(results.grades) <= screen.ROWS_MOST:
            screen.class_table(results)
    finally:
        screen.batch_summary(summary)  # whatever is the matter with the database or the pages, this is known
    screen.say(f"Class page: {publishing.write_pages(results, pages)}")
    return UNGRADED if summary.ungraded else 0
