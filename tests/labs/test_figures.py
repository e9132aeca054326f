"""Pictures of each lab: they show what was given and what was made of it, never what is hidden, and break nothing."""

import json
import math
import runpy
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from grading import BUNDLED, COURSE, POINTS, Grading, looks, lost, shown, stream, told, unpacked

from grader import datasets
from grader.errors import Finding
from grader.examine.figures import Figures
from grader.examine.plugin import Dataset, SuitePlugin
from grader.examine.session import Session
from grader.model import Ending, FigureKind

LABS = {name: COURSE.lab(name) for name in POINTS}
SUITES = {name: runpy.run_path(str(lab.hidden_suite)) for name, lab in LABS.items()}
DIGITS = datasets.load("digits", None)
BRIEF = {
    "lab2_regression": b"\n\ndef fit_nonlinear(x, y, seed=0):\n    return NonlinearRegression(1, 20, 1)\n",
    "lab3_classifier": b"\n\nSTEPS = 40\n",
    "lab4_gan": b"\n\nSTEPS = 20\n",
    "lab5_cnn": b"\n\nSTEPS = 40\n",
}
"""What makes a lab's trainings short, and good for mistakes."""
EXPECTED = {
    "lab1_tensors": [],
    "lab2_regression": [
        ("train-learns", "plot"),
        ("fit-linear-slopes", "plot"),
        ("fit-linear-one", "plot"),
        ("fit-nonlinear", "plot"),
    ],
    "lab3_classifier": [("train-classifier", kind) for kind in ("confusion", "plot", "images")],
    "lab4_gan": [("quality", kind) for kind in ("plot", "sheets", "images")],
    "lab5_cnn": [("train-autoencoder", "sheets"), *[("train-cnn", kind) for kind in ("bars", "sheets", "images")]],
    "lab6_data": [("batches-collated", "images")],
}
ROOM = 60_000
"""Bytes that the pictures of a run may take in the database."""


def source(name):
    return LABS[name].solution.read_bytes() + BRIEF.get(name, b"")


@pytest.fixture
def grading(slots, known):
    """What grades by a lab of this name."""
    return lambda name: Grading(LABS[name], slots, Dataset() if LABS[name].spec.dataset == "none" else BUNDLED, known)


@pytest.fixture
def run(grading):
    """The run of a lab's solution, its trainings short."""
    return lambda name: grading(name)(source(name))


def data_of(run, about, kind):
    """The data of a check's only picture of a kind."""
    (found,) = [figure.data for figure in run.figures if (figure.about, figure.kind.value) == (about, kind)]
    return found


# ---------------------------------------------------------------- what is there


@pytest.mark.parametrize("name", LABS)
def test_each_lab_has_its_pictures_beside_their_checks(run, name):
    assert [(figure.about, figure.kind.value) for figure in run(name).figures] == EXPECTED[name]


@pytest.mark.parametrize("name", LABS)
def test_pictures_are_data_with_a_text_that_stands_for_them_and_take_little_room(run, name):
    figures = run(name).figures
    assert all(figure.title and figure.alt.endswith((".", "?")) for figure in figures)
    assert sum(len(json.dumps(figure.data, allow_nan=False)) for figure in figures) < ROOM


# ---------------------------------------------------------------- nothing that is hidden


def numbers(values):
    return {float(f"{value:.5g}") for value in values.flatten().tolist()}


def test_lab_2_shows_points_that_were_given_and_no_others(run):
    suite, draw = SUITES["lab2_regression"], stream(LABS["lab2_regression"], source("lab2_regression"))
    with draw.within("check fit-nonlinear"):
        given = draw.stratified_normal(500)
    fit = data_of(run("lab2_regression"), "fit-nonlinear", "plot")
    across = {*fit["lines"][0]["x"], *fit["dots"][0]["x"]}
    assert across <= numbers(given)
    assert set(fit["dots"][0]["y"]) <= numbers(suite["curve"](given))
    with draw.within("fixture drawn_fit"):
        points = suite["plane"](draw, 500, draw.choice([2, 4, 5]), 16, 55, noise=10)
    answered = data_of(run("lab2_regression"), "fit-linear-slopes", "plot")
    assert set(answered["dots"][0]["x"]) <= numbers(points.y)


