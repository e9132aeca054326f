"""What a submission imports, and whether that is in the sandbox's image: another machine has more, or less."""

import ast
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import PurePosixPath

from grader.examine import sources
from grader.model import Submission
from sandbox.notebook import NotebookError, code_cells, read_cell


@dataclass(frozen=True, slots=True)
class Imports:
    """Modules that the submission's file imports and only one of two places has, in its order.

    Attributes:
        only_here: on this machine or nowhere; with these the file fails in the sandbox.
        only_there: in the sandbox, and not on this machine.
        beside: in files that lie beside the submission's, and are not part of it; with these it fails, too.
    """

    only_here: tuple[str, ...] = ()
    only_there: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


def compared(
    submission: Submission, here: Callable[[str], bool] | None = None, beside: Collection[str] = ()
) -> Imports:
    """What this machine and the sandbox's image differ in, of what the file imports in any case, when it is imported.

    What stands in a function or below `try` or `if` may never be imported, or its failing be expected.

    Args:
        here: whether this machine has a module; looked up if not given.
        beside: the modules that lie beside the submission's file.
    """
    here = here or _is_here
    own = {PurePosixPath(part).stem for path in submission.files for part in PurePosixPath(path).parts}
    names = [name for name in dict.fromkeys(_imported(submission)) if name not in own | sys.stdlib_module_names]
    lacking = [name for name in names if name not in in_image()]
    return Imports(
        tuple(name for name in lacking if name not in beside),
        tuple(name for name in names if name in in_image() and not here(name)),
        tuple(name for name in lacking if name in beside),
    )


@cache
def in_image() -> frozenset[str]:
    """The modules that the sandbox's image has besides Python's own."""
    lines = (sources.FOLDER / "modules.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _is_here(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):  # it is there, and odd
        return True


def _imported(submission: Submission) -> Iterator[str]:
    """The first parts of the names of modules that the file imports by statements of its own level."""
    for statement in _statements(submission):
        if isinstance(statement, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.module.partition(".")[0]


def _statements(submission: Submission) -> list[ast.stmt]:
    """None of what cannot be read, which the checks tell better."""
    content = submission.files[submission.entry]
    try:
        if submission.entry.endswith(".py"):
            return ast.parse(content).body
        cells = [read_cell(number, source) for number, source in enumerate(code_cells(content, submission.entry), 1)]
    except (NotebookError, SyntaxError, ValueError, MemoryError, RecursionError):
        return []
    return [statement for cell in cells if not isinstance(cell, str) for statement in cell.tree.body]
