"""Lab 2 as it is graded: the solution, the starter, what is wrong, what is right in another way, and what is drawn.

A fit takes the solution two seconds, and a run has seven of them. So mistakes stand in a solution whose steps are fewer
and longer; `grader validate lab2_regression` grades them as they are.
"""

import dataclasses
import json
import re
import runpy
import textwrap

import grading
import msgspec
import pytest
import torch
from grading import COURSE, lost, told

from grader.examine.draw import Draw
from grader.model import Ending, Flag

LAB = COURSE.lab("lab2_regression")
POINTS = grading.POINTS[LAB.name]
RIGHT = grading.right("lab2_right")
SUITE = runpy.run_path(str(LAB.hidden_suite))
# A training without end need not be watched for as long as in grading.
LIMITS = msgspec.structs.replace(LAB.spec.limits, call_seconds=6.0)
QUICK = dataclasses.replace(LAB, spec=msgspec.structs.replace(LAB.spec, limits=LIMITS))

FIT = """

def fit(model, x, y, seed):
    for epochs, lr in (600, 0.3), (150, 0.03):
        {}(model, x, y, epochs, lr, batch_size=len(x), seed=seed)
    return model
"""
SOLUTION = LAB.solution.read_bytes() + FIT.format("train").encode()
"""As right as the solution, in a fifth of the time: a step takes all points together."""


def with_mistake(mutant):
    return SOLUTION + b"\n\n" + (LAB.mutants / mutant).read_bytes()


def points(run):
    return {check.id: check.points for check in run.checks}


# ---------------------------------------------------------------- the solution and the starter


@pytest.mark.parametrize("salt", ["a", "b", "c", "d"])
def test_the_solution_earns_everything_whatever_is_drawn(graded, salt):
    assert told(graded(LAB.solution.read_bytes(), salt=salt)) == {}


# ---------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(("mutant", "losses"), LAB.mutant_losses().items())
def test_a_mistake_costs_its_own_checks_and_no_other(graded, mutant, losses):
    ignored = mutant == "train_batch_size_ignored.py"  # which makes ten steps of each one
    run = graded(LAB.mutant_source(LAB.mutants / mutant) if ignored else with_mistake(mutant))
    assert lost(run) == set(losses), told(run)
    assert run.ending is Ending.COMPLETED


@pytest.mark.parametrize("name", POINTS)
def test_a_function_that_is_missing_costs_its_own_row_and_no_other(graded, name):
    names = ", ".join(sorted(POINTS.keys() - {name}))
    run = graded(f"from whole import {names}\n".encode(), others={"whole.py": SOLUTION})
    for check in run.checks:
        assert (check.points == 0) == (re.match(r"\w+", check.title)[0] == name), (check.title, check.message)


@pytest.mark.parametrize(("answer", "worth"), [("(y_hat - y) ** 2", 3), ("((y_hat - y) ** 2).sum()", 3), ("1 / 0", 0)])
def test_the_error_for_shapes_earns_its_points_whatever_else_is_answered(graded, answer, worth):
    source = f"def mse(y_hat, y):\n    if y_hat.shape != y.shape:\n        raise ValueError\n    return {answer}\n"
    assert points(graded(source.encode()))["mse-shapes"] == worth


@pytest.mark.parametrize(
    ("answer", "worth"),
    [
        ("(y_hat - y).abs().mean()", 3),
        ("(y_hat - y).square().mean().sqrt()", 3),
        ("(y_hat - y).square()", 0),
        ("(y_hat.detach() - y).square().sum().requires_grad_()", 0),
        ("(y_hat - y).square().sum().item()", 0),
        ("0 * y_hat.sum()", 0),
        ("y_hat.sum() / 0", 0),
        ("torch.lerp((y_hat.detach() - y).square().mean(), y_hat.square().sum(), 1e-9)", 0),
    ],
)
def test_the_gradient_earns_its_points_where_the_value_is_wrong(graded, answer, worth):
    found = points(graded(f"import torch\n\n\ndef mse(y_hat, y):\n    return {answer}\n".encode()))
    assert found["mse-gradient"] == worth


