from torch import nn


class Scaled(nn.Module):
    """A model whose answers are scaled to the targets."""

    def __init__(self, inner, mean, std):
        super().__init__()
        self.inner = inner
        self.mean = mean
        self.std = std

    def forward(self, x):
        return self.inner(x) * self.std + self.mean
