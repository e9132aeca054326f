"""What an imported suite says of answers is what the tests said that it was made of."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from samples import code, notebook, raw

from grader.errors import CheckFailed
from grader.importing.assignment import read_notebook
from grader.importing.lab import lab_files, read
from grader.importing.suites import Suite
from sandbox.protocol import values

LIBRARIES = "import math\nimport numpy as np\nimport pytest\nimport torch\nimport unittest"
THIRD = 1 / 3
TRUTH = (
    *(True, False, None, 0, 1, 2, 0.0, 0.5, "", "a", [], [0], {}, {"a": 1}, ()),
    *(np.True_, np.False_, np.float32(0), np.ones((), dtype=bool), np.array(0.0), np.array([1]), np.array([0, 1])),
    *(
        torch.ones((), dtype=torch.bool),
        torch.zeros((), dtype=torch.bool),
        torch.tensor(2.0),
        torch.tensor([False]),
        torch.ones(2),
    ),
)
SMALL = (
    *(0.0, 2e-6, 2.00001e-6, 2.00003e-6, 2.1e-6, 4e-6, -2e-6, 1e-8, 1.2e-8, float("nan")),
    *(np.float32(2e-6), torch.tensor(2e-6), torch.tensor(2e-6, dtype=torch.float64), torch.tensor(0.0), np.array(2e-6)),
)
LARGE = (
    *(3000, 3000.0, 3000.0002, 3000.02, 3000.04, 3001.0, 2999.99, 0.0, 3000.000001),
    *(np.float32(3000.0002), torch.tensor(3000.0002), torch.tensor(3000.5)),
)
NEAR_ONE = (*(1 + 10.0**-n for n in range(2, 12)), *(1 - 3 * 10.0**-n for n in range(2, 12)), 1, 0.0, torch.tensor(1.0))
ARRAYS = (
    *([2e-6, 1.0], (2e-6, 1.0), [0.0, 1.0], [2.00001e-6, 1.0], [2e-6, 1.00002], [2e-6, 1.0000005], [2e-6, 1.1]),
    *(np.array([2e-6, 1.0]), np.array([2e-6, 1.0], dtype=np.float32), np.array([0.0, 1.0]), np.array([2e-6, 1.00001])),
)
TENSORS = (
    *(torch.tensor([2e-6, 1.0]), torch.tensor([0.0, 1.0]), torch.tensor([2e-6, 1.000001]), torch.tensor([2e-6, 1.1])),
    *(torch.tensor([2e-6, 1.00003]), torch.tensor([2.0e-6, 1.0, 1.0]), torch.tensor([2e-5, 1.0])),
)


INF, NAN = float("inf"), float("nan")
PLAIN = (*(0, 1, 2, -1, 2.0, 1.0, 0.3, 0.1 + 0.2, 1.5, 2.6, True, False, None, INF, -INF, NAN, "", "a", "ab", "2"),)
SCALARS = (np.float64(2.0), np.float32(2.0), np.float32(0.3), np.float32(INF), np.int64(1), np.True_, np.False_)
COLLECTED = (
    *([], [1], [1, 2], [1.0, 2.0], [2], (1, 2), ("a", "b"), ["a"], [[1, 2], [3, 4]], [True, False], [[1], [1, 2]]),
    *({}, {"a": 1}, {"b": 2, "a": 1}, {0: 1, 1: 2}),
)
NUMBERED = (
    *(
        np.array(2),
        np.array([2]),
        np.array([1, 2]),
        np.array([1.0, 2.0]),
        np.array([[1, 2]]),
        np.array([[1, 2], [3, 4]]),
    ),
    *(np.array([True, False]), np.array([]), np.ones((2, 3)), np.array(INF)),
    *(
        torch.tensor(2),
        torch.tensor(2.0),
        torch.tensor([2.0]),
        torch.tensor([INF]),
        torch.tensor(0.5),
        torch.ones(2, 3),
    ),
    *(torch.tensor([1, 2]), torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0]).double(), torch.tensor([[1.0, 2.0]])),
    *(torch.tensor([[1, 2], [3, 4]]), torch.tensor([True, True]), torch.tensor([1.0, 2.001])),
)
ALL = PLAIN + SCALARS + COLLECTED + NUMBERED
UNIT = "unittest.TestCase()"
SAID_OF_ALL = (
    *('f(1) == float("inf")', "f(1) == np.inf", "f(1) == -math.inf", "f(1) != np.inf", "f(1) < np.inf", "f(1) > 1"),
    *("f(1) == 2", "f(1) == 2.0", "2 == f(1)", "f(1) == 1", "f(1) == 0", "f(1) == 0.3", "f(1) == 0.1 + 0.2"),
    *("f(1) == torch.tensor(2.0)", "f(1) == np.array(2)", "f(1) == np.float64(2)", "float(f(1)) == 2.0"),
    *('f(1) == "a"', "f(1) == [1, 2]", "f(1) == (1, 2)", 'f(1) == {"a": 1}', "f(1) == [[1, 2], [3, 4]]", "f(1) == []"),
    *("f(1) != 0", "f(1) != 2.0", 'f(1) != "a"', "f(1) >= 2", "1 < f(1) < 3", "0 <= f(1) <= 1", "2 > f(1)"),
    *("f(1) in {1, 2}", "f(1) in [1, 2, 3]", 'f(1) in ("a", "b")', "f(1) in [0.3, 2.0]"),
    *("abs(f(1) - 2) < 1e-6", "abs(2 - f(1)) <= 0.6", "np.abs(f(1) - 2) < 1e-6", "torch.abs(f(1) - 2) < 1e-3"),
    *("round(f(1)) == 2", "round(f(1), 1) == 0.3", "round(f(1), 0) == 3"),
    *("len(f(1)) == 2", "len(f(1)) == 0", "f(1)[0] == 1", "f(1)[-1] == 2", "f(1)[0][1] == 2", "f(1)[0] > 0"),
    *("f(1).shape == (2,)", "f(1).shape == (2, 3)", "f(1).shape[0] == 2", "f(1).shape[-1] == 3", "f(1).ndim == 1"),
    *("f(1).size(0) == 2", "f(1).size() == (2, 3)", "f(1).dim() == 1", "tuple(f(1).shape) == (2, 3)"),
    *("(f(1) == np.array([1, 2])).all()", "(f(1) == torch.tensor([1, 2])).all()", "all(f(1) == np.array([1, 2]))"),
    *("np.all(f(1) == np.array([1, 2]))", "torch.all(f(1) == torch.tensor([1., 2.]))"),
    *("torch.equal(f(1), torch.tensor([1, 2]))", "torch.allclose(f(1), torch.tensor([1., 2.]))"),
    *("torch.isclose(f(1), torch.tensor(2.0))", "torch.isclose(f(1), torch.tensor([1., 2.])).all()"),
    *("np.array_equal(f(1), [1, 2])", "np.allclose(f(1), [1, 2])", "np.allclose([1, 2], f(1))", "np.allclose(f(1), 2)"),
    *("np.isclose(f(1), 2)", "np.isclose(f(1), 0.3).all()", "np.isclose(f(1), np.inf)", "math.isclose(f(1), 2)"),
    *("math.isclose(f(1), 0.0, abs_tol=1e-6)", "f(1) == pytest.approx(2)", "f(1) == pytest.approx([1, 2])"),
    *("np.testing.assert_equal(f(1), [1, 2])", "np.testing.assert_equal(f(1), 2)"),
    *("np.testing.assert_allclose(f(1), 2)", "np.testing.assert_almost_equal(f(1), 0.3)"),
    *("np.testing.assert_array_equal(f(1), [1, 2])", "torch.testing.assert_close(f(1), torch.tensor([1., 2.]))"),
    *(f"{UNIT}.assertEqual(f(1), 2)", f"{UNIT}.assertAlmostEqual(f(1), 2)"),
)
WANTED = "torch.tensor([2e-6, 1.0])"
TESTS = {
    "assert f(1)": TRUTH,
    "assert not f(1)": TRUTH,
    "assert bool(f(1))": TRUTH,
    "assert f(1) == True": TRUTH,
    "assert f(1) == False": TRUTH,
    "assert f(1) != True": TRUTH,
    "assert True == f(1)": TRUTH,
    "unittest.TestCase().assertTrue(f(1))": TRUTH,
    "unittest.TestCase().assertFalse(f(1))": TRUTH,
    "assert f(1) == 2e-6": SMALL,
    "assert f(1) in (2e-6, 1.0)": SMALL,
    "assert np.isclose(f(1), 2e-6)": SMALL,
    "assert np.allclose(f(1), 2e-6)": SMALL,
    "assert np.isclose(f(1), 2e-6, rtol=0)": SMALL,
    "assert math.isclose(f(1), 2e-6)": SMALL,
    "assert math.isclose(f(1), 2e-6, rel_tol=1e-2)": SMALL,
    "assert math.isclose(f(1), 2e-6, rel_tol=1e-2, abs_tol=1e-12)": SMALL,
    "assert math.isclose(f(1), 2e-6, abs_tol=1e-9)": SMALL,
    "assert f(1) == pytest.approx(2e-6)": SMALL,
    "assert f(1) == pytest.approx(2e-6, rel=1e-2, abs=1e-9)": SMALL,
    "assert f(1) == pytest.approx(2e-6, abs=1e-9)": SMALL,
    "assert abs(f(1) - 2e-6) < 1e-9": SMALL,
    "np.testing.assert_allclose(f(1), 2e-6)": SMALL,
    "assert np.isclose(f(1), 3000.0, atol=1e-4)": LARGE,
    "assert f(1) == 3000.0": LARGE,
    "assert f(1) == 3000": LARGE,
    "assert f(1) == pytest.approx(3000, abs=1e-3)": LARGE,
    "assert math.isclose(f(1), 3000, abs_tol=0.03)": LARGE,
    "unittest.TestCase().assertAlmostEqual(f(1), 1)": NEAR_ONE,
    "unittest.TestCase().assertAlmostEqual(f(1), 1, places=3)": NEAR_ONE,
    "unittest.TestCase().assertAlmostEqual(f(1), 1, delta=0.005)": NEAR_ONE,
    "np.testing.assert_almost_equal(f(1), 1)": NEAR_ONE,
    "np.testing.assert_almost_equal(f(1), 1, decimal=3)": NEAR_ONE,
    "assert round(f(1), 3) == 1": NEAR_ONE[:-1],
    "assert f(1) == 1.0": NEAR_ONE,
    "assert np.allclose(f(1), [2e-6, 1.0])": ARRAYS,
    "assert np.allclose(f(1), np.array([2e-6, 1.0]), atol=0)": ARRAYS,
    "np.testing.assert_allclose(f(1), [2e-6, 1.0])": ARRAYS,
    "np.testing.assert_array_almost_equal(f(1), [2e-6, 1.0])": ARRAYS,
    "assert np.array_equal(f(1), [2e-6, 1.0])": ARRAYS,
    f"assert torch.allclose(f(1), {WANTED})": TENSORS,
    f"assert torch.allclose(f(1), {WANTED}, atol=1e-4)": TENSORS,
    f"assert torch.equal(f(1), {WANTED})": TENSORS,
    f"torch.testing.assert_close(f(1), {WANTED})": TENSORS,
    f"torch.testing.assert_close(f(1), {WANTED}, rtol=0, atol=1e-8)": TENSORS,
    "torch.testing.assert_close(f(1), torch.tensor([2, 1]))": (torch.tensor([2, 1]), torch.tensor([2, 3])),
    "torch.testing.assert_close(f(1), 2)": (2, 2.0, 3, torch.tensor(2), [2]),
    "torch.testing.assert_close(f(1), 2.0)": (2, 2.0, 2.1, torch.tensor(2.0)),
    "assert type(f(1)) == int": (*PLAIN, *COLLECTED, *NUMBERED),
    **{test if "assert" in test else f"assert {test}": ALL for test in SAID_OF_ALL},
}


def travelled(answer: Any) -> Any:
    """An answer as it is seen on the trusted side."""
    bulk: list[Any] = []
    packed = values.pack(answer, bulk, keep=lambda _: pytest.fail("it does not travel"))
    return values.unpack(packed, bytearray(b"".join(bytes(part) for part in bulk)))


def originally(test: str, function: Callable[[Any], Any]) -> bool:
    names: dict[str, Any] = {}
    exec(LIBRARIES, names)
    try:
        exec(test, {**names, "f": function})
    except (AssertionError, ValueError, TypeError, RuntimeError, AttributeError, LookupError, ArithmeticError):
        return False
    return True


def written(test: str, output: str | None = None) -> Suite:
    """The suite that is written for a test."""
    question = (raw("# BEGIN QUESTION\nname: q"), raw("# BEGIN TESTS"), code(test, output), raw("# END TESTS"))
    content = notebook(code(f"{LIBRARIES}\ndef f(x): return x"), *question, raw("# END QUESTION"))
    return lab_files(read(read_notebook(content.encode(), "hw.ipynb"), {}), "hw", "hw.ipynb").hidden


def imported(test: str, output: str | None = None) -> Any:
    """The check that is written for a test."""
    suite = written(test, output)
    assert suite.left == (), suite.left
    names: dict[str, Any] = {}
    exec(compile(suite.text, "test_hidden.py", "exec"), names)
    return names["test_q"]


def answering(answer: Any) -> Callable[[Any], Any]:
    """A function that always gives that."""
    return lambda _: answer


def here(check: Any, function: Callable[[Any], Any]) -> bool:
    try:
        check(SimpleNamespace(f=lambda given: travelled(function(travelled(given)))))
    except CheckFailed:
        return False
    return True


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("test", TESTS)
def test_a_suite_says_of_an_answer_what_the_test_said(test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.examine.suite.check", lambda *_, **__: lambda function: function)  # marks are pytest's
    check = imported(test)
    verdicts = [(answer, originally(test, answering(answer)), here(check, answering(answer))) for answer in TESTS[test]]
    assert [each for each in verdicts if each[1] is not each[2]] == []
    assert {each[1] for each in verdicts} == {True, False}


CHANGES = (
    "v = [1, 2, 3]\ndel v[0]\nassert f(v) == [2, 3]",
    "v = [1, 2, 3]\nn = 4\ndel v[1:], n\nassert f(v) == [1]",
    "d = {'a': 1}\nd['b'] = 2\nassert f(d) == ['a', 'b']",
    "x = [1, 2]\nx[0] += 1\nassert f(x) == [2, 2]",
    "x = [1]\nx += [2]\nassert f(x) == [1, 2]",
    "n = 2\nn += 0.5\nassert f([n]) == [2.5]",
    "a = [1]\nb = a\nb[0] = 2\nassert f(a) == [2]",
    "m = [[1, 2], [3]]\nm[0][1] = 5\nassert f(m) == [[1, 5], [3]]",
    "y = torch.ones(3)\ny[0] = float('nan')\nassert f(y)[0] != 1 and f(y)[1] == 1",
    "x = np.zeros(2)\nx[:1] = 3\nassert f(x) == [3, 0]",
    "x = [0]\nfor n in range(3):\n    x[0] = n\n    assert f(x) == [n]",
    "x = [0]\nfor n in range(1, 3):\n    x += [n]\nassert f(x) == [0, 1, 2]",
    "draw = [1]\ndraw[0] = 2\nassert f(draw) == [2]",
    "x = [2]\nf([1])\nassert f(x) == [2]",
    "n = 2\nx = [n]\nf(x)\nassert f([n]) == [2]",
    "x = [2]\ny = [3]\nf(y)\nassert f(x) == [2]",
    "x = [2]\nprint(f(x))\nassert f(x) == [2]",
)


@pytest.mark.parametrize("test", CHANGES)
def test_what_a_test_changes_of_its_own_is_changed_in_the_suite(test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.examine.suite.check", lambda *_, **__: lambda function: function)
    check = imported(test)
    for function in (list, answering([]), answering([0])):
        assert here(check, function) is originally(test, function) is (function is list)


@pytest.mark.parametrize(
    "test",
    [
        "x = [1]\nx.append(2)\nassert f(x) == [1, 2]",
        "a = [1]\nb = a\nb.append(2)\nassert f(a) == [1, 2]",
        "a = [1]\nb = [a]\na.append(2)\nassert f(b) == [[1, 2]]",
        "a = [1]\nb = [0]\nb[0] = a\na.append(2)\nassert f(b) == [[1, 2]]",
        "x = [1, 2]\ny = x.pop()\nassert f(x) == [1]",
        "x = torch.ones(1)\nx.requires_grad = True\nassert f(x) == [1]",
        "x = torch.ones(1)\ny = x.zero_()\nassert f(x) == [0]",
        "import heapq\nx = [2, 1]\nheapq.heapify(x)\nassert f(x) == [1, 2]",
        "x = y = [1]\ny[0], x = 2, y\nassert f(y) == [2]",
        "def add(x):\n    x += [2]\nx = [1]\nadd(x)\nassert f(x) == [1, 2]",
        "x = [3, 1]\nf(x)\nassert f(x) == [3, 1]",
        "x = [3, 1]\ny = x\nf(y)\nassert f(x) == [3, 1]",
        "x = [3, 1]\nf([x])\nassert f(x) == [3, 1]",
        "x = [1]\nfor n in range(2):\n    assert f(x) == [1]\n    f(x)",
        "for x in [[1], [2]]:\n    f(x)\n    assert f(x) == x",
    ],
)
def test_nothing_is_asked_with_what_may_have_changed_unseen(test: str) -> None:
    suite = written(test)
    assert suite.left != ()
    assert "raise NotImplementedError" in suite.text
    assert "    agree(" not in suite.text


def sorting(given: Any) -> Any:
    """An answer, and a change of what is given."""
    given.sort()
    return given


class Kept(list[int]):
    """Stays in the sandbox."""

    kind = "Kept"


def test_an_answer_that_a_call_may_have_changed_is_asked_about_where_it_stayed_in_the_sandbox(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("grader.examine.suite.check", lambda *_, **__: lambda function: function)
    for test in ("x = f(0)\nf(x)\nassert f(x)", "x = f(0)\nfor _ in range(2):\n    assert f(x)\n    f(x)"):
        check = imported(test)
        monkeypatch.setitem(check.__globals__, "Handle", Kept)
        check(SimpleNamespace(f=lambda given: sorting(given or Kept([3, 1]))))
        with pytest.raises(NotImplementedError, match="A call may have changed"):
            check(SimpleNamespace(f=lambda given: sorting(given or [3, 1])))


TRIES = {
    "try:\n    f(0)\n    {}\nexcept {}:\n    pass": (
        *(
            ("assert False", "ValueError"),
            ("raise AssertionError('no')", "ValueError"),
            ("assert 0, 'no'", "ValueError"),
        ),
        *(("print('no')", "ValueError"), ("pass", "ValueError"), ("assert False", "Exception")),
        *(("assert False", "(ValueError, AssertionError)"), ("raise ValueError", "ValueError")),
    ),
    "try:\n    f(0)\nexcept {1}:\n    print('caught')\nelse:\n    {0}": (
        *(("assert False", "ValueError"), ("raise ValueError", "ValueError"), ("assert False", "Exception")),
        *(("pass", "ValueError"), ("print('no')", "ValueError")),
    ),
}


@pytest.mark.parametrize("test", [form.format(*parts) for form, many in TRIES.items() for parts in many])
def test_a_try_asks_for_an_exception_where_it_complains_without_one(test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.examine.suite.check", lambda *_, **__: lambda function: function)
    complains = not originally(test, answering(0))
    assert (written(test).left == ()) is complains
    if complains:
        assert "expect.raises(" in written(test).text


PRINTED = {
    "[1 2 3]": (np.array([1, 2, 3]), [1, 2, 3], "[1 2 3]", None),
    "[1. 2.]": (np.array([1.0, 2.0]), np.array([1, 2]), 1.0),
    "tensor([1., 2.])": (torch.tensor([1.0, 2.0]), torch.tensor([1, 2])),
    "a b": ("a b", "a  b", ["a b"]),
    "None": (None, "None", 0),
    "nan": (NAN, "nan", 1.0),
    "2": (2, 3, "3"),
    "[1, 2]": ([1, 2], (1, 2)),
}


@pytest.mark.parametrize("shown", PRINTED)
def test_what_an_answer_prints_is_compared_as_text(shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.examine.suite.check", lambda *_, **__: lambda function: function)
    check = imported("print(f(1))", shown)
    said = [here(check, answering(answer)) for answer in PRINTED[shown]]
    assert said == [str(answer) == shown for answer in PRINTED[shown]]
    assert set(said) == {True, False}


def test_what_an_object_prints_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.examine.suite.check", lambda *_, **__: lambda function: function)
    assert [left.why for shown in ("{1, 2}", "<A>") for left in written("print(f(1))", shown).left] == [
        "what it prints is not seen from outside of the sandbox"
    ] * 2
    check = imported("print(f(1))", "Ace of spades")
    monkeypatch.setitem(check.__globals__, "Handle", Kept)
    with pytest.raises(NotImplementedError, match="stays in the sandbox"):
        check(SimpleNamespace(f=lambda _: Kept()))


@pytest.mark.parametrize(
    ("test", "answer"),
    [
        ("assert (f(1) == torch.zeros(5000)).all()", torch.zeros(5000, 1)),
        ("assert np.allclose(f(1), np.zeros(5000))", [[0.0]] * 5000),
        ("assert np.allclose(f(1), [0.0, 0.0])", ["a", "a" * 50_000]),
    ],
)
def test_an_answer_that_would_take_much_memory_to_be_compared_is_wrong(
    test: str, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.examine.suite.check", lambda *_, **__: lambda function: function)
    with pytest.raises(CheckFailed, match="too large, or text"):
        imported(test)(SimpleNamespace(f=lambda _: travelled(answer)))
