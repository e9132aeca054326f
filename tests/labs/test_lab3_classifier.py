"""Lab 3 as it is graded: the solution, the starter, what is wrong, the sample class, and how the task is drawn."""

import dataclasses
import math
import re
import runpy

import grading
import msgspec
import pytest
import torch
from grading import COURSE, earned, lost, told, unpacked

from grader import datasets, disguises, intake
from grader.examine.draw import Draw
from grader.metrics import BinaryCounts
from grader.model import Ending, FigureKind, Flag

LAB = COURSE.lab("lab3_classifier")
POINTS = grading.POINTS[LAB.name]
RIGHT = grading.right("lab3_right")
SUITE = runpy.run_path(str(LAB.hidden_suite))
SAMPLES = {found.student.key: found for found in intake.collect([LAB.sample_class], LAB.name)}


# ---------------------------------------------------------------- the solution and the starter


@pytest.mark.parametrize("salt", ["a", "b", "c", "d"])
def test_the_solution_earns_everything_whichever_digit_is_drawn(graded, salt):
    assert told(graded(LAB.solution.read_bytes(), salt=salt)) == {}


@pytest.mark.parametrize("salt", ["", "a", "b"])
def test_the_solution_earns_everything_on_mnist(graded, mnist, salt):
    run = graded(LAB.solution.read_bytes(), salt=salt, dataset=mnist)
    assert (run.score, told(run)) == (100, {})


# ---------------------------------------------------------------- what is wrong


NO_CLASSIFIER = b"\n\ndef train_classifier(*_, **__):\n    raise ValueError\n"
"""Its trainings take most of a run; `grader validate lab3_classifier` grades mistakes that do not concern them as they
are."""


@pytest.mark.parametrize(("mutant", "losses"), LAB.mutant_losses().items())
def test_a_mistake_costs_its_own_checks_and_no_other(graded, mutant, losses):
    source, losses = LAB.mutant_source(LAB.mutants / mutant), set(losses)
    if not any("classifier" in id_ for id_ in losses):  # then no training of a classifier calls what is wrong
        source, losses = source + NO_CLASSIFIER, losses | {"train-classifier"}
    run = graded(source)
    assert lost(run) == losses, told(run)
    assert run.ending is Ending.COMPLETED


@pytest.mark.parametrize(
    "mutant", ["always_no.py", "untrained.py", "labels_shuffled.py", "classes_from_one.py", "public_labels.py"]
)
def test_a_model_that_learned_nothing_of_the_digit_earns_none_of_the_forty(graded, mutant):
    run = graded(LAB.mutant_source(LAB.mutants / mutant), salt="again")
    assert earned(run, "train-classifier") == 0


def test_noise_that_is_called_the_digit_costs_five_points(graded):
    assert graded(LAB.mutant_source(LAB.mutants / "noise_is_the_digit.py")).score == 95


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("torch.full((len(x), 1), float('nan'))", "is NaN or infinite for"),
        ("x.sum(dim=1, keepdim=True)", "every value must lie in 0..1"),
        ("torch.zeros(len(x))", "the shape asked for is"),
        ("torch.zeros(0, 1)", "the shape asked for is"),
        ("torch.zeros(len(x), 1, dtype=torch.int64)", "the dtype asked for is a floating dtype"),
        ("None", "is a return statement missing?"),
        ("torch.rand(len(x), 1)", "when the same input is asked alone"),
        ("((x - x.mean(dim=0)).mean(dim=1, keepdim=True) > 0).float()", "when the same input is asked alone"),
    ],
)
def test_an_answer_that_cannot_be_judged_is_explained(graded, answer, sentence):
    source = (
        "import torch\n\n\nclass Model(torch.nn.Module):\n    def forward(self, x):\n"
        f"        return {answer}\n\n\ndef train_classifier(images, labels, digit, seed=0):\n    return Model()\n"
    )
    run = graded(source.encode())
    assert sentence in told(run)["train-classifier"]
    assert run.score == 0


