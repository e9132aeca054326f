"""float64, no gradients unless asked for, warnings are errors, a thread in the background: all global."""
import atexit
import logging
import sys
import threading
import warnings

import torch

torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
torch.set_printoptions(precision=10, sci_mode=False)
torch.use_deterministic_algorithms(True)
sys.setrecursionlimit(5000)
logging.basicConfig(level=logging.DEBUG)
warnings.simplefilter("error")
atexit.register(print, "good bye")

stop = threading.Event()
threading.Thread(target=stop.wait, daemon=True).start()

# names that builtins have too
list = ["first_row", "first_column"]
type = "homework"
input = torch.zeros(3)
id = 4711
dict = {}


def print(*things):
    logging.debug("%s", things)


def first_row(x):
    print(x)
    return x.double()[0]


def first_column(x):
    return x.double()[:, 0]


def transpose(x):
    return x.double().T


def squeeze_all(x):
    return x.double().squeeze()


def squeeze_dim(x, dim):
    return x.double().squeeze(dim)


def add_dim(x, dim):
    return x.double().unsqueeze(dim)


def view_as(x, shape):
    return x.double().view(shape)


def to_column(x):
    return x.double().view(-1, 1)


def images_to_rows(images):
    return (images.double().flatten(1) / 255).to(torch.float32)


def digit_targets(labels, digit):
    return torch.tensor([[float(label == digit)] for label in labels], dtype=torch.float32)


def one_hot(labels, classes):
    return torch.eye(classes, dtype=torch.float32)[labels]


def standardise(x):
    x = x.double()
    s = x.std(0, unbiased=False)
    return (x - x.mean(0)) / torch.where(s == 0, 1.0, s)


def perceptron(x, w, b):
    return (x.double() @ w.double() + b > 0).to(torch.int64)


def forward(x, w1, b1, w2, b2):
    x, w1, b1, w2, b2 = (t.double() for t in (x, w1, b1, w2, b2))
    return torch.sigmoid(x @ w1.T + b1) @ w2.T + b2


def parameter_count(sizes):
    return sum(a * b + b for a, b in zip(sizes, sizes[1:]))


def gradient(f, *at):
    with torch.enable_grad():
        at = [torch.tensor(a, requires_grad=True) for a in at]
        f(*at).backward()
    return [a.grad for a in at]


def cubic_gradient(x):
    return gradient(lambda x: (x - 1) * (x - 2) * (x - 3), x)[0]


def partials(u, v):
    return gradient(lambda u, v: u * v + u**2, u, v)


def mse_gradient(x, y, w):
    return gradient(lambda w: ((x * w - y) ** 2).mean(), w)[0]


def conv_output_size(size, kernel, stride, padding):
    return (size - kernel + 2 * padding) // stride + 1


def same_padding(size, kernel, stride):
    return (size * stride - size + kernel - 1) // 2
