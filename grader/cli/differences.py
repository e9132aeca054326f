"""What `grader export --dry-run` shows: a gradebook's scores now, and as they would be."""

from rich import box
from rich.table import Table
from rich.text import Text

from grader.cli import screen
from grader.export import BY_NAME, Export, Placed


def show(made: Export) -> None:
    """Print what an export would change in the gradebook, a row for each student; long texts take more lines.

    Students are called as in the gradebook, beside the key by which `grader results` knows them.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=None)
    table.add_column("key", overflow="fold", max_width=16)
    table.add_column("in the gradebook", overflow="fold", max_width=30)
    table.add_column("now", justify="right", overflow="fold", max_width=10)
    table.add_column("new", justify="right", no_wrap=True)
    table.add_column("remarks")
    for at in (*made.placed, *made.unchanged):
        cells = (at.student.key, at.row, at.was or "–", at.now, _remarks(at))
        table.add_row(*(Text(screen.plain(cell)) for cell in cells))
    if table.rows:
        screen.console.print(table, width=screen.WIDTH)
    for line in made.missing:
        screen.say(f"Left out: {line}")
    for note in made.notes:
        screen.say(note)
    screen.say("This was a dry run: nothing is written.")


def _remarks(at: Placed) -> str:
    words = ["unchanged"] if at.was == at.now else []
    return ", ".join([*words, "by name only"] if at.by == BY_NAME else words)
