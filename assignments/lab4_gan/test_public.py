"""Public checks of lab 4: the examples of the handout, your steps, and one training.

The checks that grade ask more of each function and of the images.
"""

from typing import Any

import pytest
import torch
from torch import Tensor

from grader.examine.suite import Digits, Draw, Handle, Judge, Submission, check, expect
from grader.generative import diversity, recognised

PLAYERS = "The players"
GAME = "The game"
QUALITY = "What it draws"

LOSSES = ("generator_loss", "discriminator_loss")


def answers(model: Handle, x: Tensor, width: int, made: str) -> Tensor:
    """What a network of the student's says in eval mode: float32 [n, width] in 0..1."""
    model.method("eval")
    what = f"{made}(x) with x of shape {tuple(x.shape)}"
    return inside(expect.tensor(model(x), shape=(len(x), width), dtype=torch.float32, what=what), what)


def inside(found: Tensor, what: str) -> Tensor:
    """`found`, all of it in 0..1."""
    good = bool(((found >= 0) & (found <= 1)).all())
    expect.that(good, f"{what} has values outside of 0..1, or NaN. A sigmoid at the end keeps them inside.")
    return found


# ---------------------------------------------------------------- the players


@check("generator", title="Generator", points=10, group=PLAYERS, hint="784 outputs, through a sigmoid.")
def test_generator(submission: Submission, draw: Draw) -> None:
    """Generator(latent_size) maps noise, [n, latent_size], to other images for other noise, [n, 784] in 0..1."""
    for given, size in ({}, 64), ({"latent_size": 17}, 17):
        model = expect.module(submission.Generator(**given), what="Generator()")
        images = answers(model, draw.normal(5, size), 784, f"Generator(latent_size={size})")
        expect.that(float(torch.pdist(images).min()) > 0, "Generator() makes the same image of different noise.")


@check("discriminator", title="Discriminator", points=10, group=PLAYERS, hint="One output, through a sigmoid.")
def test_discriminator(submission: Submission, draw: Draw) -> None:
    """Discriminator() maps images, [n, 784], to one number each, [n, 1] in 0..1."""
    model = expect.module(submission.Discriminator(), what="Discriminator()")
    answers(model, 10 * draw.normal(5, 784), 1, "Discriminator()")


# ---------------------------------------------------------------- the game


def weights(submission: Submission, model: Handle) -> Tensor:
    """All parameters of a module in one row."""
    iterator = model.method("parameters", keep=True)
    row = submission.library("torch.nn.utils.parameters_to_vector", iterator)
    return expect.tensor(row, what="The parameters of your network")


MISSING = {
    "discriminator_step": "is there an optimizer.step()?",
    "generator_step": "is there an optimizer.step(), and is the generated image not detached, nor made in no_grad?",
}


def check_step(submission: Submission, name: str, own: int, batch: Any) -> None:
    """The step changes network number `own` of (generator, discriminator) alone, and returns a number."""
    networks = tuple(
        expect.module(getattr(submission, kind)(), what=f"{kind}()") for kind in ("Generator", "Discriminator")
    )
    parameters = networks[own].method("parameters", keep=True)
    optimizer = submission.library("torch.optim.SGD", parameters, lr=0.1)
    before = [weights(submission, network) for network in networks]
    loss = getattr(submission, name)(*networks, optimizer, batch)
    expect.number(loss, what=f"The loss that {name} returns")
    after = [weights(submission, network) for network in networks]
    changed = [not torch.equal(old, new) for old, new in zip(before, after, strict=True)]
    expect.that(changed[own], f"{name} does not change its network: {MISSING[name]}")
    expect.that(not changed[1 - own], f"{name} changes both networks; it is to change one of them.")


@check(
    "discriminator-step",
    title="discriminator_step",
    points=15,
    group=GAME,
    hint="Real images with one target, generator(noise).detach() with the other; then the three lines.",
)
def test_discriminator_step(submission: Submission, draw: Draw) -> None:
    """discriminator_step(generator, discriminator, optimizer, real) changes the discriminator and returns a loss."""
    check_step(submission, "discriminator_step", 1, draw.uniform(16, 784))


