"""`grader batch`."""

from pathlib import Path
from typing import Literal

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader batch lab1_tensors submissions.zip
  grader batch lab3_classifier week3/ late/ --jobs 2
  grader batch lab1_tensors submissions/ --sandbox local
  grader batch lab1_tensors submissions.zip --roster class.csv --dry-run
  grader batch lab1_tensors submissions.zip --queue --broker redis://host:6379/0
"""


@click.command(epilog=EXAMPLES)
@click.argument("lab")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.grading_options("docker")
@options.gpu_options
@options.queue_options
@options.course_option
@options.data_options
@options.db_option
@click.option("--out", type=options.FOLDER, help="Where the pages go.  [default: out/LAB in the course folder]")
@click.option("--roster", type=options.FILE, help="Who is in the class: a CSV with a header, by which people are told.")
@click.option("--dry-run", is_flag=True, help="Show who handed in what, and grade nothing.")
@click.option("--regrade", is_flag=True, help="Grade again what is graded already.")
def batch(  # noqa: PLR0913, PLR0917 - one parameter per option
    lab: str,
    paths: tuple[Path, ...],
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
    dry_run: bool,  # noqa: FBT001 - likewise
    regrade: bool,  # noqa: FBT001 - likewise
) -> None:
    """Grade a whole class: every submission at each PATH.

    A PATH is a file, a folder of files, a folder with a folder per student, or an archive of either; so is what Canvas,
    Moodle, Blackboard, Brightspace, Sakai, Gradescope or GitHub Classroom gives for download. What is graded already is
    kept: an interrupted batch goes on where it stopped when the same command is given again.
    """
    from grader import intake  # noqa: PLC0415 - kept out of --help
    from grader.cli import arrivals, queued, screen  # noqa: PLC0415 - likewise
    from grader.cli.classroom import grade_and_show  # noqa: PLC0415 - likewise
    from grader.examine.gpus import Wanted  # noqa: PLC0415 - likewise
    from grader.pipeline import grading, publishing  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    chosen = course.lab(lab)
    people = grading.read_roster(roster) if roster else None
    if dry_run:
        starter = intake.read_starter(chosen.starter)
        arrivals.show(intake.survey(paths, chosen.name, people, starter=starter), chosen.policy.attempt)
        if out is not None:
            screen.say("--out has no effect in a dry run: no page is written.")
        if regrade:
            screen.say("--regrade has no effect in a dry run: nobody is graded again.")
        return
    pages = options.report_folder(course, chosen, out)
    publishing.check_place(pages)
    carrier, machine = options.asked_of_workers(queue, broker, db), None
    if not carrier:
        wanted = Wanted(gpus, gpu_share)
        setup = grading.worker_setup(course, chosen, launcher, isolation, dataset, data, gpus=wanted)
        machine = grading.Machine(setup, setup.at_once(jobs))
        screen.say_notes(setup.notes)
    with Store.open(options.database(course, db)) as store:
        graders = machine or queued.workers(chosen, store, carrier, patience, again=regrade)
        status = screen.to_its_end(
            lambda: grade_and_show(chosen, paths, store, graders, pages, roster=people, regrade=regrade)
        )
    raise SystemExit(status)
