"""`grader override`."""

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader override ana_lopez lab1_tensors 85 --why "Explained her solution in the lab."
  grader override "Ana López" lab1_tensors 85 --by "Prof. Kim" --why "Late for a good reason."
  grader override 1006 lab1_tensors 70 --why "Oral exam." --new
  grader override ana_lopez lab1_tensors --clear --why "Meant for another Ana."
"""


@click.command(epilog=EXAMPLES)
@click.argument("student")
@click.argument("lab")
@click.argument("score", type=float, required=False)
@click.option("--why", metavar="TEXT", default="", help="The reason; needed with a score. The student reads it, too.")
@click.option("--clear", is_flag=True, help="Take the score back that a person set: the run counts again.")
@click.option("--new", is_flag=True, help="STUDENT is the key of somebody who has not handed in anything yet.")
@options.by_option("Who sets it.")
@options.course_option
@options.db_option
def override(  # noqa: PLR0913, PLR0917 - one parameter per option
    student: str,
    lab: str,
    score: float | None,
    why: str,
    clear: bool,  # noqa: FBT001 - click passes by name
    new: bool,  # noqa: FBT001 - likewise
    by: str,
    course: Course,
    db: str | None,
) -> None:
    """Set the SCORE of STUDENT in LAB by hand, with a reason.

    STUDENT is the student's key, or a name that only one has in this lab. The score stands on top of what runs earn,
    now and later, until it is changed or cleared; `grader history` shows who did what and why.
    """
    from grader.cli import rules, screen  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import overriding, people  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    if (score is None) != clear:
        raise click.UsageError("Give either a SCORE or --clear.")
    if not by:
        raise click.UsageError("This machine does not say who you are. Say it with --by NAME.")
    chosen = course.lab(lab)
    with Store.open(options.database(course, db), must_exist=not new) as store:
        who = people.find(student, store, chosen.name, new=new)
        if score is None:
            done = store.clear_override(chosen.name, who.key, why.strip(), by)
        else:
            done = overriding.override(chosen, store, who, score, why, by)
        rules.warn(chosen, store)
    screen.change(chosen, who, done)