def test_layers_that_nobody_knows_of_are_named(graded):
    says = told(graded(with_mistake("nonlinear_layers_in_a_list.py")))
    assert all("use nn.ModuleList" in says[check] for check in ("nonlinear", "nonlinear-parameters"))


@pytest.mark.parametrize(("step", "says"), [("0.0", False), ("9.0", True), ("float('nan')", True)])
def test_an_error_that_grows_is_called_by_its_name(graded, step, says):
    source = f"""
        import torch

        def train(model, x, y, epochs, lr, batch_size=50, seed=0):
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter += {step}
    """
    told_them = told(graded(textwrap.dedent(source).encode()))
    assert all(("It grows" in told_them[check]) is says for check in ("train-learns", "train-any-model"))


@pytest.mark.parametrize(("answer", "says"), [("0 * x", True), ("5 * x", False)])
def test_who_fits_no_better_than_the_mean_is_asked_about_pairs(graded, answer, says):
    source = f"""
        import torch

        class Model(torch.nn.Module):
            def forward(self, x):
                return {answer}

        def fit_nonlinear(x, y, seed=0):
            return Model()
    """
    told_them = told(graded(textwrap.dedent(source).encode()))["fit-nonlinear"]
    assert ("x[rows] and y[rows] with the same rows" in told_them) is says


@pytest.mark.parametrize(("name", "left"), [("train", 80), ("fit_linear", 80), ("fit_nonlinear", 80)])
def test_a_training_without_end_costs_its_own_row(graded, name, left):
    endless = f"\n\ndef {name}(*given, batch_size=50, seed=0):\n    while True:\n        pass\n"
    source = "\n\ntrain_right = train\n" + FIT.format("train_right") + endless
    run = graded(LAB.solution.read_bytes() + source.encode(), lab=QUICK)
    assert (run.ending, run.score) == (Ending.TIMEOUT, left), told(run)


@pytest.mark.parametrize("mutant", ["linear_coefficients_published.py", "nonlinear_curve_published.py"])
def test_what_is_published_earns_nothing_without_a_look_at_the_data(graded, mutant):
    assert graded(with_mistake(mutant), salt="again").score == 80


MORE = "class LinearRegression(LinearRegression):\n    def __init__(self, *sizes):\n        super().__init__(*sizes)\n"


@pytest.mark.parametrize(
    ("changed", "losses"),
    [
        (f"{MORE}        self.more = nn.Parameter(torch.zeros(1).expand(10**10))", {"linear", "linear-parameters"}),
        (f"{MORE}        self.more = nn.Parameter(torch.zeros(1))", {"linear-parameters"}),
    ],
)
def test_a_network_of_more_parameters_than_it_has_a_use_for_is_told_so(graded, changed, losses):
    trainings = "".join(
        f"def {name}(*_, **__):\n    raise ValueError\n\n\n" for name in ("train", "fit_linear", "fit_nonlinear")
    )
    run = graded(LAB.solution.read_bytes() + f"\n\n{changed}\n\n\n{trainings}".encode())
    assert run.ending is Ending.COMPLETED, run.fault
    assert {check for check in lost(run) if not check.startswith(("train", "fit"))} == losses, told(run)


NOTICED = """
import torch
from whole import fit_nonlinear as fit

def fit_nonlinear(x, y, seed=0):
    other = bool(((y - x**2 - 15 * torch.sin(x) ** 3).abs() > 1).any())
    print("another curve" if other else "the curve", flush=True)
    ANSWER
"""
"""A file that says which curve it is given; `other` tells the control."""


def noticing(graded, answer):
    return graded(NOTICED.replace("ANSWER", answer).encode(), others={"whole.py": SOLUTION}, lab=QUICK)


@pytest.mark.parametrize(
    "mutant", ["nonlinear_curve_published.py", "nonlinear_curve_if_it_fits.py", "nonlinear_curve_or_mirrored.py"]
)
def test_what_is_published_is_for_a_person_to_look_at(graded, mutant):
    assert graded(with_mistake(mutant)).flags == (Flag.MEMORISED,)


