"""Leans on torch: TensorDataset, samplers, fork_rng."""

import csv

import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, Subset, TensorDataset
from torchvision.transforms import Compose


class DigitCSV(TensorDataset):
    def __init__(self, path, transform=None):
        with open(path, newline="", encoding="utf-8") as file:
            rows = torch.tensor([list(map(float, row)) for row in csv.reader(file) if row])
        super().__init__(rows[:, 0].long(), rows[:, 1:] / 255, torch.eye(10)[rows[:, 0].long()])
        self.transform = transform

    def __getitem__(self, index):
        label, image, target = super().__getitem__(index)
        return int(label), self.transform(image) if self.transform is not None else image, target


class add_mult:
    def __init__(self, add, mul):
        self.numbers = add, mul

    def __call__(self, pair):
        add, mul = self.numbers
        return pair[0] + add, pair[1] * mul


def compose(*transforms):
    return Compose(transforms)


def batches(dataset, batch_size, seed):
    sampler = RandomSampler(dataset, generator=torch.Generator().manual_seed(seed))
    return DataLoader(dataset, batch_sampler=BatchSampler(sampler, batch_size, drop_last=False))


def split(dataset, fraction, seed):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        chosen = torch.randperm(len(dataset))
    cut = int(len(dataset) * fraction + 0.5)
    return Subset(dataset, chosen[:cut]), Subset(dataset, chosen[cut:])


def channel_stats(images):
    flat = images.permute(1, 0, 2, 3).reshape(images.size(1), -1)
    std, mean = torch.std_mean(flat, dim=1, correction=0)
    return [mean, std]
