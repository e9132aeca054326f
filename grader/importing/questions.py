"""Conditions of another tool's tests as the lines of a check that ask the same. Pure."""

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from grader.importing.about import about, of_class, of_type
from grader.importing.asking import NUMBERS, TURNED, Asking, braced
from grader.importing.expressions import Untranslatable, last_name

_CLOSE: Final = frozenset({"isclose", "allclose"})
_SAME: Final = frozenset({"equal", "array_equal"})
_MARGINS: Final = frozenset({"rtol", "rel_tol", "rel", "atol", "abs_tol", "abs", "decimal"})
_IDLE: Final = frozenset({"msg", "err_msg", "verbose"})
"""Arguments of a comparison's that ask nothing."""
_SIGNS: Final[Mapping[type[ast.cmpop], str]] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_FULL: Final[Mapping[str, str]] = {
    "isclose": "numpy.isclose",
    "allclose": "numpy.allclose",
    "equal": "torch.equal",
    "array_equal": "numpy.array_equal",
    "approx": "pytest.approx",
    "assert_close": "torch.testing.assert_close",
    **{
        f"assert_{name}": f"numpy.testing.assert_{name}"
        for name in ("allclose", "array_equal", "almost_equal", "array_almost_equal")
    },
}
"""Where a function is from, as far as a test does not tell."""
_CHECKED: Final = frozenset(_FULL.values()) | {
    *("torch.isclose", "torch.allclose", "math.isclose", "numpy.equal", "torch.eq", "numpy.testing.assert_equal"),
}


def holds(asking: Asking, test: ast.expr) -> list[str]:
    """The lines that ask whether a condition holds.

    Raises:
        Untranslatable: it is none of those that can be asked.
    """
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            return [line for value in values for line in holds(asking, value)]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return fails(asking, operand)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(asking, left, op, right)
        case ast.Compare(left=low, ops=[first, second], comparators=[middle, high]):
            return [*_compared(asking, low, first, middle), *_compared(asking, middle, second, high)]
        case ast.Call(func=ast.Name(id="all"), args=[ast.ListComp() | ast.GeneratorExp() as each]):
            return _all(asking, each)
    return _said(asking, test)


