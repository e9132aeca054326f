import numpy as np
import torch
from torch.utils.data import Dataset, Subset


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        table = np.genfromtxt(path, delimiter=",", dtype=np.int64)
        self.labels, self.pixels = table[:, 0], table[:, 1:]
        self.transform = transform

    def __len__(self):
        return self.labels.size

    def __getitem__(self, i):
        image = torch.from_numpy((self.pixels[i] / 255.0).astype(np.float32))
        if self.transform:
            image = self.transform(image)
        return self.labels[i], image, torch.from_numpy(np.eye(10, dtype=np.float32)[self.labels[i]])


def add_mult(add, mul):
    def f(pair):
        return [pair[0] + add, pair[1] * mul]

    return f


def compose(*transforms):
    def f(pair):
        result = pair
        for transform in list(transforms):
            result = transform(tuple(result))
        return list(result)

    return f


def batches(dataset, batch_size, seed):
    order = np.random.RandomState(seed).permutation(len(dataset))
    result = []
    for start in np.arange(0, len(order), batch_size):
        labels, images, targets = zip(*[dataset[int(i)] for i in order[start : start + batch_size]])
        result.append((torch.as_tensor(np.array(labels)), torch.stack(images), torch.stack(targets)))
    return result


def split(dataset, fraction, seed):
    order = np.random.default_rng(seed).permutation(len(dataset))
    first, second = np.split(order, [int(np.ceil(fraction * len(dataset)))])
    return Subset(dataset, first), Subset(dataset, second)


def channel_stats(images):
    pixels = np.moveaxis(images.numpy(), 1, 0).reshape(images.shape[1], -1).astype(np.float64)
    return pixels.mean(axis=1), pixels.std(axis=1)
