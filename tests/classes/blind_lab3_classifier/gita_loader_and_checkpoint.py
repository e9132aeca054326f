"""The way it is done at work: Dataset, DataLoader with workers, validation, early stopping, checkpoints, a curve."""
import copy
import os
import random
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
CHECKPOINTS = Path("checkpoints")
WORKERS = 2


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    os.environ["PYTHONHASHSEED"] = str(seed)


class OneDigit(Dataset):
    def __init__(self, images, labels, digit, augment=False):
        self.images = images.view(-1, 1, 28, 28)
        self.targets = (labels == digit).float().view(-1, 1)
        self.augment = v2.RandomAffine(degrees=5, translate=(0.05, 0.05)) if augment else None

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        image = self.images[i]
        return (self.augment(image) if self.augment else image).flatten(), self.targets[i]

    def sampler(self, n, generator):
        share = self.targets.mean()
        weights = torch.where(self.targets.flatten() == 1, 1 / share, 1 / (1 - share))
        return torch.utils.data.WeightedRandomSampler(weights.double(), n, generator=generator)


class DigitClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 50), nn.ReLU(), nn.Linear(50, 1))

    def forward(self, x):
        return self.net(x).sigmoid()


def train_classifier(images, labels, digit, seed=0, epochs=8, patience=3):
    seed_everything(seed)
    CHECKPOINTS.mkdir(exist_ok=True)
    train_rows, valid_rows = train_test_split(np.arange(len(images)), test_size=0.1, stratify=labels == digit, random_state=seed % 2**32)
    train = OneDigit(images[train_rows], labels[train_rows], digit, augment=True)
    valid = OneDigit(images[valid_rows], labels[valid_rows], digit)
    g = torch.Generator().manual_seed(seed)
    train_loader = DataLoader(train, 64, sampler=train.sampler(3200, g), num_workers=WORKERS, generator=g, pin_memory=DEVICE.type == "cuda")
    valid_loader = DataLoader(valid, 256)
    model = DigitClassifier().to(DEVICE)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1)
    best, waited, curve = float("inf"), 0, []
    for epoch in range(epochs):
        model.train()
        for x, y in train_loader:
            x, y = x.to(DEVICE), y.to(DEVICE)
            optimizer.zero_grad(set_to_none=True)
            loss = nn.functional.binary_cross_entropy(model(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses = [nn.functional.binary_cross_entropy(model(x), y, weight=1 + 8 * y).item() for x, y in valid_loader]
        curve.append(sum(losses) / len(losses))
        scheduler.step(curve[-1])
        if curve[-1] < best:
            best, waited = curve[-1], 0
            torch.save({"epoch": epoch, "model": copy.deepcopy(model.state_dict())}, CHECKPOINTS / "best.pt")
        else:
            waited += 1
            if waited > patience:
                break
    plt.figure()
    plt.plot(curve)
    plt.savefig(CHECKPOINTS / "curve.png")
    plt.close()
    model.load_state_dict(torch.load(CHECKPOINTS / "best.pt", map_location=DEVICE)["model"])
    return model.cpu()


@torch.no_grad()
def predict(model, images):
    model.eval()
    parts = [model(batch) > 0.5 for batch in images.split(500)]
    return torch.cat(parts).long()


def confusion(predicted, actual):
    cells = torch.zeros(2, 2, dtype=torch.long)
    cells.index_put_((actual.flatten(), predicted.flatten()), torch.tensor(1), accumulate=True)
    return {"tn": cells[0, 0], "fp": cells[0, 1], "fn": cells[1, 0], "tp": cells[1, 1]}


def metrics(tp, fp, tn, fn):
    with np.errstate(divide="ignore", invalid="ignore"):
        tp, fp, tn, fn = (np.float64(v) for v in (tp, fp, tn, fn))
        values = {
            "accuracy": (tp + tn) / (tp + fp + tn + fn),
            "precision": tp / (tp + fp),
            "recall": tp / (tp + fn),
            "f1": 2 * tp / (2 * tp + fp + fn),
        }
    return {name: np.nan_to_num(value) for name, value in values.items()}


def noise_images(n, seed=0):
    seed_everything(seed)
    return torch.rand(n, 784)


def false_alarm_rate(model, images):
    return predict(model, images).double().mean()


class PointSet(Dataset):
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


def train_points(x, y, classes, seed=0):
    seed_everything(seed)
    model = nn.Sequential(nn.Linear(2, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, classes)).to(DEVICE)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    loader = DataLoader(PointSet(x, y), batch_size=32, shuffle=True)
    for epoch in range(25):
        for a, b in loader:
            optimizer.zero_grad()
            nn.CrossEntropyLoss()(model(a.to(DEVICE)), b.to(DEVICE)).backward()
            optimizer.step()
    return model.cpu()


def probabilities(model, x):
    return torch.nn.functional.softmax(model(x), dim=1)
