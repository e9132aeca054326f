import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, random_split


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        data = np.loadtxt(path, delimiter=",", ndmin=2)
        self.labels = data[:, 0].astype(int)
        self.images = torch.from_numpy(data[:, 1:]).float()
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, idx):
        label = int(self.labels[idx])
        image = self.images[idx]
        target = torch.nn.functional.one_hot(torch.tensor(label), 10)
        if self.transform:
            image = self.transform(image)
        return label, image, target


def add_mult(add, mul):
    def f(pair):
        x, y = pair
        return x + add, y * mul
    return f


def compose(*transforms):
    def f(pair):
        for t in transforms:
            pair = t(pair)
        return pair
    return f


def batches(dataset, batch_size, seed):
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))


def split(dataset, fraction, seed):
    n = int(fraction * len(dataset))
    return random_split(dataset, [n, len(dataset) - n], generator=torch.Generator().manual_seed(seed))


def channel_stats(images):
    return images.mean(dim=[0, 2, 3]), images.std(dim=[0, 2, 3])
