"""How a validation is shown: a line for each kind of check, then what was found; and the table of the repeats."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from grader.cli import screen, view
from grader.errors import SetupError
from grader.pipeline.validation import Issue, Kind, Repeated, Report, Section
from grader.scoring import written

COLUMNS: Final = ("solution", "measured", "equal", "min", "median", "max", "points from, to")


def show(report: Report) -> None:
    """Print a report."""
    for section in report.sections:
        _line(section)
    if report.repeated:
        _table(report.repeated)
    for section in report.sections:
        _details(section)
    screen.say("")
    _verdict(report)


def summary(found: Mapping[str, Report | SetupError]) -> int:
    """Print a line for each lab; returns the exit status: 1 where something was found, 2 where one was not tried."""
    screen.say("")
    width = max(map(len, found))
    for name, report in found.items():
        sign, style = ("✓", "green") if isinstance(report, Report) and not report.findings else ("✗", "red")
        told = _told(report) if isinstance(report, Report) else "not tried: see above"
        screen.say(f"{sign} {name.ljust(width)}  {told}", style)
    if any(isinstance(report, Report) and report.findings for report in found.values()):
        return 1
    return 0 if all(isinstance(report, Report) for report in found.values()) else 2


def _told(report: Report) -> str:
    remarks = f", remarks: {report.remarks}" if report.remarks else ""
    some = f"{report.findings} thing{'s' if report.findings > 1 else ''}" if report.findings else "nothing"
    return f"{some} to put right{remarks}"


def _line(section: Section) -> None:
    sign, style = ("✗", "red") if section.findings else ("✓", "green") if section.looked else ("–", "yellow")
    mark = screen.plain(sign).ljust(len(screen.plain("✓")))
    time = view.duration(section.seconds) if section.seconds else ""
    width = screen.WIDTH - len(mark) - 24
    lines = Text(screen.plain(section.figures)).wrap(screen.console, width) or [Text()]
    for number, line in enumerate(lines):
        head = (f"  {mark} ", style) if number == 0 else " " * (len(mark) + 3)
        title, last = (section.title, time) if number == 0 else ("", "")
        line.truncate(width, pad=bool(last))
        screen.console.print(Text.assemble(head, title.ljust(11), line, last.rjust(9) if last else ""))


def _details(section: Section) -> None:
    if not section.findings and not section.remarks:
        return
    screen.say("")
    screen.say(section.title, "bold")
    _issues("✗", "red", section.findings)
    _issues("–", "yellow", section.remarks)


def _issues(mark: str, style: str, issues: Sequence[Issue]) -> None:
    """Print them; what to do about several alike is said after the last of them."""
    for issue, following in pairwise((*issues, None)):
        assert issue is not None  # noqa: S101 - for the type checker: None is the last
        screen.say(f"{mark} {issue.what}", style, indent=2)
        for detail in issue.details:
            screen.say(detail, indent=6)
        if issue.todo and (following is None or following.todo != issue.todo):
            screen.say(f"→ {issue.todo}", "cyan", indent=4)


def _verdict(report: Report) -> None:
    remarks = f" Remarks: {report.remarks}." if report.remarks else ""
    if report.findings:
        some = f"{report.findings} thing{'s' if report.findings > 1 else ''}"
        screen.say(f"{some} to put right before this lab is published.{remarks}", "bold red")
    else:
        screen.say(f"Nothing to put right.{remarks}", "bold green")


# ---------------------------------------------------------------- repeats


def _table(repeated: Sequence[Repeated]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate((COLUMNS[0], *COLUMNS[2:])):
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    for solution, what, *figures in _rows(repeated):
        table.add_row(*(Text(screen.plain(cell)) for cell in (solution or f"  {what}", *figures)))
    screen.console.print(table, width=screen.WIDTH)


def markdown(repeated: Sequence[Repeated]) -> str:
    """The repeats as a Markdown table."""
    rows = ([cell.replace("|", r"\|") for cell in row] for row in _rows(repeated))
    lines = [COLUMNS, ["---", "---", *["---:"] * (len(COLUMNS) - 2)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rows(repeated: Sequence[Repeated]) -> Iterator[list[str]]:
    """A row for the points of each solution, and one for each of its metrics."""
    for one in repeated:
        name = one.solution.kind if one.solution.kind is Kind.REFERENCE else one.solution.name.removesuffix(".py")
        yield [name, "points", f"{one.equal}/{len(one.scores)}", *map(written, one.spread), ""]
        for spread in one.spreads:
            figures = (f"{value:.4g}" for value in spread.spread)
            yield ["", f"{spread.check}: {spread.metric}", "", *figures, f"{spread.low:g} to {spread.high:g}"]
