"""Whether answers come from what a training was given: the controls that suites share."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from grader.errors import CheckFailed
from grader.examine import controls
from grader.examine.draw import Draw
from grader.model import Flag

Network = Callable[[Tensor], Tensor]
LABEL = 3


def nearest(images: Tensor, labels: Tensor) -> Network:
    """The labels of the nearest of the images [n, 784], in 0..1."""
    return lambda asked: labels[torch.cdist(asked.flatten(1) / 255, images).argmin(dim=1)]


def takes(model: Network, images: Tensor) -> Tensor:
    return model(images) == LABEL


def relearnt(train: Callable[[Tensor, Tensor], Network], enough: float = 0.5) -> float:
    """The share of images of ten faint textures that is known to trainings that know their mark."""
    draw = Draw("a control", "of textures")
    textures = draw.uniform(10, 784) * 0.3
    labels = torch.arange(600) % 10
    images = (textures[labels] + draw.uniform(600, 784) * 0.3).clamp(0, 1)
    pixels = (255 * images).byte().reshape(-1, 28, 28)
    trainings = controls.with_mark(
        train(images, labels),
        train,
        takes,
        given=(images, labels),
        label=LABEL,
        others=pixels[labels != LABEL],
        draw=draw,
    )
    return controls.relearnt(trainings, lambda model: float((model(pixels) == labels).double().mean()), enough)


def test_who_learns_from_what_is_given_knows_the_mark() -> None:
    assert relearnt(nearest) > 0.9


def test_who_answers_with_what_was_learnt_before_does_not() -> None:
    kept: list[Network] = []

    def first_model(images: Tensor, labels: Tensor) -> Network:
        kept.append(nearest(images, labels))
        return kept[0]

    assert relearnt(first_model) == 0.0
    assert len(kept) == 1 + controls.TRIALS


def test_one_of_the_trainings_may_go_wrong() -> None:
    calls: list[Network] = []

    def unlucky(images: Tensor, labels: Tensor) -> Network:
        calls.append(nearest(images, labels))
        return (lambda asked: torch.zeros(len(asked))) if len(calls) == 2 else calls[-1]

    assert relearnt(unlucky) > 0.9
    assert len(calls) == 3


def test_who_counts_calls_shows_what_is_learnt_in_the_later_ones() -> None:
    calls: list[Network] = []

    def counting(images: Tensor, labels: Tensor) -> Network:
        calls.append(nearest(images, labels if not calls else torch.where(labels == LABEL, LABEL, 0)))
        return calls[-1]

    assert 0.1 < relearnt(counting) < 0.3
    assert len(calls) == 1 + controls.TRIALS  # the second might have done better


def test_what_a_training_knows_that_does_not_know_its_mark_does_not_count() -> None:
    calls: list[Network] = []

    def by_turns(images: Tensor, labels: Tensor) -> Network:
        before = calls[0] if calls else nearest(images, labels)
        calls.append(nearest(images, torch.where(labels == LABEL, LABEL, 0)) if len(calls) == 1 else before)
        return calls[-1]

    assert 0.1 < relearnt(by_turns) < 0.3
    assert len(calls) == 3


@pytest.mark.parametrize(("learns", "flagged"), [(True, set()), (False, {Flag.MEMORISED})])
def test_a_control_that_is_not_passed_is_flagged(*, learns: bool, flagged: set[Flag]) -> None:
    flags: set[Flag] = set()
    assert controls.memorised(lambda: learns, flags) is not learns
    assert flags == flagged


def test_a_control_that_fails_costs_nothing_and_is_for_a_person() -> None:
    def fails() -> bool:
        raise CheckFailed("train_classifier raised")

    flags: set[Flag] = set()
    assert not controls.memorised(fails, flags)
    assert flags == {Flag.CONTROL_FAILED}


@pytest.mark.parametrize(("most", "flagged"), [(0.9, set()), (1.0, set()), (0.0, {Flag.MEMORISED})])
def test_a_control_lets_as_much_count_as_it_says(most: float, flagged: set[Flag]) -> None:
    flags: set[Flag] = set()
    assert controls.ceiling(lambda: most, flags) == most
    assert flags == flagged


def test_a_control_that_fails_lets_everything_count() -> None:
    def fails() -> float:
        raise CheckFailed("train_classifier raised")

    flags: set[Flag] = set()
    assert controls.ceiling(fails, flags) == 1.0
    assert flags == {Flag.CONTROL_FAILED}
