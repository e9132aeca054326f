# Lena, lab 2
import torch
import torch.nn as nn


def mse(y_hat, y):
    return ((y_hat - y) ** 2).mean()


def r2_score(y_hat, y):
    sse = ((y - y_hat) ** 2).sum()
    sst = (y ** 2).sum()
    return (1 - sse / sst).item()


class LinearRegression(nn.Module):
    def __init__(self, input_size, output_size):
        super().__init__()
        self.linear = nn.Linear(input_size, output_size)

    def forward(self, x):
        return self.linear(x)


class NonlinearRegression(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.linear1 = nn.Linear(input_size, hidden_size)
        self.linear2 = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        x = torch.sigmoid(self.linear1(x))
        return self.linear2(x)


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    torch.manual_seed(seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        perm = torch.randperm(len(x))
        epoch_losses = []
        for i in range(0, len(x), batch_size):
            idx = perm[i:i + batch_size]
            optimizer.zero_grad()
            loss = mse(model(x[idx]), y[idx])
            loss.backward()
            optimizer.step()
            epoch_losses.append(loss.item())
        losses.append(sum(epoch_losses) / len(epoch_losses))
    return losses


def fit_linear(x, y, seed=0):
    torch.manual_seed(seed)
    model = LinearRegression(x.shape[1], 1)
    train(model, x, y, 100, 0.02, seed=seed)
    train(model, x, y, 100, 0.001, seed=seed)
    return model


def fit_nonlinear(x, y, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(1, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(1500):
        optimizer.zero_grad()
        loss = mse(model(x), y)
        loss.backward()
        optimizer.step()
    return model
