"""How close two values must be that a test calls close: what it says, and what its library takes where it does not."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from grader.importing.expressions import Untranslatable

_CALLED: Final = {
    "rtol": "rtol",
    "rel_tol": "rtol",
    "rel": "rtol",
    "atol": "atol",
    "abs_tol": "atol",
    "abs": "atol",
}
_IDLE: Final = frozenset({"msg", "err_msg", "verbose"})
"""Arguments of a test's that ask nothing."""


@dataclass(frozen=True, slots=True)
class Margins:
    """How far a value may lie from another, as Python.

    Attributes:
        rtol: times the other.
        larger: the larger of both holds, not their sum.
        alone: an absolute margin that is given leaves no relative one.
    """

    rtol: str
    atol: str
    larger: bool = False
    alone: bool = False

    def replaced(self, own: Mapping[str, str]) -> "Margins":
        """With what a test says; where that is no more than one, their sum is as good as the larger."""
        rtol = own.get("rtol", "0" if self.alone and "atol" in own else self.rtol)
        larger = self.larger and "atol" in own and rtol != "0"
        return replace(self, rtol=rtol, atol=own.get("atol", self.atol), larger=larger)


_MATHS: Final = Margins("1e-9", "0", larger=True)
_OTHERS: Final[Mapping[str, Margins]] = {
    "isclose": Margins("1e-5", "1e-8"),
    "allclose": Margins("1e-5", "1e-8"),
    "approx": Margins("1e-6", "1e-12", larger=True, alone=True),
    "assert_allclose": Margins("1e-7", "0"),
    "assert_close": Margins("1e-7", "1e-7"),
}
"""numpy's, torch's and pytest's, by the last part of their name."""


def margins_of(name: str, path: str = "") -> Margins:
    """What a function takes where a test says nothing.

    Args:
        path: where it is from, as far as that is known.
    """
    return _MATHS if path.startswith("math.") else _OTHERS[name]


def given(more: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> dict[str, ast.expr]:
    """What a test says of them, as `rtol` and `atol`.

    Args:
        more: what stands behind both values.

    Raises:
        Untranslatable: it says more.
    """
    found = dict(zip(("rtol", "atol"), more, strict=False))
    for keyword in keywords:
        if keyword.arg in _CALLED:
            found[_CALLED[keyword.arg]] = keyword.value
        elif keyword.arg not in _IDLE:
            raise Untranslatable(f"the comparison has {keyword.arg}")
    return found
