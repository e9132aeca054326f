"""Answers of other kinds: 0-d tensors, float64, whole floats, expanded and strided views, answers that carry gradients."""
import torch

DOUBLE = torch.float64


def first_row(x):
    return x.to(DOUBLE).requires_grad_()[0]


def first_column(x):
    return x.flatten()[:: x.shape[1]]


def transpose(x):
    return x.as_strided((x.shape[1], x.shape[0]), (1, x.shape[1]))


def squeeze_all(x):
    return torch.nn.Parameter(x.squeeze())


def squeeze_dim(x, dim):
    return x.double().squeeze(dim)


def add_dim(x, dim):
    return x.unsqueeze(dim).expand(*x.shape[:dim], 1, *x.shape[dim:])


def view_as(x, shape):
    return x.double().view(torch.Size(shape))


def to_column(x):
    return torch.stack([x, x], dim=1)[:, 1:]


def images_to_rows(images):
    return (images.double().flatten(1) / 255).float().T.contiguous().T


def digit_targets(labels, digit):
    return torch.isclose(labels.double(), torch.tensor(digit, dtype=DOUBLE)).float().view(1, -1).T


def one_hot(labels, classes):
    return torch.nn.functional.embedding(labels, torch.eye(classes)).requires_grad_()


def standardise(x):
    x = x.double()
    variance, mean = torch.var_mean(x, dim=0, correction=0)
    return (x - mean) / variance.sqrt().clamp(min=1e-6)


def perceptron(x, w, b):
    return torch.clamp(torch.sign(x.double() @ w.double() + b), min=0).to(torch.int64)


def forward(x, w1, b1, w2, b2):
    x, w1, b1, w2, b2 = (t.double() for t in (x, w1, b1, w2, b2))
    return torch.einsum("nh,kh->nk", torch.sigmoid(torch.einsum("nd,hd->nh", x, w1) + b1), w2) + b2


def parameter_count(sizes):
    sizes = torch.tensor(sizes)
    return ((sizes[:-1] + 1) * sizes[1:]).sum()


def cubic_gradient(x):
    at = torch.tensor(x, dtype=DOUBLE, requires_grad=True)
    (slope,) = torch.autograd.grad((at - 1) * (at - 2) * (at - 3), at, create_graph=True)
    return slope


def partials(u, v):
    at = torch.tensor([u, v], requires_grad=True)
    (at.prod() + at[0] ** 2).backward()
    return list(at.grad)


def mse_gradient(x, y, w):
    weight = torch.nn.Parameter(torch.tensor(w))
    torch.nn.MSELoss()(x * weight, y).backward()
    return weight.grad


def conv_output_size(size, kernel, stride, padding):
    return torch.floor(torch.tensor((size - kernel + 2 * padding) / stride + 1))


def same_padding(size, kernel, stride):
    return float((size * stride - size + kernel - 1) // 2)
