"""A student's notebook, run as a module.

In "definitions", what a function may need is run, statement by statement: imports, definitions, simple constants. One
that raises is left out and named, like whatever was not run at all, and the rest goes on: a notebook is a diary, and
an old cell at its end should cost nothing. In "all", every cell runs, and the first exception ends it.

Each cell compiles under a name such as "lab1_tensors.ipynb, cell 3", so that tracebacks tell where to look. Cells are
counted from 1, code cells only.
"""

import __future__

import ast
import json
import linecache
import re
from dataclasses import dataclass
from types import ModuleType
from typing import Final, Literal

from sandbox import cheap, raising

NOTES_MOST: Final = 20
TOO_DEEP: Final = "an expression is too long or nested too deeply. Make it a loop, or several lines"
"""What makes Python's parser run out of memory or depth, and what to do."""
_KEPT_MAGICS: Final = frozenset({"time", "timeit", "capture", "prun"})
_SHELL_LINE: Final = re.compile(r"\s*(?:[%!?]|[\w, ]+=\s*[%!])|.*\?\s*\Z")
_CELL_NAME: Final = re.compile(r".+\.ipynb, cell \d+")


class NotebookError(Exception):
    """The file is no notebook that could be run; the text says why."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell as Python: `source` has as many lines as the student's."""

    number: int
    source: str
    tree: ast.Module


def is_cell(filename: str) -> bool:
    """Whether a code object's filename is that of a notebook's cell."""
    return _CELL_NAME.fullmatch(filename) is not None


def run(data: bytes, name: str, module: ModuleType, which: Literal["definitions", "all"]) -> list[str]:
    """Run the notebook `data` in `module` and tell what was left out.

    Args:
        name: of the notebook, for tracebacks.

    Raises:
        NotebookError: it cannot be read, or has no code.
        BaseException: what a cell raised, in "all".
    """
    sources = code_cells(data, name)
    if not any(source.strip() for source in sources):
        raise NotebookError(f"{name} has no code cell with anything in it. Was it saved?")
    runner = _Runner(name, module)
    notes: list[str] = []
    for number, source in enumerate(sources, start=1):
        cell = read_cell(number, source)
        if isinstance(cell, str):
            notes.append(cell)
        elif which == "all":
            runner.execute(cell, cell.tree.body)
        else:
            notes += runner.definitions(cell)
    return _bounded(notes)


def code_cells(data: bytes, name: str) -> list[str]:
    """The sources of the code cells, in order: of any version of the format, and whatever else is wrong with the file.

    Raises:
        NotebookError: the file is no notebook.
    """
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_int=float)  # as an int, a number could have too many digits
    except (ValueError, RecursionError) as error:
        raise NotebookError(f"{name} cannot be read as a notebook. Open it in Jupyter, save it, send that.") from error
    sheets = [found, *_listed(found, "worksheets")]
    cells = [cell for sheet in sheets for cell in _listed(sheet, "cells")]
    return [_source(cell) for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]


def _listed(holder: object, key: str) -> list[object]:
    found = holder.get(key) if isinstance(holder, dict) else None
    return found if isinstance(found, list) else []


def _source(cell: dict[str, object]) -> str:
    """What a code cell says, in one piece or in lines; before version 4 it was called input."""
    found = cell.get("source", cell.get("input"))
    parts = found if isinstance(found, list) else [found]
    return "".join(part for part in parts if isinstance(part, str))


def read_cell(number: int, source: str) -> Cell | str:
    """The cell as Python, or a note that says why it is not run."""
    lines = source.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        magic = (lines[first][2:].split() or [""])[0]
        if magic not in _KEPT_MAGICS:
            return f"cell {number}: it is a %%{raising.sendable(magic, 40)} cell, not Python"
        lines[first] = ""
    try:
        return _parsed(number, lines)
    except SyntaxError as error:
        return f"cell {number}: not valid Python (line {error.lineno}: {raising.sendable(error.msg, 100)})"
    except ValueError:
        return f"cell {number}: not valid Python"
    except (MemoryError, RecursionError):
        return f"cell {number}: {TOO_DEEP}"


def _parsed(number: int, lines: list[str]) -> Cell:
    """The cell, with `pass` for each line that is IPython's: it looks so, and Python cannot read on from it."""
    while True:
        source = "\n".join(lines)
        try:
            return Cell(number, source, ast.parse(source))
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            if not (0 <= at < len(lines) and _SHELL_LINE.match(lines[at])):
                raise
            _drop(lines, at)


def _drop(lines: list[str], at: int) -> None:
    """Put `pass` for a line that is IPython's, and nothing for those that go on with it."""
    line = lines[at]
    lines[at] = line[: len(line) - len(line.lstrip())] + "pass"
    while line.rstrip("\r").endswith("\\") and at + 1 < len(lines):
        at += 1
        line, lines[at] = lines[at], ""


class _Runner:
    """Runs cells in a module; a `from __future__` import holds for the cells after it, as in Jupyter."""

    def __init__(self, name: str, module: ModuleType) -> None:
        self._name = name
        self._module = module
        self._future = 0

    def execute(self, cell: Cell, statements: list[ast.stmt]) -> None:
        filename = f"{self._name}, cell {cell.number}"
        lines = cell.source.splitlines(keepends=True)
        linecache.cache[filename] = (len(cell.source), None, lines, filename)
        code = compile(ast.Module(statements, []), filename, "exec", flags=self._future, dont_inherit=True)
        self._future |= code.co_flags & __future__.annotations.compiler_flag
        exec(code, vars(self._module))  # noqa: S102 - running the student's cells is what this process is for

    def definitions(self, cell: Cell) -> list[str]:
        left_out = []
        for statement in cell.tree.body:
            if cheap.is_definition(statement):
                try:
                    self.execute(cell, [statement])
                except BaseException as error:  # noqa: BLE001 - whatever one statement raises, the others are run
                    left_out.append(f"{_place(statement)} raised {_told(error)}")
            elif not cheap.is_idle(statement):
                left_out.append(_place(statement))
        if not left_out:
            return []
        more = f", and {len(left_out) - 3} more" if len(left_out) > 3 else ""
        return [f"cell {cell.number}: {', '.join(left_out[:3])}{more}"]


def _place(statement: ast.stmt) -> str:
    return f"{cheap.kind(statement)} (line {statement.lineno})"


def _told(error: BaseException) -> str:
    raised = raising.describe(0, error, lambda _: None)
    return f"{raised.kind}: {raised.text[:150]}"


def _bounded(notes: list[str]) -> list[str]:
    if len(notes) <= NOTES_MOST:
        return notes
    return [*notes[:NOTES_MOST], f"and something in {len(notes) - NOTES_MOST} more cells"]
