"""Functions of test libraries as the conditions that they ask for. Pure."""

import ast
from typing import Final

from grader.importing import questions
from grader.importing.asking import Asking
from grader.importing.expressions import Untranslatable

FUNCTIONS: Final = frozenset(
    {
        *("assert_equal", "assertEqual", "eq_", "assert_array_equal", "assert_almost_equal", "assertAlmostEqual"),
        *("assert_allclose", "assert_close", "assert_array_almost_equal", "assert_true", "assertTrue", "assert_false"),
        *("assertFalse", "assert_is_instance", "assertIsInstance", "assert_is_none", "assertIsNone"),
    }
)
"""By the last part of their name."""


def by_name(name: str, call: ast.Call, asking: Asking) -> list[str]:  # noqa: C901, PLR0911 - one branch for each function
    """The lines for a call of a test library's function, one of FUNCTIONS.

    Raises:
        Untranslatable: it is called in another way than they are.
    """
    match name, call.args:
        case (("assert_true" | "assertTrue"), [test, *_]):
            return questions.holds(asking, test)
        case (("assert_false" | "assertFalse"), [test, *_]):
            return questions.fails(asking, test)
        case (("assert_is_none" | "assertIsNone"), [test, *_]):
            return questions.holds(asking, ast.Compare(test, [ast.Is()], [ast.Constant(None)]))
        case (("assert_is_instance" | "assertIsInstance"), [test, kind, *_]):
            return questions.holds(asking, ast.Call(ast.Name("isinstance"), [test, kind], []))
        case "assert_equal", [left, right, *_] if asking.scope.path(call.func) == "numpy.testing.assert_equal":
            if isinstance(right, ast.Constant) and isinstance(right.value, str):
                return questions.holds(asking, ast.Compare(left, [ast.Eq()], [right]))
            return questions.called(asking, call.func, left, right, [], call.keywords)
        case (("assert_equal" | "assertEqual" | "eq_"), [left, right, *_]):
            return questions.holds(asking, ast.Compare(left, [ast.Eq()], [right]))
        case "assert_array_equal", [left, right, *_]:
            return questions.called(asking, call.func, left, right, [], call.keywords)
        case (("assert_allclose" | "assert_close"), [left, right, *more]):
            return questions.called(asking, call.func, left, right, more, call.keywords)
        case (("assert_almost_equal" | "assertAlmostEqual" | "assert_array_almost_equal"), [_, _, *_]):
            return _nearly(name, call, asking)
    raise Untranslatable(f"such a call of {name} is not translated")


def _nearly(name: str, call: ast.Call, asking: Asking) -> list[str]:
    """Almost equal: unittest and nose round the difference, numpy takes one and a half units of the last place."""
    left, right, *more = call.args
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if "delta" in named:
        return questions.near(asking, left, right, named["delta"])
    if name == "assertAlmostEqual" or "places" in named or asking.scope.path(call.func).startswith("nose"):
        return questions.within_places(asking, left, right, named.get("places", more[0] if more else ast.Constant(7)))
    return questions.called(asking, call.func, left, right, more[:1], call.keywords)
