"""What students read. Messages are asserted to the letter."""

import math

import numpy as np
import pytest
import torch

from grader.errors import CallRaised, CheckFailed, PartialCredit
from grader.examine import expect
from grader.examine.submission import Handle
from sandbox.protocol import messages

NAN = math.nan


def handle(kind, *, module=False):
    return Handle(messages.Handle("1.0", kind, module), None, "f")


def message(call, *args, **options):
    with pytest.raises(CheckFailed) as caught:
        call(*args, what="f(x)", **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        (None, "f(x) returned None; is a return statement missing?"),
        (3, "f(x) returned an integer; return a tensor."),
        (True, "f(x) returned True; return a tensor."),
        ([1.0], "f(x) returned a list of 1 item; return a tensor."),
        ((1, 2), "f(x) returned a tuple of 2 items; return a tensor."),
        ({}, "f(x) returned a dict; return a tensor."),
        ("text", "f(x) returned a string; return a tensor."),
        (b"", "f(x) returned a bytes object; return a tensor."),
        (np.ones(3), "f(x) returned a numpy array; return a torch tensor (torch.from_numpy makes one)."),
        (handle("Linear", module=True), "f(x) returned an nn.Module (Linear); return a tensor."),
        (handle("generator"), "f(x) returned a generator object; return a tensor."),
        (handle("enumerate"), "f(x) returned an enumerate object; return a tensor."),
        (
            handle("Tensor"),
            (
                "f(x) returned a sparse, complex, quantised, nested or meta tensor, or one too large to look at;"
                " return an ordinary dense tensor."
            ),
        ),
        (torch.ones(3, 1), "f(x) has shape (3, 1); the shape asked for is (3,)."),
        (torch.ones(()), "f(x) has shape (); the shape asked for is (3,)."),
        (torch.ones(3).long(), "f(x) has dtype int64; the dtype asked for is a floating dtype such as float32."),
        (torch.tensor([1.0, NAN, 1.0]), f"f(x) contains NaN (not a number) in 1 of 3 elements. {expect._LOOK}"),
        (torch.full((3,), NAN), f"f(x) contains NaN (not a number) in all 3 elements. {expect._LOOK}"),
        (torch.tensor([1.0, 1.0, math.inf]), f"f(x) contains infinity in 1 of 3 elements. {expect._LOOK}"),
        (torch.tensor([1.0, 1.5, 1.0]), "f(x) has wrong values: 1 of 3 elements differs by 0.5."),
        (torch.tensor([1.25, 1.5, 1.0]), "f(x) has wrong values: 2 of 3 elements differ by up to 0.5."),
        (torch.zeros(3), "f(x) has wrong values: all 3 elements differ by up to 1."),
    ],
)
def test_close(got, sentence):
    assert message(expect.close, got, torch.ones(3)) == sentence


def test_an_empty_tensor_does_not_pass_for_one_that_it_broadcasts_with():
    assert message(expect.close, torch.ones(0, 1), torch.ones(5)) == (
        "f(x) has shape (0, 1); the shape asked for is (5,)."
    )


def test_one_wrong_element():
    assert message(expect.close, torch.tensor(2.0), torch.tensor(1.0)) == (
        "f(x) has wrong values: its only element differs by 1."
    )


@pytest.mark.parametrize("got", [torch.ones(3), torch.ones(3).double(), torch.ones(3).half(), torch.ones(3) + 9e-5])
def test_close_accepts_any_floating_dtype_and_small_differences(got):
    assert expect.close(got, torch.ones(3), what="f(x)") is got


def test_a_dtype_that_the_table_names_is_required():
    assert message(expect.close, torch.ones(3).double(), torch.ones(3), dtype=torch.float32) == (
        "f(x) has dtype float64; the dtype asked for is float32."
    )
    assert message(expect.same, torch.ones(3).int(), torch.ones(3).long(), dtype=torch.int64) == (
        "f(x) has dtype int32; the dtype asked for is int64."
    )


def test_expected_values_are_said_only_where_they_may_be():
    want = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    got = torch.tensor([[1.0, 2.0], [3.0, 5.5]])
    assert message(expect.close, got, want) == "f(x) has wrong values: 1 of 4 elements differs by 1.5."
    assert message(expect.close, got, want, reveal=True) == (
        "f(x) has wrong values: 1 of 4 elements differs by 1.5."
        " Expected [[1.0, 2.0], [3.0, 4.0]], got [[1.0, 2.0], [3.0, 5.5]]."
    )


def test_of_a_large_tensor_the_worst_element_is_shown():
    want, got = torch.zeros(5, 5), torch.zeros(5, 5)
    got[1, 2], got[3, 4] = 1.0, 2.0
    assert message(expect.close, got, want, reveal=True) == (
        "f(x) has wrong values: 2 of 25 elements differ by up to 2. At [3, 4], for example, 0 is expected, not 2."
    )


