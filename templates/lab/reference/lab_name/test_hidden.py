"""The hidden suite: it decides the grade, and runs apart from the submission, which answers its questions.

How to make it yours:
- A check is a test with the mark `check`: an id that never changes, a title, points that add up to `points` in
  lab.toml, a group (the handout's section of that name is quoted to who loses points), a hint (what to try) and a why
  (what it is good for). Its docstring says what was asked. Students read all of these.
- `submission.NAME(…)` calls what the student wrote. The answer may be anything: look at it through `expect` first.
- `draw` gives inputs that differ from student to student, and are the same each time that a file is graded.
- Messages say what is wrong and never what is right: who knows the right answer can return it.
- Then `grader validate lab_name`. The page “Writing a suite” of the documentation says all that a suite can do.
"""

import math

import torch
from torch import Tensor

from grader.examine.suite import Draw, Metric, Submission, Trials, Verdict, check, expect

AVERAGE, NETWORK, TRAINING = "A moving average", "A network", "Training"


# ---------------------------------------------------------------- a function: ask, compare


@check(
    "average",
    title="moving_average",
    points=15,
    group=AVERAGE,
    hint="x.unfold(0, width, 1) has the neighbours in rows.",
    why="Curves of losses are hard to read for the noise in them; smoothed ones show where a training goes.",
)
def test_average(submission: Submission, draw: Draw) -> None:
    """moving_average(x, width) has the mean of each `width` neighbours: [n], int -> [n - width + 1]."""
    n, width = draw.integer(8, 20), draw.integer(2, 5)
    x = 3 * draw.normal(n)
    expect.close(submission.moving_average(x, width), averaged(x, width), what=f"moving_average(x, {width})")


@check(
    "average-edges",
    title="moving_average: the widths 1 and n",
    points=10,
    group=AVERAGE,
    depends=("average",),
    hint="There are n - width + 1 means: n for a width of 1, one for a width of n.",
    why="Programs break at the ends of what they are made for: the first item, the last one, only one, none.",
)
def test_average_edges(submission: Submission, draw: Draw) -> None:
    """A width of 1 changes nothing, a width of n gives one mean."""
    n = draw.integer(5, 9)
    x = 3 * draw.normal(n)
    for width in 1, n:
        what = f"moving_average(x, {width}) with {n} numbers"
        expect.close(submission.moving_average(x, width), averaged(x, width), what=what)


def averaged(x: Tensor, width: int) -> Tensor:
    """The right answer, worked out in another way than the solution's."""
    return torch.stack([x[start : start + width].double().mean() for start in range(len(x) - width + 1)]).float()


# ---------------------------------------------------------------- a module: shapes, parameters, what it can do


@check(
    "net",
    title="Net: shapes",
    points=15,
    group=NETWORK,
    hint="Sizes come from the arguments, the number of rows from x.",
    why="A network that was written for one size has to be written again for the next.",
)
def test_net(submission: Submission, draw: Draw) -> None:
    """Net(inputs, hidden, classes) maps [n, inputs] to [n, classes], for any sizes."""
    inputs, hidden, classes = draw.sizes(3, 2, 9)
    model = expect.module(submission.Net(inputs, hidden, classes), what=f"Net({inputs}, {hidden}, {classes})")
    for n in draw.integer(3, 9), 1:
        what = f"Net({inputs}, {hidden}, {classes}) for x of shape [{n}, {inputs}]"
        expect.tensor(model(draw.normal(n, inputs)), shape=(n, classes), dtype="floating", what=what)


@check(
    "net-parameters",
    title="Net: parameters",
    points=10,
    group=NETWORK,
    hint="Two linear layers, both with a bias; print sum(p.numel() for p in model.parameters()).",
    why="An optimiser trains what parameters() lists. A layer that is missing there stays as it started.",
)
def test_net_parameters(submission: Submission, draw: Draw) -> None:
    """It has the weights and biases of two linear layers."""
    inputs, hidden, classes = draw.sizes(3, 2, 9)
    what = f"Net({inputs}, {hidden}, {classes})"
    model = expect.module(submission.Net(inputs, hidden, classes), what=what)
    count = sum(math.prod(each.shape) for each in expect.parameters(model, what=what))
    right = inputs * hidden + hidden + hidden * classes + classes
    expect.that(count == right, f"{what} has too {'many' if count > right else 'few'} parameters.")


