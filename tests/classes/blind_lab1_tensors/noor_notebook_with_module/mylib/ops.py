import torch

from . import shapes

print("ops imported")


def images_to_rows(images):
    return shapes.view_as(images, (images.size(0), -1)).float() / 255


def digit_targets(labels, digit):
    return shapes.to_column(torch.where(labels == digit, 1.0, 0.0))


def one_hot(labels, classes):
    return torch.eye(classes)[labels]


def standardise(x):
    std = x.std(0, unbiased=False)
    return torch.where(std == 0, 0.0, (x - x.mean(0)) / std)


def perceptron(x, w, b):
    return (x @ w + b > 0).long()


def affine(x, w, b):
    return x @ shapes.transpose(w) + b


def count(sizes):
    return sum(a * b + b for a, b in zip(sizes, sizes[1:]))


def gradient(f, *at):
    at = [torch.tensor(a, requires_grad=True) for a in at]
    f(*at).backward()
    return [a.grad.item() for a in at]


def conv_output_size(size, kernel, stride, padding):
    return (size - kernel + 2 * padding) // stride + 1


def same_padding(size, kernel, stride):
    return (size * stride - size + kernel - 1) // 2
