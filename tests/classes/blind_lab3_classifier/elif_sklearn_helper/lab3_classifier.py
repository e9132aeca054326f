"""scikit-learn finds the weights; a torch module carries them."""
import numpy as np
import torch
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from carry import Carried, DigitClassifier, fit


def confusion(predicted, actual):
    matrix = confusion_matrix(actual.numpy().ravel(), predicted.numpy().ravel(), labels=[0, 1])
    (tn, fp), (fn, tp) = matrix
    return {"tp": tp, "fp": fp, "tn": tn, "fn": fn}


def metrics(tp, fp, tn, fn):
    if tp + fp + tn + fn == 0:
        return {"accuracy": 0.0, "precision": 0.0, "recall": 0.0, "f1": 0.0}
    actual = np.repeat([1, 0, 0, 1], [tp, fp, tn, fn])
    predicted = np.repeat([1, 1, 0, 0], [tp, fp, tn, fn])
    precision, recall, f1, _ = precision_recall_fscore_support(
        actual, predicted, labels=[1], average="binary", zero_division=0
    )
    return {"accuracy": accuracy_score(actual, predicted), "precision": precision, "recall": recall, "f1": f1}


def train_classifier(images, labels, digit, seed=0):
    rng = np.random.RandomState(seed)
    y = (labels == digit).numpy().astype(int)
    yes, no = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    rows = rng.permutation(np.concatenate([rng.choice(yes, len(no)), no]))
    return Carried(fit(images.numpy()[rows], y[rows], hidden=(64,), steps=4000, seed=seed), to="sigmoid")


def predict(model, images):
    with torch.no_grad():
        values = model.eval()(images).numpy()
    return torch.from_numpy(np.where(values > 0.5, 1, 0).astype(np.int64))


def noise_images(n, seed=0):
    return torch.from_numpy(np.random.RandomState(seed % 2**32).uniform(0, 1 - 1e-7, (n, 784)).astype(np.float32))


def false_alarm_rate(model, images):
    return predict(model, images).numpy().mean()


def train_points(x, y, classes, seed=0):
    return Carried(fit(x.numpy(), y.numpy(), hidden=(32, 32), steps=20_000, seed=seed), to="logits", classes=classes)


def probabilities(model, x):
    logits = model(x).detach().double()
    return torch.from_numpy(np.exp(logits.numpy()) / np.exp(logits.numpy()).sum(1, keepdims=True)).float()
