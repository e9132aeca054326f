"""Thinks in numpy, converts at the end; numbers are numpy scalars."""
import numpy as np
import torch


def tensor(array):
    return torch.from_numpy(np.ascontiguousarray(array))


def first_row(x):
    return tensor(x.numpy()[0])


def first_column(x):
    return tensor(x.numpy()[:, 0])


def transpose(x):
    return torch.from_numpy(x.numpy().T)


def squeeze_all(x):
    return tensor(np.squeeze(x.numpy()))


def squeeze_dim(x, dim):
    return tensor(np.squeeze(x.numpy(), axis=dim)) if x.shape[dim] == 1 else x


def add_dim(x, dim):
    return tensor(np.expand_dims(x.numpy(), dim))


def view_as(x, shape):
    try:
        return tensor(x.numpy().reshape(shape))
    except ValueError as error:
        raise RuntimeError(str(error)) from error


def to_column(x):
    return tensor(x.numpy()[:, np.newaxis])


def images_to_rows(images):
    return tensor(images.numpy().reshape(len(images), -1).astype("float32") / np.float32(255))


def digit_targets(labels, digit):
    return tensor(np.where(labels.numpy() == digit, 1, 0).astype(np.float32)[:, None])


def one_hot(labels, classes):
    return tensor(np.eye(classes, dtype=np.float32)[labels.numpy()])


def standardise(x):
    from sklearn.preprocessing import StandardScaler

    return tensor(StandardScaler().fit_transform(x.numpy().astype(np.float64)))


def perceptron(x, w, b):
    return tensor((np.dot(x.numpy(), w.numpy()) + b > 0).astype(np.int64))


def forward(x, w1, b1, w2, b2):
    x, w1, b1, w2, b2 = (array.numpy().astype(np.float64) for array in (x, w1, b1, w2, b2))
    hidden = 1 / (1 + np.exp(-(np.dot(x, w1.T) + b1)))
    return tensor(np.dot(hidden, w2.T) + b2)


def parameter_count(sizes):
    sizes = np.array(sizes)
    return np.sum(sizes[:-1] * sizes[1:]) + np.sum(sizes[1:])


def cubic_gradient(x):
    x = torch.tensor(np.float64(x), requires_grad=True)
    ((x - 1) * (x - 2) * (x - 3)).backward()
    return x.grad.numpy()[()]


def partials(u, v):
    point = torch.tensor(np.array([u, v]), requires_grad=True)
    (point[0] * point[1] + point[0] ** 2).backward()
    return tuple(point.grad.numpy())


def mse_gradient(x, y, w):
    x, y = x.numpy(), y.numpy()
    return np.mean(2 * x * (x * w - y))


def conv_output_size(size, kernel, stride, padding):
    return np.floor((size - kernel + 2 * padding) / stride + 1)


def same_padding(size, kernel, stride):
    return np.floor_divide(size * stride - size + kernel - 1, 2)
