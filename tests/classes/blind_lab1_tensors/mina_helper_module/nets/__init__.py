import torch

from .conv import conv_output_size as _unused


def perceptron(x, w, b):
    return (x @ w + b > 0).long()


def forward(x, w1, b1, w2, b2):
    return torch.sigmoid(x @ w1.T + b1) @ w2.T + b2


def parameter_count(sizes):
    return sum(n_in * n_out + n_out for n_in, n_out in zip(sizes, sizes[1:]))
