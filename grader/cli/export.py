"""`grader export`."""

from pathlib import Path

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader export lab1_tensors --format csv --output lab1.csv
  grader export lab1_tensors --format canvas --gradebook gradebook.csv --output upload.csv
"""


@click.command(epilog=EXAMPLES)
@click.argument("lab")
@click.option("--format", "form", type=click.Choice(["csv", "canvas"]), required=True)
@click.option("--gradebook", type=options.FILE, help="The gradebook exported from the platform; canvas needs it.")
@click.option(
    "--assignment",
    default="",
    help="The gradebook's column.  [default: the one whose title is the lab's title or name]",
)
@click.option("--output", type=options.FILE, help="The file to write.  [default: standard output]")
@options.course_option
@options.db_option
def export(
    lab: str,
    form: str,
    gradebook: Path | None,
    assignment: str,
    output: Path | None,
    course: Course,
    db: str | None,
) -> None:
    """Write the grades of LAB as a file that a gradebook reads.

    Who has no score gets none: csv says why, canvas leaves them out. Nobody gets a zero because of us.
    """
    from grader.cli import screen  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import publishing  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    chosen = course.lab(lab)
    with Store.open(options.database(course, db), must_exist=True) as store:
        found = publishing.class_results(chosen, store)
        made = publishing.export_grades(found, form, gradebook=gradebook, assignment=assignment)
    for line in made.report:
        click.echo(screen.plain(line), err=True)
    if output is None:
        click.echo(made.content, nl=False)
    else:
        publishing.write_file(output, made.content)
        click.echo(f"Wrote {len(made.placed)} students to {output}.", err=True)
