"""Lab 3: a classifier, one digit against the rest.

Replace each `raise NotImplementedError` with your code. README.md explains every function.
"""

import torch
from torch import nn

# ---------------------------------------------------------------- counting and measuring


def confusion(predicted, actual):
    """int64 [n, 1], int64 [n, 1] of 0 and 1 -> {"tp": int, "fp": int, "tn": int, "fn": int}."""
    raise NotImplementedError


def metrics(tp, fp, tn, fn):
    """Four ints -> {"accuracy": float, "precision": float, "recall": float, "f1": float}; 0.0 instead of x/0."""
    raise NotImplementedError


# ---------------------------------------------------------------- the classifier


class DigitClassifier(nn.Module):
    """float32 [n, 784] -> float32 [n, 1], values in 0..1."""

    def __init__(self):
        super().__init__()
        raise NotImplementedError

    def forward(self, x):
        """[n, 784] -> [n, 1]."""
        raise NotImplementedError


def train_classifier(images, labels, digit, seed=0):
    """float32 [n, 784] in 0..1, int64 [n], int -> a trained model, as DigitClassifier."""
    raise NotImplementedError


def predict(model, images):
    """A model, float32 [n, 784] -> int64 [n, 1]: 1 where the model's answer is above 0.5, else 0."""
    raise NotImplementedError


# ---------------------------------------------------------------- noise


def noise_images(n, seed=0):
    """Float32 [n, 784], uniform in [0, 1); the same for the same seed."""
    raise NotImplementedError


def false_alarm_rate(model, images):
    """A model, float32 [n, 784] -> the share of the images that the model calls the digit."""
    raise NotImplementedError


# ---------------------------------------------------------------- more than two classes


def train_points(x, y, classes, seed=0):
    """float32 [n, 2], int64 [n], int -> a trained model, float32 [n, 2] -> logits [n, classes]."""
    raise NotImplementedError


def probabilities(model, x):
    """A model that gives logits, float32 [n, 2] -> [n, classes], each row a softmax that sums to 1."""
    raise NotImplementedError