@cache
def lab3_task():
    suite, draw = SUITES["lab3_classifier"], stream(LABS["lab3_classifier"], source("lab3_classifier"))
    with draw.within("check train-classifier"):
        digit, symmetry = draw.choice(suite["EQUALLY_HARD"]["digits"]), draw.choice(suite["ON_THEIR_SIDE"])
        return suite["make_task"](draw, DIGITS, digit, symmetry)


@cache
def lab5_task():
    suite, draw = SUITES["lab5_cnn"], stream(LABS["lab5_cnn"], source("lab5_cnn"))
    with draw.within("fixture task"):
        return suite["make_task"](draw, DIGITS, draw.integer(1, 7))


@cache
def lab4_task():
    suite, draw = SUITES["lab4_gan"], stream(LABS["lab4_gan"], source("lab4_gan"))
    with draw.within("fixture task"):
        return suite["make_task"](draw, DIGITS, draw.integer(0, 9), draw.integer(1, 7))


MISTAKES = "Taken wrongly among the training images"


def test_lab_3_shows_mistakes_about_images_that_were_given_and_no_others(run):
    task = lab3_task()
    (mistakes,) = shown(run("lab3_classifier"))
    assert len(mistakes) == 12
    assert looks(mistakes) <= looks(task.images)
    assert not looks(mistakes) & (looks(task.test_images) | looks(task.upright))


def test_lab_4_shows_samples_and_images_that_were_given_and_no_others(run):
    suite, task = SUITES["lab4_gan"], lab4_task()
    (drawn, given), (pairs,) = shown(run("lab4_gan"), "Drawn, and given"), shown(run("lab4_gan"))[2:]
    assert (len(drawn), len(given), len(pairs)) == (36, 36, 8)
    nearest = pairs[:, :, 30:]
    assert torch.equal(pairs[:, :, :28], drawn[:8])
    held_out = suite["turned"](suite["squares"](task.held_out), task.symmetry)
    seen, hidden = looks(suite["squares"](task.images)), looks(held_out)
    for part in given, nearest:
        assert looks(part) <= seen
    assert not (looks(drawn) | looks(given) | looks(nearest)) & (hidden - seen)


def test_lab_5_shows_images_that_were_given_what_was_made_of_them_and_no_others(run):
    task = lab5_task()
    given, restored = shown(run("lab5_cnn"), "Through 16 numbers")
    (mistakes,) = shown(run("lab5_cnn"), MISTAKES)
    assert len(mistakes) == len(given) == len(restored) == 12
    hidden = looks(task.test_images / 255) | looks(task.upright / 255)
    assert looks(given) | looks(mistakes) <= looks(task.images[:, 0])
    assert not (looks(given) | looks(mistakes) | looks(restored)) & hidden


def test_lab_6_shows_a_batch_of_the_items_that_were_given(run):
    suite, draw = SUITES["lab6_data"], stream(LABS["lab6_data"], source("lab6_data"))
    with draw.within("check batches-collated"):
        items = suite["drawn_items"](draw, suite["drawn_size"](draw)[0])
    (batch,) = shown(run("lab6_data"))
    assert looks(batch) <= looks(items.images.view(-1, 28, 28))
    captions = {f"label {label}" for label in items.labels.tolist()}
    assert set(run("lab6_data").figures[0].data["captions"]) <= captions


