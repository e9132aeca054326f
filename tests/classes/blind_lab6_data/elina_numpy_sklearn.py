import numpy as np
import torch
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelBinarizer, StandardScaler
from torch.utils import data


class DigitCSV(data.Dataset):
    """label, 784 pixels"""

    def __init__(self, path, transform=None):
        table = np.atleast_2d(np.genfromtxt(path, delimiter=",", dtype=np.float64))
        self.y = table[:, 0].astype(np.int64)
        self.X = table[:, 1:] / 255.0
        self.onehot = LabelBinarizer().fit(np.arange(10)).transform(self.y).astype(np.float32)
        self.transform = transform

    def __len__(self):
        return self.y.shape[0]

    def __getitem__(self, i):
        image = torch.from_numpy(self.X[i]).float()
        if self.transform is not None:
            image = self.transform(image)
        return self.y[i], image, torch.from_numpy(self.onehot[i])


class add_mult(object):
    def __init__(self, add, mul):
        self.add, self.mul = add, mul

    def __call__(self, pair):
        x, y = pair
        return (x + self.add, y * self.mul)

    def __repr__(self):
        return f"add_mult({self.add}, {self.mul})"


def compose(*transforms):
    def call(pair):
        for i in np.arange(len(transforms)):
            pair = transforms[i](pair)
        return pair
    return call


def batches(dataset, batch_size, seed):
    idx = np.random.RandomState(seed).permutation(len(dataset))
    n_batches = int(np.ceil(len(idx) / batch_size))
    for k in range(n_batches):
        chosen = idx[k * batch_size:(k + 1) * batch_size]
        yield data.default_collate([dataset[int(i)] for i in chosen])


def split(dataset, fraction, seed):
    n = int(np.rint(fraction * len(dataset)))
    a, b = train_test_split(np.arange(len(dataset)), train_size=n, random_state=seed)
    return data.Subset(dataset, a.tolist()), data.Subset(dataset, b.tolist())


def channel_stats(images):
    a = images.numpy().transpose(0, 2, 3, 1)
    a = a.reshape(-1, a.shape[-1]).astype(np.float64)
    scaler = StandardScaler().fit(a)
    return torch.from_numpy(scaler.mean_), torch.from_numpy(np.sqrt(scaler.var_))
