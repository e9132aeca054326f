from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

import torch
from torch import Tensor

Shape: TypeAlias = tuple[int, ...]
LEVELS: Final[int] = 2**8 - 1


class Axis(Enum):
    ROWS = 0
    COLUMNS = 1


class Partials(NamedTuple):
    """The two derivatives of f."""

    df_du: float
    df_dv: float


@dataclass(frozen=True)
class Layer:
    weight: Tensor
    bias: Tensor
    activation: Callable[[Tensor], Tensor] = field(default=lambda z: z)

    def __call__(self, x: Tensor) -> Tensor:
        return self.activation(x @ self.weight.mT + self.bias)


@dataclass
class Convolution:
    size: int
    kernel: int
    stride: int = 1
    padding: int = 0

    @property
    def output(self) -> int:
        return math.floor((self.size - self.kernel + 2 * self.padding) / self.stride + 1)

    @property
    def same(self) -> int:
        return math.floor((self.size * self.stride - self.size + self.kernel - 1) / 2)


def _matrix(x: Tensor) -> Tensor:
    if not isinstance(x, torch.Tensor):
        raise TypeError("expected a tensor")
    if x.ndim != 2:
        raise ValueError("expected a matrix")
    return x


def first_row(x: Tensor) -> Tensor:
    return torch.select(_matrix(x), Axis.ROWS.value, 0)


def first_column(x: Tensor) -> Tensor:
    return torch.select(_matrix(x), Axis.COLUMNS.value, 0)


def transpose(x: Tensor) -> Tensor:
    return torch.transpose(_matrix(x), Axis.ROWS.value, Axis.COLUMNS.value)


def squeeze_all(x: Tensor) -> Tensor:
    return x.squeeze()


def squeeze_dim(x: Tensor, dim: int) -> Tensor:
    assert isinstance(dim, int)
    return x.squeeze(dim) if x.shape[dim] == 1 else x


def add_dim(x: Tensor, dim: int) -> Tensor:
    assert isinstance(dim, int)
    assert 0 <= dim <= x.ndim
    return x.unsqueeze(dim)


def view_as(x: Tensor, shape: Shape) -> Tensor:
    assert isinstance(shape, tuple)
    return x.view(shape)


def to_column(x: Tensor) -> Tensor:
    assert x.ndim == 1
    return x.unsqueeze(1)


def images_to_rows(images: Tensor) -> Tensor:
    assert images.dtype is torch.uint8
    n, h, w = images.shape
    return images.view(n, h * w).to(dtype=torch.float32) / LEVELS


def digit_targets(labels: Tensor, digit: int) -> Tensor:
    assert labels.dtype is torch.int64 and isinstance(digit, int)
    return to_column(labels.eq(digit).float())


def one_hot(labels: Tensor, classes: int) -> Tensor:
    assert labels.dtype is torch.int64 and isinstance(classes, int)
    return torch.eye(classes, dtype=torch.float32).index_select(0, labels)


def standardise(x: Tensor) -> Tensor:
    assert x.dtype is torch.float32
    deviation = x.std(dim=0, correction=0)
    return (x - x.mean(dim=0)) / deviation.masked_fill(deviation == 0, 1.0)


def perceptron(x: Tensor, w: Tensor, b: float) -> Tensor:
    assert isinstance(b, float)
    return torch.gt(x @ w + b, 0).type(torch.int64)


def forward(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
    return Layer(w2, b2)(Layer(w1, b1, torch.sigmoid)(x))


def parameter_count(sizes: Sequence[int]) -> int:
    return sum(math.prod(pair) + pair[1] for pair in zip(sizes, sizes[1:], strict=False))


def cubic_gradient(x: float) -> float:
    assert isinstance(x, float)
    point = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    ((point - 1) * (point - 2) * (point - 3)).backward()
    assert point.grad is not None
    return point.grad.item()


def partials(u: float, v: float) -> Partials:
    assert isinstance(u, float) and isinstance(v, float)
    a, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (u, v))
    gradient = torch.autograd.grad(a * b + a**2, (a, b))
    return Partials(*(part.item() for part in gradient))


def mse_gradient(x: Tensor, y: Tensor, w: float) -> float:
    assert x.shape == y.shape and isinstance(w, float)
    weight = torch.tensor(w, requires_grad=True)
    loss: Tensor = torch.nn.MSELoss()(x * weight, y)
    return torch.autograd.grad(loss, weight)[0].item()


def conv_output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    return Convolution(size, kernel, stride, padding).output


def same_padding(size: int, kernel: int, stride: int) -> int:
    return Convolution(size, kernel, stride).same
