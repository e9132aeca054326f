"""Values and frames: what honest sides send arrives, and nothing else does."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.protocol import frames, messages, values
from sandbox.protocol.frames import BODY_MOST, HEAD_MOST, Frame, ProtocolError
from sandbox.protocol.messages import ArrayData, DictData, Handle, ListData, TensorData, TupleData

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | text
    | st.binary(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.integers(0, 9), inner, max_size=4
        )
    ),
    max_leaves=12,
)


def crossed(value):
    """`value` after the journey there."""
    bulk = []
    packed = values.pack(value, bulk, lambda kept: Handle("1.0", kind=type(kept).__name__))
    sent = bytes(messages.frame(messages.Answer(1, packed), b"".join(bulk)))
    frame = frames.parse(sent)
    return values.unpack(messages.decode(messages.from_driver, frame.head).value, frame.body)


@given(plain)
@settings(max_examples=200, deadline=None)
def test_plain_data_arrives_as_it_was(value):
    assert crossed(value) == value


@pytest.mark.parametrize("dtype", values.DTYPES.values(), ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3, 4)])
def test_tensors_of_every_dtype_and_shape_arrive_as_they_were(dtype, shape):
    sent = (torch.arange(int(np.prod(shape))) % 2).reshape(shape).to(dtype)
    got = crossed([sent, 1, sent])[2]
    assert got.dtype == dtype
    assert torch.equal(got, sent)
    assert got.is_contiguous()


def test_every_numpy_number_crosses_as_a_number():
    kinds = (np.float16, np.float64, np.longdouble, np.int8, np.uint64)
    assert crossed([kind(2) for kind in kinds]) == [2] * len(kinds)


def test_views_gradients_and_numpy_arrive_as_plain_copies():
    sent = torch.arange(6.0, requires_grad=True).reshape(2, 3).T
    got = crossed((sent, np.arange(6).reshape(2, 3).T, np.float32(1.5), np.array(2)))
    assert torch.equal(got[0], sent)
    assert not got[0].requires_grad
    assert got[1].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert got[2:] == (1.5, 2)


def test_a_tensor_that_is_negated_only_when_it_is_read_arrives_negated():
    sent = torch.conj(torch.tensor([[1 + 2j, 3 - 4j]])).imag
    assert sent.is_neg()
    assert crossed(sent).tolist() == [[-2.0, 4.0]]


@pytest.mark.parametrize(
    "value",
    [
        *(object(), 2**64, 1j, {1, 2}, torch.ones(2).to_sparse(), torch.ones(2, dtype=torch.complex64)),
        *(torch.ones(2, device="meta"), torch.ones(1).expand(2**40), np.array(["text"]), {(1, 2): 3}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_travel_becomes_a_handle(value):
    assert isinstance(crossed(value), Handle)


def test_a_list_that_holds_itself_ends_in_a_handle():
    endless = []
    endless.append(endless)
    got = crossed(endless)
    for _ in range(values.DEPTH_MOST):
        (got,) = got
    assert isinstance(got, Handle)


def test_lone_surrogates_are_replaced():
    assert crossed("a\udcffb") == "a?b"


@pytest.mark.parametrize(
    ("value", "body"),
    [
        (TensorData("float32", [10**6]), b"1234"),
        (TensorData("float32", [2**40, 2**40]), b""),
        (TensorData("float32", [-1]), b""),
        (TensorData("float32", [1] * 17), b"1234"),
        (TensorData("float32", [0, 2**62]), b""),
        (TensorData("complex64", [1]), b"12345678"),
        (TensorData("object", [1]), b"12345678"),
        (ArrayData("O", [1]), b"12345678"),
        (ArrayData("bfloat16", [1]), b"12"),
        (TensorData("float32", [1]), b"12345"),
        (1, b"left over"),
        (ListData([TensorData("uint8", [0])] * 5000), b""),
        (DictData([(TupleData([]), 1)]), b""),
        (DictData([(TensorData("uint8", [1]), 1)]), b"1"),
    ],
)
def test_values_that_break_the_rules_are_refused(value, body):
    with pytest.raises(ProtocolError):
        values.unpack(value, body)


def test_nesting_is_bounded():
    value = 1
    for _ in range(100):
        value = ListData([value])
    with pytest.raises(ProtocolError, match="nested too deeply"):
        values.unpack(value)


def test_a_bool_tensor_holds_nothing_but_bools():
    got = values.unpack(TensorData("bool", [3]), b"\x00\x01\x7f")
    assert got.tolist() == [False, True, True]
    assert got.view(torch.uint8).tolist() == [0, 1, 1]


def test_elements_that_lie_well_are_used_where_they_are_and_others_copied():
    value, elements = TensorData("float32", [3]), torch.arange(3.0).numpy().tobytes()
    body = bytearray(elements)
    in_place = values.unpack(value, body)
    body[:4] = torch.tensor([7.0]).numpy().tobytes()
    assert in_place.tolist() == [7, 1, 2]
    for awkward in (elements, memoryview(bytearray(b"x" + elements))[1:]):
        got = values.unpack(value, awkward)
        assert got.tolist() == [0, 1, 2]
        got += 1
        assert bytes(awkward) == elements


def test_a_small_frame_is_written_in_one_piece_and_a_large_one_is_not_copied():
    head, first, second = b"head", bytes(10), bytes(100_000)
    assert frames.pieces(head, first) == (bytes(Frame(head, first)),)
    pieces = frames.pieces(head, first, second)
    assert b"".join(pieces) == bytes(Frame(head, first + second))
    assert pieces[-1] is second


@given(st.binary(max_size=60))
def test_rubbish_is_refused_and_nothing_else_happens(data):
    for decoder in (messages.from_driver, messages.from_parent, messages.question, messages.to_parent):
        with pytest.raises(ProtocolError):
            messages.decode(decoder, b"\xc1" + data)
    with pytest.raises(ProtocolError):
        frames.parse(data[:7])


@pytest.mark.parametrize(
    "head", [b"\x91" * 100_000, b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\x81\xa4type\xa5reply"]
)
def test_heads_that_claim_much_or_nest_deeply_are_refused(head):
    with pytest.raises(ProtocolError):
        messages.decode(messages.from_driver, head)


def test_a_frames_lengths_must_be_true_and_within_the_caps():
    with pytest.raises(ProtocolError, match="not what it announces"):
        frames.parse(bytes(Frame(b"head", b"body")) + b"x")
    for head, body in ((HEAD_MOST + 1, 0), (0, BODY_MOST + 1)):
        with pytest.raises(ProtocolError, match="over the cap"):
            frames.lengths(frames.PREFIX.pack(head, body))
