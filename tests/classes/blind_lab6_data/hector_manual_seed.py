import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, random_split


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        data = np.loadtxt(path, delimiter=',', dtype=np.float32, ndmin=2)
        self.labels = torch.from_numpy(data[:, 0]).to(torch.int64)
        self.images = torch.from_numpy(data[:, 1:]) / 255.0
        self.targets = torch.zeros(len(self.labels), 10).scatter_(1, self.labels.unsqueeze(1), 1.0)
        self.transform = transform
        self.n_samples = len(data)

    def __len__(self):
        return self.n_samples

    def __getitem__(self, index):
        image = self.images[index]
        if self.transform:
            image = self.transform(image)
        return self.labels[index], image, self.targets[index]


class add_mult:
    def __init__(self, add=0, mul=1):
        self.add = add
        self.mul = mul

    def __call__(self, sample):
        x, y = sample
        x = x + self.add
        y = y * self.mul
        sample = x, y
        return sample


class compose(torch.nn.Module):
    def __init__(self, *transforms):
        super().__init__()
        self.transforms = transforms

    def forward(self, sample):
        for t in self.transforms:
            sample = t(sample)
        return sample


def batches(dataset, batch_size, seed):
    torch.manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True)


def split(dataset, fraction, seed):
    torch.manual_seed(seed)
    first = int(len(dataset) * fraction)
    second = len(dataset) - first
    return random_split(dataset, [first, second])


def channel_stats(images):
    x = images.double().transpose(0, 1).flatten(1)
    return x.mean(dim=1), x.std(dim=1, correction=0)
