"""`kind = "fashion-mnist"`: 28x28 pictures of clothes, 60,000 and 10,000, as torchvision downloads them.

H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST, a Novel Image Dataset for Benchmarking Machine Learning Algorithms
(arXiv 1708.07747, 2017). Both parts are public.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.datasets import idx
from grader.datasets.items import Items, contents
from grader.errors import DatasetMissing

if TYPE_CHECKING:
    from torch import Tensor

CLASSES: Final = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def files(root: Path | None) -> tuple[Path, ...]:
    """The four files.

    Raises:
        DatasetMissing: they are not there.
    """
    if found := idx.find("FashionMNIST", root):
        return found
    lacks = f"{root} holds no FashionMNIST/raw/ with its four files" if root else "Fashion-MNIST has no data folder"
    raise DatasetMissing(
        f"{lacks}. Download it once: python -c \"from torchvision.datasets import FashionMNIST; FashionMNIST('DIR', "
        'download=True)", then set GRADER_DATA=DIR, or give --data DIR.'
    )


def train(root: Path | None) -> Items:
    """What the dataset calls its training part.

    Raises:
        DatasetMissing: it is not there, or damaged.
    """
    return _items(files(root)[:2])


def test(root: Path | None) -> Items:
    """What the dataset calls its test part. Raises as `train`."""
    return _items(files(root)[2:])


def _items(two: Sequence[Path]) -> Items:
    images, labels = (_read(file) for file in two)
    inputs = images.unsqueeze(1)  # [n, 1, 28, 28]
    if images.dim() != 3 or labels.shape != images.shape[:1] or labels.max() >= len(CLASSES):
        raise DatasetMissing(f"{two[0]} and {two[1].name} do not belong together. {_ADVICE}")
    told = contents(inputs)
    return Items(inputs, labels.long(), CLASSES, told, told)


_ADVICE: Final = "Remove the folder and download Fashion-MNIST again."


def _read(file: Path) -> "Tensor":
    return idx.read(file, _ADVICE)
