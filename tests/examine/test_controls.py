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


def learns_mark(train: Callable[[Tensor, Tensor], Network]) -> bool:
    """The control for images of ten faint textures."""
    draw = Draw("a control", "of textures")
    textures = draw.uniform(10, 784) * 0.3
    labels = torch.arange(600) % 10
    images = (textures[labels] + draw.uniform(600, 784) * 0.3).clamp(0, 1)
    others = (255 * images[labels != LABEL]).byte().reshape(-1, 28, 28)
    return controls.learns_mark(
        train(images, labels), train, takes, given=(images, labels), label=LABEL, others=others, draw=draw
    )


def test_who_learns_from_what_is_given_knows_the_mark() -> None:
    assert learns_mark(nearest)


def test_who_answers_with_what_was_learnt_before_does_not() -> None:
    kept: list[Network] = []

    def first_model(images: Tensor, labels: Tensor) -> Network:
        kept.append(nearest(images, labels))
        return kept[0]

    assert not learns_mark(first_model)
    assert len(kept) == 1 + controls.TRIALS


def test_one_of_the_trainings_may_go_wrong() -> None:
    calls: list[Network] = []

    def unlucky(images: Tensor, labels: Tensor) -> Network:
        calls.append(nearest(images, labels))
        return (lambda asked: torch.zeros(len(asked))) if len(calls) == 2 else calls[-1]

    assert learns_mark(unlucky)
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