def test_what_else_is_told_of_unseen_images_are_counts_and_rates(run):
    data = data_of(run("lab3_classifier"), "train-classifier", "plot")
    (line,), (mark,) = data["lines"], data["marks"]
    assert all(0 <= value <= 1 for value in (*line["x"], *line["y"], mark["x"], mark["y"]))
    assert data_of(run("lab5_cnn"), "train-cnn", "bars")["labels"] == list("0123456789")


# ---------------------------------------------------------------- what they show


def test_a_curve_of_precision_and_recall_has_a_point_for_each_threshold_that_tells_answers_apart():
    suite, figures = SUITES["lab3_classifier"], Figures()
    answers, is_digit = torch.tensor([0.9, 0.9, 0.6, 0.2]), torch.tensor([True, False, True, False])
    suite["show_thresholds"](figures, answers, is_digit, suite["binary_counts"](answers > 0.5, is_digit))
    data = figures.made[0].data
    assert data["lines"][0]["x"] == [0.5, 1, 1]
    assert data["lines"][0]["y"] == [0.5, 0.66667, 0.5]
    assert data["marks"] == [{"name": "threshold 0.5", "x": 1, "y": 0.66667}]


def test_who_never_says_yes_has_no_precision_to_mark():
    suite, figures = SUITES["lab3_classifier"], Figures()
    answers, is_digit = torch.tensor([0.1, 0.1, 0.1]), torch.tensor([True, False, True])
    suite["show_thresholds"](figures, answers, is_digit, suite["binary_counts"](answers > 0.5, is_digit))
    assert figures.made[0].data["marks"] == []


def test_a_copy_is_the_same_as_its_nearest_and_noise_is_a_new_one(run):
    suite, task, figures = SUITES["lab4_gan"], lab4_task(), Figures()
    samples = torch.cat([task.images[:4], torch.rand(4, 784)])
    suite["show_nearest"](figures, samples, task)
    captions = figures.made[0].data["captions"]
    assert captions[:4] == ["nearly the same (0.00)"] * 4
    assert all(caption.startswith("a new one") for caption in captions[4:])


def test_what_is_no_digits_label_is_no_text_of_a_batch():
    figures = Figures()
    SUITES["lab6_data"]["show_batch"](figures, (torch.tensor([3, 10, -1, 2**62]), torch.zeros(4, 784), None))
    (made,) = figures.made
    assert made.data["captions"] == ["label 3", *["no digit's label"] * 3]


def test_wrong_shapes_are_drawn_without_being_asked_for(grading):
    lab = LABS["lab1_tensors"]
    found = grading(lab.name)(lab.mutant_source(lab.mutants / "row_kept_as_matrix.py"))
    ((about, data),) = [(figure.about, figure.data) for figure in found.figures]
    assert (about, len(data["expected"]), len(data["actual"])) == ("first-row", 1, 2)


# ---------------------------------------------------------------- what they cost

ODD_ABOUT_PICTURES = b"""


def fit_linear(x, y, seed=0):
    return LinearRegression(x.shape[1], 1)


class Odd(NonlinearRegression):
    def forward(self, x):
        if len(x) == 500:  # as many as the picture asks about
            os._exit(3)
        return super().forward(x)


def fit_nonlinear(x, y, seed=0):
    return Odd(1, 20, 1)
"""


def test_a_picture_whose_question_ends_python_is_missing_and_the_run_is_as_it_would_be(grading):
    lab = LABS["lab2_regression"]
    found = grading(lab.name)(b"import os\n\n" + lab.solution.read_bytes() + ODD_ABOUT_PICTURES)
    assert (found.ending, found.message, found.flags) == (Ending.COMPLETED, "", ())
    assert "fit-nonlinear" not in {figure.about for figure in found.figures}
    assert "R² is" in told(found)["fit-nonlinear"]


