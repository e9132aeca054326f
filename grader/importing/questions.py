"""Conditions of another tool's tests as questions to `expect`. Pure."""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.importing.closeness import Margins, given, margins_of
from grader.importing.expressions import Read, Scope, Untranslatable, last_name

_NUMBERS: Final = frozenset({"int", "float", "number"})
_LISTS: Final = frozenset({"list", "tuple", "array"})
_CLOSE: Final = frozenset({"isclose", "allclose"})
_SAME: Final = frozenset({"equal", "array_equal"})
_PLAIN_TYPES: Final = frozenset({"int", "float", "str", "bool", "list", "tuple", "dict"})
_SIGNS: Final[Mapping[type[ast.cmpop], str]] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_LEAST: Final = "rtol=1e-7, atol=0"
"""In which numbers are equal that are so in single precision; nothing but 0 is equal to 0."""


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
        numpy: whether answers may be numpy's: the notebook imports it.
    """

    scope: Scope
    reveal: bool
    numpy: bool

    def within(self, scope: Scope) -> "Asking":
        """The same with other names."""
        return Asking(scope, self.reveal, self.numpy)

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
                return self._equal(left, right, every=True)
            case ast.Call(func=function, args=[first, second, *more], keywords=keywords):
                name = last_name(function)
                if name in _CLOSE:
                    return self.close(first, second, margins_of(name, self.scope.path(function)), more, keywords)
                if name in _SAME:
                    return self._equal(first, second, every=True)
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

    def _equal(self, left: ast.expr, right: ast.expr, *, every: bool = False) -> list[str]:
        if special := self._about(left, right) or self._about(right, left):
            return special
        if approx := _approx(right):
            return self.close(left, approx[0], margins_of("approx"), [], approx[1])
        got, want = self._sides(left, right)
        return self._is_equal(got, want, every=every)

    def _is_equal(self, got: Read, want: Read, *, every: bool = False) -> list[str]:
        what = f"what={self._told(got)}"
        if every or want.kind in {"tensor", "array"}:
            return [self._arrays("same", got, want, "")]
        match want.kind:
            case "none":
                return [self._is(got, want.code)]
            case "bool":
                return [
                    self._truth(
                        Read(ast.Compare(got.node, [ast.Eq()], [want.node]), got.kind, got.told), want=want.code
                    )
                ]
            case "int":
                return [f"expect.integer({got.code}, want={want.code}{self._reveal}, {what})"]
            case "float" | "number":
                return [f"expect.close_number({got.code}, {want.code}, {_LEAST}{self._reveal}, {what})"]
            case "str" | "list" | "tuple" | "dict":
                self.scope.needs.add("equal")
                return [f"equal({got.code}, {want.code}, {what}{self._reveal})"]
        raise Untranslatable(f"nothing says of what kind {want.told[:40]} is")

    def _arrays(self, how: str, got: Read, want: Read, tolerances: str) -> str:
        what = f"what={self._told(got)}"
        if want.kind == "tensor":
            return f"expect.{how}({got.code}, {want.code}{tolerances}{self._reveal}, {what})"
        if want.kind not in _LISTS:
            raise Untranslatable(f"nothing says of what kind {want.told[:40]} is")
        if any(isinstance(node, ast.Constant) and isinstance(node.value, str) for node in ast.walk(want.node)):
            raise Untranslatable("it compares arrays of text")
        self.scope.needs |= {"torch", "numbers"}
        made = f"torch.as_tensor({ast.unparse(want.node)}, dtype=torch.float64)"
        return f"expect.{how}(numbers({got.code}, {self._told(got)}), {made}{tolerances}{self._reveal}, {what})"

    def near(self, left: ast.expr, right: ast.expr, tolerances: str) -> list[str]:
        """The lines that ask whether two values are within `tolerances`."""
        if special := self._rounded(left, right) or self._rounded(right, left):
            return special
        got, want = self._sides(left, right)
        if want.kind in _NUMBERS:
            return [f"expect.close_number({got.code}, {want.code}{tolerances}{self._reveal}, what={self._told(got)})"]
        return [self._arrays("close", got, want, tolerances)]

    def close(
        self,
        left: ast.expr,
        right: ast.expr,
        margins: Margins,
        more: Sequence[ast.expr],
        keywords: Sequence[ast.keyword],
    ) -> list[str]:
        """The lines that ask whether two values are close.

        Args:
            margins: of the function.
            more, keywords: what the test says besides.
        """
        own = {key: self.scope.own(value).code for key, value in given(more, keywords).items()}
        margins = margins.replaced(own)
        if not margins.larger:
            return self.near(left, right, f", rtol={margins.rtol}, atol={margins.atol}")
        want = self._sides(left, right)[1]
        if want.kind not in _NUMBERS:
            raise Untranslatable("the larger of two margins is meant, for each element")
        return self.near(left, right, f", rtol=0, atol=max({margins.rtol} * abs({want.code}), {margins.atol})")

    def agrees(self, left: ast.expr, right: ast.expr) -> list[str]:
        """The lines for `torch.testing.assert_close` without margins: they are those of the dtype."""
        got, want = self._sides(left, right)
        if want.kind == "tensor":
            self.scope.needs |= {"torch", "agree"}
            return [f"agree({got.code}, {want.code}, what={self._told(got)}{self._reveal})"]
        if want.kind == "int":
            return self._is_equal(got, want)
        return self.near(left, right, ", rtol=1e-7, atol=1e-7")

    def within_places(self, left: ast.expr, right: ast.expr, places: ast.expr, *, unit: float) -> list[str]:
        """The lines that ask whether two values agree in so many decimal places, within `unit` of the last."""
        match places:
            case ast.Constant(value=int() as digits) if abs(digits) < 100:
                return self.near(left, right, f", rtol=0, atol={unit * 10.0**-digits:.3g}")
        raise Untranslatable("nothing says in how many places they are to agree")

    # ------------------------------------------------------------ what is asked about an answer

    def _about(self, about: ast.expr, right: ast.expr) -> list[str]:  # noqa: PLR0911 - a branch for each thing asked
        """What is asked about an answer rather than of it; nothing where it is about none."""
        match about:
            case ast.Call(func=ast.Name(id="tuple" | "list"), args=[ast.Attribute(attr="shape") as shape]):
                return self._shape(shape.value, right)
            case (
                ast.Attribute(value=owner, attr="shape")
                | ast.Call(func=ast.Attribute(value=owner, attr="size"), args=[])
            ):
                return self._shape(owner, right)
            case ast.Subscript(value=ast.Attribute(value=owner, attr="shape"), slice=place):
                return self._size(owner, place, right)
            case ast.Call(func=ast.Attribute(value=owner, attr="size"), args=[place]):
                return self._size(owner, place, right)
            case ast.Attribute(value=owner, attr="dtype"):
                return self._dtype(owner, right)
            case (
                ast.Attribute(value=owner, attr="ndim") | ast.Call(func=ast.Attribute(value=owner, attr="dim"), args=[])
            ):
                return self._dimensions(owner, right)
            case ast.Call(func=ast.Name(id="len"), args=[owner]):
                return self._length(owner, right)
            case ast.Call(func=ast.Name(id="type"), args=[owner]):
                return self._instance(owner, right)
            case ast.Call(func=ast.Name(id="round")):
                return self._rounded(about, right)
        return []

    def _tensor(self, got: Read) -> str:
        """An answer as a tensor; a numpy array is as good where the notebook works with them."""
        return f"expect.numbers({got.code}, what={self._told(got)})" if self.numpy else got.code

    def _shape(self, owner: ast.expr, right: ast.expr) -> list[str]:
        got = self.scope.read(owner)
        if not got.asked:
            return []
        want = self.scope.own(right)
        if want.kind not in {"tuple", "list", "size"}:
            raise Untranslatable(f"nothing says which shape {want.told[:40]} is")
        return [f"expect.tensor({self._tensor(got)}, shape={want.code}, what={self._told(got)})"]

    def _size(self, owner: ast.expr, place: ast.expr, right: ast.expr) -> list[str]:
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
        sizes = f"expect.tensor({self._tensor(got)}, what={self._told(got)}).shape{part}"
        told = self._sentence(got, "is not of the shape that is asked for")
        return [f"expect.that({sizes} == ({self.scope.own(right).code},), {told})"]

    def _dtype(self, owner: ast.expr, right: ast.expr) -> list[str]:
        got = self.scope.read(owner)
        if not got.asked:
            return []
        if not self.scope.path(right).startswith("torch."):
            raise Untranslatable("it asks for a dtype that is not torch's")
        return [f"expect.tensor({got.code}, dtype={self.scope.own(right).code}, what={self._told(got)})"]

    def _dimensions(self, owner: ast.expr, right: ast.expr) -> list[str]:
        got = self.scope.read(owner)
        if not got.asked:
            return []
        found = f"expect.tensor({self._tensor(got)}, what={self._told(got)}).ndim"
        message = self._sentence(got, "has not as many dimensions as are asked for")
        return [f"expect.that({found} == {self.scope.own(right).code}, {message})"]

    def _length(self, owner: ast.expr, right: ast.expr) -> list[str]:
        got = self.scope.read(owner)
        if not got.asked:
            return []
        want = self.scope.own(right)
        if want.kind != "int":
            raise Untranslatable(f"nothing says that {want.told[:40]} is a number")
        return [f"expect.sequence({got.code}, length={want.code}, what={self._told(got)})"]

    def _rounded(self, about: ast.expr, right: ast.expr) -> list[str]:
        match about:
            case ast.Call(func=ast.Name(id="round"), args=[owner, *places]):
                pass
            case _:
                return []
        got = self._asked(owner)
        match places:
            case []:
                digits = 0
            case [ast.Constant(value=int() as digits)]:
                pass
            case _:
                raise Untranslatable("nothing says to how many places it is rounded")
        want = self.scope.own(right)
        if want.kind not in _NUMBERS:
            raise Untranslatable(f"nothing says that {want.told[:40]} is a number")
        margin = f"rtol=0, atol={0.5 * 10.0**-digits:.3g}"
        return [f"expect.close_number({got.code}, {want.code}, {margin}{self._reveal}, what={self._told(got)})"]

    # ------------------------------------------------------------ other comparisons

    def _identical(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> list[str]:
        match left:
            case ast.Call(func=ast.Name(id="type"), args=[owner]) if isinstance(op, ast.Is):
                return self._instance(owner, right)
        got, want = self._sides(left, right)
        if want.kind not in {"none", "bool"}:
            raise Untranslatable("what “is” what is not to be seen from outside")
        if isinstance(op, ast.Is):
            return [self._is(got, want.code)]
        return [f"expect.that({got.code} is not {want.code}, {self._sentence(got, f'must not be {want.code}')})"]

    def _different(self, left: ast.expr, right: ast.expr) -> list[str]:
        got, want = self._sides(left, right)
        told = self._sentence(got, f"must not be {want.told[:40]}")
        if want.kind in _NUMBERS:
            return [f"expect.that(expect.number({got.code}, what={self._told(got)}) != {want.code}, {told})"]
        if want.kind == "none":
            return [f"expect.that({got.code} is not None, {told})"]
        if want.kind in {"str", "bool"}:
            self.scope.needs.add("truth")
            return [f"expect.that(truth({got.code} != {want.code}, {self._told(got)}), {told})"]
        raise Untranslatable("that something differs from such a value is not translated")

    def _ordered(self, left: ast.expr, sign: str, right: ast.expr) -> list[str]:
        if sign in {"<", "<="} and (near := self._distance(left, right)):
            return near
        if sign in {">", ">="} and (near := self._distance(right, left)):
            return near
        turned = not self._is_asked(left)
        got, want = self._sides(left, right)
        if want.kind not in _NUMBERS | {"unknown"}:
            raise Untranslatable(f"nothing says that {want.told[:40]} is a number")
        sign = _TURNED[sign] if turned else sign
        told = f"must be {sign} {want.told[:40]}" if self.reveal else "is not in the range that is asked for"
        value = f"expect.number({got.code}, what={self._told(got)})"
        return [f"expect.that({value} {sign} {want.code}, {self._sentence(got, told)})"]

    def _distance(self, less: ast.expr, more: ast.expr) -> list[str]:
        """`abs(f(x) - 3) < 1e-6`."""
        match less:
            case ast.Call(func=function, args=[ast.BinOp(left=left, op=ast.Sub(), right=right)], keywords=[]) if (
                last_name(function) in {"abs", "fabs", "absolute"}
            ):
                if self._is_asked(left) or self._is_asked(right):
                    return self.near(left, right, f", rtol=0, atol={self.scope.own(more).code}")
        return []

    def _among(self, left: ast.expr, right: ast.expr) -> list[str]:
        match right:
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                kinds = {self.scope.own(each).kind for each in elts}
            case _:
                raise Untranslatable("that something is in an answer is not translated")
        got, want = self._asked(left), self.scope.own(right)
        told = self._sentence(got, "is none of the values that are allowed")
        if kinds <= {"int"}:
            return [f"expect.that(expect.number({got.code}, what={self._told(got)}) in {want.code}, {told})"]
        if kinds <= _NUMBERS:
            self.scope.needs.add("math")
            near = f"any(math.isclose(found, each, rel_tol=1e-7) for each in {want.code})"
            return [f"found = expect.number({got.code}, what={self._told(got)})", f"expect.that({near}, {told})"]
        if kinds == {"str"}:
            return [f"found = {got.code}", f"expect.that(isinstance(found, str) and found in {want.code}, {told})"]
        raise Untranslatable("that something is one of such values is not translated")

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
        tolerances = f"rtol={half}, atol=0" if with_exponent else f"rtol=0, atol={half}" if with_fraction else _LEAST
        return [self._arrays("close", self._asked(value), shown, f", {tolerances}")]

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
        return self._is_equal(self._asked(value), Read(ast.Constant(want), "str", want))

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

    def _sides(self, left: ast.expr, right: ast.expr) -> tuple[Read, Read]:
        """The student's, and the value to compare with, whichever stands first."""
        for got, want in ((left, right), (right, left)):
            if self._is_asked(got):
                return self._asked(got), self.scope.own(want)
        for side in (left, right):
            self.scope.copy().read(side)  # says why neither is
        raise Untranslatable("it asks nothing of the submission")