def test_nan_where_nan_is_expected_is_right():
    want = torch.tensor([NAN, math.inf])
    expect.close(want.clone(), want, what="f(x)")
    assert message(expect.close, torch.tensor([0.0, math.inf]), want).startswith("f(x) has wrong values: 1 of 2")


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.uint8])
def test_same_accepts_any_integer_dtype(dtype):
    expect.same(torch.tensor([1, 0], dtype=dtype), torch.tensor([1, 0]), what="f(x)")


def test_true_and_false_are_one_and_zero_in_tensors():
    expect.same(torch.tensor([True, False]), torch.tensor([1, 0]), what="f(x)")


def test_same_is_exact():
    big = torch.tensor([2**53 + 1])
    assert message(expect.same, big - 1, big) == "f(x) has wrong values: its only element differs by 1."
    assert message(expect.same, torch.ones(2), torch.tensor([1, 1])) == (
        "f(x) has dtype float32; the dtype asked for is an integer dtype such as int64."
    )


def test_any_size_will_do_where_the_shape_says_so():
    expect.tensor(torch.ones(7, 10), shape=(None, 10), what="f(x)")
    assert message(expect.tensor, torch.ones(7, 9), shape=(None, 10)) == (
        "f(x) has shape (7, 9); the shape asked for is (any, 10)."
    )


@pytest.mark.parametrize(
    "got", [2, 2.0, torch.tensor(2.0), torch.tensor(2), np.array(2.0), torch.tensor(2.0, dtype=torch.bfloat16)]
)
def test_a_number_may_come_in_many_ways(got):
    assert expect.number(got, what="f(x)") == 2.0
    assert expect.integer(got, want=2, what="f(x)") == 2
    assert expect.close_number(got, 2.0, what="f(x)") == 2.0


@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        (None, "f(x) returned None; is a return statement missing?"),
        ("2", "f(x) returned a string; return a number."),
        (True, "f(x) returned True; return a number."),
        (
            torch.ones(1),
            (
                "f(x) returned a float32 tensor of shape (1,);"
                " return a number (.item() takes it out of a tensor with one element)."
            ),
        ),
        (torch.ones(2), "f(x) returned a float32 tensor of shape (2,); return a number."),
        (torch.ones(2).long(), "f(x) returned an int64 tensor of shape (2,); return a number."),
        (torch.ones(2).byte(), "f(x) returned a uint8 tensor of shape (2,); return a number."),
        (NAN, f"f(x) is NaN (not a number). {expect._LOOK}"),
        (torch.tensor(-math.inf), f"f(x) is infinite. {expect._LOOK}"),
        (1.5, "f(x) is 1.5; it must be between 0 and 1."),
        (-0.1, "f(x) is -0.1; it must be between 0 and 1."),
    ],
)
def test_number(got, sentence):
    assert message(expect.number, got, low=0, high=1) == sentence


def test_a_number_with_one_bound():
    assert message(expect.number, -1, low=0) == "f(x) is -1; it must be at least 0."
    assert message(expect.number, 2, high=1) == "f(x) is 2; it must be at most 1."


def test_close_number():
    assert message(expect.close_number, 5.7, 5.75) == "f(x) is 5.7, which is not right."
    assert message(expect.close_number, 5.7, 5.75, reveal=True) == "f(x) is 5.7, which is not right; 5.75 is expected."


def test_integer():
    assert message(expect.integer, 2.5) == "f(x) is 2.5; return a whole number."
    assert message(expect.integer, 3, want=2) == "f(x) is 3, which is not right."
    assert message(expect.integer, 330, want=331, reveal=True) == "f(x) is 330, which is not right; 331 is expected."
    assert expect.integer(2**60 + 1, want=2**60 + 1, what="f(x)") == 2**60 + 1


@pytest.mark.parametrize("got", [(1, 2), [1, 2], torch.tensor([1, 2]), np.array([1, 2])])
def test_a_sequence_may_come_in_many_ways(got):
    assert expect.sequence(got, length=2, what="f(x)") == (1, 2)


def test_sequence():
    assert message(expect.sequence, 1) == "f(x) returned an integer; return a tuple or a list."
    assert message(expect.sequence, [1], length=2) == "f(x) has 1 item; 2 are asked for."
    assert message(expect.sequence, (1, 2, 3), length=1) == "f(x) has 3 items; 1 is asked for."


@pytest.mark.parametrize("got", [torch.ones(1).expand(10**12), np.broadcast_to(np.ones(1), 10**12)])
def test_what_is_large_is_not_taken_apart_number_by_number(got):
    sentence = (
        "f(x) has shape (1000000000000,), which is too large to be looked at number by number: 100,000 are the most."
        " Return only what is asked for."
    )
    assert message(expect.sequence, got) == message(expect.listed, got) == sentence


