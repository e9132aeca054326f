"""`grader results`."""

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader results lab1_tensors
  grader results lab1_tensors --format json > lab1.json
"""


@click.command(epilog=EXAMPLES)
@click.argument("lab")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@options.course_option
@options.db_option
def results(lab: str, form: str, course: Course, db: str | None) -> None:
    """Show the grades of LAB, one line per student, and below whose grade is another than was exported last."""
    from grader.cli import class_table, outdated, rules  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import handing_out, publishing  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    chosen = course.lab(lab)
    with Store.open(options.database(course, db), must_exist=True) as store:
        found = publishing.class_results(chosen, store)
        rules.warn(chosen, store)
        if form == "table":
            class_table.show(found, store.grades(chosen.name).students())
            rules.show_untold(store.untold(chosen.name))
            outdated.show(handing_out.outdated(found, store))
        else:
            click.echo(publishing.export_grades(found, form).content, nl=False)
