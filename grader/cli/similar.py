"""`grader similar`."""

from pathlib import Path

import click

from grader.cli import options
from grader.labs import Course

EXAMPLES = """\b
Examples:
  grader similar lab1_tensors
  grader similar lab1_tensors --threshold 80
"""


@click.command(epilog=EXAMPLES)
@click.argument("lab")
@click.option(
    "--threshold",
    type=click.IntRange(1, 100),
    default=50,
    show_default=True,
    metavar="PERCENT",
    help="Name a pair where so much of one submission is in the other.",
)
@click.option("--out", type=options.FOLDER, help="Where the pages go.  [default: out/LAB in the course folder]")
@options.course_option
@options.db_option
def similar(lab: str, threshold: int, out: Path | None, course: Course, db: str | None) -> None:
    """Find submissions of LAB that share much of their code, and write pages that show them side by side.

    The attempts that count are compared, without what was handed out and what much of the class has. What is found is
    a prompt to look, never a verdict: no score depends on it, and students do not see it.
    """
    from grader.cli import alike, classroom, progress, screen  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import likening, publishing  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    chosen = course.lab(lab)
    pages = options.report_folder(course, chosen, out)
    publishing.check_place(pages)
    with Store.open(options.database(course, db), must_exist=True) as store:
        with (
            progress.working("Comparing submissions", jobs=1) as work,
            classroom.interruptible(lambda: "Nothing was recorded."),
        ):
            compared = likening.compare(chosen, store, threshold / 100, work.counted)
        alike.show(compared, likening.similar(chosen.name, store))
        with classroom.interruptible(lambda: "Not all pages are written."), progress.writing_pages() as written:
            page = publishing.write_pages(publishing.class_results(chosen, store), store, pages, written)
    screen.say_place("Class page", page)
