import torch
from torch.utils.data import DataLoader, Dataset, random_split


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        self.lines = open(path).readlines()
        self.transform = transform

    def __len__(self):
        return len(self.lines)

    def __getitem__(self, i):
        numbers = [float(s) for s in self.lines[i].split(",")]
        label = int(numbers[0])
        image = torch.tensor(numbers[1:]) / 255
        if self.transform:
            image = self.transform(image)
        target = torch.zeros(10)
        target[label] = 1
        return label, image, target


def add_mult(add, mul):
    def f(x, y):
        return x + add, y * mul
    return f


def compose(*transforms):
    def f(x, y):
        for t in transforms:
            x, y = t(x, y)
        return x, y
    return f


def batches(dataset, batch_size, seed):
    return DataLoader(dataset, batch_size=batch_size, shuffle=True)


def split(dataset, fraction, seed):
    n = int(fraction * len(dataset))
    return random_split(dataset, [n, len(dataset) - n])


def channel_stats(images):
    mean = images.mean(dim=(0, 2, 3))
    std = images.std(dim=(0, 2, 3), unbiased=False)
    return mean, std
