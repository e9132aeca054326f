from __future__ import annotations

import array
from dataclasses import dataclass
from typing import Callable, Iterator, NamedTuple, Sequence

import torch
from torch import Tensor
from torch.utils.data import BatchSampler, Dataset, RandomSampler, Subset, default_collate


class Item(NamedTuple):
    label: int
    image: Tensor
    target: Tensor


class DigitCSV(Dataset[Item]):
    SIZE = 785

    def __init__(self, path: str, transform: Callable[[Tensor], Tensor] | None = None):
        self.transform = transform
        self.bytes = array.array("B")
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                self.bytes.extend(int(float(v)) for v in line.split(","))

    def __len__(self) -> int:
        return len(self.bytes) // self.SIZE

    def __getitem__(self, index: int) -> Item:
        label, *pixels = self.bytes[index * self.SIZE : (index + 1) * self.SIZE]
        image = torch.tensor(pixels, dtype=torch.uint8).to(torch.float32) / 255
        target = (torch.arange(10) == label).to(torch.float32)
        return Item(label, image if self.transform is None else self.transform(image), target)


class Pair(NamedTuple):
    x: object
    y: object


@dataclass(frozen=True)
class add_mult:
    add: float
    mul: float

    def __call__(self, pair):
        return Pair(pair[0] + self.add, pair[1] * self.mul)


class compose:
    def __init__(self, *transforms):
        self.transforms = transforms

    def __call__(self, pair):
        result = pair
        for transform in self.transforms:
            result = transform(result)
        return result

    def __len__(self):
        return len(self.transforms)


class batches:
    def __init__(self, dataset: Dataset, batch_size: int, seed: int):
        self.dataset = dataset
        self.batch_size = batch_size
        self.seed = seed

    def __iter__(self) -> Iterator:
        generator = torch.Generator().manual_seed(self.seed)
        sampler = BatchSampler(RandomSampler(self.dataset, generator=generator), self.batch_size, False)
        for indices in sampler:
            yield default_collate([self.dataset[i] for i in indices])

    def __len__(self) -> int:
        return -(-len(self.dataset) // self.batch_size)


def split(dataset: Dataset, fraction: float, seed: int) -> Sequence[Subset]:
    cut = int(fraction * len(dataset))
    order = torch.rand(len(dataset), generator=torch.Generator().manual_seed(seed)).argsort()
    return [Subset(dataset, part.tolist()) for part in torch.tensor_split(order, [cut])]


def channel_stats(images: Tensor) -> tuple[Tensor, Tensor]:
    var, mean = torch.var_mean(images, dim=(0, 2, 3), correction=0)
    return mean, var.sqrt()
