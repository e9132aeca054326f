"""`grader db check`, `grader db backup` and `grader db restore`."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from grader.cli import options
from grader.labs import Course

if TYPE_CHECKING:
    from grader.store.soundness import Soundness

_COUNTED: Final = ("students", "submissions", "runs", "check_results")


@click.group(
    epilog="""\b
Examples:
  grader db check
  grader db backup ~/backups/grades-$(date +%F).db
  grader db restore ~/backups/grades-2026-10-01.db --replace
"""
)
def db() -> None:
    """Check the database, back it up, restore a backup."""


@db.command(
    short_help="Say whether the database is whole.",
    epilog="Example:  grader db check --db postgresql://grader@db.example.edu/grades",
)
@options.course_option
@options.db_option
def check(course: Course, db: str | None) -> None:
    """Say whether the database is whole.

    Looks at the file, the tables, what points to what, the check results of every run, and the files of every
    submission. Exit status 0 means that nothing is wrong, 1 that something is, with what to do about it.
    """
    from grader.store import Store  # noqa: PLC0415 - kept out of --help

    with Store.open(options.database(course, db), must_exist=True) as store:
        found = store.check()
    _tell(found, f"{found.place} has")
    if not found.troubles:
        click.echo("Nothing is wrong.")


@db.command(
    short_help="Copy the whole database into a file.",
    epilog="""\b
Examples:
  grader db backup ~/backups/grades.db
  grader db backup ~/backups/grades.db --force
""",
)
@click.argument("file", type=options.FILE)
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@options.course_option
@options.db_option
def backup(file: Path, course: Course, db: str | None, *, force: bool) -> None:
    """Copy the whole database into FILE, as it is at one moment; a batch may run meanwhile.

    FILE is an SQLite file, whichever kind the database is, and restores into either. It appears when it is complete.
    """
    from grader.store import backups  # noqa: PLC0415 - kept out of --help

    _tell(backups.back_up(options.database(course, db), file, force=force), f"{file} has")


@db.command(
    short_help="Put a backup into an empty database.",
    epilog="""\b
Examples:
  grader db restore ~/backups/grades.db
  grader db restore ~/backups/grades.db --replace
  grader db restore ~/backups/grades.db --db postgresql://grader@db.example.edu/grades
""",
)
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--replace", is_flag=True, help="Put the SQLite file that is there aside, under a name with the time.")
@options.course_option
@options.db_option
def restore(file: Path, course: Course, db: str | None, *, replace: bool) -> None:
    """Put the backup FILE into a database without records: all of it, or nothing.

    The backup is checked first. What is wrong with a grade is said, with exit status 1, and restored like the others; a
    backup that is damaged or lacks records that others need is refused. A database of a server is never replaced:
    restore into a new one there.
    """
    from grader.store import backups  # noqa: PLC0415 - kept out of --help

    found, aside = backups.restore(file, options.database(course, db), replace=replace)
    _tell(found, "Restored:", f"What was there before is now {aside}." if aside else "")


def _tell(found: "Soundness", beginning: str, end: str = "") -> None:
    """What is in a database and what is wrong with it, which ends the command with 1."""
    from grader.cli import screen  # noqa: PLC0415 - kept out of --help

    counts = [f"{found.rows[table]:,} {table.replace('_', ' ')}" for table in _COUNTED if table in found.rows]
    click.echo(screen.plain(f"{beginning} {', '.join([*counts, f'version {found.version} of the schema'])}."))
    for trouble in found.troubles:
        screen.say(f"BAD  {trouble.sentence}", "red")
        screen.say(f"→ {trouble.advice}", indent=5)
    if end:
        click.echo(end)
    if found.troubles:
        raise SystemExit(1)
