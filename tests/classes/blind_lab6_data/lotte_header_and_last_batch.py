import csv

import torch
from torch.utils.data import DataLoader, Dataset, Subset


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        self.samples = []
        with open(path) as f:
            reader = csv.reader(f)
            next(reader)  # skip the header
            for row in reader:
                label = int(row[0])
                image = torch.tensor([int(p) for p in row[1:]], dtype=torch.float32) / 255
                self.samples.append((label, image))
        self.transform = transform

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        label, image = self.samples[i]
        if self.transform is not None:
            image = self.transform(image)
        target = torch.zeros(10)
        target[label] = 1.0
        return label, image, target


class add_mult:
    def __init__(self, add, mul):
        self.add = add
        self.mul = mul

    def __call__(self, pair):
        return pair[0] + self.add, pair[1] * self.mul


class compose:
    def __init__(self, *transforms):
        self.transforms = transforms

    def __call__(self, pair):
        for t in self.transforms:
            pair = t(pair)
        return pair


def batches(dataset, batch_size, seed):
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size, shuffle=True, drop_last=True, generator=generator)


def split(dataset, fraction, seed):
    generator = torch.Generator().manual_seed(seed)
    perm = torch.randperm(len(dataset), generator=generator).tolist()
    n = round(len(dataset) * fraction)
    return Subset(dataset, perm[:n]), Subset(dataset, perm[n:])


def channel_stats(images):
    mean = images.mean((0, 2, 3))
    std = images.std((0, 2, 3), unbiased=False)
    return mean, std
