"""`kind = "torch"`: a file of `torch.save` with inputs and targets.

It is the instructor's own, like the suite beside it, which is code; it is read by torch's loader of plain tensors all
the same, which builds nothing else, since such files are passed on.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from grader.datasets.items import Items, check_size, check_there, contents
from grader.datasets.kinds import TensorsSpec
from grader.errors import InvalidLab

if TYPE_CHECKING:
    from torch import Tensor

_FORM: Final = 'torch.save({"inputs": inputs, "targets": targets}, "data.pt"), or the pair (inputs, targets)'
_CLASSES_MOST: Final = 1000


def read(spec: TensorsSpec, folder: Path) -> Items:
    """The rows of both tensors.

    Raises:
        InvalidLab: there is something that an instructor has to put right.
    """
    path = folder / spec.place
    check_there(path, spec.form, there=path.is_file())
    inputs, targets = _two(_loaded(path), path)
    _check_inputs(inputs, path)
    classes = _classes(targets, path)
    if len(inputs) != len(targets):
        raise InvalidLab(
            f"{path}: {len(inputs):,} inputs and {len(targets):,} targets. Save as many of one as of the other."
        )
    told = contents(inputs)
    return Items(inputs, targets, classes, told, told)


def write(items: Items, chosen: Sequence[int], place: Path) -> None:
    """Write these, in the order that they are given."""
    import torch  # noqa: PLC0415  slow to import, needed here alone

    rows = list(chosen)  # indexed by a list, tensors are copied: a view is saved with all that it is a view of
    torch.save({"inputs": items.inputs[rows], "targets": items.targets[rows]}, place)


def _loaded(path: Path) -> Any:
    import torch  # noqa: PLC0415  as `write`

    check_size(path, path.stat().st_size, "Save fewer items.")
    try:
        with warnings.catch_warnings(action="ignore"):
            return torch.load(path, map_location="cpu", weights_only=True)  # noqa: TID251  plain tensors: see above
    except Exception as error:  # torch raises whatever a damaged file makes it
        raise InvalidLab(
            f"{path} cannot be read as a file of plain tensors ({type(error).__name__}); nothing else is loaded, since "
            f"that could run code. Save {_FORM}."
        ) from error


def _two(found: Any, path: Path) -> tuple["Tensor", "Tensor"]:
    import torch  # noqa: PLC0415  as `write`

    if isinstance(found, dict) and found.keys() == {"inputs", "targets"}:
        found = found["inputs"], found["targets"]
    two = isinstance(found, tuple | list) and len(found) == 2
    if not two or not all(isinstance(one, torch.Tensor) for one in found):
        raise InvalidLab(f"{path} holds something else than two tensors. Save {_FORM}.")
    inputs, targets = map(torch.Tensor.detach, found)  # without attributes of their own, which files may hold
    for name, tensor in (("inputs", inputs), ("targets", targets)):
        held = tensor.layout == torch.strided and tensor.device.type == "cpu" and not tensor.is_quantized
        if not held or not tensor.dim() or not tensor.numel():
            raise InvalidLab(f"{path}: {name} is no dense tensor with items along its first dimension. Save one.")
        check_size(path, tensor.numel() * tensor.element_size(), "Save fewer items.")
    return inputs.contiguous(), targets.contiguous()


def _check_inputs(inputs: "Tensor", path: Path) -> None:
    import torch  # noqa: PLC0415  as `write`

    if inputs.dtype not in {torch.uint8, torch.int64, torch.float32} or inputs.dim() < 2:
        raise InvalidLab(
            f"{path}: inputs is {_described(inputs)}. It may be uint8, int64 or float32, of shape [n, …] with at least "
            "two dimensions."
        )
    _check_finite(inputs, "inputs", path)


def _classes(targets: "Tensor", path: Path) -> tuple[str, ...]:
    """Numbers of classes as their names; () where the targets are no classes."""
    import torch  # noqa: PLC0415  as `write`

    if targets.dtype == torch.float32:
        _check_finite(targets, "targets", path)
        return ()
    if targets.dtype != torch.int64 or targets.dim() != 1:
        raise InvalidLab(
            f"{path}: targets is {_described(targets)}. Classes are int64 [n], counted from 0; numbers to predict are "
            "float32 [n] or [n, …]."
        )
    least, most = int(targets.min()), int(targets.max())
    if least < 0 or not 1 <= most < _CLASSES_MOST:
        raise InvalidLab(
            f"{path}: targets has whole numbers from {least} to {most}. Classes are counted "
            f"from 0, 2 to {_CLASSES_MOST} of them; save numbers to predict as float32."
        )
    return tuple(map(str, range(most + 1)))


def _check_finite(tensor: "Tensor", name: str, path: Path) -> None:
    odd = ~tensor.isfinite().flatten(1).all(dim=1) if tensor.dim() > 1 else ~tensor.isfinite()
    if odd.any():
        raise InvalidLab(
            f"{path}: {name}[{int(odd.nonzero()[0])}] is NaN or infinite. Put it right or leave the item out."
        )


def _described(tensor: "Tensor") -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"
