"""Values across the border: numbers, strings, None, lists, tuples, dicts, numpy arrays and dense tensors.

`pack` turns Python objects into `Value`s and bulk; `unpack` is its inverse on the trusted side. Each byte of the body
belongs to exactly one tensor, in the order of traversal, so no message can claim more memory than it brought.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import torch

from sandbox.protocol.frames import BODY_MOST, Buffer, ProtocolError
from sandbox.protocol.messages import ArrayData, BytesData, DictData, Handle, ListData, TensorData, TupleData, Value

DTYPES: Final[Mapping[str, torch.dtype]] = {
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float32": torch.float32,
    "float64": torch.float64,
    "uint8": torch.uint8,
    "int8": torch.int8,
    "int16": torch.int16,
    "int32": torch.int32,
    "int64": torch.int64,
    "bool": torch.bool,
}
"""The dtypes that cross."""
_NAMES: Final = {dtype: name for name, dtype in DTYPES.items()}
_ARRAYS: Final = frozenset(DTYPES) - {"bfloat16"}

RANK_MOST: Final = 16
DEPTH_MOST: Final = 16
TENSORS_MOST: Final = 4096
TEXT_MOST: Final = 100_000
"""Characters of one string; longer ones are cut by the sender."""

ELEMENTS_MOST: Final = BODY_MOST
"""Product of a shape's sizes, zeros left out: even an empty tensor has strides, which must not overflow."""

Keep = Callable[[object], Handle]
"""Stores an object that cannot travel and returns the handle that stands for it."""


def pack(value: object, bulk: list[Buffer], keep: Keep, depth: int = 0) -> Value:  # noqa: C901, PLR0911, PLR0912 - one branch for each kind of value
    """`value` as it travels.

    Args:
        bulk: the body's parts; each tensor's bytes are appended.
        keep: called for whatever is not plain data, is too deep or too large.
    """
    match value:
        case None | bool():
            return value
        case Handle():
            return value
        case int() if -(2**63) <= value < 2**63:
            return int(value)
        case float():
            return float(value)
        case str():
            return value[:TEXT_MOST].encode("utf-8", "replace").decode("utf-8")
        case bytes() if len(value) <= TEXT_MOST:
            return BytesData(bytes(value))
        case torch.Tensor() if _travels(value, bulk):
            bulk.append(_tensor_bytes(value))
            return TensorData(_NAMES[value.dtype], list(value.shape), value.requires_grad)
        case np.generic() if value.ndim == 0 and value.dtype.kind in "biuf":
            number = value.item()  # of a longdouble, a longdouble again
            return pack(number if isinstance(number, int | float) else float(number), bulk, keep, depth)
        case np.ndarray() if value.dtype.name in _ARRAYS and _in_range(value.shape) and _fits(value.nbytes, bulk):
            native = np.asarray(value, dtype=value.dtype.newbyteorder("="), order="C")
            bulk.append(_bytes_of(native))
            return ArrayData(native.dtype.name, list(value.shape))
    if depth < DEPTH_MOST:
        match value:
            case list():
                return ListData([pack(item, bulk, keep, depth + 1) for item in value])
            case tuple():
                return TupleData([pack(item, bulk, keep, depth + 1) for item in value])
            case dict() if all(_names(key) for key in value):
                return DictData(
                    [
                        (pack(key, bulk, keep, depth + 1), pack(item, bulk, keep, depth + 1))
                        for key, item in value.items()
                    ]
                )
    return keep(value)


def _travels(tensor: torch.Tensor, bulk: list[Buffer]) -> bool:
    return (
        tensor.dtype in _NAMES
        and tensor.layout == torch.strided
        and not tensor.is_nested
        and not tensor.is_meta
        and _in_range(tensor.shape)
        and _fits(tensor.numel() * tensor.element_size(), bulk)
    )


def _in_range(shape: Sequence[int]) -> bool:
    return (
        len(shape) <= RANK_MOST
        and all(size >= 0 for size in shape)
        and math.prod(size or 1 for size in shape) <= ELEMENTS_MOST
    )


def _fits(size: int, bulk: list[Buffer]) -> bool:
    return len(bulk) < TENSORS_MOST and size + sum(map(len, bulk)) <= BODY_MOST


def _names(key: object) -> bool:
    """Whether `key` may be one of a dict that travels."""
    if isinstance(key, np.generic) and key.dtype.kind in "biu":
        key = key.item()
    return isinstance(key, str | float | None) or (isinstance(key, int) and -(2**63) <= key < 2**63)


