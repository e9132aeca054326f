"""Assignments as Otter-Grader has them: a master notebook in either of its formats, or what Otter made of it. Pure.

A master of the present format has raw cells between which questions, solutions, prompts and tests stand; the older
format, which is jAssign's, tells the same in Markdown and in the first lines of code cells. Where the tests were taken
out of the notebook, they are in test files or in its metadata.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import yaml

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
    parsed,
    points_of,
    worded,
)

TOOL: Final = "Otter-Grader"
YAML_MOST: Final = 100_000
"""Characters of a config cell."""
_BOUNDARY: Final = re.compile(r"#\s*(BEGIN|END)\s+(QUESTION|SOLUTION|PROMPT|TESTS)\b.*", re.IGNORECASE)
_CONFIG: Final = re.compile(r"#\s*ASSIGNMENT\s+CONFIG\b.*", re.IGNORECASE)
_FENCE: Final = re.compile(r"(?ims)^```[^\n]*\n\s*BEGIN[ \t]+(QUESTION|ASSIGNMENT)[ \t]*\n(.*?)^```[^\n]*$")
_OLD_TEST: Final = re.compile(r"#+\s*(HIDDEN\s+)?TESTS?\s*#*", re.IGNORECASE)
_OLD_SOLUTION: Final = re.compile(r"\*\*\s*SOLUTION|<strong>\s*SOLUTION", re.IGNORECASE)
_TEST_CONFIG: Final = re.compile(r"""(?:\w+\s*=\s*)?["']{1,3}\s*#\s*BEGIN\s*TEST\s*CONFIG.*""", re.IGNORECASE)
_TEST_CONFIG_END: Final = re.compile(r"""["']{1,3}\s*(?:;\s*)?#\s*END\s*TEST\s*CONFIG.*""", re.IGNORECASE)
_IGNORED: Final = re.compile(r"#+\s*IGNORE\s*#*", re.IGNORECASE)
_TOOLS_OWN: Final = re.compile(
    r"import otter\b.*|from otter\b.*|grader\s*=\s*otter\.Notebook\(.*|grader\.(?:check|check_all|export|submit)\(.*"
)
_COMMENTED: Final = re.compile(r"<!--\s*(?:BEGIN|END) QUESTION\s*-->\s*")
_ANSWER_HERE: Final = "_Type your answer here, replacing this text._"
_OPTIONS_LEFT: Final = (
    *("config_file", "seed", "requirements", "environment", "plugins", "autograder_files", "variables"),
    *("solutions_pdf", "export_cell"),
)
"""Options of an assignment that mean something to somebody, and are not taken over."""
_GENERATE_LEFT: Final = ("seed", "pdf", "filtering")


def recognised(notebook: Notebook, tests: Mapping[str, str]) -> bool:
    """Whether it is an assignment of Otter's."""
    return (
        bool(tests)
        or bool(_metadata_tests(notebook))
        or any(_boundary(cell) or _old_config(cell) or "otter.Notebook" in cell.source for cell in notebook.cells)
    )


def read(notebook: Notebook, tests: Mapping[str, str]) -> Assignment:
    """Take it apart.

    Args:
        tests: test files beside the notebook, by name.

    Raises:
        ImportImpossible: its blocks or its config contradict themselves.
    """
    old = any(_old_config(cell) for cell in notebook.cells)
    reader = _Reader(notebook)
    for cell in _split(notebook.cells) if old else notebook.cells:
        reader.take(cell)
    reader.finish()
    questions = reader.questions
    if not any(question.cases for question in questions):
        generated = [*_of_files(tests), *_of_metadata(notebook)]
        known = {question.name for question in generated}
        questions = [*generated, *(question for question in questions if question.name not in known)]
    name = worded(reader.config.get("name"), notebook.name.rpartition(".")[0])
    return Assignment(
        tool=TOOL,
        title=heading(notebook.cells, name),
        cells=tuple(reader.cells),
        handout="\n\n".join(reader.handout),
        questions=tuple(questions),
        files=(*_texts(reader.config.get("files")), *_texts(reader.config.get("student_files"))),
        left=(*reader.left, *_options_left(reader.config)),
    )