@pytest.mark.parametrize("name", ["lab2_regression", "lab3_classifier", "lab5_cnn"])
def test_pictures_change_nothing_that_is_asked_before_or_after_them(grading, monkeypatch, name):
    """What is asked, with which seeds, and what comes of it are the same where nothing is shown."""
    asked, finish = [], SuitePlugin.pytest_collection_finish

    class Listening(Session):
        beside = False

        @contextmanager
        def aside(self):
            self.beside = True
            with super().aside():
                yield
            self.beside = False

        def ask(self, given):
            question = given.question
            if not self.beside:
                seed, method = getattr(question, "seed", None), getattr(question, "method", "")
                asked[-1].append((type(question), method, seed, given.body))
            return super().ask(given)

    def without_pictures(plugin, session):
        finish(plugin, session)
        module = session.items[0].module
        for show in [each for each in vars(module) if each.startswith("show_")]:
            monkeypatch.setattr(module, show, lambda *_: None)

    def graded():
        asked.append([])
        return replace(grading(name), known={})(source(name))

    monkeypatch.setattr("grader.examine.examination.Session", Listening)
    pictured = graded()
    monkeypatch.setattr(SuitePlugin, "pytest_collection_finish", without_pictures)
    bare = graded()
    assert {figure.kind for figure in bare.figures} <= {FigureKind.CONFUSION}
    assert asked[0] == asked[1]
    assert (bare.checks, bare.ending, bare.flags) == (pictured.checks, pictured.ending, pictured.flags)


# ---------------------------------------------------------------- odd answers

ODD = [
    None, 7, "x", [], (), {}, [None], math.nan, object(), [math.nan, math.inf, 1e308], torch.zeros(()), torch.zeros(0),
    torch.full((600, 1), math.nan), torch.full((600, 1), math.inf), torch.full((600, 1), 3e38), torch.zeros(600, 1),
    torch.full((750, 10), math.nan), torch.full((250, 10), 3e38), torch.zeros(250, 10, dtype=torch.float64),
    torch.full((12, 784), math.nan), torch.full((12, 784), -3e38), torch.zeros(12, 784), torch.zeros(5, 5),
    torch.full((200, 1), 1e300, dtype=torch.float64), torch.zeros(200, 1, dtype=torch.int64), np.zeros((12, 784)),
    torch.full((8, 1, 5, 5), math.nan), torch.zeros(8, 1, 5, 5), torch.full((8, 1, 5, 5), math.inf), True, 10**30,
    {"generator_loss": [math.nan, math.inf, 1e308, "x", None], "discriminator_loss": [10**18]},
    {"generator_loss": 7, "discriminator_loss": torch.full((10**5,), math.nan)},
    {"generator_loss": torch.zeros(3, 3), "discriminator_loss": []},
]  # fmt: skip


class Facts:
    """A parameter, as a network's facts tell of it."""

    def __init__(self, *shape):
        self.name, self.shape, self.requires_grad = "weight", shape, True


class Model:
    """A network that answers everything with the same."""

    def __init__(self, answer, *shape):
        self.answer = answer
        self.parameters = [Facts(*shape)]

    def method(self, *_, **__):
        return self.answer

    def facts(self):
        return self


@pytest.mark.parametrize("answer", ODD, ids=lambda answer: f"{type(answer).__name__}")
def test_no_answer_breaks_a_picture(answer):
    lab2, lab3, lab4, lab5, lab6 = (SUITES[name] for name in list(SUITES)[1:])
    figures, model = Figures(), Model(answer, 8, 1, 5, 5)
    lab2["show_losses"](figures, answer)
    lab6["show_batch"](figures, answer)
    lab6["show_batch"](figures, (answer, answer, answer))
    for returned in answer, (model, answer):
        lab4["show_losses"](figures, lab4["Training"](0, returned))
    for show in (
        lambda: lab3["show_mistakes"](figures, lab3_task(), model),
        lambda: lab5["show_mistakes"](figures, lab5_task(), model),
        lambda: lab5["show_filters"](figures, model),
        lambda: lab5["show_restored"](figures, model, lab5_task().images[:12]),
    ):
        with suppress(Finding):
            show()
    json.dumps([figure.data for figure in figures.made], allow_nan=False)


