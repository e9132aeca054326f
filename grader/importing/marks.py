"""Otter's marks within a cell of code, as regions: `# SOLUTION` behind a line, `# BEGIN SOLUTION`, prompts. Pure."""

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from grader.authoring.regions import blocks
from grader.importing.assignment import BEGIN, END, as_region, parsed

_BEGIN: Final = re.compile(r"(\s*)#+\s*BEGIN SOLUTION(?: NO PROMPT)?\b.*", re.IGNORECASE)
_END: Final = re.compile(r"(\s*)#+\s*END SOLUTION\b.*", re.IGNORECASE)
_BEHIND: Final = re.compile(r"#\s*(?:SOLUTION(?: NO PROMPT)?|SEED)", re.IGNORECASE)
_HEADER: Final = re.compile(r"#+\s*SOLUTION\s*#*", re.IGNORECASE)
_IGNORED: Final = re.compile(r".*#\s*IGNORE\s*", re.IGNORECASE)
_IGNORE_BLOCK: Final = re.compile(r"\s*#\s*(BEGIN|END) IGNORE\s*", re.IGNORECASE)
_PROMPT: Final = re.compile(r"""\s*(?:\w+\s*=\s*)?["']{1,3}\s*#\s*BEGIN PROMPT.*""", re.IGNORECASE)
_PROMPT_END: Final = re.compile(r""".*["']{1,3}\s*(?:;\s*)?#\s*END PROMPT.*""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marked:
    """A cell with regions.

    Attributes:
        regions: how many it has.
        prompted: lines of code that students would have got in the place of a region, and do not.
    """

    source: str
    regions: int
    prompted: int = 0


def marked(source: str) -> Marked | None:
    """A cell with regions for marks; None where its marks contradict each other."""
    lines, prompted = _without_prompts(_without_ignored(source.split("\n")))
    if lines is None:
        return None
    lines, ranges = _unmarked(lines)
    made = _wrapped(lines, ranges)
    begins, ends = (sum(line.strip() == mark for line in made) for mark in (BEGIN, END))
    if not _is_balanced(made):
        return None
    text = "\n".join(made)
    if begins and parsed(text) is not None and not _are_whole(text):
        return Marked(as_region("\n".join(line for line in made if line.strip() not in {BEGIN, END})), 1, prompted)
    return Marked(text, min(begins, ends), prompted)


def _without_ignored(lines: Sequence[str]) -> list[str]:
    """The lines without those that are to be in no notebook that Otter makes."""
    kept: list[str] = []
    ignoring = False
    for line in lines:
        if found := _IGNORE_BLOCK.fullmatch(line):
            ignoring = found[1].upper() == "BEGIN"
        elif not ignoring and not _IGNORED.fullmatch(line):
            kept.append(line)
    return kept


def _without_prompts(lines: Sequence[str]) -> tuple[list[str] | None, int]:
    """The lines without prompts but for their comments, and how many lines of code these had."""
    kept: list[str] = []
    within, code = False, 0
    for line in lines:
        if not within and _PROMPT.fullmatch(line):
            within = True
        elif within and _PROMPT_END.fullmatch(line):
            within = False
        elif not within or line.strip().startswith("#"):
            kept.append(line)
        elif line.strip() not in {"", "...", "pass"}:
            code += 1
    return (None if within else kept), code


def _unmarked(lines: Sequence[str]) -> tuple[list[str], list[tuple[int, int]]]:
    """The lines without marks behind them, and the ranges [first, last] of these."""
    bare, hit = [], []
    for number, line in enumerate(each for each in lines if not _HEADER.fullmatch(each.strip())):
        if found := _BEGIN.fullmatch(line):
            bare.append(found[1] + BEGIN)
        elif found := _END.fullmatch(line):
            bare.append(found[1] + END)
        elif code := _before_a_mark(line):
            bare.append(code)
            hit.append(number)
        else:
            bare.append(line)
    tree = parsed("\n".join(bare))
    around = {
        line: (first, last)  # of the smallest, which comes last
        for first, last in (_statements(tree.body) if tree else ())
        for line in range(first, last + 1)
    }
    return bare, _merged(bare, sorted({around.get(number, (number, number)) for number in hit}))


def _before_a_mark(line: str) -> str:
    """What stands before a mark at the end of a line; "" where there is none, or nothing before it."""
    code, _, mark = line.rstrip().rpartition("#")
    return code.rstrip("#").rstrip() if _BEHIND.fullmatch(f"#{mark}") else ""


def _merged(lines: Sequence[str], ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges that follow one another at the same indentation, as one."""
    found: list[tuple[int, int]] = []
    for first, last in ranges:
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(last, found[-1][1])
        elif found and _follows(lines, found[-1], first):
            found[-1] = found[-1][0], last
        else:
            found.append((first, last))
    return found


def _follows(lines: Sequence[str], before: tuple[int, int], first: int) -> bool:
    between = lines[before[1] + 1 : first]
    return not any(line.strip() for line in between) and _indent(lines[before[0]]) == _indent(lines[first])


def _wrapped(lines: Sequence[str], ranges: Sequence[tuple[int, int]]) -> list[str]:
    begins, ends = {first for first, _ in ranges}, {last: first for first, last in ranges}
    made, within = [], False
    for number, line in enumerate(lines):
        within = within or line.strip() == BEGIN
        if number in begins and not within:
            made.append(_indent(line) + BEGIN)
        made.append(line)
        if number in ends and not within:
            made.append(_indent(lines[ends[number]]) + END)
        within = within and line.strip() != END
    return made


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _is_balanced(lines: Sequence[str]) -> bool:
    marks = [line.strip() for line in lines if line.strip() in {BEGIN, END}]
    return marks == [BEGIN, END] * (len(marks) // 2)


def _are_whole(text: str) -> bool:
    """Whether each region holds whole statements, and at least one, and what is left is Python."""
    tree = parsed(text)
    statements = sorted(_statements(tree.body)) if tree else []
    functions = [_lines_of(node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)] if tree else []
    inner = {line for first, last in functions for line in range(first + 1, last + 1)}
    left: list[str] = []
    begun: int | None = None
    for number, line in enumerate(text.split("\n")):
        if line.strip() == BEGIN:
            begun = number
            left += [f"{_indent(line)}pass"] if number in inner else []
        elif line.strip() == END:
            inside = statements[bisect_left(statements, (begun or 0, 0)) : bisect_left(statements, (number, 0))]
            if not inside or any(last > number for _, last in inside):
                return False
            begun = None
        elif begun is None:
            left.append(line)
    return parsed("\n".join(left)) is not None


def _statements(body: Sequence[ast.stmt]) -> Iterator[tuple[int, int]]:
    """[first, last] line of every statement, counted from 0, decorators included."""
    for statement in body:
        yield _lines_of(statement)
        for block in blocks(statement):
            yield from _statements(block)


def _lines_of(statement: ast.stmt) -> tuple[int, int]:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(each.lineno for each in decorators)])
    return first - 1, (statement.end_lineno or statement.lineno) - 1