def _texts(found: object) -> Iterator[str]:
    yield from (each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def _options_left(config: Mapping[str, Any]) -> Iterator[str]:
    found = [name for name in _OPTIONS_LEFT if config.get(name)]
    generate = config.get("generate")
    if isinstance(generate, dict):
        given = {name: generate.get(name) for name in _GENERATE_LEFT}
        found += [f"generate.{name}" for name, value in given.items() if value is not None and value is not False]
    if found:
        yield f"Options of the assignment config: {', '.join(found)}."


# ---------------------------------------------------------------- the blocks of a master


@dataclass(slots=True)
class _Reader:
    """Goes through a master notebook.

    Attributes:
        blocks: which are open, with the cell that each began with.
        number: of the question's config, where one is open.
    """

    notebook: Notebook
    config: dict[str, Any] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    handout: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    blocks: list[tuple[str, Cell]] = field(default_factory=list)
    question: dict[str, Any] | None = None
    cases: list[Case] = field(default_factory=list)
    begun: bool = False
    prompted: bool = False

    def take(self, cell: Cell) -> None:
        """The next cell."""
        first = cell.source.strip().split("\n")[0].strip()
        if cell.kind == "raw" and _CONFIG.fullmatch(first):
            self.config |= _config(cell.source, self.notebook.place(cell))
        elif found := _boundary(cell):
            self._turn(*found, cell)
        elif _IGNORED.fullmatch(first):
            return
        elif self.blocks and self.blocks[-1][0] == "TESTS":
            self._test(cell)
        elif cell.kind == "code":
            self._code(cell)
        elif cell.kind == "markdown":
            self._markdown(cell)

    def _turn(self, verb: str, block: str, cell: Cell) -> None:
        where = self.notebook.place(cell)
        if verb == "BEGIN":
            if block == "QUESTION":
                if self.question is not None:
                    raise ImportImpossible(
                        f"{where}: a question begins before the one above has ended. Put # END QUESTION."
                    )
                self.question = _config(cell.source, where)
                self.begun = True
            self.prompted |= block == "PROMPT"
            self.blocks.append((block, cell))
            return
        if not self.blocks or self.blocks[-1][0] != block:
            raise ImportImpossible(f"{where}: # END {block} ends no block that is open here. Put the blocks in order.")
        begin = self.blocks.pop()[1]
        if block == "QUESTION":
            self._close(begin)

    def finish(self) -> None:
        """All cells were taken."""
        if self.blocks:
            block, cell = self.blocks[-1]
            raise ImportImpossible(f"{self.notebook.place(cell)}: # BEGIN {block} has no # END {block}. Put it there.")

    def _close(self, begin: Cell) -> None:
        config, where = self.question or {}, self.notebook.place(begin)
        self.questions.append(question(config, self.cases, where))
        self.question, self.cases, self.prompted = None, [], False

    def _test(self, cell: Cell) -> None:
        if cell.kind == "code" and cell.source.strip():
            self.cases.append(_case(cell, self.notebook.place(cell)))

    def _code(self, cell: Cell) -> None:
        source = "\n".join(line for line in cell.source.split("\n") if not _TOOLS_OWN.fullmatch(line.strip()))
        where, block = self.notebook.place(cell), self.blocks[-1][0] if self.blocks else ""
        if not source.strip() or (source != cell.source and all(map(_is_comment, source.split("\n")))):
            return
        if block == "PROMPT":
            self.left.append(f"{where}: a prompt; students find # YOUR CODE HERE instead.")
            return
        found = marks.marked(source)
        if found is None:
            raise ImportImpossible(f"{where}: its # BEGIN and # END SOLUTION or PROMPT do not match. Put them right.")
        if found.prompted:
            self.left.append(f"{where}: {found.prompted} lines of a prompt; students find # YOUR CODE HERE instead.")
        if not found.regions and block == "SOLUTION":
            self.left.append(f"{where}: nothing is marked in this solution; students get nothing of the cell.")
            found = replace(found, source=as_region(found.source))
        self.cells.append(replace(cell, source=found.source))

    def _markdown(self, cell: Cell) -> None:
        source = _COMMENTED.sub("", cell.source)
        if (self.blocks and self.blocks[-1][0] == "SOLUTION") or _OLD_SOLUTION.search(source):
            if not self.prompted:
                self.cells.append(replace(cell, source=_ANSWER_HERE, attachments={}))
            self.left.append(f"{self.notebook.place(cell)}: an answer in words; students write it, people judge it.")
        elif source.strip():
            self.cells.append(replace(cell, source=source))
            if not self.begun:
                self.handout.append(source.strip())


def _is_comment(line: str) -> bool:
    return line.strip()[:1] in {"", "#"}


def _boundary(cell: Cell) -> tuple[str, str] | None:
    if cell.kind != "raw":
        return None
    found = _BOUNDARY.fullmatch(cell.source.strip().split("\n")[0].strip())
    return (found[1].upper(), found[2].upper()) if found else None


class _Loader(yaml.SafeLoader):
    """Plain values, each written out: a few aliases may stand for more than fits into memory."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """The next value."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="it has an alias; write out what that stands for")
        return super().compose_node(parent, index)


def _config(text: str, where: str) -> dict[str, Any]:
    """The YAML of a config."""
    try:
        found = yaml.load(text, _Loader) if len(text) <= YAML_MOST else ""  # noqa: S506 - it is a safe one
    except (yaml.YAMLError, RecursionError, ValueError, LookupError, AttributeError, TypeError) as error:
        problem = getattr(error, "problem", None) or "it is no YAML"
        raise ImportImpossible(f"{where}: the config cannot be read: {problem}. Put it right.") from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ImportImpossible(f"{where}: the config is no list of options with values. Put it right.")
    return found


def _case(cell: Cell, where: str) -> Case:
    """A cell of tests."""
    lines = cell.source.strip("\n").split("\n")
    hidden = bool(lines[0].lstrip().startswith("#") and re.search(r"\bhidden\b", lines[0], re.IGNORECASE))
    lines = lines[1:] if hidden else lines
    config: dict[str, Any] = {}
    if lines and _TEST_CONFIG.fullmatch(lines[0].strip()):
        last = next((n for n, line in enumerate(lines) if _TEST_CONFIG_END.fullmatch(line.strip())), None)
        if last is None:
            raise ImportImpossible(f"{where}: # BEGIN TEST CONFIG has no # END TEST CONFIG. Put it there.")
        config, lines = _config("\n".join(lines[1:last]), where), lines[last + 1 :]
    return _of_config(config, "\n".join(lines), where, hidden=hidden, output=cell.output)


def _of_config(config: Mapping[str, Any], code: str, where: str, *, hidden: bool, output: str | None) -> Case:
    """A test with the options that may stand with it."""
    points = config.get("points")
    return Case(
        code=code,
        where=where,
        hidden=bool(config.get("hidden", hidden)),
        points=None if points is None else points_of(points, where),
        output=output,
        hint=worded(config.get("failure_message"), ""),
    )


def question(config: Mapping[str, Any], cases: Sequence[Case], where: str) -> Question:
    """A question, with its points shared out as Otter does.

    Raises:
        ImportImpossible: the points are none, or another number of them than of tests.
    """
    name = worded(config.get("name"), "question")
    total, shared = _shared(config.get("points"), cases, f"{where} ({name[:40]})")
    if config.get("all_or_nothing"):
        shared = [replace(case, points=None) for case in shared]
    return Question(name, total, where, tuple(shared), manual=bool(config.get("manual")))


def _shared(points: object, cases: Sequence[Case], where: str) -> tuple[float, Sequence[Case]]:
    """(points in all, the tests each with its own where they have any)."""
    if isinstance(points, dict):
        points = [points.get("each", 1)] * len(cases)
    if isinstance(points, list):
        if len(points) != len(cases):
            raise ImportImpossible(
                f"{where}: {len(points)} points are given for {len(cases)} tests. Give each its own."
            )
        own = [points_of(0 if each is None else each, where) for each in points]
        return sum(own), [replace(case, points=each) for case, each in zip(cases, own, strict=True)]
    given = [case.points for case in cases if case.points is not None]
    if not given:
        return (1.0 if points is None else points_of(points, where)), cases
    rest = 0.0 if points is None else max(points_of(points, where) - sum(given), 0.0)
    open_ = len(cases) - len(given)
    each = rest / open_ if open_ else 0.0
    shared = [case if case.points is not None else replace(case, points=each) for case in cases]
    return sum(case.points or 0.0 for case in shared), shared


# ---------------------------------------------------------------- the older format


def _old_config(cell: Cell) -> re.Match[str] | None:
    return _FENCE.search(cell.source) if cell.kind == "markdown" else None


def _split(cells: Iterable[Cell]) -> Iterator[Cell]:
    """The cells of the older format as those of the present one."""
    state = ""
    for cell in cells:
        first = cell.source.strip().split("\n")[0].strip()
        is_test = cell.kind == "code" and _OLD_TEST.fullmatch(first)
        found = _old_config(cell)
        if state == "TESTS" and not is_test:
            yield from (_raw("# END TESTS", cell), _raw("# END QUESTION", cell))
            state = ""
        if found and found[1].upper() == "QUESTION" and state:
            yield _raw("# END QUESTION", cell)
        if found:
            kind = "# BEGIN QUESTION" if found[1].upper() == "QUESTION" else "# ASSIGNMENT CONFIG"
            yield _raw(f"{kind}\n{found[2]}", cell)
            yield replace(cell, source=(cell.source[: found.start()] + cell.source[found.end() :]).strip())
            state = "QUESTION" if found[1].upper() == "QUESTION" else state
        elif is_test and state:
            if state == "QUESTION":
                yield _raw("# BEGIN TESTS", cell)
            state = "TESTS"
            rest = cell.source.strip().partition("\n")[2]
            yield replace(cell, source=f"# HIDDEN\n{rest}" if is_test[1] else rest)
        else:
            yield cell
    if state:
        end = Cell("raw", "", 0)
        yield from ([_raw("# END TESTS", end)] if state == "TESTS" else [])
        yield _raw("# END QUESTION", end)


def _raw(source: str, cell: Cell) -> Cell:
    return Cell("raw", source, cell.number)


# ---------------------------------------------------------------- what Otter made


def _metadata_tests(notebook: Notebook) -> Mapping[str, Any]:
    found = notebook.metadata.get("otter")
    tests = found.get("tests") if isinstance(found, dict) else None
    return tests if isinstance(tests, dict) else {}


def _of_metadata(notebook: Notebook) -> Iterator[Question]:
    for name, test in _metadata_tests(notebook).items():
        where = f"{notebook.name}, metadata of {name}"
        yield _of_test(test, name, where) if isinstance(test, dict) else _of_source(worded(test, ""), name, where)


def _of_files(tests: Mapping[str, str]) -> Iterator[Question]:
    for name, source in sorted(tests.items()):
        yield _of_source(source, name.removesuffix(".py"), f"tests/{name}")


def is_test_file(source: str) -> bool:
    """Whether a Python file is one of Otter's, or OK's, tests."""
    tree = parsed(source)
    return tree is not None and (bool(_literal(tree, "test")) or bool(_decorated(tree)))


def _of_source(source: str, name: str, where: str) -> Question:
    tree = parsed(source)
    if tree is None:
        raise ImportImpossible(f"{where} is no Python that could be read. Put it right, or take it away.")
    found = _literal(tree, "test")
    if isinstance(found, dict):
        return _of_test(found, name, where)
    given = {"name": _literal(tree, "name") or name, "points": _literal(tree, "points")}
    return question(given, [_of_function(each, where) for each in _decorated(tree)], where)


def _of_test(test: Mapping[str, Any], name: str, where: str) -> Question:
    """A test in OK's format."""
    suites = test.get("suites")
    cases: list[Case] = []
    for suite in suites if isinstance(suites, list) else []:
        found = suite.get("cases") if isinstance(suite, dict) else None
        readable = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
        setup = suite.get("setup") if isinstance(suite, dict) else ""  # is run before each case
        before = f"{setup}\n" if isinstance(setup, str) and setup.strip() else ""
        cases += [
            _of_config(each, f"{before}{worded(each.get('code'), '')}", where, hidden=False, output="")
            for each in readable
        ]
    return question({"name": test.get("name") or name, "points": test.get("points")}, cases, where)


def _literal(tree: ast.Module, name: str) -> Any:
    """What is assigned to a name, where that is a literal."""
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                try:
                    return ast.literal_eval(value)
                except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                    return None
    return None


def _decorated(tree: ast.Module) -> list[ast.FunctionDef]:
    functions = [each for each in tree.body if isinstance(each, ast.FunctionDef)]
    return [each for each in functions if any(_is_mark(mark) for mark in each.decorator_list)]


def _is_mark(mark: ast.expr) -> bool:
    match mark:
        case ast.Call(func=ast.Name(id="test_case") | ast.Attribute(attr="test_case")):
            return True
    return False


def _of_function(function: ast.FunctionDef, where: str) -> Case:
    """A test that is a function with Otter's decorator."""
    config = {
        keyword.arg: keyword.value.value
        for mark in function.decorator_list
        if isinstance(mark, ast.Call)
        for keyword in mark.keywords
        if keyword.arg and isinstance(keyword.value, ast.Constant)
    }
    function.name, function.decorator_list = "test", []
    return _of_config(config, ast.unparse(function), f"{where}, line {function.lineno}", hidden=False, output=None)
