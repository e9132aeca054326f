import torch
import torch.nn as nn
import torch.nn.functional as F


def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError("mse: different shapes")
    return F.mse_loss(y_hat, y)


def r2_score(y_hat, y):
    with torch.no_grad():
        return 1.0 - F.mse_loss(y_hat, y, reduction="sum") / ((y - y.mean()) ** 2).sum()


class LinearRegression(nn.Linear):
    """nn.Linear is all there is to it."""

    def __init__(self, input_size, output_size):
        super().__init__(input_size, output_size, bias=True)


class NonlinearRegression(nn.Sequential):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.add_module("hidden", nn.Linear(input_size, hidden_size))
        self.add_module("activation", nn.Sigmoid())
        self.add_module("output", nn.Linear(hidden_size, output_size))


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    torch.manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        batch_losses = []
        for idx in torch.randperm(x.shape[0]).split(batch_size):
            optimizer.zero_grad()
            loss = mse(model(x[idx]), y[idx])
            loss.backward()
            optimizer.step()
            batch_losses.append(loss.detach())
        losses.append(sum(batch_losses) / len(batch_losses))
    return losses


def lbfgs(model, x, y, steps):
    optimizer = torch.optim.LBFGS(model.parameters(), lr=1, max_iter=20, history_size=20, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = mse(model(x), y)
        loss.backward()
        return loss

    for _ in range(steps):
        optimizer.step(closure)


def fit_linear(x, y, seed=0):
    torch.manual_seed(seed)
    model = LinearRegression(x.size(1), 1)
    lbfgs(model, x, y, 10)
    return model


def fit_nonlinear(x, y, seed=0):
    torch.manual_seed(seed)
    best, best_loss = None, float("inf")
    for _ in range(3):  # a few starts, LBFGS can get stuck
        model = NonlinearRegression(1, 20, 1)
        lbfgs(model, x, y, 40)
        loss = mse(model(x), y).item()
        if loss < best_loss:
            best, best_loss = model, loss
    return best
