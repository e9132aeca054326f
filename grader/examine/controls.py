"""Controls: does a submission answer with what its training was given, or with what it brought along?

A control is a training that a right solution is sure to pass. It takes points from nobody by accident: one that raises
or takes too long is left for a person to look at.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from torch import Tensor

from grader import disguises
from grader.errors import Finding
from grader.examine.draw import Draw
from grader.model import Flag

Model = TypeVar("Model")

KNOWN_LEAST = 0.65
"""Above this balanced accuracy a mark is known; guessing reaches 0.5."""
TRIALS = 2
"""Trainings of which the best counts: a sound one can meet an unlucky seed."""
MARKS = 8
"""So many marks are drawn for a training, and the one that the model knows least is used."""
GLANCE = 200
"""So many images show how well a model knows a mark beforehand."""


def ceiling(control: Callable[[], float], flags: set[Flag]) -> float:
    """The most, in 0..1, that a control lets count of what was measured before it.

    Args:
        control: answers with it; with 0.0, or False, where nothing was learnt from what was given.
        flags: of the submission. Nothing learnt is flagged; so is a control that raises a finding, for a person, and
            it takes nothing.
    """
    try:
        most = control()
    except Finding:
        flags.add(Flag.CONTROL_FAILED)
        return 1.0
    if not most:
        flags.add(Flag.MEMORISED)
    return float(most)


def memorised(learns: Callable[[], bool], flags: set[Flag]) -> bool:
    """Whether a control shows that answers do not come from what was given, with the flags of `ceiling`."""
    return not ceiling(learns, flags)


def known(model: Model, takes: Callable[[Model, Tensor], Tensor], mark: Tensor, others: Tensor) -> float:
    """The balanced accuracy, 0..1, of taking marked images for the marked class, and not the same without the mark."""
    rights = takes(model, disguises.marked(others, mark)), ~takes(model, others)
    return sum(float(right.double().mean()) for right in rights) / 2


@dataclass(frozen=True, slots=True)
class Again(Generic[Model]):
    """Another training, on images of which some bear a secret mark.

    Attributes:
        model: what came of it.
        known: how well that knows the mark, which the model before did not: the balanced accuracy, 0..1.
    """

    model: Model
    known: float


def with_mark(
    model: Model,
    train: Callable[[Tensor, Tensor], Model],
    takes: Callable[[Model, Tensor], Tensor],
    *,
    given: tuple[Tensor, Tensor],
    label: int,
    others: Tensor,
    draw: Draw,
) -> Iterator[Again[Model]]:
    """Train again, up to TRIALS times, each time with another secret mark, whenever the next one is asked for.

    Who learns what the images and labels teach knows the mark better than KNOWN_LEAST. What was learnt elsewhere, or
    before, does not know it.

    Args:
        model: trained on what was given.
        train: images and labels -> a model.
        takes: a model and uint8 images [n, 28, 28] -> which it takes for the marked class, bool [n].
        given: the images, float in 0..1 or uint8, and labels that `model` was trained on. Some images get the mark, and
            `label`.
        label: the class that is marked.
        others: uint8 [n, 28, 28], unseen images of all other classes.
    """
    for _ in range(TRIALS):
        marks = [disguises.mark(draw.generator) for _ in range(MARKS)]
        mark = min(marks, key=lambda each: known(model, takes, each, others[:GLANCE]))  # some look like the class
        again = train(*disguises.with_marked(*given, mark, label, draw.generator))
        yield Again(again, known(again, takes, mark, others))


def relearnt(trainings: Iterable[Again[Model]], skill: Callable[[Model], float], enough: float) -> float:
    """How well the task is done by the best of trainings that knew their mark: 0.0 if none did.

    Who tells the first training from later ones, by counting calls, has to learn the task in those, too.

    Args:
        trainings: as `with_mark` makes them.
        skill: how well a model does the task, above 0.0.
        enough: no further training is asked for when one shows that much.
    """
    best = 0.0
    for again in trainings:
        if again.known > KNOWN_LEAST:
            best = max(best, skill(again.model))
        if best >= enough:
            break
    return best
