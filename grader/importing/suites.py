"""Suites from another tool's tests: a check for each question, and what was not translated as comments. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from grader.authoring.leaks import SEEN
from grader.importing.asking import Asking
from grader.importing.assignment import Assignment, Case, Question, parsed, printable
from grader.importing.expressions import Scope
from grader.importing.names import Names, defined
from grader.importing.translate import Piece, pieces

LINE_MOST: Final = 120
TITLE_MOST: Final = 60
_TODO: Final = "# TODO: "
_STANDARD: Final = {"math": "import math", "operator": "import operator", "Any": "from typing import Any"}
_IMPORTS: Final = {"numpy": "import numpy as np", "pytest": "import pytest", "torch": "import torch"}
_HELPERS: Final[Mapping[str, str]] = {
    "truth": '''
def truth(got: object, what: str) -> bool:
    """Whether an answer is true as `if` takes it; of a tensor or an array, with one element alone."""
    expect.that(math.prod(getattr(got, "shape", ())) == 1, f"{what} has not one element; return True or False.")
    return bool(got.items(1) if isinstance(got, Handle) and got.kind in {"set", "frozenset", "deque"} else got)
''',
    "agree": '''
SIGNS = {
    **{"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge},
    "in": lambda one, many: one in many,
}


def agree(got: Any, by: Any, want: Any, what: str, told: str = "", *, reveal: bool = False) -> None:
    """An answer beside a value, as Python, numpy and torch compare them; where they cannot, it is wrong."""
    expect.that(comparable(got, by, want), f"{what} is too large, or text, and cannot be compared.")
    try:
        found = SIGNS[by](got, want) if isinstance(by, str) else by(got, want)
        if found is None or found or single(got, by, want):  # numpy's and torch's tests return nothing, or raise
            return
    except (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
        pass
    expect.that(not told, told)
    if isinstance(want, int) and not isinstance(want, bool):
        expect.integer(got, want=want, reveal=reveal, what=what)
    if isinstance(want, float):
        expect.number(got, what=what)
    if isinstance(want, torch.Tensor):
        expect.close(expect.numbers(got, what=what).double(), want.double(), reveal=reveal, what=what)
        expect.tensor(got, dtype=want.dtype, what=what)
    if by == "==" and isinstance(want, str | list | tuple | dict):
        expect.that(type(got) is type(want), f"{what} is of the wrong type; return a {type(want).__name__}.")
    expect.that(False, f"{what} must be {want!r}." if reveal else f"{what} has a wrong value.")


def single(got: Any, by: Any, want: Any) -> bool:
    """Whether a number is a right one of single precision: numpy's arrive as Python's."""
    if by not in ("==", "in") or not isinstance(got, float) or not math.isfinite(got):
        return False
    wanted = [want] if by == "==" else want
    return any(isinstance(each, float) and got == torch.tensor(each, dtype=torch.float32).item() for each in wanted)


def comparable(got: Any, by: Any, want: Any) -> bool:
    """Whether comparing takes no more memory than such answers need; text is no number."""
    if not isinstance(got, list | tuple) and not hasattr(got, "shape"):
        return True
    if (not isinstance(by, str) or hasattr(want, "shape")) and has_text(got):
        return False
    try:
        together = math.prod(np.broadcast_shapes(shape_of(got), shape_of(want)))
    except ValueError:  # they do not go together
        return True
    return together <= max(10_000_000, math.prod(shape_of(want)))


def has_text(got: Any) -> bool:
    """Whether there is text in lists."""
    return any(map(has_text, got)) if isinstance(got, list | tuple) else isinstance(got, str | bytes)


def shape_of(got: Any) -> tuple[int, ...]:
    """The shape of a tensor or an array, or of the one that lists become."""
    if isinstance(got, list | tuple):
        return (len(got), *(shape_of(got[0]) if got else ()))
    return tuple(getattr(got, "shape", ()))
''',
    "sizes": '''
def sizes(got: object, what: str) -> tuple[int, ...]:
    """The shape of a tensor or an array; a number of numpy's arrives as one of Python's."""
    if isinstance(got, int | float):
        return ()
    expect.that(isinstance(got, torch.Tensor | np.ndarray), f"{what} must be a tensor or an array.")
    return tuple(got.shape)
''',
    "shaped": '''
def shaped(got: object, shape: tuple[int, ...] | list[int], what: str) -> None:
    """A tensor or an array of a shape."""
    found = sizes(got, what)
    expect.that(found == tuple(shape), f"{what} has shape {found}; {tuple(shape)} is asked for.")
''',
    "counted": '''
def counted(got: Any, length: int, what: str) -> None:
    """What has so many entries, as `len` counts them."""
    if isinstance(got, Handle) and got.kind in {"set", "frozenset", "deque"}:
        got = got.items(length + 1)
    expect.that(hasattr(got, "__len__") and getattr(got, "shape", None) != (), f"{what} has no length.")
    expect.that(len(got) == length, f"{what} is of the wrong length; {length} is asked for.")
''',
    "entry": '''
def entry(got: Any, index: int, what: str) -> Any:
    """One entry of a tuple, a list, a tensor or an array."""
    try:
        return got[index]
    except (LookupError, TypeError):
        expect.that(False, f"{what} has no entry at {index}.")
''',
    "printed": '''
def printed(got: Any, what: str) -> str:
    """What printing an answer shows."""
    if isinstance(got, Handle):
        raise NotImplementedError(f"{what} stays in the sandbox, and what it prints is not seen: write this test anew.")
    return str(got)
''',
    "unchanged": '''
def unchanged(got: Any, what: str) -> Any:
    """What a call may have changed before: that is seen where it stays in the sandbox, and not of a copy."""
    if isinstance(got, Handle | int | float | str | None):
        return got
    raise NotImplementedError(f"A call may have changed {what}, of which this is a copy: write this test anew.")
''',
}


@dataclass(frozen=True, slots=True)
class Left:
    """Tests that were not translated.

    Attributes:
        line: of the suite's file, where they stand as they were.
        where: they come from.
    """

    check: str
    line: int
    tests: int
    why: str
    where: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A check to be written."""

    id: str
    title: str
    points: float
    cases: tuple[Case, ...]
    asked: str


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite's text.

    Attributes:
        tests: in all.
        variables: whether it asks for what the notebook's cells compute.
    """

    text: str
    checks: tuple[Planned, ...]
    tests: int
    left: tuple[Left, ...]
    variables: bool

    @property
    def translated(self) -> int:
        """How many tests are."""
        return self.tests - sum(one.tests for one in self.left)


def hidden_suite(assignment: Assignment, source: str) -> Suite:
    """The suite that grades; a check with a test that was not translated raises, so that nobody is graded by it.

    Args:
        source: what the assignment was read from, for people.
    """
    head = (
        f'"""Hidden checks, imported from {plain(source)} ({assignment.tool}).\n\n'
        "A check that raises NotImplementedError has tests that were not translated: write them, and take the line\n"
        'away. While there is one, nobody is graded.\n"""\n'
    )
    return _suite(assignment, plan(assignment.questions), head, public=False)


