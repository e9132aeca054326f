"""What a solution has that students are to write: the lines between two markers. Pure.

A region begins after a line `# BEGIN SOLUTION` and ends before a line `# END SOLUTION`, indented in whatever way; more
signs `#` may stand before the words, as nbgrader writes them. In the starter it becomes `# YOUR CODE HERE` and, within
a function, a `raise NotImplementedError` that names it. Whole statements are left out, or nothing.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final, TypeAlias

from grader.errors import InvalidLab
from grader.notebooks import NO_PYTHON

HERE: Final = "# YOUR CODE HERE"
_MARKER: Final = re.compile(r"\s*#+\s*(BEGIN|END) SOLUTION\s*")
_WRITTEN: Final = re.compile(r"#\W{0,20}(BEGIN|END)[\W_]{0,20}SOLUTION\b")
"""A marker's own words at the beginning of a comment, wherever that stands and whatever follows them."""
_COMMENT: Final = re.compile(r"\s*#(.*)")
_PLAIN: Final = re.compile(r"\W*(BEGIN|END)[\W_]*SOLUTION\W*", re.IGNORECASE)
"""A comment that says nothing else than a marker, however it is written."""
_BEFORE_BRACKET: Final = re.compile(r"^(\W*[^\W_]+[\W_]+[^\W_][^(]*)\(.*")
_WORD: Final = re.compile(r"[^\W\d_]+")
_WORDS_MOST: Final = 5
_SIDES: Final = {
    **dict.fromkeys(("BEGIN", "BEGINS", "BEGINNING", "START", "STARTS", "STARTING"), "BEGIN"),
    **dict.fromkeys(("END", "ENDS", "ENDING", "STOP", "STOPS", "STOPPING"), "END"),
}
_MEANT: Final = ("SOLUTION", "SOLN", "ANSWER", "SECRET")
"""What people write after BEGIN and END for what students do not get; and YOUR CODE, CODE HERE."""
_WHOSE: Final = frozenset({"YOUR", "STUDENT", "STUDENTS", "HERE"})
_BESIDES: Final = _WHOSE | {"OF", "THE", "MY", "OUR", "MODEL", "SAMPLE", "REFERENCE"}
"""What else may stand in such a line."""
_LIKE: Final = 0.76
"""How alike words are, from 0 to 1, of which one may be the other misspelled; they begin with the same letter."""
_OTHERS: Final = frozenset({"STATE", "STAT", "STATS", "STAR", "STARS", "STARTER", "SMART"})
"""Words of their own, though they are as alike."""
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
SUBSTANCE: Final = 16
"""Signs of a line by which it would be known again; shorter ones occur in anybody's code."""


@dataclass(frozen=True, slots=True)
class Region:
    """The lines of a solution that students write. Markers are lines, too, counted from 1."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a region's first statement stands, and in which function: "" where in none."""

    indent: str
    function: str


@dataclass(frozen=True, slots=True)
class _Near:
    """A line that is like a marker, and is none.

    Attributes:
        side: BEGIN or END.
        what: the word for what it begins or ends, as in `_MEANT`.
        is_sure: whether it can be nothing else; else only where its opposite stands in the text, too.
    """

    number: int
    line: str
    side: str
    what: str
    is_sure: bool


Parse: TypeAlias = Callable[[str], ast.Module]
"""What reads a text as Python: in a cell of a notebook, some lines may be IPython's."""


def has_markers(text: str) -> bool:
    """Whether a line is a marker, as it is to be written."""
    return any(_MARKER.fullmatch(line) for line in text.split("\n"))


def marker_in_text(text: str) -> str:
    """The first line of a text, not of Python, that was meant as a marker, whatever signs stand around it; or ""."""
    near = [one for at, line in enumerate(text.split("\n"), start=1) if (one := _near(at, line.strip(), line.strip()))]
    meant = _meant(near)
    return meant[0].line if meant else ""


def stray(text: str) -> str:
    """The first line of Python that was meant as a marker and leaves nothing out; or ""."""
    meant = _meant(_outside(text.split("\n")))
    return meant[0].line.strip() if meant else ""


def regions(text: str, where: str) -> list[Region]:
    """The regions of a text, in order.

    Args:
        where: what the text is of, for errors.

    Raises:
        InvalidLab: a marker has no other one, stands within a region, or is not all of its line; or a line outside of
            regions was meant as one.
    """
    found, begun, near, lines = [], 0, list[_Near](), text.split("\n")
    for number, line in enumerate(lines, start=1):
        marker = _MARKER.fullmatch(line)
        if marker is None:
            near += [one] if (one := _near_marker(number, line)) else []
        elif (marker[1] == "BEGIN") == bool(begun):
            raise _misplaced(where, number, _nested(begun), near, "END" if begun else "BEGIN")
        elif begun:
            found.append(Region(begun, number))
            begun, near = 0, []
        else:
            begun, near = number, []
    if begun:
        raise _misplaced(where, begun, _OPEN, near, "END")
    for one in _meant(_outside(lines)):
        raise _no_marker(where, one)
    return found


