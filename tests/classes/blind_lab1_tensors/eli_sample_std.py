import torch


def first_row(x):
    return x[0]


def first_column(x):
    return x[:, 0]


def transpose(x):
    return x.T


def squeeze_all(x):
    return x.squeeze()


def squeeze_dim(x, dim):
    return x.squeeze(dim)


def add_dim(x, dim):
    return x.unsqueeze(dim)


def view_as(x, shape):
    return x.view(shape)


def to_column(x):
    return x.view(-1, 1)


def images_to_rows(images):
    return images.view(images.shape[0], -1).float() / 255


def digit_targets(labels, digit):
    return (labels == digit).float().view(-1, 1)


def one_hot(labels, classes):
    return torch.nn.functional.one_hot(labels, classes).float()


def standardise(x):
    std = x.std(0)
    std[std == 0] = 1
    return (x - x.mean(0)) / std


def perceptron(x, w, b):
    return (x @ w + b > 0).long()


def forward(x, w1, b1, w2, b2):
    h = torch.sigmoid(x @ w1.T + b1)
    return h @ w2.T + b2


def parameter_count(sizes):
    total = 0
    for i in range(len(sizes) - 1):
        total += sizes[i] * sizes[i + 1] + sizes[i + 1]
    return total


def cubic_gradient(x):
    x = torch.tensor(x, requires_grad=True)
    y = (x - 1) * (x - 2) * (x - 3)
    y.backward()
    return x.grad.item()


def partials(u, v):
    u = torch.tensor(u, requires_grad=True)
    v = torch.tensor(v, requires_grad=True)
    f = u * v + u ** 2
    f.backward()
    return u.grad.item(), v.grad.item()


def mse_gradient(x, y, w):
    w = torch.tensor(w, requires_grad=True)
    loss = ((x * w - y) ** 2).mean()
    loss.backward()
    return w.grad.item()


def conv_output_size(size, kernel, stride, padding):
    return (size - kernel + 2 * padding) // stride + 1


def same_padding(size, kernel, stride):
    return (size * stride - size + kernel - 1) // 2
