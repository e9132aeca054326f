"""Returns a tensor without storage."""
import torch


def halve(x):
    return torch.empty(5, device="meta")