def public_suite(assignment: Assignment, source: str) -> Suite | None:
    """The suite for students, of the tests that they saw; None where none of those was translated."""
    head = f'"""Public checks, imported from {plain(source)} ({assignment.tool}): the tests that students saw."""\n'
    seen = [
        replace(check, cases=tuple(case for case in check.cases if not case.hidden))
        for check in plan(assignment.questions)
    ]
    suite = _suite(assignment, [check for check in seen if check.cases], head, public=True)
    return suite if suite.checks else None


def plan(questions: Iterable[Question]) -> list[Planned]:
    """The checks for questions: one each, or one for each test where tests have points of their own."""
    planned: list[Planned] = []
    for question in questions:
        name, title = plain(question.name)[:60], _short(plain(question.title or question.name))
        if question.manual or not question.cases:
            continue
        if all(case.points is None for case in question.cases):
            planned.append(Planned(_id(name, planned), title, question.points, question.cases, title))
            continue
        for number, case in enumerate(question.cases, start=1):
            one = f"{name} ({number})" if len(question.cases) > 1 else name
            planned.append(Planned(_id(one, planned), title, case.points or 0.0, (case,), title))
    return _numbered(planned)


def _numbered(planned: Sequence[Planned]) -> list[Planned]:
    """With titles that differ."""
    many = Counter(check.title for check in planned)
    seen = Counter[str]()
    found = []
    for check in planned:
        seen[check.title] += 1
        title = f"{check.title} ({seen[check.title]})" if many[check.title] > 1 else check.title
        found.append(replace(check, title=title))
    return found


def _short(title: str) -> str:
    return title if len(title) <= TITLE_MOST else f"{title[: TITLE_MOST - 1].rstrip()}…"


def names_of(assignment: Assignment) -> Names:
    """What the notebook defines and imports."""
    return defined(tree for cell in assignment.cells if cell.kind == "code" and (tree := parsed(cell.source)))


def slug(text: str, between: str = "-") -> str:
    """A text as an id: small letters, digits, and `between` them."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", between, folded).strip(between)


def plain(text: str) -> str:
    """A text on one line, without what a terminal or a Python string would obey."""
    shown = printable(text).replace("\\", " ").replace('"', " ")
    return " ".join(shown.split()) or "untitled"


def number(value: float) -> str:
    """A number of points, with all its digits: those of the checks have to add up to the lab's."""
    return repr(round(value, 4) if abs(value - round(value, 4)) < 1e-9 else value).removesuffix(".0")


def _id(title: str, planned: Sequence[Planned]) -> str:
    wished = slug(title)[:50] or "check"
    taken = {check.id for check in planned}
    return next(id_ for id_ in (wished, *(f"{wished}-{n}" for n in range(2, len(taken) + 3))) if id_ not in taken)


# ---------------------------------------------------------------- writing