@pytest.mark.parametrize(
    "answer",
    ["None", "0", "0.5", "{}", "torch.zeros(5, 784)", "torch.zeros(0, 1)", "torch.nn.Identity()", "given[0]",
     "dict(tp=0, fp=0, tn=0, fn=0, accuracy=0.0, precision=0.0, recall=0.0, f1=0.0)"],
)  # fmt: skip
def test_an_answer_that_ignores_the_question_earns_nothing(graded, answer):
    functions = "".join(f"def {name}(*given, seed=0):\n    return {answer}\n\n\n" for name in POINTS)
    run = graded(f"import torch\n\n\n{functions}".encode())
    assert (run.ending, [check.id for check in run.checks if check.points]) == (Ending.COMPLETED, [])


METRICS = """
def exact(tp, fp, tn, fn):
    ratio = lambda a, b: a / b if b else 0.0
    figures = ratio(tp + tn, tp + fp + tn + fn), ratio(tp, tp + fp), ratio(tp, tp + fn), ratio(2 * tp, 2 * tp + fp + fn)
    return dict(zip(("accuracy", "precision", "recall", "f1"), figures))

def metrics(*cells):
    figures = exact(*cells)
    CHANGE
    return figures
"""


@pytest.mark.parametrize(
    ("change", "points", "zeros"),
    [
        ("pass", 6, 2),
        ("figures |= {'accuracy': 0.936} if cells == (90, 60, 940, 10) else {}", 6, 2),  # as it is published
        ("figures |= {'accuracy': 0.94} if cells == (90, 60, 940, 10) else {}", 4.5, 2),
        ("figures['recall'] = 0.9", 4.5, 0),
        ("figures['accuracy'] = 1 - figures['accuracy']", 4.5, 0),
        ("del figures['f1']", 4.5, 2),
        ("figures['f1_score'] = figures.pop('f1')", 4.5, 2),
        ("figures = {'f1_score' if name == 'f1' else name: value or 1.0 for name, value in figures.items()}", 4.5, 0),
        ("figures = figures if cells[0] else {}", 6, 0),
        ("figures = {name.upper(): value for name, value in figures.items()}", 0, 0),
        ("figures['f1'] = 'good'", 4.5, 0),
        ("figures = {name: round(value, 1) for name, value in figures.items()}", 0, 2),
        ("figures = tuple(figures.values())", 0, 0),
    ],
)
def test_each_figure_of_metrics_is_worth_a_quarter(graded, change, points, zeros):
    run = graded(METRICS.replace("CHANGE", change).encode())
    assert (earned(run, "metrics"), earned(run, "metrics-zero")) == (points, zeros), told(run)


NOISE = """
import numpy, torch

def noise_images(n, seed=0):
    x = torch.rand(n, 784, generator=torch.Generator().manual_seed(seed))
    return ANSWER
"""


@pytest.mark.parametrize(
    ("answer", "uniform"),
    [
        ("x", 3),
        ("torch.from_numpy(numpy.random.default_rng(seed).random((n, 784))).float()", 3),
        ("x.double()", 0),
        ("x**2", 0),
        ("2 * x - 1", 0),
        ("1.001 * x", 0),
        ("(1.001 * x).clamp(max=1)", 0),
        ("torch.randint(256, (n, 784)) / 255", 0),
        ("x.round()", 0),
        ("x[:1].expand(n, 784)", 0),
    ],
)
def test_noise_is_uniform_in_zero_to_one(graded, answer, uniform):
    assert earned(graded(NOISE.replace("ANSWER", answer).encode()), "noise-images") == uniform


@pytest.mark.parametrize("suite", ["hidden", "public"])
def test_noise_may_hold_a_one_that_float32_made_of_a_float64_just_below_it(graded, suite):
    source = NOISE.replace("ANSWER", "torch.cat([torch.tensor([1 - 1e-9]), x.flatten()[1:]]).reshape(n, 784)")
    run = graded(source.encode(), suite)
    assert "noise-images" not in lost(run), told(run)


