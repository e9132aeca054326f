"""Notebooks as solutions and starters: JSON in, JSON out, the same bytes for the same cells. Pure."""

import json
from itertools import count
from typing import Any, Final

from grader.authoring import regions
from grader.errors import InvalidLab

_KEPT: Final = frozenset({"tags", "slideshow"})
"""What of a cell's metadata goes to students; the rest is of tools and of one machine."""
_SPOKEN: Final = ("kernelspec", "language_info")
"""What of a notebook's metadata goes to students: in which language it is."""


def starter(content: str, where: str) -> str:
    """A notebook without what students are to write, without outputs and execution counts.

    Raises:
        InvalidLab: it is no notebook, or a cell's markers are not right.
    """
    notebook = _read(content, where)
    numbers = count(1)
    cells = [
        _cell(cell, f"{where}, cell {next(numbers)}") if _is_code(cell) else _text(cell, where)
        for cell in notebook["cells"]
    ]
    metadata = {key: notebook["metadata"][key] for key in _SPOKEN if key in notebook.get("metadata", {})}
    return _written({**notebook, "cells": cells, "metadata": metadata})


def code(content: str, where: str) -> list[tuple[str, str]]:
    """(what it is called, its text) of each code cell; they are counted from 1, as tracebacks count them.

    Raises:
        InvalidLab: it is no notebook.
    """
    sources = (_source(cell) for cell in _read(content, where)["cells"] if _is_code(cell))
    return [(f"{where}, cell {number}", source) for number, source in enumerate(sources, start=1)]


def text(content: str, where: str) -> str:
    """All that its cells say.

    Raises:
        InvalidLab: it is no notebook.
    """
    return "\n".join(_source(cell) for cell in _read(content, where)["cells"])


def _cell(cell: dict[str, Any], where: str) -> dict[str, Any]:
    made = regions.starter(_source(cell), where)
    return {**cell, "metadata": _kept(cell), "source": _lines(made), "outputs": [], "execution_count": None}


def _text(cell: dict[str, Any], where: str) -> dict[str, Any]:
    source = _source(cell)
    if regions.has_markers(source):
        raise InvalidLab(f"{where}: markers in a cell of text leave nothing out. Take “{source[:40]}” out of it.")
    return {**cell, "metadata": _kept(cell), "source": _lines(source)}


def _is_code(cell: dict[str, Any]) -> bool:
    return cell.get("cell_type") == "code"


def _kept(cell: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in cell.get("metadata", {}).items() if key in _KEPT}


def _read(content: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidLab(f"{where} cannot be read as a notebook: {error}. Open it in Jupyter and save it.") from error
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise InvalidLab(f"{where} has no list of cells. Open it in a recent Jupyter and save it.")
    return dict(found)


def _source(cell: dict[str, Any]) -> str:
    found = cell.get("source", "")
    return "".join(found) if isinstance(found, list) else str(found)


def _lines(source: str) -> list[str]:
    """As notebooks have them, each with its line end."""
    return source.splitlines(keepends=True)


def _written(notebook: dict[str, Any]) -> str:
    """As Jupyter writes it."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
