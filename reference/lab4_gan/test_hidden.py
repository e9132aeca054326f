"""Hidden suite of lab 4.

The steps are judged by what they do to the student's own networks. Which label means real is free, so nothing here
asks for a high answer or a low one: real and generated images have to be told apart, and the generator has to move
towards the real ones. The digit, and a symmetry of the square that is applied to all its images, are drawn for each
submission, so a generator trained elsewhere draws the wrong thing.
"""

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor

from grader.disguises import enlarged, turned, turned_back
from grader.errors import CheckFailed
from grader.examine.suite import (
    CallEnded,
    CallRaised,
    Digits,
    Draw,
    Figures,
    Flag,
    Handle,
    Judge,
    Line,
    Metric,
    Submission,
    Trials,
    Verdict,
    check,
    expect,
)
from grader.generative import diversity, novelty, recognised, relative_frechet, replayed
from grader.scoring import written

PLAYERS = "The players"
GAME = "The game"
QUALITY = "What it draws"

LATENT = 64
LOSSES = ("generator_loss", "discriminator_loss")
FEW = 1000
"""Where half of a digit's images are fewer, each is given at nine places."""
GIVEN_LEAST = 5000
"""Fewer are given more than once. Code that counts in epochs then takes as many steps on either dataset."""

DISCRIMINATOR, GENERATOR = "discriminator_step", "generator_step"

ONE_PLAYER = (
    "The two work against each other. A step that moves both pushes one of them the wrong way, and the game settles"
    " nowhere."
)
WATCHED = (
    "The losses are all that one sees of the game while it runs: whether it is even, and whether somebody has won."
)
LEFTOVERS = (
    "backward() adds to the gradients that are there. Those that earlier steps left are of other images, and those that"
    " the generator's step left in the discriminator point the other way: they spoil this step without any error."
)


# ---------------------------------------------------------------- the players


def parameters(model: Handle) -> Any:
    """The iterator over a module's parameters; good for one use."""
    return model.method("parameters", keep=True)


def weights(submission: Submission, model: Handle) -> Tensor:
    """All parameters of a module in one row, float64 [p]."""
    row = submission.library("torch.nn.utils.parameters_to_vector", parameters(model))
    return expect.tensor(row, what="The parameters of your network").double()


def move_weights(draw: Draw, model: Handle) -> None:
    """Moves all parameters a little, as training would: layers that start at zero do something afterwards."""
    moved = {}
    for name in (parameter.name for parameter in expect.parameters(model, what="Your network")):
        found = expect.tensor(model.method("get_parameter", name), what=f"The parameter {name} of your network")
        moved[name] = found.detach() + 0.1 * draw.normal(found.numel()).view(found.shape).to(found.dtype)
    model.method("load_state_dict", moved, strict=False, keep=True)


def player(submission: Submission, name: str, width: int, **given: int) -> Handle:
    """What `name(…)` makes, an nn.Module that can be trained, in eval mode; `width` is that of its input."""
    made = f"{name}({', '.join(f'{key}={value}' for key, value in given.items())})"
    model = expect.module(getattr(submission, name)(**given), what=made)
    model.method("eval")
    model.method("forward", torch.zeros(2, width), keep=True)  # a lazy layer gets its parameters when it is first used
    trainable = any(parameter.requires_grad for parameter in model.facts().parameters)
    expect.that(trainable, f"{made} has no parameters that could be trained.")
    return model


def check_form(model: Handle, inputs: Tensor, width: int, made: str) -> Tensor:
    """The answer in eval mode: float32 [n, width]."""
    model.method("eval")
    what = f"{made}(x) with x of shape {tuple(inputs.shape)}"
    return expect.tensor(model(inputs), shape=(len(inputs), width), dtype=torch.float32, what=what)


def check_range(model: Handle, inputs: Tensor, made: str) -> None:
    """Every value of the answer lies in 0..1 in eval mode, and not all are the same."""
    what = f"{made}(x) with x of shape {tuple(inputs.shape)}"
    found = expect.tensor(model(inputs), dtype="floating", what=what).double()
    expect.that(found.numel(), f"{what} has no values.")
    inside(found, what)
    expect.that(found.min() < found.max(), f"{what} has the same value everywhere, whatever x is.")


def inside(found: Tensor, what: str) -> None:
    """Every value lies in 0..1."""
    odd = int((~found.isfinite()).sum())
    expect.that(not odd, f"{what} has {odd} values that are NaN or infinite.")
    low, high = float(found.min()), float(found.max())
    expect.that(
        low >= -1e-6 and high <= 1 + 1e-6,
        f"{what} has values from {low:.3g} to {high:.3g}; every value must lie in 0..1. A sigmoid does that; a tanh"
        " goes from -1 to 1 and needs (y + 1) / 2.",
    )


@check(
    "generator",
    title="Generator: noise to images",
    points=3,
    group=PLAYERS,
    hint="The last layer has 784 outputs, one for each pixel: nn.Linear(…, 784). Images stay rows: [n, 784].",
    why="Generators of every size begin so: numbers drawn at random go in, an image comes out.",
)
def test_generator(submission: Submission, draw: Draw) -> None:
    """Generator() is an nn.Module that maps noise, float32 [n, 64], to images, float32 [n, 784]."""
    model = player(submission, "Generator", LATENT)
    check_form(model, draw.normal(draw.integer(5, 12), LATENT), 784, "Generator()")


