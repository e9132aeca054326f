"""`grader regrade`."""

from pathlib import Path
from typing import Literal

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader regrade lab1_tensors --dry-run
  grader regrade lab1_tensors
  grader regrade lab1_tensors --changes changed.csv
"""


@click.command(epilog=EXAMPLES)
@click.argument("lab")
@options.grading_options("docker")
@options.gpu_options
@options.queue_options
@options.course_option
@options.data_options
@options.db_option
@click.option("--out", type=options.FOLDER, help="Where the pages go.  [default: out/LAB in the course folder]")
@click.option("--changes", type=options.FILE, help="Write what changed to this file, too: CSV, a row for each check.")
@click.option("--dry-run", is_flag=True, help="Say what would be graded and why, and grade nothing.")
def regrade(  # noqa: PLR0913, PLR0917 - one parameter per option
    lab: str,
    launcher: Literal["docker", "local"],
    isolation: Literal["warm", "container"],
    jobs: int,
    gpus: str,
    gpu_share: int,
    queue: bool,  # noqa: FBT001 - click passes by name
    broker: str | None,
    patience: float,
    course: Course,
    dataset: str,
    data: Path | None,
    db: str | None,
    out: Path | None,
    changes: Path | None,
    dry_run: bool,  # noqa: FBT001 - likewise
) -> None:
    """Grade LAB again where its hidden suite, lab.toml, the dataset or the sandbox changed.

    The submissions come from the database. Each student's latest attempt, or every one where the best counts, is graded
    that has no result yet by what is there now; then those are listed whose points changed, check by check. Rules in
    lab.toml of what counts, due dates among them, come into effect. An interrupted regrade goes on where it stopped,
    and the list is the same.
    """
    from grader.cli import changed, classroom, progress, queued, screen  # noqa: PLC0415 - kept out of --help
    from grader.examine.gpus import Wanted  # noqa: PLC0415 - likewise
    from grader.pipeline import grading, publishing, regrading  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    chosen = course.lab(lab)
    pages = options.report_folder(course, chosen, out)
    if not dry_run:
        publishing.check_place(pages)
    carrier, machine = options.asked_of_workers(queue, broker, db), None
    if not carrier:
        wanted = Wanted(gpus, gpu_share)
        setup = grading.worker_setup(course, chosen, launcher, isolation, dataset, data, gpus=wanted)
        machine = grading.Machine(setup, setup.at_once(jobs))
        screen.say_notes(setup.notes)
    with Store.open(options.database(course, db), must_exist=True) as store:
        graders = machine or queued.workers(chosen, store, carrier, patience)
        if dry_run:
            changed.show_affected(regrading.affected(chosen, store, graders.terms))
            if changes is not None:
                screen.say("--changes has no effect in a dry run: no file is written.")
            if out is not None:
                screen.say("--out has no effect in a dry run: no page is written.")
            return

        def graded_again() -> int:
            with progress.working("Reading submissions", graders.jobs) as work, classroom.interruptible(work.stopped):
                summary = regrading.regrade(chosen, store, graders, progress.BatchProgress(work))
            status = classroom.show(
                chosen, store, summary, pages, lambda _: changed.show_changes(regrading.changes(chosen, store))
            )
            if changes is not None:
                publishing.write_file(changes, regrading.changes_csv(chosen, store))
                screen.say_place("All changes", changes)
            return status

        status = screen.to_its_end(graded_again)
    raise SystemExit(status)
