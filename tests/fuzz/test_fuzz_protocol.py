"""The protocol's decoding side, which trusts nothing: what comes in is a value of the allowed types or a ProtocolError.

Memory is bounded for every input: so many times its own size and a constant.
"""

import contextlib
import math
import struct
from random import Random

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, note, settings
from hypothesis import strategies as st

from sandbox.protocol import frames, messages, values
from sandbox.protocol.frames import Frame, ProtocolError
from sandbox.protocol.messages import (
    Answer,
    ArrayData,
    BytesData,
    DictData,
    Facts,
    Handle,
    Imported,
    ListData,
    Raised,
    TensorData,
    TupleData,
)

MUTANTS = 80
"""Inputs made of each sound one."""
FUZZ = settings.get_profile("fuzz")
DECODERS = {
    "the host's, for a parent": messages.from_parent,
    "the host's, for a driver": messages.from_driver,
    "the parent's": messages.to_parent,
    "the driver's": messages.question,
    "the driver's first": messages.start,
}

# ---------------------------------------------------------------- the property


@pytest.fixture(scope="module")
def taken_in(inputs, memory):
    """Takes one input in as the host does an answer, and says whether it was one."""
    bound = memory(64, 200_000)

    def taken_in(data):
        inputs["frames and values"] += 1
        found = bound.check(lambda: decoded(data), len(data))
        return found is not None

    return taken_in


def decoded(data):
    """All messages that `data` is to anybody, with the value of an answer; None for a ProtocolError."""
    try:
        frame = frames.parse(data)
    except ProtocolError:
        return None
    found = []
    for decoder in DECODERS.values():
        with contextlib.suppress(ProtocolError):
            message = messages.decode(decoder, frame.head)
            assert isinstance(message, msgspec.Struct)
            if isinstance(message, Answer):
                assert_plain(value := values.unpack(message.value, frame.body))
                found.append(value)
            if isinstance(message, messages.Call):
                sent = values.unpack_many([*message.args, *(item for _, item in message.kwargs)], frame.body)
                assert len(sent) == len(message.args) + len(message.kwargs)
                assert_plain(sent)
                found.append(sent)
            found.append(message)
    return found or None


def assert_plain(value, depth=0):
    """`value` is of the types that cross, and of these very types: no subclass, whose methods could be anybody's."""
    assert depth <= values.DEPTH_MOST + 2
    kind = type(value)
    if kind in (list, tuple):
        for item in value:
            assert_plain(item, depth + 1)
    elif kind is dict:
        for key, item in value.items():
            assert type(key) in {str, int, float, bool, type(None)}
            assert_plain(item, depth + 1)
    elif kind is torch.Tensor:
        assert value.dtype in values.DTYPES.values()
        assert value.layout == torch.strided
        assert value.device.type == "cpu"
        assert value.is_contiguous()
        assert not value.requires_grad
        assert value.dim() <= values.RANK_MOST
        assert value.numel() <= values.ELEMENTS_MOST
    elif kind is np.ndarray:
        assert value.dtype.name in values.DTYPES
        assert value.flags.c_contiguous
    elif kind is int:
        assert -(2**63) <= value < 2**64
    elif kind is str:
        value.encode()  # no lone surrogate
    else:
        assert kind in {type(None), bool, float, bytes, Handle}


# ---------------------------------------------------------------- sound messages, and some that lie

