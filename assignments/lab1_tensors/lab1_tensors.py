"""Lab 1: tensors. Shapes, views, gradients.

Replace each `raise NotImplementedError` with your code. README.md explains every function with an example.
"""

import torch
from torch import Tensor

# ---------------------------------------------------------------- shapes and views


def first_row(x: Tensor) -> Tensor:
    """The first row of a matrix: [n, m] -> [m]."""
    # YOUR CODE HERE
    raise NotImplementedError("first_row is not written yet.")


def first_column(x: Tensor) -> Tensor:
    """The first column of a matrix: [n, m] -> [n]."""
    # YOUR CODE HERE
    raise NotImplementedError("first_column is not written yet.")


def transpose(x: Tensor) -> Tensor:
    """Rows become columns: [n, m] -> [m, n]."""
    # YOUR CODE HERE
    raise NotImplementedError("transpose is not written yet.")


def squeeze_all(x: Tensor) -> Tensor:
    """Drop every dimension of size 1: [24, 1, 1] -> [24]; [12, 2] stays as it is."""
    # YOUR CODE HERE
    raise NotImplementedError("squeeze_all is not written yet.")


def squeeze_dim(x: Tensor, dim: int) -> Tensor:
    """Drop dimension `dim` if its size is 1, otherwise return x as it is: [24, 1, 1], 1 -> [24, 1]."""
    # YOUR CODE HERE
    raise NotImplementedError("squeeze_dim is not written yet.")


def add_dim(x: Tensor, dim: int) -> Tensor:
    """Put a new dimension of size 1 at position `dim`: [12, 2], 1 -> [12, 1, 2]."""
    # YOUR CODE HERE
    raise NotImplementedError("add_dim is not written yet.")


def view_as(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The same elements in the same order, as a tensor of `shape`: [24], (2, -1, 4) -> [2, 3, 4].

    One entry of `shape` may be -1: it is worked out from the others. An impossible shape raises RuntimeError.
    """
    # YOUR CODE HERE
    raise NotImplementedError("view_as is not written yet.")


def to_column(x: Tensor) -> Tensor:
    """A vector as a matrix of one column: [n] -> [n, 1]."""
    # YOUR CODE HERE
    raise NotImplementedError("to_column is not written yet.")


# ---------------------------------------------------------------- from labels and images to numbers


def images_to_rows(images: Tensor) -> Tensor:
    """Each image as one row of numbers in 0..1: uint8 [n, h, w] -> float32 [n, h*w]."""
    # YOUR CODE HERE
    raise NotImplementedError("images_to_rows is not written yet.")


def digit_targets(labels: Tensor, digit: int) -> Tensor:
    """1.0 where the label is `digit`, else 0.0: int64 [n] -> float32 [n, 1]."""
    # YOUR CODE HERE
    raise NotImplementedError("digit_targets is not written yet.")


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """For each label a row of zeros with a 1.0 at the label's place: int64 [n] -> float32 [n, classes]."""
    # YOUR CODE HERE
    raise NotImplementedError("one_hot is not written yet.")


def standardise(x: Tensor) -> Tensor:
    """Columns of mean 0 and population standard deviation 1; a constant column becomes zeros: [n, d] -> [n, d]."""
    # YOUR CODE HERE
    raise NotImplementedError("standardise is not written yet.")


# ---------------------------------------------------------------- networks by hand


def perceptron(x: Tensor, w: Tensor, b: float) -> Tensor:
    """1 where x·w + b > 0, else 0: [n, d], [d], float -> int64 [n]."""
    # YOUR CODE HERE
    raise NotImplementedError("perceptron is not written yet.")


def forward(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
    """A net with a sigmoid hidden layer and a linear output: [n, d], [h, d], [h], [k, h], [k] -> [n, k]."""
    # YOUR CODE HERE
    raise NotImplementedError("forward is not written yet.")


def parameter_count(sizes: list[int]) -> int:
    """How many weights and biases a fully connected net has: [10, 10, 10, 10] -> 330."""
    # YOUR CODE HERE
    raise NotImplementedError("parameter_count is not written yet.")


# ---------------------------------------------------------------- gradients


def cubic_gradient(x: float) -> float:
    """The derivative of (x-1)(x-2)(x-3) at x, by autograd: 3.5 -> 5.75."""
    # YOUR CODE HERE
    raise NotImplementedError("cubic_gradient is not written yet.")


def partials(u: float, v: float) -> tuple[float, float]:
    """(df/du, df/dv) of f = u*v + u**2 at (u, v): 1.0, 2.0 -> (4.0, 1.0)."""
    # YOUR CODE HERE
    raise NotImplementedError("partials is not written yet.")


def mse_gradient(x: Tensor, y: Tensor, w: float) -> float:
    """d/dw of mean((x*w - y)**2) at w: [n], [n], float -> float."""
    # YOUR CODE HERE
    raise NotImplementedError("mse_gradient is not written yet.")


# ---------------------------------------------------------------- the arithmetic of convolutions


def conv_output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """How many positions a kernel takes along one side: 28, 5, 1, 0 -> 24."""
    # YOUR CODE HERE
    raise NotImplementedError("conv_output_size is not written yet.")


def same_padding(size: int, kernel: int, stride: int) -> int:
    """The padding that keeps the size: 4, 2, 2 -> 2."""
    # YOUR CODE HERE
    raise NotImplementedError("same_padding is not written yet.")
