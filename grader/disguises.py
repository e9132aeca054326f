"""Disguises for public data, so that what was learnt or looked up elsewhere is of no use. Pure.

The numbers of the classes and a symmetry of the square are drawn for each submission. Code that learns from what it is
given meets the same task under each of them.
"""

import torch
from torch import Tensor


def renumbering(generator: torch.Generator, classes: int = 10) -> Tensor:
    """New numbers for the classes, int64 [classes]: one cycle through all of them, so that none keeps its number."""
    order = torch.randperm(classes, generator=generator)
    numbers = torch.empty(classes, dtype=torch.int64)
    numbers[order] = order.roll(1)
    return numbers


def turned(images: Tensor, symmetry: int) -> Tensor:
    """Images [n, h, h] under one of the square's eight symmetries; 0 leaves them as they are.

    Args:
        symmetry: 0..3 are that many quarter turns counterclockwise; 4..7 the same, then mirrored in the main diagonal.
    """
    seen = images.rot90(symmetry % 4, dims=(1, 2))
    return seen.transpose(1, 2) if symmetry >= 4 else seen


def turned_back(images: Tensor, symmetry: int) -> Tensor:
    """The inverse of `turned`."""
    upright = images.transpose(1, 2) if symmetry >= 4 else images
    return upright.rot90(-(symmetry % 4), dims=(1, 2))


def dealt(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Labels with nothing to learn: those of each class are dealt out evenly among all classes.

    Shuffled at random, a class of some hundred images would by chance get more of one label than of the others, and a
    sound network would learn that.

    Args:
        labels: int64 [n].

    Returns:
        int64 [n]; within each class each label occurs equally often, give or take one.
    """
    classes = torch.unique(labels)
    new = torch.empty_like(labels)
    for label in classes:
        rows = (labels == label).nonzero().flatten()
        first = int(torch.randint(len(classes), (), generator=generator))  # the odd ones out begin anywhere
        cards = classes[(torch.arange(len(rows)) + first) % len(classes)]
        new[rows] = cards[torch.randperm(len(rows), generator=generator)]
    return new


def enlarged(images: Tensor, labels: Tensor, *, diagonals: bool = False) -> tuple[Tensor, Tensor]:
    """The images [n, h, w], and each of them moved by a pixel up, down, left and right: five times as many.

    With `diagonals` they are moved to the four corners, too: nine times as many.

    The bundled digits are few. Trained on 1,200 images, a sound network is right for 0.94 of one digit and 0.99 of
    another, and judged on 120, one mistake costs three points. Moved images make both parts five times as large, and
    the score a matter of the code rather than of the draw.
    """
    moved = [images.roll(by, axis) for by in (-1, 1) for axis in (1, 2)]
    if diagonals:
        moved += [images.roll((down, right), (1, 2)) for down in (-1, 1) for right in (-1, 1)]
    return torch.cat([images, *moved]), labels.repeat(1 + len(moved))
