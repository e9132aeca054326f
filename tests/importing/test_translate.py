"""Tests of other tools as questions to `expect`, and what is left as it is."""

import ast

import pytest

from grader.examine.submission import Submission
from grader.importing.asking import Asking
from grader.importing.assignment import Case
from grader.importing.expressions import RESERVED, Scope
from grader.importing.names import defined
from grader.importing.translate import pieces

SOLUTION = """
import numpy as np
import torch
import torch.nn as nn
import pandas as pd
from math import sqrt

def f(x): ...
def g(x, y=0): ...
def call(x): ...

class Net(nn.Module): ...

total = f(3)
double = lambda x: 2 * x
"""


def found(code, output=None, *, reveal=False):
    names = defined([ast.parse(SOLUTION)])
    asking = Asking(Scope(names, dict(names.modules)), reveal)
    return pieces(Case(code, "a cell", output=output), asking)


def translated(code, output=None, **options):
    parts = found(code, output, **options)
    assert [part.why for part in parts if part.why] == []
    return [line for part in parts for line in part.lines]


@pytest.mark.parametrize(
    ("test", "asked"),
    [
        ("assert f(2) == 4", "agree(submission.f(2), \"==\", 4, what='f(2)')"),
        ("assert 4 == f(2)", "agree(submission.f(2), \"==\", 4, what='f(2)')"),
        ("assert f(-1) == 0.5, 'wrong'", "agree(submission.f(-1), \"==\", 0.5, what='f(-1)')"),
        ("assert f(4) == sqrt(2)", "agree(submission.f(4), \"==\", math.sqrt(2), what='f(4)')"),
        ("assert g(1, y=[2, 3]) == 'ab'", "agree(submission.g(1, y=[2, 3]), \"==\", 'ab', what='g(1, y=[2, 3])')"),
        ("assert f([1]) == {'a': 1}", "agree(submission.f([1]), \"==\", {'a': 1}, what='f([1])')"),
        ("assert f(1) is None", "expect.that(submission.f(1) is None, 'f(1) is not right.')"),
        ("assert f(1) is not None", "expect.that(submission.f(1) is not None, 'f(1) must not be None.')"),
        ("assert f(1)", "expect.that(truth(submission.f(1), 'f(1)'), 'f(1) must be true.')"),
        ("assert not f(1)", "expect.that(not truth(submission.f(1), 'f(1)'), 'f(1) must be false.')"),
        ("assert f(1) == True", "expect.that(truth(submission.f(1) == True, 'f(1)'), 'f(1) must be True.')"),
        ("assert f(1) is True", "expect.that(submission.f(1) is True, 'f(1) is not right.')"),
        ("assert double(2) == 4", "agree(submission.double(2), \"==\", 4, what='double(2)')"),
        ("assert call(2) == 4", "agree(submission.call('call', 2), \"==\", 4, what='call(2)')"),
        ("assert f(g(1)) == 4", "agree(submission.f(submission.g(1)), \"==\", 4, what='f(g(1))')"),
        ("assert g(f, 1) == 4", "agree(submission.g(submission.value('f'), 1), \"==\", 4, what='g(f, 1)')"),
        ("assert total == 3", "agree(submission.value('total'), \"==\", 3, what='total')"),
        ("assert np.isclose(f(1), 2)", "agree(submission.f(1), np.isclose, 2, what='f(1)')"),
        (
            "assert np.isclose(f(1), 2, atol=0.1)",
            "agree(submission.f(1), lambda answer, value: np.isclose(answer, value, atol=0.1), 2, what='f(1)')",
        ),
        (
            "assert f(1) == pytest.approx(2, rel=0.2, abs=0.1)",
            (
                "agree(submission.f(1), lambda answer, value: "
                "answer == pytest.approx(value, rel=0.2, abs=0.1), 2, what='f(1)')"
            ),
        ),
        (
            "assert abs(f(1) - 2) < 1e-3",
            "agree(submission.f(1), lambda answer, value: abs(answer - value) < 0.001, 2, what='f(1)')",
        ),
        (
            "assert 0.1 > abs(2 - f(1))",
            "agree(submission.f(1), lambda answer, value: abs(value - answer) < 0.1, 2, what='f(1)')",
        ),
        (
            "assert round(f(1), 2) == 0.33",
            "agree(submission.f(1), lambda answer, value: round(answer, 2) == value, 0.33, what='f(1)')",
        ),
        (
            "assert f(1) == pytest.approx(2, abs=0.1)",
            "agree(submission.f(1), lambda answer, value: answer == pytest.approx(value, abs=0.1), 2, what='f(1)')",
        ),
        (
            "assert_almost_equal(f(1), 2, places=3)",
            (
                "agree(submission.f(1), lambda answer, value: "
                "answer == value or round(abs(answer - value), 3) == 0, 2, what='f(1)')"
            ),
        ),
        ("self.assertEqual(f(1), 2)", "agree(submission.f(1), \"==\", 2, what='f(1)')"),
        (
            "assert torch.allclose(f(1), torch.tensor([1.0]))",
            "agree(submission.f(1), torch.allclose, torch.tensor([1.0]), what='f(1)')",
        ),
        (
            "torch.testing.assert_close(f(1), torch.tensor([1.0]))",
            "agree(submission.f(1), torch.testing.assert_close, torch.tensor([1.0]), what='f(1)')",
        ),
        (
            "assert torch.equal(f(1), torch.zeros(2, dtype=torch.int64))",
            "agree(submission.f(1), torch.equal, torch.zeros(2, dtype=torch.int64), what='f(1)')",
        ),
        (
            "assert (f(1) == torch.ones(3)).all()",
            "agree(submission.f(1), lambda answer, value: (answer == value).all(), torch.ones(3), what='f(1)')",
        ),
        (
            "np.testing.assert_allclose(f(1), [1, 2], rtol=0.1)",
            (
                "agree(submission.f(1), lambda answer, value: "
                "np.testing.assert_allclose(answer, value, rtol=0.1), [1, 2], what='f(1)')"
            ),
        ),
        ("assert f(1).shape == (2, 3)", "shaped(submission.f(1), (2, 3), what='f(1)')"),
        ("assert f(1).size() == torch.Size([2])", "expect.tensor(submission.f(1), shape=torch.Size([2]), what='f(1)')"),
        ("assert f(1).dtype == torch.float32", "expect.tensor(submission.f(1), dtype=torch.float32, what='f(1)')"),
        ("assert len(f(1)) == 3", "counted(submission.f(1), 3, what='f(1)')"),
        (
            "assert isinstance(f(1), (int, float))",
            "expect.that(isinstance(submission.f(1), (int, float)), 'f(1) must be of type int or float.')",
        ),
        ("assert isinstance(f(1), torch.Tensor)", "expect.tensor(submission.f(1), what='f(1)')"),
        ("assert isinstance(Net(), nn.Module)", "expect.module(submission.Net(), what='Net()')"),
        (
            "assert f(1)['a'] == 2",
            "agree(expect.mapping(submission.f(1), ('a',), what='f(1)')['a'], \"==\", 2, what=\"f(1)['a']\")",
        ),
        ("assert f(1)[0] == 2", "agree(entry(submission.f(1), 0, 'f(1)'), \"==\", 2, what='f(1)[0]')"),
        (
            "assert f(1) > 0.5",
            "agree(submission.f(1), \">\", 0.5, what='f(1)', told='f(1) is not in the range that is asked for.')",
        ),
        (
            "with pytest.raises(ValueError):\n    f(-1)",
            "expect.raises('ValueError', lambda: submission.f(-1), what='f(-1)')",
        ),
        (
            "try:\n    f(-1)\n    assert False\nexcept (ValueError, TypeError):\n    pass",
            "expect.raises(('ValueError', 'TypeError'), lambda: submission.f(-1), what='f(-1)')",
        ),
        ("assert_raises(ValueError, f, -1)", "expect.raises('ValueError', lambda: submission.f(-1), what='f(-1)')"),
        (
            "assert f(nn.Linear(3, 1)) == 4",
            "agree(submission.f(submission.library('torch.nn.Linear', 3, 1)), \"==\", 4, what='f(nn.Linear(3, 1))')",
        ),
    ],
)
def test_a_test_becomes_a_question(test: str, asked: str) -> None:
    assert translated(test) == [asked]


