import csv
import math
import random

import torch
from torch.utils.data import Dataset


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        self.rows = []
        with open(path, newline="") as f:
            for row in csv.reader(f):
                self.rows.append([int(float(v)) for v in row])
        self.transform = transform

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        row = self.rows[index]
        image = torch.tensor([v / 255 for v in row[1:]])
        if self.transform is not None:
            image = self.transform(image)
        return [row[0], image, torch.tensor([1.0 if k == row[0] else 0.0 for k in range(10)])]


def add_mult(add, mul):
    return lambda xy: [xy[0] + add, xy[1] * mul]


class compose:
    def __init__(self, *transforms):
        self.transforms = list(transforms)

    def __call__(self, xy):
        for t in self.transforms:
            xy = t(xy)
        return xy


def collate(items):
    first = items[0]
    if isinstance(first, (tuple, list)):
        return [collate(list(column)) for column in zip(*items)]
    if isinstance(first, torch.Tensor):
        return torch.stack(items)
    return torch.tensor(items)


def batches(dataset, batch_size, seed):
    order = list(range(len(dataset)))
    random.Random(seed).shuffle(order)
    result = []
    for start in range(0, len(order), batch_size):
        result.append(collate([dataset[i] for i in order[start:start + batch_size]]))
    return result


class Part(Dataset):
    def __init__(self, dataset, indices):
        self.dataset = dataset
        self.indices = indices

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, i):
        return self.dataset[self.indices[i]]


def split(dataset, fraction, seed):
    order = list(range(len(dataset)))
    random.Random(seed).shuffle(order)
    n = math.floor(fraction * len(dataset) + 0.5)
    return [Part(dataset, order[:n]), Part(dataset, order[n:])]


def channel_stats(images):
    means = []
    stds = []
    for c in range(images.shape[1]):
        values = images[:, c].flatten().tolist()
        mean = math.fsum(values) / len(values)
        variance = math.fsum((v - mean) ** 2 for v in values) / len(values)
        means.append(mean)
        stds.append(math.sqrt(variance))
    return [torch.tensor(means), torch.tensor(stds)]
