"""Lab 1: tensors. Shapes, views, gradients.

Replace each `raise NotImplementedError` with your code. README.md explains every function with an example.
"""

import torch
from torch import Tensor

# ---------------------------------------------------------------- shapes and views


def first_row(x: Tensor) -> Tensor:
    """The first row of a matrix: [n, m] -> [m]."""
    # BEGIN SOLUTION
    # Read the shapes in the comments first and the code second: a line whose shapes are right is rarely wrong.
    return x[0]  # [n, m] -> [m]: an integer index uses its dimension up
    # END SOLUTION


def first_column(x: Tensor) -> Tensor:
    """The first column of a matrix: [n, m] -> [n]."""
    # BEGIN SOLUTION
    return x[:, 0]  # [n, m] -> [n]; x[:, :1] would keep the dimension: [n, 1]
    # END SOLUTION


def transpose(x: Tensor) -> Tensor:
    """Rows become columns: [n, m] -> [m, n]."""
    # BEGIN SOLUTION
    return x.T  # [n, m] -> [m, n]; reshape(m, n) has this shape too, but leaves the elements in the old order
    # END SOLUTION


def squeeze_all(x: Tensor) -> Tensor:
    """Drop every dimension of size 1: [24, 1, 1] -> [24]; [12, 2] stays as it is."""
    # BEGIN SOLUTION
    return x.squeeze()
    # END SOLUTION


def squeeze_dim(x: Tensor, dim: int) -> Tensor:
    """Drop dimension `dim` if its size is 1, otherwise return x as it is: [24, 1, 1], 1 -> [24, 1]."""
    # BEGIN SOLUTION
    return x.squeeze(dim)  # unlike squeeze(), safe for a batch that happens to hold one item
    # END SOLUTION


def add_dim(x: Tensor, dim: int) -> Tensor:
    """Put a new dimension of size 1 at position `dim`: [12, 2], 1 -> [12, 1, 2]."""
    # BEGIN SOLUTION
    return x.unsqueeze(dim)
    # END SOLUTION


