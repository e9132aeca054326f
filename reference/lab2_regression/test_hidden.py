"""Hidden suite of lab 2.

Data are drawn for each submission, except where published figures are asked for. A solution that answers with those
without looking at its data fails on others, and then the published ones earn nothing.
"""

import math
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

import pytest
import torch
from sklearn.datasets import make_regression
from torch import Tensor

from grader.errors import CheckFailed, PartialCredit
from grader.examine.suite import (
    CallEnded,
    CallRaised,
    Dots,
    Draw,
    Figures,
    Flag,
    Handle,
    Line,
    Metric,
    Submission,
    Trials,
    Verdict,
    check,
    controls,
    expect,
)

QUALITY = "How good is a fit?"
MODELS = "The models"
TRAINING = "Training"

COUNTED = (
    "An optimiser trains what parameters() lists. Too few mean that a layer is missing there and stays as it started,"
    " too many that it is another network than you think."
)
REPRODUCED = (
    "Least squares has one solution, which every right program finds. Getting a published result out of one's own code"
    " is how people begin to trust it."
)


# ---------------------------------------------------------------- how good is a fit?


@check(
    "mse",
    title="mse: the value",
    points=4,
    group=QUALITY,
    hint="The mean of (y_hat - y)**2 over all points.",
    why="This is the number that training makes small. If it grows with the number of points, a learning rate"
    " means something else for every batch size.",
)
def test_mse(submission: Submission, draw: Draw) -> None:
    """mse(y_hat, y) is the mean of the squared differences, a scalar: [n, 1], [n, 1] -> []."""
    for n in draw.integer(4, 9), 1:
        y_hat, y = 3 * draw.normal(n, 1), 3 * draw.normal(n, 1)
        what = f"mse(y_hat, y) with shapes [{n}, 1]"
        found = submission.mse(y_hat, y)
        if isinstance(found, Tensor):
            expect.tensor(found, shape=(), what=what)
        expect.close_number(found, float((y_hat - y).double().square().mean()), what=what)


@check(
    "mse-gradient",
    title="mse: the gradient",
    points=3,
    group=QUALITY,
    hint="The answer stays a tensor, made of y_hat by tensor operations: no .item(), .detach(), float() or numpy.",
    why="Without a gradient an optimiser has nothing to go by: losses are printed, steps are made, and no"
    " weight ever moves.",
)
def test_mse_gradient(submission: Submission, draw: Draw) -> None:
    """mse(y_hat, y) can be differentiated: backward() brings the gradient to the weights that y_hat comes from.

    A value that is wrong costs another check. What its gradient should be nobody knows, but that there is one.
    """
    n, d = draw.sizes(2, 3, 8)
    x, y, weight, bias = draw.normal(n, d), draw.normal(n, 1), draw.normal(d), draw.number(-1, 1)
    layer = layer_at(submission, weight, bias)
    what = "mse(y_hat, y), with a y_hat that a model made,"
    loss = expect.handle(submission.call("mse", layer.method("__call__", x, keep=True), y, keep=True), what=what)
    value = expect.tensor(loss.attribute(""), shape=(), dtype="floating", what=what)
    expect.that(loss.attribute("requires_grad") is True, f"{what} is cut off from the model: it has no gradient.")
    loss.method("backward")
    gradient, by_weights = layer.attribute("weight.grad"), f"The gradient of {what} by the model's weights"
    error = x @ weight[:, None] + bias - y
    if torch.isclose(value.double(), error.double().square().mean(), rtol=1e-4, atol=1e-5):
        expect.close(gradient, 2 / n * error.T @ x, what=by_weights)
    else:
        flows = expect.tensor(gradient, shape=(1, d), dtype="floating", what=by_weights)
        expect.that(flows.isfinite().all() and flows.any(), f"{by_weights} is 0, NaN or infinity: nothing is learnt.")


def layer_at(submission: Submission, weight: Tensor, bias: float) -> Handle:
    """A linear layer of torch's own, from d numbers to one, that starts from `weight` [d] and `bias`."""
    layer = expect.module(submission.library("torch.nn.Linear", len(weight), 1), what="torch.nn.Linear")
    layer.method("load_state_dict", {"weight": weight[None], "bias": torch.tensor([bias])})
    return layer


