"""Public checks of lab 3: the examples of the handout, and trainings.

The checks that grade ask more of the result. They renumber the classes, as these do.
"""

import math

import torch
from torch import Tensor

from grader.disguises import enlarged
from grader.examine.suite import Digits, Draw, Handle, Submission, check, expect
from grader.metrics import accuracy, balanced_rows, binary_counts

MEASURING = "Counting and measuring"
CLASSIFIER = "The classifier"
NOISE = "Noise"
CLASSES = "More than two classes"

COUNTS = ("tp", "fp", "tn", "fn")
GIVEN = 6000  # images to train on: as many, or half as many, as when it is graded


# ---------------------------------------------------------------- counting and measuring


@check("confusion", title="confusion", points=8, group=MEASURING, hint="fn: predicted 0, actual 1.")
def test_confusion(submission: Submission) -> None:
    """confusion([[1], [1], [1], [0], [0], [0]], [[1], [1], [0], [0], [0], [1]]) has tp 2, fp 1, tn 2, fn 1."""
    predicted, actual = torch.tensor([[1], [1], [1], [0], [0], [0]]), torch.tensor([[1], [1], [0], [0], [0], [1]])
    what = f"confusion({predicted.tolist()}, {actual.tolist()})"
    found = expect.mapping(submission.confusion(predicted, actual), COUNTS, what=what)
    for name, want in zip(COUNTS, (2, 1, 2, 1), strict=True):
        expect.integer(found[name], want=want, reveal=True, what=f"“{name}” of {what}")


@check(
    "metrics",
    title="metrics",
    points=8,
    group=MEASURING,
    hint="Look at the denominators before you divide, and do not round.",
)
def test_metrics(submission: Submission) -> None:
    """metrics(90, 60, 940, 10) is 0.936, 0.6, 0.9, 0.72; (2, 1, 2, 1) gives 2/3 four times; (0, 0, 9, 1) has zeros."""
    third = 2 / 3
    for cells, figures, printed in (
        ((90, 60, 940, 10), (0.936, 0.6, 0.9, 0.72), 0.0005),  # as published: 0.936 is 1030/1100 to three digits
        ((2, 1, 2, 1), (third, third, third, third), 0.0),
        ((0, 0, 9, 1), (0.9, 0.0, 0.0, 0.0), 0.0),
    ):
        what = f"metrics{cells}"
        wanted = dict(zip(("accuracy", "precision", "recall", "f1"), figures, strict=True))
        found = expect.mapping(submission.metrics(*cells), tuple(wanted), what=what)
        for name, want in wanted.items():
            expect.close_number(found[name], want, atol=1e-5 + printed, reveal=True, what=f"“{name}” of {what}")


# ---------------------------------------------------------------- the classifier


def answers(model: Handle, images: Tensor, what: str) -> Tensor:
    """What the model says: [n], each in 0..1."""
    found = expect.tensor(model(images), shape=(len(images), 1), dtype="floating", what=what).flatten()
    inside = bool(((found >= 0) & (found <= 1)).all())
    expect.that(inside, f"{what} has values outside of 0..1, or NaN. A sigmoid at the end keeps them inside.")
    return found


@check(
    "classifier", title="DigitClassifier", points=8, group=CLASSIFIER, hint="One output per image, through a sigmoid."
)
def test_classifier(submission: Submission, draw: Draw) -> None:
    """DigitClassifier() maps float32 [n, 784] to float32 [n, 1], with values in 0..1."""
    model = expect.module(submission.DigitClassifier(), what="DigitClassifier()")
    model.method("eval")
    for n in 5, 1:
        what = f"DigitClassifier()(x) with x of shape [{n}, 784]"
        found = answers(model, 10 * draw.normal(n, 784), what)
        expect.tensor(found, dtype=torch.float32, what=what)


@check(
    "train-classifier",
    title="train_classifier (on 6,000 images)",
    points=40,
    group=CLASSIFIER,
    hint="Does the loss fall? Is the target [n, 1] like the answer? Do “yes” and “no” count the same in the loss?",
)
def test_train_classifier(submission: Submission, draw: Draw, digits: Digits) -> None:
    """train_classifier(images, labels, digit) recognises the digit: 85 % right on new images, half of them it."""
    numbers = draw.permutation(10)  # another class may be called 3 here
    digit = draw.integer(0, 9)
    images, labels = digits.train_images, digits.train_labels
    if len(images) < GIVEN:
        images, labels = enlarged(images, labels)
    rows = draw.permutation(len(images))[:GIVEN]
    given, labels = images[rows].flatten(1).float() / 255, numbers[labels[rows]]
    answer = submission.train_classifier(given, labels, digit, seed=draw.seed())
    model = expect.module(answer, what="train_classifier(images, labels, digit)")
    model.method("eval")
    labels = numbers[digits.test_labels]
    new = balanced_rows(labels, digit, 200, draw.generator)
    found = answers(model, digits.test_images[new].flatten(1).float() / 255, "The trained model's answer")
    counts = binary_counts(found > 0.5, labels[new] == digit)
    expect.that(
        counts.accuracy >= 0.85,
        f"The model is right for {counts.accuracy:.0%} of new images, half of them the digit; 85 % are asked for here. "
        f"It found {counts.tp} of {counts.tp + counts.fn}; of {counts.fp + counts.tn} others it called {counts.fp} so.",
    )