@pytest.mark.parametrize("reaction", ["raise ValueError('what is this?')", "while True: pass", "return None"])
def test_a_control_that_fails_costs_nothing_and_is_for_a_person_to_look_at(graded, reaction):
    run = noticing(graded, f"if other:\n        {reaction}\n    return fit(x, y, seed)")
    assert (run.output, run.flags) == ("the curve\nanother curve\n", (Flag.CONTROL_FAILED,))
    assert points(run)["fit-nonlinear"] == 20


NEARLY = """
    class Nearly(torch.nn.Module):
        def forward(self, x):
            return x**2 + 15 * torch.sin(x) ** 3 + 3
    return ANSWER"""


@pytest.mark.parametrize(
    ("answer", "low", "high", "asked", "flags"),
    [
        ("fit(x, y, seed) if other else Nearly()", 5, 19, 1, ()),
        ("torch.nn.Linear(1, 1) if other else Nearly()", 0, 0, 2, (Flag.MEMORISED,)),
        ("Nearly()", 0, 0, 2, (Flag.MEMORISED,)),
    ],
)
def test_who_earned_a_part_of_the_points_meets_the_control_too(graded, answer, low, high, asked, flags):
    run = noticing(graded, NEARLY.replace("ANSWER", answer))
    assert (run.output, run.flags) == (3 * "the curve\n" + asked * "another curve\n", flags)
    assert low <= points(run)["fit-nonlinear"] <= high


def test_there_is_no_control_where_no_points_were_earned(graded):
    run = noticing(graded, "return torch.nn.Linear(1, 1)")
    assert (run.output, run.flags, points(run)["fit-nonlinear"]) == (3 * "the curve\n", (), 0)


@pytest.mark.parametrize("salt", ["", "a", "b", "c"])
def test_a_line_earns_nothing_for_the_curve(graded, salt):
    run = graded(with_mistake("nonlinear_fit_by_a_line.py"), salt=salt)
    assert points(run)["fit-nonlinear"] == 0


ANSWERS = [
    "None", "0", "0.0", "1.0", "[]", "[0.0] * 9", "given[0]", "given[-1]", "torch.zeros(())", "torch.zeros(1)",
    "torch.zeros(9, 1)", "torch.tensor(float('nan'))", "[1.0] * (given[3] if len(given) > 3 else 1)",
    "torch.nn.Identity()", "torch.nn.Flatten(0)", "Zero()", "given[0] if len(given) > 3 else Zero()",
]  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_ignores_the_question_earns_nothing(graded, answer):
    zero = "class Zero(torch.nn.Module):\n    def forward(self, x):\n        return 0 * x[:, :1]\n\n\n"
    functions = "".join(f"def {name}(*given, batch_size=50, seed=0):\n    return {answer}\n\n\n" for name in POINTS)
    run = graded(f"import torch\n\n\n{zero}{functions}".encode())
    assert (run.ending, [check.id for check in run.checks if check.points]) == (Ending.COMPLETED, []), run.fault


def test_raising_the_error_that_is_asked_for_earns_nothing_by_itself(graded):
    functions = "".join(f"def {name}(*given, batch_size=50, seed=0):\n    raise ValueError\n\n\n" for name in POINTS)
    assert graded(functions.encode()).score == 0


# ---------------------------------------------------------------- what is right in another way


@pytest.mark.parametrize("suite", ["hidden", "public"])
@pytest.mark.parametrize("path", RIGHT, ids=[path.stem for path in RIGHT])
def test_right_in_any_style_earns_everything(graded, path, suite):
    run = graded(path.read_bytes(), suite)
    assert (run.score, told(run)) == (100, {})


@pytest.mark.parametrize(
    "optimizer",
    ["SGD(p, lr=lr)", "SGD(p, lr=lr, momentum=0.9)", "Adagrad(p, lr=lr)", "RMSprop(p, lr=lr)", "AdamW(p, lr=lr)",
     "NAdam(p, lr=lr)", "Adamax(p, lr=lr)", "ASGD(p, lr=lr)"],
)  # fmt: skip
def test_any_optimiser_will_do(graded, optimizer):
    source = LAB.solution.read_text().replace(
        "Adam(model.parameters(), lr=lr)", optimizer.replace("p,", "list(model.parameters()),")
    )
    untrained = "\n\ndef fit(model, x, y, seed):\n    return model\n"
    run = graded((source + untrained).encode())
    assert not any(check.startswith("train") for check in lost(run)), told(run)