@pytest.mark.parametrize(
    ("test", "asked"),
    [
        (
            "with self.assertRaises(ValueError, msg='no'):\n    f(-1)",
            "expect.raises('ValueError', lambda: submission.f(-1), what='f(-1)')",
        ),
        (
            ">>> f('a')  # doctest: +NORMALIZE_WHITESPACE\n[1,  2]",
            "agree(submission.f('a'), \"==\", [1, 2], what=\"f('a')\")",
        ),
        (
            ">>> f(2)  # doctest: +IGNORE_EXCEPTION_DETAIL\nTraceback (most recent call last):\nValueError: no",
            "expect.raises('ValueError', lambda: submission.f(2), what='f(2)')",
        ),
    ],
)
def test_what_is_said_besides_and_changes_no_verdict_is_left_out(test: str, asked: str) -> None:
    assert translated(test) == [asked]


def test_names_of_a_test_stand_for_what_it_gave_them() -> None:
    code = """
net = Net(3)
x = torch.zeros(2, 3)
y = net(x)
a, b = g(x)
assert y.shape == (2, 1)
assert a == 4
assert net.fc.bias is None
"""
    assert translated(code) == [
        "net = submission.Net(3)",
        "x = torch.zeros(2, 3)",
        "y = net(x)",
        "a, b = expect.sequence(submission.g(x), length=2, what='g(x)')",
        "shaped(y, (2, 1), what='net(x)')",
        "agree(a, \"==\", 4, what='a')",
        "expect.that(net.attribute('fc.bias') is None, 'net.fc.bias is not right.')",
    ]