@pytest.mark.parametrize(
    ("answer", "right", "form"),
    [
        ("(model(images) > 0.5).long()", 4, 2),
        ("(model(images) < 0.5).long()", 0, 2),
        ("(model(images) > 0.5).long().squeeze()", 4, 0),
        ("(model(images) > 0.5).float()", 4, 0),
        ("model(images).argmax(dim=1, keepdim=True)", 0, 0),
        ("torch.ones(len(images), 1).long()", 0, 0),
        ("(2 * (model(images) > 0.5) - 1).long()", 0, 0),
        ("torch.arange(len(images))[:, None]", 0, 0),
    ],
)
def test_what_predict_says_and_its_form_are_asked_apart(graded, answer, right, form):
    source = f"import torch\n\n@torch.no_grad()\ndef predict(model, images):\n    return {answer}\n"
    run = graded(source.encode())
    assert (earned(run, "predict"), earned(run, "predict-form")) == (right, form), told(run)


@pytest.mark.parametrize(
    ("answer", "repeated"),
    [
        ("2 * x", 2),
        ("x.double()", 2),
        ("x[:, :28]", 0),
        ("0 * x", 0),
        ("torch.randn(n, 784)", 0),
    ],
)
def test_noise_that_is_not_uniform_may_be_repeatable_all_the_same(graded, answer, repeated):
    run = graded(NOISE.replace("ANSWER", answer).encode())
    assert (earned(run, "noise-images"), earned(run, "noise-images-seed")) == (0, repeated), told(run)


@pytest.mark.parametrize(
    ("answer", "whole", "inside"),
    [
        ("torch.sigmoid(self.layer(x))", 4, 4),
        ("torch.sigmoid(self.layer(x)).double()", 0, 4),
        ("torch.sigmoid(self.layer(x)).squeeze()", 0, 4),
        ("self.layer(x)", 4, 0),
        ("torch.tanh(self.layer(x))", 4, 0),
        ("torch.relu(self.layer(x))", 4, 0),
        ("torch.sigmoid(self.layer(x - x.mean(dim=0)))", 0, 4),
        ("torch.sigmoid(x.mean(dim=1, keepdim=True))", 4, 4),
    ],
)
def test_the_form_of_a_classifier_and_its_range_are_asked_apart(graded, answer, whole, inside):
    run = graded(
        "import torch\n\nclass DigitClassifier(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.layer = torch.nn.Linear(784, 1)\n\n    def forward(self, x):\n        return {answer}\n".encode()
    )
    assert (earned(run, "classifier"), earned(run, "classifier-range")) == (whole, inside), told(run)


# ---------------------------------------------------------------- what is right in another way


@pytest.mark.parametrize("suite", ["hidden", "public"])
@pytest.mark.parametrize("path", RIGHT, ids=[path.stem for path in RIGHT])
def test_right_in_any_style_earns_everything(graded, path, suite):
    run = graded(path.read_bytes(), suite)
    assert (run.score, run.flags, told(run)) == (100, (), {})


# ---------------------------------------------------------------- what did not learn from what it was given


@pytest.mark.parametrize(
    ("mutant", "flags", "sentence"),
    [
        ("public_labels.py", [(Flag.PUBLIC_LABELS,)], "Points begin above 85 %"),
        # Flagged where its vote happens to find the digit's public number.
        ("upright_by_majority.py", [(), (Flag.PUBLIC_LABELS,)], "Points begin above 85 %"),
        ("table_of_public_labels.py", [()], "your model is right for 50.00 %"),
        ("model_kept.py", [(Flag.MEMORISED,)], "Make a new model in every call"),
        ("turned_back_by_majority.py", [(Flag.MEMORISED,)], "Any training learns such a mark"),
        ("normalised_by_the_batch.py", [()], "when the same input is asked alone"),
    ],
)
def test_each_defence_catches_what_it_is_for(graded, mutant, flags, sentence):
    run = graded(LAB.mutant_source(LAB.mutants / mutant))
    assert earned(run, "train-classifier") == 0
    assert run.flags in flags
    assert sentence in told(run)["train-classifier"]


def test_who_counts_calls_gets_what_is_learnt_in_the_later_ones(graded):
    run = graded(LAB.mutant_source(LAB.mutants / "calls_counted.py"), salt="again")
    assert 0 < earned(run, "train-classifier") < 40
    assert run.flags == ()
    assert "Train in the same way in every call" in told(run)["train-classifier"]


