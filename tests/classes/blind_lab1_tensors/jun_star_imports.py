from torch import *
from torch.nn.functional import *
from math import floor
import torch


def first_row(x):
    return narrow(x, 0, 0, 1).squeeze(0)


def first_column(x):
    return chunk(x, x.shape[1], 1)[0].flatten()


def transpose(x):
    return x.permute(1, 0)


def squeeze_all(x):
    return squeeze(x)


def squeeze_dim(x, dim):
    return squeeze(x, dim)


def add_dim(x, dim):
    return unsqueeze(x, dim)


def view_as(x, shape):
    return reshape(x, shape)


def to_column(x):
    return unsqueeze(x, 1)


def images_to_rows(images):
    return flatten(images, 1) / 255


def digit_targets(labels, digit):
    return where(labels == digit, ones(len(labels)), zeros(len(labels))).reshape(-1, 1)


def standardise(x):
    centred = sub(x, mean(x, 0))
    return centred / maximum(sqrt(mean(square(centred), 0)), tensor(1e-10))


def perceptron(x, w, b):
    return (matmul(x, w) + b > 0).to(int64)


# one_hot and linear are torch's own until here
library_one_hot = one_hot


def one_hot(labels, classes):
    return library_one_hot(labels, classes).to(float32)


def forward(x, w1, b1, w2, b2):
    return linear(sigmoid(linear(x, w1, b1)), w2, b2)


def parameter_count(sizes):
    s = tensor(sizes)
    return (s[:-1] * s[1:] + s[1:]).sum().item()


def cubic_gradient(x):
    x = tensor(x, requires_grad=True)
    ((x - 1) * (x - 2) * (x - 3)).backward()
    return x.grad


def partials(u, v):
    u, v = tensor(u, requires_grad=True), tensor(v, requires_grad=True)
    (u * v + u**2).backward()
    return u.grad, v.grad


def mse_gradient(x, y, w):
    w = tensor(w, requires_grad=True)
    mse_loss(mul(x, w), y).backward()
    return w.grad.item()


def conv_output_size(size, kernel, stride, padding):
    return floor((size - kernel + 2 * padding) / stride + 1)


def same_padding(size, kernel, stride):
    return floor((size * stride - size + kernel - 1) / 2)
