"""Returns a nested tensor."""
import warnings

import torch


def halve(x):
    warnings.simplefilter("ignore")
    return torch.nested.nested_tensor([x / 2, x])
