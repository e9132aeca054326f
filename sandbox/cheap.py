"""Which statements of a notebook are definitions and simple constants: cheap, and likely needed by functions.

Read from the syntax alone. Where a statement that is run turns out to raise, it is left out like the others, so the
rules can afford to be kind: `device = torch.device("cuda" if torch.cuda.is_available() else "cpu")` and
`criterion = nn.BCELoss()` are constants, training, plotting and reading data are not.
"""

import ast
import math
import operator
import sys
from collections.abc import Callable, Mapping
from typing import Final

_DEFINITIONS: Final = (
    *(ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    ast.AnnAssign,  # without a value
)
_PLAIN: Final = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp),
    *(ast.BoolOp, ast.Compare, ast.IfExp, ast.Subscript, ast.Slice, ast.Starred, ast.JoinedStr, ast.FormattedValue),
    *(ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.keyword),
)
_CHEAP_CALLS: Final = frozenset(
    {
        *("abs", "bool", "dict", "float", "frozenset", "int", "len", "list", "max", "min", "range", "round", "set"),
        *("sorted", "str", "sum", "tuple", "Path", "partial", "namedtuple", "TypeVar", "NewType", "get", "join"),
        *("cpu_count", "sqrt", "log", "log2", "exp", "device", "is_available", "Generator", "manual_seed", "tensor"),
        *("array", "arange", "linspace", "zeros", "ones", "eye", "full", "Compose", "empty", "logspace", "as_tensor"),
        *("zeros_like", "ones_like", "full_like", "enumerate", "zip", "reversed", "floor", "ceil", "prod", "pow"),
        *("finfo", "iinfo", "dtype", "Size", "defaultdict", "OrderedDict", "Counter", "deque", "compile", "Fraction"),
        *("lower", "upper", "split", "format", "items", "keys", "values", "cos", "sin", "tanh", "log10", "isqrt"),
        *("default_rng", "RandomState", "Random"),
    }
)
"""Functions, by the last part of their name, whose result may be a constant."""
_CLASS_ROOMS: Final = frozenset({"nn", "transforms", "T"})
"""Modules whose classes make small objects: layers, losses, transforms."""
_ROUNDS_MOST: Final = 10_000
"""Rounds that a comprehension may take, the loops in one another multiplied."""
_LENGTH_MOST: Final = 1_000_000
"""Elements of what a repetition or a comprehension makes, and numbers of a range that a call may run through."""
_SETTINGS: Final = frozenset({"manual_seed", "seed", "set_default_dtype", "set_printoptions", "filterwarnings"})
"""Calls that set something up, by the last part of their name."""
_KINDS: Final = (
    ((ast.For, ast.While, ast.AsyncFor), "a loop"),
    ((ast.With, ast.AsyncWith), "a with block"),
    ((ast.If,), "an if block"),
    ((ast.Try,), "a try block"),
    ((ast.Import, ast.ImportFrom), "an import"),
    ((ast.Assert,), "an assert"),
    ((ast.Delete,), "a del"),
)


def is_definition(statement: ast.stmt) -> bool:
    """Whether the statement is run in "definitions"."""
    match statement:
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return is_cheap(value)
        case ast.AugAssign(target=target, op=op, value=value):
            return is_cheap(ast.BinOp(target, op, value))
        case ast.Expr(value=ast.Call() as call):
            return _last(call.func) in _SETTINGS and is_cheap_arguments(call)
        case ast.If():
            guard = _is_main_guard(statement.test)
            return not guard and is_cheap(statement.test) and _all_run([*statement.body, *statement.orelse])
        case ast.Try():
            handled = [inner for handler in statement.handlers for inner in handler.body]
            return _all_run([*statement.body, *handled, *statement.orelse, *statement.finalbody])
    return isinstance(statement, _DEFINITIONS)


def is_idle(statement: ast.stmt) -> bool:
    """Whether leaving the statement out is not worth a word: `pass`, a docstring, a name shown at a cell's end."""
    if isinstance(statement, ast.Expr):
        return not any(isinstance(node, ast.Call | ast.Await | ast.Yield) for node in ast.walk(statement))
    return isinstance(statement, ast.Pass)


def is_cheap(value: ast.expr) -> bool:
    """Whether an expression costs next to nothing."""
    match value:
        case ast.Lambda():
            return True
        case ast.Call():
            return _is_cheap_call(value)
        case ast.ListComp(elt=each) | ast.SetComp(elt=each) | ast.GeneratorExp(elt=each):
            return is_cheap(each) and _is_short(value.generators, each)
        case ast.DictComp(key=key, value=each):
            return is_cheap(key) and is_cheap(each) and _is_short(value.generators, key, each)
        case ast.BinOp() if _is_huge(value):
            return False
    return isinstance(value, _PLAIN) and all(
        is_cheap(inner) if isinstance(inner, ast.expr) else isinstance(inner, _PLAIN)
        for inner in ast.iter_child_nodes(value)
    )


