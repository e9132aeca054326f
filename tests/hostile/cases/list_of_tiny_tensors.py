"""Returns twenty thousand tensors of one element."""
import torch


def mean(values):
    return [torch.zeros(1)] * 20_000
