"""`grader stats`."""

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader stats lab1_tensors
  grader stats lab1_tensors | less
  grader stats lab1_tensors --format json > lab1_statistics.json
  grader stats lab1_tensors --format csv > lab1_checks.csv     # one row for each check
"""


@click.command(epilog=EXAMPLES)
@click.argument("lab")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@options.course_option
@options.db_option
def stats(lab: str, form: str, course: Course, db: str | None) -> None:
    """Show how the class did in LAB: scores, which checks are odd, the commonest wrong answers.

    Scores are what counts, lateness and scores set by hand included; checks are of what submissions earned.
    Discrimination says whether those who pass a check did better in the rest: 1 at most, 0 as chance has it.
    """
    from grader import stats as statistics  # noqa: PLC0415 - kept out of --help
    from grader.cli import statistics as shown  # noqa: PLC0415 - likewise
    from grader.pipeline import publishing  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    chosen = course.lab(lab)
    with Store.open(options.database(course, db), must_exist=True) as store:
        found = statistics.of(publishing.class_results(chosen, store))
    if form == "table":
        shown.show(chosen, found)
    else:
        click.echo(shown.as_json(found) if form == "json" else shown.as_csv(found), nl=False)
