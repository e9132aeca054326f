"""All tensor functions compiled with TorchScript, because it is fast."""
from typing import List

import torch


@torch.jit.script
def first_row(x: torch.Tensor) -> torch.Tensor:
    return x.select(0, 0)


@torch.jit.script
def first_column(x: torch.Tensor) -> torch.Tensor:
    return x.select(1, 0)


@torch.jit.script
def transpose(x: torch.Tensor) -> torch.Tensor:
    return x.transpose(0, 1)


@torch.jit.script
def squeeze_all(x: torch.Tensor) -> torch.Tensor:
    return x.squeeze()


@torch.jit.script
def squeeze_dim(x: torch.Tensor, dim: int) -> torch.Tensor:
    return x.squeeze(dim)


@torch.jit.script
def add_dim(x: torch.Tensor, dim: int) -> torch.Tensor:
    return x.unsqueeze(dim)


@torch.jit.script
def _view(x: torch.Tensor, shape: List[int]) -> torch.Tensor:
    return x.view(shape)


def view_as(x, shape):
    return _view(x, list(shape))


@torch.jit.script
def to_column(x: torch.Tensor) -> torch.Tensor:
    return x[:, None]


@torch.jit.script
def images_to_rows(images: torch.Tensor) -> torch.Tensor:
    return images.flatten(start_dim=1).to(torch.float32) / 255.0


@torch.jit.script
def digit_targets(labels: torch.Tensor, digit: int) -> torch.Tensor:
    return (labels == digit).to(torch.float32).unsqueeze(1)


@torch.jit.script
def one_hot(labels: torch.Tensor, classes: int) -> torch.Tensor:
    return torch.zeros(labels.size(0), classes).scatter(1, labels.unsqueeze(1), 1.0)


@torch.jit.script
def standardise(x: torch.Tensor) -> torch.Tensor:
    mean = x.mean(dim=0, keepdim=True)
    std = ((x - mean) ** 2).mean(dim=0, keepdim=True).sqrt()
    return (x - mean) / torch.where(std > 0, std, torch.ones_like(std))


@torch.jit.script
def perceptron(x: torch.Tensor, w: torch.Tensor, b: float) -> torch.Tensor:
    return (torch.mv(x, w) + b).gt(0.0).to(torch.int64)


@torch.jit.script
def forward(x: torch.Tensor, w1: torch.Tensor, b1: torch.Tensor, w2: torch.Tensor, b2: torch.Tensor) -> torch.Tensor:
    hidden = torch.sigmoid(torch.nn.functional.linear(x, w1, b1))
    return torch.nn.functional.linear(hidden, w2, b2)


@torch.jit.script
def parameter_count(sizes: List[int]) -> int:
    total = 0
    for i in range(1, len(sizes)):
        total += (sizes[i - 1] + 1) * sizes[i]
    return total


@torch.jit.script
def _cubic(x: torch.Tensor) -> torch.Tensor:
    return (x - 1) * (x - 2) * (x - 3)


def cubic_gradient(x: float) -> float:
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    return float(torch.autograd.grad(_cubic(t), t)[0])


def partials(u: float, v: float):
    f = lambda u, v: u * v + u**2
    return torch.autograd.functional.jacobian(f, (torch.tensor(u), torch.tensor(v)))


def mse_gradient(x, y, w: float) -> float:
    t = torch.full((), w, requires_grad=True)
    torch.nn.functional.mse_loss(x * t, y).backward()
    return float(t.grad)


@torch.jit.script
def conv_output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    return (size - kernel + 2 * padding) // stride + 1


@torch.jit.script
def same_padding(size: int, kernel: int, stride: int) -> int:
    return (size * stride - size + kernel - 1) // 2