@check(
    "mse-shapes",
    title="mse: shapes that differ",
    points=3,
    group=QUALITY,
    hint="if y_hat.shape != y.shape: raise ValueError(…). [n, 1] - [n] is [n, n], without a word.",
    why="By itself the subtraction raises no error. Every answer is compared with every target, and the"
    " network quietly learns the mean of y.",
)
def test_mse_shapes(submission: Submission, draw: Draw) -> None:
    """mse(y_hat, y) raises ValueError if the shapes differ: [n, 1] and [n], for instance."""
    n, k = draw.integer(4, 9), draw.integer(2, 3)
    submission.mse(draw.normal(n, 1), draw.normal(n, 1))  # must not raise; what it answers is another check's
    for one, other in ((n, 1), (n,)), ((n,), (n, 1)), ((n, 1), (1, 1)), ((n, 1), (n - 1, 1)), ((n, 1), (n, k)):
        what = f"mse(y_hat, y) with shapes {list(one)} and {list(other)}"
        expect.raises("ValueError", partial(submission.mse, draw.normal(*one), draw.normal(*other)), what=what)


def r2(y_hat: Tensor, y: Tensor) -> float:
    """1 - SSE/SST, in double precision."""
    y_hat, y = y_hat.double(), y.double()
    return 1 - float((y - y_hat).square().sum() / (y - y.mean()).square().sum())


@check(
    "r2-score",
    title="r2_score",
    points=7,
    group=QUALITY,
    hint="SSE is the sum of (y - y_hat)**2, SST of (y - y.mean())**2, the score 1 - SSE/SST. y_hat comes first.",
    why="Whether a loss of 300 is good depends on the units. R² can be compared between data: it says how"
    " much of what there was to explain is explained.",
)
def test_r2_score(submission: Submission, draw: Draw) -> None:
    """r2_score(y_hat, y) is 1 - SSE/SST: 1 for answers that are all right, 0 for the mean alone."""
    n = draw.integer(10, 20)
    z = draw.normal(n, 1)
    y = draw.number(2, 4) + (z - z.mean()) / z.std()  # of variance 1, so that none of the scores below is negative
    near = 0.8 * y + 0.6 + 0.2 * draw.normal(n, 1)
    for y_hat, name in (near, "answers near y"), (near + 0.5, "answers that are too high"), (y, "answers equal to y"):
        expect.close_number(submission.r2_score(y_hat, y), r2(y_hat, y), what=f"r2_score(y_hat, y) for {name}")


@check(
    "r2-score-negative",
    title="r2_score: worse than the mean",
    points=3,
    group=QUALITY,
    hint="SSE may be larger than SST; then the score is below 0. It needs no clamp and no abs.",
    why="A model that is worse than the mean is the one you most need to hear about. Cut off at 0, its score"
    " hides among those that merely learnt nothing.",
)
def test_r2_score_negative(submission: Submission, draw: Draw) -> None:
    """r2_score(y_hat, y) is negative for answers that are worse than the mean of y would be."""
    y = draw.normal(draw.integer(10, 20), 1)
    y_hat = draw.number(1, 2) - 1.5 * y
    expect.close_number(submission.r2_score(y_hat, y), r2(y_hat, y), what="r2_score(y_hat, y) for answers far from y")


# ---------------------------------------------------------------- the models


def answers(model: Callable[[Tensor], object], x: Tensor, outputs: int, what: str) -> Tensor:
    """What the model says to x [n, d]: float64 [n, outputs]."""
    return expect.tensor(model(x), shape=(len(x), outputs), dtype="floating", what=what).double()


UNKNOWN_LAYERS = (
    "has 0 parameters: layers in a plain list, or made in forward, are unknown to nn.Module. Make them attributes in"
    " __init__, or use nn.ModuleList."
)


def filled(submission: Submission, name: str, sizes: tuple[int, ...], value: float) -> Handle:
    """A model of the student's with every weight and bias set to `value`.

    What it answers is then known, however its parameters are called and arranged.
    """
    model = expect.module(getattr(submission, name)(*sizes), what=f"{name}{sizes}")
    model.method("eval")
    model(torch.zeros(2, sizes[0]))  # lazy layers learn their sizes from it
    known = expect.parameters(model, what=f"{name}{sizes}")
    expect.that(known, f"{name}{sizes} {UNKNOWN_LAYERS}")
    weights = {each.name: torch.full(each.shape, value) for each in known}
    model.method("load_state_dict", weights, strict=False)
    return model


