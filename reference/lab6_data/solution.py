"""Lab 6, solved: from a file to the batches of a training.

A dataset knows one item at a time; batching, shuffling and splitting are done with indices, and touch no item.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Subset

# ---------------------------------------------------------------- a dataset from a file


class DigitCSV(Dataset):
    """Images of digits with their labels, from a file with a line for each: label, then 784 pixels."""

    def __init__(self, path: str, transform: Callable[[Tensor], Tensor] | None = None) -> None:
        rows = np.loadtxt(path, delimiter=",", dtype=np.uint8, ndmin=2)  # [n, 785]; one line is a matrix, too
        self.labels = rows[:, 0].tolist()  # n ints
        self.pixels = torch.from_numpy(rows[:, 1:])  # uint8 [n, 784]: a quarter of the memory of float32
        self.transform = transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[int, Tensor, Tensor]:
        label = self.labels[index]
        image = self.pixels[index].float() / 255  # [784]; first to float: uint8 has no fractions
        if self.transform:
            image = self.transform(image)
        target = torch.zeros(10)
        target[label] = 1.0
        return label, image, target


# ---------------------------------------------------------------- transforms of pairs

Pair = tuple[Any, Any]
Transform = Callable[[Pair], Pair]


def add_mult(add: float, mul: float) -> Transform:
    def transform(pair: Pair) -> Pair:
        x, y = pair
        return x + add, y * mul  # add and mul stay known to this function after add_mult has returned

    return transform


def compose(*transforms: Transform) -> Transform:
    def transform(pair: Pair) -> Pair:
        for each in transforms:
            pair = each(pair)  # what one returns is what the next one gets
        return pair

    return transform


# ---------------------------------------------------------------- batches and parts


def batches(dataset: Dataset, batch_size: int, seed: int) -> Iterable[list[Tensor]]:
    # A generator of its own: torch's global one, which others draw from, neither matters nor moves.
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size, shuffle=True, generator=generator)  # keeps the smaller last batch


def split(dataset: Dataset, fraction: float, seed: int) -> tuple[Subset, Subset]:
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(dataset), generator=generator).tolist()  # each index once, in random order
    first = round(fraction * len(dataset))
    return Subset(dataset, order[:first]), Subset(dataset, order[first:])  # cut once, nothing is lost or doubled


# ---------------------------------------------------------------- statistics


def channel_stats(images: Tensor) -> tuple[Tensor, Tensor]:
    pixels = images.transpose(0, 1).flatten(1)  # [n, c, h, w] -> [c, n, h, w] -> [c, n*h*w]
    return pixels.mean(dim=1), pixels.std(dim=1, correction=0)  # correction 0 divides by n*h*w: population
