"""Suites in pytest; rows of feedback out of them."""

import os
import shutil
from dataclasses import replace

import pytest
import torch

from grader.datasets import TensorsSpec
from grader.errors import InvalidLab, SandboxLost
from grader.examine import plugin
from grader.examine.checks import Unjudged
from grader.examine.examination import examine, with_suite
from grader.examine.plugin import Dataset
from grader.examine.slots import Slots
from grader.labs import FeedbackSpec
from grader.model import Ending, FigureKind, Flag, Outcome, Visibility

ONE = '''
@check("one", title="One", points=10, group="Numbers", hint="Think of 1.")
def test_one(submission):
    """one() returns 1,
    as an integer.

    Notes for the author.
    """
    expect.integer(submission.one(), want=1, what="one()")
'''
TWO = """
@check("one", title="One", points=4)
def test_one(submission):
    expect.integer(submission.one(), want=1, what="one()")

@check("two", title="Two", points=6, depends=("one",))
def test_two(submission):
    expect.integer(submission.two(), want=2, what="two()")
"""


def outcomes(run):
    return {row.id: row.outcome.value for row in run.checks}


def test_a_right_answer_passes_and_the_row_says_what_was_asked(run, sandbox):
    found = run(ONE, sandbox({"one": lambda: 1}))
    (row,) = found.checks
    assert (row.outcome, row.points, row.max_points, row.message) == (Outcome.PASSED, 10, 10, "")
    assert (row.title, row.group, row.hint) == ("One", "Numbers", "Think of 1.")
    assert row.asked == "one() returns 1, as an integer."
    assert (found.ending, found.score, found.sandbox.launcher) == (Ending.COMPLETED, 10, "fake")


def test_a_wrong_answer_fails_with_the_message_of_expect(run, sandbox):
    (row,) = run(ONE, sandbox({"one": lambda: 3})).checks
    assert (row.outcome, row.points, row.message) == (Outcome.FAILED, 0, "one() is 3, which is not right.")


