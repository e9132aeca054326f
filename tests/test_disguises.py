"""Disguises: what they change and what they leave."""

import pytest
import torch

from grader import disguises


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


def test_dealt_labels_say_nothing_about_the_class():
    labels = torch.randint(10, (5003,), generator=stream(1))
    new = disguises.dealt(labels, stream(2))
    for label in range(10):
        counts = new[labels == label].bincount(minlength=10)
        assert counts.max() - counts.min() <= 1


def test_dealt_labels_are_shuffled_within_a_class():
    labels = torch.zeros(1000, dtype=torch.int64) + torch.arange(1000) % 2
    new = disguises.dealt(labels, stream())
    assert not torch.equal(new, disguises.dealt(labels, stream(1)))
    assert 0.3 < (new[labels == 0][:-1] == new[labels == 0][1:]).float().mean() < 0.7


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
