"""`grader extend`."""

from datetime import datetime

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader extend ana_lopez lab1_tensors --until "2026-11-25 23:59" --why "Was ill."
  grader extend 4711 lab1_tensors --until 2026-11-25T12:00 --why "Was ill." --new
  grader extend ana_lopez lab1_tensors --clear --why "Meant for another Ana."
"""
FORMATS = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]


@click.command(epilog=EXAMPLES)
@click.argument("student")
@click.argument("lab")
@click.option(
    "--until",
    metavar="TIME",
    type=click.DateTime(FORMATS),
    help="By the clocks of the lab's zone, such as “2026-11-25 23:59”.",
)
@click.option("--why", metavar="TEXT", default="", help="The reason; needed with --until. For those who teach.")
@click.option("--clear", is_flag=True, help="Take back the time that a person gave.")
@click.option("--new", is_flag=True, help="STUDENT is the key of somebody who has not handed in anything yet.")
@options.by_option("Who gives it.")
@options.course_option
@options.db_option
def extend(  # noqa: PLR0913, PLR0917 - one parameter per option
    student: str,
    lab: str,
    until: datetime | None,
    why: str,
    clear: bool,  # noqa: FBT001 - click passes by name
    new: bool,  # noqa: FBT001 - likewise
    by: str,
    course: Course,
    db: str | None,
) -> None:
    """Give STUDENT more time for LAB, with a reason.

    STUDENT is the student's key, or a name that only one has. What is handed in until then is in time, and days of
    lateness are counted from then on; `grader history` shows who gave the time and why.
    """
    from grader.cli import rules, screen  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import extending, people  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    if (until is None) != clear:
        raise click.UsageError("Give either --until or --clear.")
    if not by:
        raise click.UsageError("This machine does not say who you are. Say it with --by NAME.")
    chosen = course.lab(lab)
    with Store.open(options.database(course, db), must_exist=not new) as store:
        who = people.find(student, store, chosen.name, new=new)
        before = store.extension(chosen.name, who.key)
        if until is None:
            done = store.shorten(chosen.name, who.key, why.strip(), by)
        else:
            done = extending.extend(chosen, store, who, until, why, by)
        rules.warn(chosen, store)
    screen.change(chosen, who, done)
    if before is not None:
        screen.say(f"Before it was due {screen.by_clock(before, chosen.policy.zone)} for this student.")