def by_name(name: str, call: ast.Call, asking: Asking) -> list[str]:  # noqa: PLR0911 - one branch for each function
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
        case (("assert_equal" | "assertEqual" | "eq_"), [left, right, *_]):
            return asking.holds(ast.Compare(left, [ast.Eq()], [right]))
        case "assert_array_equal", [left, right, *_]:
            return asking.holds(ast.Call(ast.Name("array_equal"), [left, right], []))
        case "assert_close", [left, right] if not given([], call.keywords):
            return asking.agrees(left, right)
        case (("assert_allclose" | "assert_close"), [left, right, *more]):
            return asking.close(left, right, margins_of(name), more, call.keywords)
        case (("assert_almost_equal" | "assertAlmostEqual" | "assert_array_almost_equal"), [_, _, *_]):
            return _nearly(name, call, asking)
    raise Untranslatable(f"such a call of {name} is not translated")


def _nearly(name: str, call: ast.Call, asking: Asking) -> list[str]:
    """Almost equal: unittest and nose round the difference, numpy takes one and a half units of the last place."""
    left, right, *more = call.args
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if "delta" in named:
        return asking.near(left, right, f", rtol=0, atol={asking.scope.own(named['delta']).code}")
    rounded = name == "assertAlmostEqual" or "places" in named or asking.scope.path(call.func).startswith("nose")
    otherwise = ast.Constant(6 if name == "assert_array_almost_equal" else 7)
    places = named.get("places", named.get("decimal", more[0] if more else otherwise))
    return asking.within_places(left, right, places, unit=0.5 if rounded else 1.5)


