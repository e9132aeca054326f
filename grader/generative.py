"""How good generated images are, and whether they are copies. Pure; see docs/explanation/gan-judging.md.

Images are float32 [n, 784] in 0..1, 28x28 each; features are float32 [n, d], a classifier's last hidden layer. No
figure alone tells a good generator: a collapsed one is recognised every time, and copies of the training images have
everything but novelty.
"""

import math
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample, normalize, pdist

from grader.disguises import turned

NEARER: Final = 0.7
"""An image is a copy if it is nearer to a real image than to all of the other half by this factor."""

SINGLE: Final = 0.01
"""The share of samples for which a single real image can count, at most.

A collapsed generator draws few images, and one of them may resemble a real one by chance; a copier has to use many."""

TILTS: Final = (-0.12, 0.0, 0.12)
"""Angles in radians at which samples are tried; between them the tangents of `_span` reach."""


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


def replayed(samples: Tensor, given: Tensor, withheld: Tensor) -> float:
    """The least share of samples that are real images, as they are or turned, moved, distorted, blurred, ….

    Given and withheld images are halves of the same, drawn at random. To what is new, whatever its style, the nearest
    image of the one is about as near as that of the other. A copy is not: what it is a copy of is in one half alone.

    Chance makes some new images copies of either half, as many of the one as of the other. So copies of given images
    count beyond those of withheld ones. These count half, where they are more: of images known from elsewhere.

    Args:
        samples: images [n, 784] in 0..1, n >= 100. 250 against twice 3,500 take some 3 s of CPU time.
        given: images [m, 784].
        withheld: images [k, 784].
    """
    (to_given, its), (to_withheld, others) = (_resembled(samples, half) for half in (given, withheld))
    known = _share(its[to_given < NEARER * to_withheld], len(samples))
    unknown = _share(others[to_withheld < NEARER * to_given], len(samples))
    return max(known - unknown, unknown / 2)


# ---------------------------------------------------------------- distances


def _square_root(covariance: Tensor) -> Tensor:
    """The symmetric square root of a positive semidefinite matrix."""
    values, vectors = torch.linalg.eigh(covariance)
    return torch.matmul(vectors * values.clamp(min=0).sqrt(), vectors.T)


def _nearest(images: Tensor, training: Tensor) -> Tensor:
    """Of each image the distance to the nearest training image, float32 [n]."""
    return torch.cat([torch.cdist(part, training).amin(dim=1) for part in torch.split(images, 1000)])


# ---------------------------------------------------------------- copies


def _share(copied: Tensor, samples: int) -> float:
    """The share of samples that are copies of real images, whose numbers `copied` holds, one for each copy."""
    counts = torch.bincount(copied)
    return float((counts / samples).clamp(max=SINGLE).sum())


def _resembled(samples: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    """Of each sample the tangent distance (Simard et al. 1993) to the nearest real image, 0..1, and which that is.

    The distance is what of a real image, of length 1, lies outside of what the sample and small changes of it span, in
    the best of the square's eight symmetries.

    Returns:
        float32 [n]; int64 [n], the same number for the same image at another place.
    """
    images = torch.unique(_ink(real), dim=0)
    patterns = _halved(_soft(images)).view(-1, 14, 14)
    seen = torch.cat([_level(turned(patterns, symmetry).flatten(1)) for symmetry in range(8)])  # [8 m, 196]
    parts = torch.split(normalize(seen, dim=1), 1000)
    ink = _ink(samples)
    best, row = torch.zeros(len(samples)), torch.zeros(len(samples), dtype=torch.long)
    for span in (_span(_soft(_tilted(ink, tilt))) for tilt in TILTS):  # [n, 9, 196]
        for number, part in enumerate(parts):
            explained, fitting = (span @ part.T).square().sum(dim=1).max(dim=1)
            row = torch.where(explained > best, 1000 * number + fitting, row)
            best = torch.maximum(best, explained)
    return (1 - best).clamp(min=0).sqrt(), row % len(images)


def _span(images: Tensor) -> Tensor:
    """An orthonormal basis of what images [n, 28, 28] become by small changes: [n, 9, 196].

    They are paler or darker, moved, scaled, turned or sheared, of thicker or thinner lines, and with other greys.
    """
    place = torch.linspace(-1, 1, 28)
    weights = torch.ones(28, 28), place.expand(28, 28), place.expand(28, 28).T
    slopes = [(images.roll(-1, axis) - images.roll(1, axis)) / 2 for axis in (1, 2)]
    affine = [slope * weight for slope in slopes for weight in weights]
    thicker = slopes[0].square() + slopes[1].square()
    changes = torch.stack([images, *affine, thicker, images.square()], dim=1)  # [n, 9, 28, 28]
    flat = _level(_halved(changes.flatten(0, 1))).view(len(images), -1, 196)
    basis: Tensor = torch.linalg.qr(flat.mT)[0]
    return basis.mT


def _ink(images: Tensor) -> Tensor:
    """What of images [n, 784] stands out of a fifth of their brightest pixel, centred: [n, 28, 28]. Weak noise goes."""
    square = images.view(-1, 28, 28)
    brightest = square.amax(dim=(1, 2), keepdim=True).clamp(min=1e-6)
    return _centred((square / brightest - 0.2).clamp(min=0))


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


def _tilted(images: Tensor, angle: float) -> Tensor:
    """Images [n, 28, 28] turned by an angle in radians."""
    cosine, sine = math.cos(angle), math.sin(angle)
    turn = torch.tensor([[cosine, -sine, 0], [sine, cosine, 0]]).expand(len(images), 2, 3)
    grid = affine_grid(turn, [len(images), 1, 28, 28], align_corners=False)
    return grid_sample(images.unsqueeze(1), grid, align_corners=False).squeeze(1)


def _soft(images: Tensor) -> Tensor:
    """Images [n, 28, 28] out of focus: the tangents of sharp edges reach nowhere."""
    once = avg_pool2d(images, 3, stride=1, padding=1)
    return avg_pool2d(once, 3, stride=1, padding=1)


def _halved(images: Tensor) -> Tensor:
    """Images [n, 28, 28] in half the resolution: [n, 196]."""
    return avg_pool2d(images, 2).flatten(1)


def _level(images: Tensor) -> Tensor:
    """Images [n, d] with mean 0: noise that is cut off at 0 makes all of an image a little brighter."""
    return images - images.mean(dim=1, keepdim=True)
