"""`grader handout`."""

from pathlib import Path

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader handout lab1_tensors
  grader handout lab1_tensors --out ~/Desktop/lab1.zip
  grader handout                      # all labs of the course
"""


@click.command(epilog=EXAMPLES)
@click.argument("labs", metavar="[LAB]...", nargs=-1)
@click.option(
    "--out",
    type=options.FILE,
    metavar="FILE",
    help="The zip, of one lab.  [default: out/handouts/LAB.zip in the course]",
)
@options.course_option
def handout(labs: tuple[str, ...], out: Path | None, course: Course) -> None:
    """Pack what students of LAB get into a zip; without LAB, a zip for each lab of the course.

    It has the files of assignments/LAB and what to know to begin, in one folder, in which `grader check` works as it
    is. Nothing is packed if something of the reference lies among them. What is named, and packed all the same:
    README.md, public checks or a starter that are missing, another lab's starter, and links of README.md that lead to
    nothing.
    """
    from grader.authoring import handouts, links, starters  # noqa: PLC0415 - kept out of --help
    from grader.cli import screen  # noqa: PLC0415 - likewise
    from grader.pipeline import writing  # noqa: PLC0415 - likewise

    chosen = [course.lab(name) for name in options.labs_of(course, labs)]
    if out and len(chosen) != 1:
        raise click.UsageError("--out names the zip of one lab. Name that lab, or leave it out.")
    for lab in chosen:
        written = writing.write_handout(lab, out or course.root / "out" / "handouts" / f"{lab.name}.zip")
        screen.say_place(lab.name, written)
        odd = (*handouts.lacking(lab), *starters.oddities(lab), *links.to_nothing(lab))
        screen.say_notes(f"{what} {todo}" for what, todo in odd)
