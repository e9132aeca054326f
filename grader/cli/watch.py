"""`grader watch`."""

from pathlib import Path
from typing import Literal

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader watch lab1_tensors /srv/handed-in/lab1
  grader watch lab1_tensors /srv/handed-in/lab1 --roster class.csv --settle 30s
  grader watch lab1_tensors /srv/handed-in/lab1 --once
  grader watch lab1_tensors /srv/handed-in/lab1 --queue --broker redis://host:6379/0
"""


@click.command(epilog=EXAMPLES)
@click.argument("lab")
@click.argument("folder", type=options.FOLDER)
@options.grading_options("docker")
@options.gpu_options
@options.queue_options
@options.course_option
@options.data_options
@options.db_option
@click.option("--out", type=options.FOLDER, help="Where the pages go.  [default: out/LAB in the course folder]")
@click.option("--roster", type=options.FILE, help="Who is in the class: a CSV with a header, by which people are told.")
@options.time_option("--settle", "5s", "How long something has to stay as it is before it counts as handed in.")
@options.time_option("--every", "2s", "How often the folder is looked at.")
@click.option("--once", is_flag=True, help="Grade what is there and end, as for cron.")
def watch(  # noqa: PLR0913, PLR0917 - one parameter per option
    lab: str,
    folder: Path,
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
    roster: Path | None,
    settle: float,
    every: float,
    once: bool,  # noqa: FBT001 - likewise
) -> None:
    """Grade what arrives in FOLDER, until this is stopped.

    Each file, folder or archive in FOLDER is a student's, or what a learning platform's download has there. It is
    graded once it has not changed for a while; a file that is replaced is a new attempt, and one that is removed keeps
    its result. SIGTERM and Ctrl-C end it at once: what is graded is kept, and the next start goes on there. The folder
    is looked at again and again, so it may be on a network drive.
    """
    from grader.cli import queued, service, watched  # noqa: PLC0415 - kept out of --help
    from grader.examine.gpus import Wanted  # noqa: PLC0415 - likewise
    from grader.labs import Lab  # noqa: PLC0415 - likewise
    from grader.pipeline import grading, watching  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    chosen = course.lab(lab)
    drop = watching.Drop(folder, course, lab, options.report_folder(course, chosen, out), roster)
    drop.check()
    carrier = options.asked_of_workers(queue, broker, db)
    log = watched.Log()
    with service.stoppable(watched.KEPT), Store.open(options.database(course, db)) as store:

        def graders(now: Lab) -> grading.Graders:
            if carrier:
                return queued.workers(now, store, carrier, patience, log.warned)
            setup = grading.worker_setup(course, now, launcher, isolation, dataset, data, gpus=Wanted(gpus, gpu_share))
            log.noted(setup.notes)
            return grading.Machine(setup, setup.at_once(jobs))

        graders(chosen)  # what is wrong with the set-up is said now
        watch = watching.Watch(drop, graders, store, log, settle)
        raise SystemExit(watched.once(watch, settle) if once else watched.on_and_on(watch, drop, every))
