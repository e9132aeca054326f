"""`grader new`."""

import click

from grader.cli import options
from grader.labs import Course


@click.command(epilog="Example:  grader new lab7_attention")
@click.argument("lab")
@options.course_option
def new(lab: str, course: Course) -> None:
    """Begin LAB, a lab that works as it is, to be made your own.

    It has a function, a network and a training, with a handout, a solution, both suites and mutants. LAB is what
    students' files will be called, without .py.
    """
    from grader.cli import screen  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import writing  # noqa: PLC0415 - likewise

    made = writing.new_lab(course, lab)
    screen.say_place("For students", made.assignment)
    screen.say_place("For you alone", made.reference)
    screen.say(
        "Make it yours in this order: README.md (what is asked), solution.py, test_hidden.py, mutants/, "
        "test_public.py, lab.toml (title, limits). Then:"
    )
    screen.say(f"grader starter {lab}      what students begin with, from the solution", "cyan", indent=2)
    screen.say(f"grader validate {lab}     does it grade what it should? As it is, it does", "cyan", indent=2)
    screen.say(f"grader handout {lab}      the zip for students", "cyan", indent=2)
