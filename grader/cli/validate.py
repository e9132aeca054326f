"""`grader validate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from grader.cli import options
from grader.errors import SetupError
from grader.labs import Course

if TYPE_CHECKING:
    from grader.pipeline.validating import Where
    from grader.pipeline.validation import Report

EXAMPLES = """\b
Examples:
  grader validate lab1_tensors
  grader validate                               # all labs of the course
  grader validate lab3_classifier --sandbox docker --jobs 2
  grader validate lab3_classifier --repeat 20 --table > repeats.md
"""


@click.command(epilog=EXAMPLES)
@click.argument("labs", metavar="[LAB]...", nargs=-1)
@click.option(
    "--repeat",
    "repeats",
    type=click.IntRange(1),
    metavar="N",
    help="Grade the reference and the borderline solutions N times more, with other questions each time.",
)
@click.option("--table", is_flag=True, help="Print what --repeat found as a Markdown table, and all else on stderr.")
@options.grading_options("local")
@options.gpu_options
@options.course_option
@options.data_options
def validate(  # noqa: PLR0913, PLR0917 - one parameter per option
    labs: tuple[str, ...],
    repeats: int | None,
    table: bool,  # noqa: FBT001 - click passes by name
    launcher: Literal["docker", "local"],
    isolation: Literal["warm", "container"],
    jobs: int,
    gpus: str,
    gpu_share: int,
    course: Course,
    dataset: str,
    data: Path | None,
) -> None:
    """Try LAB on its own solutions, before it is published; without LAB, all labs of the course.

    The reference must earn everything and the starter nothing; every mutant must lose the checks that it declares and
    no others, and between them they must lose every check; messages to students must not tell right values. The code
    is your own, so it runs on this machine unless you say otherwise. Exit status 1 means that something was found.
    """
    from grader.cli import screen, validation  # noqa: PLC0415 - kept out of --help
    from grader.examine.gpus import Wanted  # noqa: PLC0415 - likewise
    from grader.pipeline.validating import Where  # noqa: PLC0415 - likewise

    if table and not repeats:
        raise click.UsageError("--table shows what --repeat N finds. Say how often.")
    names = options.labs_of(course, labs)
    if table and len(names) > 1:
        raise click.UsageError("--table is of one lab. Name it.")
    screen.console.stderr = table
    where = Where(launcher, isolation, dataset, data, jobs, Wanted(gpus, gpu_share))
    if len(names) == 1:
        report = _tried(course, names[0], where, repeats or 0)
        if table:
            click.echo(validation.markdown(report.repeated), nl=False)
        raise SystemExit(1 if report.findings else 0)
    found: dict[str, Report | SetupError] = {}
    for name in names:
        screen.say(f"\n{name}", "bold")
        try:
            found[name] = _tried(course, name, where, repeats or 0)
        except SetupError as error:
            found[name] = error
            screen.say(str(error), "red")
    raise SystemExit(validation.summary(found))


def _tried(course: Course, name: str, where: "Where", repeats: int) -> "Report":
    """Try one lab, and show what is found."""
    from grader.cli import progress, validation  # noqa: PLC0415 - kept out of --help
    from grader.pipeline.validating import validate  # noqa: PLC0415 - likewise

    with progress.working("Reading the suites", where.jobs) as work:
        report = validate(course, name, where, repeats, progress.ValidationProgress(work))
    validation.show(report)
    return report
