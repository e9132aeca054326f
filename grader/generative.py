"""How good generated images are, and whether they are copies. Pure; see docs/gan-judging.md.

Images are float32 [n, 784] in 0..1, 28x28 each; features are float32 [n, d], a classifier's last hidden layer. No
figure alone tells a good generator: a collapsed one is recognised every time, and copies of the training images have
everything but novelty.
"""

from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d, normalize, pdist

from grader.disguises import turned

COPY: Final = 0.01
"""The share of an image's squared ink that a training image and noise leave unexplained, at most, in a copy.

Measured: up to 0.007 in copies with noise of 0.05, below 0 in the middle one of copies with noise of 0.1; from 0.009
in real images never trained on, from 0.03 in samples of GANs."""

NOISE: Final = 0.15
"""The standard deviation of the strongest noise that a copy is still recognised under, in brightness 0..1."""


def recognised(probabilities: Tensor, digit: int) -> float:
    """The share of images that are `digit`, for a classifier, more likely than everything else together.

    Args:
        probabilities: float32 [n, 10].
    """
    return float((probabilities[:, digit] > 0.5).float().mean())


def diversity(samples: Tensor, real: Tensor) -> float:
    """Mean distance between two samples over that between two real images; 0 if all samples are equal.

    In features rather than pixels: there, noise differs from noise as much as one digit from another.

    Args:
        samples: features [n, d], n > 1.
        real: features [m, d], m > 1, not all equal.
    """
    return float(pdist(samples).mean() / pdist(real).mean())


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """The squared Fréchet distance of two normal distributions fitted to features ("FID", Heusel et al. 2017).

    |mean_a - mean_b|² + Tr(cov_a + cov_b - 2 (cov_a cov_b)^½), with covariances over n - 1.

    Args:
        a: features [n, d], n > 1.
        b: features [m, d], m > 1.
    """
    a, b = a.double(), b.double()
    cov_a, cov_b = a.T.cov(), b.T.cov()
    root_a = _square_root(cov_a)
    # (cov_a cov_b)^½ has the trace of (root_a cov_b root_a)^½, which is symmetric: its eigenvalues are real
    shared = torch.linalg.eigvalsh(root_a @ cov_b @ root_a).clamp(min=0).sqrt().sum()
    apart = (a.mean(dim=0) - b.mean(dim=0)).square().sum()
    return float(apart + cov_a.trace() + cov_b.trace() - 2 * shared)


def relative_frechet(samples: Tensor, real: Tensor) -> float:
    """The Fréchet distance in units of the real images' own variance, so that one measure serves every digit.

    Near 0 for real images, 1 for a generator that draws the mean image of features again and again.

    Args:
        samples: features [n, d], n > 1.
        real: features [m, d], m > 1, not all equal.
    """
    return frechet_distance(samples, real) / float(real.double().var(dim=0).sum())


def novelty(samples: Tensor, training: Tensor, held_out: Tensor) -> float:
    """Mean distance of the samples to their nearest training image, over the same of real images never trained on.

    About 1 or more for new images, 0 for copies.

    Args:
        samples: images [n, 784], as the other two.
    """
    return float(_nearest(samples, training).mean() / _nearest(held_out, training).mean())


def replayed(samples: Tensor, training: Tensor) -> float:
    """The share of samples that are training images: turned or mirrored, shifted, paler, with noise, or as they are.

    Each sample is held against the training image most like it in half the resolution. A copy is one where nothing is
    left of the difference but noise such as there is far from any ink, where it can be measured.

    Args:
        samples: images [n, 784] in 0..1. A thousand against 6,000 take some 4 s of CPU time.
        training: images [m, 784].
    """
    upright = _centred(training.view(-1, 28, 28))
    coarse = _pattern(upright)  # [m, 196]
    parts = torch.split(samples.view(-1, 28, 28), 1000)
    return float(torch.cat([_unexplained(part, upright, coarse) < COPY for part in parts]).float().mean())


# ---------------------------------------------------------------- distances