def test_what_a_submission_has_itself_is_no_name_of_a_student() -> None:
    assert {name for name in dir(Submission) if not name.startswith("_")} <= RESERVED


def test_a_name_that_the_suite_uses_itself_becomes_another() -> None:
    assert translated("draw = 2\nassert f(draw) == 4") == [
        "draw_ = 2",
        "agree(submission.f(draw_), \"==\", 4, what='f(draw)')",
    ]


def test_a_loop_stays_one() -> None:
    assert translated("for x, want in [(1, 2), (3, 4)]:\n    assert f(x) == want") == [
        "for x, want in [(1, 2), (3, 4)]:",
        "    agree(submission.f(x), \"==\", want, what=f'f(x) for x = {x!r}')",
    ]
    assert translated("assert all([f(n) == n for n in range(3)])") == [
        "for n in range(3):",
        "    agree(submission.f(n), \"==\", n, what=f'f(n) for n = {n!r}')",
    ]


def test_messages_in_a_loop_tell_for_which_value() -> None:
    lines = translated("for n in (2, 3):\n    assert f({n: 1}) > n\nn = [4]\nassert f(n) == 4")
    assert lines[1].endswith("f'f({{n: 1}}) for n = {n!r} is not in the range that is asked for.')")
    assert lines[-1].endswith("what='f(n)')")
    assert translated("for x in [torch.ones(1)]:\n    assert f(x) == 1")[1].endswith("what='f(x)')")


def test_what_is_drawn_is_drawn_for_each_submission_unless_a_seed_is_set() -> None:
    assert translated("x = torch.randn(3, 2)\nassert f(x).shape == x.shape")[0] == "x = draw.normal(3, 2)"
    assert translated("torch.manual_seed(3)\nassert f(2) == 4") == [
        "agree(submission.call('f', 2, seed=3), \"==\", 4, what='f(2)')"
    ]
    assert [part.why for part in found("torch.manual_seed(3)\nassert f(torch.randn(3)) == 4")] == [
        "",
        "it draws numbers after setting a seed",
    ]


