"""What `batch`, `demo` and `report` have in common: grade a class, then show it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from grader import intake
from grader.cli import arrivals, class_table, progress, rules, screen
from grader.intake.choose import some
from grader.labs import Lab
from grader.model import ClassResults
from grader.pipeline import grading, publishing
from grader.pipeline.grading import Graders, Summary
from grader.store import Store

UNGRADED = 3
"""Exit status where some submissions could not be graded."""
NAMED: Final = 40
"""Students who are named for one fault; `grader results` shows who else is not graded yet."""
REGRADE: Final = " --regrade grades all of them again; without it, the others keep what they had."


def grade_and_show(
    lab: Lab,
    paths: Sequence[Path],
    store: Store,
    graders: Graders,
    pages: Path,
    *,
    roster: intake.Roster | None = None,
    regrade: bool = False,
) -> int:
    """Grade what is at `paths`, write the pages, print the class; the exit status."""
    publishing.check_place(pages)
    with (
        progress.working("Reading submissions", graders.jobs) as work,
        interruptible(work.stopped, REGRADE if regrade else ""),
    ):
        known, starter = grading.known(lab, store), intake.read_starter(lab.starter)
        survey = intake.survey(paths, lab.name, roster, known, starter)
        arrivals.tell(survey, lab.policy.attempt)
        summary = grading.grade_class(lab, survey, store, graders, progress.BatchProgress(work), regrade=regrade)
    return show(lab, store, summary, pages, _table)


def show(lab: Lab, store: Store, summary: Summary, pages: Path, table: Callable[[ClassResults], None]) -> int:
    """Print the class as `table` does, and what was graded; write the pages; the exit status."""
    with interruptible(lambda: "All results are kept; not all pages are written."):
        _show(lab, store, summary, pages, table)
    return UNGRADED if summary.ungraded else 0


def _table(results: ClassResults) -> None:
    if len(results.grades) <= screen.ROWS_MOST:
        class_table.show(results, [grade.student for grade in results.grades])
    else:
        screen.say(f"{len(results.grades)} students: grader results {results.lab} shows the table.")


def _show(lab: Lab, store: Store, summary: Summary, pages: Path, table: Callable[[ClassResults], None]) -> None:
    try:
        results = publishing.class_results(lab, store)
        table(results)
        rules.show_untold(store.untold(lab.name))
    finally:
        _summarise(summary)  # whatever is the matter with the database or the pages, this is known
    with progress.writing_pages() as written:
        page = publishing.write_pages(results, store, pages, written)
    screen.say_place("Class page", page)


def _summarise(summary: Summary) -> None:
    """Print what a batch did and what needs a person."""
    screen.say(f"Graded {summary.graded}, already graded {summary.kept}, not taken in {len(summary.refusals)}.", "bold")
    rules.show_recounts(summary.recounts, "Other rules than before are in effect. That changed")
    rules.show_recounts(summary.moved, "Another attempt counts, or it is known now when it came. That changed")
    screen.refusals(summary.refusals)
    for fault, names in _by_fault(summary).items():
        screen.say(f"Not graded: {some(names, NAMED)}: {fault}", "red", indent=2)
    if summary.ungraded:
        screen.say(
            "Nothing was recorded against the students named as not graded. Run the same command again to grade them."
        )


def _by_fault(summary: Summary) -> dict[str, list[str]]:
    """The names of those who are ungraded for the same reason, by that reason."""
    names: dict[str, list[str]] = {}
    for name, fault in summary.ungraded:
        names.setdefault(fault, []).append(name)
    return names


@contextmanager
def interruptible(how_far: Callable[[], str], then: str = "") -> Iterator[None]:
    """An interrupt within the block is passed on with how far things were."""
    try:
        yield
    except KeyboardInterrupt:
        raise click.Abort(f"{how_far()}{then}") from None