@check(
    "generator-latent-size",
    title="Generator: any latent_size",
    points=2,
    group=PLAYERS,
    hint="The first layer has latent_size inputs: nn.Linear(latent_size, …).",
    why="How many numbers describe an image is one of the first things that people try to change, and"
    " somebody else's code will ask for another size.",
)
def test_generator_latent_size(submission: Submission, draw: Draw) -> None:
    """Generator(latent_size) takes noise of that size: float32 [n, latent_size] -> float32 [n, 784]."""
    for size in draw.sizes(2, 8, 50):
        model = player(submission, "Generator", size, latent_size=size)
        check_form(model, draw.normal(draw.integer(5, 12), size), 784, f"Generator(latent_size={size})")


@check(
    "generator-range",
    title="Generator: values in 0..1",
    points=3,
    group=PLAYERS,
    hint="End with nn.Sigmoid(), or with nn.Tanh() and (y + 1) / 2.",
    why="Real pixels lie in 0..1. If yours do not, that is all the discriminator needs to tell them apart,"
    " and the generator never learns what a digit looks like.",
)
def test_generator_range(submission: Submission, draw: Draw) -> None:
    """Generator() makes pixels in 0..1, in eval mode, whatever its parameters are."""
    model = player(submission, "Generator", LATENT)
    move_weights(draw, model)
    check_range(model, 10 * draw.normal(20, LATENT), "Generator()")


@check(
    "generator-noise",
    title="Generator: another image for other noise",
    points=2,
    group=PLAYERS,
    hint="The image is made of the noise, and of nothing else: forward(self, noise) begins with noise.",
    why="Variety comes from the noise. A generator that ignores it draws one image for ever, whatever else it learns.",
)
def test_generator_noise(submission: Submission, draw: Draw) -> None:
    """Generator()(noise) is another image for other noise, and in eval mode depends on nothing else."""
    model = player(submission, "Generator", LATENT)
    move_weights(draw, model)
    noise = draw.normal(6, LATENT)
    what = "Generator()(noise)"
    images = expect.tensor(model(noise), dtype="floating", what=what)
    each = images.ndim > 1 and len(images) == len(noise)
    expect.that(each, f"{what} makes no image of each row of noise, and has shape {tuple(images.shape)}.")
    nearest = float(torch.pdist(images.double().flatten(1)).min())
    expect.that(nearest > 1e-5, "Generator() makes the same image of different noise.")
    expect.alone(model, noise[:3], images[:3], what=what)


@check(
    "discriminator",
    title="Discriminator: one answer per image",
    points=5,
    group=PLAYERS,
    hint="The last layer has one output: nn.Linear(…, 1). No squeeze: [n, 1] stays [n, 1].",
    why="Its answers are the generator's only teacher. One answer for a whole batch tells nobody which image"
    " gave itself away.",
)
def test_discriminator(submission: Submission, draw: Draw) -> None:
    """Discriminator() is an nn.Module that maps images, float32 [n, 784], to float32 [n, 1]."""
    model = player(submission, "Discriminator", 784)
    check_form(model, draw.uniform(draw.integer(5, 12), 784), 1, "Discriminator()")


@check(
    "discriminator-range",
    title="Discriminator: values in 0..1",
    points=5,
    group=PLAYERS,
    hint="End with a sigmoid. If your loss is BCEWithLogitsLoss, apply it where the model is not training.",
    why="The cross-entropy takes the logarithm of this answer, and of 1 minus it. Outside of 0..1 one of them does not"
    " exist: nn.BCELoss stops the training with an error.",
)
def test_discriminator_range(submission: Submission, draw: Draw) -> None:
    """Discriminator() answers with values in 0..1, in eval mode, and not with the same to every image."""
    model = player(submission, "Discriminator", 784)
    move_weights(draw, model)
    images = torch.cat([draw.uniform(20, 784), 10 * draw.normal(20, 784)])  # far out, a missing sigmoid shows
    check_range(model, images, "Discriminator()")


# ---------------------------------------------------------------- the game: how a step is judged


@dataclass(frozen=True)
class Task:
    """What train_gan is given, and what its images are judged by.

    Attributes:
        digit: its public number.
        symmetry: under which all images are shown.
        training: float32 [n, 784] in 0..1, upright; n >= 700.
        held_out: float32 [m, 784] in 0..1, upright: as many images of the digit, which this submission is not given.
    """

    digit: int
    symmetry: int
    training: Tensor
    held_out: Tensor

    @property
    def images(self) -> Tensor:
        """What train_gan is given: float32 [n, 784], n >= 5,000."""
        images = turned(self.training.view(-1, 28, 28), self.symmetry).flatten(1)
        return images.repeat(math.ceil(GIVEN_LEAST / len(images)), 1)

    def upright(self, samples: Tensor) -> Tensor:
        """Samples [n, 784] of such images, turned back."""
        return turned_back(samples.view(-1, 28, 28), self.symmetry).flatten(1)


