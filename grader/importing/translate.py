"""Tests of another tool as questions to `expect`: what can be translated honestly, and the rest as it was. Pure.

A test is an `assert`, a call of a function such as `assert_equal`, or an expression whose output is compared. Those
that ask a function of the student's and compare with a value that the test's text tells are translated. What cannot
be is kept as comments: nothing is guessed.
"""

import ast
import doctest
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.importing import assertions, questions, shown
from grader.importing.asking import Asking
from grader.importing.assignment import Case, is_endless
from grader.importing.expressions import Read, Scope, Untranslatable, last_name, root
from grader.importing.names import imported

_AUTOTEST: Final = re.compile(r"\s*#+\s*(?:(?:HIDDEN|HASHED)\s+)*AUTOTEST\b", re.IGNORECASE)
_SEEDS: Final = frozenset({"seed", "manual_seed"})
_RAISES: Final = frozenset({"raises", "assert_raises", "assertRaises"})
_CHANGING: Final = re.compile(
    r"append|extend|insert|pop|popitem|remove|clear|sort|reverse|update|setdefault|add|discard|fill|resize|put|partition"
    r"|\w*[^\W_]_"  # as torch's end
)
"""Methods that change what they are called of."""
_DEEP: Final = "it is nested too deeply"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a case.

    Attributes:
        lines: what the suite asks.
        tests: how many tests it has.
        why: why it is not translated, "" where it is.
        original: its text, where it is not translated.
    """

    lines: tuple[str, ...] = ()
    tests: int = 0
    why: str = ""
    original: str = ""

    @property
    def left(self) -> int:
        """How many tests are not translated."""
        return self.tests if self.why else 0


def pieces(case: Case, asking: Asking) -> list[Piece]:
    """What becomes of a case; `asking.scope` knows afterwards what it has assigned."""
    if is_endless(case.code) or is_endless(case.output or ""):
        return [Piece((), 1, "it is too long to be read", "")]
    if ">>>" in case.code:
        return _of_doctest(case.code, asking)
    try:
        body = ast.parse(_without_ignored(case.code)).body
    except (SyntaxError, ValueError):
        return [Piece((), 1, "it is no Python", case.code)]
    except (RecursionError, MemoryError):
        return [Piece((), 1, _DEEP, case.code)]
    functions, rest = _test_functions(body)
    shown = rest.pop() if rest and case.output is not None and isinstance(rest[-1], ast.Expr) else None
    found = _of_statements(rest, asking)
    found += [piece for one in functions for piece in _of_statements(_without_env(one).body, asking)]
    if isinstance(shown, ast.Expr) and _is_shown(shown, case.output or ""):
        found.append(_of_output(shown.value, case.output or "", asking))
    found += [
        Piece((), 1, "its values are computed by nbgrader", line.strip())
        for line in case.code.split("\n")
        if _AUTOTEST.match(line)
    ]
    return found


def _without_ignored(code: str) -> str:
    return "\n".join(line for line in code.split("\n") if not re.search(r"#\s*IGNORE\s*$", line, re.IGNORECASE))


def _test_functions(body: Sequence[ast.stmt]) -> tuple[list[ast.FunctionDef], list[ast.stmt]]:
    """The functions that are tests, and the other statements, without those that call them."""
    calls: dict[str, list[ast.Call]] = {}
    for one in body:
        if call := _call_by_name(one):
            calls.setdefault(last_name(call.func), []).append(call)
    functions: list[ast.FunctionDef] = []
    rest: list[ast.stmt] = []
    for one in body:
        if isinstance(one, ast.FunctionDef) and _is_test_function(one, calls.get(one.name, [])):
            functions.append(one)
        else:
            rest.append(one)
    names = {one.name for one in functions}
    return functions, [one for one in rest if not ((call := _call_by_name(one)) and last_name(call.func) in names)]


def _is_test_function(function: ast.FunctionDef, calls: Sequence[ast.Call]) -> bool:
    """Whether a function is called, by the tool or by the cell, with what the notebook has of its parameters' names."""
    given = [ast.unparse(arg) for call in calls for arg in (*call.args, *call.keywords)]
    alike = not calls or given == [arg.arg for arg in function.args.args] * len(calls)
    return function.name.startswith("test") and alike and not function.decorator_list