def _square_root(covariance: Tensor) -> Tensor:
    """The symmetric square root of a positive semidefinite matrix."""
    values, vectors = torch.linalg.eigh(covariance)
    return torch.matmul(vectors * values.clamp(min=0).sqrt(), vectors.T)


def _nearest(images: Tensor, training: Tensor) -> Tensor:
    """Of each image the distance to the nearest training image, float32 [n]."""
    return torch.cat([torch.cdist(part, training).amin(dim=1) for part in torch.split(images, 1000)])


# ---------------------------------------------------------------- copies


def _unexplained(samples: Tensor, training: Tensor, coarse: Tensor) -> Tensor:
    """What of each sample [n, 28, 28] is neither a training image nor noise, at best: float32 [n]; see `COPY`."""
    left = [_residue(*_closest(_centred(turned(samples, symmetry)), training, coarse)) for symmetry in range(8)]
    return torch.stack(left).amin(dim=0)


def _centred(images: Tensor) -> Tensor:
    """Images [n, 28, 28] moved by whole pixels so that the centre of their ink is in the middle.

    Ink is what is more than half as bright as the brightest pixel: noise is not.
    """
    ink = (images > images.amax(dim=(1, 2), keepdim=True) / 2).float()
    place = torch.arange(28)
    weight = ink.sum(dim=(1, 2)).clamp(min=1)
    down = (ink.sum(dim=2) @ place.float() / weight - 13.5).round().long()  # [n]
    right = (ink.sum(dim=1) @ place.float() / weight - 13.5).round().long()
    rows = (place + down[:, None]) % 28  # [n, 28]
    columns = (place + right[:, None]) % 28
    moved: Tensor = images[torch.arange(len(images))[:, None, None], rows[:, :, None], columns[:, None, :]]
    return moved


def _pattern(images: Tensor) -> Tensor:
    """Images [n, 28, 28] at half the resolution, mean 0 and length 1 each: [n, 196]. Products are correlations."""
    small = avg_pool2d(images.unsqueeze(1), 2).flatten(1)
    return normalize(small - small.mean(dim=1, keepdim=True), dim=1)


def _closest(samples: Tensor, training: Tensor, coarse: Tensor) -> tuple[Tensor, Tensor]:
    """The samples, each moved by at most a pixel to fit best, and what they fit: [n, 28, 28] both."""
    best = torch.full((len(samples),), -2.0)
    moved, fitting = samples, torch.zeros(len(samples), dtype=torch.long)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            here = samples.roll((down, right), dims=(1, 2))
            alike, row = (_pattern(here) @ coarse.T).max(dim=1)
            better = alike > best
            best = torch.where(better, alike, best)
            fitting = torch.where(better, row, fitting)
            moved = torch.where(better[:, None, None], here, moved)
    return moved, training[fitting]


def _residue(samples: Tensor, fitting: Tensor) -> Tensor:
    """What of a sample neither its fitting image, made as pale, nor noise explains: [n], 1 for all of its squared ink.

    Infinite where the fitting image explains less than half of it: what is mostly noise, or empty, is no copy.

    The noise's standard deviation is read off where the fitting image has no ink within two pixels. Of noise around 0,
    cut off below, a fifth is above 0.84 standard deviations, and its mean square is half the variance.
    """
    bare = max_pool2d(fitting.unsqueeze(1), 5, stride=1, padding=2).flatten(1) < 0.05  # [n, 784]
    x, y = samples.flatten(1), fitting.flatten(1)
    ink = x.square().sum(dim=1)
    strength = (x * y).sum(dim=1) / y.square().sum(dim=1).clamp(min=1e-6)
    rest = x - strength[:, None] * y
    left = rest.square().sum(dim=1)
    deviation = torch.where(bare, rest.abs(), torch.nan).nanquantile(0.8, dim=1).nan_to_num() / 0.84
    noise = deviation.clamp(max=NOISE).square() * (784 - bare.sum(dim=1) / 2)
    return torch.where(left < ink / 2, (left - noise) / ink, torch.inf)
