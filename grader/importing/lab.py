"""The files of a lab that is made of another tool's assignment. Pure."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from grader import notebooks
from grader.authoring import cells, regions
from grader.authoring.starters import RECORD, record
from grader.errors import ImportImpossible
from grader.importing import nbgrader, otter
from grader.importing.assignment import BEGIN, END, Assignment, Cell, Notebook, Question, printable
from grader.importing.expressions import RESERVED
from grader.importing.suites import Suite, hidden_suite, names_of, number, plain, public_suite
from grader.importing.unfinished import uses

_LAB_TOML: Final = """\
title = {title}
version = "1"
points = {points}

[limits]
call_seconds = 30  # for the import, and for each function that trains: name those in `slow`
"""
_ALL_CELLS: Final = """
[notebook]
cells = "all"  # checks ask for variables, which the cells compute
"""
POINTS_LEAST: Final = 1e-4
_HANDOUT: Final = """\
# {title}
{text}
## What you hand in

One file, the notebook `{name}.ipynb`: start from the one beside this page, and write your code where it says
`# YOUR CODE HERE`. {names}
{check}
## Points

| question | points |
|---|---|
{rows}
"""
_CHECK: Final = """
## Check your work

```
grader check {name} {name}.ipynb
```

tells in seconds what is wrong and why. Other checks grade.
"""


@dataclass(frozen=True, slots=True)
class LabFiles:
    """A lab that is not written yet.

    Attributes:
        given, kept: what students get, and what they must not get: a path in the lab's folder -> the content.
        wanted: files beside the notebook that students are to get, too.
        modules: what the notebook imports, by the first parts of their names.
        left: sentences on what was not taken over.
        faults: sentences on what keeps the lab from grading, and what to do.
    """

    tool: str
    title: str
    given: Mapping[str, bytes]
    kept: Mapping[str, bytes]
    hidden: Suite
    public: Suite | None
    wanted: tuple[str, ...]
    modules: tuple[str, ...]
    left: tuple[str, ...]
    faults: tuple[str, ...]


def read(notebook: Notebook, tests: Mapping[str, str]) -> Assignment:
    """Take an assignment apart, whosever it is.

    Args:
        tests: test files beside the notebook, by name.

    Raises:
        ImportImpossible: it is nobody's that is known here, or contradicts itself.
    """
    if nbgrader.recognised(notebook):
        return nbgrader.read(notebook)
    if otter.recognised(notebook, tests):
        return otter.read(notebook, tests)
    raise ImportImpossible(
        f"{notebook.name} is no assignment of Otter-Grader or nbgrader: no cell says what is a question, a solution or"
        " a test. Import the master notebook, not the students'."
    )


def lab_files(assignment: Assignment, name: str, source: str) -> LabFiles:
    """The files of the lab `name`.

    Args:
        source: the notebook's file, for people.

    Raises:
        ImportImpossible: no question of it has tests, or a line looks like a mark and is none.
        InvalidLab: no starter can be made of the solution.
    """
    hidden, public = hidden_suite(assignment, source), public_suite(assignment, source)
    points = sum(check.points for check in hidden.checks)
    if points < POINTS_LEAST:
        raise ImportImpossible(
            f"{source} has no question with tests and points, so there is nothing to grade. Is it the students'"
            " version?"
        )
    _check_marks(assignment, source)
    title = plain(assignment.title)[:100]
    solution = _notebook(assignment.cells)
    given = {
        "lab.toml": _lab_toml(title, points, variables=hidden.variables),
        f"{name}.ipynb": cells.starter(solution, f"{source} as a solution"),
        "README.md": _handout(assignment, hidden, title, name, checked=public is not None),
        **({"test_public.py": public.text} if public else {}),
    }
    kept = {
        "solution.ipynb": solution,
        "test_hidden.py": hidden.text,
        RECORD: record(f"{name}.ipynb", given[f"{name}.ipynb"]),
    }
    return LabFiles(
        assignment.tool,
        title,
        {path: text.encode("utf-8", "replace") for path, text in given.items()},
        {path: text.encode("utf-8", "replace") for path, text in kept.items()},
        hidden,
        public,
        assignment.files,
        tuple(sorted({path.partition(".")[0] for path in names_of(assignment).modules.values()})),
        (*assignment.left, *_unchecked(assignment.questions)),
        tuple(_faults(assignment, name, source, variables=hidden.variables)),
    )


def _check_marks(assignment: Assignment, source: str) -> None:
    """Look for lines that were meant as marks, and would leave nothing out.

    Raises:
        ImportImpossible: there is one.
    """
    for cell in assignment.cells:
        find = regions.stray if cell.kind == "code" else regions.marker_in_text
        if line := find(cell.source):
            raise ImportImpossible(
                f"{source}, cell {cell.number}: “{printable(line)[:60]}” looks like a mark of a solution and"
                " is none, so students would get what follows. Mark the solution there, or take that line out."
            )


def _faults(assignment: Assignment, name: str, source: str, *, variables: bool) -> Iterator[str]:
    again = f"in reference/{name}/solution.ipynb, then run `grader starter {name}`"
    if not any(BEGIN in cell.source for cell in assignment.cells if cell.kind == "code"):
        yield (
            f"{source} has no solution: nothing in it is marked as one, and students get all of it. Is it the"
            f" students' version? Import the master; or write the solution between {BEGIN} and {END} {again}."
        )
    for use in uses(assignment.cells) if variables else ():
        yield (
            f"{source}, cell {use.cell.number}: “{printable(use.line)[:60]}” runs when a submission is imported, and"
            f" needs {use.name}, which students have yet to write. While one has not, the submission earns nothing."
            f" Put the line between {BEGIN} and {END}, too, {again}."
        )


def _unchecked(questions: Iterable[Question]) -> Iterator[str]:
    for question in questions:
        if question.manual or not question.cases:
            why = "is judged by people" if question.manual else "has no tests"
            points = f"its points, {number(question.points)}, are not in the lab"
            yield f"{question.where}: {plain(question.name)[:60]} {why}; {points}."


def _lab_toml(title: str, points: float, *, variables: bool) -> str:
    text = _LAB_TOML.format(title=json.dumps(title, ensure_ascii=False), points=number(points))
    return text + (_ALL_CELLS if variables else "")


def _handout(assignment: Assignment, suite: Suite, title: str, name: str, *, checked: bool) -> str:
    first, _, rest = assignment.handout.partition("\n")
    text = rest if first.startswith("# ") else assignment.handout
    rows = [f"| {check.title.replace('|', '/')} | {number(check.points)} |" for check in suite.checks]
    return _HANDOUT.format(
        title=title,
        text=f"\n{text.strip()}\n" if text.strip() else "",
        name=name,
        names=_names(suite),
        check=_CHECK.format(name=name) if checked else "",
        rows="\n".join(rows),
    )


def _names(suite: Suite) -> str:
    """What the suite asks for, which students must call so."""
    asked = sorted(set(re.findall(r"\bsubmission\.(?:(?:call|value)\(['\"])?(\w+)", suite.text)) - RESERVED)
    return f"Keep the names {', '.join(f'`{name}`' for name in asked)}." if asked else ""


def _notebook(cells: Iterable[Cell]) -> str:
    """A notebook of these cells, as Jupyter writes it."""
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    made = [
        notebooks.Cell(cell.kind, cell.source, f"cell-{number}", attachments=cell.attachments)
        for number, cell in enumerate(cells, start=1)
    ]
    return notebooks.written(made, metadata)