def alike(got: Tensor, *wanted: Tensor) -> bool:
    """Whether the rows of `got`, apart from a constant, are those of one of `wanted`."""
    return any(torch.allclose(got - got[:1], (want - want[:1]).expand_as(got), atol=1e-4) for want in wanted)


def award_biases(got: Tensor, want: Tensor, name: str) -> None:
    """All points if `got` is `want`, and not only but for a bias."""
    right = torch.allclose(got, want.expand_as(got), atol=1e-4)
    expect.award(1 if right else 2 / 3, f"{name} would be right, but for a bias that it does not add to its answer.")


def check_parameters(submission: Submission, name: str, sizes: tuple[int, ...], want: int) -> None:
    """The model has exactly `want` parameters."""
    model = expect.module(getattr(submission, name)(*sizes), what=f"{name}{sizes}")
    with suppress(CallRaised, CallEnded):  # that costs another check
        model(torch.zeros(2, sizes[0]))  # lazy layers learn their sizes from it
    found = {each.name: each.shape for each in expect.parameters(model, what=f"{name}{sizes}")}
    count = sum(map(math.prod, found.values()))
    expect.that(found, f"{name}{sizes} {UNKNOWN_LAYERS}")
    has = ", ".join(f"{name} {shape}" for name, shape in found.items())
    expect.that(count == want, f"{name}{sizes} has {count} parameters ({has}); {want} are asked for.")


@check(
    "linear",
    title="LinearRegression: one affine layer",
    points=6,
    group=MODELS,
    hint="nn.Linear(input_size, output_size), and nothing after it. No squeeze: [n, 1] stays [n, 1].",
    why="Every larger network is made of such layers. One whose answers are squeezed or lack their bias"
    " cannot fit, however long it is trained.",
)
def test_linear(submission: Submission, draw: Draw) -> None:
    """LinearRegression(d, k) maps [n, d] to [n, k]: each output is a weighted sum of the inputs, plus a bias."""
    for d, k in (1, 1), draw.sizes(2, 2, 6):
        c, x = draw.choice([0.25, 0.5, 0.75]), 3 * draw.normal(draw.integer(7, 9), d)
        name = f"LinearRegression({d}, {k})"
        got = answers(filled(submission, "LinearRegression", (d, k), c), x, k, f"{name}(x) with x of {list(x.shape)}")
        want = c * x.double().sum(dim=1, keepdim=True) + c
        expect.that(alike(got, want), f"{name} does not answer with weighted sums of its inputs and a bias.")
    award_biases(got, want, name)


@check(
    "linear-parameters",
    title="LinearRegression: its parameters",
    points=4,
    group=MODELS,
    hint="A weight for each pair of input and output, a bias for each output.",
    why=COUNTED,
)
def test_linear_parameters(submission: Submission, draw: Draw) -> None:
    """LinearRegression(d, k) has exactly d*k + k parameters."""
    for d, k in draw.sizes(2, 2, 9), (1, 1):
        check_parameters(submission, "LinearRegression", (d, k), d * k + k)


@check(
    "nonlinear",
    title="NonlinearRegression: one hidden layer with a sigmoid",
    points=6,
    group=MODELS,
    hint="Linear, torch.sigmoid, Linear, both with biases; nothing after the second, so that any number can come out.",
    why="Two linear layers in a row are one linear layer, and can draw a line alone. What stands between them"
    " is what lets a network bend.",
)
def test_nonlinear(submission: Submission, draw: Draw) -> None:
    """NonlinearRegression(d, h, k) maps [n, d] to [n, k]: a linear layer, a sigmoid, a linear layer."""
    for d, h, k in (1, 3, 1), draw.sizes(3, 2, 7):
        c, x = draw.choice([0.25, 0.5, 0.75]), 2 * draw.normal(draw.integer(8, 9), d)
        name = f"NonlinearRegression({d}, {h}, {k})"
        model = filled(submission, "NonlinearRegression", (d, h, k), c)
        got = answers(model, x, k, f"{name}(x) with x of {list(x.shape)}")
        inner = c * x.double().sum(dim=1, keepdim=True)
        want, unbiased = (h * c * torch.sigmoid(inner + bias) + c for bias in (c, 0))
        expect.that(alike(got, want, unbiased), f"{name} does not answer as linear layer, sigmoid, linear layer would.")
    award_biases(got, want, name)


