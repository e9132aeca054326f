import linecache
import random

import torch
from torch.utils.data import Dataset
from torch.utils.data.dataloader import default_collate


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        self.path = str(path)
        self.transform = transform
        linecache.checkcache(self.path)
        with open(self.path) as f:
            self.length = sum(1 for _ in f)

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        line = linecache.getline(self.path, index + 1)
        values = line.strip().split(",")
        label = int(float(values[0]))
        image = torch.FloatTensor([float(v) for v in values[1:]]) / 255
        if self.transform is not None:
            image = self.transform(image)
        target = torch.FloatTensor(10).zero_()
        target[label] = 1
        return (label, image, target)


def add_mult(add, mul):
    class Transform:
        def __call__(self, pair):
            return pair[0] + add, pair[1] * mul

    return Transform()


def compose(first=None, *rest):
    if first is None:
        return lambda pair: pair
    after = compose(*rest)
    return lambda pair: after(first(pair))


def batches(dataset, batch_size, seed):
    everything = list(range(len(dataset)))
    everything = random.Random(seed).sample(everything, len(everything))
    batch = []
    for i in everything:
        batch.append(dataset[i])
        if len(batch) == batch_size:
            yield default_collate(batch)
            batch = []
    if batch:
        yield default_collate(batch)


def split(dataset, fraction, seed):
    # the items themselves, in two lists
    chosen = set(random.Random(seed).sample(range(len(dataset)), int(fraction * len(dataset))))
    first = [dataset[i] for i in range(len(dataset)) if i in chosen]
    second = [dataset[i] for i in range(len(dataset)) if i not in chosen]
    return [first, second]


def channel_stats(images):
    # var = E[x^2] - E[x]^2, in double because of the cancellation
    x = images.double()
    mean = x.mean((0, 2, 3))
    var = (x ** 2).mean((0, 2, 3)) - mean ** 2
    return mean.float(), var.clamp(min=0).sqrt().float()