texts = st.text(max_size=12) | st.sampled_from(["", "\0", "a\nb", "\x1b[31m", "é" * 300])
wholes = st.integers(-(2**63), 2**64 - 1) | st.integers(-3, 300)
sizes = st.integers(0, 4) | st.sampled_from([-1, 7, 2**29, 2**31, 2**40, 2**62, 2**63 - 1, 2**64 - 1])
shapes = st.lists(sizes, max_size=4) | st.lists(st.sampled_from([0, 1]), max_size=20)
dtypes = st.sampled_from([*values.DTYPES, "complex64", "object", "O", "", "datetime64", "<f4", "\0", "float32 "])
handles = st.builds(Handle, texts, texts, st.booleans(), st.booleans())
leaves = (
    st.none()
    | st.booleans()
    | wholes
    | st.floats()
    | texts
    | st.builds(BytesData, st.binary(max_size=12))
    | st.builds(TensorData, dtypes, shapes, st.booleans())
    | st.builds(ArrayData, dtypes, shapes)
    | handles
)
claims = st.recursive(
    leaves,
    lambda inner: (
        st.builds(ListData, st.lists(inner, max_size=4))
        | st.builds(TupleData, st.lists(inner, max_size=4))
        | st.builds(DictData, st.lists(st.tuples(inner, inner), max_size=3))
    ),
    max_leaves=8,
)
everything = st.one_of(
    st.builds(Answer, wholes, claims),
    st.builds(Answer, wholes, claims),  # the one that carries most
    st.builds(Imported, st.lists(texts, max_size=4), st.lists(texts, max_size=3)),
    st.builds(Raised, wholes, texts, texts, texts, st.booleans(), st.lists(texts, max_size=3)),
    st.builds(
        Facts,
        wholes,
        st.lists(st.builds(messages.ParameterFacts, texts, shapes, dtypes, st.booleans()), max_size=3),
        st.lists(texts, max_size=3),
        st.lists(st.builds(messages.ModuleFacts, texts, texts, st.lists(texts, max_size=2), st.booleans()), max_size=3),
    ),
    st.builds(
        messages.Call,
        wholes,
        texts | handles,
        st.lists(claims, max_size=2),
        st.lists(st.tuples(texts, claims), max_size=2),
        texts,
        wholes,
        st.booleans(),
    ),
    st.builds(messages.Attribute, wholes, texts | handles, texts),
    st.builds(messages.Items, wholes, handles, wholes),
    st.builds(messages.Describe, wholes, handles),
    st.builds(messages.Write, wholes, texts),
    st.builds(
        messages.Start,
        wholes,
        st.lists(st.tuples(texts, wholes), max_size=3),
        texts,
        st.sampled_from(["definitions", "all", "some"]),
        st.builds(
            *(messages.Limits, wholes, wholes, wholes, wholes, wholes),
            st.none() | st.builds(messages.Gpu, texts, st.floats()),
        ),
        st.floats(),
        st.floats(),
    ),
    st.builds(messages.Ask, wholes, st.floats(), st.floats()),
    st.builds(messages.Stop, wholes),
    st.builds(messages.Measure, texts),
    st.builds(messages.Measured, wholes, texts),
    st.builds(messages.Ready, wholes, texts, st.lists(texts, max_size=2), st.dictionaries(texts, texts, max_size=2)),
    st.builds(messages.Printed, wholes),
    st.builds(messages.Reply, wholes, st.floats(), st.floats()),
    st.builds(messages.Ended, wholes, st.sampled_from(["stopped", "cpu", "", "why"]), wholes, texts, st.floats()),
)
bodies = st.binary(max_size=64) | st.integers(0, 128).map(bytes)


def sound(value):
    """A tensor's worth of bytes for each tensor that `value` claims honestly."""
    match value:
        case TensorData(dtype=dtype, shape=shape) | ArrayData(dtype=dtype, shape=shape):
            honest = dtype in values.DTYPES and len(shape) <= 16 and all(0 <= size < 8 for size in shape)
            size = math.prod(shape) * values.DTYPES[dtype].itemsize if honest else 0
            return bytes(number % 251 for number in range(size))
        case ListData(items=items) | TupleData(items=items):
            return b"".join(map(sound, items))
        case DictData(items=items):
            return b"".join(sound(key) + sound(item) for key, item in items)
    return b""


# ---------------------------------------------------------------- what is generated


