"""`grader export`."""

from pathlib import Path
from typing import Final

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader export lab1_tensors --format csv --output lab1.csv
  grader export lab1_tensors --format junit --output results.xml
  grader export lab1_tensors --format gradescope --output results.zip
  grader export lab1_tensors --format canvas --gradebook gradebook.csv --output upload.csv
  grader export lab1_tensors --format moodle --gradebook Grades-ML-Lab.csv --dry-run
  grader export lab1_tensors --format moodle --gradebook Grades-ML-Lab.csv --output upload.csv
  grader export lab1_tensors --format moodle --gradebook Grades-ML-Lab.csv --output upload.csv --feedback feedback.zip
  grader export lab1_tensors --format blackboard --gradebook gc_ML_column.xls --output upload.xls
  grader export lab1_tensors --format brightspace --gradebook ML_GradesExport.csv --output upload.csv
  grader export lab1_tensors --format sakai --gradebook Lab1/grades.csv --output grades.csv

\b
The documentation has a page for each platform: where to download and where to upload.
"""
WORKSHEETS: Final = ("canvas", "moodle", "blackboard", "brightspace", "sakai")
"""Formats that fill in what the platform gave for download."""
FEEDBACK: Final = ("canvas", "moodle", "brightspace", "sakai")
"""Formats of platforms that hand out an archive of pages."""


@click.command(epilog=EXAMPLES)
@click.argument("lab")
@click.option("--format", "form", type=click.Choice(["csv", "json", "junit", "gradescope", *WORKSHEETS]), required=True)
@click.option(
    "--gradebook", type=options.FILE, help=f"The gradebook as the platform exported it, for {', '.join(WORKSHEETS)}."
)
@click.option(
    "--assignment",
    default="",
    help="The gradebook's column.  [default: the one whose title is the lab's title or name; moodle: the grade's]",
)
@click.option("--comments", default="", help="The gradebook's column for comments (moodle).  [default: looks for one]")
@click.option("--output", type=options.FILE, help="The file to write.  [default: standard output]")
@click.option(
    "--feedback", type=options.FILE, help=f"An archive of feedback pages to write besides, for {', '.join(FEEDBACK)}."
)
@click.option("--dry-run", is_flag=True, help="Show what would change in the gradebook, and write nothing.")
@options.by_option("Who exports, for the record.")
@options.course_option
@options.db_option
def export(  # noqa: PLR0913, PLR0917 - one parameter per option
    lab: str,
    form: str,
    gradebook: Path | None,
    assignment: str,
    comments: str,
    output: Path | None,
    feedback: Path | None,
    dry_run: bool,  # noqa: FBT001 - click passes by name
    by: str,
    course: Course,
    db: str | None,
) -> None:
    """Write the grades of LAB as a file that a gradebook reads.

    Who has no score gets none: csv and json say why, the others leave them out. Nobody gets a zero because of us.
    What was written is put on record: `grader history` shows it, and `grader results` whose grade changed since.
    """
    from grader.cli import differences, rules, screen  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import handing_out, publishing  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    _check(form, gradebook, output, feedback, dry_run=dry_run)
    chosen = course.lab(lab)
    with Store.open(options.database(course, db), must_exist=True) as store:
        found = publishing.class_results(chosen, store)
        rules.warn(chosen, store)
        made = publishing.export_grades(found, form, gradebook=gradebook, assignment=assignment, comments=comments)
        if dry_run:
            differences.show(made)
            return
        unreturned = publishing.write_feedback(feedback, found, form, made) if feedback else ()
        for line in (*made.report, *map(str, unreturned)):
            click.echo(screen.plain(line), err=True)
        if feedback:
            pages = len(made.placed) + len(made.unchanged) - len(unreturned)
            click.echo(f"Wrote {pages} feedback pages to {feedback}.", err=True)
        if output is None:
            click.echo(made.content, nl=False)  # raises where its reader is gone: what was not read was not delivered
        else:
            publishing.write_file(output, made.content)
            click.echo(f"Wrote {len(made.placed)} students to {output}.", err=True)
        if why := handing_out.record(found, store, form, by, made):
            click.echo(screen.plain(f"The export is complete, and could not be put on record. {why}"), err=True)


def _check(form: str, gradebook: Path | None, output: Path | None, feedback: Path | None, *, dry_run: bool) -> None:
    """Refuse what does not go together.

    Raises:
        click.UsageError: it does not.
    """
    if (dry_run or gradebook) and form not in WORKSHEETS:
        raise click.UsageError(f"--gradebook and --dry-run are for {', '.join(WORKSHEETS)}: {form} fills in nothing.")
    if feedback and form not in FEEDBACK:
        raise click.UsageError(f"--feedback is for {', '.join(FEEDBACK)}: {form} hands out no pages.")
    for option, written in (("--output", output), ("--feedback", feedback)):
        if gradebook and written and _are_one_file(gradebook, written):
            raise click.UsageError(
                f"{option} {written} is the gradebook itself, which would be written over. Name another file to write."
            )
    if output and feedback and output.resolve() == feedback.resolve():
        raise click.UsageError(f"--output and --feedback are both {output}. Name two files.")


def _are_one_file(one: Path, other: Path) -> bool:
    """Whether both are the same, also by a link, or by another spelling of the path."""
    try:
        return one.samefile(other)
    except OSError:
        return False
