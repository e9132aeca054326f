import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, random_split


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        data = torch.from_numpy(np.loadtxt(path, delimiter=","))  # float64 [n, 785]
        self.y = data[:, 0].long()
        self.x = (data[:, 1:] / 255).float()
        self.t = F.one_hot(self.y, 10).float()
        self.transform = transform

    def __len__(self):
        return self.y.shape[0]

    def __getitem__(self, i):
        x = self.x[i]
        return self.y[i], x if self.transform is None else self.transform(x), self.t[i]


class add_mult(object):
    def __init__(self, add=1, mul=1):
        self.add = add
        self.mul = mul

    def __call__(self, sample):
        x, y = sample
        x = x + self.add
        y = y * self.mul
        sample = x, y
        return sample


class compose(object):
    def __init__(self, *transforms):
        self.transforms = transforms

    def __call__(self, sample):
        for t in self.transforms:
            sample = t(sample)
        return sample


def batches(dataset, batch_size, seed):
    torch.manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True)


def split(dataset, fraction, seed):
    torch.manual_seed(seed)
    return random_split(dataset, [fraction, 1 - fraction])


def channel_stats(images):
    mean = images.mean(dim=[0, 2, 3])
    std = ((images**2).mean(dim=[0, 2, 3]) - mean**2).sqrt()
    return mean, std
