import torch
from torch.utils.data import BatchSampler, RandomSampler

from .losses import mse


class Trainer:
    def __init__(self, model, epochs, lr, batch_size=50, seed=0):
        self.model = model
        self.epochs = epochs
        self.batch_size = batch_size
        self.generator = torch.Generator().manual_seed(seed)
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        self.history = []

    def batches(self, x, y):
        sampler = RandomSampler(range(len(x)), generator=self.generator)
        for rows in BatchSampler(sampler, self.batch_size, drop_last=False):
            yield x[rows], y[rows]

    def epoch(self, x, y):
        losses = []
        for xb, yb in self.batches(x, y):
            self.optimizer.zero_grad(set_to_none=True)
            loss = mse(self.model(xb), yb)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        return sum(losses) / len(losses)

    def fit(self, x, y):
        for _ in range(self.epochs):
            self.history.append(self.epoch(x, y))
        return self.history


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    return Trainer(model, epochs, lr, batch_size, seed).fit(x, y)
