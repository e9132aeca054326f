"""Answers made false: another value of the same type, shape and dtype. Pure."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from grader.errors import CallRaised

MEMBERS_MOST: Final = 16
"""A list, tuple or dict of more members is one part."""
NUMBERS_MOST: Final = 16_000
"""In a larger tensor some number or other resembles any."""


class Degree(StrEnum):
    """How far from the truth."""

    NEAR = "near"
    """A few per cent off; one element of a tensor of whole numbers."""
    FAR = "far"
    """Unmistakably wrong, in every element; shares of 1 stay in 0..1."""


class Falsifier:
    """Hands answers on, and makes false what comes after the first `spared` parts of them.

    A part is a number, a string or a tensor; small lists, tuples and dicts are taken apart. Handles and None are no
    parts. An exception that the reference raises as it should is one: falsified, nothing is raised.

    Attributes:
        parts: how many parts were met.
        truth: the numbers of each part that was falsified, float64 [n].
        told: the numbers of each part as it was handed on, float64 [n].
    """

    def __init__(self, spared: int, degree: Degree) -> None:
        self._spared = spared
        self._degree = degree
        self._generator = torch.Generator().manual_seed(spared)
        self.parts = 0
        self.truth: list[Tensor] = []
        self.told: list[Tensor] = []

    def __call__(self, answer: Any) -> Any:
        """The answer as it is handed on."""
        match answer:
            case dict() if len(answer) <= MEMBERS_MOST:
                return {key: self(value) for key, value in answer.items()}
            case list() | tuple() if len(answer) <= MEMBERS_MOST:
                return type(answer)(self(value) for value in answer)
            case bool() | int() | float() | str() | Tensor() | np.ndarray() | list() | tuple() | dict() | CallRaised():
                return self._part(answer)
        return answer

    def _part(self, value: Any) -> Any:
        self.parts += 1
        if self.parts <= self._spared:
            self.told.append(numbers(value))
            return value.clone() if isinstance(value, Tensor) else value
        told = self._false(value)
        self.truth.append(numbers(value))
        self.told.append(numbers(told))
        return told

    def _false(self, value: Any) -> Any:  # noqa: PLR0911 - one branch for each kind of value
        match value:
            case CallRaised():
                return None
            case str():
                return f"not {value}"
            case bool():
                return not value
            case int():
                return int(self._tensor(torch.tensor(value)))
            case float():
                return float(self._tensor(torch.tensor(value, dtype=torch.float64)))
            case np.ndarray():
                return self._tensor(torch.from_numpy(value.copy())).numpy()
            case Tensor():
                return self._tensor(value.detach()).requires_grad_(value.requires_grad)
            case dict():
                return {key: self._false(item) for key, item in value.items()}
            case list() | tuple():
                return type(value)(self._false(item) for item in value)
        return value

    def _tensor(self, true: Tensor) -> Tensor:
        if true.numel() == 0:
            return true.clone()
        if true.is_floating_point():
            return self._floating(true.double()).to(true.dtype)
        off = torch.ones(true.shape, dtype=torch.int64)
        if self._degree is Degree.NEAR:
            off = (torch.arange(true.numel()) == self._drawn(true.numel())).reshape(true.shape).long()
        elif not _is_binary(true):
            off += torch.randint(0, 5, true.shape, generator=self._generator)
        whole = true.long()
        return (whole ^ off if _is_binary(true) else whole + off).to(true.dtype)

    def _floating(self, true: Tensor) -> Tensor:
        """float64 -> float64."""
        by = 0.5 + torch.rand(true.shape, generator=self._generator, dtype=torch.float64)
        if self._degree is Degree.NEAR:
            return torch.where(true == 0, 0.03 * by, true * (1 - 0.03 * by))
        if bool(((true >= 0) & (true <= 1)).all()):
            return (true + 0.2 + 0.3 * by) % 1
        return true * (1 + by) + by

    def _drawn(self, n: int) -> int:
        return int(torch.randint(0, n, (), generator=self._generator))


def _is_binary(true: Tensor) -> bool:
    return true.dtype == torch.bool or bool(((true == 0) | (true == 1)).all())


def numbers(value: Any) -> Tensor:
    """The numbers in a value, those of large tensors left out, float64 [n]."""
    found = _numbers(value)
    return torch.cat(found) if found else torch.empty(0, dtype=torch.float64)


def _numbers(value: Any) -> list[Tensor]:
    match value:
        case int() | float() if not isinstance(value, bool):
            return [torch.tensor([value], dtype=torch.float64)]
        case Tensor() if value.numel() <= NUMBERS_MOST:
            return [value.detach().double().flatten()]
        case np.ndarray() if value.size <= NUMBERS_MOST:
            return [torch.from_numpy(value.astype(np.float64)).flatten()]
        case list() | tuple():
            return [found for item in value for found in _numbers(item)]
        case dict():
            return [found for item in value.values() for found in _numbers(item)]
    return []


def parts(answers: Sequence[Any]) -> int:
    """How many parts the answers have together."""
    count = Falsifier(len(answers) * MEMBERS_MOST**2, Degree.NEAR)
    for answer in answers:
        count(answer)
    return count.parts