def fails(asking: Asking, test: ast.expr) -> list[str]:
    """The lines that ask whether a condition does not hold."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return holds(asking, operand)
        case ast.Call(func=ast.Name(id="bool"), args=[inner]):
            return fails(asking, inner)
    return [asking.truth(asking.asked(test), "not ")]


def _said(asking: Asking, test: ast.expr) -> list[str]:
    """A condition that is a call."""
    inner, every = _peeled(test)
    match inner:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]) if every:
            return asking.asks(left, right, every.format("({} == {})"))
        case ast.Call(func=function, args=[first, second, *more], keywords=keywords):
            name = last_name(function)
            if name in _CLOSE | _SAME:
                return called(asking, function, first, second, more, keywords, every=every or "{}")
            if name == "isinstance":
                return of_class(asking, first, second)
        case ast.Call(func=ast.Name(id="callable"), args=[ast.Name(id=name)]) if name in asking.scope.names.functions:
            return [f"expect.that(submission.has({name!r}), {f'There is no function {name}.'!r})"]
    if every:
        raise Untranslatable("it asks for the truth of each element")
    return [asking.truth(asking.asked(inner))]


def _compared(asking: Asking, left: ast.expr, op: ast.cmpop, right: ast.expr) -> list[str]:
    match op:
        case ast.Eq():
            return _equal(asking, left, right)
        case ast.Is() | ast.IsNot():
            return _identical(asking, left, op, right)
        case ast.NotEq():
            return _different(asking, left, right)
        case ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE():
            return _ordered(asking, left, _SIGNS[type(op)], right)
        case ast.In():
            return _among(asking, left, right)
    raise Untranslatable("such a comparison is not translated")


def _all(asking: Asking, each: ast.ListComp | ast.GeneratorExp) -> list[str]:
    match each.generators:
        case [ast.comprehension(target=target, iter=source, ifs=[], is_async=0)]:
            read = asking.scope.own(source)
            return asking.loop(target, source, read, lambda: holds(asking, each.elt))
    raise Untranslatable("such a comprehension is not translated")


def _equal(asking: Asking, left: ast.expr, right: ast.expr) -> list[str]:
    if special := about(asking, left, right) or about(asking, right, left):
        return special
    match right:
        case ast.Call(func=function, args=[wanted], keywords=keywords) if last_name(function) == "approx":
            return asking.asks(left, wanted, f"{{}} == {_call(asking, function, '{}', [], keywords)}")
    if asking.kind(left, right) == "bool":
        return [asking.is_true_as(*asking.sides(left, right))]
    return asking.asks(left, right, "{} == {}")


def _identical(asking: Asking, left: ast.expr, op: ast.cmpop, right: ast.expr) -> list[str]:
    match left:
        case ast.Call(func=ast.Name(id="type"), args=[owner]) if isinstance(op, ast.Is):
            return of_type(asking, owner, right)
    got, want = asking.sides(left, right)
    if want.kind not in {"none", "bool"}:
        raise Untranslatable("what “is” what is not to be seen from outside")
    if isinstance(op, ast.Is):
        return [asking.is_same(got, want.code)]
    return [f"expect.that({got.code} is not {want.code}, {asking.sentence(got, f'must not be {want.code}')})"]


def _different(asking: Asking, left: ast.expr, right: ast.expr) -> list[str]:
    kind = asking.kind(left, right)
    if kind in NUMBERS | {"str"}:
        return asking.asks(left, right, "{} != {}", f"must not be {asking.value(left, right).told[:40]}")
    got, want = asking.sides(left, right)
    told = asking.sentence(got, f"must not be {want.told[:40]}")
    if kind == "none":
        return [f"expect.that({got.code} is not None, {told})"]
    if kind == "bool":
        asking.scope.needs.add("truth")
        return [f"expect.that(truth({got.code} != {want.code}, {asking.told(got)}), {told})"]
    raise Untranslatable("that something differs from such a value is not translated")


def _ordered(asking: Asking, left: ast.expr, sign: str, right: ast.expr) -> list[str]:
    if near := _distance(asking, left, sign, right) or _distance(asking, right, TURNED[sign], left):
        return near
    want = asking.value(left, right)
    if want.kind not in NUMBERS:
        raise Untranslatable(f"nothing says that {want.told[:40]} is a number")
    meant = sign if asking.is_asked(left) else TURNED[sign]
    told = f"must be {meant} {want.told[:40]}" if asking.reveal else "is not in the range that is asked for"
    return asking.asks(left, right, f"{{}} {sign} {{}}", told)


def _distance(asking: Asking, less: ast.expr, sign: str, more: ast.expr) -> list[str]:
    """`abs(f(x) - 3) < 1e-6`."""
    match less:
        case ast.Call(func=function, args=[ast.BinOp(left=left, op=ast.Sub(), right=right)], keywords=[]) if sign in {
            "<",
            "<=",
        } and (absolute := _absolute(asking, function)):
            if asking.is_asked(left) or asking.is_asked(right):
                margin = braced(asking.scope.own(more).code)
                return asking.asks(left, right, f"{absolute}({{}} - {{}}) {sign} {margin}")
    return []


def _absolute(asking: Asking, function: ast.expr) -> str:
    """What takes the absolute value, "" of anything else."""
    path = asking.scope.path(function) or last_name(function)
    if path in {"numpy.abs", "numpy.absolute", "numpy.fabs", "torch.abs", "math.fabs"}:
        return ast.unparse(asking.scope.library(path))
    return "abs" if path == "abs" else ""


def _among(asking: Asking, left: ast.expr, right: ast.expr) -> list[str]:
    match right:
        case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
            kinds = {asking.scope.own(each).kind for each in elts}
        case _:
            raise Untranslatable("that something is in an answer is not translated")
    got, want = asking.asked(left), asking.scope.own(right)
    if kinds <= NUMBERS or kinds == {"str"}:
        asking.scope.needs.add("agree")
        told = asking.sentence(got, "is none of the values that are allowed")
        return [f'agree({got.code}, "in", {want.code}, what={asking.told(got)}, told={told})']
    raise Untranslatable("that something is one of such values is not translated")


def called(
    asking: Asking,
    function: ast.expr,
    left: ast.expr,
    right: ast.expr,
    more: Sequence[ast.expr],
    keywords: Sequence[ast.keyword],
    *,
    every: str = "{}",
) -> list[str]:
    """The lines that ask what a library's function says of two values.

    Args:
        more, keywords: what the test says besides.
        every: what takes the truth of each element, with {} for the function's answer.
    """
    return asking.asks(left, right, every.format(_call(asking, function, "{}, {}", more, keywords)))


def _call(
    asking: Asking, function: ast.expr, sides: str, more: Sequence[ast.expr], keywords: Sequence[ast.keyword]
) -> str:
    """A call of a library's function, whose margins are what the test says."""
    path = asking.scope.path(function)
    path = path if path.startswith(("numpy.", "torch.", "math.", "pytest.")) else _FULL.get(last_name(function), "")
    if path not in _CHECKED:
        raise Untranslatable(f"it calls {ast.unparse(function)[:40]}")
    if others := [each.arg for each in keywords if each.arg not in _MARGINS | _IDLE]:
        raise Untranslatable(f"the comparison has {others[0]}")
    said = [asking.scope.own(each).code for each in more]
    said += [f"{each.arg}={asking.scope.own(each.value).code}" for each in keywords if each.arg not in _IDLE]
    return f"{ast.unparse(asking.scope.library(path))}({', '.join([sides, *map(braced, said)])})"


