"""What `grader similar` prints: which submissions to look at side by side."""

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from grader.cli import screen
from grader.intake.choose import some
from grader.intake.names import shown
from grader.model import Alike, Similar, SimilarPair, Student
from grader.pipeline.likening import Compared

_NAMED: Final = 10
"""How many students are named in a sentence, at most."""
_NAMED_TOGETHER: Final = 3
"""The same of those who handed in the very same, in a table."""
_NAME_MOST: Final = 60
"""Characters of a name in the table."""
_COLUMN: Final = max(1, (screen.WIDTH - len("of first") - len("of second") - len("  ") * 4) // 2)
"""Cells for names: they are broken into lines here, so that each line can be kept from what is beside it."""


def show(compared: Compared, found: Similar | None) -> None:
    """Print what was compared, and the pairs."""
    if found and found.pairs:
        _table(found.pairs)
        rest = found.count - len(found.pairs) + found.lost
        if rest:
            fewer = " A larger --threshold names fewer." if found.threshold < 1 else ""
            screen.say(f"… and {_count(rest, 'more pair')}, less alike.{fewer}")
        screen.say(
            "A prompt to look, not a verdict: there are many innocent reasons for submissions to be alike. No score "
            "depends on this, and students do not see it."
        )
    pairs = "No pair" if not found or not found.count else _count(found.count + found.lost, "pair")
    screen.say(f"{_count(compared.submissions, 'submission')} looked through. {pairs} found.", "bold")
    _tell(
        "Only a part was compared of what these handed in, which is very long or has a notebook that cannot be read",
        compared.cut,
    )
    _tell("Nothing could be compared of what these handed in, since there is no code that can be read", compared.empty)


def _table(pairs: Sequence[SimilarPair]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("first", "second"):
        table.add_column(name, overflow="fold", ratio=1)
        table.add_column(f"of {name}", justify="right", no_wrap=True)
    for pair in pairs:
        if pair.right is None:
            table.add_row(Text(_called(pair.left)), "", Text("the very same files"), "")
        else:
            left, right = pair.left, pair.right
            table.add_row(Text(_called(left)), _percent(left), Text(_called(right)), _percent(right))
    screen.console.print(table, width=screen.WIDTH)


def _called(file: Alike) -> str:
    named = [shown(screen.called(student), _NAME_MOST) for student in file.students]
    lines = screen.wrapped(screen.plain(some(named, _NAMED_TOGETHER)), _COLUMN)
    return "\n".join(screen.isolated(line.plain) for line in lines)


def _percent(file: Alike) -> str:
    return f"{int(100 * file.share + 1e-6)}%"


def _tell(what: str, students: Sequence[Student]) -> None:
    if students:
        screen.say(f"{what}: {some([screen.called(student) for student in students], _NAMED)}.", "yellow")


def _count(number: int, one: str) -> str:
    return f"{number} {one if number == 1 else one + 's'}"
