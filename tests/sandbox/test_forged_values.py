"""Values that no honest side sends: they are refused in one way, whatever they claim."""

import contextlib

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sandbox.protocol import values
from sandbox.protocol.frames import ProtocolError
from sandbox.protocol.messages import ArrayData, BytesData, DictData, Handle, ListData, TensorData, TupleData

shapes = st.lists(st.integers(-2, 4) | st.sampled_from([0, 2**29, 2**31, 2**62, 2**64 - 1]), max_size=18)
dtypes = st.sampled_from([*values.DTYPES, "complex64", "object", "O", "", "datetime64", "f4", "\0"])
claims = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.builds(BytesData, st.binary(max_size=4))
    | st.builds(TensorData, dtypes, shapes)
    | st.builds(ArrayData, dtypes, shapes),
    lambda inner: (
        st.builds(ListData, st.lists(inner, max_size=3))
        | st.builds(TupleData, st.lists(inner, max_size=3))
        | st.builds(DictData, st.lists(st.tuples(inner, inner), max_size=3))
    ),
    max_leaves=6,
)


@given(claims, st.binary(max_size=64))
@example(TensorData("float32", [2**29, 2**29, 2**29, 0]), b"")
@example(ArrayData("float32", [2**29, 2**29, 2**29, 0]), b"")
@settings(max_examples=500, deadline=None)
def test_whatever_is_claimed_it_is_unpacked_or_breaks_the_rules(value, body):
    with contextlib.suppress(ProtocolError):
        values.unpack(value, body)


@pytest.mark.parametrize("kind", [TensorData, ArrayData])
@pytest.mark.parametrize("shape", [[2**29, 2**29, 2**29, 0], [0, 2**29, 2], [0] * 17, [-1, 0]])
def test_an_empty_tensor_of_an_impossible_shape_is_refused(kind, shape):
    with pytest.raises(ProtocolError, match="shape out of range"):
        values.unpack(kind("float32", shape))


@pytest.mark.parametrize("shape", [(0, 2**40), (2**20, 0, 2**20)])
@pytest.mark.parametrize("made", [torch.empty, np.empty])
def test_an_honest_side_keeps_what_the_other_would_refuse(made, shape):
    bulk = []
    assert isinstance(values.pack(made(shape), bulk, lambda _: Handle("1.0")), Handle)
    assert bulk == []


def test_a_bool_array_holds_nothing_but_bools():
    assert values.unpack(ArrayData("bool", [3]), b"\x00\x01\x7f").view(np.uint8).tolist() == [0, 1, 1]
