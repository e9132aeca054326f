"""Lab 6: data, from a file to the batches of a training.

Replace each `raise NotImplementedError` with your code. README.md explains every function.
"""

import torch
from torch.utils.data import Dataset

# ---------------------------------------------------------------- a dataset from a file


class DigitCSV(Dataset):
    """The lines of a CSV file: label, then 784 pixels of 0..255; no header.

    Item: (label: int, image: float32 [784] in 0..1, target: float32 [10], one-hot).
    """

    def __init__(self, path, transform=None):
        """path: str, of the file; transform: None, or a function that is applied to the image of each item."""
        raise NotImplementedError

    def __len__(self):
        """How many items there are: one for each line."""
        raise NotImplementedError

    def __getitem__(self, index):
        """Item number `index`: (label, image, target)."""
        raise NotImplementedError


# ---------------------------------------------------------------- transforms of pairs


def add_mult(add, mul):
    """Two numbers -> a transform: a function of one pair, (x, y) -> (x + add, y * mul)."""
    raise NotImplementedError


def compose(*transforms):
    """Transforms of pairs -> one transform that applies them all, the first one first."""
    raise NotImplementedError


# ---------------------------------------------------------------- batches and parts


def batches(dataset, batch_size, seed):
    """A dataset, int, int -> an iterable of collated batches: every item once, shuffled, the same for the same seed."""
    raise NotImplementedError


def split(dataset, fraction, seed):
    """A dataset, float in 0..1, int -> (first, second): two datasets without a common item, drawn at random.

    first has `fraction` of the items, second the others.
    """
    raise NotImplementedError


# ---------------------------------------------------------------- statistics


def channel_stats(images):
    """float32 [n, c, h, w] -> (mean [c], std [c]) of each channel, over all images and pixels; population std."""
    raise NotImplementedError
