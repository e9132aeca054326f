"""Questions to an answer. Each raises `CheckFailed` with a sentence that a beginner can act on.

`what` is how the sentence calls the answer, e.g. "first_row(x)". What was expected is not said unless `reveal`.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from operator import mul
from typing import Any, Final, Literal, NoReturn

import numpy as np
import torch
from torch import Tensor

from grader.errors import CallRaised, CheckFailed, PartialCredit
from grader.examine import answers, sentences
from grader.examine.mistakes import check_share, must, said
from grader.examine.submission import Handle
from grader.scoring import linear
from sandbox.protocol.messages import ParameterFacts

DType = torch.dtype | Literal["floating", "integer"] | None
LISTED_MOST: Final = 100_000
"""Numbers and lists that a tensor or an array may be taken apart into: each costs 30 times its memory."""
PARAMETERS_MOST: Final = 50_000_000
"""Numbers that a network may have whose parameters are drawn or set anew; torch keeps many in little memory."""


def tensor(got: Any, *, shape: Sequence[int | None] | None = None, dtype: DType = None, what: str) -> Tensor:
    """A dense tensor of `shape` (None for any size) and `dtype`."""
    must(shape is None or isinstance(shape, tuple | list), f"shape is {shape!r}; write a tuple, as in shape=(3, None)")
    must(
        dtype is None or isinstance(dtype, torch.dtype) or dtype in {"floating", "integer"},
        f'dtype is {dtype!r}; write one of torch\'s, as in dtype=torch.float32, or "floating" or "integer"',
    )
    if isinstance(got, np.ndarray):
        _fail(f"{what} returned a numpy array; return a torch tensor (torch.from_numpy makes one).")
    if not isinstance(got, Tensor):
        _wrong_kind(got, "a tensor", what, "return an ordinary dense tensor." if answers.is_odd_tensor(got) else "")
    if shape is not None and not _fits(got.shape, shape):
        text = f"{what} has shape {answers.shape(got.shape)}; the shape asked for is {answers.shape(shape)}."
        raise CheckFailed(text, shapes=(tuple(shape), tuple(got.shape)))
    _check_dtype(got, dtype, what)
    return got


def numbers(got: Any, *, what: str) -> Tensor:
    """The numbers of a tensor, a numpy array, or a list or tuple of them, where the form is free: a tensor."""
    if isinstance(got, list | tuple):
        return torch.tensor([number(each, what=f"An entry of {what}") for each in got])
    return tensor(torch.from_numpy(got) if isinstance(got, np.ndarray) else got, what=what)


def close(
    got: Any,
    want: Tensor,
    *,
    dtype: DType = None,
    rtol: float = 1e-4,
    atol: float = 1e-5,
    reveal: bool = False,
    what: str,
) -> Tensor:
    """A tensor of `want`'s shape, each element within `atol + rtol * |want|`; any floating dtype, or `dtype`."""
    _must_be_tensor("close", want)
    found = tensor(got, shape=want.shape, dtype=dtype or ("floating" if want.is_floating_point() else None), what=what)
    _check_finite(found, want, what)
    near = torch.isclose(found.double(), want.double(), rtol=rtol, atol=atol, equal_nan=True)
    if not near.all():
        _differ(found, want, ~near, reveal=reveal, what=what)
    return found


def same(got: Any, want: Tensor, *, dtype: DType = None, reveal: bool = False, what: str) -> Tensor:
    """A tensor of `want`'s shape with equal elements; any integer dtype for integers unless `dtype` says so."""
    _must_be_tensor("same", want)
    found = tensor(
        got, shape=want.shape, dtype=dtype or ("floating" if want.is_floating_point() else "integer"), what=what
    )
    _check_finite(found, want, what)
    exact = torch.float64 if want.is_floating_point() or found.is_floating_point() else torch.int64
    equal = found.to(exact) == want.to(exact)
    if not equal.all():
        _differ(found, want, ~equal, reveal=reveal, what=what)
    return found


