"""Pictures that a suite puts on the student's page, as data."""

from collections.abc import Sequence
from typing import Final

from torch import Tensor

from grader.model import Figure, FigureKind

IMAGES_MOST: Final = 64


class Figures:
    """Collects the pictures of one run.

    Attributes:
        made: the pictures so far.
    """

    def __init__(self) -> None:
        self.made: list[Figure] = []

    def confusion(self, tp: int, fp: int, tn: int, fn: int, positive: str = "digit") -> None:
        """The four counts of a yes-or-no classifier; `positive` is what "yes" means."""
        alt = (
            f"Of {tp + fn} images of the {positive}, {tp} were recognised; "
            f"of {fp + tn} others, {fp} were taken for the {positive}."
        )
        data = {"tp": int(tp), "fp": int(fp), "tn": int(tn), "fn": int(fn), "positive": positive}
        self.made.append(Figure(FigureKind.CONFUSION, "Confusion matrix", alt, data))

    def images(self, images: Tensor, captions: Sequence[str], title: str, alt: str) -> None:
        """Small grey images, the first 64.

        Args:
            images: uint8 [n, h, w].
            captions: one for each image, or none at all.
        """
        shown = images[:IMAGES_MOST]
        data = {
            "shape": list(images.shape[1:]),
            "images": shown.flatten(1).tolist(),
            "captions": list(captions)[: len(shown)],
        }
        self.made.append(Figure(FigureKind.IMAGES, title, alt, data))
