from functools import reduce
from itertools import starmap
from pathlib import Path

import torch
import torch.nn.functional as F
from torch.utils.data import Dataset, Subset, TensorDataset, default_collate

identity = lambda image: image


class Mapped(Dataset):
    def __init__(self, dataset, function):
        self.dataset, self.function = dataset, function

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        return self.function(*self.dataset[index])


def DigitCSV(path, transform=None):
    parse = lambda line: list(map(float, line.split(",")))
    table = torch.tensor(list(map(parse, Path(path).read_text().split())))
    labels = table[:, 0].long()
    stored = TensorDataset(labels, table[:, 1:] / 255, F.one_hot(labels, 10).float())
    change = transform or identity
    return Mapped(stored, lambda label, image, target: (label, change(image), target))


add_mult = lambda add, mul: lambda pair: (pair[0] + add, pair[1] * mul)
compose = lambda *transforms: reduce(lambda f, g: lambda pair: g(f(pair)), transforms)


def order(dataset, seed):
    return torch.randperm(len(dataset), generator=torch.Generator().manual_seed(seed))


def batches(dataset, batch_size, seed):
    parts = order(dataset, seed).split(batch_size)
    return map(lambda part: default_collate([dataset[i] for i in part.tolist()]), parts)


def split(dataset, fraction, seed):
    n = int(len(dataset) * fraction)
    indices = order(dataset, seed).tolist()
    return tuple(starmap(Subset, [(dataset, indices[:n]), (dataset, indices[n:])]))


channel_stats = lambda images: torch.std_mean(images, dim=(0, 2, 3), correction=0)[::-1]
