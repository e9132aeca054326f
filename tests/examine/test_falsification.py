"""Suites whose messages tell right values, and suites whose messages do not, tried with false answers."""

import pytest

from grader.examine.examination import with_suite
from grader.examine.falsification import falsify
from grader.examine.plugin import Dataset
from grader.examine.slots import Slots


def double(x):
    return 2 * x


def stats(x):
    return {"mean": float(x.double().mean()), "largest": float(x.double().max() * 3)}


ANSWERS = {
    "double": double,
    "stats": stats,
    "share": lambda x: float(x.double().sigmoid().mean()),
    "column": lambda x: 3 * x.unsqueeze(1) + 1,
    "label": lambda n: n * n + 1,
    "words": lambda n: "yes" * n,
    "adder": lambda n: lambda x: float(x.double().sum()) + n,
    "refuse": lambda x: {}[0],
}


@pytest.fixture
def tried(lab, sandbox):
    """Tries a suite of one check, or a whole one, with false answers."""

    def go(body, mark="", *, suite=""):
        text = suite or CHECK.format(mark=mark, body=body)
        made = lab(text)
        with Slots(sandbox(ANSWERS)) as slots:
            return with_suite(
                made,
                made.hidden_suite,
                lambda examine: falsify(examine, sandbox.submission, slots),
                dataset=Dataset("none"),
            )

    return go


CHECK = '''
def mean_of(x):
    return float(x.double().mean())

def share_of(x):
    return float(x.double().sigmoid().mean())

@check("one", title="One", points=10{mark})
def test_one(submission, draw):
    """What is asked: 5.75 at 3.5."""
    x = draw.normal(6)
    {body}
'''

LEAKING = {
    "an f-string": """want = mean_of(x)
    got = expect.number(submission.stats(x)["mean"], what="mean")
    expect.that(abs(got - want) < 1e-4, f"The mean is {got:.4g} but should be {want:.4g}.")""",
    "reveal": 'expect.close_number(submission.share(x), share_of(x), reveal=True, what="share")',
    "reveal of a small tensor": 'expect.close(submission.double(x), 2 * x, reveal=True, what="double(x)")',
    "reveal of one element among many": """x = draw.normal(9, 10)
    expect.close(submission.double(x), 2 * x, reveal=True, what="double(x)")""",
    "the message to partial credit": """want = float(x.double().max() * 3)
    got = expect.number(submission.stats(x)["largest"], what="largest")
    expect.award(max(0.0, 1 - abs(got - want)), f"largest is off; {want:.3f} was wanted")""",
    "a percentage": """want = share_of(x)
    got = expect.number(submission.share(x), what="share")
    expect.that(abs(got - want) < 1e-4, f"Of all, {want:.2%} are positive.")""",
    "a small whole number that changes with the question": """n = draw.integer(2, 9)
    expect.integer(submission.label(n), want=n * n + 1, reveal=True, what=f"label({n})")""",
    "the second of two questions": """expect.close(submission.double(x), 2 * x, what="double(x)")
    y = draw.normal(5)
    expect.close(submission.double(y), 2 * y, reveal=True, what="double(y)")""",
    "the second part of an answer": """found = expect.mapping(submission.stats(x), ["mean", "largest"], what="stats(x)")
    expect.close_number(found["mean"], float(x.double().mean()), what="mean")
    expect.close_number(found["largest"], float(x.double().max() * 3), reveal=True, what="largest")""",
    "an answer of a handle": """add = expect.handle(submission.adder(2.0), what="adder(2)")
    expect.close_number(add(x), float(x.double().sum()) + 2, reveal=True, what="adder(2)(x)")""",
}