@check(
    "nonlinear-parameters",
    title="NonlinearRegression: its parameters",
    points=4,
    group=MODELS,
    hint="From d inputs to h sigmoids d*h weights and h biases, from there to k outputs h*k weights and k biases.",
    why=COUNTED,
)
def test_nonlinear_parameters(submission: Submission, draw: Draw) -> None:
    """NonlinearRegression(1, 3, 1) has exactly 10 parameters, and other sizes as many as they should."""
    check_parameters(submission, "NonlinearRegression", (1, 3, 1), 10)
    d, h, k = draw.sizes(3, 2, 9)
    check_parameters(submission, "NonlinearRegression", (d, h, k), d * h + h + h * k + k)


# ---------------------------------------------------------------- train


@pytest.fixture(scope="module")
def trains(submission: Submission, draw: Draw) -> None:
    """One short training: a `train` that always raises, or never ends, does so here, and costs its time once."""
    submission.train(layer_at(submission, draw.normal(1), 0.0), draw.normal(100, 1), draw.normal(100, 1), 2, 0.01)


class Plane(NamedTuple):
    """Points near a plane: x float32 [n, d], normal; y float32 [n, 1]; the plane's slopes [d] and its constant."""

    x: Tensor
    y: Tensor
    slopes: Tensor
    constant: float


def plane(draw: Draw, n: int, d: int, low: float, high: float, noise: float) -> Plane:
    """A plane whose slopes are between `low` and `high`, its constant half of that, up or down.

    The columns of x have mean 0: then a constant that is forgotten leaves the slopes right, whatever was drawn.
    """
    *slopes, constant = (draw.choice([-1, 1]) * draw.number(low, high) for _ in range(d + 1))
    x = draw.normal(n, d)
    x -= x.mean(dim=0)
    y = x @ torch.tensor(slopes)[:, None] + constant / 2 + noise * draw.normal(n, 1)
    return Plane(x, y, torch.tensor(slopes), constant / 2)


def history_of(answer: object, epochs: int, what: str) -> list[float]:
    """What train returned: a finite number for each epoch."""
    items = expect.sequence(answer, length=epochs, what=what)
    return [expect.number(item, what=f"The loss of epoch {number} in {what}") for number, item in enumerate(items, 1)]


@check(
    "train-history",
    title="train: the mean loss of each epoch",
    points=5,
    group=TRAINING,
    hint="Per epoch: add up loss.item() of all batches, and divide by their number. Return the list of these means."
    " Each loss is of x[rows] and y[rows] with the same rows.",
    why="The losses are the only window into a training. If they are sums, or those of one batch, you cannot"
    " tell learning from chance.",
)
@pytest.mark.usefixtures("trains")
def test_train_history(submission: Submission, draw: Draw) -> None:
    """train(model, x, y, epochs, lr) returns a list of `epochs` floats: the mean squared error over each epoch.

    The lr is so small that every epoch's is the starting model's. Errors differ so much from point to point that the
    mean over one batch is far from it, while a hundred batches come near, even if they are drawn with replacement.
    """
    epochs, points = draw.integer(9, 12), plane(draw, 1000, 3, 2, 3, noise=0)
    off = 0.5 + 6 * torch.linspace(0, 1, 1000)[:, None] ** 4  # the largest in the last batch, if nothing is shuffled
    y = points.y + off * (2 * draw.integers(1000, 1, low=0, high=2) - 1)
    model = layer_at(submission, points.slopes, points.constant)
    what = f"train(model, x, y, {epochs}, 1e-9, batch_size=10) for 1000 points"
    found = history_of(submission.train(model, points.x, y, epochs, 1e-9, batch_size=10), epochs, what)
    want = float(off.square().mean())
    wrong = sum(abs(loss - want) > 0.3 * want for loss in found)
    expect.that(
        not wrong,
        "With so small an lr the model stays as it is, and the mean loss of each epoch is its mean squared error. In"
        f" the list that {what} returns, {wrong} of {epochs} are not. Is each the mean over all batches, and not their"
        " sum, or the last one's loss?",
    )


GROWS = (
    " It grows: that happens without optimizer.zero_grad() before each backward(), and where steps are too long, with a"
    " larger lr than the one given or a loss that is a sum and not a mean."
)


def check_trained(model: Handle, points: Plane, before: float, share: float, call: str) -> None:
    """The mean squared error of a model that was given to train is a small share of what it was before."""
    model.method("eval")
    after = float((answers(model, points.x, 1, "The trained model's answer") - points.y).square().mean())
    expect.that(
        after <= share * before,
        f"The mean squared error of the model that was given to {call} was {before:.3g} before, and is {after:.3g}"
        f" afterwards; {share:.0%} of what it was is asked for.{'' if after <= 2 * before else GROWS}",
    )


