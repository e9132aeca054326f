"""Lab 2, solved: regression, linear and not.

One training loop serves both. What differs is the model: a line can only lie straight, a hidden layer bends it.
"""

import torch
from torch import Tensor, nn

# ---------------------------------------------------------------- how good is a fit?


def mse(y_hat: Tensor, y: Tensor) -> Tensor:
    if y_hat.shape != y.shape:  # [n, 1] - [n] would be [n, n]: every answer compared with every target, in silence
        raise ValueError(f"y_hat has shape {tuple(y_hat.shape)} and y {tuple(y.shape)}")
    return ((y_hat - y) ** 2).mean()  # a tensor still, so that backward() finds its way from here to the weights


def r2_score(y_hat: Tensor, y: Tensor) -> float:
    sse = ((y - y_hat) ** 2).sum()  # what the model leaves unexplained
    sst = ((y - y.mean()) ** 2).sum()  # what there was to explain: the error of always answering the mean
    return (1 - sse / sst).item()


# ---------------------------------------------------------------- the models


class LinearRegression(nn.Module):
    """y = x·w + b: d*k weights and k biases."""

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__()
        self.linear = nn.Linear(input_size, output_size)

    def forward(self, x: Tensor) -> Tensor:
        """[n, d] -> [n, k]."""
        return self.linear(x)


class NonlinearRegression(nn.Module):
    """A weighted sum of h sigmoids, each with a place and a steepness of its own."""

    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(input_size, hidden_size)
        self.output = nn.Linear(hidden_size, output_size)

    def forward(self, x: Tensor) -> Tensor:
        """[n, d] -> [n, h] -> [n, k]; no sigmoid at the end, so that any number can come out."""
        return self.output(torch.sigmoid(self.hidden(x)))


# ---------------------------------------------------------------- training


def train(
    model: nn.Module, x: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int = 50, seed: int = 0
) -> list[float]:
    generator = torch.Generator().manual_seed(seed)  # of its own: what others draw has no influence on the order
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for _ in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(x), generator=generator).split(batch_size):  # each point once, in random order
            optimizer.zero_grad()  # backward adds to the gradients; without this, those of all earlier batches stay in
            loss = mse(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)  # .item(): a number, not a tensor that drags its whole graph along
        history.append(total / len(x))
    return history


def fit(model: nn.Module, x: Tensor, y: Tensor, seed: int) -> nn.Module:
    train(model, x, y, epochs=200, lr=0.1, seed=seed)  # large steps to get near,
    train(model, x, y, epochs=50, lr=0.01, seed=seed)  # small ones to settle
    return model


def fit_linear(x: Tensor, y: Tensor, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)  # decides the starting weights
    return fit(LinearRegression(x.shape[1], 1), x, y, seed)


def fit_nonlinear(x: Tensor, y: Tensor, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return fit(NonlinearRegression(1, 30, 1), x, y, seed)  # 3 sigmoids would do, had they luck; 30 need none
