"""`grader dataset`."""

from pathlib import Path

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader dataset lab7_shapes
  grader dataset lab7_shapes --write
"""


@click.command(epilog=EXAMPLES)
@click.argument("lab")
@click.option("--write", is_flag=True, help="Write the students' part into assignments/LAB.")
@options.course_option
@options.data_option
def dataset(lab: str, course: Course, data: Path | None, *, write: bool) -> None:
    """Show what data LAB has of its own, and which part of it students get.

    The whole data lies in reference/LAB. With --write the students' part of it is put into assignments/LAB, where
    handouts and public checks find it. What lies there and was not written by this command is never overwritten.
    """
    from grader.cli import data_table, screen  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import own_data  # noqa: PLC0415 - likewise

    chosen = course.lab(lab)
    if write:
        done = own_data.write(chosen)
        screen.say(
            "The students' part is written." if done else "The students' part is as it should be: nothing written."
        )
    data_table.show(own_data.show(chosen, data))
