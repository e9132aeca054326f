"""What can be told of a lab's files without running anything: names that nobody defines, links to nothing."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader import notebooks, tomls
from grader.authoring import links
from grader.errors import NotANotebook
from grader.examine.mistakes import near
from grader.examine.submission import Submission
from grader.labs import Lab
from grader.notebooks import NO_PYTHON
from grader.pipeline.validation import Issue, Section

_OWN: Final = frozenset(name for name in dir(Submission) if not name.startswith("_"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A name that a suite asks the submission for."""

    name: str
    suite: Path
    line: int

    def __str__(self) -> str:
        return f"{self.suite.name}:{self.line} asks for {self.name}"


def inspect(lab: Lab) -> Section:
    """Look at a lab's suites, solution, starter, handout and lab.toml beside each other."""
    asked = [one for suite in (lab.hidden_suite, lab.public_suite) if suite.is_file() for one in asked_by(suite)]
    first = {one.name: one for one in reversed(asked)}
    solved, begun = defined(lab.solution), defined(lab.starter)
    findings = [*_undefined(first, solved, begun, lab), *_slow(lab, solved)]
    findings += [*_unnamed(first.values(), lab), *_links(lab)]
    unseen = [*_unseen(lab.solution, solved), *_unseen(lab.starter, begun)]
    remarks = [*_no_handout(lab), *unseen, *_not_begun(first, solved, begun, lab)]
    many = f"{len(first)} name{'' if len(first) == 1 else 's'} asked for"
    return Section("Files", many, tuple(findings), tuple(remarks))


# ---------------------------------------------------------------- names


def asked_by(suite: Path) -> Iterator[Asked]:
    """What a suite calls by name, from top to bottom; not what it asks `submission.has` about, wherever it does.

    Seen are `submission.NAME` and `submission.call("NAME", …)`; not another name of the fixture, `getattr`, or a name
    that is worked out.
    """
    nodes = sorted(_nodes(suite.read_bytes()), key=lambda node: (node.lineno, node.col_offset))
    perhaps = {name for node in nodes if (name := _named_in(node, "has"))}
    for node in nodes:
        name = _named_in(node, "call") or _attribute(node)
        if name and name not in perhaps and "." not in name:
            yield Asked(name, suite, node.lineno)


def _nodes(source: bytes | str) -> list[ast.expr]:
    try:
        return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.expr)]
    except NO_PYTHON:
        return []


def _attribute(node: ast.expr) -> str:
    """NAME of `submission.NAME`, where it is the student's."""
    is_name = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "submission"
    return node.attr if is_name and node.attr not in _OWN and not node.attr.startswith("_") else ""  # type: ignore[attr-defined]


def _named_in(node: ast.expr, method: str) -> str:
    """NAME of `submission.METHOD("NAME", …)`."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="submission"), attr=attr), args=[ast.Constant(value=str(name)), *_]
        ) if attr == method:
            return name
    return ""


def defined(path: Path) -> frozenset[str] | None:
    """The names that a file or a notebook defines at its top; None where that cannot be told."""
    try:
        trees = _trees(path)
    except (OSError, NotANotebook, *NO_PYTHON):
        return None
    names = {name for tree in trees for node in _at_the_top(tree) for name in _bound(node)}
    return None if "*" in names else frozenset(names)


def _trees(path: Path) -> list[ast.Module]:
    """A file as Python, or the code cells of a notebook."""
    content = path.read_bytes()
    if path.suffix != ".ipynb":
        return [ast.parse(content)]
    return [notebooks.parsed(cell.source) for cell in notebooks.read(content).cells if cell.kind == "code"]


def _at_the_top(tree: ast.Module) -> Iterator[ast.AST]:
    """All below a module that is not inside of a function, class or comprehension, nor only announced by its type."""
    todo: list[ast.AST] = [tree]
    while todo:
        for child in ast.iter_child_nodes(todo.pop()):
            yield child
            if not isinstance(child, _INNER) and not (isinstance(child, ast.AnnAssign) and child.value is None):
                todo.append(child)


_INNER: Final = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
"""What has names of its own."""


def _bound(node: ast.AST) -> set[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Name(id=name, ctx=ast.Store()):
            return {name}
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {(each.asname or each.name).partition(".")[0] for each in names}
    return set()


def _unseen(path: Path, names: Collection[str] | None) -> Iterator[Issue]:
    if path.is_file() and names is None:
        yield Issue(
            f"What {path.name} defines cannot be told: it cannot be read, is no Python, or imports * from somewhere.",
            "Nothing is said here of names that it may lack.",
        )


def _undefined(
    first: Mapping[str, Asked], solved: Collection[str] | None, begun: Collection[str] | None, lab: Lab
) -> Iterator[Issue]:
    for one in first.values():
        if solved is None or one.name in solved:
            continue
        if begun is not None and one.name in begun:
            yield Issue(f"{one}, and {lab.solution.name} does not define it.", "Add it to the solution.")
        else:
            who = f"neither {lab.solution.name} nor {lab.starter.name}" if begun else f"not even {lab.solution.name}"
            yield Issue(f"{one}, which {who} defines.{near(one.name, solved)}", "Put the name right, or define it.")


def _not_begun(
    first: Mapping[str, Asked], solved: Collection[str] | None, begun: Collection[str] | None, lab: Lab
) -> Iterator[Issue]:
    left = [name for name in first if begun is not None and name not in begun and name in (solved or ())]
    if left:
        yield Issue(
            f"{lab.starter.name} does not define {', '.join(left)}, which the checks ask for.",
            "Add what students begin with, or leave it to them.",
        )


def _slow(lab: Lab, solved: Collection[str] | None) -> Iterator[Issue]:
    number = tomls.line((lab.assignment / "lab.toml").read_text(encoding="utf-8"), "limits", "slow")
    for name in lab.spec.limits.slow:
        if solved is not None and name not in solved:
            yield Issue(
                f"lab.toml:{number}: `slow` names {name}, which {lab.solution.name} does not define."
                f"{near(name, solved)}",
                "Put the name right: as it is, the function that trains gets the time of a plain one.",
            )


# ---------------------------------------------------------------- the handout


def _no_handout(lab: Lab) -> Iterator[Issue]:
    if not lab.handout.is_file():
        yield Issue("There is no handout.", f"Write {lab.handout.name}: what is asked for, and under which names.")


def _unnamed(asked: Collection[Asked], lab: Lab) -> Iterator[Issue]:
    if lab.handout.is_file():
        text = lab.handout.read_text(encoding="utf-8", errors="replace")
        for one in asked:
            if not re.search(rf"\b{re.escape(one.name)}\b", text):
                yield Issue(
                    f"{one}, and the handout {lab.handout.name} does not name it.",
                    "Say there what it takes and returns: students cannot guess it.",
                )


def _links(lab: Lab) -> Iterator[Issue]:
    return (Issue(what, todo) for what, todo in links.to_nothing(lab))