@check(
    "train-learns",
    title="train: the model learns",
    points=8,
    group=TRAINING,
    hint="For each batch: x[rows] and y[rows] with the same rows, zero_grad(), mse, backward(), step(). The optimiser"
    " gets the parameters of the model that was given, not of a copy.",
    why="This loop trains everything, from a line to a language model. What is wrong in it goes wrong in"
    " every lab that follows.",
)
@pytest.mark.usefixtures("trains")
def test_train_learns(submission: Submission, draw: Draw, figures: Figures) -> None:
    """train(model, x, y, epochs, lr) trains the model that it was given: afterwards its error is small.

    Of several lengths, as an error that swings, for want of a zero_grad, may happen to be small after one of them.
    """
    points = plane(draw, 400, 3, 0.6, 1.2, noise=0.1)
    for epochs in 20, 23, 27, 32:
        model = layer_at(submission, torch.zeros(3), 0.0)
        history = submission.train(model, points.x, points.y, epochs, 0.1, seed=draw.seed())
        if epochs == 20:
            show_losses(figures, history)
        check_trained(model, points, float(points.y.square().mean()), 0.1, f"train(model, x, y, {epochs}, 0.1)")


def show_losses(figures: Figures, history: object) -> None:
    """What train returned, as a curve; what it should have returned is asked elsewhere."""
    with suppress(CheckFailed):
        losses = Line("loss", expect.sequence(history, what="train(model, x, y, 20, 0.1)"))
        alt = "The list that train(model, x, y, 20, 0.1) returned, over its epochs."
        figures.plot("The losses of a training", alt, x="epoch", y="mean squared error", lines=[losses])


@check(
    "train-any-model",
    title="train: other models",
    points=2,
    group=TRAINING,
    hint="If a linear model learns and this one does not: ask the model for model.parameters() and model(x), and for"
    " nothing else, as it may be any nn.Module.",
    why="A loop that knows its model by name has to be written again for each one. Those of libraries ask for"
    " parameters and answers, and train anything.",
)
@pytest.mark.usefixtures("trains")
def test_train_any_model(submission: Submission, draw: Draw) -> None:
    """train(model, x, y, epochs, lr) trains a network with a hidden layer, too."""
    points = plane(draw, 400, 2, 0.6, 1.2, noise=0.1)
    parts = ("Linear", 2, 8), ("Tanh",), ("Linear", 8, 1)
    modules = [(f"torch.nn.{name}", submission.library(f"torch.nn.{name}", *sizes)) for name, *sizes in parts]
    layers = [expect.module(module, what=name) for name, module in modules]
    layers[-1].method("load_state_dict", {"weight": torch.zeros(1, 8), "bias": torch.zeros(1)})  # so it answers 0
    model = submission.library("torch.nn.Sequential", *layers)
    submission.train(model, points.x, points.y, 40, 0.05)
    check_trained(model, points, float(points.y.square().mean()), 0.4, "train(model, x, y, 40, 0.05)")


@check(
    "train-repeatable",
    title="train: the same for the same seed",
    points=3,
    group=TRAINING,
    hint="torch.manual_seed(seed) as the first line, or a torch.Generator().manual_seed(seed) that shuffles.",
    why="If two runs differ although nothing was changed, you cannot tell whether your next change helped or the dice"
    " did.",
)
@pytest.mark.usefixtures("trains")
def test_train_repeatable(submission: Submission, draw: Draw) -> None:
    """train(…, seed=s) returns the same list for equal models and the same seed, whatever was drawn before."""
    points, seed = plane(draw, 200, 2, 0.6, 1.2, noise=1.0), draw.seed()
    what = f"train(model, x, y, 5, 0.05, batch_size=20, seed={seed})"
    histories = []
    for _ in "12":  # torch's global generator stands elsewhere at each call
        model = layer_at(submission, torch.zeros(2), 0.0)
        answer = submission.train(model, points.x, points.y, 5, 0.05, batch_size=20, seed=seed)
        histories.append(torch.tensor(history_of(answer, 5, what)))
    first, again = histories
    falls = float(first.min()) < 0.9999 * float(first.max())  # less than that is rounding
    expect.that(falls, f"{what} returns the same loss for each epoch. Does it train?")
    same = torch.allclose(first, again, rtol=1e-6, atol=0)
    expect.that(same, f"{what} returns other losses when it is called again with an equal model.")