def test_code_that_raises_is_an_error_with_its_own_lines(run, sandbox):
    found = run(ONE, sandbox({"one": lambda: 1 // 0}))
    (row,) = found.checks
    assert row.outcome is Outcome.ERROR
    assert row.message == "Your code raised ZeroDivisionError: integer division or modulo by zero"
    assert row.traceback == "  line 1"
    assert found.ending is Ending.COMPLETED


ALONE = """
@check("alone", title="Alone", points=10)
def test_alone(submission):
    model, inputs = submission.model(), torch.ones(5, 3)
    expect.alone(model, inputs, expect.tensor(model(inputs), what="model()(x)"), what="model()(x)")
"""


class Squeezed(torch.nn.Module):
    def forward(self, x):
        return x.squeeze().mean(dim=1, keepdim=True)


@pytest.mark.parametrize(
    ("model", "raised"),
    [
        (Squeezed, "IndexError: Dimension out of range"),
        (lambda: torch.nn.BatchNorm1d(3), "ValueError: Expected more than 1 value per channel"),
    ],
)
def test_a_network_that_raises_on_one_input_alone_is_told_that_it_was_asked_so(run, sandbox, model, raised):
    (row,) = run(ALONE, sandbox({"model": model})).checks
    asked, error, advice = row.message.split("\n")
    assert asked == (
        "The same network was given one input alone, of shape (1, 3), after it had answered a larger batch."
    )
    assert error.startswith(f"Your code raised {raised}")
    assert "squeeze()" in advice
    assert "eval()" in advice
    assert (row.outcome, row.traceback) == (Outcome.ERROR, "  line 1")


def test_what_was_asked_of_a_network_alone_is_told_though_what_it_raised_is_kept(run, sandbox):
    (row,) = run(ALONE, sandbox({"model": Squeezed}), feedback=FeedbackSpec(output=False)).checks
    assert row.message.split("\n")[1] == "Your code raised IndexError."


def test_a_lab_may_keep_what_the_code_raised_on_hidden_checks_to_itself(run, sandbox):
    def leak():
        raise RuntimeError("the hidden input was 7")

    found = run(ONE, sandbox({"one": leak}, prints=b"7"), feedback=FeedbackSpec(output=False))
    assert (found.checks[0].message, found.checks[0].traceback) == ("Your code raised RuntimeError.", "")
    assert found.output == ""


PICTURED = """
from grader.examine.figures import Dots

@check("pictured", title="Pictured", points=10)
def test_pictured(submission, figures):
    answer = expect.tensor(submission.answer(), what="answer()")
    values = answer.flatten().tolist()
    figures.confusion(1, 0, 1, 0)
    figures.bars(["0"], [0.5], "Bars", "Bars.", x="", y="")
    figures.images(answer, (), "Images", "Images.")
    figures.sheets([("drawn", answer)], "Sheets", "Sheets.")
    figures.plot("Line", "A line.", x="", y="", lines=[Line("answer", values)])
    figures.plot("Dots", "Dots.", x="", y="", dots=[Dots("answers", values, values)])
    expect.tensor(answer, shape=(3,), what="answer()")
"""


@pytest.mark.parametrize(
    ("output", "kinds"),
    [
        (True, ["confusion", "bars", "images", "sheets", "plot", "plot", "shapes"]),
        (False, ["confusion", "bars", "shapes"]),
    ],
)
def test_a_lab_that_keeps_what_code_wrote_shows_pictures_of_counts_alone(run, sandbox, output, kinds):
    found = run(PICTURED, sandbox({"answer": lambda: torch.rand(2, 3, 4)}), feedback=FeedbackSpec(output=output))
    assert [figure.kind.value for figure in found.figures] == kinds


def test_the_name_of_an_exception_class_is_text_of_the_student_too(run, sandbox):
    def leak():
        raise type("the hidden input was 7", (Exception,), {})

    found = run(ONE, sandbox({"one": leak}), feedback=FeedbackSpec(output=False))
    assert found.checks[0].message == "Your code raised an exception."


def test_a_missing_function_is_named(run, sandbox):
    (row,) = run(ONE, sandbox({"first": lambda: 1})).checks
    assert (row.outcome, row.message) == (
        Outcome.ERROR,
        "Your file does not define one. Add it, under exactly this name.",
    )


def test_a_file_with_nothing_of_what_is_asked_for_is_told_and_left_to_a_person_to_look_at(run, sandbox):
    found = run(ONE, sandbox({"first": lambda: 1}))
    assert found.flags == (Flag.DEFINES_NOTHING,)
    assert found.notes[0].startswith(
        "Your file defines nothing of what this lab asks for. Is it the file of another lab?"
    )


def test_a_file_with_a_part_of_what_is_asked_for_is_left_as_it_is(run, sandbox):
    def late():
        raise ValueError

    found = run((ONE + ONE.replace("one", "two")).replace("points=10", "points=5"), sandbox({"two": late}))
    assert [row.message for row in found.checks] == [
        "Your file does not define one. Add it, under exactly this name.",
        "Your code raised ValueError.",
    ]
    assert (found.flags, found.notes) == ((), ())


def test_a_misspelt_function_is_guessed(run, sandbox):
    suite = ONE.replace("submission.one", "submission.first_row")
    (row,) = run(suite, sandbox({"firstrow": lambda: 1})).checks
    assert row.message == "Your file does not define first_row. Is firstrow meant to be it?"


def test_points_between_two_thresholds(run, sandbox):
    suite = """
@check("accuracy", title="Accuracy", points=10)
def test_accuracy(submission):
    expect.at_least(submission.accuracy(), 0.5, 1.0, what="accuracy")
"""
    (row,) = run(suite, sandbox({"accuracy": lambda: 0.75})).checks
    assert (row.outcome, row.points) == (Outcome.PARTIAL, 5)
    assert row.message == "accuracy is 0.75. All points are given from 1 on, none at 0.5 or less."


def test_a_check_is_skipped_when_what_it_needs_did_not_pass(run, sandbox):
    fake = sandbox({"one": lambda: 0, "two": lambda: 2})
    found = run(TWO, fake)
    assert outcomes(found) == {"one": "failed", "two": "skipped"}
    assert found.checks[1].message == "Needs “One”, which did not pass."
    assert fake.calls == ["one"]


def test_partial_credit_is_enough_for_what_depends_on_it(run, sandbox):
    suite = TWO.replace('expect.integer(submission.one(), want=1, what="one()")', 'expect.award(0.5, "half")')
    assert outcomes(run(suite, sandbox({"two": lambda: 2}))) == {"one": "partial", "two": "passed"}


FIXTURE = """
@pytest.fixture(scope="SCOPE")
def model(submission):
    return expect.integer(submission.train(), what="train()")

@check("one", title="One", points=4)
def test_one(model):
    expect.that(model == 1, "no")

@check("two", title="Two", points=6)
def test_two(model):
    expect.that(model == 1, "no")
"""


@pytest.mark.parametrize("scope", ["module", "function", "session"])
def test_what_a_fixture_found_is_told_once(run, sandbox, scope):
    def train():
        raise ValueError("no data")

    fake = sandbox({"train": train})
    found = run(FIXTURE.replace("SCOPE", scope), fake)
    assert [(row.outcome.value, row.message) for row in found.checks] == [
        ("error", "Your code raised ValueError: no data"),
        ("skipped", "Needs “One”, which did not pass."),
    ]
    assert fake.calls == ["train"]


def test_a_fixture_that_fails_inside_another_is_told_once(run, sandbox):
    suite = FIXTURE.replace("SCOPE", "module").replace("def test_two(model)", "def test_two(more)") + (
        "\n@pytest.fixture\ndef more(model):\n    return model\n"
    )
    found = run(suite, sandbox({"train": lambda: "text"}))
    assert outcomes(found) == {"one": "failed", "two": "skipped"}
    assert found.checks[0].message == "train() returned a string; return a number."


def test_a_fixture_of_module_scope_is_made_once_for_each_submission(lab, sandbox):
    fake = sandbox({"train": lambda: 1})
    made = lab(FIXTURE.replace("SCOPE", "module"))

    def twice(one):
        return [one(fake_submission, slots).score for fake_submission in (sandbox.submission, sandbox.submission)]

    with Slots(fake) as slots:
        assert with_suite(made, made.hidden_suite, twice, dataset=Dataset()) == [10, 10]
    assert fake.calls == ["train", "train"]


def test_a_finding_while_a_fixture_is_torn_down_is_no_fault_of_ours(run, sandbox):
    suite = """
@pytest.fixture
def thing(submission):
    yield 1
    submission.cleanup()

@check("one", title="One", points=10)
def test_one(thing):
    pass
"""
    found = run(suite, sandbox({}))
    assert (found.ending, outcomes(found)) == (Ending.COMPLETED, {"one": "passed"})


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("assert not submission.one()", "AssertionError. The line is “assert not submission.one()”. Say expect.that("),
        (
            "submission.one().shape",
            "AttributeError: 'int' object has no attribute 'shape'",
        ),
        (
            "submission.one(object())",
            "TypeError: something of type object cannot be sent to a submission",
        ),
        ("pytest.skip('later')", "Skipped: later"),
    ],
)
def test_a_suite_that_is_wrong_breaks_the_run_and_says_where(run, sandbox, body, fault):
    suite = f'@check("one", title="One", points=10)\ndef test_one(submission):\n    {body}\n'
    found = run(suite, sandbox({"one": lambda: 1}))
    assert (found.ending, found.checks) == (Ending.BROKEN, ())
    assert found.fault.startswith("test_one (test_hidden.py:5): " + fault)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("draws", r"a fixture “draws”, which is not there\. Did you mean “draw”\?"),
        ("nosuch", r"“nosuch”, which is not there\. There are data, digits, draw, .*, and those that the suite"),
    ],
)
def test_an_unknown_fixture_is_named_with_the_one_that_may_be_meant(run, sandbox, name, sentence):
    with pytest.raises(InvalidLab, match=sentence):
        run(f'@check("one", title="One", points=10)\ndef test_one({name}): pass\n', sandbox({}))


