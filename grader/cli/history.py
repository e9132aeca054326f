"""`grader history`."""

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader history lab1_tensors ana_lopez
  grader history lab1_tensors "Ana López"
"""


@click.command(epilog=EXAMPLES)
@click.argument("lab")
@click.argument("student")
@options.course_option
@options.db_option
def history(lab: str, student: str, course: Course, db: str | None) -> None:
    """Show what happened to STUDENT in LAB, in the order of time.

    STUDENT is the student's key, or a name that only one has. Shown are what was handed in, results, and scores that a
    person set, with who did it and why.
    """
    from grader.cli import timeline  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import people  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    chosen = course.lab(lab)
    with Store.open(options.database(course, db), must_exist=True) as store:
        who = people.find_student(student, store.students())
        timeline.show(chosen, who, store.history(chosen.name, who.key))
