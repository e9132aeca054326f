import random

import torch
from torch.utils.data import Dataset


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        self.transform = transform
        self.data = []
        for line in open(path):
            label, *pixels = line.strip().split(",")
            self.data.append((int(label), [int(p) / 255 for p in pixels]))

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        label, pixels = self.data[i]
        image = torch.tensor(pixels)
        if self.transform:
            image = self.transform(image)
        target = torch.zeros(10)
        target[label] = 1
        return image, label, target


def add_mult(add, mul):
    return lambda pair: (pair[0] + add, pair[1] * mul)


def compose(transforms):
    def f(pair):
        for t in transforms:
            pair = t(pair)
        return pair
    return f


def batches(dataset, batch_size, seed):
    indices = list(range(len(dataset)))
    random.Random(seed).shuffle(indices)
    return [[dataset[i] for i in indices[k:k + batch_size]] for k in range(0, len(indices), batch_size)]


def split(dataset, fraction, seed):
    indices = list(range(len(dataset)))
    random.Random(seed).shuffle(indices)
    n = int(fraction * len(indices))
    return indices[:n], indices[n:]


def channel_stats(images):
    mean = images.mean(dim=(0, 2, 3))
    std = images.std(dim=(0, 2, 3), unbiased=False)
    return mean, std