SHAPES = """
@check("one", title="One", points=4)
def test_one(submission):
    assert submission.one().shape

@check("two", title="Two", points=6)
def test_two(submission):
    expect.integer(submission.two(), want=2, what="two()")
"""


def odd_and_reference(reference):
    """The names of a file that answers oddly, and at the second import those of the reference."""
    solutions = iter([{"one": lambda: 1, "two": lambda: 2}, {"one": reference}])
    return lambda: next(solutions)


def test_an_answer_that_a_check_fails_over_costs_that_check_if_it_judges_the_reference(run, sandbox, lab):
    lab(SHAPES).solution.write_text("def one(): ...\n")
    found = run(SHAPES, sandbox(odd_and_reference(lambda: torch.ones(2))))
    assert (found.ending, outcomes(found)) == (Ending.COMPLETED, {"one": "error", "two": "passed"})
    assert (found.score, found.flags) == (6, (Flag.NOT_JUDGED,))
    assert found.checks[0].message == str(Unjudged())
    assert found.fault.startswith("test_one (test_hidden.py:")


@pytest.mark.parametrize("there", [True, False])
def test_a_check_that_fails_over_the_reference_too_or_has_none_breaks_the_run(run, sandbox, lab, there):
    if there:
        lab(SHAPES).solution.write_text("def one(): ...\n")
    found = run(SHAPES, sandbox(odd_and_reference(lambda: 1)))
    assert (found.ending, found.checks) == (Ending.BROKEN, ())
    assert found.fault.startswith("test_one (test_hidden.py:")


