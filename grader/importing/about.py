"""What a test asks about an answer rather than of it: shape, dtype, length, type. Pure."""

import ast
from typing import Final

from grader.importing.asking import Asking
from grader.importing.expressions import Read, Untranslatable

_PLAIN_TYPES: Final = frozenset({"int", "float", "str", "bool", "list", "tuple", "dict"})


def about(asking: Asking, about: ast.expr, right: ast.expr) -> list[str]:  # noqa: C901, PLR0911 - a branch for each thing asked
    """What is asked about an answer rather than of it; nothing where it is about none."""
    match about:
        case ast.Call(func=ast.Name(id="tuple" | "list"), args=[ast.Attribute(value=owner, attr="shape")]):
            return _shape(asking, owner, right)
        case ast.Attribute(value=owner, attr="shape"):
            return _shape(asking, owner, right)
        case ast.Call(func=ast.Attribute(value=owner, attr="size"), args=[]):
            return _shape(asking, owner, right, torchs=True)
        case ast.Subscript(value=ast.Attribute(value=owner, attr="shape"), slice=place):
            return _size(asking, owner, place, right)
        case ast.Call(func=ast.Attribute(value=owner, attr="size"), args=[place]):
            return _size(asking, owner, place, right, torchs=True)
        case ast.Attribute(value=owner, attr="dtype"):
            return _dtype(asking, owner, right)
        case ast.Attribute(value=owner, attr="ndim"):
            return _dimensions(asking, owner, right)
        case ast.Call(func=ast.Attribute(value=owner, attr="dim"), args=[]):
            return _dimensions(asking, owner, right, torchs=True)
        case ast.Call(func=ast.Name(id="len"), args=[owner]):
            return _length(asking, owner, right)
        case ast.Call(func=ast.Name(id="type"), args=[owner]):
            return of_type(asking, owner, right)
        case ast.Call(func=ast.Name(id="round")):
            return _rounded(asking, about, right)
    return []


def _sizes(asking: Asking, got: Read, *, torchs: bool) -> str:
    """The sizes of a tensor, or of an array, where the test does not ask as torch alone does."""
    if torchs:
        return f"expect.tensor({got.code}, what={asking.told(got)}).shape"
    asking.scope.needs.add("sizes")
    return f"sizes({got.code}, what={asking.told(got)})"


def _shape(asking: Asking, owner: ast.expr, right: ast.expr, *, torchs: bool = False) -> list[str]:
    got = asking.scope.read(owner)
    if not got.asked:
        return []
    want = asking.scope.own(right)
    if want.kind not in {"tuple", "list", "size"}:
        raise Untranslatable(f"nothing says which shape {want.told[:40]} is")
    if torchs:
        return [f"expect.tensor({got.code}, shape={want.code}, what={asking.told(got)})"]
    asking.scope.needs |= {"sizes", "shaped"}
    return [f"shaped({got.code}, {want.code}, what={asking.told(got)})"]


def _size(asking: Asking, owner: ast.expr, place: ast.expr, right: ast.expr, *, torchs: bool = False) -> list[str]:
    got = asking.scope.read(owner)
    if not got.asked:
        return []
    match place:
        case ast.Constant(value=int() as index):
            part = f"[{index}:{index + 1}]"
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)):
            part = "[-1:]"
        case _:
            raise Untranslatable("it picks a size by more than a number")
    told = asking.sentence(got, "is not of the shape that is asked for")
    return [
        f"expect.that({_sizes(asking, got, torchs=torchs)}{part} == ({asking.scope.own(right).code},), {told})",
    ]


def _dtype(asking: Asking, owner: ast.expr, right: ast.expr) -> list[str]:
    got = asking.scope.read(owner)
    if not got.asked:
        return []
    if not asking.scope.path(right).startswith("torch."):
        raise Untranslatable("it asks for a dtype that is not torch's")
    return [f"expect.tensor({got.code}, dtype={asking.scope.own(right).code}, what={asking.told(got)})"]


def _dimensions(asking: Asking, owner: ast.expr, right: ast.expr, *, torchs: bool = False) -> list[str]:
    got = asking.scope.read(owner)
    if not got.asked:
        return []
    message = asking.sentence(got, "has not as many dimensions as are asked for")
    return [
        f"expect.that(len({_sizes(asking, got, torchs=torchs)}) == {asking.scope.own(right).code}, {message})",
    ]


def _length(asking: Asking, owner: ast.expr, right: ast.expr) -> list[str]:
    got = asking.scope.read(owner)
    if not got.asked:
        return []
    want = asking.scope.own(right)
    if want.kind != "int":
        raise Untranslatable(f"nothing says that {want.told[:40]} is a number")
    asking.scope.needs.add("counted")
    return [f"counted({got.code}, {want.code}, what={asking.told(got)})"]


def _rounded(asking: Asking, about: ast.expr, right: ast.expr) -> list[str]:
    match about:
        case ast.Call(func=ast.Name(id="round"), args=[owner]):
            rounded = "round({})"
        case ast.Call(func=ast.Name(id="round"), args=[owner, ast.Constant(value=int() as digits)]):
            rounded = f"round({{}}, {digits})"
        case ast.Call(func=ast.Name(id="round")):
            raise Untranslatable("nothing says to how many places it is rounded")
        case _:
            return []
    return asking.asks(owner, right, f"{rounded} == {{}}")


def of_type(asking: Asking, owner: ast.expr, kind: ast.expr) -> list[str]:
    """The lines that ask for what `type` says, of numbers and the like."""
    match kind:
        case ast.Name(id=name) if name in _PLAIN_TYPES - asking.scope.names.classes and asking.is_asked(owner):
            got = asking.asked(owner)
            return [f"expect.that(type({got.code}) is {name}, {asking.sentence(got, f'must be of type {name}')})"]
    return of_class(asking, owner, kind)


def of_class(asking: Asking, owner: ast.expr, kinds: ast.expr) -> list[str]:
    """The lines that ask whether an answer is of a class, or of one of several, as `isinstance` has it."""
    got = asking.scope.read(owner)
    if not got.asked:
        raise Untranslatable("it asks of what class something of the test's own is")
    what = f"what={asking.told(got)}"
    match kinds:
        case ast.Name(id=name) if name in asking.scope.names.classes:
            told = asking.sentence(got, f"is no {name}")
            return [f"expect.that(expect.handle({got.code}, {what}).kind == {name!r}, {told})"]
    match asking.scope.path(kinds):
        case "torch.Tensor":
            return [f"expect.tensor({got.code}, {what})"]
        case "torch.nn.Module":
            return [f"expect.module({got.code}, {what})"]
        case "numpy.ndarray":
            asking.scope.needs.add("numpy")
            return [f"expect.that(isinstance({got.code}, np.ndarray), {asking.sentence(got, 'must be a numpy array')})"]
    names = [kinds] if isinstance(kinds, ast.Name) else kinds.elts if isinstance(kinds, ast.Tuple) else []
    plain = [each.id for each in names if isinstance(each, ast.Name) and each.id in _PLAIN_TYPES]
    if not plain or len(plain) != len(names):
        raise Untranslatable(f"it asks for the class {ast.unparse(kinds)[:40]}")
    told = asking.sentence(got, f"must be of type {' or '.join(plain)}")
    return [f"expect.that(isinstance({got.code}, {ast.unparse(kinds)}), {told})"]
