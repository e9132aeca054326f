import torch
from torch import nn


def mse(y_hat, y):
    assert y_hat.shape == y.shape, "shapes must be the same"
    return ((y_hat - y) ** 2).mean()


def r2_score(y_hat, y):
    return (1 - ((y - y_hat) ** 2).sum() / ((y - y.mean()) ** 2).sum()).item()


class LinearRegression(nn.Module):
    def __init__(self, input_size, output_size):
        super().__init__()
        self.layer = nn.Linear(input_size, output_size)

    def forward(self, x):
        return self.layer(x)


class NonlinearRegression(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.layer1 = nn.Linear(input_size, hidden_size)
        self.layer2 = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        return self.layer2(torch.sigmoid(self.layer1(x)))


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        epoch = []
        for idx in torch.randperm(len(x)).split(batch_size):
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
    train(model, x, y, 100, 0.02)
    train(model, x, y, 50, 0.001)
    return model


def fit_nonlinear(x, y, seed=0):
    torch.manual_seed(seed)
    model = NonlinearRegression(1, 3, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(2000):
        optimizer.zero_grad()
        mse(model(x), y).backward()
        optimizer.step()
    return model
