"""How far lab 4's solution stands from the thresholds of its quality, and what else must not pass them.

    python benchmarks/gan_thresholds.py [DATA [DIGITS]]

DATA is the folder that holds MNIST/raw/; without it the bundled digits are measured alone. DIGITS, such as 018, are
those to measure; all ten take some four minutes of CPU time for the bundled digits and fifteen for MNIST. A line of
the table is the range over the digits: the points of one code must not depend on the digit that was drawn.
docs/explanation/gan-judging.md keeps the table and says what the figures mean.
"""

import math
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample, interpolate, max_pool2d, pad

from grader import datasets, generative
from grader.disguises import enlarged, turned
from grader.judge import Judge, judge_for
from grader.labs import find_course

LAB = find_course(Path(__file__).parent).lab("lab4_gan")
SUITE = runpy.run_path(str(LAB.hidden_suite))
SAMPLES, SEARCHED, FEW, GIVEN_LEAST = (SUITE[name] for name in ("SAMPLES", "SEARCHED", "FEW", "GIVEN_LEAST"))
HEAD = "| images | recognised | diversity | Fréchet | novelty | replayed |\n|---|---|---|---|---|---|"


class PlainNetwork(nn.Sequential):
    """One hidden layer, no batch norm, no dropout."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(nn.Linear(inputs, 128), nn.ReLU(), nn.Linear(128, outputs), nn.Sigmoid())
        self.latent_size = inputs


def images_of(digits: datasets.Digits, digit: int) -> Tensor:
    """All images of a digit, in a drawn order: uint8 [n, 28, 28]."""
    parts = (digits.train_images, digits.train_labels), (digits.test_images, digits.test_labels)
    found = torch.cat([images[labels == digit] for images, labels in parts])
    return found[torch.randperm(len(found), generator=torch.Generator().manual_seed(digit))]


def rows(images: Tensor) -> Tensor:
    """Images as they are given, at nine places each where they are few: float32 [n, 784]."""
    if len(images) < FEW:
        images, _ = enlarged(images, torch.zeros(len(images)), diagonals=True)
    return images.flatten(1).float() / 255


def generated(images: Tensor, **changed: Any) -> Tensor:
    """Samples of the solution, with constants of its module changed, trained on `images`."""
    code = runpy.run_path(str(LAB.solution))
    code["train_gan"].__globals__.update(changed)
    generator, _ = code["train_gan"](images.repeat(math.ceil(GIVEN_LEAST / len(images)), 1), seed=1)
    return code["sample"](generator, SAMPLES, seed=1)


def collapsed(images: Tensor) -> Tensor:
    """Samples of a GAN of plain networks after 600 steps with Adam as it comes."""
    code = runpy.run_path(str(LAB.solution))
    torch.manual_seed(1)
    generator, discriminator = PlainNetwork(64, 784), PlainNetwork(784, 1)
    for_generator, for_discriminator = (torch.optim.Adam(one.parameters()) for one in (generator, discriminator))
    for _ in range(600):
        real = images[torch.randint(len(images), (64,))]
        code["discriminator_step"](generator, discriminator, for_discriminator, real)
        code["generator_step"](generator, discriminator, for_generator, 64)
    return code["sample"](generator, SAMPLES, seed=1)


def bent(square: Tensor, turn: Tensor, field: Tensor) -> Tensor:
    """Images [n, 28, 28] where each pixel comes from elsewhere: turn [n, 2, 2], then field [n, 28, 28, 2] in -1..1."""
    still = torch.cat([turn, torch.zeros(len(turn), 2, 1)], dim=2)
    grid = affine_grid(still, [len(square), 1, 28, 28], align_corners=False) + field
    return grid_sample(square.unsqueeze(1), grid, align_corners=False).squeeze(1)


def disguises(stream: torch.Generator) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
    """(what they do, a function of images [n, 28, 28]) of what makes copies look new."""

    def drawn(low: float, high: float) -> Tensor:
        """Of either sign, float32 [SAMPLES]."""
        size = low + (high - low) * torch.rand(SAMPLES, generator=stream)
        return size * (2 * torch.randint(2, (SAMPLES,), generator=stream) - 1)

    def affine(square: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
        turn = torch.stack([a, b, c, d], dim=1).view(-1, 2, 2)
        return bent(square, turn, torch.zeros(28, 28, 2))

    def rotated(square: Tensor) -> Tensor:
        angle = drawn(0.07, 0.17)
        return affine(square, angle.cos(), -angle.sin(), angle.sin(), angle.cos())

    def scaled(square: Tensor) -> Tensor:
        scale = 1 + drawn(0.05, 0.12)
        return affine(square, scale, torch.zeros(SAMPLES), torch.zeros(SAMPLES), scale)

    def sheared(square: Tensor) -> Tensor:
        return affine(square, torch.ones(SAMPLES), drawn(0.08, 0.2), torch.zeros(SAMPLES), torch.ones(SAMPLES))

    def elastic(square: Tensor) -> Tensor:
        coarse = 0.05 * torch.randn(SAMPLES, 2, 4, 4, generator=stream)
        field = interpolate(coarse, size=28, mode="bicubic").permute(0, 2, 3, 1)
        return bent(square, torch.eye(2).expand(SAMPLES, 2, 2), field)

    def spotted(square: Tensor) -> Tensor:
        spots = torch.zeros(SAMPLES, 784)
        spots.scatter_(1, torch.randint(27 * 28, (SAMPLES, 4), generator=stream), 1.0)
        return torch.where(max_pool2d(spots.view(-1, 1, 28, 28), 3, 1, 1).squeeze(1) > 0, 0.5, square)

    yield "half a pixel away", lambda square: (square + square.roll(1, 2)) / 2
    yield "turned by 4 to 10 degrees", rotated
    yield "scaled by 5 to 12 %", scaled
    yield "sheared by 0.08 to 0.2", sheared
    yield "blurred", lambda square: avg_pool2d(square, 3, 1, 1)
    yield "elastic", elastic
    yield "in black and white", lambda square: (square > 0.5).float()
    yield "squared", torch.square
    yield "square roots", torch.sqrt
    yield "thinner", lambda square: -max_pool2d(pad(-square, (0, 1, 0, 1)), 2, 1)
    yield "with four grey spots", spotted
    yield (
        "blurred a little, turned and elastic",
        lambda square: elastic(rotated(avg_pool2d(pad(square, (0, 1, 0, 1)), 2, 1))),
    )


def candidates(training: Tensor, held_out: Tensor, other: Tensor) -> Iterator[tuple[str, Tensor]]:
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
    yield "copies of either half", some(torch.cat([training, held_out]))
    yield "copies, mirrored and shifted", turned(square, 5).roll((2, -3), (1, 2)).flatten(1)
    yield "copies with noise 0.1", noised(copies, 0.1)
    yield "copies with noise 0.2", noised(copies, 0.2)
    for what, disguise in disguises(stream):
        yield f"copies, {what}", disguise(square).flatten(1)


def figures(judge: Judge, digit: int, samples: Tensor, training: Tensor, held_out: Tensor) -> tuple[float, ...]:
    """Recognised, diversity, Fréchet distance, novelty, replayed."""
    drawn, real = judge.features(samples), judge.features(held_out)
    return (
        generative.recognised(judge.probabilities(samples), digit),
        generative.diversity(drawn, real),
        generative.relative_frechet(drawn, real),
        generative.novelty(samples, training, held_out),
        generative.replayed(samples[:SEARCHED], training, held_out),
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
            images = images_of(digits, digit)
            others = [rows(third) for third in images.chunk(3)]
            found.setdefault("real, of neither part", []).append(figures(judge, digit, *others))
            training, held_out = (rows(half) for half in images.chunk(2))
            other = rows(images_of(digits, (digit + 1) % 10))
            for what, samples in candidates(training, held_out, other):
                found.setdefault(what, []).append(figures(judge, digit, samples, training, held_out))
            print(name, digit, *(f"{what} {lines[-1][-1]:.2f};" for what, lines in found.items()), file=sys.stderr)
        print(f"\n{name}\n\n{HEAD}")
        for what, lines in found.items():
            ranges = (f"{min(column):.2f} to {max(column):.2f}" for column in zip(*lines, strict=True))
            print(f"| {what} | {' | '.join(ranges)} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