def make_task(draw: Draw, digits: Digits, digit: int, symmetry: int) -> Task:
    """One half of all images of a digit is given, the other is held out, as drawn. All are public: see `replayed`.

    Where they are few, as those of the bundled digits, each is there at nine places.
    """

    def rows(half: Tensor) -> Tensor:
        if len(half) < FEW:
            half, _ = enlarged(half, torch.zeros(len(half)), diagonals=True)
        return half[draw.permutation(len(half))].flatten(1).float() / 255

    parts = (digits.train_images, digits.train_labels), (digits.test_images, digits.test_labels)
    images = torch.cat([images[labels == digit] for images, labels in parts])
    given, withheld = images[draw.permutation(len(images))].chunk(2)
    return Task(digit, symmetry, rows(given), rows(withheld))


@pytest.fixture(scope="module")
def task(draw: Draw, digits: Digits) -> Task:
    """The digit and the symmetry of this submission."""
    return make_task(draw, digits, digit=draw.integer(0, 9), symmetry=draw.integer(1, 7))


IN_EVAL_MODE, EACH_KIND, TOGETHER = WAYS = "in eval mode", "each kind in a batch of its own", "both in one batch"
ANSWER = "The answer of Discriminator() to a batch of images"


@dataclass(frozen=True)
class Answers:
    """The discriminator's mean answers, 0..1, and how it was asked."""

    way: str
    real: float
    generated: float

    @property
    def apart(self) -> float:
        """How far they are apart."""
        return abs(self.real - self.generated)


class Players:
    """A generator and a discriminator of the student's, and the steps they take.

    Args:
        kind: the optimisers, "SGD" or "Adam".
        lr: their learning rate.
        still: the step whose network has a learning rate of 0.
    """

    def __init__(
        self, submission: Submission, draw: Draw, task: Task, kind: str, lr: float, *, still: str = ""
    ) -> None:
        self._submission, self._draw, self._images = submission, draw, task.images
        self.generator = expect.module(submission.Generator(), what="Generator()")
        self.discriminator = expect.module(submission.Discriminator(), what="Discriminator()")
        self.generator.method("forward", draw.normal(2, LATENT), keep=True)
        self.discriminator.method("forward", self.real(2), keep=True)  # now lazy layers have parameters, too
        modules = self.discriminator.facts().modules
        self._normed = any("_NormBase" in module.bases for module in modules)
        self.way = EACH_KIND if self._normed else IN_EVAL_MODE
        self._optimizers = {
            step: submission.library(f"torch.optim.{kind}", parameters(model), lr=0.0 if step == still else lr)
            for step, model in ((GENERATOR, self.generator), (DISCRIMINATOR, self.discriminator))
        }

    def real(self, n: int) -> Tensor:
        """Images that train_gan is given, float32 [n, 784]."""
        return self._images[self._draw.permutation(len(self._images))[:n]]

    def step(self, name: str, n: int = 64) -> Any:
        """What the student's step `name` returns, called with n real images or for a batch of n."""
        return self._take(name, self._batch(name, n))

    def weights(self) -> tuple[Tensor, Tensor]:
        """The generator's and the discriminator's parameters, a row each."""
        return weights(self._submission, self.generator), weights(self._submission, self.discriminator)

    def lengths(self, step: str) -> tuple[float, float]:
        """How far a step moves its network with what gradients are left there, and without them.

        Both times from the same weights, of both networks, with the same batch and the same random numbers: they
        differ by what was left alone.
        """
        models = self.generator, self.discriminator
        own = 0 if step == GENERATOR else 1
        start, states = self.weights()[own], [model.method("state_dict") for model in models]
        batch, seed = self._batch(step), self._draw.seed()

        def length() -> float:
            self._take(step, batch, seed)
            reached = self.weights()[own]
            expect.that(len(reached) == len(start), f"{step} gives its network other parameters: {VALUES}")
            return float((reached - start).norm())

        left = length()
        for model, state in zip(models, states, strict=True):
            model.method("load_state_dict", state, strict=False, keep=True)
        models[own].method("zero_grad")
        return left, length()

    def furthest(self) -> Answers:
        """Of the ways to ask the discriminator, the answers that are furthest apart.

        Batch norm learns from batches as the student makes them, of real images alone or of both kinds: asked in
        another way, what it has learnt to tell apart can be gone.
        """
        return max(self.asked_in_all_ways(), key=lambda answers: answers.apart)

    def asked_in_all_ways(self) -> tuple[Answers, ...]:
        """As `asked`, in each of the ways that make a difference."""
        return tuple(self.asked(way) for way in (WAYS if self._normed else WAYS[:1]))

    def asked(self, way: str) -> Answers:
        """The discriminator's mean answers to real images and to images made as they are while training."""
        self.generator.method("train")
        real, drawn = self.real(64), self.generator.method("forward", self._draw.normal(64, LATENT), keep=True)
        self.discriminator.method("train", way != IN_EVAL_MODE)
        if way == TOGETHER:
            found = self._answer(self._submission.library("torch.cat", [real, drawn]))
            each = found.ndim and len(found) == 128  # one answer to all of them, and they are not told apart
            means = (kind.mean() for kind in (found.split(64) if each else (found, found)))
        else:
            means = self._answer(real).mean(), self._answer(drawn).mean()
        self.discriminator.method("train")
        return Answers(way, *(expect.number(mean, what=ANSWER) for mean in means))

    def _batch(self, name: str, n: int = 64) -> Any:
        return self.real(n) if name == DISCRIMINATOR else n

    def _take(self, name: str, batch: Any, seed: int | None = None) -> Any:
        given = self.generator, self.discriminator, self._optimizers[name], batch
        return self._submission.call(name, *given, seed=seed)

    def _answer(self, images: Any) -> Tensor:
        return expect.tensor(self.discriminator(images), dtype="floating", what=ANSWER).double()


