"""Returns a quantised tensor."""
import torch


def halve(x):
    return torch.quantize_per_tensor(x / 2, 0.1, 0, torch.qint8)
