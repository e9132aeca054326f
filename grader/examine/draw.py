"""Inputs that differ from submission to submission and never for the same one."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor

Option = TypeVar("Option")


class Draw:
    """Random inputs, decided by a key and by who asks.

    The check that runs, or the fixture that is being made, has a stream of its own, so that it gets the same values
    whichever checks ran before it.

    Attributes:
        generator: the stream of the check or fixture at work.
    """

    def __init__(self, *key: str) -> None:
        self._key = key
        self.generator = self._stream("")

    @contextmanager
    def within(self, asker: str) -> Iterator[None]:
        """Draw from the beginning of `asker`'s own stream inside the block."""
        before, self.generator = self.generator, self._stream(asker)
        try:
            yield
        finally:
            self.generator = before

    def _stream(self, asker: str) -> torch.Generator:
        digest = hashlib.sha256("\0".join((*self._key, asker)).encode()).digest()
        return torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)

    def integer(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        if low > high:
            raise ValueError(
                f"draw.integer({low}, {high}): the first number is the lowest, so they are the wrong way round"
            )
        return int(torch.randint(low, high + 1, (), generator=self.generator))

    def number(self, low: float, high: float) -> float:
        """A number between `low` and `high`."""
        return low + (high - low) * float(torch.rand((), generator=self.generator, dtype=torch.float64))

    def choice(self, options: Sequence[Option]) -> Option:
        """One of `options`."""
        if not options:
            raise ValueError("draw.choice has nothing to choose from")
        return options[self.integer(0, len(options) - 1)]

    def sizes(self, count: int, low: int, high: int) -> tuple[int, ...]:
        """`count` different whole numbers from `low` to `high`, both included."""
        if count > high - low + 1:
            raise ValueError(f"there are no {count} different sizes from {low} to {high}")
        return tuple(low + index for index in self.permutation(high - low + 1)[:count].tolist())

    def normal(self, *shape: int) -> Tensor:
        """float32 of `shape`, standard normal."""
        return torch.randn(*shape, generator=self.generator)

    def stratified_normal(self, n: int) -> Tensor:
        """float32 [n], standard normal, one from each of `n` equally likely slices, in random order.

        Drawn freely, the few outermost points may decide more about a fit than the code that is judged does.
        """
        shares = (torch.arange(n) + self.uniform(n)).double() / n
        points: Tensor = torch.special.ndtri(shares.clamp(1e-4, 1 - 1e-4))
        return points[self.permutation(n)].float()

    def uniform(self, *shape: int) -> Tensor:
        """float32 of `shape`, uniform in [0, 1)."""
        return torch.rand(*shape, generator=self.generator)

    def integers(self, *shape: int, low: int, high: int) -> Tensor:
        """int64 of `shape`, from `low` up to but not including `high`."""
        return torch.randint(low, high, shape, generator=self.generator)

    def permutation(self, n: int) -> Tensor:
        """int64 [n]: 0..n-1 in some order."""
        return torch.randperm(n, generator=self.generator)

    def seed(self) -> int:
        """A number for a student's `seed` parameter, below 2**31."""
        return self.integer(0, 2**31 - 1)
