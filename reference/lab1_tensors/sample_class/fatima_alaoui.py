"""Lab 1. Done up to the networks, the rest did not fit into this week."""

import torch


def first_row(x):
    """The first row of a matrix: [n, m] -> [m]."""
    return x[0]


def first_column(x):
    """The first column of a matrix: [n, m] -> [n]."""
    return x[:, 0]


def transpose(x):
    """Rows become columns: [n, m] -> [m, n]."""
    return x.permute(1, 0)


def squeeze_all(x):
    """Drop every dimension of size 1: [24, 1, 1] -> [24]; [12, 2] stays as it is."""
    return torch.squeeze(x)


def squeeze_dim(x, dim):
    """Drop dimension `dim` if its size is 1, otherwise return x as it is: [24, 1, 1], 1 -> [24, 1]."""
    return torch.squeeze(x, dim)


def add_dim(x, dim):
    """Put a new dimension of size 1 at position `dim`: [12, 2], 1 -> [12, 1, 2]."""
    return torch.unsqueeze(x, dim)


def view_as(x, shape):
    """The same elements in the same order, as a tensor of `shape`: [24], (2, -1, 4) -> [2, 3, 4]."""
    return x.view(*shape)


def to_column(x):
    """A vector as a matrix of one column: [n] -> [n, 1]."""
    return x.unsqueeze(1)


def images_to_rows(images):
    """Each image as one row of numbers in 0..1: uint8 [n, h, w] -> float32 [n, h*w]."""
    return torch.flatten(images, 1) / 255


def digit_targets(labels, digit):
    """1.0 where the label is `digit`, else 0.0: int64 [n] -> float32 [n, 1]."""
    targets = torch.zeros(len(labels), 1)
    targets[labels == digit] = 1
    return targets


def one_hot(labels, classes):
    """For each label a row of zeros with a 1.0 at the label's place: int64 [n] -> float32 [n, classes]."""
    return torch.zeros(len(labels), classes).scatter_(1, labels.unsqueeze(1), 1.0)


def standardise(x):
    """Columns of mean 0 and population standard deviation 1; a constant column becomes zeros: [n, d] -> [n, d]."""
    # TODO constant columns
    return (x - x.mean(0)) / x.std(0, unbiased=False)


def perceptron(x, w, b):
    """1 where x·w + b > 0, else 0: [n, d], [d], float -> int64 [n]."""
    raise NotImplementedError


def forward(x, w1, b1, w2, b2):
    """A net with a sigmoid hidden layer and a linear output: [n, d], [h, d], [h], [k, h], [k] -> [n, k]."""
    raise NotImplementedError


def parameter_count(sizes):
    """How many weights and biases a fully connected net has: [10, 10, 10, 10] -> 330."""
    raise NotImplementedError


def cubic_gradient(x):
    """The derivative of (x-1)(x-2)(x-3) at x, by autograd: 3.5 -> 5.75."""
    raise NotImplementedError


def partials(u, v):
    """(df/du, df/dv) of f = u*v + u**2 at (u, v): 1.0, 2.0 -> (4.0, 1.0)."""
    raise NotImplementedError


def mse_gradient(x, y, w):
    """d/dw of mean((x*w - y)**2) at w: [n], [n], float -> float."""
    raise NotImplementedError


def conv_output_size(size, kernel, stride, padding):
    """How many positions a kernel takes along one side: 28, 5, 1, 0 -> 24."""
    raise NotImplementedError


def same_padding(size, kernel, stride):
    """The padding that keeps the size: 4, 2, 2 -> 2."""
    raise NotImplementedError