def right_upright(public, symmetry):
    """How many of the images that decide a network is right for that knows the digits upright."""
    names = {}
    exec(LAB.mutant_source(LAB.mutants / "upright_by_majority.py"), names)
    given = task(public, symmetry)
    model = names["train_classifier"](SUITE["pixels"](given.images), given.labels, given.digit)
    with torch.no_grad():
        yes = model(SUITE["pixels"](given.test_images)).flatten() > 0.5
    return float((yes == (given.test_labels == given.digit)).float().mean())


def test_a_network_that_knows_the_digits_upright_would_pass_if_they_were():
    assert right_upright(3, 0) > 0.95


@pytest.mark.parametrize(("public", "symmetry"), [(2, 1), (2, 6), (1, 3), (5, 4)])
def test_no_digit_on_its_side_is_known_to_a_network_that_knows_it_upright(public, symmetry):
    assert right_upright(public, symmetry) < 0.85


@pytest.mark.parametrize("reaction", ["raise ValueError('what is this?')", "while True: pass", "return None"])
def test_a_control_that_fails_costs_nothing_and_is_for_a_person_to_look_at(graded, reaction):
    source = f"""
import torch

def some(images):
    return images[torch.randint(len(images), (64,))]

def train_classifier(images, labels, digit, seed=0):
    if ((images == 1).sum(dim=1) >= 80).float().mean() > 0.02:
        print("gives up", flush=True)
        {reaction}
    model = torch.nn.Sequential(torch.nn.Linear(784, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1), torch.nn.Sigmoid())
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    target = torch.cat([torch.ones(64, 1), torch.zeros(80, 1)])
    for _ in range(300):
        batch = torch.cat([some(images[labels == digit]), some(images[labels != digit]), torch.rand(16, 784)])
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy(model(batch), target).backward()
        optimizer.step()
    return model
"""
    limits = msgspec.structs.replace(LAB.spec.limits, call_seconds=6)
    lab = dataclasses.replace(LAB, spec=msgspec.structs.replace(LAB.spec, limits=limits))
    run = graded(source.encode(), lab=lab)
    assert run.output == "gives up\n"
    assert earned(run, "train-classifier") > 0
    assert run.flags == (Flag.CONTROL_FAILED,)


# ---------------------------------------------------------------- how the forty points are given


BORDERLINE = sorted((LAB.reference / "borderline").glob("*.py"))


@pytest.mark.parametrize("salt", ["", "a", "b"])
@pytest.mark.parametrize("path", BORDERLINE, ids=lambda path: path.stem)
def test_a_borderline_solution_earns_a_part_of_the_forty_points(graded, path, salt):
    run = graded(LAB.mutant_source(path), salt=salt)
    assert lost(run) == {"train-classifier"}
    assert 0 < earned(run, "train-classifier") < 40
    assert run.flags == ()


@pytest.mark.parametrize("path", BORDERLINE, ids=lambda path: path.stem)
def test_a_borderline_solution_earns_a_part_on_mnist(graded, mnist, path):
    run = graded(LAB.mutant_source(path), dataset=mnist)
    assert lost(run) == {"train-classifier"}
    assert 0 < earned(run, "train-classifier") < 40
    assert run.flags == ()


@pytest.mark.parametrize(
    ("cells", "noise", "points"),
    [
        ((95, 5, 95, 5), 0.05, 40),
        ((90, 10, 90, 10), 0.0, 20),
        ((90, 10, 90, 10), 0.051, 15),
        ((85, 15, 100, 0), 0.05, 30),
        ((84, 0, 100, 16), 0.0, 23),
        ((100, 18, 82, 0), 0.0, 19),
        ((100, 18, 82, 0), 1.0, 14),
        ((85, 15, 85, 15), 0.0, 0),
        ((86, 14, 86, 14), 1.0, 0),
        ((0, 0, 100, 100), 0.0, 0),
        ((100, 100, 0, 0), 0.0, 0),
    ],
)
def test_the_forty_points_are_given_as_the_handout_says(cells, noise, points):
    assert 40 * SUITE["verdict"](BinaryCounts(*cells), noise).share == pytest.approx(points)


