"""Lab 6 as it is graded: the solution, the starter, what is wrong, and what is right in another way."""

import doctest
import hashlib
import re
from pathlib import Path

import pytest

from grader.examine.examination import examine
from grader.examine.plugin import Dataset
from grader.labs import find_course
from grader.model import Ending, Outcome, Student, Submission

LAB = find_course(Path(__file__).parent).lab("lab6_data")
POINTS = {"DigitCSV": 30, "add_mult": 15, "batches": 20, "split": 15, "channel_stats": 20}
ROWS = {"compose": "add_mult"}
"""Functions that share the row of another one."""
FUNCTIONS = (*POINTS, *ROWS)
RIGHT = sorted((Path(__file__).parents[1] / "classes" / "lab6_right").iterdir())


@pytest.fixture
def graded(slots):
    def go(source, suite=LAB.hidden_suite, salt="", entry="lab6_data.py"):
        digest = hashlib.sha256(source).hexdigest()
        submission = Submission(Student("ada", "Ada"), LAB.name, {entry: source}, entry, digest, "a test")
        return examine(LAB, suite, submission, slots, dataset=Dataset(), salt=salt)

    return go


def lost(run):
    return {check.id for check in run.checks if check.points < check.max_points}


def told(run):
    return {check.id: check.message for check in run.checks if check.message}


# ---------------------------------------------------------------- the solution and the starter


@pytest.mark.parametrize("suite", [LAB.hidden_suite, LAB.public_suite], ids=["hidden", "public"])
def test_the_solution_earns_everything(graded, suite):
    run = graded(LAB.solution.read_bytes(), suite)
    assert told(run) == {}
    assert (run.ending, run.score, run.max_score) == (Ending.COMPLETED, 100, 100)


def test_the_solution_earns_everything_whatever_is_drawn(graded):
    runs = [graded(LAB.solution.read_bytes(), salt=f"{salt}") for salt in range(20)]
    assert [told(run) for run in runs if run.score < 100] == []


@pytest.mark.parametrize("suite", [LAB.hidden_suite, LAB.public_suite], ids=["hidden", "public"])
def test_the_starter_earns_nothing(graded, suite):
    run = graded((LAB.assignment / "lab6_data.py").read_bytes(), suite)
    assert (run.ending, run.score) == (Ending.COMPLETED, 0)
    assert {check.outcome for check in run.checks} <= {Outcome.ERROR, Outcome.SKIPPED}


@pytest.mark.parametrize("suite", [LAB.hidden_suite, LAB.public_suite], ids=["hidden", "public"])
def test_each_row_is_worth_what_the_contract_says(graded, suite):
    found = dict.fromkeys(POINTS, 0)
    for check in graded(b"", suite).checks:
        name = re.match(r"\w+", check.title)[0]
        found[ROWS.get(name, name)] += check.max_points
    assert found == POINTS


# ---------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(("mutant", "losses"), LAB.mutant_losses().items())
def test_a_mistake_costs_its_own_checks_and_no_other(graded, mutant, losses):
    run = graded(LAB.mutant_source(LAB.mutants / mutant))
    assert lost(run) == set(losses), told(run)
    assert run.ending is Ending.COMPLETED


def test_every_check_is_lost_by_some_mistake(graded):
    checks = {check.id for check in graded(b"").checks}
    assert set().union(*LAB.mutant_losses().values()) == checks


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_is_missing_costs_its_own_checks_and_no_other(graded, name):
    run = graded(LAB.solution.read_bytes() + f"\n\ndel {name}\n".encode())
    for check in run.checks:
        assert (check.points == 0) == check.title.startswith(name), check.title


ANSWERS = [
    "None", "0", "0.5", "{}", "[]", "()", "[1, 2]", "'x'", "given[0]", "given", "(given[0], given[0])", "dict",
    "torch.zeros(5)", "torch.zeros(3, 784)", "torch.nn.Identity()", "[(0, torch.zeros(784), torch.zeros(10))] * 6",
    "[[torch.zeros(4), torch.zeros(4, 784), torch.zeros(4, 10)]] * 9", "lambda *pair: pair", "lambda *pair: None",
    "(torch.zeros(3), torch.ones(3))", "[None, None]", "iter(int, 1)", "[(None, None, None)] * 6", "[object()] * 6",
]  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_ignores_the_question_earns_nothing(graded, answer):
    functions = "".join(f"def {name}(*given, transform=None):\n    return {answer}\n\n\n" for name in FUNCTIONS)
    run = graded(f"import torch\n\n\n{functions}".encode())
    assert (run.ending, [check.id for check in run.checks if check.points]) == (Ending.COMPLETED, []), run.fault


def test_a_transform_that_leaves_all_as_it_is_earns_nothing(graded):
    source = (
        "def add_mult(add, mul):\n    return lambda pair: pair\n\n\ndef compose(*_):\n    return lambda pair: pair\n"
    )
    run = graded(source.encode())
    assert (run.ending, run.score) == (Ending.COMPLETED, 0)


def test_a_loop_without_end_costs_its_own_row(graded):
    endless = (
        b"\n\ndef batches(dataset, batch_size, seed):\n    while True:\n        yield default_collate([dataset[0]])\n"
    )
    run = graded(LAB.solution.read_bytes() + b"\nfrom torch.utils.data import default_collate\n" + endless)
    assert (run.ending, run.score) == (Ending.COMPLETED, 80)


# ---------------------------------------------------------------- what is right in another way


@pytest.mark.parametrize("suite", [LAB.hidden_suite, LAB.public_suite], ids=["hidden", "public"])
@pytest.mark.parametrize("path", RIGHT, ids=[path.stem for path in RIGHT])
def test_right_in_any_style_earns_everything(graded, path, suite):
    run = graded(path.read_bytes(), suite, entry=f"lab6_data{path.suffix}")
    assert (run.score, told(run)) == (100, {})


# ---------------------------------------------------------------- the handout


def test_the_handout_says_what_each_row_is_worth():
    rows = re.findall(r"^\| `(\w+)\(.*\| (\d+) \|$", (LAB.assignment / "README.md").read_text(), re.MULTILINE)
    assert {name: int(points) for name, points in rows} == POINTS


def test_the_examples_of_the_handout_are_true(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = re.sub(r"^```.*$", "", (LAB.assignment / "README.md").read_text(), flags=re.MULTILINE)
    names = {}
    exec(LAB.solution.read_bytes(), names)
    example = doctest.DocTestParser().get_doctest(text, names, "README.md", "README.md", 0)
    assert doctest.DocTestRunner().run(example) == (0, 24)