@check(
    "train-batches",
    title="train: batches of batch_size",
    points=2,
    group=TRAINING,
    hint="for rows in torch.randperm(len(x)).split(batch_size): one step for x[rows], y[rows]. Or use a DataLoader.",
    why="Small batches make many steps of the same data, which is why networks learn in minutes. And the size"
    " is what you turn down when memory runs out.",
)
@pytest.mark.usefixtures("trains")
def test_train_batches(submission: Submission, draw: Draw) -> None:
    """train(…, batch_size=b) makes a step for every b points: smaller batches are more steps, which lead further.

    Who trains a copy pays for that in other checks: where no weight moved, the losses tell how far the steps led.
    """
    points = plane(draw, 400, 2, 2, 3, noise=0.1)
    moved, histories = {}, {}
    for batch_size in 5, 200:
        layer = layer_at(submission, torch.zeros(2), 0.0)  # and far too little training to arrive
        histories[batch_size] = submission.train(layer, points.x, points.y, 2, 0.001, batch_size=batch_size)
        weight = expect.tensor(layer.attribute("weight"), shape=(1, 2), what="The weight of the model given to train")
        bias = expect.tensor(layer.attribute("bias"), shape=(1,), what="The bias of the model given to train")
        # The bias moves steadily also where x and y were shuffled apart, which costs other checks.
        moved[batch_size] = float(torch.cat([weight[0], bias]).double().norm())
    steps = "Two epochs over 400 points are 160 steps with batch_size=5, and 4 with batch_size=200. In them, "
    if any(moved.values()):
        expect.that(
            moved[5] > 3 * moved[200] or moved[200] > float(points.slopes.norm()) / 2,  # or few steps suffice
            f"{steps}the weights of the model that was given to train moved by {moved[5]:.2g} with the one, by"
            f" {moved[200]:.2g} with the other.",
        )
    else:
        few, many = (fall(history_of(histories[size], 2, f"train(…, batch_size={size})")) for size in (200, 5))
        expect.that(
            many > max(0.001, 3 * few),  # less than that is rounding
            f"{steps}the weights of the model that was given to train did not move at all, and the losses that train"
            " returned fell hardly more with the one than with the other.",
        )


def fall(history: list[float]) -> float:
    """By what share of the first loss the last one is smaller."""
    return (history[0] - history[-1]) / max(abs(history[0]), 1e-9)


# ---------------------------------------------------------------- fit_linear


def least_squares(x: Tensor, y: Tensor) -> Tensor:
    """The constant and the slopes of the best plane: float64 [1 + d]."""
    design = torch.cat([torch.ones(len(x), 1), x], dim=1).double()
    return torch.linalg.lstsq(design, y.double()).solution.flatten()


def fitted(submission: Submission, x: Tensor, y: Tensor, seed: int) -> Tensor:
    """The constant and the slopes of fit_linear's model, from its answers at 0 and at unit vectors: float64 [1 + d]."""
    model = expect.module(submission.fit_linear(x, y, seed=seed), what="fit_linear(x, y)")
    model.method("eval")
    d = x.shape[1]
    found = answers(model, torch.eye(d + 1, d).roll(1, dims=0), 1, "The model of fit_linear(x, y)").flatten()
    return torch.cat([found[:1], found[1:] - found[0]])


def near(got: Tensor, want: Tensor) -> Tensor:
    """Which coefficients are within 2 % plus 0.5: bool [1 + d]."""
    return (got - want).abs() <= 0.02 * want.abs() + 0.5


SHOWN_MOST = 1e20
"""From here on a coefficient leaves no point on any paper."""


def show_answers(figures: Figures, points: Plane, found: Tensor) -> None:
    """What a model with these coefficients [1 + d] says of the points that it was trained on, beside their y."""
    if not (found.abs() < SHOWN_MOST).all():  # NaN is no number that could be compared
        return
    y, said = points.y.flatten().tolist(), (found[0] + points.x.double() @ found[1:]).tolist()
    some = slice(None, None, 4)
    figures.plot(
        "Answers beside what they should be",
        f"Every fourth of the {len(y)} points that fit_linear was given: across is its y, upwards what the model"
        " answers. The nearer to the line, the better the fit; no plane comes nearer than the noise in y.",
        x="y",
        y="the model's answer",
        lines=[Line("answer = y", [min(y), max(y)], x=[min(y), max(y)])],
        dots=[Dots("points", y[some], said[some], fit=y[some])],
    )


