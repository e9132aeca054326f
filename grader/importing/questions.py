"""Conditions of another tool's tests as questions to `expect`. Pure."""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.importing.expressions import Read, Scope, Untranslatable, last_name

_NUMBERS: Final = frozenset({"int", "float", "number"})
_LISTS: Final = frozenset({"list", "tuple", "array"})
_CLOSE: Final = frozenset({"isclose", "allclose"})
_SAME: Final = frozenset({"equal", "array_equal"})
_MARGINS: Final = frozenset({"rtol", "rel_tol", "rel", "atol", "abs_tol", "abs", "decimal"})
_IDLE: Final = frozenset({"msg", "err_msg", "verbose"})
"""Arguments of a comparison's that ask nothing."""
_PLAIN_TYPES: Final = frozenset({"int", "float", "str", "bool", "list", "tuple", "dict"})
_SIGNS: Final[Mapping[type[ast.cmpop], str]] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COMPARED: Final = _NUMBERS | _LISTS | {"none", "bool", "str", "dict", "tensor"}
"""Kinds of values that an answer may be beside."""
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

FUNCTIONS: Final = frozenset(
    {
        *("assert_equal", "assertEqual", "eq_", "assert_array_equal", "assert_almost_equal", "assertAlmostEqual"),
        *("assert_allclose", "assert_close", "assert_array_almost_equal", "assert_true", "assertTrue", "assert_false"),
        *("assertFalse", "assert_is_instance", "assertIsInstance", "assert_is_none", "assertIsNone"),
    }
)
"""Functions of test libraries, by the last part of their name."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How a check asks.

    Attributes:
        reveal: whether its messages may tell right values, as those of the public suite do.
    """

    scope: Scope
    reveal: bool

    def within(self, scope: Scope) -> "Asking":
        """The same with other names."""
        return Asking(scope, self.reveal)

    # ------------------------------------------------------------ conditions

    def holds(self, test: ast.expr) -> list[str]:
        """The lines that ask whether a condition holds.

        Raises:
            Untranslatable: it is none of those that can be asked.
        """
        match test:
            case ast.BoolOp(op=ast.And(), values=values):
                return [line for value in values for line in self.holds(value)]
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.fails(operand)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compared(left, op, right)
            case ast.Compare(left=low, ops=[first, second], comparators=[middle, high]):
                return [*self._compared(low, first, middle), *self._compared(middle, second, high)]
            case ast.Call(func=ast.Name(id="all"), args=[ast.ListComp() | ast.GeneratorExp() as each]):
                return self._all(each)
        return self._said(test)

    def fails(self, test: ast.expr) -> list[str]:
        """The lines that ask whether a condition does not hold."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.holds(operand)
            case ast.Call(func=ast.Name(id="bool"), args=[inner]):
                return self.fails(inner)
        return [self._truth(self._asked(test), "not ")]

    def _said(self, test: ast.expr) -> list[str]:
        """A condition that is a call."""
        inner, every = _peeled(test)
        match inner:
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]) if every:
                return self._asks(left, right, every.format("({} == {})"))
            case ast.Call(func=function, args=[first, second, *more], keywords=keywords):
                name = last_name(function)
                if name in _CLOSE | _SAME:
                    return self.called(function, first, second, more, keywords, every=every or "{}")
                if name == "isinstance":
                    return self._instance(first, second)
            case ast.Call(func=ast.Name(id="callable"), args=[ast.Name(id=name)]) if name in self.scope.names.functions:
                return [f"expect.that(submission.has({name!r}), {f'There is no function {name}.'!r})"]
        if every:
            raise Untranslatable("it asks for the truth of each element")
        return [self._truth(self._asked(inner))]

    def _compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> list[str]:
        match op:
            case ast.Eq():
                return self._equal(left, right)
            case ast.Is() | ast.IsNot():
                return self._identical(left, op, right)
            case ast.NotEq():
                return self._different(left, right)
            case ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE():
                return self._ordered(left, _SIGNS[type(op)], right)
            case ast.In():
                return self._among(left, right)
        raise Untranslatable("such a comparison is not translated")

    def _all(self, each: ast.ListComp | ast.GeneratorExp) -> list[str]:
        match each.generators:
            case [ast.comprehension(target=target, iter=source, ifs=[], is_async=0)]:
                read = self.scope.own(source)
                return self.loop(target, source, read, lambda: self.holds(each.elt))
        raise Untranslatable("such a comprehension is not translated")

    def loop(self, target: ast.expr, source: ast.expr, read: Read, body: Callable[[], list[str]]) -> list[str]:
        """The lines that ask the same for each of what `source` has, which is `read`; messages tell for which."""
        names = self.scope.loop_target(target, source)
        self.scope.looped |= {name for name in names.split(", ") if self._is_short(name)}
        return [f"for {names} in {ast.unparse(read.node)}:", *(f"    {line}" for line in body())]

    def _is_short(self, name: str) -> bool:
        found = self.scope.local.get(name)
        return isinstance(found, Read) and found.kind in _NUMBERS | {"str", "bool"}

    # ------------------------------------------------------------ equality

    def _equal(self, left: ast.expr, right: ast.expr) -> list[str]:
        if special := self._about(left, right) or self._about(right, left):
            return special
        match right:
            case ast.Call(func=function, args=[wanted], keywords=keywords) if last_name(function) == "approx":
                return self._asks(left, wanted, f"{{}} == {self._call(function, '{}', [], keywords)}")
        if self._kind(left, right) == "bool":
            return [self._is_true_as(*self._sides(left, right))]
        return self._asks(left, right, "{} == {}")

    def _is_equal(self, got: Read, want: Read) -> list[str]:
        """Whether an answer equals a value that a text shows."""
        if want.kind == "none":
            return [self._is(got, want.code)]
        if want.kind == "bool":
            return [self._is_true_as(got, want)]
        return [self._agree(got, '"=="', want)]

    def _is_true_as(self, got: Read, want: Read) -> str:
        compared = Read(ast.Compare(got.node, [ast.Eq()], [want.node]), got.kind, got.told)
        return self._truth(compared, want=want.code)

    def _asks(self, left: ast.expr, right: ast.expr, test: str, told: str = "") -> list[str]:
        """The lines that ask whether a test holds as Python, numpy and torch take it.

        Args:
            test: with {} for both sides.
            told: what a sentence says where it does not.
        """
        got, want = self._sides(left, right)
        first = self._is_asked(left)
        answer = "float(answer)" if _is_float(left if first else right) else "answer"
        text = test.format(*((answer, "value") if first else ("value", answer)))
        match text.split(" "):
            case ["answer", sign, "value"]:
                by = f'"{sign}"'
            case ["value", sign, "answer"]:
                by = f'"{_TURNED.get(sign, sign)}"'
            case _:
                function = text.removesuffix("(answer, value)")
                by = function if function.replace(".", "").isidentifier() else f"lambda answer, value: {text}"
        return [self._agree(got, by, want, told)]

    def _agree(self, got: Read, by: str, want: Read, told: str = "") -> str:
        if want.kind not in _COMPARED:
            raise Untranslatable(f"nothing says of what kind {want.told[:40]} is")
        if not by.startswith('"') and any(
            isinstance(node, ast.Constant) and isinstance(node.value, str) for node in ast.walk(want.node)
        ):
            raise Untranslatable("it compares arrays of text")
        self.scope.needs.add("agree")
        sentence = f", told={self._sentence(got, told)}" if told else ""
        return f"agree({got.code}, {by}, {want.code}{self._reveal}, what={self._told(got)}{sentence})"

    def called(
        self,
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
        return self._asks(left, right, every.format(self._call(function, "{}, {}", more, keywords)))

    def _call(self, function: ast.expr, sides: str, more: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> str:
        """A call of a library's function, whose margins are what the test says."""
        path = self.scope.path(function)
        path = path if path.startswith(("numpy.", "torch.", "math.", "pytest.")) else _FULL.get(last_name(function), "")
        if path not in _CHECKED:
            raise Untranslatable(f"it calls {ast.unparse(function)[:40]}")
        if others := [each.arg for each in keywords if each.arg not in _MARGINS | _IDLE]:
            raise Untranslatable(f"the comparison has {others[0]}")
        said = [self.scope.own(each).code for each in more]
        said += [f"{each.arg}={self.scope.own(each.value).code}" for each in keywords if each.arg not in _IDLE]
        return f"{ast.unparse(self.scope.library(path))}({', '.join([sides, *map(_braced, said)])})"

    def near(self, left: ast.expr, right: ast.expr, margin: ast.expr) -> list[str]:
        """The lines that ask whether two values differ by no more than a margin, or not at all."""
        return self._asks(
            left, right, f"{{0}} == {{1}} or abs({{0}} - {{1}}) <= {_braced(self.scope.own(margin).code)}"
        )

    def within_places(self, left: ast.expr, right: ast.expr, places: ast.expr) -> list[str]:
        """The lines that ask whether two values differ by what is rounded to nothing, as unittest has it."""
        match places:
            case ast.Constant(value=int() as digits) if abs(digits) < 100:
                return self._asks(left, right, f"{{0}} == {{1}} or round(abs({{0}} - {{1}}), {digits}) == 0")
        raise Untranslatable("nothing says in how many places they are to agree")

    # ------------------------------------------------------------ what is asked about an answer

    def _about(self, about: ast.expr, right: ast.expr) -> list[str]:  # noqa: C901, PLR0911 - a branch for each thing asked
        """What is asked about an answer rather than of it; nothing where it is about none."""
        match about:
            case ast.Call(func=ast.Name(id="tuple" | "list"), args=[ast.Attribute(value=owner, attr="shape")]):
                return self._shape(owner, right)
            case ast.Attribute(value=owner, attr="shape"):
                return self._shape(owner, right)
            case ast.Call(func=ast.Attribute(value=owner, attr="size"), args=[]):
                return self._shape(owner, right, torchs=True)
            case ast.Subscript(value=ast.Attribute(value=owner, attr="shape"), slice=place):
                return self._size(owner, place, right)
            case ast.Call(func=ast.Attribute(value=owner, attr="size"), args=[place]):
                return self._size(owner, place, right, torchs=True)
            case ast.Attribute(value=owner, attr="dtype"):
                return self._dtype(owner, right)
            case ast.Attribute(value=owner, attr="ndim"):
                return self._dimensions(owner, right)
            case ast.Call(func=ast.Attribute(value=owner, attr="dim"), args=[]):
                return self._dimensions(owner, right, torchs=True)
            case ast.Call(func=ast.Name(id="len"), args=[owner]):
                return self._length(owner, right)
            case ast.Call(func=ast.Name(id="type"), args=[owner]):
                return self._type(owner, right)
            case ast.Call(func=ast.Name(id="round")):
                return self._rounded(about, right)
        return []

    def _sizes(self, got: Read, *, torchs: bool) -> str:
        """The sizes of a tensor, or of an array, where the test does not ask as torch alone does."""
        if torchs:
            return f"expect.tensor({got.code}, what={self._told(got)}).shape"
        self.scope.needs.add("sizes")
        return f"sizes({got.code}, what={self._told(got)})"

    def _shape(self, owner: ast.expr, right: ast.expr, *, torchs: bool = False) -> list[str]:
        got = self.scope.read(owner)
        if not got.asked:
            return []
        want = self.scope.own(right)
        if want.kind not in {"tuple", "list", "size"}:
            raise Untranslatable(f"nothing says which shape {want.told[:40]} is")
        if torchs:
            return [f"expect.tensor({got.code}, shape={want.code}, what={self._told(got)})"]
        self.scope.needs |= {"sizes", "shaped"}
        return [f"shaped({got.code}, {want.code}, what={self._told(got)})"]

    def _size(self, owner: ast.expr, place: ast.expr, right: ast.expr, *, torchs: bool = False) -> list[str]:
        got = self.scope.read(owner)
        if not got.asked:
            return []
        match place:
            case ast.Constant(value=int() as index):
                part = f"[{index}:{index + 1}]"
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)):
                part = "[-1:]"
            case _:
                raise Untranslatable("it picks a size by more than a number")
        told = self._sentence(got, "is not of the shape that is asked for")
        return [
            f"expect.that({self._sizes(got, torchs=torchs)}{part} == ({self.scope.own(right).code},), {told})",
        ]

    def _dtype(self, owner: ast.expr, right: ast.expr) -> list[str]:
        got = self.scope.read(owner)
        if not got.asked:
            return []
        if not self.scope.path(right).startswith("torch."):
            raise Untranslatable("it asks for a dtype that is not torch's")
        return [f"expect.tensor({got.code}, dtype={self.scope.own(right).code}, what={self._told(got)})"]

    def _dimensions(self, owner: ast.expr, right: ast.expr, *, torchs: bool = False) -> list[str]:
        got = self.scope.read(owner)
        if not got.asked:
            return []
        message = self._sentence(got, "has not as many dimensions as are asked for")
        return [
            f"expect.that(len({self._sizes(got, torchs=torchs)}) == {self.scope.own(right).code}, {message})",
        ]

    def _length(self, owner: ast.expr, right: ast.expr) -> list[str]:
        got = self.scope.read(owner)
        if not got.asked:
            return []
        want = self.scope.own(right)
        if want.kind != "int":
            raise Untranslatable(f"nothing says that {want.told[:40]} is a number")
        self.scope.needs.add("counted")
        return [f"counted({got.code}, {want.code}, what={self._told(got)})"]

    def _rounded(self, about: ast.expr, right: ast.expr) -> list[str]:
        match about:
            case ast.Call(func=ast.Name(id="round"), args=[owner]):
                rounded = "round({})"
            case ast.Call(func=ast.Name(id="round"), args=[owner, ast.Constant(value=int() as digits)]):
                rounded = f"round({{}}, {digits})"
            case ast.Call(func=ast.Name(id="round")):
                raise Untranslatable("nothing says to how many places it is rounded")
            case _:
                return []
        return self._asks(owner, right, f"{rounded} == {{}}")

    # ------------------------------------------------------------ other comparisons

    def _identical(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> list[str]:
        match left:
            case ast.Call(func=ast.Name(id="type"), args=[owner]) if isinstance(op, ast.Is):
                return self._type(owner, right)
        got, want = self._sides(left, right)
        if want.kind not in {"none", "bool"}:
            raise Untranslatable("what “is” what is not to be seen from outside")
        if isinstance(op, ast.Is):
            return [self._is(got, want.code)]
        return [f"expect.that({got.code} is not {want.code}, {self._sentence(got, f'must not be {want.code}')})"]

    def _different(self, left: ast.expr, right: ast.expr) -> list[str]:
        kind = self._kind(left, right)
        if kind in _NUMBERS | {"str"}:
            return self._asks(left, right, "{} != {}", f"must not be {self._value(left, right).told[:40]}")
        got, want = self._sides(left, right)
        told = self._sentence(got, f"must not be {want.told[:40]}")
        if kind == "none":
            return [f"expect.that({got.code} is not None, {told})"]
        if kind == "bool":
            self.scope.needs.add("truth")
            return [f"expect.that(truth({got.code} != {want.code}, {self._told(got)}), {told})"]
        raise Untranslatable("that something differs from such a value is not translated")

    def _ordered(self, left: ast.expr, sign: str, right: ast.expr) -> list[str]:
        if near := self._distance(left, sign, right) or self._distance(right, _TURNED[sign], left):
            return near
        want = self._value(left, right)
        if want.kind not in _NUMBERS:
            raise Untranslatable(f"nothing says that {want.told[:40]} is a number")
        meant = sign if self._is_asked(left) else _TURNED[sign]
        told = f"must be {meant} {want.told[:40]}" if self.reveal else "is not in the range that is asked for"
        return self._asks(left, right, f"{{}} {sign} {{}}", told)

    def _distance(self, less: ast.expr, sign: str, more: ast.expr) -> list[str]:
        """`abs(f(x) - 3) < 1e-6`."""
        match less:
            case ast.Call(func=function, args=[ast.BinOp(left=left, op=ast.Sub(), right=right)], keywords=[]) if (
                sign in {"<", "<="} and (absolute := self._absolute(function))
            ):
                if self._is_asked(left) or self._is_asked(right):
                    margin = _braced(self.scope.own(more).code)
                    return self._asks(left, right, f"{absolute}({{}} - {{}}) {sign} {margin}")
        return []

    def _absolute(self, function: ast.expr) -> str:
        """What takes the absolute value, "" of anything else."""
        path = self.scope.path(function) or last_name(function)
        if path in {"numpy.abs", "numpy.absolute", "numpy.fabs", "torch.abs", "math.fabs"}:
            return ast.unparse(self.scope.library(path))
        return "abs" if path == "abs" else ""

    def _among(self, left: ast.expr, right: ast.expr) -> list[str]:
        match right:
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                kinds = {self.scope.own(each).kind for each in elts}
            case _:
                raise Untranslatable("that something is in an answer is not translated")
        got, want = self._asked(left), self.scope.own(right)
        if kinds <= _NUMBERS or kinds == {"str"}:
            self.scope.needs.add("agree")
            told = self._sentence(got, "is none of the values that are allowed")
            return [f'agree({got.code}, "in", {want.code}, what={self._told(got)}, told={told})']
        raise Untranslatable("that something is one of such values is not translated")

    def _type(self, owner: ast.expr, kind: ast.expr) -> list[str]:
        """What `type` says, of numbers and the like."""
        match kind:
            case ast.Name(id=name) if name in _PLAIN_TYPES - self.scope.names.classes and self._is_asked(owner):
                got = self._asked(owner)
                return [f"expect.that(type({got.code}) is {name}, {self._sentence(got, f'must be of type {name}')})"]
        return self._instance(owner, kind)

    def _instance(self, owner: ast.expr, kinds: ast.expr) -> list[str]:
        got = self.scope.read(owner)
        if not got.asked:
            raise Untranslatable("it asks of what class something of the test's own is")
        what = f"what={self._told(got)}"
        match kinds:
            case ast.Name(id=name) if name in self.scope.names.classes:
                told = self._sentence(got, f"is no {name}")
                return [f"expect.that(expect.handle({got.code}, {what}).kind == {name!r}, {told})"]
        match self.scope.path(kinds):
            case "torch.Tensor":
                return [f"expect.tensor({got.code}, {what})"]
            case "torch.nn.Module":
                return [f"expect.module({got.code}, {what})"]
            case "numpy.ndarray":
                self.scope.needs.add("numpy")
                return [
                    f"expect.that(isinstance({got.code}, np.ndarray), {self._sentence(got, 'must be a numpy array')})"
                ]
        names = [kinds] if isinstance(kinds, ast.Name) else kinds.elts if isinstance(kinds, ast.Tuple) else []
        plain = [each.id for each in names if isinstance(each, ast.Name) and each.id in _PLAIN_TYPES]
        if not plain or len(plain) != len(names):
            raise Untranslatable(f"it asks for the class {ast.unparse(kinds)[:40]}")
        told = self._sentence(got, f"must be of type {' or '.join(plain)}")
        return [f"expect.that(isinstance({got.code}, {ast.unparse(kinds)}), {told})"]

    # ------------------------------------------------------------ what is shown, what is raised

    def shows(self, value: ast.expr, want: str) -> list[str]:
        """The lines that ask whether an expression shows a text, as the interpreter shows it."""
        try:
            wanted = ast.parse(want, mode="eval").body
        except (SyntaxError, ValueError) as error:
            raise Untranslatable("what it is to show is no value") from error
        match wanted:
            case ast.Constant(value=True):
                if not self._is_asked(value):
                    return self.holds(value)
            case ast.Constant(value=False):
                if not self._is_asked(value):
                    return self.fails(value)
        scope = self.scope.copy()
        scope.modules |= {"tensor": "torch.tensor", "array": "numpy.array", "np": "numpy", "torch": "torch"}
        shown = scope.own(wanted)
        self.scope.needs |= scope.needs
        if shown.kind in {"tensor", "array"}:  # shown with few digits
            return self._near_shown(value, shown, want)
        if special := self._about_shown(value, wanted):
            return special
        return self._is_equal(self._asked(value), shown)

    def _near_shown(self, value: ast.expr, shown: Read, want: str) -> list[str]:
        """As near as the digits tell that torch and numpy show."""
        half = "5e-5" if shown.kind == "tensor" else "5e-9"
        with_exponent = "e-" in want or "e+" in want
        with_fraction = re.search(r"\.\d", want) is not None
        exactly = "rtol=1e-7, atol=0"  # as near as single precision tells
        margins = f"rtol={half}, atol=0" if with_exponent else f"rtol=0, atol={half}" if with_fraction else exactly
        got = self._asked(value)
        self.scope.needs |= {"torch"}
        asked, made = got.code, shown.code
        if shown.kind == "array":
            asked = f"expect.numbers({got.code}, what={self._told(got)}).double()"
            made = f"torch.as_tensor({ast.unparse(shown.node)}, dtype=torch.float64)"
        return [f"expect.close({asked}, {made}, {margins}{self._reveal}, what={self._told(got)})"]

    def _about_shown(self, value: ast.expr, wanted: ast.expr) -> list[str]:
        scope = self.scope.copy()
        scope.modules |= {"torch": "torch"}
        return self.within(scope)._about(value, wanted)  # noqa: SLF001 - its own, with more names

    def prints(self, value: ast.expr, want: str) -> list[str]:
        """The lines that ask whether printing a value gives a text."""
        try:
            found = ast.literal_eval(want)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            found = None
        if isinstance(found, int | float | list | tuple | dict):
            return self.shows(value, want)
        if want.startswith(("{", "<")) or re.search(r"\b(?:np\.|grad_fn|requires_grad)", want):
            raise Untranslatable("what it prints is not seen from outside of the sandbox")
        got = self._asked(value)
        self.scope.needs.add("printed")
        shown = ast.Call(ast.Name("printed"), [got.node, ast.Constant(got.told)], [])
        return self._is_equal(Read(shown, got.kind, got.told), Read(ast.Constant(want), "str", want))

    def raises(self, kind: ast.expr, value: ast.expr) -> list[str]:
        """The lines that ask whether a call raises."""
        kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
        names = [last_name(each) for each in kinds]
        if not all(names):
            raise Untranslatable("nothing says which exception it is")
        got = self._asked(value)
        wanted = repr(names[0]) if len(names) == 1 else repr(tuple(names))
        return [f"expect.raises({wanted}, lambda: {ast.unparse(got.node)}, what={self._told(got)})"]

    # ------------------------------------------------------------ words

    @property
    def _reveal(self) -> str:
        return ", reveal=True" if self.reveal else ""

    def _is(self, got: Read, want: str) -> str:
        told = f"must be {want}" if self.reveal else "is not right"
        return f"expect.that({got.code} is {want}, {self._sentence(got, told)})"

    def _truth(self, got: Read, negated: str = "", *, want: str = "") -> str:
        """Whether an answer is true as `if` takes it; where it is compared, with what."""
        self.scope.needs.add("truth")
        told = f"must be {want or ('false' if negated else 'true')}"
        return f"expect.that({negated}truth({ast.unparse(got.node)}, {self._told(got)}), {self._sentence(got, told)})"

    def _told(self, got: Read, more: str = "") -> str:
        """What is asked, and more, as a literal; in a loop, with the values of its names."""
        names = sorted(name for name in self.scope.looped if re.search(rf"\b{re.escape(name)}\b", got.told))
        if not names:
            return repr(f"{got.told}{more}")
        values = ", ".join(f"{name} = {{{name}!r}}" for name in names)
        return f"f{f'{_braced(got.told)} for {values}{_braced(more)}'!r}"

    def _sentence(self, got: Read, told: str) -> str:
        return self._told(got, f" {told}.")

    def _is_asked(self, node: ast.expr) -> bool:
        try:
            return self.scope.copy().read(_bare(node)).asked
        except Untranslatable:
            return False

    def _asked(self, node: ast.expr) -> Read:
        """What the student's code gives."""
        found = self.scope.read(_bare(node))
        if not found.asked:
            raise Untranslatable("it asks nothing of the submission")
        return Read(found.node, found.kind, _short(found.told))

    def _value(self, left: ast.expr, right: ast.expr) -> Read:
        """What an answer is compared with; nothing is asked for it yet."""
        return self.within(self.scope.copy())._sides(left, right)[1]  # noqa: SLF001 - its own

    def _kind(self, left: ast.expr, right: ast.expr) -> str:
        return self._value(left, right).kind

    def _sides(self, left: ast.expr, right: ast.expr) -> tuple[Read, Read]:
        """The student's, and the value to compare with, whichever stands first."""
        for got, want in ((left, right), (right, left)):
            if self._is_asked(got):
                return self._asked(got), self.scope.own(want)
        for side in (left, right):
            self.scope.copy().read(side)  # says why neither is
        raise Untranslatable("it asks nothing of the submission")


def by_name(name: str, call: ast.Call, asking: Asking) -> list[str]:  # noqa: C901, PLR0911 - one branch for each function
    """The lines for a call of a test library's function, one of FUNCTIONS.

    Raises:
        Untranslatable: it is called in another way than they are.
    """
    match name, call.args:
        case (("assert_true" | "assertTrue"), [test, *_]):
            return asking.holds(test)
        case (("assert_false" | "assertFalse"), [test, *_]):
            return asking.fails(test)
        case (("assert_is_none" | "assertIsNone"), [test, *_]):
            return asking.holds(ast.Compare(test, [ast.Is()], [ast.Constant(None)]))
        case (("assert_is_instance" | "assertIsInstance"), [test, kind, *_]):
            return asking.holds(ast.Call(ast.Name("isinstance"), [test, kind], []))
        case "assert_equal", [left, right, *_] if asking.scope.path(call.func) == "numpy.testing.assert_equal":
            if isinstance(right, ast.Constant) and isinstance(right.value, str):
                return asking.holds(ast.Compare(left, [ast.Eq()], [right]))
            return asking.called(call.func, left, right, [], call.keywords)
        case (("assert_equal" | "assertEqual" | "eq_"), [left, right, *_]):
            return asking.holds(ast.Compare(left, [ast.Eq()], [right]))
        case "assert_array_equal", [left, right, *_]:
            return asking.called(call.func, left, right, [], call.keywords)
        case (("assert_allclose" | "assert_close"), [left, right, *more]):
            return asking.called(call.func, left, right, more, call.keywords)
        case (("assert_almost_equal" | "assertAlmostEqual" | "assert_array_almost_equal"), [_, _, *_]):
            return _nearly(name, call, asking)
    raise Untranslatable(f"such a call of {name} is not translated")


def _nearly(name: str, call: ast.Call, asking: Asking) -> list[str]:
    """Almost equal: unittest and nose round the difference, numpy takes one and a half units of the last place."""
    left, right, *more = call.args
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if "delta" in named:
        return asking.near(left, right, named["delta"])
    if name == "assertAlmostEqual" or "places" in named or asking.scope.path(call.func).startswith("nose"):
        return asking.within_places(left, right, named.get("places", more[0] if more else ast.Constant(7)))
    return asking.called(call.func, left, right, more[:1], call.keywords)


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


def _is_float(node: ast.expr) -> bool:
    """Whether it makes a number of an answer."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"


def _bare(node: ast.expr) -> ast.expr:
    """Without what makes a number of a tensor with one element, which `expect` takes for a number anyway."""
    match node:
        case ast.Call(func=ast.Name(id="float"), args=[inner]):
            return inner if isinstance(inner, ast.Call | ast.Name) else node
        case ast.Call(func=ast.Attribute(value=inner, attr="item"), args=[], keywords=[]):
            return inner
    return node


def _braced(text: str) -> str:
    """As it stands in an f-string."""
    return text.replace("{", "{{").replace("}", "}}")


def _short(told: str) -> str:
    return told if len(told) <= 70 else f"{told[:69]}…"