def fixed_model(submission: Submission) -> Handle:
    """A model that says yes to images that are brighter on the left of each row of 28 pixels than on the right."""
    weight = torch.ones(28, 28)
    weight[:, 14:] = -1.0
    layer = submission.library("torch.nn.Linear", 784, 1)
    layer.method("load_state_dict", {"weight": weight.reshape(1, 784), "bias": torch.zeros(1)})
    return submission.library("torch.nn.Sequential", layer, submission.library("torch.nn.Sigmoid"))


def half_bright(*bright: str) -> Tensor:
    """float32 [n, 784]: one image for each "left" or "right", that half of it white."""
    images = torch.zeros(len(bright), 28, 28)
    for image, side in zip(images, bright, strict=True):
        image[:, slice(14) if side == "left" else slice(14, 28)] = 1.0
    return images.flatten(1)


@check("predict", title="predict", points=6, group=CLASSIFIER, hint="(model(images) > 0.5).long()")
def test_predict(submission: Submission) -> None:
    """predict(model, images) is [[1], [0], [1]], in int64, for a model that answers 1.0, 0.0, 1.0."""
    answer = submission.predict(fixed_model(submission), half_bright("left", "right", "left"))
    want = torch.tensor([[1], [0], [1]])
    expect.same(answer, want, dtype=torch.int64, reveal=True, what="predict(model, images)")


# ---------------------------------------------------------------- noise


@check("noise-images", title="noise_images", points=5, group=NOISE, hint="torch.rand, with the seed set before.")
def test_noise_images(submission: Submission) -> None:
    """noise_images(20, seed=1) is float32 [20, 784] in [0, 1), and the same when it is called again."""
    what = "noise_images(20, seed=1)"
    noise, again = (
        expect.tensor(submission.noise_images(20, seed=1), shape=(20, 784), dtype=torch.float32, what=what)
        for _ in "12"
    )
    inside = bool(((noise >= 0) & (noise <= 1)).all())  # 1 is what float32 makes of a float64 just below it
    expect.that(inside, f"{what} has values outside of [0, 1).")
    expect.that(torch.equal(noise, again), f"{what} gives other images when it is called again.")


@check("false-alarm-rate", title="false_alarm_rate", points=5, group=NOISE, hint="The mean of what predict says.")
def test_false_alarm_rate(submission: Submission) -> None:
    """false_alarm_rate(model, images) is 0.25 for a model that calls one image of four the digit."""
    images = half_bright("right", "right", "left", "right")
    rate = submission.false_alarm_rate(fixed_model(submission), images)
    expect.close_number(rate, 0.25, reveal=True, what="false_alarm_rate(model, images)")


# ---------------------------------------------------------------- more than two classes


@check("train-points", title="train_points", points=12, group=CLASSES, hint="A hidden layer, and CrossEntropyLoss.")
def test_train_points(submission: Submission, draw: Draw) -> None:
    """train_points(x, y, 2) learns two circles, one inside the other: accuracy from 0.90."""
    y = draw.integers(700, low=0, high=2)
    angle = 2 * math.pi * draw.uniform(700)
    x = (1 - 0.5 * y)[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1) + 0.1 * draw.normal(700, 2)
    model = expect.module(submission.train_points(x[:500], y[:500], 2, seed=1), what="train_points(x, y, 2)")
    model.method("eval")
    logits = expect.tensor(model(x[500:]), shape=(200, 2), dtype="floating", what="The model's answer for two classes")
    right = accuracy(logits.argmax(dim=1), y[500:])
    expect.that(right >= 0.90, f"The model is right for {right:.0%} of new points; 90 % are asked for.")


@check("probabilities", title="probabilities", points=8, group=CLASSES, hint="Softmax over the classes: dim=1.")
def test_probabilities(submission: Submission) -> None:
    """probabilities(model, x) is [[0.5, 0.5], [0.75, 0.25]] for a model with logits [[2, 2], [log 3, 0]]."""
    logits = torch.tensor([[2.0, 2.0], [math.log(3), 0.0]])
    model = submission.library("torch.nn.Linear", 2, 2)  # as it comes out: a network has parameters
    model.method("load_state_dict", {"weight": torch.eye(2), "bias": torch.zeros(2)})
    answer = submission.probabilities(model, logits)
    want = torch.tensor([[0.5, 0.5], [0.75, 0.25]])
    expect.close(answer, want, reveal=True, what="probabilities(model, x)")
