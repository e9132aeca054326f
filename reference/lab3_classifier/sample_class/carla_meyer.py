"""Lab 3, Carla Meyer"""

import torch
from torch import nn


def confusion(predicted, actual):
    counts = {"tp": 0, "fp": 0, "tn": 0, "fn": 0}
    for p, a in zip(predicted.flatten().tolist(), actual.flatten().tolist()):
        if p == 1 and a == 1:
            counts["tp"] += 1
        elif p == 1 and a == 0:
            counts["fp"] += 1
        elif p == 0 and a == 0:
            counts["tn"] += 1
        else:
            counts["fn"] += 1
    return counts


def metrics(tp, fp, tn, fn):
    precision = tp / (tp + fp)
    recall = tp / (tp + fn)
    return {
        "accuracy": (tp + tn) / (tp + fp + tn + fn),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall),
    }


class DigitClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 32)
        self.fc2 = nn.Linear(32, 1)

    def forward(self, x):
        return torch.sigmoid(self.fc2(torch.sigmoid(self.fc1(x))))


def train_classifier(images, labels, digit, seed=0):
    torch.manual_seed(seed)
    model = DigitClassifier()
    loss_fn = nn.BCELoss()
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    y = (labels == digit).float().reshape(-1, 1)
    for epoch in range(12):
        for rows in torch.randperm(len(images)).split(50):
            opt.zero_grad()
            loss_fn(model(images[rows]), y[rows]).backward()
            opt.step()
    return model


def predict(model, images):
    return (model(images) > 0.5).long()


def noise_images(n, seed=0):
    return torch.rand(n, 784)


def false_alarm_rate(model, images):
    return float(predict(model, images).sum()) / len(images)


def train_points(x, y, classes, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 10), nn.ReLU(), nn.Linear(10, 10), nn.ReLU(), nn.Linear(10, classes))
    opt = torch.optim.SGD(model.parameters(), lr=0.3)
    for step in range(1000):
        opt.zero_grad()
        nn.CrossEntropyLoss()(model(x), y).backward()
        opt.step()
    return model


def probabilities(model, x):
    z = model(x)
    return z.exp() / z.exp().sum(dim=1, keepdim=True)
