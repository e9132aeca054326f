"""`grader init`."""

import shlex
from pathlib import Path

import click

from grader.cli import options

EXAMPLES = """\b
Examples:
  grader init deep-learning
  grader init deep-learning --example
"""


@click.command(epilog=EXAMPLES)
@click.argument("folder", metavar="DIR", type=options.FOLDER)
@click.option("--example", is_flag=True, help="With the labs that come with the grader, to use or to learn from.")
def init(folder: Path, example: bool) -> None:  # noqa: FBT001 - click passes by name
    """Begin a course in DIR, which may be there already.

    It gets a folder for what students get, one for what they must not get, a page on what to do next, and a workflow
    that tries all labs at each push. Nothing that is there is written over.
    """
    from grader.cli import screen  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import writing  # noqa: PLC0415 - likewise

    course = writing.new_course(folder, example=example)
    labs = course.names()
    screen.say_place("A course begins in", course.root)
    if labs:
        screen.say(f"It has the labs {', '.join(labs)}.")
    first = f"grader validate {labs[0]}" if labs else "grader new lab1"
    there = shlex.quote(str(folder))
    screen.say(f"Next: go there (cd {there}), then {first}. README.md there says how it goes on.", "cyan")
