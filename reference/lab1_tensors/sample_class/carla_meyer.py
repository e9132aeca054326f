"""Everything with numpy where I know it better, and one-liners."""
import math
from functools import partial

import numpy as np
import torch
from torch import nn

first_row = lambda x: x[0]
first_column = lambda x: x.select(1, 0)
transpose = partial(torch.transpose, dim0=0, dim1=1)
squeeze_all = torch.squeeze
squeeze_dim = lambda x, dim: torch.from_numpy(x.numpy().squeeze(dim)) if x.shape[dim] == 1 else x
add_dim = lambda x, dim: torch.from_numpy(np.expand_dims(x.numpy(), dim))
view_as = torch.reshape
to_column = lambda x: torch.stack([x], dim=1)

images_to_rows = lambda images: torch.from_numpy((images.numpy().reshape(len(images), -1) / 255).astype(np.float32))
digit_targets = lambda labels, digit: torch.where(labels == digit, 1.0, 0.0).unsqueeze(-1)
one_hot = lambda labels, classes: torch.eye(classes)[labels]


def standardise(x):
    a = x.numpy().astype(np.float64)
    s = a.std(axis=0)
    return torch.from_numpy(np.divide(a - a.mean(axis=0), s, out=np.zeros_like(a), where=s > 0))


perceptron = lambda x, w, b: torch.heaviside(x @ w + b, torch.tensor(0.0)).long()


def forward(x, w1, b1, w2, b2):
    hidden, out = nn.Linear(*w1.T.shape), nn.Linear(*w2.T.shape)
    with torch.no_grad():
        hidden.weight[:], hidden.bias[:], out.weight[:], out.bias[:] = w1, b1, w2, b2
        return nn.Sequential(hidden, nn.Sigmoid(), out)(x)


parameter_count = lambda sizes: sum(p.numel() for a, b in zip(sizes, sizes[1:]) for p in nn.Linear(a, b).parameters())

cubic_gradient = lambda x: torch.func.grad(lambda t: (t - 1) * (t - 2) * (t - 3))(torch.tensor(x))
partials = lambda u, v: list(torch.func.grad(lambda a, b: a * b + a**2, argnums=(0, 1))(torch.tensor(u), torch.tensor(v)))
mse_gradient = lambda x, y, w: torch.func.grad(lambda t: ((x * t - y) ** 2).mean())(torch.tensor(w))

conv_output_size = lambda size, kernel, stride, padding: math.floor((size - kernel + 2 * padding) / stride + 1)
same_padding = lambda size, kernel, stride: np.floor((size * stride - size + kernel - 1) / 2)
