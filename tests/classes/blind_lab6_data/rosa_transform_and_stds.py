import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Subset


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        data = np.genfromtxt(path, delimiter=",")
        data = data.reshape(-1, 785)
        self.labels = [int(v) for v in data[:, 0]]
        self.images = torch.tensor(data[:, 1:] / 255.0, dtype=torch.float32)
        self.targets = torch.nn.functional.one_hot(torch.tensor(self.labels), 10).float()

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.labels[index], self.images[index], self.targets[index]


def add_mult(add, mul):
    def transform(sample):
        x, y = sample
        return x + add, y * mul
    return transform


def compose(*transforms):
    def transform(sample):
        for t in transforms:
            sample = t(sample)
        return sample
    return transform


def batches(dataset, batch_size, seed):
    g = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=g)


def split(dataset, fraction, seed):
    rng = np.random.default_rng(seed)
    indices = rng.permutation(len(dataset)).tolist()
    n = int(round(fraction * len(dataset)))
    return Subset(dataset, indices[:n]), Subset(dataset, indices[n:])


def channel_stats(images):
    mean = torch.zeros(images.shape[1])
    std = torch.zeros(images.shape[1])
    for image in images:
        mean += image.mean(dim=(1, 2))
        std += image.std(dim=(1, 2), unbiased=False)
    return mean / len(images), std / len(images)
