"""Files of the MNIST family, as torchvision keeps them: NAME/raw/ with two files of images and two of labels."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.errors import DatasetMissing

if TYPE_CHECKING:
    from torch import Tensor

FILES: Final = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
_BYTES: Final = 8
"""What the format calls elements of uint8."""


def find(name: str, root: Path | None) -> tuple[Path, ...]:
    """The four files of a dataset in the folder `root`; () if they are not all there."""
    files = tuple(root / name / "raw" / file for file in FILES) if root else ()
    return files if all(file.is_file() for file in files) else ()


def read(path: Path, advice: str) -> "Tensor":
    """One of the files, uint8. torchvision reads them too, and takes a second to be imported.

    Args:
        advice: what to do where it is damaged.

    Raises:
        DatasetMissing: it is.
    """
    import torch  # noqa: PLC0415  slow to import, needed here alone

    content = bytearray(path.read_bytes())
    *_, kind, rank = content[:4].ljust(4, b"\0")
    begin = 4 + 4 * rank
    sizes = [int.from_bytes(content[at : at + 4], "big") for at in range(4, begin, 4)]
    if kind != _BYTES or not 0 < math.prod(sizes) == len(content) - begin:
        raise DatasetMissing(f"{path} is damaged. {advice}")
    return torch.frombuffer(content, dtype=torch.uint8, offset=begin).view(sizes)