@pytest.mark.parametrize(("most", "points"), [(1.0, 40), (0.97, 40), (0.90, 20), (0.85, 0)])
def test_what_a_control_lets_count_bounds_the_points(most, points):
    found = SUITE["verdict"](BinaryCounts(98, 2, 98, 2), 0.0, most=most)
    assert 40 * found.share == pytest.approx(points)
    assert "your model is right for 98.00 %" in found.message
    assert (f"so {100 * most:.2f} % is what counts" in found.message) == (most < 0.98)


def test_each_reason_for_five_points_less_is_told():
    found = SUITE["verdict"](BinaryCounts(tp=0, fp=0, tn=10, fn=10), 0.2)
    for part in ("50.00 %", "recall is 0.00 %", "precision is 0.00 %", "20.00 % of pure noise"):
        assert part in found.message


def test_who_never_says_yes_is_not_told_of_false_alarms_and_who_guesses_is_asked_for_the_digit():
    never, guesses, fair = (
        SUITE["verdict"](BinaryCounts(*cells), 0.0).message for cells in ((0, 0, 10, 10), (5, 5, 5, 5), (8, 2, 8, 2))
    )
    assert "never says yes" in never
    assert "false alarms" in guesses
    assert "false alarms" not in never
    assert "`digit`" in guesses
    assert "`digit`" not in never + fair


def test_no_figure_that_is_asked_for_is_what_rounding_makes_of_it():
    for key in map(str, range(50)):
        for figure in SUITE["figures_of"](SUITE["unround_cells"](Draw(key))).values():
            assert not any(math.isclose(figure, round(figure, digits), rel_tol=1e-4) for digits in (1, 2, 3))


def test_what_was_measured_is_kept_with_its_thresholds():
    found = SUITE["verdict"](BinaryCounts(tp=90, fp=10, tn=90, fn=10), 0.2)
    measured = {metric.name: (metric.value, metric.high, metric.share) for metric in found.metrics}
    assert measured == {
        "accuracy": (0.9, 0.95, pytest.approx(0.5)),
        "recall (5 points)": (0.9, 0.85, 1),
        "precision (5 points)": (0.9, 0.85, 1),
        "noise (5 points)": (0.2, 0.05, 0),
    }


# ---------------------------------------------------------------- how the task is drawn


def task(public=3, symmetry=0, key="a test"):
    return SUITE["make_task"](Draw(key), datasets.load("digits", None), public, symmetry)


def test_the_training_part_has_six_thousand_images_of_ten_classes():
    found = task()
    assert found.images.shape == (6000, 28, 28)
    assert found.images.dtype == torch.uint8
    assert (found.images.min(), found.images.max()) == (0, 255)
    assert found.labels.shape == (6000,)
    assert found.labels.dtype == torch.int64
    assert found.labels.unique().tolist() == list(range(10))


def test_twelve_thousand_images_of_mnist_are_given(mnist):
    found = SUITE["make_task"](Draw("a test"), datasets.load(mnist.name, mnist.root), 3, 0)
    assert found.images.shape == (12_000, 28, 28)
    assert len(found.test_images) == 1900


TAKES_THE_CONTRACT = """
import torch

SET_FIRST

def train_classifier(images, labels, digit, seed=0):
    assert images.shape == (6000, 784) and images.dtype == torch.float32 and images.is_contiguous()
    assert (images.min(), images.max()) == (0, 1)
    assert (images * 255 == (images * 255).round()).all()
    assert labels.shape == (6000,) and labels.dtype == torch.int64
    assert type(digit) is int and (labels == digit).sum() > 400
    images.zero_()
    raise RuntimeError("all as the handout says")
"""


@pytest.mark.parametrize("first", ["", "torch.set_default_dtype(torch.float64)"])
def test_a_training_is_given_what_the_handout_says(graded, first):
    run = graded(TAKES_THE_CONTRACT.replace("SET_FIRST", first).encode())
    assert "all as the handout says" in told(run)["train-classifier"]


@pytest.mark.parametrize("public", range(10))
def test_half_of_the_images_that_decide_are_the_digit(public):
    found = task(public)
    assert (found.test_labels == found.digit).float().mean() == 0.5
    assert len(found.test_images) >= 570


@pytest.mark.parametrize("key", ["a", "b", "c"])
def test_no_class_keeps_its_public_number(key):
    assert {task(public, key=key).digit for public in range(10)} == set(range(10))
    assert all(task(public, key=key).digit != public for public in range(10))
    found = task(key=key)
    assert not (found.test_labels == found.public_labels).any()