def test_what_is_listed_may_have_any_shape_as_long_as_numbers_and_lists_are_few():
    assert expect.listed(torch.tensor(2), what="f(x)") == 2
    assert expect.listed(np.array([[1, 2], [3, 4]]), what="f(x)") == [[1, 2], [3, 4]]
    assert len(expect.listed(torch.ones(100_000), what="f(x)")) == 100_000
    assert "number by number" in message(expect.listed, torch.ones(100_001))
    assert "number by number" in message(expect.listed, torch.ones(10**12, 0))  # so many lists without a number


class Network:
    """A handle to a network with parameters of these shapes."""

    def __init__(self, *shapes):
        parameters = [messages.ParameterFacts("weight", list(shape), "float32", requires_grad=True) for shape in shapes]
        self.facts = lambda: messages.Facts(1, parameters, [], [])


def test_parameters():
    found = expect.parameters(Network((3, 4), (50_000_000 - 12,)), what="Net()")
    assert [each.shape for each in found] == [[3, 4], [50_000_000 - 12]]
    assert expect.parameters(Network(), what="Net()") == []


@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        (
            Network((2**62, 4), (1,)),
            (
                "Net() has 18,446,744,073,709,551,617 parameters; a network that is judged here may have 50,000,000."
                " Use fewer or smaller layers."
            ),
        ),
        (
            Network((1,), (2**62, 2**62, -3)),
            "Net() has a parameter whose shape has a negative size; make it with nn.Parameter.",
        ),
    ],
)
def test_parameters_that_cannot_be_drawn_or_set(network, sentence):
    with pytest.raises(CheckFailed) as caught:
        expect.parameters(network, what="Net()")
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "got", [torch.tensor([1.0, 2.0]), np.array([1.0, 2.0]), [1, 2.0], (torch.tensor(1.0), np.array(2.0))]
)
def test_numbers_may_come_in_many_ways(got):
    assert expect.numbers(got, what="f(x)").tolist() == [1, 2]


def test_numbers():
    assert message(expect.numbers, 1) == "f(x) returned an integer; return a tensor."
    assert message(expect.numbers, [1, "a"]) == "An entry of f(x) returned a string; return a number."
    assert message(expect.numbers, [1, NAN]).startswith("An entry of f(x) is NaN (not a number).")


def test_mapping():
    assert expect.mapping({"a": 1, "b": 2}, ["a"], what="f(x)") == {"a": 1, "b": 2}
    assert message(expect.mapping, [1], ["tp", "fp"]) == (
        "f(x) returned a list of 1 item; return a dict with the keys “tp”, “fp”."
    )
    assert message(expect.mapping, {"tp": 1}, ["tp", "fp"]) == "f(x) lacks the key “fp”."


def test_modules_and_other_handles():
    net = handle("Net", module=True)
    assert expect.module(net, what="f(x)") is net
    assert expect.handle(net, what="f(x)") is net
    assert message(expect.module, handle("function")) == "f(x) returned a function object; return an nn.Module."
    assert message(expect.module, None) == "f(x) returned None; is a return statement missing?"
    assert message(expect.handle, 1) == "f(x) returned an integer; return a function or an object of a class."


@pytest.mark.parametrize("kind", ["input_was_7", "Net", "print"])
def test_a_name_of_the_students_own_is_not_repeated(kind):
    """It may hold what a hidden check asked, and a lab may keep that to itself."""
    assert message(expect.number, handle(kind)) == ("f(x) returned an object of a class of your own; return a number.")
    assert message(expect.tensor, handle(kind, module=True)) == (
        "f(x) returned an nn.Module of your own; return a tensor."
    )
    assert message(lambda **options: expect.raises("ValueError", raising(kind), **options)) == (
        "f(x) raises another exception; it must raise ValueError."
    )


@pytest.mark.parametrize("kind", ["generator", "DataLoader", "set", "dict_keys", "SGD", "ufunc"])
def test_a_name_that_everybody_knows_is_said(kind):
    assert message(expect.number, handle(kind)) == f"f(x) returned a {kind} object; return a number."


@pytest.mark.parametrize("question", [expect.number, expect.integer])
def test_a_number_too_large_to_travel_is_said_to_be_too_large(question):
    assert message(question, handle("int")) == (
        "f(x) returned an integer of more than 64 bits; the number asked for is much smaller."
    )


def raising(kind, **options):
    def call():
        raise CallRaised(kind, "text", **options)

    return call


def test_raises():
    expect.raises("RuntimeError", raising("RuntimeError"), what="f(x)")
    expect.raises(("TypeError", "ValueError"), raising("ValueError"), what="f(x)")
    expect.raises("ValueError", raising("ShapesDiffer", bases=("ValueError", "Exception")), what="f(x)")
    assert message(lambda **options: expect.raises(("ValueError",), lambda: 1, **options)) == (
        "f(x) raises nothing; it must raise ValueError."
    )
    assert message(lambda **options: expect.raises(("TypeError", "ValueError"), raising("KeyError"), **options)) == (
        "f(x) raises KeyError; it must raise TypeError or ValueError."
    )


