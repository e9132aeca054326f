"""Callable objects, helpers with state, arguments changed in place, much printing."""
import sys

import torch
from torch import nn

torch.set_default_dtype(torch.float32)
torch.manual_seed(0)
print("loading", file=sys.stderr)


class Reshape:
    def __init__(self, how):
        self.how = how

    def __call__(self, x, *rest):
        print("in ", tuple(x.shape), *rest)
        answer = self.how(x, *rest)
        print("out", tuple(answer.shape))
        return answer


first_row = Reshape(lambda x: x.resize_(x.shape[1]))
first_column = Reshape(lambda x: x.t_()[0])
transpose = Reshape(lambda x: x.t_())
squeeze_all = Reshape(lambda x: x.squeeze_())
squeeze_dim = Reshape(lambda x, dim: x.squeeze_(dim))
add_dim = Reshape(lambda x, dim: x.unsqueeze_(dim))
view_as = Reshape(lambda x, shape: nn.Unflatten(0, shape)(x.flatten()))
to_column = Reshape(lambda x: x.unsqueeze_(1))


class Rows(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()

    def forward(self, images):
        return self.flatten(images.float().div_(255))


images_to_rows = Rows()


def digit_targets(labels, digit):
    labels -= digit
    return (labels == 0).float().unsqueeze_(1)


def one_hot(labels, classes):
    rows = torch.zeros(labels.numel(), classes)
    return rows.index_put_((torch.arange(labels.numel()), labels), torch.ones(()))


def standardise(x):
    x -= x.mean(dim=0)
    norm = x.square().mean(dim=0).sqrt()
    norm[norm == 0] = 1
    x /= norm
    return x


def perceptron(x, w, b):
    x *= w
    score = x.sum(dim=1)
    score += b
    return (score > 0) * 1


class Net(nn.Module):
    def __init__(self, *weights):
        super().__init__()
        self.w1, self.b1, self.w2, self.b2 = map(nn.Parameter, weights)

    def forward(self, x):
        return torch.sigmoid(x @ self.w1.T + self.b1) @ self.w2.T + self.b2


def forward(x, *weights):
    return Net(*weights)(x)


def parameter_count(sizes):
    total = 0
    while len(sizes) > 1:
        inputs = sizes.pop(0)
        total += (inputs + 1) * sizes[0]
    return total


variable = torch.zeros((), requires_grad=True)


def slope(function, at):
    variable.data = torch.tensor(at)
    variable.grad = None
    function(variable).backward()
    return variable.grad


def cubic_gradient(x):
    return slope(lambda t: (t - 1) * (t - 2) * (t - 3), x).clone()


def partials(u, v):
    return slope(lambda t: t * v + t**2, u).item(), slope(lambda t: u * t + u**2, v).item()


def mse_gradient(x, y, w):
    return slope(lambda t: ((x * t - y) ** 2).mean(), w)


class Arithmetic:
    @staticmethod
    def conv(size, kernel, stride, padding):
        return (size - kernel + 2 * padding) // stride + 1

    @classmethod
    def same(cls, size, kernel, stride):
        return next(p for p in range(10**6) if 2 * p + 2 > size * stride - size + kernel - 1)


conv_output_size = Arithmetic.conv
same_padding = Arithmetic.same
