"""In place wherever possible; answers of unusual but equal kinds."""
import numpy as np
import torch


def first_row(x):
    row = x[0]
    x[1:] = -1  # I do not need the others any more
    return row


def first_column(x):
    return x.t_()[0]


def transpose(x):
    return x.transpose_(0, 1)


def squeeze_all(x):
    return x.squeeze_()


def squeeze_dim(x, dim):
    return x.squeeze_(dim)


def add_dim(x, dim):
    return x.unsqueeze_(dim)


def view_as(x, shape):
    return x.view(shape).mul_(1)


def to_column(x):
    x.resize_(len(x), 1)
    return x


def images_to_rows(images):
    rows = images.flatten(1).float().div_(255)
    images.zero_()
    return rows


def digit_targets(labels, digit):
    labels.sub_(digit)
    return labels.eq_(0).float().unsqueeze_(1)


def one_hot(labels, classes):
    hot = torch.zeros(len(labels), classes).scatter_(1, labels.unsqueeze_(1), 1)
    labels.fill_(-1)
    return hot


def standardise(x):
    x -= x.mean(0)
    std = x.pow(2).mean(0).sqrt_()
    x /= std.add_(std == 0)
    return x


def perceptron(x, w, b):
    x *= w
    return x.sum(1).add_(b).gt_(0).long()


def forward(x, w1, b1, w2, b2):
    h = x.mm(w1.t_()).add_(b1).sigmoid_()
    return h.mm(w2.t_()).add_(b2)


def parameter_count(sizes):
    count = 0.0
    n_in = sizes.pop(0)
    while sizes:
        n_out = sizes.pop(0)
        count += n_in * n_out + n_out
        n_in = n_out
    return count


def cubic_gradient(x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    ((t - 1) * (t - 2) * (t - 3)).backward()
    return np.float64(t.grad.item())


def partials(u, v):
    t = torch.tensor([u, v], dtype=torch.float64, requires_grad=True)
    (t[0] * t[1] + t[0] ** 2).backward()
    return [np.float32(t.grad[0].item()), t.grad[1]]


def mse_gradient(x, y, w):
    t = torch.tensor(w, requires_grad=True)
    x.requires_grad_()
    y.requires_grad_()
    ((x * t - y) ** 2).mean().backward()
    return t.grad


def conv_output_size(size, kernel, stride, padding):
    return torch.tensor((size - kernel + 2 * padding) // stride + 1)


def same_padding(size, kernel, stride):
    return np.floor_divide(size * stride - size + kernel - 1, 2.0)
