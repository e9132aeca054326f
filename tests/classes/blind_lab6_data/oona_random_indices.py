import numpy as np
import torch
from torch.utils.data import Dataset, Subset, default_collate


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        with open(path) as file:
            self.table = np.array([line.strip().split(",") for line in file], dtype=np.float32)
        self.transform = transform

    def __len__(self):
        return len(self.table)

    def __getitem__(self, index):
        label = int(self.table[index, 0])
        image = torch.tensor(self.table[index, 1:] / 255)
        if self.transform is not None:
            image = self.transform(image)
        return label, image, torch.eye(10)[label]


def add_mult(add, mul):
    def apply(pair):
        return pair[0] + add, pair[1] * mul
    return apply


def compose(*transforms):
    def apply(pair):
        for f in transforms:
            pair = f(pair)
        return pair
    return apply


def shuffled(n, seed):
    """n indices in random order."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, n, size=n).tolist()


def batches(dataset, batch_size, seed):
    indices = shuffled(len(dataset), seed)
    for i in range(0, len(indices), batch_size):
        yield default_collate([dataset[j] for j in indices[i:i + batch_size]])


def split(dataset, fraction, seed):
    indices = shuffled(len(dataset), seed)
    n = int(fraction * len(dataset))
    return Subset(dataset, indices[:n]), Subset(dataset, indices[n:])


def channel_stats(images):
    mean = images.mean(dim=(0, 2, 3))
    std = torch.sqrt(((images - mean[None, :, None, None]) ** 2).mean(dim=(0, 2, 3)))
    return mean, std