STEPS = 40
DISCRIMINATOR_STEPS = 100
CHANGE_LEAST = 0.2
"""How far apart the mean answers to real and to generated images must be; both lie in 0..1."""
GROWTH_MOST = 4.0
"""How much larger a step may be than one without gradients left: with those of eight others in it, it is about nine
times so."""

UNMOVED = {
    GENERATOR: "loss.backward() makes gradients, optimizer.step() uses them. If both are there: is the generated image"
    " detached, or made under no_grad?",
    DISCRIMINATOR: "loss.backward() makes gradients, optimizer.step() uses them.",
}
STALE = (
    "optimizer.zero_grad() first, then loss.backward(), then optimizer.step(). The other step leaves gradients, too."
)


VALUES = "make all layers in __init__, so that a step changes the values of parameters and not how many there are."


def changed(before: Tensor, after: Tensor) -> bool:
    """Whether these are not the same parameters with the same values."""
    return not torch.equal(before, after)


def check_alone(players: Players, step: str, n: int) -> None:
    """The step changes its own network's parameters and nobody else's."""
    before = players.weights()
    players.step(step, n)
    generator, discriminator = map(changed, before, players.weights())
    networks = ("generator", generator), ("discriminator", discriminator)
    (mine, own), (others, other) = networks if step == GENERATOR else reversed(networks)
    expect.that(own, f"{step} has not changed the {mine}. {UNMOVED[step]}")
    expect.that(not other, f"{step} has changed the parameters of the {others}, too. It is to change the {mine} alone.")


def check_loss(players: Players, step: str) -> None:
    """The step returns its loss: a finite number, another one as the network learns."""
    losses = [expect.number(players.step(step), what=f"The loss that {step} returns") for _ in range(4)]
    expect.that(len(set(losses)) > 1, f"{step} returns the same number after every step; it is to return the loss.")


def check_fresh(submission: Submission, draw: Draw, task: Task, step: str) -> None:
    """No step applies gradients that were left, neither by itself nor by the other step."""
    own, other = (0, DISCRIMINATOR) if step == GENERATOR else (1, GENERATOR)
    players = Players(submission, draw, task, "SGD", 1e-3, still=other)  # the other's steps leave gradients, no more

    def check(steps: str) -> None:
        left, fresh = players.lengths(step)
        expect.that(
            left <= GROWTH_MOST * fresh,
            f"{step} makes a much larger change after some steps of {steps} than when no gradients are left: it applies"
            f" those, too. backward() adds to what is there: {STALE}",
        )

    before = players.weights()[own]
    for _ in range(9):
        players.step(step)
    moved = changed(before, players.weights()[own])
    expect.that(moved, f"{step} has not changed its network, so it applies no gradients. {UNMOVED[step]}")
    check(step)
    before = players.weights()[own]
    with suppress(CallRaised, CallEnded):
        for _ in range(STEPS):
            players.step(other)
    if not changed(before, players.weights()[own]):  # else it is the other step that is wrong
        check(other)


ALONE = "The optimizer that is passed holds the parameters of one network alone, so optimizer.step() changes no other."


@check(
    "discriminator-step",
    title="discriminator_step: an update of the discriminator alone",
    points=4,
    group=GAME,
    hint=f"loss.backward(), then optimizer.step(). {ALONE}",
    why=ONE_PLAYER,
)
def test_discriminator_step(submission: Submission, draw: Draw, task: Task) -> None:
    """discriminator_step(generator, discriminator, optimizer, real) changes the discriminator and no generator."""
    check_alone(Players(submission, draw, task, "SGD", 0.1), DISCRIMINATOR, draw.integer(16, 40))


@check(
    "discriminator-step-loss",
    title="discriminator_step: its loss",
    points=2,
    group=GAME,
    hint="return loss.item()",
    why=WATCHED,
)
def test_discriminator_step_loss(submission: Submission, draw: Draw, task: Task) -> None:
    """discriminator_step(generator, discriminator, optimizer, real) returns its loss as a float."""
    check_loss(Players(submission, draw, task, "SGD", 0.1), DISCRIMINATOR)


