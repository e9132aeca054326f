"""Returns NaN and infinity."""
import torch


def mean(values):
    return float("nan")


def halve(x):
    return x * float("inf")


def mirror(text):
    return float("-inf")
