"""A lab's own data: what is there, and the part of it that students get."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader import datasets
from grader.datasets import Data, FashionSpec, students
from grader.datasets.own import divided
from grader.errors import InvalidLab
from grader.labs import Lab

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Row:
    """How many items of a class there are; of all, where numbers are to be predicted.

    Attributes:
        students: in the part that students get.
        hidden: in the part that they never get.
    """

    name: str
    students: int
    hidden: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What a lab's own data is.

    Attributes:
        inputs, targets: type, shape of one and range, in words.
        place: where students find their part; None where they get it elsewhere.
        faults: what is wrong with that part, a sentence each.
    """

    kind: str
    inputs: str
    targets: str
    rows: tuple[Row, ...]
    place: Path | None
    faults: tuple[str, ...]


def show(lab: Lab, root: Path | None) -> Shown:
    """Look at a lab's own data.

    Args:
        root: the folder that Fashion-MNIST lies in.

    Raises:
        InvalidLab: the lab has none, or it is not right.
        DatasetMissing: Fashion-MNIST is not there.
    """
    own = _own(lab)
    if isinstance(own, FashionSpec):
        return _shown(datasets.load_own(own, lab.reference, root, public=False), None, [])
    items, parts = students.parted(own, lab.reference)
    found = students.faults_of(own, items, parts, lab.reference, lab.assignment)
    return _shown(divided(own.kind, items, parts), lab.assignment / own.place, found)


def _shown(data: Data, place: Path | None, found: list[str]) -> Shown:
    inputs = _described(data.train_inputs, data.test_inputs)
    return Shown(data.name, inputs, _targets(data), _rows(data), place, tuple(found))


def write(lab: Lab) -> bool:
    """Write the students' part into assignments/LAB.

    Returns:
        False where it is there already as it should be.

    Raises:
        InvalidLab: the lab has no data to write, or it is not right, or something is in the way.
    """
    own = _own(lab)
    if isinstance(own, FashionSpec):
        raise InvalidLab(
            f"{lab.name} has Fashion-MNIST, which is public: nothing to write. Tell students how to download it."
        )
    return students.write(own, lab.reference, lab.assignment)


def faults(lab: Lab) -> list[str]:
    """What is wrong with the students' part, a sentence each; nothing where there is none to be written.

    Raises:
        InvalidLab: the whole data is not right.
    """
    own = lab.own_data
    return [] if own is None or isinstance(own, FashionSpec) else students.faults(own, lab.reference, lab.assignment)


def _own(lab: Lab) -> datasets.Own:
    if lab.own_data is None:
        raise InvalidLab(
            f"{lab.name} has no data of its own. Describe it in lab.toml under [dataset]."
            " The page “Data of a lab's own” of the documentation shows how."
        )
    return lab.own_data


# ---------------------------------------------------------------- in words


def _targets(data: Data) -> str:
    if data.classes:
        return f"{len(data.classes)} classes, int64 [n]"
    return f"numbers, {_described(data.train_targets, data.test_targets)}"


def _described(train: "Tensor", test: "Tensor") -> str:
    """Type, shape and range of both parts together."""
    low, high = min(train.min().item(), test.min().item()), max(train.max().item(), test.max().item())
    shape = ", ".join(["n", *map(str, train.shape[1:])])
    return f"{str(train.dtype).removeprefix('torch.')} [{shape}], {low:g} to {high:g}"


def _rows(data: Data) -> tuple[Row, ...]:
    if not data.classes:
        return (Row("all", len(data.train_targets), len(data.test_targets)),)
    train = data.train_targets.bincount(minlength=len(data.classes)).tolist()
    test = data.test_targets.bincount(minlength=len(data.classes)).tolist()
    return tuple(map(Row, data.classes, train, test))