def _call_by_name(statement: ast.stmt) -> ast.Call | None:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name()) as call):
            return call
    return None


class _Env(ast.NodeTransformer):
    """`env["square"]`, as Otter gives the notebook's names to its test functions, is `square`."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        match node:
            case ast.Subscript(value=ast.Name(id="env"), slice=ast.Constant(value=str() as name)) if (
                name.isidentifier()
            ):
                return ast.Name(name, ast.Load())
        return self.generic_visit(node)


def _without_env(function: ast.FunctionDef) -> ast.FunctionDef:
    """A function that Otter calls with what the notebook has of the names of its parameters."""
    return _Env().visit(function) if any(arg.arg == "env" for arg in function.args.args) else function


# ---------------------------------------------------------------- doctests


def _of_doctest(code: str, asking: Asking) -> list[Piece]:
    try:
        examples = doctest.DocTestParser().get_examples(code)
    except ValueError:
        return [Piece((), 1, "it is no doctest that could be read", code)]
    return [piece for example in examples for piece in _of_example(example, asking)]


def _of_example(example: doctest.Example, asking: Asking) -> Iterator[Piece]:
    try:
        body = ast.parse(example.source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield Piece((), 1, "it is no Python", example.source)
        return
    if not _is_as_shown(example):
        for statement in body:
            yield _tried(_with_options, statement, asking, _count(statement))
        return
    match body:
        case [ast.Expr(value=value) as statement] if _is_shown(statement, example.want):
            if example.exc_msg is not None:
                kind = ast.Name(example.exc_msg.split(":")[0].strip().rpartition(".")[2])
                yield _tried(lambda inner: questions.raises(inner, kind, value), statement, asking, 1)
            elif example.want.strip() or not _is_test_call(value):
                yield _of_output(value, example.want, asking)
            else:
                yield from _of_statements(body, asking)
        case _:
            yield from _of_statements(body, asking)


def _is_as_shown(example: doctest.Example) -> bool:
    """Whether an example is compared with what it shows, in spite of its options."""
    idle = {doctest.IGNORE_EXCEPTION_DETAIL}
    if not re.search(r"\bprint\(", example.source) and not re.search(r"[\"']", example.want):  # no text has spaces
        idle.add(doctest.NORMALIZE_WHITESPACE)
    return example.options.keys() <= idle


def _with_options(_: Asking) -> list[str]:
    raise Untranslatable("its options say how it is compared")


def _of_output(value: ast.expr, want: str, asking: Asking) -> Piece:
    """An expression, and what it is to show."""
    statement = ast.Expr(value)
    match value:
        case ast.Call(func=ast.Name(id="print"), args=[printed], keywords=[]) if want.strip():
            return _tried(lambda inner: shown.prints(inner, printed, want.strip()), statement, asking, 1)
    if want.strip():
        return _tried(lambda inner: shown.shows(inner, value, want.strip()), statement, asking, 1)
    if isinstance(value, ast.Compare | ast.BoolOp):
        return Piece((), 1, "the notebook keeps no output of it: run it and save it", ast.unparse(statement))
    return _statement(statement, asking)


# ---------------------------------------------------------------- statements


def _of_statements(body: Sequence[ast.stmt], asking: Asking) -> list[Piece]:
    return [piece for statement in body for piece in _split(statement, asking)]


def _split(statement: ast.stmt, asking: Asking) -> Iterator[Piece]:
    if not _is_idle(statement):
        yield _statement(statement, asking)


def _statement(statement: ast.stmt, asking: Asking) -> Piece:
    """What becomes of a statement."""
    return _tried(lambda inner: _lines(statement, inner), statement, asking, _count(statement))


def _tried(translate: Callable[[Asking], list[str]], statement: ast.stmt, asking: Asking, tests: int) -> Piece:
    """What `translate` makes of the statement; as it was, where it gives up."""
    if asking.scope.changed:
        return Piece((), tests, asking.scope.changed, ast.unparse(statement))
    scope = asking.scope.copy()
    try:
        lines = translate(asking.within(scope))
    except Untranslatable as reason:
        why = str(reason)
    except RecursionError:
        why = _DEEP
    else:
        asking.scope.take(scope)
        return Piece(tuple(lines), tests)
    _leave(statement, asking.scope)
    return Piece((), tests, why, ast.unparse(statement))


def _leave(statement: ast.stmt, scope: Scope) -> None:
    """Ask nothing any more with what a statement that is left may have changed."""
    targets = list(_targets(statement))
    for name in {*targets, *filter(scope.can_change, scope.entangled(_changed(statement)))}:
        scope.local[name] = f"{name} was not translated"
    for name in targets:
        if _is_notebooks(name, scope) and not scope.changed:
            scope.changed = f"it comes after a change of {name}, which is the notebook's"


def _lines(statement: ast.stmt, asking: Asking) -> list[str]:  # noqa: C901, PLR0911 - one branch for each kind
    match statement:
        case ast.Delete(targets=targets):
            return _deleted(targets, asking.scope)
        case ast.Import() | ast.ImportFrom():
            asking.scope.modules.update(imported(statement))
            return []
        case ast.Assert(test=test):
            return questions.holds(asking, test)
        case ast.Assign(targets=[target], value=value):
            return _assigned(target, value, asking)
        case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
            return _assigned(target, value, asking)
        case ast.AugAssign(target=target, op=op, value=value):
            return _augmented(target, op, value, asking.scope)
        case ast.Expr(value=ast.Call() as call):
            return _called(call, asking)
        case ast.For(target=target, iter=source, body=body, orelse=[]):
            return _looped(target, source, body, asking)
        case ast.With(
            items=[ast.withitem(context_expr=ast.Call() as context, optional_vars=None)], body=[ast.Expr(value=value)]
        ):
            if last_name(context.func) in _RAISES:
                return _raising(context, value, asking)
        case ast.Try():
            return _must_raise(statement, asking)
    raise Untranslatable(f"{_WORDS.get(type(statement), 'such a statement')} is not translated")


_WORDS: Final[Mapping[type[ast.stmt], str]] = {
    ast.FunctionDef: "a function of the tests' own",
    ast.ClassDef: "a class of the tests' own",
    ast.If: "an if",
    ast.While: "a while",
    ast.With: "a with block",
    ast.For: "a loop",
    ast.Assign: "an assignment to more than names",
}


def _is_notebooks(name: str, scope: Scope) -> bool:
    """Whether it is a function or a class of the notebook."""
    return name in scope.names.functions | scope.names.classes


def _assigned(target: ast.expr, value: ast.expr, asking: Asking) -> list[str]:
    scope = asking.scope
    match target:
        case ast.Name(id=name):
            read = scope.read(value)
            return [f"{ast.unparse(scope.bind(name, read, value))} = {ast.unparse(read.node)}"]
        case ast.Tuple(elts=elts) if all(isinstance(each, ast.Name) for each in elts):
            names = [each.id for each in elts if isinstance(each, ast.Name)]
            return _unpacked(names, value, asking)
        case ast.Subscript():
            read, place = scope.own(value), scope.place(target)
            scope.put(target, value)
            return [f"{ast.unparse(place)} = {ast.unparse(read.node)}"]
    raise Untranslatable("an assignment to more than names is not translated")


def _augmented(target: ast.expr, op: ast.operator, value: ast.expr, scope: Scope) -> list[str]:
    """`x += 1` and `x[0] += 1`."""
    read, place = scope.own(value), scope.place(target)
    scope.put(target, value)
    if isinstance(target, ast.Name):
        scope.operate(target.id, op, read.kind)
    return [ast.unparse(ast.AugAssign(place, op, read.node))]


def _deleted(targets: Sequence[ast.expr], scope: Scope) -> list[str]:
    """`del x[0]`; a name may stay."""
    if any(isinstance(target, ast.Name) and _is_notebooks(target.id, scope) for target in targets):
        raise Untranslatable("it deletes what is the notebook's")
    return [f"del {ast.unparse(scope.place(target))}" for target in targets if not isinstance(target, ast.Name)]


def _unpacked(names: Sequence[str], value: ast.expr, asking: Asking) -> list[str]:
    scope = asking.scope
    if isinstance(value, ast.Tuple) and len(value.elts) == len(names):
        reads, sources = [scope.read(each) for each in value.elts], value.elts
    else:
        read = scope.read(value)
        if not read.asked:
            raise Untranslatable("it takes apart what is no answer")
        reads, sources = [Read(read.node, "answer", name) for name in names], [value] * len(names)
        whole = f"expect.sequence({read.code}, length={len(names)}, what={read.told!r})"
    bound = zip(names, reads, sources, strict=True)
    targets = ", ".join(ast.unparse(scope.bind(name, each, source)) for name, each, source in bound)
    if isinstance(value, ast.Tuple):
        whole = ", ".join(ast.unparse(each.node) for each in reads)
    return [f"{targets} = {whole}"]


def _called(call: ast.Call, asking: Asking) -> list[str]:
    name = last_name(call.func)
    if name in _SEEDS:
        asking.scope.seeded, asking.scope.seed = True, _whole(call.args)
        return []
    if name in _RAISES and len(call.args) >= 2:
        asked = ast.Call(call.args[1], call.args[2:], call.keywords)
        return questions.raises(asking, call.args[0], asked)
    if _is_test_call(call):
        return assertions.by_name(name, call, asking)
    read = asking.scope.read(call)
    if not read.asked:
        raise Untranslatable("it asks nothing of the submission")
    for given in (*call.args, *(keyword.value for keyword in call.keywords)):
        asking.scope.give(given)
    return [ast.unparse(read.node)]


def _raising(context: ast.Call, value: ast.expr, asking: Asking) -> list[str]:
    """`with pytest.raises(ValueError): f(0)`."""
    match context:
        case ast.Call(args=[kind], keywords=[] | [ast.keyword(arg="msg")]):
            return questions.raises(asking, kind, value)
    raise Untranslatable("it asks what the exception says")


def _whole(args: Sequence[ast.expr]) -> int | None:
    match args:
        case [ast.Constant(value=int() as number)] if not isinstance(number, bool) and 0 <= number < 2**32:
            return number
    return None


def _looped(target: ast.expr, source: ast.expr, body: Sequence[ast.stmt], asking: Asking) -> list[str]:
    read = asking.scope.own(source)
    lines = asking.loop(target, source, read, lambda: _within_loop(target, body, asking))
    if len(lines) == 1:
        raise Untranslatable("a loop that asks nothing is not translated")
    return lines


def _within_loop(target: ast.expr, body: Sequence[ast.stmt], asking: Asking) -> list[str]:
    """The lines for a loop's body, which are asked again with what calls in it may have changed."""
    scope, before = asking.scope, dict(asking.scope.local)
    lines = [line for statement in body if not _is_idle(statement) for line in _lines(statement, asking)]
    anew = [target, *(one for one in body if isinstance(one, ast.Assign | ast.AnnAssign | ast.For))]
    used = {node.id for one in body for node in ast.walk(one) if isinstance(node, ast.Name)}
    for name in sorted(used.difference(*map(_targets, anew))):
        found = scope.local.get(name)
        if found is before.get(name):
            continue
        if isinstance(found, str):
            raise Untranslatable(found)
        if found and isinstance(found.node, ast.Call):
            lines.append(ast.unparse(found.node))
    return lines