@check(
    "discriminator-step-gradients",
    title="discriminator_step: fresh gradients",
    points=3,
    group=GAME,
    why=LEFTOVERS,
)
def test_discriminator_step_gradients(submission: Submission, draw: Draw, task: Task) -> None:
    """discriminator_step applies the gradients of its own loss, and none that earlier steps have left."""
    check_fresh(submission, draw, task, DISCRIMINATOR)


@check(
    "discriminator-step-learns",
    title="discriminator_step: tells real from generated",
    points=6,
    group=GAME,
    reveals=True,  # what the student's own networks answer
    hint="The loss has two parts: real images with one target, generator(noise).detach() with the other. With one part "
    "alone it learns to give everybody the same answer.",
    why="The generator can learn only what the discriminator knows. One that takes everything for real"
    " teaches nothing, and the images stay noise.",
)
def test_discriminator_step_learns(submission: Submission, draw: Draw, task: Task) -> None:
    """After some discriminator steps the discriminator tells real images from generated ones."""
    players = Players(submission, draw, task, "Adam", 2e-3)
    _, before = players.weights()
    for _ in range(DISCRIMINATOR_STEPS):
        players.step(DISCRIMINATOR)
    apart = players.furthest().apart
    _, after = players.weights()
    expect.that(
        changed(before, after) and apart >= CHANGE_LEAST,
        f"After {DISCRIMINATOR_STEPS} steps the discriminator's mean answers to real and to generated images are"
        f" {apart:.2f} apart; at least {CHANGE_LEAST} is asked for, and that the steps have brought it about.",
    )


@check(
    "generator-step",
    title="generator_step: an update of the generator alone",
    points=4,
    group=GAME,
    hint=f"loss.backward(), then optimizer.step(). {ALONE}",
    why=ONE_PLAYER,
)
def test_generator_step(submission: Submission, draw: Draw, task: Task) -> None:
    """generator_step(generator, discriminator, optimizer, batch_size) changes the generator and no discriminator."""
    check_alone(Players(submission, draw, task, "SGD", 0.1), GENERATOR, draw.integer(16, 40))


@check(
    "generator-step-loss",
    title="generator_step: its loss",
    points=2,
    group=GAME,
    hint="return loss.item()",
    why=WATCHED,
)
def test_generator_step_loss(submission: Submission, draw: Draw, task: Task) -> None:
    """generator_step(generator, discriminator, optimizer, batch_size) returns its loss as a float."""
    check_loss(Players(submission, draw, task, "SGD", 0.1), GENERATOR)


@check(
    "generator-step-gradients",
    title="generator_step: fresh gradients",
    points=3,
    group=GAME,
    why=LEFTOVERS,
)
def test_generator_step_gradients(submission: Submission, draw: Draw, task: Task) -> None:
    """generator_step applies the gradients of its own loss, and none that earlier steps have left."""
    check_fresh(submission, draw, task, GENERATOR)


@check(
    "generator-step-learns",
    title="generator_step: is taken for real",
    points=6,
    group=GAME,
    reveals=True,  # what the student's own networks answer
    hint="The target of generated images is here the one that real images have in discriminator_step; no detach, or "
    "the generator gets no gradient.",
    why="A generator that is pulled the wrong way gets better at being found out. The losses look lively all the same.",
)
def test_generator_step_learns(submission: Submission, draw: Draw, task: Task) -> None:
    """After some generator steps the discriminator's answer to generated images has moved towards that to real ones."""
    players = Players(submission, draw, task, "Adam", 2e-3)
    before = players.asked(players.way)
    with suppress(CallRaised, CallEnded):
        for _ in range(DISCRIMINATOR_STEPS):
            players.step(DISCRIMINATOR)
            before = players.asked(players.way)
            if before.apart >= CHANGE_LEAST:
                break
        else:  # asked in other ways, answers may be far apart before anything is learnt, in either direction
            before = players.furthest()
    directed = before.apart >= CHANGE_LEAST
    if not directed:  # then that is the fault of discriminator_step: with one that knows nothing, any direction will do
        players = Players(submission, draw, task, "Adam", 2e-3)
        before = players.furthest()
    start = {answers.way: answers.generated for answers in players.asked_in_all_ways()}
    # The student's step may ask in another way than the one that tells the kinds apart: there, too, it has to get on.
    least = {way: before.apart / 4 if way == before.way else CHANGE_LEAST / 2 for way in start}
    towards = math.copysign(1, before.real - before.generated)
    for _ in range(3):
        for _ in range(STEPS):
            players.step(GENERATOR)
        after = {answers.way: answers.generated for answers in players.asked_in_all_ways()}
        if directed:
            moved = any(towards * (after[way] - start[way]) > least[way] for way in start)
        else:
            moved = abs(after[before.way] - start[before.way]) > CHANGE_LEAST / 4
        if moved:
            break
    expect.that(
        moved,
        f"The discriminator's mean answer to generated images was {start[before.way]:.2f}, and after {3 * STEPS} steps"
        f" of the generator it is {after[before.way]:.2f}."
        + (f" It is {before.real:.2f} to real ones, and has to move there." if directed else " It has to move."),
    )


# ---------------------------------------------------------------- the game: train_gan and sample