def _is_short(loops: list[ast.comprehension], *made: ast.expr) -> bool:
    """Whether a comprehension of `made` is short, together with those within it."""
    inner = [node for each in made for node in ast.walk(each)]
    rounds = math.prod(_rounds(loop.iter) for loop in [*loops, *inner] if isinstance(loop, ast.comprehension))
    longest = max((_rounds(node) for node in inner if _is_range(node) or _is_sequence(node)), default=1.0)
    return rounds <= _ROUNDS_MOST and rounds * longest <= _LENGTH_MOST and all(map(_is_cheap_loop, loops))


def _is_cheap_loop(loop: ast.comprehension) -> bool:
    powers = any(isinstance(node, ast.Pow | ast.LShift) for node in ast.walk(loop.iter))
    return not powers and not loop.is_async and is_cheap(loop.iter) and all(map(is_cheap, loop.ifs))


def _rounds(over: ast.AST) -> float:
    """About how many rounds a loop takes, as far as numbers say; a loop over the ranges in a list counts, too."""
    match over:
        case ast.Constant(value=int() | float()):
            return max(1.0, _extent(over))
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return len(items) * max((_rounds(item) for item in items if not isinstance(item, ast.Constant)), default=1)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _rounds(left) * _rounds(right)
        case ast.BinOp() if not math.isnan(known := _extent(over)):
            return max(1.0, known)
    return max(map(_rounds, ast.iter_child_nodes(over)), default=1.0)


def _is_range(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _last(node.func) == "range"


def _is_huge(made: ast.BinOp) -> bool:
    """Whether it makes a number that is too large for a float, or a string or list that is very long."""
    return abs(_extent(made)) > (_LENGTH_MOST if _is_sequence(made) else sys.float_info.max)


def _is_sequence(node: ast.AST) -> bool:
    match node:
        case ast.BinOp(left=left, right=right):
            return _is_sequence(left) or _is_sequence(right)
        case ast.Constant(value=value):
            return isinstance(value, str | bytes)
    return isinstance(node, ast.List | ast.Tuple | ast.JoinedStr)


def _extent(node: ast.AST) -> float:
    """The number that constants make, or the length of the sequence; not a number where a name decides."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(min(number, sys.float_info.max))
        case ast.Constant(value=str() | bytes() as text):
            return float(len(text))
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.JoinedStr(values=items):
            return float(len(items))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_extent(operand)
        case ast.BinOp(left=left, op=op, right=right):
            compute = _EXTENTS.get(type(op))
            return compute(_extent(left), _extent(right)) if compute else math.nan
    return math.nan


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(2.0 if math.isnan(base) else base, exponent)
    except OverflowError:
        return math.inf
    except ValueError:  # 0 to the power of -1, a root of -1
        return math.nan


_EXTENTS: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Pow: _power,
    ast.LShift: lambda number, places: number * _power(2.0, places),
    ast.Mult: operator.mul,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
}


def is_cheap_arguments(call: ast.Call) -> bool:
    """Whether all that a call is given is cheap."""
    return all(map(is_cheap, call.args)) and all(is_cheap(keyword.value) for keyword in call.keywords)


def _is_cheap_call(call: ast.Call) -> bool:
    if not is_cheap_arguments(call) or _runs_long(call):
        return False
    match call.func:
        case ast.Attribute(value=ast.Attribute(attr=room) | ast.Name(id=room), attr=name) if room in _CLASS_ROOMS:
            return name[:1].isupper()
        case ast.Attribute(value=owner, attr=name):
            return name in _CHEAP_CALLS and is_cheap(owner)
        case ast.Name(id=name):
            return name in _CHEAP_CALLS
    return False


def _runs_long(call: ast.Call) -> bool:
    """Whether a call has a long range to run through, as `sum(range(10**9))`, or is a power of large numbers."""
    if _last(call.func) == "pow" and len(call.args) > 1 and _is_huge(ast.BinOp(call.args[0], ast.Pow(), call.args[1])):
        return True
    given = [node for argument in call.args for node in ast.walk(argument)]
    return any(_is_range(node) and _rounds(node) > _LENGTH_MOST for node in given)


def kind(statement: ast.stmt) -> str:
    """What a statement is, in words."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return f"the definition of {name[:60]}"
        case ast.Assign(targets=[ast.Name(id=name), *_]) | ast.AnnAssign(target=ast.Name(id=name)):
            return f"the value of {name[:60]}"
        case ast.Expr(value=ast.Call(func=function)) if _last(function):
            return f"a call of {_last(function)[:60]}"
    return next((words for kinds, words in _KINDS if isinstance(statement, kinds)), "a statement")


def _all_run(statements: list[ast.stmt]) -> bool:
    return all(is_definition(inner) or is_idle(inner) or _is_print(inner) for inner in statements)


def _is_print(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print")) as call):
            return is_cheap_arguments(call)
    return False


def _is_main_guard(test: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test))


def _last(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
