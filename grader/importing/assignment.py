"""An assignment of another tool, as far as it can be taken over: cells, questions, their tests. Pure."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from grader import notebooks
from grader.errors import ImportImpossible, NotANotebook
from grader.notebooks import mapping, text

POINTS_MOST: Final = 1e9
SIGNS_MOST: Final = 200_000
WORD_MOST: Final = 4000
"""Signs of a cell, or of a word or a number in it, that is read as Python."""
BEGIN: Final = "# BEGIN SOLUTION"
END: Final = "# END SOLUTION"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the notebook.

    Attributes:
        kind: "code", "markdown" or "raw".
        number: its place among cells of all kinds, from 1.
        output: the text that the notebook keeps of what it printed and showed.
    """

    kind: str
    source: str
    number: int
    metadata: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, Any] = field(default_factory=dict)
    output: str = ""


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook of the other tool.

    Attributes:
        name: the file's.
    """

    name: str
    cells: Sequence[Cell]
    metadata: Mapping[str, Any]

    def place(self, cell: Cell) -> str:
        """Where a cell stands, for people."""
        return f"{self.name}, cell {cell.number}"


@dataclass(frozen=True, slots=True)
class Case:
    """One test as the other tool has it.

    Attributes:
        code: Python, or a doctest.
        points: None where they are the question's.
        output: what the code's last line shows, "" for nothing, None where nothing is compared.
        hint: what a student is told whose answer does not pass.
    """

    code: str
    where: str
    hidden: bool = False
    points: float | None = None
    output: str | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, or whatever else earns points.

    Attributes:
        points: of all its cases.
        title: what students call it, "" where that is the name.
        manual: whether people judge it.
    """

    name: str
    points: float
    where: str
    cases: tuple[Case, ...] = ()
    manual: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What was read.

    Attributes:
        tool: whose format it is.
        cells: of the solution, with marked regions, without tests.
        handout: what stands before the first question, in Markdown.
        files: named to be given to students, relative to the notebook.
        left: sentences on what was not taken over.
    """

    tool: str
    title: str
    cells: tuple[Cell, ...]
    handout: str
    questions: tuple[Question, ...]
    files: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def read_notebook(content: bytes, name: str) -> Notebook:
    """The cells of a notebook file.

    Raises:
        ImportImpossible: it is no notebook of Python in a format of this decade.
    """
    try:
        found = notebooks.read(content)
    except NotANotebook as error:
        raise ImportImpossible(f"{name} {error}. Open it in a recent Jupyter, save it, and import that.") from error
    _check_language(found.metadata, name)
    cells = tuple(_cell(cell, number) for number, cell in enumerate(found.cells, start=1))
    return Notebook(name, cells, found.metadata)


def _cell(cell: notebooks.Cell, number: int) -> Cell:
    shown = "".join(_shown(cell.outputs))
    return Cell(cell.kind, cell.source, number, cell.metadata, cell.attachments, shown)


def _shown(outputs: Iterable[object]) -> Iterator[str]:
    for output in map(mapping, outputs):
        yield text(output.get("text"))
        yield text(mapping(output.get("data")).get("text/plain"))


def _check_language(metadata: Mapping[str, Any], name: str) -> None:
    spoken, kernel = (mapping(metadata.get(key)) for key in ("language_info", "kernelspec"))
    language = spoken.get("name") or kernel.get("language")
    if isinstance(language, str) and "python" not in language.lower():
        raise ImportImpossible(f"{name} is a notebook of {language[:40]}. Only notebooks of Python can be imported.")


# ---------------------------------------------------------------- points


def points_of(found: object, where: str) -> float:
    """A number of points.

    Raises:
        ImportImpossible: it is none.
    """
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= POINTS_MOST:
        told = worded(found, otherwise="too many" if isinstance(found, int) else type(found).__name__)
        raise ImportImpossible(f"{where}: points are {told[:40]!r}. Write a number of 0 or more there.")
    return found


def worded(found: object, otherwise: str) -> str:
    """A name or a sentence that somebody wrote, a number as its digits; `otherwise` for anything else, or nothing."""
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return otherwise
    if isinstance(found, int) and abs(found) >= 10**15:
        return otherwise
    return str(found).strip() or otherwise


# ---------------------------------------------------------------- what the tools share


def is_endless(source: str) -> bool:
    """Whether a text is longer than what people write, or has a word or a number that is."""
    return len(source) > SIGNS_MOST or any(len(word) > WORD_MOST for word in re.findall(r"\w+", source))


def parsed(source: str) -> ast.Module | None:
    """A cell as Python without the lines that are IPython's; None where it is none, or endless."""
    if is_endless(source):
        return None
    try:
        return notebooks.parsed(source)
    except notebooks.NO_PYTHON:
        return None


def printable(text: str) -> str:
    """A text without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def as_region(source: str) -> str:
    """All of a cell as what students write."""
    return f"{BEGIN}\n{source.strip()}\n{END}"


def heading(cells: Sequence[Cell], otherwise: str) -> str:
    """The first heading of the text, or `otherwise`."""
    lines = (line for cell in cells if cell.kind == "markdown" for line in cell.source.split("\n"))
    found = next((line.lstrip("#").strip() for line in lines if line.startswith("#") and line.lstrip("#").strip()), "")
    return found or otherwise
