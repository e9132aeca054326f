"""`grader import`."""

from pathlib import Path

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader import hw01/hw01.ipynb
  grader import source/ps1/problem1.ipynb --name ps1_problem1
"""


@click.command("import", epilog=EXAMPLES)
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--name", default="", metavar="LAB", help="What the lab is called.  [default: as the notebook]")
@options.course_option
def import_(path: Path, name: str, course: Course) -> None:
    """Make a lab of an assignment of Otter-Grader or nbgrader: PATH is its notebook, or a folder with one.

    The solution, with what students write between marks, the starter, the handout, and a check for each question with
    those of its tests that can be translated. What cannot is told, and kept as comments where it belongs; nobody can be
    graded by such a check until it is written. None of the notebook's code is run, and no lab is overwritten.
    """
    from grader.cli import taken_over  # noqa: PLC0415 - kept out of --help
    from grader.pipeline.importing import import_assignment  # noqa: PLC0415 - likewise

    taken_over.show(import_assignment(course, path, name))
