"""A function for a class, a sigmoid in eval mode alone, global settings, loops where others use tensors."""
import math
from collections import Counter
from functools import partial

import torch
from torch import nn

LOSS = nn.BCEWithLogitsLoss()


class Gate(nn.Module):
    """Logits while training, probabilities otherwise."""

    def forward(self, z):
        return z if self.training else torch.sigmoid(z)


def DigitClassifier(hidden=96):
    return nn.Sequential(nn.Linear(784, hidden), nn.ReLU(inplace=True), nn.Linear(hidden, 1), Gate())


def confusion(predicted, actual):
    names = {(1, 1): "tp", (1, 0): "fp", (0, 0): "tn", (0, 1): "fn"}
    counts = Counter(names[pair] for pair in zip(predicted.flatten().tolist(), actual.flatten().tolist()))
    return {name: float(counts[name]) for name in names.values()}


def metrics(tp, fp, tn, fn):
    def safe(a, b):
        try:
            return a / b
        except ZeroDivisionError:
            return 0

    p, r = safe(tp, tp + fp), safe(tp, tp + fn)
    return {"accuracy": safe(tp + tn, tp + fp + tn + fn), "precision": p, "recall": r, "f1": safe(2, safe(1, p) + safe(1, r))
            if p and r else 0.0}


def train_classifier(images, labels, digit, seed=0):
    torch.manual_seed(seed)
    model = DigitClassifier()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    data = torch.utils.data.TensorDataset(images, (labels == digit).float().reshape(-1, 1))
    weights = torch.where(labels == digit, 9.0, 1.0)
    sampler = torch.utils.data.WeightedRandomSampler(weights, 40_000)
    for x, y in torch.utils.data.DataLoader(data, batch_size=100, sampler=sampler):
        x, y = torch.cat([x, torch.rand(10, 784)]), torch.cat([y, torch.zeros(10, 1)])
        model.zero_grad()
        LOSS(model(x), y).backward()
        optimizer.step()
    return model  # in train mode still: the checks call eval()


def predict(model, images):
    answers = model(images)
    return torch.tensor([[1] if answer.item() > 0.5 else [0] for answer in answers])


def noise_images(n, seed=0):
    torch.manual_seed(seed)
    return torch.empty(n, 784).uniform_()


def false_alarm_rate(model, images):
    yes = predict(model, images)
    return yes.sum() / len(yes)


def train_points(x, y, classes, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, classes), nn.LogSoftmax(1))
    optimizer, loss_of = torch.optim.RMSprop(model.parameters(), lr=0.01), nn.NLLLoss()
    for epoch in range(40):
        for rows in torch.randperm(len(x)).split(50):
            optimizer.zero_grad()
            loss_of(model(x[rows]), y[rows]).backward()
            optimizer.step()
        print(f"epoch {epoch}")
    return model


def probabilities(model, x):
    rows = []
    for z in model(x).tolist():
        most = max(z)
        e = [math.exp(v - most) for v in z]
        rows.append([v / sum(e) for v in e])
    return torch.tensor(rows)


DigitClassifier = partial(DigitClassifier, hidden=80)
