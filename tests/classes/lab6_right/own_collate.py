"""Collates items (label, image, target) by hand, lazily seeded with the global generators; a cache by path."""

import random
from functools import lru_cache

import torch
from torch.utils.data import DataLoader, Dataset, Subset


@lru_cache(maxsize=None)
def read(path):
    print("reading", path)
    with open(path) as file:
        return [[int(n) for n in line.strip().split(",")] for line in file]


def collate(items):
    return [
        torch.tensor([item[0] for item in items]),
        torch.stack([item[1] for item in items], dim=0),
        torch.cat([item[2].unsqueeze(0) for item in items]),
    ]


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        self.rows = read(path)
        self.transform = transform

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, idx):
        if torch.is_tensor(idx):
            idx = idx.tolist()
        image = torch.Tensor(self.rows[idx][1:]) / 255
        target = torch.zeros(10).scatter_(0, torch.tensor(self.rows[idx][0]), 1.0)
        if self.transform:
            image = self.transform(image)
        return torch.tensor(self.rows[idx][0]), image, target


def add_mult(add, mul):
    def transform(pair):
        pair = list(pair)
        pair[0] = pair[0] + add
        pair[1] = pair[1] * mul
        return tuple(pair)

    return transform


def compose(*transforms):
    if len(transforms) == 1:
        return transforms[0]
    return lambda pair: compose(*transforms[1:])(transforms[0](pair))


def batches(dataset, batch_size, seed):
    random.seed(seed)
    indices = random.sample(range(len(dataset)), len(dataset))
    while indices:
        now, indices = indices[:batch_size], indices[batch_size:]
        yield collate([dataset[i] for i in now])


def split(dataset, fraction, seed):
    n = len(dataset)
    chosen = torch.zeros(n, dtype=torch.bool)
    torch.manual_seed(seed)
    chosen[torch.randperm(n)[: int(n * fraction)]] = True
    return tuple(Subset(dataset, part.nonzero().flatten().tolist()) for part in (chosen, ~chosen))


def channel_stats(images):
    rows = images.flatten(2).transpose(0, 1).flatten(1).double()
    mean = rows.mean(1)
    return mean.float(), (rows - mean[:, None]).norm(dim=1).div(rows.shape[1] ** 0.5).float()
