"""What a test says of how close two values must be."""

import ast
from collections.abc import Sequence
from typing import Final

from grader.importing.expressions import Untranslatable

_CALLED: Final = {
    "rtol": "rtol",
    "rel_tol": "rtol",
    "rel": "rtol",
    "decimal": "decimal",
    "atol": "atol",
    "abs_tol": "atol",
    "abs": "atol",
}
IDLE: Final = frozenset({"msg", "err_msg", "verbose"})
"""Arguments of a test's that ask nothing."""


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
        elif keyword.arg not in IDLE:
            raise Untranslatable(f"the comparison has {keyword.arg}")
    return found
