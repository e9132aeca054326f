"""`grader report`."""

from pathlib import Path

import click

from grader.cli import options
from grader.labs import Course


@click.command(epilog="Example:  grader report lab1_tensors --out pages/")
@click.argument("lab")
@click.option("--out", type=options.FOLDER, help="Where the pages go.  [default: out/LAB in the course folder]")
@options.course_option
@options.db_option
def report(lab: str, out: Path | None, course: Course, db: str | None) -> None:
    """Write the feedback pages of LAB: one for the class, one for each student."""
    from grader.cli import classroom, progress, rules, screen  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import publishing  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    chosen = course.lab(lab)
    pages = options.report_folder(course, chosen, out)
    with (
        Store.open(options.database(course, db), must_exist=True) as store,
        classroom.interruptible(lambda: "Not all pages are written."),
        progress.writing_pages() as written,
    ):
        page = publishing.write_pages(publishing.class_results(chosen, store), store, pages, written)
        rules.warn(chosen, store)
    screen.say_place("Class page", page)