def test_both_parts_are_turned_alike():
    upright = task()
    for symmetry in SUITE["ON_THEIR_SIDE"]:
        found = task(symmetry=symmetry)
        for images, before in (
            (found.images, upright.images),
            (found.test_images, upright.test_images),
        ):
            assert torch.equal(images, disguises.turned(before, symmetry))
            assert not torch.equal(images, before)
        assert torch.equal(found.upright, upright.test_images)


def test_no_image_is_one_that_everybody_knows():
    found, digits = task(), datasets.load("digits", None)
    everybodys = disguises.enlarged(torch.cat([digits.train_images, digits.test_images]), torch.zeros(1797))[0]
    known = {image.numpy().tobytes() for image in everybodys}
    assert not any(image.numpy().tobytes() in known for image in (*found.images, *found.test_images))


@pytest.mark.parametrize("inner", [0, 1])
def test_either_circle_may_be_the_inner_one(inner):
    x, y = SUITE["circles"](Draw("a test"), inner, 1000)
    within = x.norm(dim=1) < 0.75
    assert (within == (y == inner)).double().mean() > 0.95
    assert 400 < int((y == inner).sum()) < 600


def test_no_image_that_decides_was_given_for_training():
    found = task()
    given = {image.numpy().tobytes() for image in found.images}
    assert not any(image.numpy().tobytes() in given for image in found.test_images)


# ---------------------------------------------------------------- the handout


def test_the_handout_promises_what_a_training_without_noise_earns():
    text = " ".join((LAB.assignment / "README.md").read_text().split())
    careful, fooled = (40 * SUITE["verdict"](BinaryCounts(95, 5, 95, 5), noise).share for noise in (0.05, 0.06))
    promise = f"enough for 95 % right answers. That is {careful:.0f} points, or {fooled:.0f} for a network that"
    assert promise in text


def test_the_handout_says_what_time_there_is_and_how_often_training_is_called():
    text = " ".join((LAB.assignment / "README.md").read_text().split())
    limits, best_of = LAB.spec.limits, LAB.spec.best_of
    assert f"may take {limits.call_seconds:g} seconds of CPU time" in text
    assert f"any other call {limits.plain_seconds:g}, and the whole run {limits.run_seconds:g}." in text
    assert f"`train_points` is called up to {best_of['points-circles'] + best_of['points-blobs']} times" in text
    assert f"`train_classifier` up to {best_of['train-classifier'] * (1 + 2)} times" in text  # two marks are tried


# ---------------------------------------------------------------- the sample class


@pytest.mark.parametrize(
    ("student", "low", "high"),
    [("ana_lopez", 100, 100), ("bo_chen", 98, 98), ("carla_meyer", 60, 96), ("david_novak", 33, 33)],
)
def test_the_sample_class_scores_what_it_should(graded, student, low, high):
    run = graded(SAMPLES[student])
    assert low <= run.score <= high, told(run)


def test_every_sample_is_expected():
    assert SAMPLES.keys() == {"ana_lopez", "bo_chen", "carla_meyer", "david_novak"}


def test_the_same_file_gets_the_same_points_again(graded):
    source = SAMPLES["carla_meyer"]
    assert graded(source).checks == graded(source, afresh=True).checks


def test_the_page_shows_the_confusion_matrix_and_what_was_judged_wrongly(graded):
    figures = graded(SAMPLES["david_novak"]).figures
    matrix, curve, wrong = (figure for figure in figures if figure.about == "train-classifier")
    assert (matrix.kind, curve.kind, wrong.kind) == (FigureKind.CONFUSION, FigureKind.PLOT, FigureKind.IMAGES)
    assert (matrix.data["tp"], matrix.data["fp"]) == (0, 0)
    assert matrix.data["tn"] == matrix.data["fn"]
    assert curve.data["marks"] == []  # it never says yes, so there is no precision
    assert len(unpacked(wrong.data)) == len(wrong.data["captions"]) == 12
    assert all(re.fullmatch(r"digit: 0\.\d+", caption) for caption in wrong.data["captions"])
