"""Classes that derive from nn.Sequential, a DataLoader, RMSprop."""
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError("Shapes differ: {} and {}".format(y_hat.shape, y.shape))
    return nn.MSELoss()(y_hat, y)


def r2_score(y_hat, y):
    ss_res = torch.sum(torch.square(y - y_hat))
    ss_tot = torch.sum(torch.square(y - torch.mean(y)))
    return float(1 - ss_res / ss_tot)


class LinearRegression(nn.Sequential):
    def __init__(self, input_size, output_size):
        super().__init__(nn.Linear(input_size, output_size))


class NonlinearRegression(nn.Sequential):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__(
            nn.Linear(in_features=input_size, out_features=hidden_size),
            nn.Sigmoid(),
            nn.Linear(in_features=hidden_size, out_features=output_size),
        )


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    g = torch.Generator()
    g.manual_seed(seed)
    loader = DataLoader(TensorDataset(x, y), batch_size=batch_size, shuffle=True, generator=g, drop_last=False)
    criterion = nn.MSELoss()
    optimizer = optim.RMSprop(model.parameters(), lr=lr)
    train_losses = []
    model.train()
    for epoch in range(epochs):
        running_loss = 0.0
        for inputs, targets in loader:
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = criterion(outputs, targets)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        train_losses.append(running_loss / len(loader))
        if (epoch + 1) % 10 == 0:
            print(f"Epoch [{epoch + 1}/{epochs}], Loss: {train_losses[-1]:.4f}")
    return train_losses


def fit_linear(x, y, seed=0):
    torch.manual_seed(seed)
    model = LinearRegression(x.shape[1], 1)
    train(model, x, y, epochs=100, lr=0.5, batch_size=50, seed=seed)
    train(model, x, y, epochs=40, lr=0.02, batch_size=50, seed=seed)
    return model


def fit_nonlinear(x, y, seed=0):
    torch.manual_seed(seed)
    model = NonlinearRegression(1, 50, 1)
    train(model, x, y, epochs=150, lr=0.05, batch_size=50, seed=seed)
    train(model, x, y, epochs=50, lr=0.005, batch_size=50, seed=seed)
    return model.eval()
