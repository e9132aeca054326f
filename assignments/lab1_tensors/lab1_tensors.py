"""Lab 1: tensors. Shapes, views, gradients.

Replace each `raise NotImplementedError` with your code. README.md explains every function with an example.
"""

import torch

# ---------------------------------------------------------------- shapes and views


def first_row(x):
    """The first row of a matrix: [n, m] -> [m]."""
    raise NotImplementedError


def first_column(x):
    """The first column of a matrix: [n, m] -> [n]."""
    raise NotImplementedError


def transpose(x):
    """Rows become columns: [n, m] -> [m, n]."""
    raise NotImplementedError


def squeeze_all(x):
    """Drop every dimension of size 1: [24, 1, 1] -> [24]; [12, 2] stays as it is."""
    raise NotImplementedError


def squeeze_dim(x, dim):
    """Drop dimension `dim` if its size is 1, otherwise return x as it is: [24, 1, 1], 1 -> [24, 1]."""
    raise NotImplementedError


def add_dim(x, dim):
    """Put a new dimension of size 1 at position `dim`: [12, 2], 1 -> [12, 1, 2]."""
    raise NotImplementedError


def view_as(x, shape):
    """The same elements in the same order, as a tensor of `shape`: [24], (2, -1, 4) -> [2, 3, 4].

    One entry of `shape` may be -1: it is worked out from the others. An impossible shape raises RuntimeError.
    """
    raise NotImplementedError


def to_column(x):
    """A vector as a matrix of one column: [n] -> [n, 1]."""
    raise NotImplementedError


# ---------------------------------------------------------------- from labels and images to numbers


def images_to_rows(images):
    """Each image as one row of numbers in 0..1: uint8 [n, h, w] -> float32 [n, h*w]."""
    raise NotImplementedError


def digit_targets(labels, digit):
    """1.0 where the label is `digit`, else 0.0: int64 [n] -> float32 [n, 1]."""
    raise NotImplementedError


def one_hot(labels, classes):
    """For each label a row of zeros with a 1.0 at the label's place: int64 [n] -> float32 [n, classes]."""
    raise NotImplementedError


def standardise(x):
    """Columns of mean 0 and population standard deviation 1; a constant column becomes zeros: [n, d] -> [n, d]."""
    raise NotImplementedError


# ---------------------------------------------------------------- networks by hand


def perceptron(x, w, b):
    """1 where x·w + b > 0, else 0: [n, d], [d], float -> int64 [n]."""
    raise NotImplementedError


def forward(x, w1, b1, w2, b2):
    """A net with a sigmoid hidden layer and a linear output: [n, d], [h, d], [h], [k, h], [k] -> [n, k]."""
    raise NotImplementedError


def parameter_count(sizes):
    """How many weights and biases a fully connected net has: [10, 10, 10, 10] -> 330."""
    raise NotImplementedError


# ---------------------------------------------------------------- gradients


def cubic_gradient(x):
    """The derivative of (x-1)(x-2)(x-3) at x, by autograd: 3.5 -> 5.75."""
    raise NotImplementedError


def partials(u, v):
    """(df/du, df/dv) of f = u*v + u**2 at (u, v): 1.0, 2.0 -> (4.0, 1.0)."""
    raise NotImplementedError


def mse_gradient(x, y, w):
    """d/dw of mean((x*w - y)**2) at w: [n], [n], float -> float."""
    raise NotImplementedError


# ---------------------------------------------------------------- the arithmetic of convolutions


def conv_output_size(size, kernel, stride, padding):
    """How many positions a kernel takes along one side: 28, 5, 1, 0 -> 24."""
    raise NotImplementedError


def same_padding(size, kernel, stride):
    """The padding that keeps the size: 4, 2, 2 -> 2."""
    raise NotImplementedError