@pytest.fixture(scope="module")
def drawn_fit(submission: Submission, draw: Draw, figures: Figures) -> Tensor:
    """Which coefficients fit_linear finds in data that nobody has published, the constant first: bool [1 + d]."""
    points = plane(draw, 500, draw.choice([2, 4, 5]), 16, 55, noise=10)
    found = fitted(submission, points.x, points.y, draw.seed())
    show_answers(figures, points, found)
    return near(found, least_squares(points.x, points.y))


@check(
    "fit-linear-slopes",
    title="fit_linear: the slopes",
    points=8,
    group=TRAINING,
    hint="Adam moves a weight by about lr in each step: from 0 to 50 takes many. More epochs, or a larger lr at first."
    " Do the slopes stay near 0? A batch is x[rows] and y[rows] with the same rows; answer and target have one shape.",
    why="A slope says how much y changes with a feature, which is what people read off a regression. From a"
    " training that stopped half-way they read something false.",
)
def test_fit_linear_slopes(drawn_fit: Tensor) -> None:
    """fit_linear(x, y) finds the slopes of least squares, each within 2 % plus 0.5, in points drawn for your file."""
    slopes = drawn_fit[1:]
    expect.that(
        slopes.all(),
        f"{int((~slopes).sum())} of the {len(slopes)} slopes of fit_linear's model are not within 2 % plus 0.5 of least"
        " squares.",
    )


@check(
    "fit-linear-constant",
    title="fit_linear: the constant",
    points=4,
    group=TRAINING,
    hint="The model's answer at x = 0: the bias of a linear layer.",
    why="A constant that is off makes every answer wrong by the same amount, whatever the features are.",
)
def test_fit_linear_constant(drawn_fit: Tensor) -> None:
    """fit_linear(x, y) finds the constant of least squares, within 2 % plus 0.5, in the same points."""
    expect.that(drawn_fit[0], "At x = 0, fit_linear's model is not within 2 % plus 0.5 of least squares.")


def show_fit(figures: Figures, x: Tensor, y: Tensor, said: Tensor) -> None:
    """The points that a function was given, and what its model says of them; [n, 1] each."""
    order = x.flatten().argsort()
    across, up, fit = (column.flatten()[order].tolist() for column in (x, y, said))
    some = slice(None, None, 4)
    figures.plot(
        "The fit",
        f"Every fourth of the {len(x)} points that your function was given, and the curve of what its model answers.",
        x="x",
        y="y",
        lines=[Line("your model", fit, x=across)],
        dots=[Dots("points", across[some], up[some], fit=fit[some])],
    )


def check_published(
    submission: Submission, draw: Draw, figures: Figures, features: int, published: list[float]
) -> None:
    """The coefficients that fit_linear finds in scikit-learn's data are the published ones."""
    x, y = (
        torch.from_numpy(part).float()
        for part in make_regression(n_samples=500, n_features=features, noise=10, random_state=0)
    )
    got = fitted(submission, x, y[:, None], draw.seed())
    if features == 1:
        show_fit(figures, x, y, got[0] + got[1] * x)
    says, right = (", ".join(f"{value:.2f}" for value in values) for values in (got.tolist(), published))
    expect.that(
        near(got, torch.tensor(published)).all(),
        f"For make_regression(n_samples=500, n_features={features}, noise=10, random_state=0) the constant and the"
        f" slopes of fit_linear's model are {says}; those of least squares are {right}.",
    )


@check(
    "fit-linear-one",
    title="fit_linear: one feature",
    points=4,
    group=TRAINING,
    depends=("fit-linear-slopes",),
    why=REPRODUCED,
)
def test_fit_linear_one(submission: Submission, draw: Draw, figures: Figures) -> None:
    """fit_linear(x, y) finds the published -0.77 and 45.50 in points of make_regression with 1 feature."""
    check_published(submission, draw, figures, 1, [-0.77, 45.50])


@check(
    "fit-linear-three",
    title="fit_linear: three features",
    points=4,
    group=TRAINING,
    depends=("fit-linear-slopes",),
    why=REPRODUCED,
)
def test_fit_linear_three(submission: Submission, draw: Draw, figures: Figures) -> None:
    """fit_linear(x, y) finds the published 0.43, 0.62, 55.99, 11.14 in points of make_regression with 3 features."""
    check_published(submission, draw, figures, 3, [0.43, 0.62, 55.99, 11.14])


