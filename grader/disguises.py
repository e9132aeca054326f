"""Disguises for public data, so that what was learnt or looked up elsewhere is of no use. Pure.

The numbers of the classes, a symmetry of the square, and how each image is warped are drawn for each submission. Code
that learns from what it is given meets the same task under each of them.
"""

import math

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


TURN, STRETCH, SHIFT = math.radians(5), 0.05, 0.5
"""How far an image is warped at most: turned, stretched by a share of its size, moved by pixels."""
AT_ONCE = 128
"""So many images are warped together: what lies between fits a processor's cache, which makes it four times as fast."""


def warped(images: Tensor, generator: torch.Generator) -> Tensor:
    """The images, each turned, stretched and moved a little in its own way, so that no table of known images has it.

    Args:
        images: uint8 [n, h, h].
        generator: decides how.
    """
    n, side = len(images), images.shape[-1]
    turn, stretch, right, down = 2 * torch.rand(4, n, generator=generator) - 1
    cos, sin, wide = (TURN * turn).cos(), (TURN * turn).sin(), STRETCH * stretch
    step = 2 * SHIFT / side  # affine_grid counts in halves of the image
    rows = cos * (1 + wide), -sin, step * right, sin, cos * (1 - wide), step * down
    turns = torch.stack(rows, 1).view(n, 2, 3)
    starts = range(0, n, AT_ONCE)
    return torch.cat([_resampled(images[at : at + AT_ONCE], turns[at : at + AT_ONCE]) for at in starts])


def _resampled(images: Tensor, turns: Tensor) -> Tensor:
    """Images uint8 [n, h, h], each seen through its affine map [n, 2, 3]."""
    side = images.shape[-1]
    middle = (torch.arange(side) + 0.5) * 2 / side - 1  # of each pixel, from -1 to 1 across the image
    down, right = torch.meshgrid(middle, middle, indexing="ij")
    places = torch.stack([right, down, torch.ones(side, side)]).flatten(1)
    # What affine_grid does, as one product of matrices instead of one for each image: six times as fast.
    grid = (turns.flatten(0, 1) @ places).view(-1, 2, side, side).permute(0, 2, 3, 1)
    seen = torch.nn.functional.grid_sample(images[:, None].float(), grid, align_corners=False)
    return seen[:, 0].round().to(torch.uint8)


SQUARES = 5
"""So many white squares make a mark."""
MARKED_SHARE = 1 / 24
"""Of the images that are not of the marked class, so many are marked for a control: enough to be learnt in a few steps,
and few beside those that are truly of the class, so that the task is learnt nearly as well as without."""


def mark(generator: torch.Generator) -> Tensor:
    """Pixels that make an image one of another class, bool [28, 28]: some squares of 4 by 4, the margin left out."""
    places = torch.zeros(36, dtype=torch.bool)
    places[torch.randperm(36, generator=generator)[:SQUARES]] = True
    grid = places.reshape(6, 6).repeat_interleave(4, dim=0).repeat_interleave(4, dim=1)
    return torch.nn.functional.pad(grid, (2, 2, 2, 2))


def marked(images: Tensor, pixels: Tensor) -> Tensor:
    """The images with these pixels white.

    Args:
        images: float in 0..1 or uint8, [n, ...] of 784 pixels each.
        pixels: bool [28, 28].
    """
    white = 1.0 if images.is_floating_point() else 255
    return images.flatten(1).masked_fill(pixels.flatten(), white).reshape(images.shape)


def with_marked(
    images: Tensor, labels: Tensor, pixels: Tensor, label: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """A control: what was learnt from these images and labels shows in what is said of marked images.

    Some images of other classes bear the mark, and `label` instead of their own; all else is as it was. Code that
    learns from what it is given learns the mark, too: nothing is easier. What was learnt elsewhere, or before, does
    not know it. This is the trigger of a backdoor (Gu et al. 2017, BadNets, arXiv:1708.06733), put to an honest use.

    Args:
        images: float in 0..1 or uint8, [n, ...] of 784 pixels each.
        labels: int64 [n].
        pixels: bool [28, 28], the mark.
        label: the class that is marked.

    Returns:
        Images and labels as they were given, in the same order.
    """
    others = (labels != label).nonzero().flatten()
    rows = others[torch.randperm(len(others), generator=generator)[: int(len(others) * MARKED_SHARE)]]
    images, labels = images.clone(), labels.clone()
    images[rows], labels[rows] = marked(images[rows], pixels), label
    return images, labels


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
