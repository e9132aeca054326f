"""Notebooks as solutions and starters: the same bytes for the same cells. Pure."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from grader import notebooks
from grader.authoring import regions
from grader.errors import InvalidLab, NotANotebook
from grader.notebooks import Cell, Notebook

_SPOKEN: Final = {
    "kernelspec": ("display_name", "language", "name"),
    "language_info": ("file_extension", "mimetype", "name", "nbconvert_exporter", "pygments_lexer"),
}
"""What of a notebook's metadata goes to students: in which language it is. The rest is of tools and of one machine."""


def starter(content: str, where: str) -> str:
    """A notebook without what students are to write, and without what nobody would look for in it.

    Of a cell they get its source, tags and place among slides, and what is attached to text; nothing else.

    Raises:
        InvalidLab: it is no notebook, or a cell's markers are not right.
    """
    found = _read(content, where)
    _check_texts(found, where)
    made = [
        _code(cell, f"{where}, cell {number}")
        if cell.kind == "code"
        else replace(cell, metadata=_kept(cell), outputs=())
        for number, cell in _numbered(found)
    ]
    return notebooks.written(made, _spoken(found))


def code(content: str, where: str) -> list[tuple[str, str]]:
    """(what it is called, its text) of each code cell; they are counted from 1, as tracebacks count them.

    Raises:
        InvalidLab: it is no notebook.
    """
    found = _numbered(_read(content, where))
    return [(f"{where}, cell {number}", cell.source) for number, cell in found if cell.kind == "code"]


def text(content: str, where: str) -> str:
    """All that its cells say.

    Raises:
        InvalidLab: it is no notebook.
    """
    return "\n".join(cell.source for cell in _read(content, where).cells)


def kept(content: str, where: str) -> str:
    """What tells one starter from another: not what Jupyter writes into a notebook that is opened and saved.

    Raises:
        InvalidLab: it is no notebook.
    """
    cells = _read(content, where).cells
    return json.dumps([(cell.kind, cell.source, _kept(cell), cell.attachments, cell.outputs) for cell in cells])


def _code(cell: Cell, where: str) -> Cell:
    made = regions.starter(cell.source, where, notebooks.parsed)
    return Cell(cell.kind, made, cell.id, _kept(cell))


def _check_texts(notebook: Notebook, where: str) -> None:
    """Look for markers in cells of text, which may begin in one and end in another.

    Raises:
        InvalidLab: there is one.
    """
    texts = [(number, cell.source) for number, cell in _numbered(notebook) if cell.kind != "code"]
    if line := regions.marker_in_text("\n".join(source for _, source in texts)):
        number = next(number for number, source in texts if line in map(str.strip, source.split("\n")))
        place = f"{where}, the text {f'after cell {number}' if number else 'before cell 1'}"
        raise InvalidLab(f"{place}: markers in a cell of text leave nothing out. Take “{line[:60]}” out of it.")


def _spoken(notebook: Notebook) -> dict[str, dict[str, str]]:
    """What of a notebook's metadata goes to students."""
    spoken = {}
    for key, names in _SPOKEN.items():
        said = notebooks.mapping(notebook.metadata.get(key))
        if known := {name: said[name] for name in names if isinstance(said.get(name), str)}:
            spoken[key] = known
    return spoken


def _kept(cell: Cell) -> dict[str, Any]:
    """What of a cell's metadata goes to students."""
    tags, slide = cell.metadata.get("tags"), notebooks.mapping(cell.metadata.get("slideshow")).get("slide_type")
    kept: dict[str, Any] = {}
    if isinstance(tags, list):
        kept["tags"] = [tag for tag in tags if isinstance(tag, str)]
    if isinstance(slide, str):
        kept["slideshow"] = {"slide_type": slide}
    return kept


def _numbered(notebook: Notebook) -> Iterator[tuple[int, Cell]]:
    """The cells, with how many of code there are up to each."""
    number = 0
    for cell in notebook.cells:
        number += cell.kind == "code"
        yield number, cell


def _read(content: str, where: str) -> Notebook:
    try:
        return notebooks.read(content.encode())
    except NotANotebook as error:
        raise InvalidLab(f"{where} {error}. Open it in a recent Jupyter and save it.") from error