def test_what_no_answer_leads_to_breaks_the_run(run, sandbox, lab):
    suite = SHAPES.replace("assert submission.one().shape", "open('/nonexistent/file')")
    lab(suite).solution.write_text("")
    assert run(suite, sandbox({"one": lambda: 1, "two": lambda: 2})).ending is Ending.BROKEN


@pytest.mark.parametrize(
    ("suite", "sentence"),
    [
        ("def test_one(): pass", "test_one is a test without @check(…), so it would earn nothing. Add the mark."),
        (TWO.replace('"two"', '"one"', 1), "two checks have the id “one”; the other one is at line 4. Give each its"),
        (
            TWO.replace('("one",)', '("three",)'),
            "check “two” depends on “three”, and there is no such check above it. Put the id right.",
        ),
        (TWO.replace("points=4", "points=-4"), "check “one” has -4 points. Give it 0 or more."),
        ("1/0", "test_hidden.py:3 cannot be imported: ZeroDivisionError: division by zero. The line is “1/0”."),
        ("def test(:", "test_hidden.py:3 is not Python: invalid syntax. The line is “def test(:”."),
        ("import nosuchmodule", "cannot be imported: ModuleNotFoundError: No module named 'nosuchmodule'."),
        ("", "has no checks. See the page “Writing a suite” of the documentation."),
    ],
)
def test_a_suite_that_breaks_the_rules_is_the_instructors_to_put_right(run, sandbox, suite, sentence):
    with pytest.raises(InvalidLab) as caught:
        run(suite, sandbox({}))
    assert sentence in str(caught.value)
    assert "test_hidden.py" in str(caught.value)


def test_the_points_of_the_hidden_suite_are_the_labs(run, sandbox):
    with pytest.raises(InvalidLab, match=r"add up to 10, but the lab is worth 100\."):
        run(TWO, sandbox({}), points=100.0)
    with pytest.raises(InvalidLab, match=r"add up to 10, but the lab is worth 10\.00002\."):
        run(TWO, sandbox({}), points=10.00002)


def test_a_suite_that_is_not_there(lab, sandbox):
    made = lab(ONE)
    made.hidden_suite.unlink()
    with pytest.raises(InvalidLab, match="is missing: the lab lab has no such suite"):
        with_suite(made, made.hidden_suite, lambda one: None, dataset=Dataset())


def test_digits_for_a_lab_without_a_dataset(run, sandbox):
    suite = '@check("one", title="One", points=10)\ndef test_one(digits): pass\n'
    with pytest.raises(InvalidLab, match="asks for digits; say dataset = "):
        run(suite, sandbox({}))


