from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.data import Dataset, default_collate


class Item(NamedTuple):
    label: int
    image: Tensor
    target: Tensor


@dataclass
class DigitCSV(Dataset):
    path: str
    transform: Callable[[Tensor], Tensor] | None = None
    size: int = field(init=False)

    def __post_init__(self) -> None:
        with open(self.path) as file:
            self.size = sum(1 for _ in file)

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> Item:
        if not 0 <= index < self.size:
            raise IndexError(index)
        label, pixels = linecache.getline(self.path, index + 1).split(",", 1)
        image = torch.tensor([int(p) for p in pixels.split(",")], dtype=torch.float) * (1 / 255)
        if self.transform:
            image = self.transform(image)
        return Item(int(label), image, (torch.arange(10) == int(label)).float())


@dataclass(frozen=True)
class AddMult:
    add: float
    mul: float

    def __call__(self, pair: tuple[Any, Any]) -> tuple[Any, Any]:
        x, y = pair
        return x + self.add, y * self.mul


def add_mult(add: float, mul: float) -> AddMult:
    return AddMult(add, mul)


@dataclass(frozen=True)
class Composed:
    transforms: tuple[Callable, ...]

    def __call__(self, pair):
        head, *rest = self.transforms
        return Composed(tuple(rest))(head(pair)) if rest else head(pair)


def compose(*transforms: Callable) -> Composed:
    return Composed(transforms)


@dataclass
class Batches:
    dataset: Dataset
    batch_size: int
    seed: int

    def __len__(self) -> int:
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self) -> Iterator[list[Tensor]]:
        generator = torch.Generator().manual_seed(self.seed)
        order = torch.rand(len(self.dataset), generator=generator).argsort().tolist()
        for start in range(0, len(order), self.batch_size):
            yield default_collate([self.dataset[i] for i in order[start : start + self.batch_size]])


batches = Batches


@dataclass
class Part(Dataset):
    whole: Dataset
    indices: Sequence[int]

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int):
        return self.whole[self.indices[index]]


def split(dataset: Dataset, fraction: float, seed: int) -> tuple[Part, Part]:
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(seed)).tolist()
    first = round(len(dataset) * fraction)
    return Part(dataset, order[:first]), Part(dataset, order[first:])


class Stats(NamedTuple):
    mean: Tensor
    std: Tensor


def channel_stats(images: Tensor) -> Stats:
    dims = (0, 2, 3)
    mean = images.mean(dims, keepdim=True)
    return Stats(mean.flatten(), (images - mean).square().mean(dims).sqrt())