_OPEN: Final = "# BEGIN SOLUTION has no # END SOLUTION after it. Write it where what students write ends."
_NO_MARKER: Final = (
    "“{}” looks like a marker and is none. Write # {} SOLUTION, and nothing else in that line; or say it otherwise, "
    "if it is a comment."
)


def _misplaced(where: str, number: int, why: str, near: list[_Near], side: str) -> InvalidLab:
    """What is said of a marker without its other one: if a line was meant as that one, it is that line."""
    meant = next((one for one in near if one.side == side), None)
    return _no_marker(where, meant) if meant else InvalidLab(f"{where}, line {number}: {why}")


def _no_marker(where: str, near: _Near) -> InvalidLab:
    return InvalidLab(f"{where}, line {near.number}: {_NO_MARKER.format(near.line.strip()[:60], near.side)}")


def _outside(lines: Sequence[str]) -> list[_Near]:
    """The lines like markers that stand outside of regions, without frames in which students get no code."""
    found, inside, code, framed = list[_Near](), False, False, False
    for number, line in enumerate(lines, start=1):
        is_code = line.strip()[:1] not in {"", "#"}
        if marker := _MARKER.fullmatch(line):
            inside = marker[1] == "BEGIN"
            framed = True
        elif inside:
            continue
        elif near := _near_marker(number, line):
            if near.side == "END" and framed and not (code or is_code) and found and found[-1].side == "BEGIN":
                found.pop()
            else:
                found.append(near)
            code, framed = is_code, False
        else:
            code = code or is_code
    return found


def _near_marker(number: int, line: str) -> _Near | None:
    """What a line of Python is, where it is like a marker."""
    comment = _COMMENT.match(line)
    if comment and (near := _near(number, line, comment[1])):
        return replace(near, is_sure=near.is_sure or bool(_PLAIN.fullmatch(comment[1])))
    written = _WRITTEN.search(line)
    return _Near(number, line, written[1], _MEANT[0], is_sure=True) if written else None


def _near(number: int, line: str, said: str) -> _Near | None:
    """What a line is that says something, where that is like a marker."""
    said = _BEFORE_BRACKET.sub(r"\1", said)
    words = _WORD.findall(said.upper())
    if len(words) > _WORDS_MOST:
        return None
    sides = [side for word in words if (side := _like(word, _SIDES))]
    what = _what([word for word in words if not _like(word, _SIDES)])
    return _Near(number, line, _SIDES[sides[0]], what, said == said.upper()) if len(sides) == 1 and what else None


def _what(words: Sequence[str]) -> str:
    """For what of `_MEANT` these words stand, or CODE; "" for neither."""
    whats = {_like(word, _MEANT) for word in words if word not in _BESIDES | {"CODE"}}
    if not whats and "CODE" in words and not _WHOSE.isdisjoint(words):
        return "CODE"
    return whats.pop() if len(whats) == 1 else ""


def _like(word: str, known: Iterable[str]) -> str:
    """Which of these words one is, or is misspelled; "" for none."""
    same = [each for each in known if each[0] == word[0]] if word not in _OTHERS else []
    return next(iter(get_close_matches(word, same, 1, _LIKE)), "")


def _meant(near: Sequence[_Near]) -> list[_Near]:
    """Those that are no prose: they can be nothing else, or there is another that ends or begins the same."""
    first = {one.what: one.number for one in reversed(near) if one.side == "BEGIN"}
    last = {one.what: one.number for one in near if one.side == "END"}
    pairs = first.keys() & last.keys()
    return [
        one for one in near if one.is_sure or (one.what in pairs and first[one.what] <= one.number <= last[one.what])
    ]


def _nested(begun: int) -> str:
    if begun:
        return f"the region that begins in line {begun} has not ended. Write # END SOLUTION before another begins."
    return "# END SOLUTION has no # BEGIN SOLUTION before it. Write it where what students write begins."


def starter(text: str, where: str, parse: Parse = ast.parse) -> str:
    """The text as students get it; as it is, where it has no region.

    Args:
        where: what the text is of, for errors.

    Raises:
        InvalidLab: its markers are not right, it is no Python, or would be none without its regions.
    """
    found = regions(text, where)
    if not found:
        return text
    tree = _parsed(text, where, parse)
    lines, kept, last = text.split("\n"), [], 0
    for region in found:
        place = _place(tree, lines, region, where)
        _check_whole(text, region, place, where, parse)
        kept += [*lines[last : region.begin - 1], *_instead(place)]
        last = region.end
    made = "\n".join([*kept, *lines[last:]])
    _parsed(made, f"The starter that {where} gives", parse)
    return made


