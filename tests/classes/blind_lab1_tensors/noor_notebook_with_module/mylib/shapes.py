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
    return x.unsqueeze(1)