def number(got: Any, *, low: float | None = None, high: float | None = None, what: str) -> float:
    """A finite number from `low` to `high`, both included."""
    value = _scalar(got)
    if value is None:
        _wrong_kind(got, "a number", what, _to_number(got))
    value = float(value)
    if not math.isfinite(value):
        _fail(f"{what} is {_not_finite(value)}. {_LOOK}")
    if (low is not None and value < low) or (high is not None and value > high):
        _fail(f"{what} is {answers.number(value)}; it must be {_range(low, high)}.")
    return value


def close_number(
    got: Any, want: float, *, rtol: float = 1e-4, atol: float = 1e-5, reveal: bool = False, what: str
) -> float:
    """A number within `atol + rtol * |want|` of `want`."""
    must(_scalar(want) is not None, f"expect.close_number(got, want): want is {said(want)}, and must be a number")
    value = number(got, what=what)
    if not abs(value - want) <= atol + rtol * abs(want):
        _fail(f"{what} is {answers.number(value)}, which is not right{_expected(want, reveal=reveal)}.")
    return value


def integer(got: Any, *, want: int | None = None, reveal: bool = False, what: str) -> int:
    """A whole number, equal to `want` if that is given."""
    must(want is None or _scalar(want) is not None, f"expect.integer: want is {said(want)}, and must be a whole number")
    value = number(got, what=what)
    if not value.is_integer():
        _fail(f"{what} is {answers.number(value)}; return a whole number.")
    exact = int(_scalar(got) or 0)
    if want is not None and exact != want:
        _fail(f"{what} is {_whole(exact)}, which is not right{_expected(want, reveal=reveal)}.")
    return exact


def sequence(got: Any, *, length: int | None = None, what: str) -> tuple[Any, ...]:
    """A tuple or a list, or a 1-d tensor or array taken apart."""
    flat = isinstance(got, Tensor | np.ndarray) and got.ndim == 1
    if not flat and not isinstance(got, tuple | list):
        _wrong_kind(got, "a tuple or a list", what)
    if length is not None and len(got) != length:
        _fail(f"{what} has {len(got)} item{'' if len(got) == 1 else 's'}; {length} {_are(length)} asked for.")
    return tuple(listed(got, what=what) if flat else got)


def listed(got: Tensor | np.ndarray[Any, Any], *, what: str) -> Any:
    """The numbers of a tensor or an array in lists, as its `tolist` makes them, if it is not a very large one."""
    if sum(accumulate(got.shape, mul)) > LISTED_MOST:
        _fail(
            f"{what} has shape {answers.shape(got.shape)}, which is too large to be looked at number by number:"
            f" {LISTED_MOST:,} are the most. Return only what is asked for."
        )
    return got.tolist()


def mapping(got: Any, keys: Sequence[str], what: str) -> dict[Any, Any]:
    """A dict that has at least `keys`."""
    must(not isinstance(keys, str), f'keys is {keys!r}; write a tuple, as in ("{keys}",)')
    if not isinstance(got, dict):
        _wrong_kind(got, f"a dict with {_keys(keys)}", what)
    lacking = [key for key in keys if key not in got]
    if lacking:
        _fail(f"{what} lacks {_keys(lacking)}.")
    return got


def module(got: Any, *, what: str) -> Handle:
    """An `nn.Module`."""
    if not isinstance(got, Handle) or not got.is_module:
        _wrong_kind(got, "an nn.Module", what)
    return got


def parameters(model: Handle, *, what: str) -> list[ParameterFacts]:
    """A network's parameters, of sizes that there are, not so many that drawing or setting them fills the memory."""
    found = model.facts().parameters
    if any(size < 0 for each in found for size in each.shape):
        _fail(f"{what} has a parameter whose shape has a negative size; make it with nn.Parameter.")
    count = sum(math.prod(each.shape) for each in found)
    if count > PARAMETERS_MOST:
        _fail(
            f"{what} has {count:,} parameters; a network that is judged here may have {PARAMETERS_MOST:,}. Use fewer or"
            " smaller layers."
        )
    return found


def handle(got: Any, *, what: str) -> Handle:
    """Anything that stayed in the sandbox."""
    if not isinstance(got, Handle):
        _wrong_kind(got, "a function or an object of a class", what)
    return got