@check(
    "generator-step",
    title="generator_step",
    points=15,
    group=GAME,
    hint="The target of real images for generated ones, and no detach; then the three lines.",
)
def test_generator_step(submission: Submission) -> None:
    """generator_step(generator, discriminator, optimizer, batch_size) changes the generator and returns a loss."""
    check_step(submission, "generator_step", 0, 16)


DIGIT = 3


@pytest.fixture(scope="module")
def trained(submission: Submission, digits: Digits) -> Any:
    """What train_gan returns for 5,000 images of a 3."""
    images = digits.train_images[digits.train_labels == DIGIT]
    images = torch.cat([images.roll(right, dims=2) for right in (0, 1, -1)])
    images = images.repeat(-(-5000 // len(images)), 1, 1)[:5000]
    return submission.train_gan(images.flatten(1).float() / 255, seed=1)


@check(
    "train-gan",
    title="train_gan (on 5,000 images)",
    points=10,
    group=GAME,
    hint='return generator, history; history = {"generator_loss": [...], "discriminator_loss": [...]}',
)
def test_train_gan(trained: Any, draw: Draw) -> None:
    """train_gan(images) returns a generator, and a dict of equally long lists of losses."""
    alone = isinstance(trained, Handle)
    generator, history = (trained, None) if alone else expect.sequence(trained, length=2, what="train_gan(images)")
    model = expect.module(generator, what="The generator of train_gan(images)")
    expect.tensor(model(draw.normal(5, 64)), shape=(5, 784), what="The answer of the trained generator")
    if alone:
        expect.award(0.6, "train_gan(images) returned the generator alone. Return a pair: generator, history.")
    found = expect.mapping(history, LOSSES, what="The history of train_gan(images)")
    lists = [expect.sequence(found[name], what=f"“{name}”") for name in LOSSES]
    for name, losses in zip(LOSSES, lists, strict=True):
        expect.that(losses, f"“{name}” has no values.")
        for loss in losses:
            expect.number(loss, what=f"A value of “{name}”")
    lengths = [len(losses) for losses in lists]
    expect.that(lengths[0] == lengths[1], f"The two lists of losses have {lengths[0]} and {lengths[1]} values.")


@check("sample", title="sample", points=5, group=GAME, hint="The seed decides the noise, and the noise the images.")
def test_sample(submission: Submission) -> None:
    """sample(generator, 6, seed=1) is float32 [6, 784] in 0..1, the same when called again, not so for seed=2."""
    model = expect.module(submission.Generator(), what="Generator()")
    what = "sample(generator, 6, seed=1)"
    first, again, other = (
        inside(
            expect.tensor(submission.sample(model, 6, seed=seed), shape=(6, 784), dtype=torch.float32, what=what), what
        )
        for seed in (1, 1, 2)
    )
    expect.that(torch.equal(first, again), f"{what} gives other images when it is called again.")
    expect.that(not torch.equal(first, other), f"{what} gives the same images as with seed=2.")


# ---------------------------------------------------------------- what it draws


@check(
    "what-it-draws",
    title="quality (quick: recognised, and not all alike)",
    points=35,
    group=QUALITY,
    hint="Batch norm in the generator, Adam with betas=(0.5, 0.999), and enough steps.",
)
def test_what_it_draws(submission: Submission, trained: Any, digits: Digits, judge: Judge) -> None:
    """Of 500 images of the trained generator 60 % are recognised; their diversity is at least 0.40 of real ones'."""
    first = trained if isinstance(trained, Handle) else expect.sequence(trained, what="train_gan(images)")[0]
    generator = expect.module(first, what="The trained generator")
    what = "sample(generator, 500) of the trained generator"
    images = expect.tensor(submission.sample(generator, 500, seed=1), shape=(500, 784), dtype=torch.float32, what=what)
    images = inside(images, what)
    share = recognised(judge.probabilities(images), DIGIT)
    expect.that(share > 0.60, f"{share:.0%} of the images are recognised as the digit; it should be more than 60 %.")
    real = digits.test_images[digits.test_labels == DIGIT].flatten(1).float() / 255
    varied = diversity(judge.features(images), judge.features(real))
    expect.that(
        varied > 0.40,
        f"The diversity of the images is {varied:.2f} of that of real ones; it should be more than 0.40. Near 0, the"
        " generator has collapsed: it draws one image again and again.",
    )
