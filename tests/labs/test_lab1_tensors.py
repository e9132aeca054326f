"""Lab 1 as it is graded: the solution, the starter, what is wrong, what is unusual, and the sample class."""

import dataclasses
import doctest
import hashlib
import re
from pathlib import Path

import msgspec
import pytest

from grader import intake
from grader.examine.examination import examine
from grader.examine.plugin import Dataset
from grader.labs import find_course
from grader.model import Ending, Outcome, Student, Submission

COURSE = find_course(Path(__file__).parent)
PUBLISHED = COURSE.lab("lab1_tensors")
# An infinite loop need not be watched for as long as in grading.
LIMITS = msgspec.structs.replace(PUBLISHED.spec.limits, plain_seconds=3.0)
LAB = dataclasses.replace(PUBLISHED, spec=msgspec.structs.replace(PUBLISHED.spec, limits=LIMITS))

POINTS = {
    "first_row": 4, "first_column": 4, "transpose": 4, "squeeze_all": 5, "squeeze_dim": 5, "add_dim": 5, "view_as": 6,
    "to_column": 4, "images_to_rows": 6, "digit_targets": 5, "one_hot": 5, "standardise": 5, "perceptron": 5,
    "forward": 6, "parameter_count": 5, "cubic_gradient": 5, "partials": 5, "mse_gradient": 5, "conv_output_size": 6,
    "same_padding": 5,
}  # fmt: skip
RIGHT = sorted((Path(__file__).parents[1] / "classes" / "lab1_right").glob("*.py"))
SAMPLES = {found.student.key: found for found in intake.collect([LAB.sample_class], LAB.name)}


@pytest.fixture
def graded(slots):
    def go(source, suite=LAB.hidden_suite, salt=""):
        if isinstance(source, Submission):
            return examine(LAB, suite, source, slots, dataset=Dataset(), salt=salt)
        digest = hashlib.sha256(source).hexdigest()
        files = {"lab1_tensors.py": source}
        submission = Submission(Student("ada", "Ada"), LAB.name, files, "lab1_tensors.py", digest, "a test")
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
    run = graded((LAB.assignment / "lab1_tensors.py").read_bytes(), suite)
    assert (run.ending, run.score) == (Ending.COMPLETED, 0)
    assert {check.outcome for check in run.checks} <= {Outcome.ERROR, Outcome.SKIPPED}


@pytest.mark.parametrize("suite", [LAB.hidden_suite, LAB.public_suite], ids=["hidden", "public"])
def test_each_function_is_worth_what_the_contract_says(graded, suite):
    found = dict.fromkeys(POINTS, 0)
    for check in graded(LAB.solution.read_bytes(), suite).checks:
        found[check.title.partition(":")[0]] += check.max_points
    assert found == POINTS


# ---------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(("mutant", "losses"), LAB.mutant_losses().items())
def test_a_mistake_costs_its_own_checks_and_no_other(graded, mutant, losses):
    run = graded(LAB.mutant_source(LAB.mutants / mutant))
    assert lost(run) == set(losses), told(run)
    assert run.ending is Ending.COMPLETED or mutant == "infinite_loop.py"


@pytest.mark.parametrize(
    "answer",
    [
        "None",
        "0",
        "1",
        "True",
        "(0.0, 0.0)",
        "float('nan')",
        "torch.zeros(())",
        "torch.zeros(1)",
        "torch.ones(1, 1)",
        "torch.full((3, 1), float('nan'))",
        "torch.empty(0, 1)",
        "given[0]",
        "torch.zeros_like(torch.as_tensor(given[0]))",
    ],
)
def test_an_answer_that_ignores_the_question_earns_nothing(graded, answer):
    functions = "".join(f"def {name}(*given):\n    return {answer}\n\n\n" for name in POINTS)
    run = graded(f"import torch\n\n\n{functions}".encode())
    assert (run.score, [check.id for check in run.checks if check.points]) == (0, [])


def test_raising_the_error_that_is_asked_for_earns_nothing_by_itself(graded):
    functions = "".join(f"def {name}(*given):\n    raise RuntimeError\n\n\n" for name in POINTS)
    assert graded(functions.encode()).score == 0


# ---------------------------------------------------------------- what is right in another way


@pytest.mark.parametrize("suite", [LAB.hidden_suite, LAB.public_suite], ids=["hidden", "public"])
@pytest.mark.parametrize("path", RIGHT, ids=[path.stem for path in RIGHT])
def test_right_in_any_style_earns_everything(graded, path, suite):
    run = graded(path.read_bytes(), suite)
    assert (run.score, told(run)) == (100, {})


# ---------------------------------------------------------------- the sample class

SCORES = {
    "ana_lopez": 100,
    "bo_chen": 95,
    "carla_meyer": 100,
    "david_novak": 0,
    "emil_hansen": 95,
    "fatima_alaoui": 56,
    "goran_ilic": 82,
    "hana_suzuki": 79,
    "ines_costa": 0,
    "jonas_weber": 53,
}


def test_every_sample_has_a_score_to_expect():
    assert SAMPLES.keys() == SCORES.keys()


@pytest.mark.parametrize("student", SCORES)
def test_the_sample_class_scores_what_it_should(graded, student):
    run = graded(SAMPLES[student])
    assert run.score == SCORES[student], told(run)


def test_a_file_that_raises_at_import_is_told_so(graded):
    run = graded(SAMPLES["david_novak"])
    assert run.ending is Ending.CRASHED
    assert "RuntimeError: shape '[4, 2]' is invalid for input of size 6" in run.message


def test_cells_that_are_not_run_are_told(graded):
    assert any("cell 7" in note for note in graded(SAMPLES["bo_chen"]).notes)


def test_what_a_student_prints_is_output_and_nothing_else(graded):
    run = graded(SAMPLES["jonas_weber"])
    assert "SCORE: 100" in run.output
    assert not any("SCORE" in check.message for check in run.checks)


# ---------------------------------------------------------------- the handout


def test_the_handout_says_what_each_function_is_worth():
    rows = re.findall(r"^\| `(\w+)\(.*\| (\d+) \|$", (LAB.assignment / "README.md").read_text(), re.MULTILINE)
    assert {name: int(points) for name, points in rows} == POINTS


def test_the_examples_of_the_handout_are_true():
    text = re.sub(r"^```.*$", "", (LAB.assignment / "README.md").read_text(), flags=re.MULTILINE)
    names = {}
    exec(LAB.solution.read_bytes(), names)
    example = doctest.DocTestParser().get_doctest(text, names, "README.md", "README.md", 0)
    failed, tried = doctest.DocTestRunner().run(example)
    assert (failed, tried) == (0, 10)
