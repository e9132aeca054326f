"""`grader validate`."""

from pathlib import Path
from typing import Literal

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader validate lab1_tensors
  grader validate lab3_classifier --sandbox docker --jobs 2
  grader validate lab3_classifier --repeat 20 --table > repeats.md
"""


@click.command(epilog=EXAMPLES)
@click.argument("lab")
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
    lab: str,
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
    """Try LAB on its own solutions, before it is published.

    The reference must earn everything and the starter nothing; every mutant must lose the checks that it declares and
    no others, and between them they must lose every check; messages to students must not tell right values. The code
    is your own, so it runs on this machine unless you say otherwise. Exit status 1 means that something was found.
    """
    from grader.cli import progress, screen, validation  # noqa: PLC0415 - kept out of --help
    from grader.examine.gpus import Wanted  # noqa: PLC0415 - likewise
    from grader.pipeline.validating import Where, validate  # noqa: PLC0415 - likewise

    if table and not repeats:
        raise click.UsageError("--table shows what --repeat N finds. Say how often.")
    screen.console.stderr = table
    where = Where(launcher, isolation, dataset, data, jobs, Wanted(gpus, gpu_share))
    with progress.working("Reading the suites", jobs) as work:
        report = validate(course, lab, where, repeats or 0, progress.ValidationProgress(work))
    validation.show(report)
    if table:
        click.echo(validation.markdown(report.repeated), nl=False)
    raise SystemExit(1 if report.findings else 0)