@pytest.mark.parametrize(
    "shape", [(8, 3, 5, 5), (8, 1, 5), (1000, 1, 5, 5), (8, 1, 1, 1), (8, 1, 10**4, 5), (), (0, 1, 5, 5)]
)
def test_no_filters_are_shown_of_what_is_no_first_convolution(shape):
    figures = Figures()
    SUITES["lab5_cnn"]["show_filters"](figures, Model(None, *shape))
    assert figures.made == []


def test_the_largest_weight_of_all_filters_is_black_or_white_and_each_has_a_frame(run):
    (filters,) = shown(run("lab5_cnn"), "What a convolution looks for")
    inside, frames = filters[:, 1:-1, 1:-1], torch.nn.functional.pad(torch.zeros(8, 5, 5), (1, 1, 1, 1), value=1)
    assert inside.shape == (8, 5, 5)
    assert not filters[frames.bool()].any()
    assert max(int(inside.max()) - 128, 127 - int(inside.min())) == 127


def test_weights_of_nothing_but_0_are_middle_grey():
    figures = Figures()
    SUITES["lab5_cnn"]["show_filters"](figures, Model(torch.zeros(8, 1, 5, 5), 8, 1, 5, 5))
    (sheet,) = figures.made[0].data["sheets"]
    assert set((unpacked(sheet)[:, 1:-1, 1:-1].flatten() / 255).round(decimals=1).tolist()) == {0.5}


def test_a_class_without_images_has_no_share_to_tell():
    suite, figures, task = SUITES["lab5_cnn"], Figures(), lab5_task()
    known = task.test_labels != 3
    task = replace(task, test_images=task.test_images[known], test_labels=task.test_labels[known])
    suite["show_classes"](figures, task, torch.eye(10)[task.test_labels])
    (made,) = figures.made
    assert made.data["labels"] == [label for label in "0123456789" if label != "3"]
    assert made.alt.endswith("2: 100%, 4: 100%, 5: 100%, 6: 100%, 7: 100%, 8: 100%, 9: 100%.")


def test_answers_of_nothing_but_infinity_or_nan_leave_fits_without_pictures():
    suite, x = SUITES["lab2_regression"], torch.rand(10, 1)
    points = suite["Plane"](x, x, torch.ones(1), 0.0)
    for odd in math.nan, math.inf, -math.inf, 1e300:
        figures = Figures()
        suite["show_answers"](figures, points, torch.full((2,), odd, dtype=torch.float64))
        suite["show_fit"](figures, x, x, torch.full((10, 1), odd, dtype=torch.float64))
        assert figures.made == []


def test_as_many_answers_are_said_to_be_drawn_as_are():
    suite, figures = SUITES["lab2_regression"], Figures()
    points = suite["Plane"](torch.rand(500, 2), torch.rand(500, 1), torch.ones(2), 0.0)
    suite["show_answers"](figures, points, torch.ones(3, dtype=torch.float64))
    (made,) = figures.made
    assert made.alt.startswith("Every fourth of the 500 points")
    assert len(made.data["dots"][0]["x"]) == 125


def test_a_history_that_cannot_be_drawn_costs_its_own_check_and_no_other(run, grading):
    odd = b"""

solved = train_gan


def train_gan(images, latent_size=64, seed=0):
    generator, _ = solved(images, latent_size, seed)
    return generator, {"generator_loss": [float("nan"), 1e308, "x"], "discriminator_loss": torch.zeros(2, 2)}
"""
    found = grading("lab4_gan")(source("lab4_gan") + odd)
    assert found.fault == ""
    assert lost(found) == lost(run("lab4_gan")) | {"train-gan-history"}
    assert [figure.kind.value for figure in found.figures if figure.about == "quality"] == ["sheets", "images"]