def test_digits_are_the_labs_dataset(run, sandbox):
    suite = '@check("one", title="One", points=10)\ndef test_one(digits): expect.that(digits.name == "digits", "no")\n'
    assert run(suite, sandbox({}), dataset="digits28").score == 10


OWN = """
@check("one", title="One", points=10)
def test_one(submission, data):
    seen.append(data)
    expect.that((data.name, len(data.train_inputs), len(data.test_inputs)) == ("torch", 6, 2), "no")

seen = []
"""


def test_data_is_the_labs_own_split_for_the_suite_and_one_for_all_submissions(lab, sandbox, tmp_path):
    made = lab(OWN, dataset=TensorsSpec())
    torch.save((torch.rand(8, 3), torch.rand(8)), made.reference / "data.pt")

    def twice(examine):
        with Slots(sandbox({})) as slots:
            scores = [examine(sandbox.submission, slots).score for _ in range(2)]
        first, second = examine._plugin._items[0].obj.__globals__["seen"]
        return scores, first is second

    assert with_suite(made, made.hidden_suite, twice, dataset=Dataset("torch")) == ([10, 10], True)


def test_data_that_is_not_right_is_told_before_any_submission_is_asked(lab):
    made = lab(OWN, dataset=TensorsSpec())
    with pytest.raises(InvalidLab, match=r"reference/lab/data\.pt is missing"):
        with_suite(made, made.hidden_suite, lambda _: pytest.fail("a submission could come"), dataset=Dataset("torch"))


def test_data_is_not_read_for_a_suite_that_does_not_ask_for_it(run, sandbox):
    assert run(ONE, sandbox({"one": lambda: 1}), dataset=TensorsSpec()).score == 10


def test_a_public_suite_gets_parts_of_what_students_have(lab, sandbox, tmp_path):
    made = lab(OWN, dataset=TensorsSpec())
    made.assignment.mkdir(parents=True)
    torch.save((torch.rand(90, 3), torch.rand(90)), made.reference / "data.pt")
    torch.save((torch.rand(8, 3), torch.rand(8)), made.assignment / "data.pt")
    made.hidden_suite.rename(made.public_suite)
    with Slots(sandbox({})) as slots:
        found = examine(made, made.public_suite, sandbox.submission, slots, dataset=Dataset("torch"))
    assert found.score == 10


@pytest.mark.parametrize(("asks", "dataset"), [("data", "none"), ("data", "digits28"), ("digits", TensorsSpec())])
def test_a_suite_that_asks_for_what_the_lab_does_not_have_is_told_how_to_have_it(run, sandbox, asks, dataset):
    suite = f'@check("one", title="One", points=10)\ndef test_one({asks}): pass\n'
    with pytest.raises(InvalidLab, match=rf"asks for {asks}; say "):
        run(suite, sandbox({}), dataset=dataset)


def test_the_judge_is_that_of_the_labs_dataset(run, sandbox, monkeypatch):
    monkeypatch.setattr(plugin, "judge_for", lambda digits: f"the judge of {digits.name}")
    suite = """
@check("one", title="One", points=10)
def test_one(judge):
    expect.that(judge == "the judge of digits", "no")
"""
    assert run(suite, sandbox({}), dataset="digits28").score == 10


def test_the_other_fixtures(run, sandbox):
    suite = """
@check("one", title="One", points=10, visibility="staff")
def test_one(submission, figures, flags, lab):
    figures.confusion(9, 1, 8, 2)
    figures.images(torch.zeros(3, 2, 2, dtype=torch.uint8), ["a", "b", "c"], "Samples", "Three samples.")
    flags.add(Flag.MEMORISED)
    expect.that(lab.title == "Lab", "no")
"""
    found = run(suite, sandbox({}))
    assert found.flags == (Flag.MEMORISED,)
    assert found.checks[0].visibility is Visibility.STAFF
    confusion, images = found.figures
    assert confusion.data == {"tp": 9, "fp": 1, "tn": 8, "fn": 2, "positive": "digit"}
    assert confusion.alt == "Of 11 images of the digit, 9 were recognised; of 9 others, 1 were taken for the digit."
    assert (images.kind, images.data["shape"], images.about) == (FigureKind.IMAGES, [3, 2, 2], "one")


