"""Lab 1, solved: shapes, views, gradients.

Read the shapes in the comments first and the code second. With tensors, a line whose shapes are right is rarely wrong.
"""

from itertools import pairwise

import torch
from torch import Tensor

# ---------------------------------------------------------------- shapes and views


def first_row(x: Tensor) -> Tensor:
    return x[0]  # [n, m] -> [m]: an integer index uses its dimension up


def first_column(x: Tensor) -> Tensor:
    return x[:, 0]  # [n, m] -> [n]; x[:, :1] would keep the dimension: [n, 1]


def transpose(x: Tensor) -> Tensor:
    return x.T  # [n, m] -> [m, n]; reshape(m, n) has this shape too, but leaves the elements in the old order


def squeeze_all(x: Tensor) -> Tensor:
    return x.squeeze()


def squeeze_dim(x: Tensor, dim: int) -> Tensor:
    return x.squeeze(dim)  # unlike squeeze(), safe for a batch that happens to hold one item


def add_dim(x: Tensor, dim: int) -> Tensor:
    return x.unsqueeze(dim)


def view_as(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    # reshape is view where a view is possible and a copy elsewhere. A shape of another size raises
    # RuntimeError, and that is what a caller wants: half a tensor would be a mistake found much later.
    return x.reshape(shape)


def to_column(x: Tensor) -> Tensor:
    return x[:, None]  # [n] -> [n, 1], the same as unsqueeze(1)


# ---------------------------------------------------------------- from labels and images to numbers


def images_to_rows(images: Tensor) -> Tensor:
    rows = images.flatten(start_dim=1)  # [n, h, w] -> [n, h*w]: dimension 0, the images, stays
    return rows.float() / 255  # float first: uint8 holds whole numbers only and wraps around at 256


def digit_targets(labels: Tensor, digit: int) -> Tensor:
    is_digit = labels == digit  # bool [n]
    return is_digit.float()[:, None]  # [n, 1] like the output of a net; against [n] a loss would broadcast to [n, n]


def one_hot(labels: Tensor, classes: int) -> Tensor:
    # Without `classes` the width would be that of the largest label in this batch.
    return torch.nn.functional.one_hot(labels, classes).float()  # int64 -> float32, what a loss needs


def standardise(x: Tensor) -> Tensor:
    mean = x.mean(dim=0)  # [d]: dimension 0, the rows, is averaged away
    std = x.std(dim=0, correction=0)  # [d]; correction=0 divides by n, the default divides by n - 1
    # A constant column has std 0, and 0/0 is NaN, which spreads to all that it touches. Its deviations
    # are all 0 already, so that dividing them by 1 is what we want.
    return (x - mean) / torch.where(std > 0, std, 1.0)  # [n, d] with [d]: broadcast along the rows


# ---------------------------------------------------------------- networks by hand


def perceptron(x: Tensor, w: Tensor, b: float) -> Tensor:
    return (x @ w + b > 0).long()  # [n, d] @ [d] -> [n]; bool -> int64


def forward(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
    # Weights are [out, in] as in nn.Linear, hence the transposes.
    hidden = torch.sigmoid(x @ w1.T + b1)  # [n, d] @ [d, h] + [h] -> [n, h]
    return hidden @ w2.T + b2  # [n, h] @ [h, k] + [k] -> [n, k]; linear, so that any number can come out


def parameter_count(sizes: list[int]) -> int:
    # From `a` to `b` neurons: a weight for each pair, and a bias for each of the b.
    return sum(a * b + b for a, b in pairwise(sizes))


# ---------------------------------------------------------------- gradients


def cubic_gradient(x: float) -> float:
    at = torch.tensor(x, requires_grad=True)
    y = (at - 1) * (at - 2) * (at - 3)
    y.backward()  # fills at.grad with dy/dx
    return at.grad.item()


def partials(u: float, v: float) -> tuple[float, float]:
    at_u, at_v = torch.tensor(u, requires_grad=True), torch.tensor(v, requires_grad=True)
    f = at_u * at_v + at_u**2
    f.backward()
    return at_u.grad.item(), at_v.grad.item()


def mse_gradient(x: Tensor, y: Tensor, w: float) -> float:
    weight = torch.tensor(w, requires_grad=True)
    loss = ((x * weight - y) ** 2).mean()
    loss.backward()
    return weight.grad.item()


# ---------------------------------------------------------------- the arithmetic of convolutions


def conv_output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    # `//` rounds down: the kernel stops before it would hang over the edge.
    return (size - kernel + 2 * padding) // stride + 1


def same_padding(size: int, kernel: int, stride: int) -> int:
    # conv_output_size(...) = size, solved for the padding.
    return (size * stride - size + kernel - 1) // 2