def withheld(text: str, where: str, parse: Parse = ast.parse) -> set[str]:
    """The lines by which one would know that a text holds what students are to write.

    Lines that are short, or that students get anyway, are none of them.

    Raises:
        InvalidLab: see `starter`.
    """
    lines = text.split("\n")
    inside = {_bare(line) for region in regions(text, where) for line in lines[region.begin : region.end - 1]}
    return {line for line in inside if len(line) >= SUBSTANCE} - bare_lines(starter(text, where, parse))


def unmarked(text: str, where: str, parse: Parse = ast.parse) -> list[str]:
    """The functions and classes at the top that students get whole: no region holds them, and none stands in them.

    Raises:
        InvalidLab: its markers are not right, or it is no Python.
    """
    found, named = regions(text, where), (*_FUNCTIONS, ast.ClassDef)
    return [
        node.name
        for node in _parsed(text, where, parse).body
        if isinstance(node, named)
        and not any(one.begin <= (node.end_lineno or node.lineno) and node.lineno <= one.end for one in found)
    ]


def bare_lines(text: str) -> set[str]:
    """Its lines without indentation and what a comment behind them says."""
    return {_bare(line) for line in text.split("\n")}


def _bare(line: str) -> str:
    return line.strip().partition("  #")[0].rstrip()


def _parsed(text: str, where: str, parse: Parse) -> ast.Module:
    try:
        return parse(text)
    except (MemoryError, RecursionError) as error:
        raise InvalidLab(f"{where}: {_TOO_DEEP}") from error
    except NO_PYTHON as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise InvalidLab(f"{where}{line}: this is no Python: {error.args[0]}. Put the solution right.") from error


_TOO_DEEP: Final = "an expression is too long or nested too deeply for Python. Make it a loop, or several lines."


def _instead(place: _Place) -> Iterator[str]:
    """What students find in the place of a region."""
    yield place.indent + HERE
    if place.function:
        yield f'{place.indent}raise NotImplementedError("{place.function} is not written yet.")'


def _place(tree: ast.Module, lines: Sequence[str], region: Region, where: str) -> _Place:
    first: tuple[int, _Place] | None = None
    for statement, function in _statements(tree):
        begins, ends = _first_line(statement), statement.end_lineno or statement.lineno
        if begins < region.begin <= ends and not any(blocks(statement)):
            raise InvalidLab(f"{where}, line {region.begin}: {_SPLIT}")
        if region.begin < begins < region.end:
            if ends > region.end:
                raise InvalidLab(f"{where}, line {region.end}: {_SPLIT}")
            if first is None or begins < first[0]:
                line = lines[begins - 1]
                first = begins, _Place(line[: len(line) - len(line.lstrip())], function)
    if first is None:
        raise InvalidLab(f"{where}, line {region.begin}: no statement stands in this region. Take it out.")
    return first[1]


def _check_whole(text: str, region: Region, place: _Place, where: str, parse: Parse) -> None:
    """Look whether the text says the same without a region, but for its statements, which stand in one block.

    Raises:
        InvalidLab: it does not: an `else` may stand in it whose `if` stands before it.
    """
    lines, solved = text.split("\n"), _parsed(text, where, parse)
    todo = [solved.body]
    while todo:
        block = todo.pop()
        if inside := [at for at, statement in enumerate(block) if region.begin < _first_line(statement) < region.end]:
            block[inside[0] : inside[-1] + 1] = [ast.Pass()]
        todo += [each for statement in block for each in blocks(statement)]
    left = "\n".join([*lines[: region.begin - 1], f"{place.indent}pass", *lines[region.end :]])
    try:
        whole = ast.dump(parse(left)) == ast.dump(solved)
    except RecursionError as error:
        raise InvalidLab(f"{where}: {_TOO_DEEP}") from error
    except NO_PYTHON:
        whole = False
    if not whole:
        raise InvalidLab(f"{where}, line {region.begin}: {_CUT}")


_SPLIT: Final = "a statement is cut in two here. A region holds whole statements."
_CUT: Final = "a statement is cut in two by this region, as an `if` from its `else`. A region holds whole statements."


def blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The lists of statements within a statement: its body, what stands under `else`, `except`, `finally`, `case`."""
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for handler in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]:
        yield handler.body


def _statements(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """Every statement, with the function that it stands in, such as `Net.forward`."""
    todo: list[tuple[ast.stmt, str, bool]] = [(statement, "", False) for statement in tree.body]
    while todo:
        statement, outer, called = todo.pop()
        yield statement, outer if called else ""
        named = isinstance(statement, (*_FUNCTIONS, ast.ClassDef))
        name = f"{outer}.{statement.name}".lstrip(".") if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)) else outer
        inside = isinstance(statement, _FUNCTIONS) if named else called
        todo += [(each, name, inside) for block in blocks(statement) for each in block]


def _first_line(statement: ast.stmt) -> int:
    """Where it begins, with its decorators."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(each.lineno for each in decorators)])
