"""What a doctest, or a cell with its output, shows and prints. Pure."""

import ast
import re

from grader.importing.about import about
from grader.importing.asking import Asking
from grader.importing.expressions import Read, Untranslatable
from grader.importing.questions import fails, holds


def shows(asking: Asking, value: ast.expr, want: str) -> list[str]:
    """The lines that ask whether an expression shows a text, as the interpreter shows it."""
    try:
        wanted = ast.parse(want, mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise Untranslatable("what it is to show is no value") from error
    match wanted:
        case ast.Constant(value=True):
            if not asking.is_asked(value):
                return holds(asking, value)
        case ast.Constant(value=False):
            if not asking.is_asked(value):
                return fails(asking, value)
    scope = asking.scope.copy()
    scope.modules |= {"tensor": "torch.tensor", "array": "numpy.array", "np": "numpy", "torch": "torch"}
    shown = scope.own(wanted)
    asking.scope.needs |= scope.needs
    if shown.kind in {"tensor", "array"}:  # shown with few digits
        return _near_shown(asking, value, shown, want)
    if special := _about_shown(asking, value, wanted):
        return special
    return _is_equal(asking, asking.asked(value), shown)


def _near_shown(asking: Asking, value: ast.expr, shown: Read, want: str) -> list[str]:
    """As near as the digits tell that torch and numpy show."""
    half = "5e-5" if shown.kind == "tensor" else "5e-9"
    with_exponent = "e-" in want or "e+" in want
    with_fraction = re.search(r"\.\d", want) is not None
    exactly = "rtol=1e-7, atol=0"  # as near as single precision tells
    margins = f"rtol={half}, atol=0" if with_exponent else f"rtol=0, atol={half}" if with_fraction else exactly
    got = asking.asked(value)
    asking.scope.needs |= {"torch"}
    asked, made = got.code, shown.code
    if shown.kind == "array":
        asked = f"expect.numbers({got.code}, what={asking.told(got)}).double()"
        made = f"torch.as_tensor({ast.unparse(shown.node)}, dtype=torch.float64)"
    return [f"expect.close({asked}, {made}, {margins}{asking.reveals}, what={asking.told(got)})"]


def _about_shown(asking: Asking, value: ast.expr, wanted: ast.expr) -> list[str]:
    scope = asking.scope.copy()
    scope.modules |= {"torch": "torch"}
    return about(asking.within(scope), value, wanted)


def prints(asking: Asking, value: ast.expr, want: str) -> list[str]:
    """The lines that ask whether printing a value gives a text."""
    try:
        found = ast.literal_eval(want)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        found = None
    if isinstance(found, int | float | list | tuple | dict):
        return shows(asking, value, want)
    if want.startswith(("{", "<")) or re.search(r"\b(?:np\.|grad_fn|requires_grad)", want):
        raise Untranslatable("what it prints is not seen from outside of the sandbox")
    got = asking.asked(value)
    asking.scope.needs.add("printed")
    shown = ast.Call(ast.Name("printed"), [got.node, ast.Constant(got.told)], [])
    return _is_equal(asking, Read(shown, got.kind, got.told), Read(ast.Constant(want), "str", want))


def _is_equal(asking: Asking, got: Read, want: Read) -> list[str]:
    """Whether an answer equals a value that a text shows."""
    if want.kind == "none":
        return [asking.is_same(got, want.code)]
    if want.kind == "bool":
        return [asking.is_true_as(got, want)]
    return [asking.agree(got, '"=="', want)]