@pytest.mark.generated(100_000)
@given(everything, bodies, st.booleans(), st.integers(0, 2**32))
@settings(FUZZ, max_examples=1400)
def test_every_message_and_what_accidents_make_of_it_is_decoded_or_refused(
    taken_in, mutant, message, body, honest, seed
):
    if honest and isinstance(message, Answer):
        body = sound(message.value)
    data = bytes(messages.frame(message, body))
    taken_in(data)
    random = Random(seed)
    for _ in range(MUTANTS):
        broken = mutant(random, data)
        if random.random() < 0.7 and len(broken) >= frames.PREFIX.size:  # lengths that are true again
            inner = broken[frames.PREFIX.size :]
            head = min(struct.unpack_from("<I", data)[0], len(inner))
            broken = bytes(Frame(inner[:head], inner[head:]))
        try:
            taken_in(broken)
        except BaseException:
            note(f"the input: {broken!r}")
            raise


@pytest.mark.generated(4000)
@given(st.binary(max_size=200), st.binary(max_size=20))
@settings(FUZZ, max_examples=1500)
def test_random_bytes_are_decoded_or_refused(taken_in, head, body):
    taken_in(head)
    taken_in(bytes(Frame(head, body)))
    taken_in(bytes(Frame(b"\x83\xa4type\xa6answer\xa2id\x01\xa5value" + head, body)))


UNITS = {
    "nothing": b"\xc0",
    "small number": b"\x01",
    "number": b"\xcd\x30\x39",
    "fraction": b"\xca\x3f\x80\x00\x00",
    "text": b"\xa2ab",
    "list": msgspec.msgpack.encode(ListData([])),
    "tuple": msgspec.msgpack.encode(TupleData([])),
    "dict": msgspec.msgpack.encode(DictData([])),
    "bytes": msgspec.msgpack.encode(BytesData(b"")),
    "handle": msgspec.msgpack.encode(Handle("")),
    "empty tensor": msgspec.msgpack.encode(TensorData("uint8", [0])),
    "tensor": msgspec.msgpack.encode(TensorData("uint8", [1])),
    "array": msgspec.msgpack.encode(ArrayData("bool", [1])),
    "unknown list": b"\x90",
    "opened list": b"\x82\xa4type\xa4list\xa5items\x91",
    "opened array": b"\x91",
    "opened map": b"\x81\xa1a",
}
COUNTS = st.sampled_from([1, 15, 16, 17, 4096, 4097, 30_000, 100_000]) | st.integers(1, 5000)


def many(kind, unit, number, claimed):
    """The head of an answer with `number` times `unit` in a container that claims to hold `claimed`."""
    key = b"\xa5items" if kind != "names" else b"\xa5names"
    tag = {"list": b"\xa4list", "tuple": b"\xa5tuple", "dict": b"\xa4dict", "names": b""}[kind]
    inside = unit * number
    if kind == "dict":
        inside = b"".join(b"\x92\xce" + struct.pack(">I", n) + unit for n in range(number))
    items = key + b"\xdd" + struct.pack(">I", claimed) + inside
    if kind == "names":
        return b"\x83\xa4type\xa8imported" + items + b"\xa7skipped\x90"
    return b"\x83\xa4type\xa6answer\xa2id\x01\xa5value\x82\xa4type" + tag + items


@pytest.mark.generated(100)
@given(
    st.sampled_from(["list", "tuple", "dict", "names"]),
    st.sampled_from(list(UNITS)),
    COUNTS,
    st.none() | st.sampled_from([0, 2**32 - 1, 2**31]),
    st.booleans(),
)
@settings(FUZZ, max_examples=120)
def test_hundreds_of_thousands_of_small_things_take_memory_in_proportion(taken_in, kind, unit, number, claimed, full):
    head = many(kind, UNITS[unit], number, number if claimed is None else claimed)
    taken_in(bytes(Frame(head, bytes(number if full else 0))))


LEVELS = {
    "list": (b"\x82\xa4type\xa4list\xa5items\x91", b""),
    "tuple": (b"\x82\xa4type\xa5tuple\xa5items\x91", b""),
    "dict": (b"\x82\xa4type\xa4dict\xa5items\x91\x92\xa1k", b""),
    "unknown field": (b"\x83\xa4type\xa4list\xa1x", b"\xa5items\x90"),
}


