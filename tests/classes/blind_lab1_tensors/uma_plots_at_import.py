# %% exported from Spyder, cells and all
import os
import time
import warnings

import matplotlib.pyplot as plt
import numpy as np
import torch
import torchvision
from sklearn.datasets import make_blobs
from torchvision import transforms

warnings.filterwarnings("ignore")
torch.manual_seed(0)
np.random.seed(0)
os.makedirs("figures", exist_ok=True)
os.chdir("figures")
print("torchvision", torchvision.__version__)

# %% a picture of some data
points, colours = make_blobs(200, random_state=0)
plt.figure(figsize=(4, 3))
plt.scatter(*points.T, c=colours)
plt.title("blobs")
plt.savefig("blobs.png")
plt.show()


# %% indexing
def first_row(x):
    return x[0]


def first_column(x):
    return x[..., 0]


def transpose(x):
    return x.mT


def squeeze_all(x):
    return x.squeeze()


def squeeze_dim(x, dim):
    return x.squeeze(dim)


def add_dim(x, dim):
    return x.unsqueeze(dim)


def view_as(x, shape):
    return x.view(shape)


def to_column(x):
    return x.unsqueeze(-1)


# %% how long does a view take?
start = time.time()
for _ in range(2000):
    view_as(torch.zeros(24), (2, -1, 4))
print("2000 views:", time.time() - start, "s")


# %% data
to_tensor = transforms.ToTensor()


def images_to_rows(images):
    return torch.stack([to_tensor(image.numpy()).flatten() for image in images])


def digit_targets(labels, digit):
    return (labels == digit).float().unsqueeze(-1)


def one_hot(labels, classes):
    return torch.eye(classes)[labels]


from sklearn.preprocessing import StandardScaler  # noqa


def standardise(x):
    return torch.from_numpy(StandardScaler().fit_transform(x.numpy()))


# %% nets
def perceptron(x, w, b):
    return (x @ w + b > 0).long()


def forward(x, w1, b1, w2, b2):
    return torch.sigmoid(x @ w1.T + b1) @ w2.T + b2


def parameter_count(sizes):
    return sum(a * b + b for a, b in zip(sizes, sizes[1:]))


# %% gradients
def cubic_gradient(x):
    x = torch.tensor(x, requires_grad=True)
    ((x - 1) * (x - 2) * (x - 3)).backward()
    return x.grad.item()


def partials(u, v):
    u, v = torch.tensor(u, requires_grad=True), torch.tensor(v, requires_grad=True)
    (u * v + u**2).backward()
    return u.grad.item(), v.grad.item()


def mse_gradient(x, y, w):
    w = torch.tensor(w, requires_grad=True)
    ((x * w - y) ** 2).mean().backward()
    return w.grad.item()


xs = np.linspace(0, 4, 50)
fig, ax = plt.subplots()
ax.plot(xs, [cubic_gradient(float(x)) for x in xs])
ax.set_xlabel("x")
fig.savefig("cubic.pdf")


# %% convolutions
def conv_output_size(size, kernel, stride, padding):
    return (size - kernel + 2 * padding) // stride + 1


def same_padding(size, kernel, stride):
    return (size * stride - size + kernel - 1) // 2


# %%
if __name__ == "__main__":
    assert cubic_gradient(3.5) == 5.75
    plt.show(block=True)
