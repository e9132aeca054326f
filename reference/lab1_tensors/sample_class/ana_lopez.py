import torch
import torch.nn.functional as F


def first_row(x):
    return x[0, :]

def first_column(x):
    return x[:, 0]

def transpose(x):
    return x.t()

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
    return images.view(images.shape[0], -1).float() / 255.0

def digit_targets(labels, digit):
    return (labels == digit).float().view(-1, 1)

def one_hot(labels, classes):
    return F.one_hot(labels, num_classes=classes).float()

def standardise(x):
    std = x.std(dim=0, unbiased=False)
    std[std == 0] = 1
    return (x - x.mean(dim=0)) / std

def perceptron(x, w, b):
    s = torch.mv(x, w) + b
    return (s > 0).to(torch.int64)

def forward(x, w1, b1, w2, b2):
    h = torch.sigmoid(F.linear(x, w1, b1))
    return F.linear(h, w2, b2)

def parameter_count(sizes):
    count = 0
    for i in range(1, len(sizes)):
        count += sizes[i - 1] * sizes[i] + sizes[i]
    return count

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
    loss = F.mse_loss(x * w, y)
    loss.backward()
    return w.grad.item()

def conv_output_size(size, kernel, stride, padding):
    return (size - kernel + 2 * padding) // stride + 1

def same_padding(size, kernel, stride):
    return (size * stride - size + kernel - 1) // 2


if __name__ == "__main__":
    print(cubic_gradient(3.5))
    print(view_as(torch.arange(24), (2, -1, 4)).shape)