@check(
    "net-bends",
    title="Net: ReLU",
    points=10,
    group=NETWORK,
    depends=("net",),
    hint="Linear, ReLU, linear; the logits may be any numbers.",
    why="Without something between them, two linear layers are one: no training makes it bend.",
)
def test_net_bends(submission: Submission, draw: Draw) -> None:
    """Its answers bend where a hidden neuron begins, are straight elsewhere, and have no bounds."""
    model = expect.module(submission.Net(1, 16, 2), what="Net(1, 16, 2)")
    near = expect.tensor(model(torch.linspace(-8, 8, 200)[:, None]), shape=(200, 2), what="Net(1, 16, 2) near 0")
    expect.that(float(bends(near).max()) > 1e-3, "The answers of Net(1, 16, 2) lie on straight lines: it never bends.")
    far = 1000.0 * draw.integer(2, 9)
    answers = model(torch.tensor([[far], [2 * far], [3 * far]]))
    steps = expect.tensor(answers, shape=(3, 2), what=f"Net(1, 16, 2) for {far:g}, {2 * far:g} and {3 * far:g}").diff(
        dim=0
    )
    expect.that(
        float(steps.abs().max()) > 1e-3, "Far from 0 the answers of Net(1, 16, 2) stay the same: are they logits?"
    )
    expect.that(
        torch.allclose(steps[0], steps[1], rtol=0.01, atol=0.01), "Far from 0 the answers are not straight lines."
    )


def bends(y: Tensor) -> Tensor:
    """How far each point of a curve [n, k] lies beside the line through its neighbours."""
    return (y[2:] - 2 * y[1:-1] + y[:-2]).abs()


# ---------------------------------------------------------------- a training: a metric between two thresholds


@check(
    "train",
    title="train: accuracy",
    points=30,
    group=TRAINING,
    hint="Print the loss every 50 steps. If it does not fall, look at zero_grad, backward and step, then at the rate.",
    why="A model is worth what it answers on data that nobody has shown it.",
)
def test_train(submission: Submission, draw: Draw, trials: Trials) -> None:
    """train(x, y, seed) returns a model that tells the classes of new points of the same kind."""
    (x, y), (new_x, new_y) = rings(draw, 400), rings(draw, 1000)

    def attempt(seed: int) -> Verdict:
        model = expect.module(submission.train(x, y, seed=seed), what="train(x, y)")
        model.method("eval")
        logits = expect.tensor(model(new_x), shape=(1000, 2), dtype="floating", what="train(x, y) for 1000 new points")
        accuracy = Metric("accuracy", float((logits.argmax(dim=1) == new_y).double().mean()), low=0.75, high=0.95)
        return Verdict(accuracy.share, f"{accuracy.value:.1%} of new points are told right.", (accuracy,))

    trials.best(attempt)


@check(
    "train-seed",
    title="train: the seed",
    points=10,
    group=TRAINING,
    hint="torch.manual_seed(seed) before the model is made.",
    why="A result that nobody can have again, not even you, proves nothing.",
)
def test_train_seed(submission: Submission, draw: Draw) -> None:
    """The same seed gives the same model, another one another model."""
    x, y = rings(draw, 100)
    seed = draw.seed()
    once, again, other = (
        expect.tensor(
            expect.module(submission.train(x, y, seed=each), what="train(x, y, seed)")(x),
            shape=(100, 2),
            dtype="floating",
            what="train(x, y, seed) for 100 points",
        )
        for each in (seed, seed, seed + 1)
    )
    expect.that(torch.allclose(once, again, atol=1e-4), "train(x, y, seed) gives another model for the same seed.")
    expect.that(not torch.equal(once, other), "train(x, y, seed) gives the same model for another seed.")


def rings(draw: Draw, n: int) -> tuple[Tensor, Tensor]:
    """`n` points on two rings, one around the other, and the ring that each is on: float32 [n, 2], int64 [n].

    Which ring is class 1 is drawn, so that a model that was trained elsewhere is right by chance alone.
    """
    outer = draw.permutation(n) % 2
    angle = 2 * math.pi * draw.uniform(n)
    radius = 1.0 + 0.6 * outer + 0.1 * draw.normal(n)
    return radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1), outer
