"""Controls: does a submission answer with what its training was given, or with what it brought along?

A control is a training that a right solution is sure to pass. It takes points from nobody by accident: one that raises
or takes too long is left for a person to look at.
"""

from collections.abc import Callable
from typing import TypeVar

from torch import Tensor

from grader import disguises
from grader.errors import Finding
from grader.examine.draw import Draw
from grader.model import Flag

Model = TypeVar("Model")

KNOWN_LEAST = 0.70
"""Above this balanced accuracy a mark is known; guessing reaches 0.5."""
TRIALS = 2
"""Trainings of which one must learn its mark: a sound one can meet an unlucky seed."""
MARKS = 8
"""So many marks are drawn for a training, and the one that the model knows least is used."""
GLANCE = 200
"""So many images show how well a model knows a mark beforehand."""


def memorised(learns: Callable[[], bool], flags: set[Flag]) -> bool:
    """Whether a control shows that answers do not come from what was given, with the flag that says so.

    Args:
        learns: the control; says whether the submission learnt.
        flags: of the submission. A control that raises a finding flags it for a person, and counts as passed.
    """
    try:
        if learns():
            return False
    except Finding:
        flags.add(Flag.CONTROL_FAILED)
        return False
    flags.add(Flag.MEMORISED)
    return True


def known(model: Model, takes: Callable[[Model, Tensor], Tensor], mark: Tensor, others: Tensor) -> float:
    """The balanced accuracy, 0..1, of taking marked images for the marked class, and not the same without the mark."""
    rights = takes(model, disguises.marked(others, mark)), ~takes(model, others)
    return sum(float(right.double().mean()) for right in rights) / 2


def mark_learnt(
    model: Model,
    train: Callable[[Tensor, Tensor], Model],
    takes: Callable[[Model, Tensor], Tensor],
    *,
    given: tuple[Tensor, Tensor],
    label: int,
    others: Tensor,
    draw: Draw,
) -> float:
    """How well another training knows a secret mark that `model` does not, as a balanced accuracy in 0..1.

    Args:
        model: trained on what was given.
        train: images and labels -> a model.
        takes: a model and uint8 images [n, 28, 28] -> which it takes for the marked class, bool [n].
        given: the images, float in 0..1, and labels that `model` was trained on. Some images get the mark, and `label`.
        label: the class that is marked.
        others: uint8 [n, 28, 28], unseen images of all other classes.
    """
    marks = [disguises.mark(draw.generator) for _ in range(MARKS)]
    mark = min(marks, key=lambda each: known(model, takes, each, others[:GLANCE]))  # some look like the class
    again = train(*disguises.with_marked(*given, mark, label, draw.generator))
    return known(again, takes, mark, others)


def learns_mark(
    model: Model,
    train: Callable[[Tensor, Tensor], Model],
    takes: Callable[[Model, Tensor], Tensor],
    *,
    given: tuple[Tensor, Tensor],
    label: int,
    others: Tensor,
    draw: Draw,
) -> bool:
    """Whether a training learns what its images and labels alone can teach: arguments as for `mark_learnt`.

    Trainings of more than thirty sorts, from nearest neighbours to augmented convolutions, knew the mark for 0.94 and
    more, and one that stops early for 0.82 at worst. Networks that had been trained elsewhere, their columns matched
    with the numbers by a vote, knew it for 0.54 at best. Those among lab 3's solution, borderline solutions and
    mutants are measured by benchmarks/lab3_disguises.py.
    """
    return any(
        mark_learnt(model, train, takes, given=given, label=label, others=others, draw=draw) > KNOWN_LEAST
        for _ in range(TRIALS)
    )
