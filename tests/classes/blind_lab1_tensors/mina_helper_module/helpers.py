import torch


def _leaf(value):
    return torch.tensor(value, requires_grad=True)


def first_row(x):
    return x[0, :]


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
    return add_dim(x, 1)


def images_to_rows(images):
    return view_as(images.float() / 255, (images.shape[0], -1))


def digit_targets(labels, digit):
    return to_column((labels == digit).float())


def one_hot(labels, classes):
    return torch.cat([digit_targets(labels, c) for c in range(classes)], dim=1)


def standardise(x):
    from settings import SMALL

    std = x.std(dim=0, unbiased=False)
    std[std < SMALL] = 1.0
    return (x - x.mean(dim=0)) / std
