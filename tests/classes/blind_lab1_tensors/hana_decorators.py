import functools
import time

import torch

CALLS = {}


def traced(function):
    """Counts calls and measures how long they take."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            CALLS.setdefault(function.__name__, []).append(time.perf_counter() - start)
            print(f"{function.__name__} took {CALLS[function.__name__][-1]:.6f} s")

    return wrapper


def casts(dtype):
    def decorator(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args).to(dtype)

        return wrapper

    return decorator


class memoised:
    def __init__(self, function):
        self.function, self.known = function, {}
        functools.update_wrapper(self, function)

    def __call__(self, *args):
        key = tuple(tuple(a) if isinstance(a, list) else a for a in args)
        if key not in self.known:
            self.known[key] = self.function(*args)
        return self.known[key]


@traced
def first_row(x):
    return next(iter(x))


@traced
def first_column(x):
    return torch.stack([row[0] for row in x])


@traced
def transpose(x):
    return torch.swapaxes(x, 0, 1)


@traced
def squeeze_all(x):
    return torch.squeeze(x)


@traced
def squeeze_dim(x, dim):
    return torch.squeeze(x, (dim,))


@traced
def add_dim(x, dim):
    return torch.stack([x], dim)


@traced
def view_as(x, shape):
    return x.reshape(shape)


@traced
def to_column(x):
    return torch.column_stack((x,))


@traced
@casts(torch.float32)
def images_to_rows(images):
    return torch.stack([image.ravel() for image in images]).double() / 255


@traced
@casts(torch.float32)
def digit_targets(labels, digit):
    return torch.isin(labels, digit).reshape(len(labels), 1)


@traced
@casts(torch.float32)
def one_hot(labels, classes):
    return torch.stack([labels == c for c in range(classes)], dim=1)


@traced
def standardise(x):
    out = torch.zeros_like(x)
    for j in range(x.shape[1]):
        column = x[:, j]
        spread = column.std(unbiased=False)
        if spread.item() != 0:
            out[:, j] = (column - column.mean()) / spread
    return out


@traced
@casts(torch.int64)
def perceptron(x, w, b):
    return torch.sign(torch.inner(x, w) + b).clamp(min=0)


@traced
@torch.no_grad()
def forward(x, w1, b1, w2, b2):
    hidden = torch.special.expit(x.mm(w1.T) + b1)
    return hidden.mm(w2.T) + b2


@memoised
def parameter_count(sizes):
    return sum(a * b + b for a, b in zip(sizes, sizes[1:]))


@memoised
def cubic_gradient(x):
    """float -> float"""
    x = torch.tensor(x, requires_grad=True)
    torch.prod(torch.stack([x - 1, x - 2, x - 3])).backward()
    return x.grad.item()


@memoised
def partials(u, v):
    uv = torch.tensor([u, v], requires_grad=True)
    f = uv.prod() + uv[0].square()
    f.backward()
    return tuple(uv.grad.tolist())


@traced
def mse_gradient(x, y, w):
    w = torch.tensor(w, requires_grad=True)
    residual = x * w - y
    (residual.dot(residual) / residual.numel()).backward()
    return w.grad


@functools.lru_cache(maxsize=None)
def conv_output_size(size, kernel, stride, padding):
    return (size - kernel + 2 * padding + stride) // stride


@functools.cache
def same_padding(size, kernel, stride):
    return (size * stride - size + kernel - 1) // 2
