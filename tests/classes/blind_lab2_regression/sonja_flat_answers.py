import torch
import torch.nn as nn


def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError(f"shapes {y_hat.shape}, {y.shape}")
    return torch.mean((y_hat - y) ** 2)


def r2_score(y_hat, y):
    y_hat = y_hat.squeeze()
    y = y.squeeze()
    return (1 - torch.sum((y - y_hat) ** 2) / torch.sum((y - y.mean()) ** 2)).item()


class LinearRegression(nn.Module):
    def __init__(self, input_size, output_size):
        super().__init__()
        self.linear = nn.Linear(input_size, output_size)

    def forward(self, x):
        return self.linear(x).squeeze(-1)


class NonlinearRegression(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.linear1 = nn.Linear(input_size, hidden_size)
        self.linear2 = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        return self.linear2(torch.sigmoid(self.linear1(x))).squeeze(-1)


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    g = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    y = y.squeeze(-1)
    losses = []
    for _ in range(epochs):
        epoch = []
        for idx in torch.randperm(len(x), generator=g).split(batch_size):
            loss = mse(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            epoch.append(loss.item())
        losses.append(sum(epoch) / len(epoch))
    return losses


def fit_linear(x, y, seed=0):
    torch.manual_seed(seed)
    model = LinearRegression(x.shape[1], 1)
    train(model, x, y, 100, 0.02, seed=seed)
    train(model, x, y, 50, 0.001, seed=seed)
    return model


def fit_nonlinear(x, y, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(1, 64), nn.Sigmoid(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(2500):
        optimizer.zero_grad()
        mse(model(x), y).backward()
        optimizer.step()
    return model
