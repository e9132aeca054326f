# Lab 6 - data
# Adele
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, random_split

print("lab 6")


class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        self.path = path
        self.transform = transform
        data = np.loadtxt(path, delimiter=",", ndmin=2)
        print("read", data.shape, "from", path)
        self.labels = data[:, 0].astype(int)
        self.images = torch.tensor(data[:, 1:] / 255, dtype=torch.float32)
        self.classes = [str(d) for d in range(10)]

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        label = int(self.labels[index])
        image = self.images[index]
        target = torch.zeros(10)
        target[label] = 1
        if self.transform is not None:
            image = self.transform(image)
        print("item", index, "label", label)
        return label, image, target

    def plot(self, index):
        import matplotlib.pyplot as plt

        plt.imshow(self.images[index].reshape(28, 28), cmap="gray")
        plt.title(self.labels[index])
        plt.show()


class AddMult:
    def __init__(self, add, mul):
        self.add = add
        self.mul = mul

    def __call__(self, sample):
        x, y = sample
        print("AddMult", self.add, self.mul)
        return x + self.add, y * self.mul


class Compose:
    def __init__(self, *transforms):
        self.transforms = transforms

    def __call__(self, sample):
        for transform in self.transforms:
            sample = transform(sample)
        return sample


add_mult = AddMult
compose = Compose


def batches(dataset, batch_size, seed):
    generator = torch.Generator()
    generator.manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=generator)


def split(dataset, fraction, seed):
    n = round(fraction * len(dataset))
    generator = torch.Generator().manual_seed(seed)
    return random_split(dataset, [n, len(dataset) - n], generator=generator)


def channel_stats(images):
    mean = images.mean(dim=(0, 2, 3))
    std = images.std(dim=(0, 2, 3), unbiased=False)
    print("mean", mean, "std", std)
    return mean, std


if __name__ == "__main__":
    data = DigitCSV("mnist_test.csv")
    train, test = split(data, 0.8, 0)
    for labels, images, targets in batches(train, 50, 0):
        print(labels.shape, images.shape, targets.shape)
