"""How a check asks: which side is the student's, how it is compared with a value, and what messages say. Pure."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from grader.importing.expressions import Read, Scope, Untranslatable

NUMBERS: Final = frozenset({"int", "float", "number"})
"""Kinds of values that are numbers."""
TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""A sign -> what it is where the sides change places."""
_LISTS: Final = frozenset({"list", "tuple", "array"})
_COMPARED: Final = NUMBERS | _LISTS | {"none", "bool", "str", "dict", "tensor"}
"""Kinds of values that an answer may be beside."""


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

    def loop(self, target: ast.expr, source: ast.expr, read: Read, body: Callable[[], list[str]]) -> list[str]:
        """The lines that ask the same for each of what `source` has, which is `read`; messages tell for which."""
        names = self.scope.loop_target(target, source)
        self.scope.looped |= {name for name in names.split(", ") if self._is_short(name)}
        return [f"for {names} in {ast.unparse(read.node)}:", *(f"    {line}" for line in body())]

    def _is_short(self, name: str) -> bool:
        found = self.scope.local.get(name)
        return isinstance(found, Read) and found.kind in NUMBERS | {"str", "bool"}

    def sides(self, left: ast.expr, right: ast.expr) -> tuple[Read, Read]:
        """The student's, and the value to compare with, whichever stands first."""
        for got, want in ((left, right), (right, left)):
            if self.is_asked(got):
                return self.asked(got), self.scope.own(want)
        for side in (left, right):
            self.scope.copy().read(side)  # says why neither is
        raise Untranslatable("it asks nothing of the submission")

    def asked(self, node: ast.expr) -> Read:
        """What the student's code gives."""
        found = self.scope.read(_bare(node))
        if not found.asked:
            raise Untranslatable("it asks nothing of the submission")
        return Read(found.node, found.kind, _short(found.told))

    def is_asked(self, node: ast.expr) -> bool:
        """Whether the student's code gives it."""
        try:
            return self.scope.copy().read(_bare(node)).asked
        except Untranslatable:
            return False

    def value(self, left: ast.expr, right: ast.expr) -> Read:
        """What an answer is compared with; nothing is asked for it yet."""
        return self.within(self.scope.copy()).sides(left, right)[1]

    def kind(self, left: ast.expr, right: ast.expr) -> str:
        """Of what kind the value is that an answer is compared with."""
        return self.value(left, right).kind

    def asks(self, left: ast.expr, right: ast.expr, test: str, told: str = "") -> list[str]:
        """The lines that ask whether a test holds as Python, numpy and torch take it.

        Args:
            test: with {} for both sides.
            told: what a sentence says where it does not.
        """
        got, want = self.sides(left, right)
        first = self.is_asked(left)
        answer = "float(answer)" if _is_float(left if first else right) else "answer"
        text = test.format(*((answer, "value") if first else ("value", answer)))
        match text.split(" "):
            case ["answer", sign, "value"]:
                by = f'"{sign}"'
            case ["value", sign, "answer"]:
                by = f'"{TURNED.get(sign, sign)}"'
            case _:
                function = text.removesuffix("(answer, value)")
                by = function if function.replace(".", "").isidentifier() else f"lambda answer, value: {text}"
        return [self.agree(got, by, want, told)]

    def agree(self, got: Read, by: str, want: Read, told: str = "") -> str:
        """The line that compares an answer and a value by a sign, or by a function that the suite can write."""
        if want.kind not in _COMPARED:
            raise Untranslatable(f"nothing says of what kind {want.told[:40]} is")
        if not by.startswith('"') and any(
            isinstance(node, ast.Constant) and isinstance(node.value, str) for node in ast.walk(want.node)
        ):
            raise Untranslatable("it compares arrays of text")
        self.scope.needs.add("agree")
        sentence = f", told={self.sentence(got, told)}" if told else ""
        return f"agree({got.code}, {by}, {want.code}{self.reveals}, what={self.told(got)}{sentence})"

    def is_same(self, got: Read, want: str) -> str:
        """The line that asks whether an answer is a value itself, as None."""
        told = f"must be {want}" if self.reveal else "is not right"
        return f"expect.that({got.code} is {want}, {self.sentence(got, told)})"

    def is_true_as(self, got: Read, want: Read) -> str:
        """The line that asks whether an answer equals True or False."""
        compared = Read(ast.Compare(got.node, [ast.Eq()], [want.node]), got.kind, got.told)
        return self.truth(compared, want=want.code)

    def truth(self, got: Read, negated: str = "", *, want: str = "") -> str:
        """The line that asks whether an answer is true as `if` takes it; where it is compared, with what."""
        self.scope.needs.add("truth")
        told = f"must be {want or ('false' if negated else 'true')}"
        return f"expect.that({negated}truth({ast.unparse(got.node)}, {self.told(got)}), {self.sentence(got, told)})"

    @property
    def reveals(self) -> str:
        """The argument by which a message tells the right value."""
        return ", reveal=True" if self.reveal else ""

    def told(self, got: Read, more: str = "") -> str:
        """What is asked, and more, as a literal; in a loop, with the values of its names."""
        names = sorted(name for name in self.scope.looped if re.search(rf"\b{re.escape(name)}\b", got.told))
        if not names:
            return repr(f"{got.told}{more}")
        values = ", ".join(f"{name} = {{{name}!r}}" for name in names)
        return f"f{f'{braced(got.told)} for {values}{braced(more)}'!r}"

    def sentence(self, got: Read, told: str) -> str:
        """What is asked, and what is said of it, as a literal."""
        return self.told(got, f" {told}.")


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


def braced(text: str) -> str:
    """As it stands in an f-string."""
    return text.replace("{", "{{").replace("}", "}}")


def _short(told: str) -> str:
    return told if len(told) <= 70 else f"{told[:69]}…"
