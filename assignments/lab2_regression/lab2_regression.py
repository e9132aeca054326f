"""Lab 2: regression, linear and not.

Replace each `raise NotImplementedError` with your code. README.md explains every function.
"""

import torch
from torch import nn

# ---------------------------------------------------------------- how good is a fit?


def mse(y_hat, y):
    """[n, 1], [n, 1] -> a scalar tensor: the mean squared error; ValueError if the shapes differ."""
    raise NotImplementedError


def r2_score(y_hat, y):
    """[n, 1], [n, 1] -> float: 1 - SSE/SST."""
    raise NotImplementedError


# ---------------------------------------------------------------- the models


class LinearRegression(nn.Module):
    """[n, input_size] -> [n, output_size]: one affine layer."""

    def __init__(self, input_size, output_size):
        super().__init__()
        raise NotImplementedError

    def forward(self, x):
        """[n, d] -> [n, k]."""
        raise NotImplementedError


class NonlinearRegression(nn.Module):
    """[n, input_size] -> [n, output_size]: one hidden layer with a sigmoid, and a linear output."""

    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        raise NotImplementedError

    def forward(self, x):
        """[n, d] -> [n, k]."""
        raise NotImplementedError


# ---------------------------------------------------------------- training


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    """Train `model` in place on x [n, d] and y [n, 1] -> the mean loss of each epoch, a list of `epochs` floats."""
    raise NotImplementedError


def fit_linear(x, y, seed=0):
    """float32 [n, d], float32 [n, 1] -> a trained model, [n, d] -> [n, 1]."""
    raise NotImplementedError


def fit_nonlinear(x, y, seed=0):
    """float32 [n, 1], float32 [n, 1] -> a trained model, [n, 1] -> [n, 1]."""
    raise NotImplementedError
