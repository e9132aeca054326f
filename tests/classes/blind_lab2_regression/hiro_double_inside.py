import math

import torch
from torch import Tensor, nn


def mse(y_hat: Tensor, y: Tensor) -> Tensor:
    if y_hat.shape != y.shape:
        raise ValueError(f"{y_hat.shape} != {y.shape}")
    return torch.mean((y_hat.double() - y.double()) ** 2)


def r2_score(y_hat: Tensor, y: Tensor) -> float:
    y_hat, y = y_hat.detach().double(), y.detach().double()
    mean = math.fsum(y.flatten().tolist()) / y.numel()
    sst = math.fsum((v - mean) ** 2 for v in y.flatten().tolist())
    sse = math.fsum((a - b) ** 2 for a, b in zip(y_hat.flatten().tolist(), y.flatten().tolist()))
    return 1 - sse / sst


class LinearRegression(nn.Module):
    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__()
        self.layer = nn.Linear(input_size, output_size, dtype=torch.float64)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x.double())


class NonlinearRegression(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.layer1 = nn.Linear(input_size, hidden_size, dtype=torch.float64)
        self.layer2 = nn.Linear(hidden_size, output_size, dtype=torch.float64)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer2(torch.sigmoid(self.layer1(x.double())))


def train(model: nn.Module, x: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int = 50, seed: int = 0) -> list[float]:
    dtype = next(model.parameters()).dtype
    x, y = x.to(dtype), y.to(dtype)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history: list[float] = []
    for _ in range(epochs):
        order = torch.randperm(len(x), generator=generator)
        sums, count = 0.0, 0
        for part in torch.split(order, batch_size):
            loss = mse(model(x[part]), y[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            sums, count = sums + loss.item(), count + 1
        history.append(sums / count)
    return history


def fit_linear(x: Tensor, y: Tensor, seed: int = 0) -> nn.Module:
    xd, yd = x.double(), y.double()
    mx, my = xd.mean(0, keepdim=True), yd.mean(0, keepdim=True)
    w = torch.linalg.pinv(xd - mx) @ (yd - my)
    model = LinearRegression(x.shape[1], 1)
    model.layer.weight.data = w.T
    model.layer.bias.data = (my - mx @ w).flatten()
    return model


def fit_nonlinear(x: Tensor, y: Tensor, seed: int = 0) -> nn.Module:
    # a wide layer of random sigmoids; only the output layer is fitted
    generator = torch.Generator().manual_seed(seed)
    model = NonlinearRegression(1, 200, 1)
    slopes = 1 + 3 * torch.rand(200, 1, generator=generator, dtype=torch.float64)
    centres = -3 + 6 * torch.rand(200, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        model.layer1.weight.copy_(slopes)
        model.layer1.bias.copy_(-slopes.flatten() * centres)
        h = torch.sigmoid(model.layer1(x.double()))
        h = torch.cat([h, torch.ones(len(h), 1, dtype=h.dtype)], 1)
        a = h.T @ h + 1e-5 * torch.eye(h.shape[1], dtype=h.dtype)
        solution = torch.linalg.solve(a, h.T @ y.double())
        model.layer2.weight.copy_(solution[:-1].T)
        model.layer2.bias.copy_(solution[-1])
    return model
