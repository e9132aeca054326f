"""What a lab says of data of its own: the table `[dataset]` in lab.toml."""

from typing import Annotated, ClassVar, Final, Literal, TypeAlias

import msgspec

Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
Side = Annotated[int, msgspec.Meta(ge=1, le=4096)]


class ImagesSpec(msgspec.Struct, tag_field="kind", tag="images", frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`kind = "images"`: a folder for each class, with its images.

    Attributes:
        size: (height, width) that images are brought to.
        channels: 3 for colours, 1 for grey.
        hidden: the share of each class that students never get.
    """

    kind: ClassVar[str] = "images"
    place: ClassVar[str] = "data"
    form: ClassVar[str] = "a folder for each class, with its images"

    size: tuple[Side, Side]
    channels: Literal[1, 3] = 3
    hidden: Share = 0.25


class TableSpec(msgspec.Struct, tag_field="kind", tag="csv", frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`kind = "csv"`: a table of numbers with a header.

    Attributes:
        target: the column to be predicted; all others are inputs.
        task: whether the target names classes, or is a number.
        hidden: see `ImagesSpec`.
    """

    kind: ClassVar[str] = "csv"
    place: ClassVar[str] = "data.csv"
    form: ClassVar[str] = "a table with its columns' names in the first line"

    target: str
    task: Literal["classes", "numbers"]
    hidden: Share = 0.25


class TensorsSpec(msgspec.Struct, tag_field="kind", tag="torch", frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`kind = "torch"`: a file of `torch.save` with inputs and targets."""

    kind: ClassVar[str] = "torch"
    place: ClassVar[str] = "data.pt"
    form: ClassVar[str] = "a file that torch.save wrote, with inputs and targets"

    hidden: Share = 0.25


class FashionSpec(
    msgspec.Struct, tag_field="kind", tag="fashion-mnist", frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """`kind = "fashion-mnist"`: the public dataset as torchvision keeps it, in its own two parts."""

    kind: ClassVar[str] = "fashion-mnist"
    hidden: ClassVar[float] = 1 / 6


Filed: TypeAlias = ImagesSpec | TableSpec | TensorsSpec
"""What lies with the lab, and is split by the grader."""
Own: TypeAlias = Filed | FashionSpec
Asked: TypeAlias = Literal["none", "digits28"] | Own
"""What lab.toml may say of its dataset."""

BYTES_MOST: Final = 256 * 2**20
"""Of inputs as they are held; each process that grades has its own."""


def kind(asked: Asked) -> str:
    """The dataset's name, whatever machine it is for."""
    return asked if isinstance(asked, str) else asked.kind
