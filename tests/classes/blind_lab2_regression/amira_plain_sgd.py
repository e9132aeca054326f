# Lab 2 - Regression
# Amira
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print("torch", torch.__version__, "on", device)


def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError(f"shapes differ: {tuple(y_hat.shape)} and {tuple(y.shape)}")
    return torch.mean((y_hat - y) ** 2)


def r2_score(y_hat, y):
    sse = torch.sum((y - y_hat) ** 2)
    sst = torch.sum((y - y.mean()) ** 2)
    r2 = (1 - sse / sst).item()
    print("R2 =", r2)
    return r2


class LinearRegression(nn.Module):
    def __init__(self, input_size, output_size):
        super().__init__()
        print("LinearRegression", input_size, "->", output_size)
        self.linear = nn.Linear(input_size, output_size)

    def forward(self, x):
        return self.linear(x)


class NonlinearRegression(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.hidden = nn.Linear(input_size, hidden_size)
        self.sigmoid = nn.Sigmoid()
        self.out = nn.Linear(hidden_size, output_size)
        self.history = []

    def forward(self, x):
        return self.out(self.sigmoid(self.hidden(x)))


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    generator = torch.Generator().manual_seed(seed)
    loader = DataLoader(TensorDataset(x, y), batch_size=batch_size, shuffle=True, generator=generator)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    model.train()
    for epoch in range(epochs):
        total = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = mse(model(xb), yb)
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total / len(loader))
        print(f"epoch {epoch + 1:4d}/{epochs}  loss {losses[-1]:.5f}")
    return losses


def save_plot(losses, name):
    plt.figure()
    plt.plot(losses)
    plt.xlabel("epoch")
    plt.ylabel("MSE")
    plt.savefig(name)
    plt.close()


def fit_linear(x, y, seed=0):
    torch.manual_seed(seed)
    model = LinearRegression(x.shape[1], 1)
    losses = train(model, x, y, epochs=150, lr=0.02, seed=seed)
    losses += train(model, x, y, epochs=50, lr=0.002, seed=seed + 1)
    save_plot(losses, "linear.png")
    return model


def fit_nonlinear(x, y, seed=0):
    torch.manual_seed(seed)
    model = NonlinearRegression(1, 64, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 3000)
    for step in range(3000):
        optimizer.zero_grad()
        loss = mse(model(x), y)
        loss.backward()
        optimizer.step()
        schedule.step()
        model.history.append(loss.item())
        if step % 500 == 0:
            print("step", step, "loss", loss.item())
    save_plot(model.history, "nonlinear.png")
    r2_score(model(x), y)
    return model


if __name__ == "__main__":
    x = torch.randn(500, 1)
    y = x**2 + 15 * torch.sin(x) ** 3
    model = fit_nonlinear(x, y)
    plt.scatter(x, y)
    plt.scatter(x, model(x).detach())
    plt.show()
