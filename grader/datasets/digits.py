"""Handwritten digits, 28x28: MNIST where this machine has it, else the smaller set bundled with scikit-learn."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.datasets import idx
from grader.errors import DatasetMissing

if TYPE_CHECKING:
    from torch import Tensor

_HELD_OUT: Final = 597
"""Of the 1,797 bundled digits: a third, about 60 of each."""


@dataclass(frozen=True, slots=True, eq=False)
class Digits:
    """A dataset of digits 0..9, in a train and a held-out part that no submission ever gets.

    Attributes:
        name: "mnist" (60,000 and 10,000 images) or "digits" (1,200 and 597).
        train_images: uint8 [n, 28, 28], 0 background to 255 ink.
        train_labels: int64 [n].
        test_images: like train_images.
        test_labels: like train_labels.
    """

    name: str
    train_images: "Tensor"
    train_labels: "Tensor"
    test_images: "Tensor"
    test_labels: "Tensor"


def choose(wanted: str, root: Path | None) -> str:
    """The dataset to use, "mnist" or "digits"; looks at files only.

    Args:
        wanted: "auto" (MNIST if there is a root, else the bundled digits), "mnist" or "digits".
        root: the folder that holds torchvision's MNIST/raw/; None for none.

    Raises:
        DatasetMissing: MNIST was asked for, or a root was given, and MNIST is not there; or `wanted` is no dataset. A
            mistyped folder must not change what a class is graded on.
    """
    return "mnist" if _mnist_files(wanted, root) else "digits"


@lru_cache(maxsize=2)
def load(name: str, root: Path | None) -> Digits:
    """The images of "mnist" or "digits", read once per process; treat them as read-only.

    Raises:
        DatasetMissing: as `choose`.
    """
    files = _mnist_files(name, root)
    return _mnist(files) if files else _bundled()


def _mnist_files(wanted: str, root: Path | None) -> tuple[Path, ...]:
    """MNIST's files, where they are to be used; none for the bundled digits. Raises as `choose`."""
    if wanted not in {"auto", "mnist", "digits"}:
        raise DatasetMissing(f"There is no dataset “{wanted}”. Choose --dataset auto, mnist or digits.")
    if wanted == "digits" or (wanted == "auto" and root is None):
        return ()
    files = idx.find("MNIST", root)
    if not files:
        raise DatasetMissing(_how_to_get_mnist(root))
    return files


def _how_to_get_mnist(root: Path | None) -> str:
    place = f"{root} holds no MNIST/raw/ with the four files of MNIST" if root else "No data folder is set for MNIST"
    return (
        f"{place}. Download it once: python -c \"from torchvision.datasets import MNIST; MNIST('DIR', download=True)\","
        " then set GRADER_DATA=DIR; or use the smaller bundled digits: --dataset digits."
    )


def _mnist(files: Iterable[Path]) -> Digits:
    advice = "Remove it and download MNIST again; or use --dataset digits."
    train_images, train_labels, test_images, test_labels = (idx.read(file, advice) for file in files)
    return Digits("mnist", train_images, train_labels.long(), test_images, test_labels.long())


def _bundled() -> Digits:
    """scikit-learn's 8x8 digits enlarged to a box of 20x20 in the middle of 28x28, as MNIST's are."""
    import torch  # noqa: PLC0415  slow to import, needed here alone
    from sklearn.datasets import load_digits  # noqa: PLC0415  as above
    from sklearn.model_selection import train_test_split  # noqa: PLC0415  as above

    found = load_digits()
    small = torch.from_numpy(found.images).float().unsqueeze(1) * (255 / 16)  # [n, 1, 8, 8], 0..255
    boxes = torch.nn.functional.interpolate(small, size=(20, 20), mode="bilinear")
    images = torch.nn.functional.pad(boxes, (4, 4, 4, 4)).squeeze(1).round().to(torch.uint8)
    labels = torch.from_numpy(found.target).long()
    rows = list(range(len(labels)))
    train, test = train_test_split(rows, test_size=_HELD_OUT, stratify=found.target, random_state=0)
    return Digits("digits", images[train], labels[train], images[test], labels[test])