@dataclass(frozen=True)
class Training:
    """One call of train_gan: the seed it was given, and what it returned."""

    seed: int
    answer: Any

    @property
    def generator(self) -> Handle:
        """The first item of the answer, or, where the history is forgotten, which costs its own checks, the answer."""
        if isinstance(self.answer, Handle) and self.answer.is_module:
            return self.answer
        pair = expect.sequence(self.answer, what="train_gan(images)")
        expect.that(pair, "train_gan(images) returned nothing; return generator, history.")
        return expect.module(pair[0], what="The first item of train_gan(images)")

    def losses(self, name: str) -> tuple[float, ...]:
        """What history has under a name: floats."""
        pair = expect.sequence(self.answer, length=2, what="train_gan(images)")
        what = f"“{name}” in the history of train_gan(images)"
        found = expect.sequence(
            expect.mapping(pair[1], LOSSES, what="The history of train_gan(images)")[name], what=what
        )
        return tuple(expect.number(loss, what=f"A value of {what}") for loss in found)


def train(submission: Submission, task: Task, seed: int) -> Training:
    """What the quality is judged on, and everything else about train_gan."""
    return Training(seed, submission.train_gan(task.images, seed=seed))


@pytest.fixture(scope="module")
def trained(submission: Submission, draw: Draw, task: Task) -> Training:
    """The first training, which several checks look at."""
    return train(submission, task, draw.seed())


@check(
    "train-gan",
    title="train_gan: a generator",
    points=4,
    group=GAME,
    hint="return generator, history. It is made by Generator(latent_size), so that it takes noise of that size.",
    why="Who uses a trained generator gives it noise and takes images, often years after the training: it has"
    " to come back whole.",
)
def test_train_gan(trained: Training, draw: Draw) -> None:
    """The first item of train_gan(images) is a generator: float32 [n, 64] -> float32 [n, 784]."""
    model = trained.generator
    training = model.attribute("training") is True
    check_form(model, draw.normal(draw.integer(5, 12), LATENT), 784, "The generator of train_gan(images)")
    model.method("train", training)  # sample gets it as it was returned


@check(
    "train-gan-history",
    title="train_gan: the history of its losses",
    points=4,
    group=GAME,
    hint='history = {"generator_loss": [], "discriminator_loss": []}; append what the steps return, both once per step '
    "or both once per epoch.",
    why="A GAN has no loss that simply falls. Both curves side by side show who is winning, which is the"
    " first thing to look at when the images are bad.",
)
def test_train_gan_history(trained: Training) -> None:
    """The second item of train_gan(images) is a dict of equally long lists of the losses, floats, per step or epoch."""
    generator, discriminator = (trained.losses(name) for name in LOSSES)
    expect.that(generator and discriminator, "The lists of losses in the history of train_gan(images) are empty.")
    expect.that(
        len(generator) == len(discriminator),
        f"“{LOSSES[0]}” has {len(generator)} values and “{LOSSES[1]}” {len(discriminator)}; they must be equally long.",
    )
    for name, losses in zip(LOSSES, (generator, discriminator), strict=True):
        varied = len(losses) == 1 or len(set(losses)) > 1
        expect.that(varied, f"All values of “{name}” are the same: append the loss of each step or epoch.")


def alike(a: Tensor, b: Tensor) -> bool:
    """Whether these are the same images, but for rounding."""
    return a.shape == b.shape and torch.allclose(a.float(), b.float(), atol=1e-5)


@check(
    "sample",
    title="sample: images of the generator",
    points=3,
    group=GAME,
    hint="generator(noise) for n rows of noise, in torch.no_grad(); the noise is as wide as the generator wants it.",
    why="A trained generator is used through this function. If it draws with another one, or with noise of"
    " its own, you judge something else than you trained.",
)
def test_sample(submission: Submission, draw: Draw) -> None:
    """sample(generator, n) is float32 [n, 784] in 0..1: what the generator makes of n rows of noise."""
    model, seed = player(submission, "Generator", LATENT), draw.seed()
    for n in draw.sizes(2, 5, 40):
        what = f"sample(generator, {n})"
        images = expect.tensor(submission.sample(model, n, seed=seed), shape=(n, 784), dtype=torch.float32, what=what)
        inside(images, what)
    move_weights(draw, model)
    other = expect.tensor(submission.sample(model, n, seed=seed), what=what)
    expect.that(not alike(images, other), f"{what} is the same for another generator.")


@check(
    "sample-seed",
    title="sample: repeatable",
    points=2,
    group=GAME,
    hint="Draw the noise from torch.Generator().manual_seed(seed), or call torch.manual_seed(seed) first.",
    why="Two generators are compared fairly if both start from the same noise; with new noise in each call,"
    " luck takes part in the comparison.",
)
def test_sample_seed(submission: Submission, draw: Draw) -> None:
    """sample(generator, n, seed) is the same for the same seed, whatever was drawn before; another seed: others."""
    model, seed = player(submission, "Generator", LATENT), draw.seed()
    move_weights(draw, model)
    what = f"sample(generator, 6, seed={seed})"
    first, again, other = (  # torch's global generator stands elsewhere at each call
        expect.tensor(submission.sample(model, 6, seed=number), dtype="floating", what=what)
        for number in (seed, seed, seed + 1)
    )
    expect.that(alike(first, again), f"{what} gives other images when it is called again.")
    expect.that(not alike(first, other), f"{what} gives the same images as with seed={seed + 1}.")


