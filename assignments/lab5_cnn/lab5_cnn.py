"""Lab 5: convolutions, a borrowed network, and an autoencoder.

Replace each `raise NotImplementedError` with your code. README.md explains every function.
"""

import torch
from torch import nn

# ---------------------------------------------------------------- a network of convolutions


class ConvNet(nn.Module):
    """float32 [n, 1, 28, 28] -> float32 [n, 10], logits."""

    def __init__(self):
        super().__init__()
        raise NotImplementedError

    def forward(self, x):
        """[n, 1, 28, 28] -> [n, 10]."""
        raise NotImplementedError


def feature_shape(model, images):
    """Your ConvNet, float32 [n, 1, 28, 28] -> the shape of its last feature map without n, e.g. (16, 7, 7)."""
    raise NotImplementedError


def train_cnn(images, labels, seed=0):
    """float32 [n, 1, 28, 28] in 0..1, int64 [n] -> a trained model in eval mode, as ConvNet."""
    raise NotImplementedError


def accuracy(model, images, labels):
    """A model, float32 [n, 1, 28, 28], int64 [n] -> the share of right answers; the model's mode stays as it was."""
    raise NotImplementedError


# ---------------------------------------------------------------- a borrowed network


def freeze_and_replace(model, classes):
    """A torchvision ResNet-18, int -> the same, all of it frozen but a new `fc` with so many outputs."""
    raise NotImplementedError


# ---------------------------------------------------------------- an autoencoder


class Autoencoder(nn.Module):
    """float32 [n, 784] -> float32 [n, 784], through `bottleneck` numbers."""

    def __init__(self, bottleneck):
        super().__init__()
        raise NotImplementedError

    def encode(self, x):
        """[n, 784] -> [n, bottleneck]."""
        raise NotImplementedError

    def forward(self, x):
        """[n, 784] -> [n, 784]."""
        raise NotImplementedError


def train_autoencoder(images, bottleneck, seed=0):
    """float32 [n, 1, 28, 28] in 0..1, int -> a trained Autoencoder(bottleneck)."""
    raise NotImplementedError
