"""Returns a complex tensor with the right real part."""
import torch


def halve(x):
    return torch.complex(x / 2, x)
