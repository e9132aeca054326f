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
        # BEGIN SOLUTION
        rows = np.loadtxt(path, delimiter=",", dtype=np.uint8, ndmin=2)  # [n, 785]; one line is a matrix, too
        self.labels = rows[:, 0].tolist()  # n ints
        self.pixels = torch.from_numpy(rows[:, 1:])  # uint8 [n, 784]: a quarter of the memory of float32
        self.transform = transform
        # END SOLUTION

    def __len__(self) -> int:
        """How many items there are: one for each line."""
        # BEGIN SOLUTION
        return len(self.labels)
        # END SOLUTION

    def __getitem__(self, index: int) -> tuple[int, Tensor, Tensor]:
        """Item number `index`: (label, image, target)."""
        # BEGIN SOLUTION
        label = self.labels[index]
        image = self.pixels[index].float() / 255  # [784]; first to float: uint8 has no fractions
        if self.transform:
            image = self.transform(image)
        target = torch.zeros(10)
        target[label] = 1.0
        return label, image, target
        # END SOLUTION


# ---------------------------------------------------------------- transforms of pairs

Pair = tuple[Any, Any]
Transform = Callable[[Pair], Pair]


def add_mult(add: float, mul: float) -> Transform:
    """Two numbers -> a transform: a function of one pair, (x, y) -> (x + add, y * mul)."""

    # BEGIN SOLUTION
    def transform(pair: Pair) -> Pair:
        x, y = pair
        return x + add, y * mul  # add and mul stay known to this function after add_mult has returned

    return transform
    # END SOLUTION


def compose(*transforms: Transform) -> Transform:
    """Transforms of pairs -> one transform that applies them all, the first one first."""

    # BEGIN SOLUTION
    def transform(pair: Pair) -> Pair:
        for each in transforms:
            pair = each(pair)  # what one returns is what the next one gets
        return pair

    return transform
    # END SOLUTION


# ---------------------------------------------------------------- batches and parts


def batches(dataset: Dataset, batch_size: int, seed: int) -> Iterable[list[Tensor]]:
    """A dataset, int, int -> an iterable of collated batches: every item once, shuffled, the same for the same seed."""
    # BEGIN SOLUTION
    # A generator of its own: torch's global one, which others draw from, neither matters nor moves.
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size, shuffle=True, generator=generator)  # keeps the smaller last batch
    # END SOLUTION


def split(dataset: Dataset, fraction: float, seed: int) -> tuple[Dataset, Dataset]:
    """A dataset, float in 0..1, int -> (first, second): two datasets without a common item, drawn at random.

    first has `fraction` of the items, second the others.
    """
    # BEGIN SOLUTION
    # A dataset knows one item at a time; batching, shuffling and splitting are done with indices, and touch no item.
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(dataset), generator=generator).tolist()  # each index once, in random order
    first = round(fraction * len(dataset))
    return Subset(dataset, order[:first]), Subset(dataset, order[first:])  # cut once, nothing is lost or doubled
    # END SOLUTION


# ---------------------------------------------------------------- statistics


def channel_stats(images: Tensor) -> tuple[Tensor, Tensor]:
    """float32 [n, c, h, w] -> (mean [c], std [c]) of each channel, over all images and pixels; population std."""
    # BEGIN SOLUTION
    pixels = images.transpose(0, 1).flatten(1)  # [n, c, h, w] -> [c, n, h, w] -> [c, n*h*w]
    return pixels.mean(dim=1), pixels.std(dim=1, correction=0)  # correction 0 divides by n*h*w: population
    # END SOLUTION
