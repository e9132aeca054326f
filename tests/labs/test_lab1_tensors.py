"""Lab 1 as it is graded: the solution, the starter, what is wrong, what is unusual, and the sample class."""

import dataclasses

import grading
import msgspec
import pytest
from grading import COURSE, earned, lost, told

from grader import intake
from grader.model import Ending

PUBLISHED = COURSE.lab("lab1_tensors")
# An infinite loop need not be watched for as long as in grading.
LIMITS = msgspec.structs.replace(PUBLISHED.spec.limits, plain_seconds=3.0)
LAB = dataclasses.replace(PUBLISHED, spec=msgspec.structs.replace(PUBLISHED.spec, limits=LIMITS))
POINTS = grading.POINTS[LAB.name]
RIGHT = grading.right("lab1_right")

SAMPLES = {found.student.key: found for found in intake.collect([LAB.sample_class], LAB.name)}


# ---------------------------------------------------------------- the solution and the starter


def test_the_solution_earns_everything_whatever_is_drawn(graded):
    runs = [graded(LAB.solution.read_bytes(), salt=f"{salt}") for salt in range(20)]
    assert [told(run) for run in runs if run.score < 100] == []


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


@pytest.mark.parametrize("suite", ["hidden", "public"])
@pytest.mark.parametrize("path", RIGHT, ids=[path.stem for path in RIGHT])
def test_right_in_any_style_earns_everything(graded, path, suite):
    run = graded(path.read_bytes(), suite)
    assert (run.score, told(run)) == (100, {})


def test_a_dimension_is_added_to_matrices_alone_as_the_handout_says(graded):
    source = b"def add_dim(x, dim):\n    return (x[None], x[:, None], x[:, :, None])[dim]\n"
    assert earned(graded(source), "add-dim") == 5


# ---------------------------------------------------------------- the handout


def test_the_handout_says_what_time_there_is():
    text = " ".join((LAB.assignment / "README.md").read_text().split())
    limits = PUBLISHED.spec.limits
    assert f"importing your file may take {limits.call_seconds:g} seconds of CPU time" in text
    assert f"one call {limits.plain_seconds:g}, and the whole run {limits.run_seconds:g}." in text


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
