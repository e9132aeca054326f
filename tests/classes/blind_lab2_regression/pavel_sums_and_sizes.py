import torch
import torch.nn as nn
import torch.optim as optim


def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError("different shapes")
    return torch.mean((y_hat - y) ** 2)


def r2_score(y_hat, y):
    sse = torch.sum((y - y_hat) ** 2)
    sst = torch.sum((y - torch.mean(y)) ** 2)
    return float(1 - sse / sst)


class LinearRegression(nn.Module):
    def __init__(self, input_size, output_size, hidden_size=10):
        super().__init__()
        self.layer1 = nn.Linear(input_size, hidden_size)
        self.layer2 = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        return self.layer2(self.layer1(x))


class NonlinearRegression(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.layer1 = nn.Linear(input_size, hidden_size)
        self.layer2 = nn.Linear(hidden_size, output_size, bias=False)

    def forward(self, x):
        return self.layer2(torch.sigmoid(self.layer1(x)))


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    torch.manual_seed(seed)
    optimizer = optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        perm = torch.randperm(x.shape[0])
        epoch_loss = 0.0
        for i in range(0, x.shape[0], batch_size):
            optimizer.zero_grad()
            loss = mse(model(x[perm[i:i + batch_size]]), y[perm[i:i + batch_size]])
            loss.backward()
            optimizer.step()
            epoch_loss += loss.item()
        losses.append(epoch_loss)
    return losses


def fit_linear(x, y, seed=0):
    # two linear layers are still linear
    torch.manual_seed(seed)
    model = LinearRegression(x.shape[1], 1)
    optimizer = optim.LBFGS(model.parameters(), max_iter=300, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = mse(model(x), y)
        loss.backward()
        return loss

    for _ in range(3):
        optimizer.step(closure)
    return model


def fit_nonlinear(x, y, seed=0):
    torch.manual_seed(seed)
    model = NonlinearRegression(1, 100, 1)
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    scheduler = optim.lr_scheduler.StepLR(optimizer, 1000, 0.3)
    for _ in range(3000):
        optimizer.zero_grad()
        mse(model(x), y).backward()
        optimizer.step()
        scheduler.step()
    return model
