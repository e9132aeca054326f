import math

import pytest
import torch
from sklearn.datasets import make_spd_matrix
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample, interpolate, max_pool2d
from torchmetrics.image.fid import _compute_fid

from grader import datasets, generative
from grader.disguises import turned


@pytest.fixture
def stream():
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="module")
def parts():
    """Every three, in three parts drawn at random, float32 [n, 784] each."""
    digits = datasets.load("digits", None)
    sides = (digits.train_images, digits.train_labels), (digits.test_images, digits.test_labels)
    images = torch.cat([images[labels == 3] for images, labels in sides]).flatten(1).float() / 255
    return images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))].chunk(3)


@pytest.fixture(scope="module")
def halves(parts):
    """What is given and what is withheld."""
    first, second, third = parts
    return torch.cat([first, third[::2]]), torch.cat([second, third[1::2]])


def test_recognised_is_the_share_that_is_more_likely_the_digit_than_everything_else():
    probabilities = torch.full((4, 10), 0.05)
    probabilities[0, 7], probabilities[1, 7], probabilities[2, 7], probabilities[3, 2] = 0.9, 0.51, 0.49, 0.9
    assert generative.recognised(probabilities, 7) == 0.5
    assert generative.recognised(probabilities, 2) == 0.25
    assert generative.recognised(probabilities, 0) == 0


def test_diversity_is_the_ratio_of_the_mean_distances_between_different_images(stream):
    samples, real = torch.randn(7, 5, generator=stream), 3 * torch.randn(9, 5, generator=stream)

    def mean_distance(x):
        pairs = [(i, j) for i in range(len(x)) for j in range(len(x)) if i != j]
        return sum(math.dist(x[i].tolist(), x[j].tolist()) for i, j in pairs) / len(pairs)

    assert generative.diversity(samples, real) == pytest.approx(mean_distance(samples) / mean_distance(real), rel=1e-5)
    assert generative.diversity(samples[:1].expand(6, -1), real) == 0


def test_frechet_distance_agrees_with_torchmetrics(stream):
    samples, real = torch.randn(400, 8, generator=stream), torch.randn(300, 8, generator=stream).double()
    real = real @ torch.from_numpy(make_spd_matrix(8, random_state=0)) + 1
    theirs = _compute_fid(samples.double().mean(0), samples.T.double().cov(), real.mean(0), real.T.cov())
    assert generative.frechet_distance(samples, real) == pytest.approx(float(theirs), rel=1e-6)
    assert generative.frechet_distance(real, samples) == pytest.approx(float(theirs), rel=1e-6)


def test_frechet_distance_of_independent_features_is_that_of_means_and_deviations():
    a, b = torch.tensor([[1.0, 0.0], [3.0, 0.0]]), torch.tensor([[2.0, 4.0], [8.0, 4.0]])  # variances 2, 0 and 18, 0
    assert generative.frechet_distance(a, b) == pytest.approx((5 - 2) ** 2 + 4**2 + (18**0.5 - 2**0.5) ** 2)


def test_frechet_distance_with_fewer_images_than_features_is_a_number(stream):
    few = torch.randn(20, 64, generator=stream)
    assert generative.frechet_distance(few, few) == pytest.approx(0, abs=1e-4)
    assert generative.frechet_distance(few, torch.zeros(20, 64)) == pytest.approx(
        float(few.mean(0).square().sum() + few.var(0).sum()), rel=1e-4
    )


def test_the_relative_frechet_distance_of_the_mean_image_is_one(stream):
    real = 5 * torch.randn(200, 16, generator=stream) + 2
    assert generative.relative_frechet(real.mean(0).expand(100, -1), real) == pytest.approx(1, rel=1e-4)
    assert generative.relative_frechet(real, real) == pytest.approx(0, abs=1e-4)


def test_novelty_compares_distances_to_the_nearest_training_image():
    training = torch.tensor([[0.0, 0.0], [10.0, 0.0]])
    held_out = torch.tensor([[0.0, 2.0], [10.0, 4.0]])  # 2 and 4 away
    samples = torch.tensor([[9.0, 0.0], [0.0, 2.0], [3.0, 4.0]])  # 1, 2 and 5 away
    assert generative.novelty(samples, training, held_out) == pytest.approx((8 / 3) / 3)
    assert generative.novelty(training, training, held_out) == 0


# ---------------------------------------------------------------- copies

SEVERAL = 3
"""So often each given image is copied: a single one counts for a hundredth of the samples at most."""


def copies_of(halves):
    """Copies of what is given, [n, 28, 28]."""
    return halves[0].repeat(SEVERAL, 1).view(-1, 28, 28)


def noised(images, deviation, stream):
    return (images + deviation * torch.randn(images.shape, generator=stream)).clamp(0, 1)


