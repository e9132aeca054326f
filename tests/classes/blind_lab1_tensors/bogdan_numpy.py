# I know numpy better than torch, so: numpy first, torch.from_numpy at the end.
import math

import numpy as np
import torch


def first_row(x):
    return torch.from_numpy(x.numpy()[0, :])


def first_column(x):
    return torch.from_numpy(np.ascontiguousarray(x.numpy()[:, 0]))


def transpose(x):
    return torch.from_numpy(np.transpose(x.numpy()))


def squeeze_all(x):
    return torch.from_numpy(np.squeeze(x.numpy()))


def squeeze_dim(x, dim):
    a = x.numpy()
    if a.shape[dim] == 1:
        a = np.squeeze(a, axis=dim)
    return torch.from_numpy(a)


def add_dim(x, dim):
    return torch.from_numpy(np.expand_dims(x.numpy(), dim))


def view_as(x, shape):
    try:
        return torch.from_numpy(x.numpy().reshape(shape))
    except ValueError as e:
        # numpy says ValueError, we were asked for RuntimeError
        raise RuntimeError(str(e))


def to_column(x):
    return torch.from_numpy(x.numpy()[:, np.newaxis])


def images_to_rows(images):
    a = images.numpy().astype(np.float64)
    a = a.reshape(a.shape[0], a.shape[1] * a.shape[2]) / 255.0
    return torch.from_numpy(a.astype(np.float32))


def digit_targets(labels, digit):
    a = np.where(labels.numpy() == digit, 1.0, 0.0)
    return torch.from_numpy(a.reshape(-1, 1)).type(torch.FloatTensor)


def one_hot(labels, classes):
    return torch.from_numpy(np.eye(classes, dtype="float32")[labels.numpy()])


def standardise(x):
    a = x.numpy().astype(float)
    mu, sd = np.mean(a, axis=0), np.std(a, axis=0)
    out = np.divide(a - mu, sd, out=np.zeros_like(a), where=sd != 0)
    return torch.from_numpy(out)


def perceptron(x, w, b):
    return torch.from_numpy((np.dot(x.numpy(), w.numpy()) + b > 0).astype(np.int64))


def forward(x, w1, b1, w2, b2):
    x, w1, b1, w2, b2 = (t.numpy() for t in (x, w1, b1, w2, b2))
    h = 1.0 / (1.0 + np.exp(-(np.matmul(x, w1.T) + b1)))
    return torch.from_numpy(np.matmul(h, w2.T) + b2)


def parameter_count(sizes):
    s = np.array(sizes)
    return np.sum(s[:-1] * s[1:]) + np.sum(s[1:])


def cubic_gradient(x):
    t = torch.from_numpy(np.array(float(x))).requires_grad_(True)
    ((t - 1) * (t - 2) * (t - 3)).backward()
    return t.grad.numpy()[()]


def partials(u, v):
    uv = torch.from_numpy(np.array([u, v], dtype=np.float64))
    uv.requires_grad = True
    (uv[0] * uv[1] + uv[0] ** 2).backward()
    du, dv = uv.grad.numpy()
    return du, dv


def mse_gradient(x, y, w):
    t = torch.tensor(float(w), requires_grad=True)
    torch.mean((x * t - y) ** 2).backward()
    return np.float32(t.grad.numpy())


def conv_output_size(size, kernel, stride, padding):
    return np.floor((size - kernel + 2 * padding) / stride + 1)


def same_padding(size, kernel, stride):
    return np.int64(np.floor((size * stride - size + kernel - 1) / 2))