def _peeled(test: ast.expr) -> tuple[ast.expr, bool]:
    """A condition without what takes the truth of all its elements; whether something did."""
    match test:
        case ast.Call(func=ast.Name(id="bool"), args=[inner]):
            return _peeled(inner)
        case (
            ast.Call(func=ast.Name(id="all"), args=[inner])
            | ast.Call(
                func=ast.Attribute(value=ast.Name(id="np" | "numpy" | "torch"), attr="all" | "alltrue"), args=[inner]
            )
        ):
            return _peeled(inner)[0], True
        case ast.Call(func=ast.Attribute(value=inner, attr="all"), args=[], keywords=[]):
            return _peeled(inner)[0], True
        case ast.Call(func=ast.Attribute(value=inner, attr="item"), args=[], keywords=[]):
            return _peeled(inner)
    return test, False


def _bare(node: ast.expr) -> ast.expr:
    """Without what makes a number of a tensor with one element, which `expect` takes for a number anyway."""
    match node:
        case ast.Call(func=ast.Name(id="float"), args=[inner]):
            return inner if isinstance(inner, ast.Call | ast.Name) else node
        case ast.Call(func=ast.Attribute(value=inner, attr="item"), args=[], keywords=[]):
            return inner
    return node


def _approx(node: ast.expr) -> tuple[ast.expr, list[ast.keyword]] | None:
    match node:
        case ast.Call(func=function, args=[wanted], keywords=keywords) if last_name(function) == "approx":
            return wanted, keywords
    return None


def _braced(text: str) -> str:
    """As it stands in an f-string."""
    return text.replace("{", "{{").replace("}", "}}")


def _short(told: str) -> str:
    return told if len(told) <= 70 else f"{told[:69]}…"