# ---------------------------------------------------------------- fit_nonlinear


def curve(x: Tensor) -> Tensor:
    """The published curve."""
    return x**2 + 15 * torch.sin(x) ** 3


def another_curve(draw: Draw) -> Callable[[Tensor], Tensor]:
    """A curve that is as hard to learn, and far from the published one and its mirror image: their R² is below 0.6."""
    size, stretching = draw.number(0.45, 0.6), draw.choice([-1, 1]) * draw.number(1.0, 1.03)
    return lambda x: size * curve(stretching * x)


CURVED = "The model of fit_nonlinear(x, y)"


def curved(submission: Submission, x: Tensor, y: Tensor, seed: int) -> Handle:
    """fit_nonlinear's model for x and y, in eval mode."""
    model = expect.module(submission.fit_nonlinear(x, y, seed=seed), what="fit_nonlinear(x, y)")
    model.method("eval")
    return model


def show_learnt(figures: Figures, model: Handle, x: Tensor) -> None:
    """The published curve's points at x [n, 1], and what the model says of them.

    It is asked with a seed of its own, so that a picture changes nothing that is drawn later.
    """
    show_fit(figures, x, curve(x), answers(partial(model.method, "__call__", seed=0), x, 1, CURVED))


ONE_CURVE_ONLY = (
    "Given points of another curve, which is no harder, fit_nonlinear(x, y) does not learn it. Make a new model in"
    " every call, and train it on x and y alone."
)
LEARNT = 0.75
"""The R² from which on the other curve is learnt: a straight line reaches up to 0.72 there, too."""


def check_learnt(submission: Submission, x: Tensor, new: Tensor, draw: Draw, flags: set[Flag]) -> None:
    """fit_nonlinear learns a drawn curve, too, with one of two seeds."""
    other, seeds = another_curve(draw), (draw.seed(), draw.seed())

    def learns() -> bool:
        models = (curved(submission, x, other(x), seed) for seed in seeds)
        return any(r2(answers(model, new, 1, CURVED), other(new)) >= LEARNT for model in models)

    if controls.memorised(learns, flags):
        raise CheckFailed(ONE_CURVE_ONLY)


# Last in the file, and its control after all trainings: neither may use up the time for the whole run at others' cost.
@check(
    "fit-nonlinear",
    title="fit_nonlinear",
    points=20,
    group=TRAINING,
    hint="Does the loss still fall at the end? Train longer, or with a larger lr at first. Does it stand still high up?"
    " Take more hidden neurons.",
    why="Few things in the world lie on a line. That some sigmoids bend into nearly any curve is what"
    " networks are for; that they have to be trained for long enough is the price.",
)
def test_fit_nonlinear(submission: Submission, draw: Draw, figures: Figures, flags: set[Flag], trials: Trials) -> None:
    """fit_nonlinear(x, y) learns y = x² + 15·sin(x)³ from 500 points; its R² is of new ones, from -2.5 to 2.5."""
    # Points drawn freely gave the same network, 20 sigmoids and 500 epochs, a mean R² of 0.951 in one draw and of 0.985
    # in another. Stratified, it is 0.988 to 0.991.
    x = draw.stratified_normal(500)[:, None]
    new = 5 * (torch.arange(1000)[:, None] + draw.uniform(1000, 1)) / 1000 - 2.5
    control = partial(check_learnt, submission, x, new, draw, flags)

    def attempt(seed: int) -> Verdict:
        model = curved(submission, x, curve(x), seed)
        found = answers(model, new, 1, CURVED)
        with submission.aside():
            show_learnt(figures, model, x)
        expect.that(found.isfinite().all(), f"{CURVED} answers NaN or infinity.")
        fit = Metric("R²", r2(found, curve(new)), low=0.80, high=0.97)
        message = f"R² is {fit.value:.3f}. Points begin above {fit.low:.2f} and are full from {fit.high:.2f}."
        if fit.value < 0.2:
            message += (
                " The mean alone would reach about 0: are x and y still paired, x[rows] and y[rows] with the same rows,"
                " and do the shapes of answer and target agree?"
            )
        return Verdict(fit.share, message, (fit,))

    try:
        trials.best(attempt)
    except PartialCredit:
        control()
        raise
    control()
