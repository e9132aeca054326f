"""What a notebook defines, and which libraries it calls how; read from its syntax. Pure."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from grader.authoring.regions import blocks

LIBRARIES: Final = frozenset({"numpy", "torch", "math"})
"""What a suite may compute expected values with."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names at the top level of a notebook.

    Attributes:
        modules: what a library or a part of it is called -> its dotted path.
    """

    functions: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    modules: Mapping[str, str] = field(default_factory=dict)


def defined(trees: Iterable[ast.Module]) -> Names:
    """What these cells define, one after the other."""
    statements = [statement for tree in trees for statement in _flat(tree.body)]
    functions = {one.name for one in statements if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    classes = {one.name for one in statements if isinstance(one, ast.ClassDef)}
    variables = {name for one in statements for name in _assigned(one)}
    lambdas = {name for one in statements for name in _lambdas(one)}
    modules = dict(pair for one in statements for pair in imported(one))
    return Names(
        frozenset(functions | lambdas),
        frozenset(classes),
        frozenset(variables - functions - classes - lambdas),
        modules,
    )


def imported(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """(name, dotted path) of each library that a statement imports."""
    match statement:
        case ast.Import(names=names):
            for alias in names:
                whole = alias.asname is not None
                yield alias.asname or alias.name.split(".")[0], alias.name if whole else alias.name.split(".")[0]
        case ast.ImportFrom(module=str() as module, names=names, level=0):
            for alias in names:
                yield alias.asname or alias.name, f"{module}.{alias.name}"


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of the top level, those in `if`, `try`, `with`, `match` and loops included."""
    for statement in body:
        yield statement
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for block in blocks(statement):
                yield from _flat(block)


def _assigned(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.Assign(targets=targets):
            found: list[ast.expr] = targets
        case ast.AnnAssign(target=target, value=ast.expr()) | ast.AugAssign(target=target):
            found = [target]
        case ast.For(target=target) | ast.AsyncFor(target=target):
            found = [target]
        case _:
            return
    yield from (node.id for each in found for node in ast.walk(each) if isinstance(node, ast.Name))


def _lambdas(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda()):
            yield name
