"""Items of a dataset, and the two parts that a suite gets of them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.datasets.kinds import BYTES_MOST
from grader.errors import InvalidLab

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """A lab's own data, in a part that students get and one that they never get.

    In a public suite both are parts of what students got. Shared by all submissions: do not change it in place.

    Attributes:
        name: the kind of dataset, as in lab.toml.
        train_inputs: images: uint8 [n, c, h, w], as files hold them and at a quarter of a float's memory; csv: float32
            [n, columns]; torch: as the file has them, uint8, int64 or float32 [n, ...].
        train_targets: int64 [n], numbers of classes; where numbers are to be predicted float32, csv: [n], torch: as
            the file has them.
        test_inputs: like train_inputs.
        test_targets: like train_targets.
        classes: names of the classes in the order of their numbers; () where numbers are to be predicted.
    """

    name: str
    train_inputs: "Tensor"
    train_targets: "Tensor"
    test_inputs: "Tensor"
    test_targets: "Tensor"
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """What was read, in the order of the files.

    Attributes:
        inputs, targets, classes: see `Data`.
        contents: of each item what is equal for equal inputs alone.
        keys: of each item what decides, with the others', which part it goes into.
        columns: names of a table's columns, the target's too.
        files: of each item, where it has one of its own.
    """

    inputs: "Tensor"
    targets: "Tensor"
    classes: tuple[str, ...]
    contents: tuple[bytes, ...]
    keys: tuple[bytes, ...]
    columns: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    def told(self) -> list[tuple[bytes, object]]:
        """Of each item all that a student would read: its input's content, and its target."""
        targets = self.targets.tolist()
        return [
            (content, self.classes[target] if self.classes else repr(target))
            for content, target in zip(self.contents, targets, strict=True)
        ]


def contents(inputs: "Tensor") -> tuple[bytes, ...]:
    """What is equal for equal rows alone; -0.0 is 0.0."""
    rows = (row + 0.0 if row.is_floating_point() else row for row in inputs)
    return tuple(hashlib.blake2b(row.contiguous().numpy().tobytes(), digest_size=16).digest() for row in rows)


def check_size(path: Path, size: int, advice: str) -> None:
    """Look whether so many bytes can be held.

    Raises:
        InvalidLab: they are too many.
    """
    if size > BYTES_MOST:
        raise InvalidLab(
            f"{path} would take {size / 2**20:,.0f} MiB of memory in each process that grades, and {BYTES_MOST >> 20} "
            f"is the most. {advice}"
        )


def check_there(path: Path, form: str, *, there: bool) -> None:
    """Refuse to go on without the data.

    Args:
        path: in reference/LAB, where the whole is, or in what students have.
        form: what it is, in words.

    Raises:
        InvalidLab: it is not there.
    """
    if there:
        return
    makes = f"`grader dataset {path.parent.name} --write` makes"
    if path.parent.parent.name == "reference":
        raise InvalidLab(
            f"{path} is missing. Put the lab's whole data there: {form}. From it {makes} the part that students get."
        )
    raise InvalidLab(f"{path} is missing. In a course {makes} it. Students: unpack what you were given once more.")