def view_as(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The same elements in the same order, as a tensor of `shape`: [24], (2, -1, 4) -> [2, 3, 4].

    One entry of `shape` may be -1: it is worked out from the others. An impossible shape raises RuntimeError.
    """
    # BEGIN SOLUTION
    # reshape is view where a view is possible and a copy elsewhere. A shape of another size raises
    # RuntimeError, and that is what a caller wants: half a tensor would be a mistake found much later.
    return x.reshape(shape)
    # END SOLUTION


def to_column(x: Tensor) -> Tensor:
    """A vector as a matrix of one column: [n] -> [n, 1]."""
    # BEGIN SOLUTION
    return x[:, None]  # [n] -> [n, 1], the same as unsqueeze(1)
    # END SOLUTION


# ---------------------------------------------------------------- from labels and images to numbers


def images_to_rows(images: Tensor) -> Tensor:
    """Each image as one row of numbers in 0..1: uint8 [n, h, w] -> float32 [n, h*w]."""
    # BEGIN SOLUTION
    rows = images.flatten(start_dim=1)  # [n, h, w] -> [n, h*w]: dimension 0, the images, stays
    return rows.float() / 255  # float first: uint8 holds whole numbers only and wraps around at 256
    # END SOLUTION


def digit_targets(labels: Tensor, digit: int) -> Tensor:
    """1.0 where the label is `digit`, else 0.0: int64 [n] -> float32 [n, 1]."""
    # BEGIN SOLUTION
    is_digit = labels == digit  # bool [n]
    return is_digit.float()[:, None]  # [n, 1] like the output of a net; against [n] a loss would broadcast to [n, n]
    # END SOLUTION


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """For each label a row of zeros with a 1.0 at the label's place: int64 [n] -> float32 [n, classes]."""
    # BEGIN SOLUTION
    # Without `classes` the width would be that of the largest label in this batch.
    return torch.nn.functional.one_hot(labels, classes).float()  # int64 -> float32, what a loss needs
    # END SOLUTION


def standardise(x: Tensor) -> Tensor:
    """Columns of mean 0 and population standard deviation 1; a constant column becomes zeros: [n, d] -> [n, d]."""
    # BEGIN SOLUTION
    mean = x.mean(dim=0)  # [d]: dimension 0, the rows, is averaged away
    std = x.std(dim=0, correction=0)  # [d]; correction=0 divides by n, the default divides by n - 1
    # A constant column has std 0, and 0/0 is NaN, which spreads to all that it touches. Its deviations
    # are all 0 already, so that dividing them by 1 is what we want.
    return (x - mean) / torch.where(std > 0, std, 1.0)  # [n, d] with [d]: broadcast along the rows
    # END SOLUTION


# ---------------------------------------------------------------- networks by hand


def perceptron(x: Tensor, w: Tensor, b: float) -> Tensor:
    """1 where x·w + b > 0, else 0: [n, d], [d], float -> int64 [n]."""
    # BEGIN SOLUTION
    return (x @ w + b > 0).long()  # [n, d] @ [d] -> [n]; bool -> int64
    # END SOLUTION


def forward(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
    """A net with a sigmoid hidden layer and a linear output: [n, d], [h, d], [h], [k, h], [k] -> [n, k]."""
    # BEGIN SOLUTION
    # Weights are [out, in] as in nn.Linear, hence the transposes.
    hidden = torch.sigmoid(x @ w1.T + b1)  # [n, d] @ [d, h] + [h] -> [n, h]
    return hidden @ w2.T + b2  # [n, h] @ [h, k] + [k] -> [n, k]; linear, so that any number can come out
    # END SOLUTION


def parameter_count(sizes: list[int]) -> int:
    """How many weights and biases a fully connected net has: [10, 10, 10, 10] -> 330."""
    # BEGIN SOLUTION
    # From one layer to the next: a weight for each pair of neurons, and a bias for each neuron of the next.
    return sum((sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes) - 1))
    # END SOLUTION


# ---------------------------------------------------------------- gradients


def cubic_gradient(x: float) -> float:
    """The derivative of (x-1)(x-2)(x-3) at x, by autograd: 3.5 -> 5.75."""
    # BEGIN SOLUTION
    at = torch.tensor(x, requires_grad=True)
    y = (at - 1) * (at - 2) * (at - 3)
    y.backward()  # fills at.grad with dy/dx
    return at.grad.item()
    # END SOLUTION


def partials(u: float, v: float) -> tuple[float, float]:
    """(df/du, df/dv) of f = u*v + u**2 at (u, v): 1.0, 2.0 -> (4.0, 1.0)."""
    # BEGIN SOLUTION
    at_u, at_v = torch.tensor(u, requires_grad=True), torch.tensor(v, requires_grad=True)
    f = at_u * at_v + at_u**2
    f.backward()
    return at_u.grad.item(), at_v.grad.item()
    # END SOLUTION


def mse_gradient(x: Tensor, y: Tensor, w: float) -> float:
    """d/dw of mean((x*w - y)**2) at w: [n], [n], float -> float."""
    # BEGIN SOLUTION
    weight = torch.tensor(w, requires_grad=True)
    loss = ((x * weight - y) ** 2).mean()
    loss.backward()
    return weight.grad.item()
    # END SOLUTION


# ---------------------------------------------------------------- the arithmetic of convolutions


def conv_output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """How many positions a kernel takes along one side: 28, 5, 1, 0 -> 24."""
    # BEGIN SOLUTION
    # `//` rounds down: the kernel stops before it would hang over the edge.
    return (size - kernel + 2 * padding) // stride + 1
    # END SOLUTION


def same_padding(size: int, kernel: int, stride: int) -> int:
    """The padding that keeps the size: 4, 2, 2 -> 2."""
    # BEGIN SOLUTION
    # conv_output_size(...) = size, solved for the padding.
    return (size * stride - size + kernel - 1) // 2
    # END SOLUTION
