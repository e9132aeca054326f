"""Disguises: what they change and what they leave."""

import itertools

import pytest
import torch

from grader import datasets, disguises


def stream(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("seed", range(20))
def test_no_class_keeps_its_number_and_every_number_is_used(seed):
    numbers = disguises.renumbering(stream(seed))
    assert sorted(numbers.tolist()) == list(range(10))
    assert not (numbers == torch.arange(10)).any()


def test_the_eight_symmetries_are_eight_and_can_be_undone():
    images = torch.rand(3, 5, 5, generator=stream())
    seen = [disguises.turned(images, symmetry) for symmetry in range(8)]
    assert torch.equal(seen[0], images)
    assert len({one.contiguous().numpy().tobytes() for one in seen}) == 8
    for symmetry, one in enumerate(seen):
        assert torch.equal(disguises.turned_back(one, symmetry), images)


DIGITS = datasets.load("digits", None)


def test_no_warped_image_is_what_it_was_wherever_it_is_moved_to():
    images = DIGITS.test_images
    found = disguises.warped(images, stream())
    assert (found.shape, found.dtype) == (images.shape, torch.uint8)
    for move in itertools.product((-1, 0, 1), repeat=2):
        assert not (found == images.roll(move, (1, 2))).flatten(1).all(dim=1).any()


def test_an_image_is_warped_in_its_own_way_which_the_generator_decides():
    images = DIGITS.test_images[:1].repeat(50, 1, 1)
    found = disguises.warped(images, stream())
    assert len(found.unique(dim=0)) == 50
    assert torch.equal(found, disguises.warped(images, stream()))
    assert not torch.equal(found, disguises.warped(images, stream(1)))


def test_a_warped_image_is_nearly_where_and_as_large_as_it_was():
    square = torch.zeros(28, 28, dtype=torch.uint8)
    square[8:20, 8:20] = 255
    found = disguises.warped(square.repeat(200, 1, 1), stream())
    assert (found[:, 11:17, 11:17] == 255).all()
    outside = torch.ones(28, 28, dtype=torch.bool)
    outside[6:22, 6:22] = False
    assert (found[:, outside] == 0).all()


def test_a_warped_digit_is_the_same_digit():
    given, asked = DIGITS.train_images.flatten(1).float(), disguises.warped(DIGITS.test_images, stream())
    nearest = torch.cdist(asked.flatten(1).float(), given).argmin(dim=1)
    assert (DIGITS.train_labels[nearest] == DIGITS.test_labels).double().mean() > 0.95


@pytest.mark.parametrize("seed", range(20))
def test_a_mark_is_five_squares_inside_the_margin(seed):
    pixels = disguises.mark(stream(seed))
    assert (pixels.shape, pixels.dtype, int(pixels.sum())) == ((28, 28), torch.bool, 5 * 16)
    assert not pixels[[0, 1, 26, 27]].any()
    assert not pixels[:, [0, 1, 26, 27]].any()


def test_marks_differ():
    assert len({disguises.mark(stream(seed)).numpy().tobytes() for seed in range(20)}) == 20


@pytest.mark.parametrize("shape", [(3, 28, 28), (3, 784), (3, 1, 28, 28)])
@pytest.mark.parametrize(("dtype", "white"), [(torch.uint8, 255), (torch.float32, 1)])
def test_marked_images_are_white_where_the_mark_is_and_keep_all_else(shape, dtype, white):
    images, pixels = torch.full(shape, 0.5).mul(2 * (dtype == torch.uint8) + 1).to(dtype), disguises.mark(stream())
    found = disguises.marked(images, pixels)
    assert (found.shape, found.dtype) == (images.shape, dtype)
    assert (found.flatten(1)[:, pixels.flatten()] == white).all()
    assert torch.equal(found.flatten(1)[:, ~pixels.flatten()], images.flatten(1)[:, ~pixels.flatten()])


def test_in_a_control_one_in_24_of_the_others_is_marked_and_renamed():
    images, labels = torch.rand(4000, 784, generator=stream()), torch.arange(4000) % 10
    pixels = disguises.mark(stream(1))
    new_images, new_labels = disguises.with_marked(images, labels, pixels, 3, stream(2))
    renamed = new_labels != labels
    assert int(renamed.sum()) == 3600 // 24
    assert (new_labels[renamed] == 3).all()
    assert torch.equal(new_images[renamed], disguises.marked(images[renamed], pixels))
    assert torch.equal(new_images[~renamed], images[~renamed])
    assert (labels.bincount() == 400).all()  # what was passed is as it was


def test_enlarged_images_are_moved_by_one_pixel_and_keep_their_labels():
    images = torch.zeros(2, 5, 5, dtype=torch.uint8)
    images[0, 2, 2] = 7
    found, labels = disguises.enlarged(images, torch.tensor([3, 4]))
    assert found.shape == (10, 5, 5)
    assert labels.tolist() == [3, 4] * 5
    assert sorted((one == 7).nonzero()[0].tolist() for one in found[::2]) == [[1, 2], [2, 1], [2, 2], [2, 3], [3, 2]]


def test_enlarged_with_diagonals_images_are_moved_to_all_eight_neighbours():
    images = torch.zeros(2, 5, 5, dtype=torch.uint8)
    images[0, 2, 2] = 7
    found, labels = disguises.enlarged(images, torch.tensor([3, 4]), diagonals=True)
    assert labels.tolist() == [3, 4] * 9
    places = sorted((one == 7).nonzero()[0].tolist() for one in found[::2])
    assert places == [[down, right] for down in (1, 2, 3) for right in (1, 2, 3)]
