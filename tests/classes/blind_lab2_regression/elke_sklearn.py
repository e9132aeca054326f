import numpy as np
import torch
from sklearn import linear_model, metrics
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.compose import TransformedTargetRegressor
from sklearn.utils import shuffle


def mse(y_hat, y):
    if y_hat.ndim != y.ndim or any(a != b for a, b in zip(y_hat.shape, y.shape)):
        raise ValueError("Found inputs with inconsistent shapes")
    return ((y_hat - y) ** 2).sum() / y.numel()


def r2_score(y_hat, y):
    return metrics.r2_score(y.detach().numpy(), y_hat.detach().numpy())


class LinearRegression(torch.nn.Module):
    def __init__(self, input_size, output_size):
        super(LinearRegression, self).__init__()
        self.weight = torch.nn.Parameter(torch.randn(output_size, input_size) * 0.1)
        self.bias = torch.nn.Parameter(torch.zeros(output_size))

    def forward(self, x):
        return torch.einsum("nd,kd->nk", x, self.weight) + self.bias


class NonlinearRegression(torch.nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super(NonlinearRegression, self).__init__()
        self.w1 = torch.nn.Parameter(torch.randn(input_size, hidden_size))
        self.b1 = torch.nn.Parameter(torch.randn(hidden_size))
        self.w2 = torch.nn.Parameter(torch.randn(hidden_size, output_size))
        self.b2 = torch.nn.Parameter(torch.randn(output_size))

    def forward(self, x):
        return (x @ self.w1 + self.b1).sigmoid() @ self.w2 + self.b2


class Wrapper(torch.nn.Module):
    """Makes a fitted scikit-learn estimator look like a torch model."""

    def __init__(self, estimator):
        super().__init__()
        self.estimator = estimator

    def forward(self, x):
        return torch.from_numpy(np.asarray(self.estimator.predict(x.detach().numpy()))).reshape(-1, 1)


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.5)
    losses = []
    for epoch in range(epochs):
        xs, ys = shuffle(x.numpy(), y.numpy(), random_state=seed + epoch)
        total = 0
        for i in range(0, len(xs), batch_size):
            xb = torch.from_numpy(xs[i:i + batch_size])
            yb = torch.from_numpy(ys[i:i + batch_size])
            optimizer.zero_grad()
            loss = mse(model(xb), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        losses.append(np.float32(total / len(xs)))
    return losses


def fit_linear(x, y, seed=0):
    return Wrapper(linear_model.LinearRegression().fit(x.numpy(), y.numpy().ravel()))


def fit_nonlinear(x, y, seed=0):
    mlp = MLPRegressor(hidden_layer_sizes=(50, 50), activation="tanh", solver="lbfgs", max_iter=600, random_state=seed)
    model = TransformedTargetRegressor(make_pipeline(StandardScaler(), mlp), transformer=StandardScaler())
    return Wrapper(model.fit(x.numpy(), y.numpy().ravel()))
