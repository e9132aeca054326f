"""Workers load the items; the whole file is parsed by numpy from text that was read at once."""

import io
import math
from itertools import islice

import numpy as np
import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset, Subset
from torchvision.transforms import v2


class DigitCSV(Dataset):
    """item: (label, image, target)"""

    def __init__(self, path, transform=None):
        super().__init__()
        text = io.StringIO(open(path).read())
        self.data = np.loadtxt(text, delimiter=",", dtype="float32")
        self.transform = transform

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        label = int(self.data[index, 0])
        image = torch.tensor(self.data[index, 1:]) / 255.0
        image = self.transform(image) if self.transform else image
        target = torch.tensor([1.0 if digit == label else 0.0 for digit in range(10)])
        return (label, image, target)


def add_mult(add, mul):
    add, mul = torch.tensor(add), torch.tensor(mul)
    return lambda pair: (pair[0] + add, pair[1] * mul)


def compose(*transforms):
    return v2.Compose(list(transforms))


def batches(dataset, batch_size, seed):
    generator = torch.Generator()
    generator.manual_seed(seed)
    loader = DataLoader(dataset, batch_size, shuffle=True, num_workers=2, generator=generator)
    return iter(loader)


def split(dataset, fraction, seed):
    rng = np.random.RandomState(seed)
    order = iter(rng.permutation(len(dataset)).tolist())
    first = list(islice(order, math.floor(len(dataset) * fraction)))
    return [Subset(dataset, first), ConcatDataset([Subset(dataset, [i]) for i in order])]


def channel_stats(images):
    count, total, squares = 0, 0, 0
    for image in images.double():  # a running sum, as for data that does not fit into memory
        count += image[0].numel()
        total = total + image.sum(dim=(1, 2))
        squares = squares + (image**2).sum(dim=(1, 2))
    mean = total / count
    return mean, torch.sqrt(squares / count - mean**2)
