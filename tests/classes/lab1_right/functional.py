"""torch.nn.functional and torch.func wherever they fit."""
import torch
import torch.nn.functional as F
from torch import func


def first_row(x):
    return x.select(0, 0)


def first_column(x):
    return x.unbind(1)[0]


def transpose(x):
    return x.permute(1, 0)


def squeeze_all(x):
    return x.squeeze(tuple(range(x.ndim)))


def squeeze_dim(x, dim):
    return torch.flatten(x, dim, dim + 1) if x.shape[dim] == 1 and dim + 1 < x.ndim else x.squeeze(dim)


def add_dim(x, dim):
    return x[(slice(None),) * dim + (None,)]


def view_as(x, shape):
    return x.reshape(*shape)


def to_column(x):
    return torch.atleast_2d(x).T


def images_to_rows(images):
    return F.unfold(images[:, None].float(), images.shape[1:]).squeeze(2) / 255


def digit_targets(labels, digit):
    return F.one_hot(labels, 10)[:, digit].float().unsqueeze(-1)


def one_hot(labels, classes):
    return F.one_hot(labels, num_classes=classes).type(torch.float32)


def standardise(x):
    return F.batch_norm(x, None, None, training=True)


def perceptron(x, w, b):
    return F.threshold(torch.sign(F.linear(x, w[None], torch.tensor([b]))), 0, 0).squeeze(1).to(torch.int64)


def forward(x, w1, b1, w2, b2):
    return F.linear(F.sigmoid(F.linear(x, w1, b1)), w2, b2)


def parameter_count(sizes):
    layers = [torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
    return torch.nn.utils.parameters_to_vector(torch.nn.Sequential(*layers).parameters()).numel()


def cubic_gradient(x):
    return func.grad(lambda t: (t - 1) * (t - 2) * (t - 3))(torch.tensor(x))


def partials(u, v):
    return func.jacrev(lambda point: point[0] * point[1] + point[0] ** 2)(torch.tensor([u, v]))


def mse_gradient(x, y, w):
    return func.grad(lambda t: F.mse_loss(x * t, y))(torch.tensor(w))


def conv_output_size(size, kernel, stride, padding):
    signal = torch.zeros(1, 1, size, device="cpu")
    return F.conv1d(signal, torch.ones(1, 1, kernel), None, stride, padding).shape[-1]


def same_padding(size, kernel, stride):
    return torch.div(size * stride - size + kernel - 1, torch.tensor(2), rounding_mode="floor")
