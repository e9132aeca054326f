"""Returns a tensor of 64 dimensions."""
import torch


def halve(x):
    return torch.zeros([1] * 64)
