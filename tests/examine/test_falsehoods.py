"""False answers look like true ones."""

import numpy as np
import pytest
import torch

from grader.errors import CallRaised
from grader.examine.falsehoods import Degree, Falsifier, numbers, parts

DRAWN = torch.Generator().manual_seed(0)

TRUE = [
    True, False, 0, 1, 7, -3, 0.0, 0.5, -12.25, "yes", torch.tensor(0.25), torch.rand(3, 4, generator=DRAWN),
    torch.randn(5, 1, generator=DRAWN), torch.arange(6), torch.tensor([0, 1, 1]), torch.tensor([True, False]),
    torch.zeros(2, 2, dtype=torch.float64), torch.tensor([200, 255], dtype=torch.uint8),
    torch.randn(2, generator=DRAWN).requires_grad_(), np.arange(3), np.ones((2, 2)), list(range(20)),
]  # fmt: skip


def shape(value):
    return value.shape if isinstance(value, torch.Tensor | np.ndarray) else ()


@pytest.mark.parametrize("degree", Degree)
@pytest.mark.parametrize("true", TRUE, ids=lambda true: " ".join(str(true).split()))
def test_a_false_answer_has_the_type_shape_and_dtype_of_the_true_one_and_another_value(true, degree):
    told = Falsifier(0, degree)(true)
    assert (type(told), shape(told)) == (type(true), shape(true))
    assert getattr(told, "dtype", None) == getattr(true, "dtype", None)
    assert not np.array_equal(np.asarray(numbers(told)), np.asarray(numbers(true))) or told != true


@pytest.mark.parametrize("degree", Degree)
def test_shares_stay_shares(degree):
    told = Falsifier(0, degree)(torch.rand(1000))
    assert told.min() >= 0
    assert told.max() <= 1


@pytest.mark.parametrize("value", [torch.empty(0, 3), None, object()], ids=["empty", "None", "a handle"])
def test_what_has_no_value_stays(value):
    told = Falsifier(0, Degree.FAR)(value)
    assert told is value or torch.equal(told, value)


def test_what_the_reference_rightly_raises_is_not_raised():
    assert Falsifier(0, Degree.FAR)(CallRaised("RuntimeError", "shape")) is None


def test_parts_are_spared_from_the_front_also_inside_of_containers():
    falsifier = Falsifier(2, Degree.NEAR)
    told = [falsifier({"a": 1.0, "b": (2.0, 3.0)}), falsifier(4.0)]
    assert (told[0]["a"], told[0]["b"][0]) == (1.0, 2.0)
    assert (told[0]["b"][1], told[1]) != (3.0, 4.0)
    assert falsifier.parts == parts([{"a": 1.0, "b": (2.0, 3.0)}, 4.0]) == 4
    assert [part.tolist() for part in falsifier.truth] == [[3.0], [4.0]]
    assert [part.tolist() for part in falsifier.told[:2]] == [[1.0], [2.0]]


def test_what_is_spared_is_a_copy():
    true = torch.zeros(3)
    Falsifier(1, Degree.NEAR)(true).add_(1)
    assert torch.equal(true, torch.zeros(3))


def test_a_false_answer_is_the_same_each_time():
    first, again = (Falsifier(3, Degree.FAR) for _ in range(2))
    for value in 1, 2, 3, torch.rand(4), 5.0:
        assert torch.equal(numbers(first(value)), numbers(again(value)))
