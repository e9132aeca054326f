"""How a validation is shown: a line for each kind of check, then what was found; and the table of the repeats."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from grader.cli import screen
from grader.pipeline.validation import Issue, Kind, Repeated, Report, Section, Spread
from grader.scoring import written

COLUMNS = ("solution", "scores", "measured", "min", "median", "max", "0 at", "all at")


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


def _line(section: Section) -> None:
    mark, style = ("✗", "red") if section.findings else ("✓", "green") if section.looked else ("–", "yellow")
    time = screen.duration(section.seconds) if section.seconds else ""
    lines = Text(screen.plain(section.figures)).wrap(screen.console, screen.WIDTH - 25) or [Text()]
    for number, line in enumerate(lines):
        head = (f"  {mark} ", style) if number == 0 else "    "
        title, last = (section.title, time) if number == 0 else ("", "")
        line.truncate(screen.WIDTH - 25, pad=bool(last))
        screen.console.print(Text.assemble(head, title.ljust(11), line, last.rjust(9) if last else ""))


def _details(section: Section) -> None:
    if not section.findings and not section.remarks:
        return
    screen.say("")
    screen.say(section.title, "bold")
    for issue in section.findings:
        _issue("✗", "red", issue)
    for issue in section.remarks:
        _issue("–", "yellow", issue)


def _issue(mark: str, style: str, issue: Issue) -> None:
    screen.say(f"{mark} {issue.what}", style, indent=2)
    for detail in issue.details:
        screen.say(detail, indent=6)
    if issue.todo:
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
    columns, *rows = _cells(repeated)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number > 2 else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(screen.plain(cell)) for cell in row))
    screen.console.print(table, width=screen.WIDTH)


def markdown(repeated: Sequence[Repeated]) -> str:
    """The repeats as a Markdown table."""
    columns, *rows = [[cell.replace("|", r"\|") for cell in row] for row in _cells(repeated)]
    lines = [columns, ["---:" if number > 2 else "---" for number, _ in enumerate(columns)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cells(repeated: Sequence[Repeated]) -> Iterator[list[str]]:
    """A head and a row for each metric; where nothing was measured, solutions and scores alone."""
    width = len(COLUMNS) if any(one.spreads for one in repeated) else 2
    yield list(COLUMNS[:width])
    for one in repeated:
        for number, spread in enumerate(one.spreads or (None,)):
            head = [_name(one), _scores(one)] if number == 0 else ["", ""]
            figures = _figures(spread) if spread else [""] * (len(COLUMNS) - 2)
            yield (head + figures)[:width]


def _name(one: Repeated) -> str:
    return one.solution.kind if one.solution.kind is Kind.REFERENCE else one.solution.name.removesuffix(".py")


def _scores(one: Repeated) -> str:
    equal = f"{one.equal}/{len(one.scores)} equal"
    least, middle, most = map(written, one.spread)
    return f"{equal}: {least}" if least == most else f"{equal}: {least} / {middle} / {most}"


def _figures(spread: Spread) -> list[str]:
    figures = (*spread.spread, spread.low, spread.high)
    return [f"{spread.check}: {spread.metric}", *(f"{value:.4g}" for value in figures)]
