"""What `grader export --dry-run` shows: a gradebook's scores now, and as they would be."""

from rich import box
from rich.table import Table
from rich.text import Text

from grader.cli import screen
from grader.export import BY_NAME, Export, Placed


def show(made: Export) -> None:
    """Print what an export would change in the gradebook, a row for each student; long texts take more lines."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=None)
    table.add_column("student", overflow="fold", max_width=32)
    table.add_column("now", justify="right", overflow="fold", max_width=12)
    table.add_column("new", justify="right", no_wrap=True)
    table.add_column("remarks", overflow="fold")
    for at in (*made.placed, *made.unchanged):
        table.add_row(
            Text(screen.plain(at.student.name)),
            Text(screen.plain(at.was) or "–"),
            at.now,
            Text(screen.plain(_difference(at))),
        )
    for left in made.left_out:
        table.add_row(Text(screen.plain(left.student.name)), "", "", Text(screen.plain(f"left out: {left.why}")))
    screen.console.print(table, width=screen.WIDTH)
    for note in made.notes:
        screen.say(note)
    screen.say("This was a dry run: nothing is written.")


def _difference(at: Placed) -> str:
    words = ["unchanged"] if at.was == at.now else []
    return "; ".join([*words, f"found by name only, as “{at.row}”"] if at.by == BY_NAME else words)