# ---------------------------------------------------------------- what it draws


SAMPLES = 1000
SHOWN = 36
PAIRS = 8
USUAL = 100
"""So many held-out images tell how far apart images usually are."""
NOVELTY = 0.30, 0.70
"""Where points for novelty begin, and from where all are given."""
SEARCHED = 250
"""Of these, how many are searched for copies."""
COPIES_MOST = 0.10
"""The share of copies from which on nothing is earned; see docs/explanation/gan-judging.md for what chance makes."""


@dataclass(frozen=True)
class Quality:
    """What a thousand samples are like; `grader.generative` says how each figure is computed.

    Attributes:
        recognised: the share that the judge holds for the digit.
        diversity: in units of that of real images.
        frechet: the distance to the held-out images, in units of their variance.
        novelty: the distance to the training images, in units of that of held-out images.
        copies: the least share that are real images, of either half.
    """

    recognised: float
    diversity: float
    frechet: float
    novelty: float
    copies: float


def look_at(samples: Tensor, task: Task, judge: Judge) -> Quality:
    """Measure samples, float32 [n, 784] in 0..1, upright."""
    drawn, real = judge.features(samples), judge.features(task.held_out)
    return Quality(
        recognised=recognised(judge.probabilities(samples), task.digit),
        diversity=diversity(drawn, real),
        frechet=relative_frechet(drawn, real),
        novelty=novelty(samples, task.training, task.held_out),
        copies=replayed(samples[:SEARCHED], task.training, task.held_out),
    )


def verdict(quality: Quality) -> Verdict:
    """What the samples are worth, of 35 points.

    Noise is diverse, and another digit is new: diversity counts as far as the digit is recognised, novelty as far as
    diversity does.
    """
    if quality.copies >= COPIES_MOST:
        message = (
            f"At least {quality.copies:.0%} of your images are real ones, as they were or only turned, moved,"
            " distorted, blurred or with some noise.\nThat takes all 35 points: a generator draws new ones."
        )
        return Verdict(0.0, message)
    metrics = (
        Metric("recognised", quality.recognised, 0.60, 0.85),
        Metric("diversity", quality.diversity, 0.40, 0.65),
        Metric("Fréchet distance", quality.frechet, 0.80, 0.40),
        Metric("novelty", quality.novelty, *NOVELTY),
    )
    clear, varied, near, new = (metric.share for metric in metrics)
    earned = (
        Earned("Recognised", 6, clear, "Too few of your images are taken for the digit."),
        Earned("Diversity", 12, clear * varied, _why(varied, _ALIKE, clear, "recognised")),
        Earned("Fréchet distance", 13, near, "As a crowd, your images are still far from real ones."),
        Earned("Novelty", 4, clear * varied * new, _why(new, _KNOWN, clear * varied, "diversity")),
    )
    return Verdict(sum(each.points for each in earned) / 35, "\n".join(map(str, earned)), metrics)


_ALIKE = "Your images differ too little. If those that your page shows look all the same, your generator has collapsed."
_KNOWN = "Your images are too close to the training images."


def _why(own: float, low: str, other: float, name: str) -> str:
    """Why a figure has not earned everything that counts only as far as another one does; both shares."""
    if own > 0 and other == 0:
        return f"None, as {name} earned none: it counts only as far as that does."
    return low if own < 1 else f"It counts only as far as {name} does."


@dataclass(frozen=True)
class Earned:
    """What one figure earned: `share` of `most` points, and why not all."""

    figure: str
    most: int
    share: float
    why: str

    @property
    def points(self) -> float:
        """What it earned."""
        return self.share * self.most

    def __str__(self) -> str:
        """One line of the message."""
        return f"{self.figure}: {written(self.points)} of {self.most} points.{f' {self.why}' if self.share < 1 else ''}"


def draw_samples(submission: Submission, draw: Draw, training: Training) -> Tensor:
    """A thousand samples as the submission sees its images, float32 [1000, 784], cut off at 0 and 1, in drawn order."""
    what = f"sample(generator, {SAMPLES}) of the trained generator"
    found = expect.tensor(submission.sample(training.generator, SAMPLES, seed=draw.seed()), dtype="floating", what=what)
    expect.that(found.numel() == SAMPLES * 784, f"{what} has shape {tuple(found.shape)} instead of ({SAMPLES}, 784).")
    expect.that(found.isfinite().all(), f"{what} has values that are NaN or infinite.")
    drawn = found.reshape(SAMPLES, 784)[draw.permutation(SAMPLES)]
    return drawn.float().clamp(0, 1)  # what lies outside has cost its points elsewhere


