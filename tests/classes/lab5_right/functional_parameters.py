# F.conv2d with parameters of one's own, F.dropout told about the mode, log_softmax, and numpy for the counting.
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.k1 = nn.Parameter(torch.randn(10, 1, 5, 5) * (2 / 25) ** 0.5)
        self.k2 = nn.Parameter(torch.randn(20, 10, 5, 5) * (2 / 250) ** 0.5)
        self.w = nn.Parameter(torch.randn(20 * 4 * 4, 10) * 0.05)
        self.b = nn.Parameter(torch.zeros(10))

    def maps(self, x):
        x = F.relu(F.max_pool2d(F.conv2d(x, self.k1), 2))  # 24 -> 12
        return F.relu(F.max_pool2d(F.conv2d(x, self.k2), 2))  # 8 -> 4

    def forward(self, x):
        x = self.maps(x).reshape(x.shape[0], -1)
        x = F.dropout(x, 0.1, training=self.training)
        return F.log_softmax(x @ self.w + self.b, dim=-1)


def feature_shape(model, images):
    return model.maps(images).size()[1:]


def train_cnn(images, labels, seed=0):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    model = ConvNet()
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    steps = 700
    model.train()
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = 4e-3 * (1 - step / steps) + 1e-4
        rows = torch.from_numpy(rng.integers(0, len(images), 64))
        loss = F.nll_loss(model(images[rows]), labels[rows])
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    return model.eval()


def accuracy(model, images, labels):
    mode = model.training
    model.eval()
    with torch.no_grad():
        guesses = np.argmax(model(images).numpy(), axis=1)
    model.train(mode)
    return np.mean(guesses == labels.numpy())


def freeze_and_replace(model, classes):
    for p in model.parameters():
        p.requires_grad_(False)
    model.fc = nn.Linear(in_features=model.fc.in_features, out_features=classes, bias=False)
    return model


class Autoencoder(nn.Module):
    # Linear both ways: what it learns is close to the principal components.
    def __init__(self, bottleneck):
        super().__init__()
        self.down = nn.Parameter(torch.randn(784, bottleneck) / 28)
        self.up = nn.Parameter(torch.randn(bottleneck, 784) / 28)
        self.mean = nn.Parameter(torch.zeros(784))

    def encode(self, x):
        return (x - self.mean) @ self.down

    def forward(self, x):
        return self.encode(x) @ self.up + self.mean


def train_autoencoder(images, bottleneck, seed=0):
    x = images.reshape(len(images), -1)
    model = Autoencoder(bottleneck)
    with torch.no_grad():
        model.mean.copy_(x.mean(0))
        directions = torch.linalg.eigh(torch.cov(x.T)).eigenvectors[:, -bottleneck:]
        model.down.copy_(directions)
        model.up.copy_(directions.T)
    return model
