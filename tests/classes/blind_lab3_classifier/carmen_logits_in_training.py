"""Logits while training, probabilities in eval mode."""
from collections import Counter

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler


def confusion(predicted, actual):
    names = {(1, 1): "tp", (1, 0): "fp", (0, 0): "tn", (0, 1): "fn"}
    counted = Counter(names[pair] for pair in zip(predicted.flatten().tolist(), actual.flatten().tolist()))
    return {name: counted[name] for name in names.values()}


def metrics(tp, fp, tn, fn):
    n = tp + fp + tn + fn
    m = {"accuracy": 0.0, "precision": 0.0, "recall": 0.0, "f1": 0.0, "support": n}
    if n > 0:
        m["accuracy"] = (tp + tn) / n
    if tp > 0:  # otherwise the others are 0 anyway
        m["precision"] = tp / (tp + fp)
        m["recall"] = tp / (tp + fn)
        m["f1"] = 2 / (1 / m["precision"] + 1 / m["recall"])
    return m


def DigitClassifier(hidden=128):
    return EvalSigmoid(nn.Sequential(nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 1)))


class EvalSigmoid(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        z = self.body(x)
        return z if self.training else torch.sigmoid(z)


def jitter(images, by=1):
    """The same digits, a pixel up, down, left or right."""
    padded = nn.functional.pad(images.view(-1, 28, 28), (by, by, by, by))
    top, left = torch.randint(0, 2 * by + 1, (2,)).tolist()
    return padded[:, top : top + 28, left : left + 28].flatten(1)


def train_classifier(images, labels, digit, seed=0):
    torch.manual_seed(seed)
    target = (labels == digit).float().unsqueeze(1)
    n_yes = target.sum().item()
    weight = torch.where(target.flatten() > 0, 1 / n_yes, 1 / (len(target) - n_yes)).double()
    sampler = WeightedRandomSampler(weight, num_samples=60_000, generator=torch.Generator().manual_seed(seed))
    loader = DataLoader(TensorDataset(images, target), batch_size=100, sampler=sampler)
    model = DigitClassifier()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=250, gamma=0.3)
    model.train()
    for i, (batch, t) in enumerate(loader):
        optimizer.zero_grad()
        loss = criterion(model(jitter(batch)), t)
        loss.backward()
        optimizer.step()
        scheduler.step()
        if i % 20 == 0:
            print(f"step {i}: loss {loss.item():.4f}")
    return model.eval()


def predict(model, images):
    model.eval()
    with torch.inference_mode():
        return torch.round(model(images)).type(torch.long)


def noise_images(n, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return torch.empty(n, 28, 28).uniform_().view(n, 784)


def false_alarm_rate(model, images):
    return sum(predict(model, images).flatten().tolist()) / images.shape[0]


def train_points(x, y, classes, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential()
    for i, (a, b) in enumerate([(2, 50), (50, classes)]):
        model.add_module(f"linear{i}", nn.Linear(a, b))
        if b != classes:
            model.add_module(f"act{i}", nn.GELU())
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(30):
        for i in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            criterion(model(x[i]), y[i]).backward()
            optimizer.step()
    return model


def probabilities(model, x):
    model.eval()
    return nn.Softmax(dim=-1)(model(x)).detach()
