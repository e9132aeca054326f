"""What an answer is, in words for a beginner. Pure; nothing here prints a value of a large answer."""

import builtins
import types
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from grader.examine.submission import Handle

SHOWN_MOST: Final = 12
"""Elements of a tensor that a sentence may show."""
_LIBRARIES: Final = (builtins, types, np, torch, torch.nn, torch.optim, torch.utils.data)
_VIEWS: Final[tuple[type, ...]] = (type({}.keys()), type({}.values()), type({}.items()))
_KNOWN: Final = frozenset(
    found.__name__
    for found in (*_VIEWS, *(each for library in _LIBRARIES for each in vars(library).values()))
    if isinstance(found, type)
)
"""Class names that a sentence may repeat. Others are the student's own text, and may hold what a hidden check asked."""


def kind(got: object) -> str:
    """`got` with its article: "a float", "a list of 3 items", "a float32 tensor of shape (3, 4)"."""
    if isinstance(got, Tensor | np.ndarray):
        sort = f"{dtype(got.dtype)} tensor" if isinstance(got, Tensor) else "numpy array"
        return f"{_with_article(sort)} of shape {shape(got.shape)}"
    if isinstance(got, list | tuple):
        return f"a {type(got).__name__} of {len(got)} item{'' if len(got) == 1 else 's'}"
    if isinstance(got, Handle):
        return _handle(got)
    if got is None or isinstance(got, bool):
        return str(got)
    names: dict[type, str] = {int: "an integer", str: "a string", bytes: "a bytes object"}
    return names.get(type(got)) or _with_article(type(got).__name__)


def _with_article(name: str) -> str:
    """`name` after "a" or "an"; a "u" begins "uint8" and "ufunc"."""
    return f"{'an' if name[:1].lower() in set('aeio') else 'a'} {name}"


def _handle(got: Handle) -> str:
    if is_odd_tensor(got):
        return "a sparse, complex, quantised, nested or meta tensor, or one too large to look at"
    if is_large(got):
        return "an integer of more than 64 bits"
    if got.is_module:
        return f"an nn.Module ({got.kind})" if got.kind in _KNOWN else "an nn.Module of your own"
    if got.kind not in _KNOWN:
        return "an object of a class of your own"
    return f"{_with_article(got.kind)} object"


def is_odd_tensor(got: object) -> bool:
    """Whether `got` is a tensor of a sort that does not leave the sandbox."""
    return isinstance(got, Handle) and got.wire.kind in {"Tensor", "Parameter", "FakeTensor"}


def is_large(got: object) -> bool:
    """Whether `got` is an integer too large to leave the sandbox."""
    return isinstance(got, Handle) and got.wire.kind == "int"


def shape(sizes: Sequence[int | None]) -> str:
    """`sizes` as Python writes a shape; None is any size."""
    text = ", ".join("any" if size is None else str(size) for size in sizes)
    return f"({text},)" if len(sizes) == 1 else f"({text})"


def dtype(found: torch.dtype) -> str:
    """A dtype without its "torch."."""
    return str(found).removeprefix("torch.")


def count(some: int, total: int) -> str:
    """`some` of `total` elements: "3 of 12 elements", "all 12 elements", "its only element"."""
    if total == 1:
        return "its only element"
    return f"all {total} elements" if some == total else f"{some} of {total} elements"


def number(value: float) -> str:
    """A number with four digits that count."""
    return f"{value:.4g}"


def elements(tensor: Tensor) -> str:
    """A small tensor's elements, nested like its dimensions."""
    return str(_rounded(tensor.tolist()))


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def position(flat: int, sizes: Sequence[int]) -> str:
    """The index of element number `flat` in a tensor of `sizes`: "[1, 2]"."""
    return str([int(index) for index in np.unravel_index(flat, tuple(sizes))])
