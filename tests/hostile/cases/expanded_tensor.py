"""Returns a tensor of 10^12 elements that takes four bytes."""
import torch


def halve(x):
    return torch.zeros(1).expand(10**12)