def raises(kinds: str | Sequence[str], call: Callable[[], object], *, what: str) -> None:
    """`call()` raises one of the exception classes named in `kinds`, or one derived from them."""
    must(
        isinstance(kinds, str) or (isinstance(kinds, tuple | list) and all(isinstance(kind, str) for kind in kinds)),
        'expect.raises(kinds, call): kinds are names, as in "ValueError" or ("ValueError", "TypeError")',
    )
    must(callable(call), "expect.raises(kinds, call): call is a function, as in lambda: submission.first_row(x)")
    wanted = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    try:
        call()
    except CallRaised as error:
        if error.missing:
            raise
        if not {error.kind, *error.bases}.intersection(wanted):
            raised = error.kind if sentences.is_pythons(error.kind) else "another exception"
            raise CheckFailed(f"{what} raises {raised}; it must raise {' or '.join(wanted)}.") from error
        return
    _fail(f"{what} raises nothing; it must raise {' or '.join(wanted)}.")


def that(condition: object, message: str) -> None:
    """Fails with `message` unless the condition holds."""
    must(isinstance(message, str), f"expect.that(condition, message): the message is {said(message)}, and must be text")
    if not condition:
        _fail(message)


def alone(model: Handle, inputs: Tensor, together: Tensor, *, what: str) -> None:
    """Each of `inputs` [k, ...], asked of a model alone, gets the answer that it got among others.

    Args:
        model: in eval mode.
        together: [k, ...], the model's answers to a batch that had `inputs` in it.
    """
    for row, among in zip(inputs, together, strict=True):
        answer = _answer_alone(model, row[None])
        single = tensor(answer, shape=(1, *among.shape), what=f"{what} for a single input")[0].double()
        if not torch.allclose(single, among.double(), rtol=1e-3, atol=1e-3):
            far = answers.number(float((single - among.double()).abs().max()))
            _fail(
                f"{what} changes by up to {far} when the same input is asked alone and not among others. After eval()"
                " an answer depends on nothing but its input: not on the rest of the batch, and not on chance."
                " nn.BatchNorm1d and nn.Dropout, made in __init__, know about eval(); x.mean(dim=0) and F.dropout do"
                " not."
            )


def differs_alone(model: Handle, inputs: Tensor, together: Tensor, *, what: str) -> str:
    """What to say if one of `inputs`, asked alone, gets another answer than among others, or none; "" if none does.

    Args:
        model, together: as for `alone`.
    """
    try:
        alone(model, inputs, together, what=what)
    except CheckFailed as failed:
        return str(failed)
    except CallRaised as raised:
        return sentences.told(raised, whole=False).replace("\n", " ")
    return ""


def at_least(value: float, low: float, high: float, *, what: str) -> None:
    """Full points from `high`, nothing at or below `low`, linear between; less is better when low > high."""
    best, worst = answers.number(high), answers.number(low)
    line = f"from {best} on, none at {worst} or less" if low < high else f"at {best} or less, none at {worst} or more"
    award(linear(value, low, high), f"{what} is {answers.number(value)}. All points are given {line}.")


def award(fraction: float, message: str) -> None:
    """`fraction` of the points: 1 passes, 0 fails, between is partial; `message` says why not all."""
    check_share("expect.award(fraction, message)", fraction, message)
    if fraction >= 1:
        return
    if not fraction > 0:
        raise CheckFailed(message)
    raise PartialCredit(fraction, message)


# ---------------------------------------------------------------- what the suite's author gave


def _must_be_tensor(name: str, want: object) -> None:
    must(
        isinstance(want, Tensor),
        f"expect.{name}(got, want): want is {said(want)}, and must be a tensor; the student's answer comes first",
    )


# ---------------------------------------------------------------- the sentences

_LOOK = "Look for a division by zero, the logarithm of 0, or values that grow without end."


def _fail(message: str) -> NoReturn:
    raise CheckFailed(message)


def _answer_alone(model: Handle, single: Tensor) -> Any:
    """The model's answer to a batch of one, `single` [1, ...]; what it raises comes with what was asked."""
    try:
        return model(single)
    except CallRaised as error:
        error.asked = (
            f"The same network was given one input alone, of shape {answers.shape(single.shape)}, after it had answered"
            " a larger batch."
        )
        error.advice = (
            "squeeze() without a dim also drops the batch's dimension when the batch has one row. Batch norm refuses"
            " one row unless eval() has reached it: make it in __init__, and call no train() in forward."
        )
        raise


