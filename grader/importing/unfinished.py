"""What an unfinished notebook runs into, where all its cells are run: uses of what students have yet to write. Pure."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from grader.importing.assignment import BEGIN, END, Cell, parsed

_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Use:
    """A line outside of any region, run when a cell is, that needs what a region gives."""

    cell: Cell
    line: str
    name: str


def uses(cells: Sequence[Cell]) -> Iterator[Use]:
    """The first of each cell."""
    trees = [(cell, tree) for cell in cells if cell.kind == "code" and (tree := parsed(cell.source))]
    unwritten = {name for cell, tree in trees for name in _unwritten(cell, tree)}
    for cell, tree in trees:
        within = _within(cell.source)
        for statement in tree.body:
            if isinstance(statement, _DEFINITIONS) or statement.lineno in within:
                continue
            found = next((node for node in _run(statement) if node.id in unwritten), None)
            if found:
                yield Use(cell, cell.source.split("\n")[statement.lineno - 1].strip(), found.id)
                break


def _within(source: str) -> set[int]:
    """The lines of regions, counted from 1."""
    found, inside = set(), False
    for number, line in enumerate(source.split("\n"), start=1):
        inside = (inside or line.strip() == BEGIN) and line.strip() != END
        found |= {number} if inside else set()
    return found


def _unwritten(cell: Cell, tree: ast.Module) -> Iterator[str]:
    """What the top level of a cell names, as far as it has to do with a region."""
    within = _within(cell.source)
    for statement in tree.body:
        if within.isdisjoint(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)):
            continue
        if isinstance(statement, _DEFINITIONS):
            yield statement.name
        else:
            yield from (
                node.id
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            )


def _run(statement: ast.stmt) -> Iterator[ast.Name]:
    """The names that are looked up when a statement runs, those in functions not."""
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node
        if not isinstance(node, (*_DEFINITIONS, ast.Lambda)):
            todo += ast.iter_child_nodes(node)