DRAWS = """
@pytest.fixture(scope="module")
def base(draw):
    return draw.seed()

@check("one", title="One", points=4)
def test_one(submission, draw, base):
    submission.seen("one", base, draw.seed())

@check("two", title="Two", points=6)
def test_two(submission, draw, base):
    submission.seen("two", base, draw.seed())
"""


def test_questions_depend_on_the_submission_and_on_nothing_else(run, sandbox, tmp_path):
    seen = []
    fake = sandbox({"seen": lambda *values: seen.append(values)})
    run(DRAWS, fake)
    first, seeds = list(seen), [entry for entry in fake.log if entry[0] == "seen"]
    for change in {}, {"salt": "again"}, {"submission": replace(sandbox.submission, digest="1" * 64)}:
        seen.clear()
        fake.log.clear()
        shutil.rmtree(tmp_path / "reference")
        run(DRAWS, fake, **change)
        same = seen == first and [entry for entry in fake.log if entry[0] == "seen"] == seeds
        assert same is (change == {})
    assert len({value for _, *values in first for value in values}) == 3  # one for the fixture, one for each check


def test_results_are_told_as_they_come(run, sandbox):
    told = []
    run(TWO, sandbox({"one": lambda: 1, "two": lambda: 3}), on_check=told.append)
    assert [(row.id, row.outcome.value) for row in told] == [("one", "passed"), ("two", "failed")]


def test_the_environments_pytest_options_are_not_heard(run, sandbox, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only -k nothing")
    monkeypatch.setenv("PYTEST_PLUGINS", "nosuchplugin")
    assert run(ONE, sandbox({"one": lambda: 1})).score == 10
    assert os.environ["PYTEST_ADDOPTS"] == "--collect-only -k nothing"
    assert "PYTEST_CURRENT_TEST" in os.environ


def test_plugins_that_happen_to_be_installed_are_not_loaded(run, sandbox, tmp_path, monkeypatch):
    (tmp_path / "installed_by_chance.py").write_text("raise RuntimeError('loaded')")
    about = tmp_path / "installed_by_chance-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: installed-by-chance\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[pytest11]\nchance = installed_by_chance\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert run(ONE, sandbox({"one": lambda: 1})).score == 10


def test_a_conftest_and_an_ini_file_beside_the_suite_are_not_read(run, sandbox, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where pytest looks, too
    (tmp_path / "conftest.py").write_text("raise SystemExit('read')")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nosuchoption\n")
    assert run(ONE, sandbox({"one": lambda: 1})).score == 10


@pytest.mark.parametrize("course", ["course [a]", "a::b", "[", "year=2026 %(x)s", "-k", "schön", "test_hidden.py"])
def test_a_course_may_lie_in_a_folder_of_any_name(run, sandbox, course):
    assert run(ONE, sandbox({"one": lambda: 1}), course=course).score == 10


def test_warnings_of_a_suite_are_not_errors(run, sandbox):
    suite = ONE + "\nimport warnings\nwarnings.warn('old')\n"
    assert run(suite, sandbox({"one": lambda: 1})).score == 10


def test_a_lost_slot_ends_the_examination_and_is_replaced(lab, sandbox):
    lost = [True]

    def one():
        if lost.pop() if lost else False:
            raise sandbox.Dies
        return 1

    fake, made = sandbox({"one": one}), lab(ONE)

    def twice(examine):
        with pytest.raises(SandboxLost):
            examine(sandbox.submission, slots)
        return examine(sandbox.submission, slots)

    with Slots(fake) as slots:
        assert with_suite(made, made.hidden_suite, twice, dataset=Dataset()).score == 10
    assert [entry for entry in fake.log if entry in {"open", "close"}] == ["open", "close", "open", "close"]


def test_an_interruption_is_passed_on(lab, sandbox):
    def interrupted():
        raise KeyboardInterrupt

    made = lab(ONE)
    with Slots(sandbox(interrupted)) as slots, pytest.raises(KeyboardInterrupt):
        with_suite(made, made.hidden_suite, lambda one: one(sandbox.submission, slots), dataset=Dataset())
