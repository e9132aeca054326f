import torch


def first_row(x):
    return x[0]


def first_column(x):
    return x[:, 0]


def transpose(x):
    return x.T


# try it out
x = torch.arange(6).reshape(2, 3)
print(first_row(x))
print(transpose(x).reshape(4, 2))


def squeeze_all(x):
    return x.squeeze()
