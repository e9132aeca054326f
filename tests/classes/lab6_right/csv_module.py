import csv

import torch
from torch.utils.data import Dataset, default_collate, random_split


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        self.rows = []
        with open(path, "r") as f:
            for row in csv.reader(f):
                self.rows.append([float(v) for v in row])
        self.transform = transform

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, idx):
        row = self.rows[idx]
        label = int(row[0])
        img = torch.FloatTensor(row[1:]) / 255.0
        if self.transform is not None:
            img = self.transform(img)
        target = torch.zeros((10))
        target[label] = 1.0
        return label, img, target


def add_mult(add, mul):
    return lambda sample: (sample[0] + add, sample[1] * mul)


def compose(*transforms):
    def run(sample):
        x, y = sample
        for t in transforms:
            x, y = t((x, y))
        return x, y

    return run


def batches(dataset, batch_size, seed):
    g = torch.Generator()
    g.manual_seed(seed)
    order = torch.randperm(len(dataset), generator=g)
    batch = []
    for i in order:
        batch.append(dataset[i.item()])
        if len(batch) == batch_size:
            yield default_collate(batch)
            batch = []
    if batch:
        yield default_collate(batch)


def split(dataset, fraction, seed):
    first = int(len(dataset) * fraction)
    lengths = [first, len(dataset) - first]
    return random_split(dataset, lengths, generator=torch.Generator().manual_seed(seed))


def channel_stats(images):
    n, c, h, w = images.shape
    mean = torch.zeros(c)
    std = torch.zeros(c)
    for k in range(c):
        pixels = images[:, k, :, :]
        mean[k] = pixels.sum() / (n * h * w)
        std[k] = torch.sqrt(((pixels - mean[k]) ** 2).sum() / (n * h * w))
    return mean.tolist(), list(std)
