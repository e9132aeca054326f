import torch
from torch import nn


def mse(y_hat, y):
    if y_hat.size() != y.size():
        raise ValueError
    return nn.MSELoss()(y_hat, y)


def r2_score(y, y_hat):
    sse = torch.sum((y - y_hat) ** 2)
    sst = torch.sum((y - torch.mean(y)) ** 2)
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
        self.relu = nn.ReLU()
        self.linear2 = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        return self.linear2(self.relu(self.linear1(x)))


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    torch.manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        permutation = torch.randperm(x.size(0))
        total = 0
        for i in range(0, x.size(0), batch_size):
            indices = permutation[i:i + batch_size]
            loss = mse(model(x[indices]), y[indices])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(indices)
        losses.append(total / x.size(0))
    return losses


def fit_linear(x, y, seed=0):
    torch.manual_seed(seed)
    model = LinearRegression(1, 1)
    train(model, x, y, 100, 0.5)
    train(model, x, y, 50, 0.01)
    return model


def fit_nonlinear(x, y, seed=0):
    torch.manual_seed(seed)
    model = NonlinearRegression(1, 200, 1)
    train(model, x, y, 300, 0.02)
    train(model, x, y, 50, 0.002)
    return model
