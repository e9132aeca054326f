"""Notebooks as files: their cells, what of their code is Python, and how they are written. Pure; nothing is run.

What is Python in a cell is what the sandbox takes for it, see `sandbox.notebook`.
"""

import ast
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from grader.errors import NotANotebook

FORMS: Final = (".py", ".ipynb")
"""How the names of what students write end: a Python file's, and a notebook's."""
NO_PYTHON: Final = (SyntaxError, ValueError, MemoryError, RecursionError)
"""What Python's parser raises: of what is no Python, has a NUL in it, is too long, or is nested too deeply."""
_KINDS: Final = frozenset({"code", "markdown", "raw"})
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEPT_MAGICS: Final = frozenset({"time", "timeit", "capture", "prun"})
"""What may stand behind %% in the first line of a cell that is Python all the same."""
_IPYTHON: Final = re.compile(r"\s*(?:[%!?]|[\w, ]+=\s*[%!])|.*\?\s*\Z")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Attributes:
        kind: "code", "markdown" or "raw", which is whatever else there may be.
        id: "" where it has none.
        outputs: of each what the file says of it, which may be anything.
    """

    kind: str
    source: str
    id: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, Any] = field(default_factory=dict)
    outputs: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook."""

    cells: tuple[Cell, ...]
    metadata: Mapping[str, Any]


def read(content: bytes) -> Notebook:
    """The cells of a notebook file in the format of this decade. Of what is odd in it, nothing is taken.

    Raises:
        NotANotebook: it is none.
    """
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_int=_number)
    except (ValueError, RecursionError) as error:
        raise NotANotebook("cannot be read as a notebook") from error
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list):
        raise NotANotebook("has no list of cells")
    return Notebook(tuple(map(_cell, cells)), mapping(found.get("metadata")))


def written(cells: Iterable[Cell], metadata: Mapping[str, Any]) -> str:
    """A notebook as Jupyter writes it, without outputs: the same text for the same cells."""
    cells = list(cells)
    identified = all(cell.id for cell in cells)  # else the format is the one before cells had ids
    made = [_made(cell, identified=identified) for cell in cells]
    notebook = {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5 if identified else 4}
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return text.encode("utf-8", "replace").decode()  # halves of characters


def with_code(content: bytes, source: str) -> bytes:
    """A notebook with one more cell of code, as far as it can be run.

    Raises:
        NotANotebook: it is none.
    """
    return written([*read(content).cells, Cell("code", source)], {}).encode()


def parsed(source: str) -> ast.Module:
    """The code of a cell, with `pass` for each line that is IPython's. In a cell of another language there is none.

    Raises:
        SyntaxError, ValueError, MemoryError, RecursionError: it is no Python, see `NO_PYTHON`.
    """
    lines = source.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        if (lines[first][2:].split() or [""])[0] not in _KEPT_MAGICS:
            return ast.Module([], [])
        lines[first] = ""
    while True:
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            if not (0 <= at < len(lines) and _IPYTHON.match(lines[at])):
                raise
            _drop(lines, at)


def mapping(found: object) -> Mapping[str, Any]:
    """A table of a notebook; an empty one where it is none."""
    return found if isinstance(found, dict) else {}


def text(found: object) -> str:
    """A text of a notebook, which it has in one piece or in lines; what is no text in it is left out."""
    parts = found if isinstance(found, list) else [found]
    whole = "".join(part for part in parts if isinstance(part, str))
    return whole.encode("utf-8", "replace").decode().replace("\r\n", "\n")


def _number(digits: str) -> float:
    """As an int, a number could have too many digits."""
    return int(digits) if len(digits) < 16 else float(digits)


def _cell(found: object) -> Cell:
    cell = mapping(found)
    kind, id_, outputs = cell.get("cell_type"), cell.get("id"), cell.get("outputs")
    return Cell(
        kind if isinstance(kind, str) and kind in _KINDS else "raw",
        text(cell.get("source")),
        id_ if isinstance(id_, str) and _ID.fullmatch(id_) else "",
        mapping(cell.get("metadata")),
        mapping(cell.get("attachments")),
        tuple(outputs) if isinstance(outputs, list) else (),
    )


def _made(cell: Cell, *, identified: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "cell_type": cell.kind,
        "metadata": cell.metadata,
        "source": cell.source.splitlines(keepends=True),
    }
    if identified:
        made["id"] = cell.id
    if cell.kind == "code":
        return {**made, "execution_count": None, "outputs": []}
    return {**made, "attachments": cell.attachments} if cell.attachments else made


def _drop(lines: list[str], at: int) -> None:
    """Put `pass` for a line that is IPython's, and nothing for those that go on with it."""
    line = lines[at]
    lines[at] = line[: len(line) - len(line.lstrip())] + "pass"
    while line.endswith("\\") and at + 1 < len(lines):
        at += 1
        line, lines[at] = lines[at], ""