def _must_raise(statement: ast.Try, asking: Asking) -> list[str]:
    """`try: f(0)`, `except ValueError: pass`, `else: raise AssertionError`; the last also as a line of the first."""
    match statement:
        case ast.Try(
            body=[ast.Expr(value=value), *rest],
            handlers=[ast.ExceptHandler(type=ast.expr() as kind, body=handled)],
            finalbody=[],
        ):
            complaints = [one for one in (*rest, *statement.orelse) if not _is_idle(one)]
            caught = any(_is_caught(one, kind) for one in rest)
            if complaints and all(map(_is_complaint, complaints)) and not caught and all(map(_is_idle, handled)):
                return questions.raises(asking, kind, value)
    raise Untranslatable("such a try is not translated")


def _is_complaint(statement: ast.stmt) -> bool:
    match statement:
        case ast.Raise() | ast.Assert(test=ast.Constant(value=False | 0)):
            return True
    return False


def _is_caught(statement: ast.stmt, kind: ast.expr) -> bool:
    """Whether `except kind` takes a complaint for what is to be raised, so that nothing is asked."""
    kinds = {last_name(each) for each in (kind.elts if isinstance(kind, ast.Tuple) else [kind])}
    match statement:
        case ast.Raise(exc=ast.Call(func=raised) | (ast.Name() as raised)):
            return bool(kinds & {last_name(raised), "Exception", "BaseException"})
    return not _is_idle(statement) and bool(kinds & {"AssertionError", "Exception", "BaseException"})


