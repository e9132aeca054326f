"""`grader check`."""

from pathlib import Path

import click

from grader.cli import options
from grader.labs import Course
from grader.model import Ending

UNJUDGED = 3
"""Exit status where a check itself failed."""


@click.command(epilog="Example:  grader check lab1_tensors lab1_tensors.py")
@click.argument("lab")
@click.argument("file", type=options.FILE)
@options.course_option
@options.data_options
def check(lab: str, file: Path, course: Course, dataset: str, data: Path | None) -> None:
    """Run LAB's public checks on FILE, on this machine.

    FILE is your Python file or notebook. Nothing is sent or recorded. The hidden checks that decide the grade ask
    more of the same kind, with other inputs.
    """
    from grader.cli import checks, screen  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import checking  # noqa: PLC0415 - likewise

    chosen = course.lab(lab)
    screen.say(f"{chosen.spec.title}: public checks of {file.name}", "bold")
    rows = checks.CheckRows()
    run = checking.check_file(chosen, file, dataset, data, on_check=rows.show)
    rows.summary(run, checking.imported(chosen, file))
    if run.ending is Ending.BROKEN:
        raise SystemExit(UNJUDGED)
    raise SystemExit(0 if checking.all_passed(run) else 1)