def near(asking: Asking, left: ast.expr, right: ast.expr, margin: ast.expr) -> list[str]:
    """The lines that ask whether two values differ by no more than a margin, or not at all."""
    return asking.asks(left, right, f"{{0}} == {{1}} or abs({{0}} - {{1}}) <= {braced(asking.scope.own(margin).code)}")


def within_places(asking: Asking, left: ast.expr, right: ast.expr, places: ast.expr) -> list[str]:
    """The lines that ask whether two values differ by what is rounded to nothing, as unittest has it."""
    match places:
        case ast.Constant(value=int() as digits) if abs(digits) < 100:
            return asking.asks(left, right, f"{{0}} == {{1}} or round(abs({{0}} - {{1}}), {digits}) == 0")
    raise Untranslatable("nothing says in how many places they are to agree")


def raises(asking: Asking, kind: ast.expr, value: ast.expr) -> list[str]:
    """The lines that ask whether a call raises."""
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    names = [last_name(each) for each in kinds]
    if not all(names):
        raise Untranslatable("nothing says which exception it is")
    got = asking.asked(value)
    wanted = repr(names[0]) if len(names) == 1 else repr(tuple(names))
    return [f"expect.raises({wanted}, lambda: {ast.unparse(got.node)}, what={asking.told(got)})"]


def _peeled(test: ast.expr) -> tuple[ast.expr, str]:
    """A condition without what takes the truth of all its elements; what did, with {} for what it is taken of."""
    match test:
        case ast.Call(func=ast.Name(id="bool"), args=[inner]):
            return _peeled(inner)
        case ast.Call(func=ast.Name(id="all"), args=[inner]):
            return _peeled(inner)[0], "all({})"
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="np" | "numpy" | "torch" as library), attr="all" | "alltrue"),
            args=[inner],
        ):
            return _peeled(inner)[0], "torch.all({})" if library == "torch" else "np.all({})"
        case ast.Call(func=ast.Attribute(value=inner, attr="all"), args=[], keywords=[]):
            return _peeled(inner)[0], "{}.all()"
        case ast.Call(func=ast.Attribute(value=inner, attr="item"), args=[], keywords=[]):
            return _peeled(inner)
    return test, ""
