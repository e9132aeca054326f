import copy

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError("y_hat and y have different shapes")
    return (y_hat - y).pow(2).mean()


def r2_score(y_hat, y):
    sse = (y - y_hat).pow(2).sum().item()
    sst = (y - y.mean()).pow(2).sum().item()
    return 1 - sse / sst


class LinearRegression(nn.Module):
    def __init__(self, input_size, output_size):
        super().__init__()
        self.fc = nn.Linear(input_size, output_size)

    def forward(self, x):
        return self.fc(x)


class NonlinearRegression(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.fc1 = nn.Linear(input_size, hidden_size)
        self.fc2 = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        return self.fc2(self.fc1(x).sigmoid())


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    model = copy.deepcopy(model)  # so that the same model can be trained again with other settings
    loader = DataLoader(TensorDataset(x, y), batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        epoch = []
        for xb, yb in loader:
            loss = mse(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            epoch.append(loss.item())
        losses.append(sum(epoch) / len(epoch))
    return losses


def fit_linear(x, y, seed=0):
    torch.manual_seed(seed)
    model = LinearRegression(x.shape[1], 1)
    train(model, x, y, epochs=100, lr=0.02, seed=seed)
    return model


def fit_nonlinear(x, y, seed=0):
    torch.manual_seed(seed)
    model = NonlinearRegression(1, 50, 1)
    train(model, x, y, epochs=500, lr=0.01, seed=seed)
    return model