SILENT = {
    "shapes and dtypes": """want = 3 * x.unsqueeze(1) + 1
    expect.close(submission.column(x), want, dtype=torch.float32, what=f"column(x) of shape {tuple(x.shape)}")""",
    "the student's own numbers": 'expect.close_number(submission.stats(x)["mean"], mean_of(x), what="mean")',
    "thresholds": """off = abs(expect.number(submission.share(x), what="share") - share_of(x))
    expect.at_least(off, 0.125, 0.0375, what="the error")""",
    "inputs": """expect.that(torch.equal(expect.tensor(submission.double(x), what="double"), 2 * x),
        f"double({[round(v, 4) for v in x.tolist()]}) is not right.")""",
    "what the docstring says": """got = expect.number(submission.share(x), what="share")
    expect.that(abs(got - share_of(x)) < 1e-4, "It is 5.75 at 3.5.")""",
    "a small number that never changes": 'expect.integer(submission.label(3), want=10, reveal=True, what="label(3)")',
    "strings and exceptions": """expect.that(submission.words(2) == "yesyes", "words(2) is not right.")
    expect.raises("KeyError", lambda: submission.refuse(x), what="refuse(x)")""",
}


@pytest.mark.parametrize("body", LEAKING.values(), ids=LEAKING)
def test_a_message_that_tells_a_right_value_is_found(tried, body):
    found = tried(body)
    assert [leak.check for leak in found.leaks] == ["one"], found
    assert found.faults == ()


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT)
def test_a_message_that_tells_none_is_not_reported(tried, body):
    found = tried(body)
    assert (found.leaks, found.faults) == ((), ())
    assert found.messages > 0


@pytest.mark.parametrize("mark", [", reveals=True", ', visibility="staff"'])
def test_a_check_may_reveal_what_it_declares_or_what_no_student_sees(tried, mark):
    assert tried(LEAKING["an f-string"], mark).leaks == ()


def test_the_finding_quotes_the_message_and_the_number(tried):
    (leak,) = tried(LEAKING["an f-string"]).leaks
    (value,) = leak.values
    assert leak.message.endswith(f"but should be {value}.")


CHAIN = """
@pytest.fixture(scope="module")
def answer(submission, draw):
    x = draw.normal(4)
    want = float(x.double().mean())
    {look}
    return submission.stats(x)["mean"]

@check("first", title="First", points=5)
def test_first(submission, draw, answer):
    n = draw.integer(2, 9)
    expect.integer(submission.label(n), want=n * n + 1, what="label(n)")

@check("second", title="Second", points=5, depends=("first",))
def test_second(submission, draw):
    x = draw.normal(4)
    expect.close(submission.double(x), 2 * x, reveal={reveal}, what="double(x)")
"""


def test_a_check_that_depends_on_another_is_reached(tried):
    found = tried("", suite=CHAIN.format(look="pass", reveal=True))
    assert [leak.check for leak in found.leaks] == ["second"]


def test_what_a_fixture_says_counts_as_what_its_first_check_says(tried):
    look = 'expect.close_number(submission.stats(x)["mean"], want, reveal=True, what="mean")'
    found = tried("", suite=CHAIN.format(look=look, reveal=False))
    assert [leak.check for leak in found.leaks] == ["first"]


def test_a_suite_that_trips_over_a_false_answer_is_found_and_its_other_checks_are_still_tried(tried):
    suite = """
@check("trips", title="Trips", points=5)
def test_trips(submission):
    assert submission.label(2) == 5

@check("tells", title="Tells", points=5)
def test_tells(submission, draw):
    x = draw.normal(4)
    expect.close(submission.double(x), 2 * x, reveal=True, what="double(x)")
"""
    found = tried("", suite=suite)
    assert [fault.split(":")[0] for fault in found.faults] == ["test_trips (test_hidden.py"]
    assert [leak.check for leak in found.leaks] == ["tells"]


def test_more_trainings_than_the_reference_needed_are_answered_too(tried, lab, sandbox):
    suite = """
@check("train", title="Train", points=10)
def test_train(submission, draw, trials):
    x = draw.normal(5)
    want = float(x.double().mean())
    def attempt(seed):
        got = expect.number(submission.stats(x)["mean"], what="mean")
        return Verdict(1.0 if abs(got - want) < 1e-4 else 0.3, f"{want:.4f} is the mean")
    trials.best(attempt)
"""
    made = lab(suite, best_of={"train": 3})
    with Slots(sandbox(ANSWERS)) as slots:
        found = with_suite(
            made, made.hidden_suite, lambda e: falsify(e, sandbox.submission, slots), dataset=Dataset("none")
        )
    assert [leak.check for leak in found.leaks] == ["train"]