def show_losses(figures: Figures, training: Training) -> None:
    """Both losses as train_gan returned them; what it should have returned is asked elsewhere."""
    what = "The history of train_gan(images)"
    with suppress(CheckFailed):
        _, history = expect.sequence(training.answer, length=2, what=what)
        losses = expect.mapping(history, LOSSES, what=what)
        figures.plot(
            "The losses of both networks",
            "The history that train_gan returned, from its first step or epoch to its last.",
            x="step or epoch",
            y="loss",
            lines=[Line(name.replace("_loss", ""), expect.sequence(losses[name], what=what)) for name in LOSSES],
        )


def squares(images: Tensor) -> Tensor:
    """Rows of pixels [n, 784] as images [n, 28, 28]."""
    return images.view(-1, 28, 28)


def show_samples(figures: Figures, samples: Tensor, task: Task) -> None:
    """Samples, and beside them what the submission was given."""
    sheets = [
        ("drawn by your generator", squares(samples[:SHOWN])),
        ("given to train_gan", squares(task.images[:SHOWN])),
    ]
    alt = f"{SHOWN} of the thousand images that your generator drew, beside {SHOWN} of those that train_gan was given."
    figures.sheets(sheets, "Drawn, and given", alt, columns=6)


def show_nearest(figures: Figures, samples: Tensor, task: Task) -> None:
    """Some samples, each beside the image nearest to it of those that the submission was given.

    How far apart they are is told in units of how far held-out images are from their nearest.
    """
    some, given = samples[:PAIRS], task.images[: len(task.training)]
    apart, nearest = torch.cdist(some, given).min(dim=1)
    usual = torch.cdist(task.held_out[:USUAL], task.training).amin(dim=1).mean()
    ratios = (apart / usual).tolist()
    gap = torch.ones(PAIRS, 28, 2)
    figures.images(
        torch.cat([squares(some), gap, squares(given[nearest])], dim=2),
        [f"{nearness(ratio)} ({ratio:.2f})" for ratio in ratios],
        "Drawn, and the nearest image of those given",
        f"{PAIRS} of your generator's images, each with the training image nearest to it on its right. Below, how far"
        " they are apart: 0 is the same, and 1 is as far as a digit by a person is from the nearest training image.",
    )


def nearness(ratio: float) -> str:
    """A distance, in units of the usual one, in words; the thresholds are those of novelty."""
    if ratio < NOVELTY[0]:
        return "nearly the same"
    return "rather alike" if ratio < NOVELTY[1] else "a new one"


@check(
    "quality",
    title="quality: what the trained generator draws",
    points=35,
    group=QUALITY,
    hint="Look at the losses: where the discriminator's goes to 0, it has won and the generator learns no more. Batch "
    "norm in the generator helps against collapse, Adam with betas=(0.5, 0.999) against going in circles, and more "
    "steps against everything that is merely unfinished.",
    why="Looking at a few images deceives: nobody sees in nine digits that the generator knows only those"
    " nine. Each figure catches a way to fail that the others miss.",
)
def test_quality(
    submission: Submission,
    draw: Draw,
    task: Task,
    trained: Training,
    judge: Judge,
    trials: Trials,
    figures: Figures,
    flags: set[Flag],
) -> None:
    """sample(train_gan(images)[0], 1000) draws the digit, in as many ways as real hands do, and copies nothing."""
    first = iter([trained])

    def attempt(seed: int) -> Verdict:
        training = next(first, None) or train(submission, task, seed)
        show_losses(figures, training)
        samples = draw_samples(submission, draw, training)
        quality = look_at(task.upright(samples), task, judge)
        show_samples(figures, samples, task)
        if quality.copies >= COPIES_MOST:
            flags.add(Flag.REPLAYED)
        else:  # a copy that was turned or moved is far from what it copies, pixel by pixel, and would be called new
            show_nearest(figures, samples, task)
        return verdict(quality)

    trials.best(attempt)


@check(
    "train-gan-seed",
    title="train_gan: repeatable",
    points=2,
    group=GAME,
    hint="torch.manual_seed(seed) as the first line: it decides the starting weights and all that is drawn afterwards. "
    "Seed random and numpy, too, if you draw from them.",
    why="GANs fail by bad luck, too. If a run cannot be repeated, you never know whether your last change"
    " helped or the dice did.",
)
def test_train_gan_seed(submission: Submission, draw: Draw, task: Task, trained: Training) -> None:
    """train_gan(images, seed=seed) does the same for the same images and the same seed, whatever was drawn before."""
    again = train(submission, task, trained.seed)
    noise, chance = draw.normal(20, LATENT), draw.seed()
    what = "The answer of the generator of train_gan(images)"

    def answer(model: Handle) -> Tensor:
        model.method("train")  # averages of batch norm count in eval mode, and sampling in train mode has moved them
        return expect.tensor(model.method("forward", noise, seed=chance), dtype="floating", what=what)

    first, second = answer(trained.generator), answer(again.generator)
    expect.that(first.numel() == len(noise) * 784, f"{what} has shape {tuple(first.shape)}; it makes no images.")
    expect.that(
        alike(first, second),
        "train_gan(images, seed=seed), called twice, returns two different generators: something was drawn that the"
        " seed does not decide.",
    )
