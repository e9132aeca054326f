"""Lab 2: inputs and targets are normalised by layers inside the model."""
from __future__ import annotations

import copy
from dataclasses import dataclass, field

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

_loss = nn.MSELoss()


def mse(prediction, target, /):
    match tuple(prediction.shape) == tuple(target.shape):
        case True:
            return _loss(prediction, target)
        case False:
            raise ValueError("no broadcasting, please")


@torch.no_grad()
def r2_score(prediction, target):
    residual = (target - prediction).square().sum(dim=0)
    total = (target - target.mean(dim=0)).square().sum(dim=0)
    return (1 - residual / total).squeeze()


class LinearRegression(nn.Module):
    def __init__(self, input_size, output_size):
        super().__init__()
        self.affine = nn.LazyLinear(output_size)
        self.affine(torch.zeros(1, input_size))

    def forward(self, x):
        return self.affine(x)


class NonlinearRegression(nn.Module):
    def __init__(self, input_size, hidden_size, output_size, activation=torch.sigmoid):
        super().__init__()
        self.fc1 = nn.Linear(input_size, hidden_size)
        self.fc2 = nn.Linear(hidden_size, output_size)
        self.activation = activation
        nn.init.xavier_uniform_(self.fc1.weight)
        nn.init.zeros_(self.fc2.bias)

    def forward(self, x, return_hidden=False):
        hidden = self.activation(self.fc1(x))
        out = self.fc2(hidden)
        return (out, hidden) if return_hidden else out


@dataclass
class History:
    epochs: list[float] = field(default_factory=list)
    running: list[tuple[float, int]] = field(default_factory=list)

    def add(self, loss, n):
        self.running.append((loss, n))

    def close(self):
        self.epochs.append(sum(l * n for l, n in self.running) / sum(n for _, n in self.running))
        self.running.clear()


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    history = History()
    loader = DataLoader(TensorDataset(x, y), batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))
    optimizer = optim.RMSprop(model.parameters(), lr=lr)
    for _ in range(epochs):
        for xb, yb in loader:
            loss = mse(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            history.add(loss.item(), len(xb))
        history.close()
    return history.epochs


def fit_linear(x, y, seed=0):
    # gradient descent on the whole set; the step size follows from the largest eigenvalue
    torch.manual_seed(seed)
    model = LinearRegression(x.shape[1], 1)
    ones = torch.ones(len(x), 1)
    a = torch.cat([x, ones], dim=1)
    lr = 0.5 / torch.linalg.eigvalsh(a.T @ a / len(a)).max().item()
    optimizer = optim.SGD(model.parameters(), lr=lr)
    for _ in range(500):
        optimizer.zero_grad()
        mse(model(x), y).backward()
        optimizer.step()
    return model


def fit_nonlinear(x, y, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.BatchNorm1d(1), nn.Linear(1, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    schedule = optim.lr_scheduler.ExponentialLR(optimizer, 0.997)
    best, best_state = float("inf"), None
    for step in range(1200):
        model.train()
        optimizer.zero_grad()
        mse(model(x), y).backward()
        optimizer.step()
        schedule.step()
        if step % 50 == 0 or step == 1199:
            model.eval()
            with torch.no_grad():
                value = mse(model(x), y).item()
            if value < best:
                best, best_state = value, copy.deepcopy(model.state_dict())
    model.load_state_dict(best_state)
    model.train()
    return model