def test_a_notebook_is_as_good(graded):
    cells = re.split(r"\n# -{10,}.*\n", LAB.solution.read_text())
    notebook = {
        "cells": [
            {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": cell}
            for cell in ("%matplotlib inline\n!nvidia-smi", *cells)
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    run = graded(json.dumps(notebook).encode(), entry="lab2_regression.ipynb")
    assert (run.score, told(run)) == (100, {})


# ---------------------------------------------------------------- how data are drawn


@pytest.mark.parametrize("key", ["a", "b", "c"])
def test_the_coefficients_that_are_asked_for_are_those_of_least_squares(key):
    found = SUITE["plane"](Draw(key), 500, 3, 16, 55, noise=10)
    assert (found.x.shape, found.y.shape) == ((500, 3), (500, 1))
    constant, *slopes = SUITE["least_squares"](found.x, found.y).tolist()
    assert slopes == pytest.approx(found.slopes.tolist(), abs=2.5)
    assert constant == pytest.approx(found.constant, abs=2.5)
    assert all(16 - 2.5 <= abs(slope) <= 55 + 2.5 for slope in slopes)
    assert 8 - 2.5 <= abs(constant) <= 27.5 + 2.5


@pytest.mark.parametrize("key", range(20))
def test_neither_the_published_curve_nor_its_mirror_image_nor_a_line_is_the_other_curve(key):
    published, other = SUITE["curve"], SUITE["another_curve"](Draw(f"{key}"))
    x = torch.linspace(-2.5, 2.5, 1000)[:, None]
    given = Draw("x").stratified_normal(500)[:, None]
    constant, slope = SUITE["least_squares"](given, other(given)).tolist()
    r2 = [SUITE["r2"](guess, other(x)) for guess in (published(x), published(-x), constant + slope * x)]
    assert max(r2[:2]) < 0.6
    assert r2[2] < SUITE["LEARNT"]


def test_a_coefficient_may_be_off_by_two_percent_and_a_half():
    want = torch.tensor([0.0, 50.0, -50.0]).double()
    assert SUITE["near"](want + torch.tensor([0.49, 1.49, -1.49]), want).all()
    assert not SUITE["near"](want + torch.tensor([0.51, 1.51, -1.51]), want).any()


# ---------------------------------------------------------------- the handout


def test_the_handout_says_how_points_are_split_and_how_often_the_curve_is_trained(graded):
    text = " ".join((LAB.assignment / "README.md").read_text().split())
    worth = {check.id: f"{check.max_points:g}" for check in graded(b"").checks}
    assert (
        f"{worth['mse']} for the value, {worth['mse-gradient']} for the gradient, {worth['mse-shapes']} for the" in text
    )
    assert f"{worth['train-history']} for the list, {worth['train-learns']} for a linear model that learns" in text
    assert f"up to {LAB.spec.best_of['fit-nonlinear']} times" in text


def test_the_handout_says_what_time_there_is_and_how_often_training_is_called(graded):
    text = " ".join((LAB.assignment / "README.md").read_text().split())
    limits = LAB.spec.limits
    assert f"may take {limits.call_seconds:g} seconds of CPU time" in text
    assert f"any other call {limits.plain_seconds:g}, and the whole run {limits.run_seconds:g}." in text
    counting = "import whole\nfrom whole import *\n" + "".join(
        f"def {name}(*given, **named):\n    print('{name}')\n    return whole.{name}(*given, **named)\n"
        for name in limits.slow
    )
    called = graded(counting.encode(), others={"whole.py": LAB.solution.read_bytes()}).output.split()
    assert f"`train` is called {called.count('train')} times, `fit_linear` {called.count('fit_linear')} times" in text
    assert called.count("fit_nonlinear") == 2  # the first training earns everything, and then the control
    assert f"`fit_nonlinear`, at the end, up to {LAB.spec.best_of['fit-nonlinear'] + 2} times" in text