def _wrong_kind(got: Any, asked: str, what: str, advice: str = "") -> NoReturn:
    if isinstance(got, partial):  # what `submission.NAME` is before it is called; no answer is one
        name = got.args[0] if got.args else "NAME"
        raise TypeError(f"submission.{name} is not called; write submission.{name}(…)")
    if got is None:
        _fail(f"{what} returned None; is a return statement missing?")
    _fail(f"{what} returned {answers.kind(got)}; {advice or f'return {asked}.'}")


def _fits(got: Sequence[int], asked: Sequence[int | None]) -> bool:
    return len(got) == len(asked) and all(want is None or size == want for size, want in zip(got, asked, strict=True))


def _check_dtype(got: Tensor, asked: DType, what: str) -> None:
    match asked:
        case None:
            return
        case "floating":
            fits, wanted = got.is_floating_point(), "a floating dtype such as float32"
        case "integer":
            fits, wanted = not got.is_floating_point(), "an integer dtype such as int64"
        case _:
            fits, wanted = got.dtype == asked, answers.dtype(asked)
    if not fits:
        _fail(f"{what} has dtype {answers.dtype(got.dtype)}; the dtype asked for is {wanted}.")


def _check_finite(got: Tensor, want: Tensor, what: str) -> None:
    bad = ~got.isfinite() & want.isfinite()
    if bad.any():
        odd = "NaN (not a number)" if got[bad].isnan().any() else "infinity"
        _fail(f"{what} contains {odd} in {answers.count(int(bad.sum()), got.numel())}. {_LOOK}")


def _differ(got: Tensor, want: Tensor, where: Tensor, *, reveal: bool, what: str) -> NoReturn:
    whole = not (got.is_floating_point() or want.is_floating_point())
    exact = torch.int64 if whole else torch.float64
    off = (got.to(exact) - want.to(exact)).abs().double().nan_to_num(math.inf)
    far, wrong = answers.number(float(off[where].max())), int(where.sum())
    differ = f"differs by {far}" if wrong == 1 else f"differ by up to {far}"
    shown = ""
    if reveal and got.numel() <= answers.SHOWN_MOST:
        shown = f" Expected {answers.elements(want)}, got {answers.elements(got)}."
    elif reveal:
        worst = int(torch.where(where, off, -1.0).argmax())
        right, found = (answers.number(float(values.flatten()[worst])) for values in (want, got))
        shown = f" At {answers.position(worst, got.shape)}, for example, {right} is expected, not {found}."
    _fail(f"{what} has wrong values: {answers.count(wrong, got.numel())} {differ}.{shown}")


def _scalar(got: Any) -> int | float | None:
    """The number that `got` is; None if it is none. True and False count as numbers in tensors only."""
    if isinstance(got, Tensor | np.ndarray) and got.ndim == 0:
        value = got.item()
        return int(value) if isinstance(value, bool) else value
    return got if isinstance(got, int | float) and not isinstance(got, bool) else None


def _to_number(got: Any) -> str:
    if isinstance(got, Tensor | np.ndarray) and math.prod(got.shape) == 1:
        return "return a number (.item() takes it out of a tensor with one element)."
    return "the number asked for is much smaller." if answers.is_large(got) else ""


def _not_finite(value: float) -> str:
    return "NaN (not a number)" if math.isnan(value) else "infinite"


def _range(low: float | None, high: float | None) -> str:
    if high is None:
        return f"at least {low:g}"
    return f"at most {high:g}" if low is None else f"between {low:g} and {high:g}"


def _expected(want: float, *, reveal: bool) -> str:
    return f"; {want:.6g} is expected" if reveal else ""


def _whole(value: int) -> str:
    return str(value) if abs(value) < 10**15 else f"{float(value):.4g}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _keys(keys: Sequence[str]) -> str:
    return ("the key " if len(keys) == 1 else "the keys ") + ", ".join(f"“{key}”" for key in keys)
