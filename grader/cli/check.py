"""`grader check`."""

from pathlib import Path

import click

from grader.cli import options
from grader.model import Ending

UNJUDGED = 3
"""Exit status where a check itself failed."""


EXAMPLES = """\b
Examples:
  grader check                                  # in a folder that you unpacked
  grader check lab1_tensors.py
  grader check lab1_tensors ~/drafts/second.ipynb
"""


@click.command(epilog=EXAMPLES)
@click.argument("words", metavar="[LAB] [FILE]", nargs=-1)
@options.course_folder_option
@options.data_options
def check(words: tuple[str, ...], course: Path | None, dataset: str, data: Path | None) -> None:
    """Run LAB's public checks on FILE, on this machine.

    FILE is your Python file or notebook; without it, the one here that is called like the lab. LAB may be left out
    where it is clear: by the folder that you are in, or by the file's name. Nothing is sent or recorded. The hidden
    checks that decide the grade ask more of the same kind, with other inputs.
    """
    from grader.cli import checks, screen  # noqa: PLC0415 - kept out of --help
    from grader.examine import imports  # noqa: PLC0415 - likewise
    from grader.pipeline import checking  # noqa: PLC0415 - likewise

    if len(words) > len(("LAB", "FILE")):
        raise click.UsageError("One lab and one file at a time: grader check LAB FILE.")
    chosen, file = checking.choose(words, Path.cwd(), course)
    submission = checking.taken_in(chosen, file)
    screen.say(f"{chosen.spec.title}: public checks of {file.name}", "bold")
    rows = checks.CheckRows(submission.entry, file.name)
    run = checking.check(chosen, submission, dataset, data, on_check=rows.show)
    beside = frozenset(path.stem for path in file.parent.glob("*.py"))
    rows.summary(run, imports.compared(submission, beside=beside))
    if run.ending is Ending.BROKEN:
        raise SystemExit(UNJUDGED)
    raise SystemExit(0 if checking.all_passed(run) else 1)
