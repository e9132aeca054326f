#!/usr/bin/env python3
import sys
import unittest

import torch

print("lab 1, Oleg")
print("torch", torch.__version__, "python", sys.version)
LOG = open("debug.log", "w")


def debug(*things):
    print("DEBUG:", *things)
    print("DEBUG:", *things, file=sys.stderr)
    print("DEBUG:", *things, file=LOG, flush=True)


def first_row(x):
    debug("first_row got", x)
    debug("first_row gives", x[0])
    return x[0]


def first_column(x):
    debug("x =", x)
    return x[:, 0]


def transpose(x):
    debug(x.shape, "->", x.T.shape)
    return x.T


def squeeze_all(x):
    debug("before", x.size())
    x = x.squeeze()
    debug("after", x.size())
    return x


def squeeze_dim(x, dim):
    debug(x.size(), dim)
    return x.squeeze(dim)


def add_dim(x, dim):
    debug(x.size(), dim)
    return x.unsqueeze(dim)


def view_as(x, shape):
    debug("view", x.shape, shape)
    try:
        return x.view(shape)
    except RuntimeError as e:
        debug("impossible!", e)
        raise


def to_column(x):
    debug(x)
    return x.reshape(x.shape[0], 1)


def images_to_rows(images):
    # every single pixel, several times over
    for image in images:
        for line in image.tolist():
            for pixel in line:
                for _ in range(10):
                    print("pixel", pixel, "is", pixel / 255, "of white", end=" | ")
        print()
    return images.reshape(images.shape[0], -1).type(torch.float32) / 255


def digit_targets(labels, digit):
    debug(labels, digit)
    return (labels == digit).type(torch.float32).reshape(-1, 1)


def one_hot(labels, classes):
    debug(labels, classes)
    result = torch.zeros(labels.shape[0], classes)
    for i, label in enumerate(labels):
        debug(i, label)
        result[i][label] = 1
    return result


def standardise(x):
    mean = x.mean(dim=0)
    std = torch.sqrt(((x - mean) ** 2).mean(dim=0))
    debug("mean", mean, "std", std)
    std[std == 0] = 1
    return (x - mean) / std


def perceptron(x, w, b):
    z = torch.matmul(x, w) + b
    debug("z", z)
    return (z > 0).type(torch.int64)


def forward(x, w1, b1, w2, b2):
    h = torch.sigmoid(torch.matmul(x, w1.T) + b1)
    debug("h", h)
    return torch.matmul(h, w2.T) + b2


def parameter_count(sizes):
    count = 0
    for i in range(1, len(sizes)):
        count += sizes[i - 1] * sizes[i] + sizes[i]
        debug("layer", i, "count", count)
    return count


def cubic_gradient(x):
    x = torch.tensor(x, requires_grad=True)
    y = (x - 1) * (x - 2) * (x - 3)
    debug(y)
    y.backward()
    debug(x.grad)
    return x.grad.item()


def partials(u, v):
    u = torch.tensor(u, requires_grad=True)
    v = torch.tensor(v, requires_grad=True)
    f = u * v + u**2
    f.backward()
    debug(u.grad, v.grad)
    return u.grad.item(), v.grad.item()


def mse_gradient(x, y, w):
    w = torch.tensor(w, requires_grad=True)
    loss = ((x * w - y) ** 2).mean()
    debug(loss)
    loss.backward()
    return w.grad.item()


def conv_output_size(size, kernel, stride, padding):
    debug(locals())
    return (size - kernel + 2 * padding) // stride + 1


def same_padding(size, kernel, stride):
    debug(locals())
    return (size * stride - size + kernel - 1) // 2


class MyTests(unittest.TestCase):
    def test_first_row(self):
        self.assertEqual(first_row(torch.eye(2)).tolist(), [1, 0])


if __name__ == "__main__":
    print(open("my_own_test_data.txt").read())
    unittest.main()