def bent(images, turn, field=0.0):
    """Images [n, 28, 28] where each pixel comes from elsewhere: a 2x2 matrix, and a field [n, 28, 28, 2]."""
    turn = torch.cat([torch.tensor(turn), torch.zeros(2, 1)], dim=1).expand(len(images), 2, 3)
    grid = affine_grid(turn, [len(images), 1, 28, 28], align_corners=False) + field
    return grid_sample(images.unsqueeze(1), grid, align_corners=False).squeeze(1)


def elastic(images):
    stream = torch.Generator().manual_seed(1)
    coarse = 0.05 * torch.randn(len(images), 2, 4, 4, generator=stream)
    field = interpolate(coarse, size=28, mode="bicubic").permute(0, 2, 3, 1)
    return bent(images, [[1.0, 0.0], [0.0, 1.0]], field)


def spotted(images):
    spots = torch.zeros(len(images), 784)
    spots.scatter_(1, torch.randint(700, (len(images), 4), generator=torch.Generator().manual_seed(2)), 1.0)
    return torch.where(max_pool2d(spots.view(-1, 1, 28, 28), 3, 1, 1).squeeze(1) > 0, 0.5, images)


DISGUISES = {
    "as they are": lambda images: images,
    "half a pixel away": lambda images: (images + images.roll(1, 2)) / 2,
    "turned by 7 degrees": lambda images: bent(images, [[0.9925, -0.1219], [0.1219, 0.9925]]),
    "smaller": lambda images: bent(images, [[1.08, 0.0], [0.0, 1.08]]),
    "larger": lambda images: bent(images, [[0.92, 0.0], [0.0, 0.92]]),
    "sheared": lambda images: bent(images, [[1.0, 0.15], [0.0, 1.0]]),
    "blurred": lambda images: avg_pool2d(images, 3, 1, 1),
    "elastic": elastic,
    "in black and white": lambda images: (images > 0.5).float(),
    "squared": torch.square,
    "square roots": torch.sqrt,
    "thinner": lambda images: -max_pool2d(-images, 2, 1, 1)[:, :28, :28],
    "spotted": spotted,
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
def test_real_images_are_copies_in_each_disguise(halves, disguise):
    samples = disguise(copies_of(halves)).flatten(1)
    assert generative.replayed(samples, *halves) > 0.15


@pytest.mark.parametrize("symmetry", range(8))
def test_turned_and_mirrored_images_are_copies(halves, symmetry):
    samples = turned(copies_of(halves), symmetry).flatten(1)
    assert generative.replayed(samples, *halves) > 0.9


@pytest.mark.parametrize(("down", "right"), [(1, 0), (0, -3), (2, 2), (-3, 3)])
def test_shifted_images_are_copies(halves, down, right):
    samples = copies_of(halves).roll((down, right), (1, 2)).flatten(1)
    assert generative.replayed(samples, *halves) > 0.9


@pytest.mark.parametrize(("deviation", "least"), [(0.02, 0.85), (0.05, 0.85), (0.1, 0.7), (0.15, 0.4)])
def test_images_with_noise_are_copies(halves, stream, deviation, least):
    samples = noised(copies_of(halves), deviation, stream).flatten(1)
    assert generative.replayed(samples, *halves) > least


def test_images_turned_shifted_paler_and_with_noise_are_copies(halves, stream):
    samples = 0.7 * turned(copies_of(halves), 6).roll((-2, 1), (1, 2))
    assert generative.replayed(noised(samples, 0.05, stream).flatten(1), *halves) > 0.7


def test_images_of_the_other_half_are_copies_and_count_half(halves):
    given, withheld = halves
    known = generative.replayed(copies_of(halves).flatten(1), given, withheld)
    assert generative.replayed(copies_of(halves).flatten(1), withheld, given) == pytest.approx(known / 2)


def test_a_generator_that_copies_now_and_then_is_measured(parts):
    given, withheld, new = parts
    samples = torch.cat([given, new]).repeat(SEVERAL, 1)
    assert generative.replayed(samples, given, withheld) == pytest.approx(0.5, abs=0.05)


def test_other_real_images_are_no_copies(parts):
    for first in range(3):
        samples, given, withheld = (parts[(first + step) % 3] for step in range(3))
        assert generative.replayed(samples.repeat(SEVERAL, 1), given, withheld) < 0.06


def test_one_image_drawn_again_and_again_hardly_counts(halves):
    assert generative.replayed(halves[0][:1].repeat(200, 1), *halves) == pytest.approx(generative.SINGLE)


def test_noise_and_empty_images_are_no_copies(halves, stream):
    empty, grey = torch.zeros(50, 784), torch.full((50, 784), 0.5)
    noise = torch.rand(50, 784, generator=stream)
    assert generative.replayed(torch.cat([empty, grey, noise]), *halves) == 0


def test_what_drowns_in_noise_is_no_copy(halves, stream):
    samples = noised(halves[0].mean(0).expand(200, -1), 0.3, stream)
    assert generative.replayed(samples, *halves) < 0.02
