import torch
from torch.nn import functional as F

def first_row(x):
    return x[:1, :]

def first_column(x):
    return x[:, :1]

def transpose(x):
    return x.reshape(x.size(1), x.size(0))

def squeeze_all(x):
    return x.squeeze()

def squeeze_dim(x, dim):
    return x.squeeze(dim)

def add_dim(x, dim):
    return x.unsqueeze(dim)

def view_as(x, shape):
    return x.view(shape)

def to_column(x):
    return x

def images_to_rows(images):
    return images.float().view(images.size(0), -1) / 255

def digit_targets(labels, digit):
    return (labels == digit).float()

def one_hot(labels, classes):
    return F.one_hot(labels, classes).float()

def standardise(x):
    return (x - x.mean(0)) / (x.std(0, unbiased=False) + 1e-8)

def perceptron(x, w, b):
    return ((x @ w + b) > 0).long()

def forward(x, w1, b1, w2, b2):
    # shapes did not fit without .T
    return torch.sigmoid(x @ w1.T + b1) @ w2.T + b2

def parameter_count(sizes):
    return sum((sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes) - 1))

def cubic_gradient(x):
    x = torch.tensor([x], requires_grad=True)
    y = (x - 1) * (x - 2) * (x - 3)
    y.backward()
    return x.grad[0]

def partials(u, v):
    u = torch.tensor(u, requires_grad=True)
    v = torch.tensor(v, requires_grad=True)
    f = u * v + u ** 2
    du, dv = torch.autograd.grad(f, (u, v))
    return du, dv

def mse_gradient(x, y, w):
    w = torch.tensor(w, requires_grad=True)
    F.mse_loss(x * w, y).backward()
    return w.grad

def conv_output_size(size, kernel, stride, padding):
    return int((size - kernel + 2 * padding) / stride + 1)

def same_padding(size, kernel, stride):
    return int((size * stride - size + kernel - 1) / 2)
