import math

import pytest
import torch
from sklearn.datasets import make_spd_matrix
from torchmetrics.image.fid import _compute_fid

from grader import datasets, generative
from grader.disguises import turned


@pytest.fixture
def stream():
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="module")
def training():
    """Every three of the train part, float32 [n, 784]."""
    digits = datasets.load("digits", None)
    return digits.train_images[digits.train_labels == 3].flatten(1).float() / 255


@pytest.fixture(scope="module")
def held_out():
    digits = datasets.load("digits", None)
    return digits.test_images[digits.test_labels == 3].flatten(1).float() / 255


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


def noised(images, deviation, stream):
    return (images + deviation * torch.randn(images.shape, generator=stream)).clamp(0, 1)


def moved(images, down, right):
    return images.view(-1, 28, 28).roll((down, right), (1, 2)).flatten(1)


def test_training_images_are_replays(training):
    assert generative.replayed(training, training) == 1


@pytest.mark.parametrize("symmetry", range(1, 8))
def test_turned_and_mirrored_training_images_are_replays(training, symmetry):
    samples = turned(training.view(-1, 28, 28), symmetry).flatten(1)
    assert generative.replayed(samples, training) == 1


@pytest.mark.parametrize(("down", "right"), [(1, 0), (0, -3), (2, 2), (-3, 3)])
def test_shifted_training_images_are_replays(training, down, right):
    assert generative.replayed(moved(training, down, right), training) == 1


@pytest.mark.parametrize(("deviation", "least"), [(0.02, 0.99), (0.05, 0.99), (0.1, 0.95)])
def test_training_images_with_noise_are_replays(training, stream, deviation, least):
    assert generative.replayed(noised(training, deviation, stream), training) >= least


def test_training_images_turned_shifted_paler_and_with_noise_are_replays(training, stream):
    samples = 0.7 * moved(turned(training.view(-1, 28, 28), 6).flatten(1), -2, 1)
    assert generative.replayed(noised(samples, 0.05, stream), training) >= 0.95


def test_a_generator_that_replays_now_and_then_is_measured(training, held_out):
    samples = torch.cat([training[:20], held_out[:20]])
    assert generative.replayed(samples, training) == pytest.approx(0.5, abs=0.05)


def test_real_images_that_were_never_trained_on_are_no_replays(training, held_out):
    assert generative.replayed(held_out, training) <= 0.05


def test_noise_and_empty_images_are_no_replays(training, stream):
    empty, grey = torch.zeros(10, 784), torch.full((10, 784), 0.5)
    noise = torch.rand(10, 784, generator=stream)
    assert generative.replayed(torch.cat([empty, grey, noise]), training) == 0


def test_what_drowns_in_noise_is_no_replay(training, stream):
    assert generative.replayed(noised(training.mean(0).expand(50, -1), 0.3, stream), training) == 0
