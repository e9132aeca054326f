"""How a lab's own data is shown."""

from rich import box
from rich.table import Table
from rich.text import Text

from grader.cli import screen
from grader.pipeline.own_data import Row, Shown


def show(shown: Shown) -> None:
    """Print what the data is, a line for each class, and what is wrong with the students' part."""
    screen.say(f"{shown.kind}: inputs {shown.inputs}; targets {shown.targets}")
    screen.console.print(_table(shown.rows), width=screen.WIDTH)
    for fault in shown.faults:
        screen.say(f"{screen.plain('✗')} {fault}", "red")
    if shown.place and not shown.faults:
        screen.say_place("Students' part", shown.place)


def _table(rows: tuple[Row, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(("class", "students", "hidden")):
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    total = Row("together", sum(row.students for row in rows), sum(row.hidden for row in rows))
    for row in (*rows, total) if len(rows) > 1 else rows:
        cells = (screen.plain(row.name), f"{row.students:,}", f"{row.hidden:,}")
        table.add_row(*map(Text, cells))
    return table