def _is_idle(statement: ast.stmt) -> bool:
    """Whether leaving the statement out changes nothing."""
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.Expr(value=ast.Name()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=args)):
            return not any(isinstance(node, ast.Call) for arg in args for node in ast.walk(arg))
    return isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Constant) and bool(statement.test.value)


def _is_shown(statement: ast.Expr, want: str) -> bool:
    """Whether there is something to ask about an expression that shows `want`; a name alone is idle without that."""
    return not isinstance(statement.value, ast.Constant) and (bool(want.strip()) or not _is_idle(statement))


def _is_test_call(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and last_name(value.func) in assertions.FUNCTIONS | _RAISES


def _count(statement: ast.stmt) -> int:
    """How many tests a statement has; what assigns, imports or seeds has none."""
    nodes = list(ast.walk(statement))
    asserts = sum(isinstance(node, ast.Assert) for node in nodes)
    calls = sum(isinstance(node, ast.Call) and _is_test_call(node) for node in nodes)
    match statement:
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Delete() | ast.Import() | ast.ImportFrom():
            return asserts + calls
        case ast.FunctionDef() | ast.ClassDef():
            return asserts + calls
        case ast.Expr(value=ast.Call(func=function)) if last_name(function) in _SEEDS | {"print"}:
            return 0
        case ast.Expr(value=ast.Compare() | ast.BoolOp()):
            return 0  # shown, and compared with nothing
    return max(1, asserts + calls)


def _targets(node: ast.AST) -> Iterator[str]:
    """The names that get another value, or whose values get other items or attributes."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name | ast.Subscript | ast.Attribute) and isinstance(inner.ctx, ast.Store | ast.Del):
            yield root(inner)


def _changed(statement: ast.stmt) -> Iterator[str]:
    """The names whose values a statement changes where they are, or hands to what may do so."""
    for node in ast.walk(statement):
        match node:
            case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                yield root(node)
            case ast.AugAssign(target=target):
                yield root(target)
            case ast.Call(func=ast.Attribute(value=owner, attr=name)) if _CHANGING.fullmatch(name):
                yield root(owner)
            case ast.Expr(value=ast.Call() as call) if last_name(call.func) != "print" and not _is_test_call(call):
                yield from (inner.id for inner in ast.walk(call) if isinstance(inner, ast.Name))
