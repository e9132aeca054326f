"""`grader history`."""

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader history ana_lopez
  grader history ana_lopez lab1_tensors
  grader history "Ana López" lab1_tensors
"""


@click.command(epilog=EXAMPLES)
@click.argument("student")
@click.argument("lab", required=False)
@options.course_option
@options.db_option
def history(student: str, lab: str | None, course: Course, db: str | None) -> None:
    """Show what happened to STUDENT in LAB, or in one lab after the other, in the order of time.

    STUDENT is the student's key, or a name that only one has. Shown are what was handed in, results, scores that a
    person set, with who did it and why, and what was exported.
    """
    from grader.cli import timeline  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import people  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    chosen = course.lab(lab).name if lab else None
    with Store.open(options.database(course, db), must_exist=True) as store:
        who = people.find_student(student, store.students(), store.grades(chosen).keys() if chosen else ())
        for name in [chosen] if chosen else store.labs(who.key):
            timeline.show(name, who, store.history(name, who.key))