def test_a_missing_function_does_not_count_as_raising():
    with pytest.raises(CallRaised):
        expect.raises("NameError", raising("NameError", missing=True), what="f(x)")


def test_that():
    expect.that([1], "no")
    with pytest.raises(CheckFailed, match=r"^no$"):
        expect.that([], "no")


@pytest.mark.parametrize(("value", "fraction"), [(0.85, 0), (0.5, 0), (NAN, 0), (0.9, 0.5), (0.95, 1), (1.0, 1)])
def test_at_least(value, fraction):
    if fraction == 1:
        expect.at_least(value, 0.85, 0.95, what="accuracy")
        return
    with pytest.raises(PartialCredit if fraction else CheckFailed) as caught:
        expect.at_least(value, 0.85, 0.95, what="accuracy")
    assert str(caught.value) == (f"accuracy is {value:g}. All points are given from 0.95 on, none at 0.85 or less.")
    assert getattr(caught.value, "fraction", 0) == pytest.approx(fraction)


def test_at_least_where_less_is_better():
    expect.at_least(40, 250, 50, what="distance")
    with pytest.raises(
        PartialCredit, match=r"^distance is 150\. All points are given at 50 or less, none at 250 or more"
    ):
        expect.at_least(150, 250, 50, what="distance")
    with pytest.raises(CheckFailed):
        expect.at_least(300, 250, 50, what="distance")


def test_award():
    expect.award(1.0, "no")
    for fraction in 0.0, -1.0, NAN:
        with pytest.raises(CheckFailed):
            expect.award(fraction, "no")
    with pytest.raises(PartialCredit) as caught:
        expect.award(0.25, "some")
    assert (caught.value.fraction, str(caught.value)) == (0.25, "some")


ODD_ANSWERS = [
    None,
    True,
    0,
    -(2**63),
    2**63 - 1,
    1e308,
    NAN,
    math.inf,
    "",
    "nan",
    b"x",
    [],
    (),
    {},
    [[[]]],
    {None: 1, 1.5: []},
    [None] * 3,
    torch.empty(0),
    torch.empty(0, 3),
    torch.ones(()).bool(),
    torch.tensor(NAN),
    torch.full((2, 2), math.inf),
    torch.ones(2, 2).bool(),
    torch.tensor([2**63 - 1, -(2**63)]),
    torch.ones(2, dtype=torch.uint8),
    torch.full((2,), NAN, dtype=torch.float16),
    torch.ones(2, dtype=torch.bfloat16),
    torch.ones(1, 1, 1),
    np.ones((), dtype="bool"),
    np.array(NAN),
    np.zeros((0, 2)),
    np.ones(2, dtype="float16"),
    np.ones((2, 2), dtype="int8"),
    handle("Tensor"),
    handle(""),
    handle("x" * 1000, module=True),
    handle("\x1b[31m"),
]
QUESTIONS = {
    "tensor": lambda got: expect.tensor(got, shape=(None, 2), dtype=torch.float32, what="f(x)"),
    "close": lambda got: expect.close(got, torch.ones(2), reveal=True, what="f(x)"),
    "close to integers": lambda got: expect.close(got, torch.ones(2).long(), reveal=True, what="f(x)"),
    "close to a scalar": lambda got: expect.close(got, torch.tensor(1.0), reveal=True, what="f(x)"),
    "same": lambda got: expect.same(got, torch.tensor([1, 0]), reveal=True, what="f(x)"),
    "same floats": lambda got: expect.same(got, torch.ones(2, 2), reveal=True, what="f(x)"),
    "number": lambda got: expect.number(got, low=0, high=1, what="f(x)"),
    "close_number": lambda got: expect.close_number(got, 0.5, reveal=True, what="f(x)"),
    "integer": lambda got: expect.integer(got, want=7, reveal=True, what="f(x)"),
    "sequence": lambda got: expect.sequence(got, length=2, what="f(x)"),
    "mapping": lambda got: expect.mapping(got, ["a"], what="f(x)"),
    "module": lambda got: expect.module(got, what="f(x)"),
    "handle": lambda got: expect.handle(got, what="f(x)"),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_no_answer_makes_a_question_fail_in_any_other_way(question):
    sentences = []
    for got in ODD_ANSWERS:
        try:
            question(got)
        except CheckFailed as failed:
            sentences.append(str(failed))
    assert len(sentences) > len(ODD_ANSWERS) / 2
    assert all(sentence.startswith("f(x) ") and len(sentence) < 300 for sentence in sentences)