@pytest.mark.parametrize("test", ["f(2) != 4", "f(2) > 4", "4 < f(2)", "f(2) == 4.5", "f(2) in (4, 5)", "f(2) == True"])
def test_a_seed_is_for_the_next_question_however_it_is_asked(test: str) -> None:
    (line,) = translated(f"torch.manual_seed(3)\nassert {test}")
    assert "submission.call('f', 2, seed=3)" in line


def test_the_public_suite_may_tell() -> None:
    assert translated("assert f(2) == 4", reveal=True) == [
        "agree(submission.f(2), \"==\", 4, reveal=True, what='f(2)')"
    ]
    assert translated("assert f(2) > 4", reveal=True)[0].endswith("'f(2) must be > 4.')")


@pytest.mark.parametrize(
    ("code", "output", "asked"),
    [
        ("f(2)", "4", "agree(submission.f(2), \"==\", 4, what='f(2)')"),
        ("total", "3", "agree(submission.value('total'), \"==\", 3, what='total')"),
        (">>> total\n3", "", "agree(submission.value('total'), \"==\", 3, what='total')"),
        (">>> total == 3\nTrue", "", "agree(submission.value('total'), \"==\", 3, what='total')"),
        ("f(2) == 4", "True", "agree(submission.f(2), \"==\", 4, what='f(2)')"),
        ("f(2)", "'a'", "agree(submission.f(2), \"==\", 'a', what='f(2)')"),
        ("print(f(2))", "a b\n", "agree(printed(submission.f(2), 'f(2)'), \"==\", 'a b', what='f(2)')"),
        ("f(2).shape", "torch.Size([2, 3])", "shaped(submission.f(2), torch.Size([2, 3]), what='f(2)')"),
        (
            "f(2)",
            "tensor([1.5000, 2.0000])",
            "expect.close(submission.f(2), torch.tensor([1.5, 2.0]), rtol=0, atol=5e-5, what='f(2)')",
        ),
        (
            "f(2)",
            "tensor([2.0000e-06, 1.0000e+00])",
            "expect.close(submission.f(2), torch.tensor([2e-06, 1.0]), rtol=5e-5, atol=0, what='f(2)')",
        ),
        (">>> x = 2\n>>> f(x)\n4", "", "agree(submission.f(x), \"==\", 4, what='f(x)')"),
        (">>> f(2) == 4\nTrue", "", "agree(submission.f(2), \"==\", 4, what='f(2)')"),
        (
            ">>> f(2)\nTraceback (most recent call last):\n    ...\nValueError: no",
            "",
            "expect.raises('ValueError', lambda: submission.f(2), what='f(2)')",
        ),
        ("f(2)", "", "submission.f(2)"),
    ],
)
def test_an_expression_is_compared_with_what_it_shows(code: str, output: str, asked: str) -> None:
    assert translated(code, output)[-1] == asked


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ("assert f(pd.Series([1])) == 2", "it calls pandas.Series"),
        ("df = pd.read_csv('a.csv')\nassert f(df) == 2", "df was not translated"),
        ("assert f(1) == f(1)", "it computes with the answer f(1)"),
        ("assert f(1).sum() == 2", "it calls .sum of an answer"),
        ("assert all(f(1))", "it asks for the truth of each element"),
        ("assert np.isclose(f(1), 2, equal_nan=True)", "the comparison has equal_nan"),
        ("assert f(lambda x: x) == 2", "it has a lambda that is not translated"),
        ("assert f({1, 2}) == 2", "{1, 2} cannot be sent to a submission"),
        ("assert f(torch.load('x.pt')) == 2", "it calls torch.load"),
        ("assert f(np.fromfile('/etc/passwd')) == 2", "it calls numpy.fromfile"),
        ("assert f(open('x')) == 2", "it calls open"),
        ("assert unknown(1) == 2", "it calls unknown"),
        ("assert f(*[1]) == 2", "it has a starred argument that is not translated"),
        ("if True:\n    assert f(1) == 2", "an if is not translated"),
        ("assert f(1) == 2 or f(1) == 3", "it has an “and” or “or” that is not translated"),
        ("assert f(1) == mystery", "nothing says what mystery is"),
        ("assert f(", "it is no Python"),
        (f"assert f(2) == 0x{'f' * 20_000}", "it is too long to be read"),
        ("assert f(2) == 1" + " " * 200_000, "it is too long to be read"),
        ("assert 1 == 1.5", "it asks nothing of the submission"),
        ("def test_it(env):\n    assert env['f'](2).mean() == 4", "it calls .mean of an answer"),
        ("with pytest.raises(ValueError, match='neg'):\n    f(-1)", "it asks what the exception says"),
        (">>> f(2)  # doctest: +SKIP\n4", "its options say how it is compared"),
        (">>> f(2)  # doctest: +ELLIPSIS\n'abc...'", "its options say how it is compared"),
        (">>> f(2)  # doctest: +NORMALIZE_WHITESPACE\n'a  b'", "its options say how it is compared"),
        (">>> x = 2  # doctest: +SKIP\n>>> f(x)\n4", "x was not translated"),
        ("net = Net()\nnet.k = 1\nassert f(net) == 1", "net was not translated"),
        ("total[0] = 1\nassert f(total) == 1", "total was not translated"),
        ("Net.k = 1\nassert f(1) == 1", "it comes after a change of Net, which is the notebook's"),
    ],
)
def test_what_cannot_be_translated_honestly_is_left_with_a_reason(test: str, why: str) -> None:
    parts = found(test)
    assert [(part.lines, part.why) for part in parts if part.left] == [((), why)]
    assert sum(part.tests for part in parts) == 1


