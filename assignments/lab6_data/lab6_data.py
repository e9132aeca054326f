"""Lab 6: data, from a file to the batches of a training.

Replace each `raise NotImplementedError` with your code. README.md explains every function.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Subset

# ---------------------------------------------------------------- a dataset from a file


class DigitCSV(Dataset):
    """The lines of a CSV file: label, then 784 pixels of 0..255; no header.

    Item: (label: int, image: float32 [784] in 0..1, target: float32 [10], one-hot).
    """

    def __init__(self, path: str, transform: Callable[[Tensor], Tensor] | None = None) -> None:
        """path: str, of the file; transform: None, or a function that is applied to the image of each item."""
        # YOUR CODE HERE
        raise NotImplementedError("DigitCSV.__init__ is not written yet.")

    def __len__(self) -> int:
        """How many items there are: one for each line."""
        # YOUR CODE HERE
        raise NotImplementedError("DigitCSV.__len__ is not written yet.")

    def __getitem__(self, index: int) -> tuple[int, Tensor, Tensor]:
        """Item number `index`: (label, image, target)."""
        # YOUR CODE HERE
        raise NotImplementedError("DigitCSV.__getitem__ is not written yet.")


# ---------------------------------------------------------------- transforms of pairs

Pair = tuple[Any, Any]
Transform = Callable[[Pair], Pair]


def add_mult(add: float, mul: float) -> Transform:
    """Two numbers -> a transform: a function of one pair, (x, y) -> (x + add, y * mul)."""

    # YOUR CODE HERE
    raise NotImplementedError("add_mult is not written yet.")


def compose(*transforms: Transform) -> Transform:
    """Transforms of pairs -> one transform that applies them all, the first one first."""

    # YOUR CODE HERE
    raise NotImplementedError("compose is not written yet.")


# ---------------------------------------------------------------- batches and parts


def batches(dataset: Dataset, batch_size: int, seed: int) -> Iterable[list[Tensor]]:
    """A dataset, int, int -> an iterable of collated batches: every item once, shuffled, the same for the same seed."""
    # YOUR CODE HERE
    raise NotImplementedError("batches is not written yet.")


def split(dataset: Dataset, fraction: float, seed: int) -> tuple[Dataset, Dataset]:
    """A dataset, float in 0..1, int -> (first, second): two datasets without a common item, drawn at random.

    first has `fraction` of the items, second the others.
    """
    # YOUR CODE HERE
    raise NotImplementedError("split is not written yet.")


# ---------------------------------------------------------------- statistics


def channel_stats(images: Tensor) -> tuple[Tensor, Tensor]:
    """float32 [n, c, h, w] -> (mean [c], std [c]) of each channel, over all images and pixels; population std."""
    # YOUR CODE HERE
    raise NotImplementedError("channel_stats is not written yet.")