@dataclass(slots=True)
class _Text:
    """The suite's checks while they are written."""

    lines: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    needs: set[str] = field(default_factory=set)
    tests: int = 0


def _suite(assignment: Assignment, checks: Sequence[Planned], head: str, *, public: bool) -> Suite:
    names = names_of(assignment)
    body = _Text()
    written = [check for check in checks if _write(check, names, body, public=public)]
    top = "\n".join([head, *_imports(body.needs)])
    shift = top.count("\n") + 1
    left = tuple(replace(one, line=one.line + shift) for one in body.left)
    text = "\n".join([top, *body.lines]).rstrip("\n") + "\n"
    return Suite(text, tuple(written), body.tests, left, "variables" in body.needs)


_FOR_HELPERS: Final[Mapping[str, set[str]]] = {
    "truth": {"math", "Handle"},
    "agree": {"math", "operator", "Any", "numpy", "torch"},
    "sizes": {"numpy", "torch"},
    "counted": {"Any", "Handle"},
    "entry": {"Any"},
    "printed": {"Any", "Handle"},
    "unchanged": {"Any", "Handle"},
}
"""What a helper has to import besides."""


def _imports(needs: set[str]) -> Iterator[str]:
    needs = needs.union(*(more for name, more in _FOR_HELPERS.items() if name in needs))
    for imports in (_STANDARD, _IMPORTS):
        lines = [line for name, line in imports.items() if name in needs]
        yield from [*lines, ""] if lines else []
    words = [word for word, name in (("Draw", "draw"), ("Handle", "Handle")) if name in needs]
    yield f"from grader.examine.suite import {', '.join([*words, 'Submission', 'check', 'expect'])}"
    for name, text in _HELPERS.items():
        if name in needs:
            yield f"\n{text.rstrip()}"


def _write(check: Planned, names: Names, text: _Text, *, public: bool) -> bool:
    """Append a check; whether it asks anything."""
    asking = Asking(Scope(names, dict(names.modules)), public)
    found = [(case, pieces(case, asking)) for case in check.cases]
    asked = [line for _, parts in found for piece in parts for line in piece.lines]
    untranslated = sum(piece.left for _, parts in found for piece in parts)
    tests = sum(piece.tests for _, parts in found for piece in parts)
    text.tests += tests
    translated = tests > untranslated
    if public and not translated:
        return False
    text.needs |= asking.scope.needs
    draw = ", draw: Draw" if any("draw." in line for line in asked) else ""
    name = slug(check.id, "_")
    body = text.lines
    body += ["", "", *_mark(check, [case.hint for case in check.cases if case.hint])]
    body += [f"def test_{name}(submission: Submission{draw}) -> None:", f'    """{_asked(check, names)}"""']
    if not public and (untranslated or not tests):
        count = (
            f"{untranslated} of {tests} tests {'is' if untranslated == 1 else 'are'} not translated"
            if tests
            else "there is no test"
        )
        body.append(f'    raise NotImplementedError("{count}: see the comments below.")')
        if not tests:
            text.left.append(Left(check.id, len(body), 0, "it has no test", plain(check.cases[0].where)))
    for case, parts in found:
        body.append(f"    # {plain(case.where)}{', hidden' if case.hidden else SEEN}")
        for piece in parts:
            _write_piece(piece, check, case, text)
    return True


def _write_piece(piece: Piece, check: Planned, case: Case, text: _Text) -> None:
    text.lines += [f"    {line}" for line in piece.lines]
    if not piece.why:
        return
    if piece.left:
        text.left.append(Left(check.id, len(text.lines) + 1, piece.left, plain(piece.why), plain(case.where)))
        text.lines.append(f"    {_TODO}{plain(piece.why)}")
    text.lines += [f"    #     {line}".rstrip() for line in _printable(piece.original)]


def _printable(original: str) -> Iterator[str]:
    """The lines of a text, each without what would end a comment."""
    for line in original.splitlines():
        yield printable(line)


def _mark(check: Planned, hints: Sequence[str]) -> list[str]:
    hint = f', hint="{plain(hints[0])[:200]}"' if hints else ""
    whole = f'@check("{check.id}", title="{check.title}", points={number(check.points)}{hint})'
    if len(whole) <= LINE_MOST:
        return [whole]
    parts = [f'"{check.id}"', f'title="{check.title}"', f"points={number(check.points)}", *([hint[2:]] if hint else [])]
    return ["@check(", *(f"    {part}," for part in parts), ")"]


def _asked(check: Planned, names: Names) -> str:
    """What the check asks, as far as anybody knows: whose answers it looks at."""
    known = names.functions | names.classes | names.variables
    found = dict.fromkeys(
        name for case in check.cases for name in re.findall(r"[^\W\d]\w*", case.code) if name in known
    )
    if not found:
        return f"What {check.asked} asks for."
    *most, last = list(found)[:4]
    return (
        f"{', '.join(most)} and {last} do what {check.asked} asks for."
        if most
        else f"{last} does what {check.asked} asks for."
    )
