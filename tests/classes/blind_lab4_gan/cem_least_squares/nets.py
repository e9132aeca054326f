import torch
import torch.nn as nn


def layer(a, b):
    return [nn.Linear(a, b), nn.BatchNorm1d(b, momentum=0.2), nn.ReLU()]


class Generator(nn.Module):
    def __init__(self, latent_size=64):
        super().__init__()
        self.layers = nn.ModuleList()
        for a, b in [(latent_size, 128), (128, 256)]:
            self.layers.extend(layer(a, b))
        self.last = nn.Linear(256, 784)

    @property
    def latent_size(self):
        return self.layers[0].in_features

    def noise(self, n, rng=None):
        return torch.randn(n, self.latent_size, generator=rng)

    def forward(self, z):
        for f in self.layers:
            z = f(z)
        return torch.sigmoid(self.last(z))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(784, 200)
        self.b = nn.Linear(200, 100)
        self.c = nn.Linear(100, 1)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        x = self.drop(nn.functional.leaky_relu(self.a(x), 0.2))
        x = self.drop(nn.functional.leaky_relu(self.b(x), 0.2))
        return torch.sigmoid(self.c(x))
