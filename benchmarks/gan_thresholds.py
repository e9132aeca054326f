"""How far lab 4's solution stands from the thresholds of its quality, and what else must not pass them.

    python benchmarks/gan_thresholds.py [DATA [DIGITS]]

DATA is the folder that holds MNIST/raw/; without it the bundled digits are measured alone. DIGITS, such as 018, are
those to measure; all ten take some eight minutes of CPU time for each dataset. A line of the table is the range over
the digits: the points of one code must not depend on the digit that was drawn. docs/gan-judging.md keeps the table
and says what the figures mean.
"""

import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from grader import datasets, generative
from grader.disguises import enlarged, turned
from grader.judge import Judge, judge_for

ROOT = Path(__file__).parents[1]
SOLUTION = ROOT / "reference" / "lab4_gan" / "solution.py"
SAMPLES = 1000
LOOKED_UP = 250
"""Of these, how many are looked for among the training images."""
HEAD = "| images | recognised | diversity | Fréchet | novelty | replayed |\n|---|---|---|---|---|---|"


class PlainNetwork(nn.Sequential):
    """One hidden layer, no batch norm, no dropout."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(nn.Linear(inputs, 128), nn.ReLU(), nn.Linear(128, outputs), nn.Sigmoid())
        self.latent_size = inputs


def images_of(images: Tensor, labels: Tensor, digit: int) -> Tensor:
    """All images of a digit, at nine places each where they are few: float32 [n, 784]."""
    found = images[labels == digit]
    if len(found) < SAMPLES / 2:
        found, _ = enlarged(found, labels[labels == digit], diagonals=True)
    return found.flatten(1).float() / 255


def generated(images: Tensor, **changed: Any) -> Tensor:
    """Samples of the solution, with constants of its module changed, trained on `images`."""
    code = runpy.run_path(str(SOLUTION))
    code["train_gan"].__globals__.update(changed)
    generator, _ = code["train_gan"](images, seed=1)
    return code["sample"](generator, SAMPLES, seed=1)


def collapsed(images: Tensor) -> Tensor:
    """Samples of a GAN of plain networks after 600 steps with Adam as it comes."""
    code = runpy.run_path(str(SOLUTION))
    torch.manual_seed(1)
    generator, discriminator = PlainNetwork(64, 784), PlainNetwork(784, 1)
    for_generator, for_discriminator = (torch.optim.Adam(one.parameters()) for one in (generator, discriminator))
    for _ in range(600):
        real = images[torch.randint(len(images), (64,))]
        code["discriminator_step"](generator, discriminator, for_discriminator, real)
        code["generator_step"](generator, discriminator, for_generator, 64)
    return code["sample"](generator, SAMPLES, seed=1)


def candidates(training: Tensor, other: Tensor) -> Iterator[tuple[str, Tensor]]:
    """(what they are, float32 [n, 784] in 0..1) of good and of bad images."""
    stream = torch.Generator().manual_seed(0)

    def some(images: Tensor) -> Tensor:
        return images[torch.randint(len(images), (SAMPLES,), generator=stream)]

    def noised(images: Tensor, deviation: float) -> Tensor:
        return (images + deviation * torch.randn(images.shape, generator=stream)).clamp(0, 1)

    copies = some(training)
    square = copies.view(-1, 28, 28)
    mean = training.mean(dim=0).expand(SAMPLES, -1)
    yield "solution", generated(training)
    yield "solution, 600 steps", generated(training, STEPS=600)
    yield "collapsed GAN", collapsed(training)
    yield "five images with noise 0.2", noised(some(training[:5]), 0.2)
    yield "mean image with noise 0.3", noised(mean, 0.3)
    yield "uniform noise", torch.rand(SAMPLES, 784, generator=stream)
    yield "another digit", some(other)
    yield "copies", copies
    yield "copies, turned and shifted", turned(square, 5).roll((2, -3), (1, 2)).flatten(1)
    yield "copies with noise 0.1", noised(copies, 0.1)


def figures(judge: Judge, digit: int, samples: Tensor, training: Tensor, held_out: Tensor) -> tuple[float, ...]:
    """Recognised, diversity, Fréchet distance, novelty, replayed."""
    drawn, real = judge.features(samples), judge.features(held_out)
    return (
        generative.recognised(judge.probabilities(samples), digit),
        generative.diversity(drawn, real),
        generative.relative_frechet(drawn, real),
        generative.novelty(samples, training, held_out),
        generative.replayed(samples[:LOOKED_UP], training),
    )


def main(data: str = "", chosen: str = "0123456789") -> None:
    """Print a table for each dataset."""
    torch.set_num_threads(1)  # as in the sandbox
    root = Path(data) if data else None
    for name in sorted({"digits", datasets.choose("auto", root)}):
        digits = datasets.load(name, root)
        judge = judge_for(digits)
        found: dict[str, list[tuple[float, ...]]] = {}
        for digit in map(int, chosen):
            training = images_of(digits.train_images, digits.train_labels, digit)
            held_out = images_of(digits.test_images, digits.test_labels, digit)
            real = figures(judge, digit, held_out[::2], training, held_out[1::2])  # MNIST's first half is neater
            found.setdefault("real, never trained on", []).append(real)
            other = images_of(digits.train_images, digits.train_labels, (digit + 1) % 10)
            for what, samples in candidates(training, other):
                found.setdefault(what, []).append(figures(judge, digit, samples, training, held_out))
            print(name, digit, *(f"{value:.2f}" for value in found["solution"][-1]), file=sys.stderr)
        print(f"\n{name}\n\n{HEAD}")
        for what, rows in found.items():
            ranges = (f"{min(column):.2f} to {max(column):.2f}" for column in zip(*rows, strict=True))
            print(f"| {what} | {' | '.join(ranges)} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