@pytest.mark.generated(400)
@given(
    st.lists(st.sampled_from(["list", "tuple", "dict"]), max_size=40)
    | st.lists(st.sampled_from(list(LEVELS)), max_size=5).flatmap(lambda few: st.integers(0, 20_000).map(few.__mul__)),
)
@settings(FUZZ, max_examples=400)
def test_values_nested_deeper_than_allowed_are_refused(taken_in, levels):
    opening, closing = (b"".join(part) for part in zip((b"", b""), *(LEVELS[each] for each in levels), strict=True))
    accepted = taken_in(bytes(Frame(b"\x83\xa4type\xa6answer\xa2id\x01\xa5value" + opening + b"\xc0" + closing)))
    if "unknown field" not in levels:
        assert accepted == (len(levels) <= values.DEPTH_MOST)


@pytest.mark.generated(1200)
@given(
    st.lists(st.tuples(st.sampled_from(list(values.DTYPES)), shapes), max_size=6),
    st.sampled_from([TensorData, ArrayData]),
    st.integers(-9, 9),
)
@settings(FUZZ, max_examples=1200)
def test_tensors_that_lie_about_their_size_are_refused(taken_in, claimed, kind, off):
    value = ListData([kind(dtype, shape) for dtype, shape in claimed])
    honest = sound(value)
    body = honest + bytes(off) if off >= 0 else honest[:off]
    true = body == honest and all(all(0 <= size < 8 for size in shape) and len(shape) <= 16 for _, shape in claimed)
    true = true and (kind is TensorData or all(dtype != "bfloat16" for dtype, _ in claimed))
    accepted = taken_in(bytes(messages.frame(Answer(1, value), body)))
    if true:
        assert accepted
    if body != honest:
        with pytest.raises(ProtocolError):
            values.unpack(value, body)


# ---------------------------------------------------------------- there and back

exact = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
tensors = st.tuples(
    st.sampled_from(list(values.DTYPES.values())), st.lists(st.integers(0, 3), max_size=4), st.integers(0, 2**32)
).map(lambda drawn: drawn_tensor(*drawn))
arrays = tensors.filter(lambda tensor: tensor.dtype != torch.bfloat16).map(lambda tensor: tensor.numpy())
keys = exact | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.none() | st.booleans()
travelling = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | exact
    | st.binary(max_size=12)
    | handles
    | tensors
    | arrays,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=8,
)


def drawn_tensor(dtype, shape, seed):
    """A tensor of any bits that `dtype` can have, NaNs of all kinds among them; sometimes a view with odd strides."""
    random = Random(seed)
    data = random.randbytes(math.prod(shape) * dtype.itemsize)
    if dtype is torch.bool:
        data = bytes(byte & 1 for byte in data)
    found = torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape) if data else torch.empty(shape, dtype=dtype)
    return found.transpose(0, -1) if len(shape) > 1 and random.random() < 0.5 else found


def same(one, other):
    """Whether two values are equal in kind, order and bits."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, torch.Tensor | np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and bits(one) == bits(other)
    return bits(one) == bits(other) if isinstance(one, float) else one == other


def bits(value):
    if isinstance(value, torch.Tensor):
        return bytes(value.contiguous().flatten().view(torch.uint8).numpy()) if value.numel() else b""
    return np.asarray(value).tobytes()


@pytest.mark.generated(1000)
@given(travelling)
@settings(FUZZ, max_examples=1200)
def test_whatever_may_travel_arrives_as_it_left(inputs, value):
    inputs["values there and back"] += 1
    bulk = []
    packed = values.pack(value, bulk, keep=None)
    sent = bytes(messages.frame(Answer(1, packed), b"".join(bulk)))
    frame = frames.parse(sent)
    got = values.unpack(messages.decode(messages.from_driver, frame.head).value, frame.body)
    assert_plain(got)
    assert same(got, value)