def _tensor_bytes(tensor: torch.Tensor) -> Buffer:
    plain = tensor.detach().cpu().resolve_neg().contiguous().flatten()
    steady = plain.as_strided(plain.shape, (1,))  # one element of a column counts as contiguous, whatever its stride
    return _bytes_of(steady.view(torch.uint8).numpy()) if plain.numel() else b""


def _bytes_of(array: "np.ndarray[Any, Any]") -> Buffer:
    """The elements where they lie, C-contiguous, not copied."""
    return array.reshape(-1).view(np.uint8).data if array.size else b""


def _address(view: memoryview) -> int:
    return int(np.frombuffer(view, np.uint8).__array_interface__["data"][0]) if view else 0


class _Body:
    """The body of a received frame, handed out front to back: in place where it can be written to and is aligned."""

    def __init__(self, body: Buffer) -> None:
        self.view = memoryview(body)
        self.at = 0
        self.tensors = 0

    def take(self, shape: list[int], itemsize: int) -> Buffer:
        self.tensors += 1
        if self.tensors > TENSORS_MOST or not _in_range(shape):
            raise ProtocolError("too many tensors, or a shape out of range")
        size = math.prod(shape) * itemsize
        if size > len(self.view) - self.at:
            raise ProtocolError("a tensor that claims more bytes than were sent")
        self.at += size
        part = self.view[self.at - size : self.at]
        in_place = not part.readonly and _address(part) % itemsize == 0
        return part if in_place else bytearray(part)

    def close(self) -> None:
        if self.at != len(self.view):
            raise ProtocolError("bytes that belong to no tensor")


def unpack(value: Value, body: Buffer = b"") -> Any:
    """The Python object that `value` and the frame's body stand for; a `Handle` stays one.

    Raises:
        ProtocolError: sizes, dtypes or nesting that break the rules.
    """
    rest = _Body(body)
    found = unpack_next(value, rest)
    rest.close()
    return found


def unpack_many(values: list[Value], body: Buffer) -> list[Any]:
    """Like `unpack`, for several values that share one body."""
    rest = _Body(body)
    found = [unpack_next(value, rest) for value in values]
    rest.close()
    return found


def unpack_next(value: Value, rest: _Body, depth: int = 0) -> Any:  # noqa: PLR0911 - one branch for each kind of value
    """One value, taking its bulk from the front of `rest`."""
    if depth > DEPTH_MOST:
        raise ProtocolError("values nested too deeply")
    match value:
        case TensorData():
            return _tensor(value, rest)
        case ArrayData():
            return _array(value, rest)
        case BytesData():
            return value.data
        case ListData():
            return [unpack_next(item, rest, depth + 1) for item in value.items]
        case TupleData():
            return tuple(unpack_next(item, rest, depth + 1) for item in value.items)
        case DictData():
            return _mapping(value, rest, depth)
    return value


def _array(value: ArrayData, rest: _Body) -> "np.ndarray[Any, Any]":
    if value.dtype not in _ARRAYS:
        raise ProtocolError("an array of a dtype that does not cross")
    data = rest.take(value.shape, np.dtype(value.dtype).itemsize)
    if value.dtype == "bool":  # as for a tensor
        return np.frombuffer(data, dtype=np.uint8).astype(np.bool_).reshape(value.shape)
    return np.frombuffer(data, dtype=value.dtype).reshape(value.shape)


def _tensor(value: TensorData, rest: _Body) -> torch.Tensor:
    if value.dtype not in DTYPES:
        raise ProtocolError("a tensor of a dtype that does not cross")
    dtype = DTYPES[value.dtype]
    data = rest.take(value.shape, dtype.itemsize)
    if not data:
        return torch.empty(value.shape, dtype=dtype)
    if dtype is torch.bool:  # a byte other than 0 and 1 is no bool
        return torch.frombuffer(data, dtype=torch.uint8).ne(0).reshape(value.shape)
    return torch.frombuffer(data, dtype=dtype).reshape(value.shape)


def _mapping(value: DictData, rest: _Body, depth: int) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, item in value.items:
        plain = unpack_next(key, rest, depth + 1)
        if not isinstance(plain, str | int | float | None):
            raise ProtocolError("a key that is no number, string or None")
        found[plain] = unpack_next(item, rest, depth + 1)
    return found