def test_an_expression_without_output_is_no_test() -> None:
    assert [part.why for part in found("f(2) == 4", "") if part.left] == [
        "the notebook keeps no output of it: run it and save it"
    ]
    assert sum(part.tests for part in found("f(2) == 4", None)) == 0


def test_what_is_left_leaves_nothing_of_itself_behind() -> None:
    parts = found("assert f(torch.randn(2)) == f(2)\nx = 1\nassert f(x) == 2")
    assert [part.left for part in parts] == [1, 0, 0]


@pytest.mark.parametrize("change", ["f = lambda x: 3", "del f", "def f(x): return 3", "f, g = g, f"])
def test_nothing_is_asked_after_a_test_changed_what_the_notebook_defines(change: str) -> None:
    parts = found(
        f"{change}\nassert g(1) == 2\ntry:\n    g(1)\nexcept NameError:\n    pass\nelse:\n    raise AssertionError"
    )
    assert [part.why for part in parts if part.left] == ["it comes after a change of f, which is the notebook's"] * 2


def test_a_test_that_is_nested_without_end_is_left() -> None:
    (part,) = found("assert f(" + "(" * 2000 + "1" + ")" * 2000 + ") == 2")
    assert part.left == 1
    deep = "assert f(" + "-" * 3000 + "1) == 2"
    assert [part.left for part in found(deep)] == [1]


def test_a_function_that_the_cell_calls_itself_is_read_where_its_parameters_are_the_notebooks() -> None:
    function = "def test_f(total):\n    assert f(total) == 4\n"
    asked = ["agree(submission.f(submission.value('total')), \"==\", 4, what='f(total)')"]
    assert translated(f"{function}test_f(total)") == asked
    assert [part.left for part in found(f"{function}test_f(5)")] == [1, 1]


def test_otters_function_sees_the_names_of_the_notebook() -> None:
    code = "def test_f(env):\n    x = 2\n    assert env['f'](x) == 4\ntest_f(globals())  # IGNORE"
    assert translated(code) == ["x = 2", "agree(submission.f(x), \"==\", 4, what='f(x)')"]


def test_functions_are_known_wherever_they_stand_at_the_top_level() -> None:
    code = """
match torch.cuda.is_available():
    case True:
        def f(x): ...
    case _:
        def g(x): ...
try:
    import numpy as np
except ImportError:
    class Net: ...
"""
    names = defined([ast.parse(code)])
    assert (names.functions, names.classes, names.modules) == ({"f", "g"}, {"Net"}, {"np": "numpy"})
