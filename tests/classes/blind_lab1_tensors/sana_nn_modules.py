import torch
from torch import nn


class Select(nn.Module):
    def __init__(self, dim, index=0):
        super().__init__()
        self.dim, self.index = dim, index

    def forward(self, x):
        return x.select(self.dim, self.index)


class Permute(nn.Module):
    def forward(self, x):
        return x.permute(1, 0)


class Lambda(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, *args):
        return self.f(*args)


class PixelRows(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Flatten(), Lambda(lambda x: x.float() / 255))


class Column(nn.Module):
    def forward(self, x):
        return nn.Unflatten(0, (len(x), 1))(x)


first_row = Select(0)
first_column = Select(1)
transpose = Permute()
squeeze_all = Lambda(torch.squeeze)
squeeze_dim = Lambda(torch.squeeze)
add_dim = Lambda(torch.unsqueeze)
view_as = Lambda(lambda x, shape: x.view(shape))
to_column = Column()
images_to_rows = PixelRows()
digit_targets = Lambda(lambda labels, digit: to_column((labels == digit).float()))


def one_hot(labels, classes):
    return nn.Embedding.from_pretrained(torch.eye(classes))(labels)


def standardise(x):
    norm = nn.BatchNorm1d(x.shape[1], eps=1e-12, affine=False)
    if len(x) == 1:
        return torch.zeros_like(x)
    return norm(x)


class Perceptron(nn.Module):
    def __init__(self, w, b):
        super().__init__()
        self.linear = nn.Linear(len(w), 1)
        self.linear.weight = nn.Parameter(w[None])
        self.linear.bias = nn.Parameter(torch.tensor([b]))

    def forward(self, x):
        return (self.linear(x) > 0).long().squeeze(1)


def perceptron(x, w, b):
    return Perceptron(w, b)(x)


def net(sizes):
    layers = []
    for n_in, n_out in zip(sizes, sizes[1:]):
        layers += [nn.Linear(n_in, n_out), nn.Sigmoid()]
    return nn.Sequential(*layers[:-1])


def forward(x, w1, b1, w2, b2):
    model = net([x.shape[1], len(b1), len(b2)])
    model.load_state_dict({"0.weight": w1, "0.bias": b1, "2.weight": w2, "2.bias": b2})
    return model(x)  # still attached to its graph


def parameter_count(sizes):
    return sum(p.numel() for p in net(sizes).parameters())


class Scalar(nn.Module):
    def __init__(self, *values):
        super().__init__()
        self.values = nn.ParameterList([nn.Parameter(torch.tensor(v)) for v in values])

    def gradient(self, f):
        self.zero_grad()
        f(*self.values).backward()
        return tuple(p.grad.item() for p in self.values)


def cubic_gradient(x):
    return Scalar(x).gradient(lambda x: (x - 1) * (x - 2) * (x - 3))[0]


def partials(u, v):
    return Scalar(u, v).gradient(lambda u, v: u * v + u**2)


def mse_gradient(x, y, w):
    return Scalar(w).gradient(lambda w: nn.functional.mse_loss(w * x, y))[0]


def conv_output_size(size, kernel, stride, padding):
    conv = nn.Conv1d(1, 1, kernel, stride, padding)
    return conv(torch.zeros(1, 1, size)).shape[-1]


def same_padding(size, kernel, stride):
    return (size * stride - size + kernel - 1) // 2
