"""Assignments as nbgrader has them: what a cell is stands in its metadata. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from grader.errors import ImportImpossible
from grader.importing import marks
from grader.importing.assignment import (
    Assignment,
    Case,
    Cell,
    Notebook,
    Question,
    as_region,
    heading,
    points_of,
    worded,
)

TOOL: Final = "nbgrader"
_HIDDEN: Final = re.compile(r"(BEGIN|END) HIDDEN TESTS")
_SCHEME: Final = re.compile(r"(BEGIN|END) MARK SCHEME")
_SOLUTION: Final = re.compile(r"(BEGIN|END) SOLUTION")
_STUB: Final = re.compile(r"YOUR CODE HERE|raise NotImplementedError\(\)")
_ANSWER_HERE: Final = "YOUR ANSWER HERE"


def recognised(notebook: Notebook) -> bool:
    """Whether it is an assignment of nbgrader's."""
    return any(_metadata(cell) for cell in notebook.cells)


def read(notebook: Notebook) -> Assignment:
    """Take it apart.

    Raises:
        ImportImpossible: its regions or its points contradict themselves.
    """
    reader = _Reader(notebook)
    for cell in notebook.cells:
        reader.take(cell)
    title = heading(notebook.cells, notebook.name.rpartition(".")[0])
    return Assignment(
        tool=TOOL,
        title=title,
        cells=tuple(reader.cells),
        handout="\n\n".join(reader.handout),
        questions=tuple(replace(each, title="" if each.title == title else each.title) for each in reader.questions),
        left=tuple(reader.left),
    )


def _metadata(cell: Cell) -> Mapping[str, Any]:
    found = cell.metadata.get("nbgrader")
    return found if isinstance(found, dict) else {}


@dataclass(slots=True)
class _Reader:
    """Goes through a notebook."""

    notebook: Notebook
    cells: list[Cell] = field(default_factory=list)
    handout: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    begun: bool = False
    section: str = ""

    def take(self, cell: Cell) -> None:
        """The next cell."""
        kept, where = _metadata(cell), self.notebook.place(cell)
        graded, solution, task = (bool(kept.get(key)) for key in ("grade", "solution", "task"))
        if (graded or solution or task) and not self.begun:
            self.begun = True
            self._leave_to_question()
        if cell.kind == "markdown":
            self.section = _heading_of(cell.source) or self.section
        if graded or task:
            points = points_of(kept.get("points") or 0, where)
            name = worded(kept.get("grade_id"), f"cell-{cell.number}")
            manual = task or solution or cell.kind != "code"
            cases = () if manual else tuple(_cases(cell, where))
            self.questions.append(Question(name, points, where, cases, manual, self.section))
        if solution or task:
            self._answer(cell, where, whole=solution)
        elif not graded and cell.kind != "raw":
            self._given(cell, where)

    def _leave_to_question(self) -> None:
        """Take from the handout what stands right before the first question, and is its text."""
        if not (self.handout and self.cells and self.cells[-1].kind == "markdown"):
            return
        *before, last = self.handout
        lines = last.split("\n")
        headings = [number for number, line in enumerate(lines) if _heading_of(line)]
        kept = "\n".join(lines[: headings[-1]]).strip() if headings else ""
        self.handout = [*before, *([kept] if kept else [])] or [last]

    def _answer(self, cell: Cell, where: str, *, whole: bool) -> None:
        """A cell that students fill in."""
        if cell.kind == "code":
            self.cells.append(replace(cell, source=self._region(cell, where)))
            return
        text = _shown(cell.source, where, _SCHEME, "MARK SCHEME").strip()
        if whole:
            self.left.append(f"{where}: an answer in words; students write it, people judge it.")
            text = _ANSWER_HERE
        self.cells.append(replace(cell, source=text, attachments={} if whole else cell.attachments))

    def _region(self, cell: Cell, where: str) -> str:
        source = _normal(_without_hidden(cell.source, where))
        found = marks.marked(source)
        if found is None:
            raise ImportImpossible(f"{where}: its BEGIN SOLUTION and END SOLUTION do not match. Put them right.")
        if found.regions:
            return found.source
        if _STUB.search(source):
            self.left.append(f"{where}: it has no solution. Is this the students' version? Import the one in source/.")
        return as_region(source) if source.strip() else source

    def _given(self, cell: Cell, where: str) -> None:
        if cell.kind == "code":
            found = marks.marked(_normal(_without_hidden(cell.source, where)))
            if found is None:
                raise ImportImpossible(f"{where}: its BEGIN SOLUTION and END SOLUTION do not match. Put them right.")
            if found.source.strip():
                self.cells.append(replace(cell, source=found.source))
        elif cell.source.strip():
            self.cells.append(cell)
            if not self.begun:
                self.handout.append(cell.source.strip())


def _heading_of(text: str) -> str:
    """The last heading of a text in Markdown, without what is there for its look; "" where it has none."""
    lines = [line.lstrip("#").strip() for line in text.split("\n") if line.startswith("#")]
    return next((line.replace("`", "").replace("**", "") for line in reversed(lines) if line), "")


def _normal(source: str) -> str:
    """The source with nbgrader's delimiters as plain ones; it looks for the words alone."""
    lines = source.split("\n")
    for number, line in enumerate(lines):
        if (found := _SOLUTION.search(line)) and "#" in line:
            lines[number] = f"{line[: len(line) - len(line.lstrip())]}# {found[0]}"
    return "\n".join(lines)


def _without_hidden(source: str, where: str) -> str:
    shown = _shown(source, where, _HIDDEN, "HIDDEN TESTS")
    return "\n".join(line for line in shown.split("\n") if not _is_hidden_autotest(line))


def _shown(source: str, where: str, delimiter: re.Pattern[str], what: str) -> str:
    return "\n".join(line for line, hidden in _lines(source.split("\n"), where, delimiter, what) if not hidden)


def _cases(cell: Cell, where: str) -> Iterator[Case]:
    """The stretches of a cell that students see, and those that they do not."""
    lines = cell.source.split("\n")
    generated = [line.strip() for line in lines if _is_hidden_autotest(line)]
    stretch: list[str] = []
    before = False
    for line, hidden in [
        *_lines([line for line in lines if not _is_hidden_autotest(line)], where, _HIDDEN, "HIDDEN TESTS"),
        ("", None),
    ]:
        if hidden is not before:
            if any(each.strip() for each in stretch):
                yield Case("\n".join(stretch), where, hidden=before)
            stretch, before = [], bool(hidden)
        stretch.append(line)
    if generated:
        yield Case("\n".join(generated), where, hidden=True)


def _is_hidden_autotest(line: str) -> bool:
    before, found, _ = line.upper().partition("AUTOTEST")
    return bool(found) and before.lstrip().startswith("#") and "HIDDEN" in before


def _lines(lines: Sequence[str], where: str, delimiter: re.Pattern[str], what: str) -> Iterator[tuple[str, bool]]:
    """(line, whether students do not see it), without the delimiters."""
    hidden = False
    for line in lines:
        if found := delimiter.search(line):
            if (found[1] == "BEGIN") == hidden:
                raise ImportImpossible(f"{where}: its BEGIN and END {what} do not match. Put them right.")
            hidden = not hidden
        else:
            yield line, hidden
    if hidden:
        raise ImportImpossible(f"{where}: its BEGIN and END {what} do not match. Put them right.")
