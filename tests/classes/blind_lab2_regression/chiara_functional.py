from functools import reduce
from itertools import chain

import torch
from torch import nn
from torch.func import functional_call, grad_and_value


def same_shape(a, b):
    if a.size() != b.size():
        raise ValueError("%s is not %s" % (a.size(), b.size()))
    return a, b


mse = lambda y_hat, y: torch.sub(*same_shape(y_hat, y)).square().mean()
r2_score = lambda y_hat, y: 1 - mse(y_hat, y) / y.var(correction=0)


def LinearRegression(input_size, output_size):
    return nn.Linear(input_size, output_size)


def NonlinearRegression(input_size, hidden_size, output_size):
    return nn.Sequential(
        LinearRegression(input_size, hidden_size),
        nn.Sigmoid(),
        LinearRegression(hidden_size, output_size),
    )


def shuffled_batches(generator, n, batch_size):
    return torch.randperm(n, generator=generator).split(batch_size)


def step(model, x, y, lr, weights, rows):
    loss = lambda w: mse(functional_call(model, w, (x[rows],)), y[rows])
    gradients, value = grad_and_value(loss)(weights)
    return {k: w - lr * gradients[k] for k, w in weights.items()}, value


def one_epoch(model, x, y, lr, weights, batches):
    def go(state, rows):
        weights, values = state
        weights, value = step(model, x, y, lr, weights, rows)
        return weights, values + [value]

    weights, values = reduce(go, batches, (weights, []))
    return weights, torch.stack(values).mean()


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    generator = torch.Generator()
    generator.manual_seed(seed)
    weights = {k: p.detach().clone() for k, p in model.named_parameters()}
    losses = []
    for _ in range(epochs):
        weights, loss = one_epoch(model, x, y, lr, weights, shuffled_batches(generator, len(x), batch_size))
        losses.append(loss)
    model.load_state_dict(weights, strict=False)
    return losses


def fit_linear(x, y, seed=0):
    ones = torch.ones(len(x), 1)
    *w, b = torch.linalg.lstsq(torch.cat([x, ones], 1), y).solution.flatten()
    model = LinearRegression(x.shape[1], 1)
    nn.utils.vector_to_parameters(torch.stack(list(chain(w, [b]))), model.parameters())
    return model


def fit_nonlinear(x, y, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(1, 40), nn.SiLU(), nn.Linear(40, 40), nn.SiLU(), nn.Linear(40, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=1200)
    for _ in range(1200):
        optimizer.zero_grad()
        mse(model(x), y).backward()
        optimizer.step()
        schedule.step()
    return model
