"""`grader starter`."""

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader starter lab1_tensors
  grader starter lab1_tensors --check
"""


@click.command(epilog=EXAMPLES)
@click.argument("lab")
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 if the starter is another.")
@click.option("--force", is_flag=True, help="Replace a starter that was written or changed by hand.")
@options.course_option
def starter(lab: str, check: bool, force: bool, course: Course) -> None:  # noqa: FBT001 - click passes by name
    """Write what students begin with in LAB, from its solution.

    What stands between # BEGIN SOLUTION and # END SOLUTION in reference/LAB/solution.py, or in solution.ipynb, is left
    out. Change the solution and give this command again. A starter that somebody wrote or changed stays as it is.
    """
    from grader.cli import screen  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import writing  # noqa: PLC0415 - likewise

    chosen = course.lab(lab)
    if check:
        faults = writing.starter_faults(chosen)
        for one in faults:
            screen.say(one, "red")
        if faults:
            raise SystemExit(1)
        screen.say(f"The starter of {lab} is what the solution gives.")
        return
    path, changed = writing.write_starter(chosen, force=force)
    screen.say_place("Written" if changed else "As it was", path)
