"""Public checks of lab 6: the handout's examples, and others as small. Those that grade ask the same of other data."""

from collections import Counter
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from grader.examine.suite import Handle, Submission, check, expect


@check(
    "digit-csv",
    title="DigitCSV",
    points=30,
    group="A dataset from a file",
    hint="An item is (label, image, target). No header: line 0 is item 0. The image is float32: pixels divided by 255.",
)
def test_digit_csv(submission: Submission) -> None:
    """DigitCSV(path) for a file of two lines, a 7 and a 0: (label, float32 [784] in 0..1, float32 [10] one-hot)."""
    pixels = torch.zeros(2, 784, dtype=torch.int64)
    pixels[0, 5], pixels[1, 783] = 255, 51
    lines = [",".join(map(str, [label, *row])) + "\n" for label, row in zip((7, 0), pixels.tolist(), strict=True)]
    path = submission.file("two_digits.csv", "".join(lines))
    dataset = submission.call("DigitCSV", path, keep=True)
    expect.integer(dataset.method("__len__"), want=2, reveal=True, what="len(DigitCSV(path))")
    for index, (label, row) in enumerate(zip((7, 0), pixels, strict=True)):
        what = f"DigitCSV(path)[{index}]"
        found, image, target = expect.sequence(dataset.method("__getitem__", index), length=3, what=what)
        expect.integer(found, want=label, reveal=True, what=f"The label of {what}")
        expect.close(image, row / 255, dtype=torch.float32, reveal=True, what=f"The image of {what}")
        want = one_hot(torch.tensor(label), 10).float()
        expect.close(target, want, dtype=torch.float32, reveal=True, what=f"The target of {what}")
    halves = submission.call("DigitCSV", path, keep=True, transform=submission.library("torch.nn.Hardtanh", 0.0, 0.5))
    what = "DigitCSV(path, transform=torch.nn.Hardtanh(0.0, 0.5))[0]"
    _, image, _ = expect.sequence(halves.method("__getitem__", 0), length=3, what=what)
    expect.close(image, (pixels[0] / 255).clamp(max=0.5), reveal=True, what=f"The image of {what}")


@check(
    "transforms",
    title="add_mult, compose",
    points=15,
    group="Transforms of pairs",
    hint="A transform takes one pair and returns one. compose(f, g)(pair) is g(f(pair)): f first.",
)
def test_transforms(submission: Submission) -> None:
    """add_mult(1, 3)((10, 100)) is (11, 300); compose(flip, pad) flips the image of a pair, then pads it."""
    what = "add_mult(1, 3)((10, 100))"
    transform = expect.handle(submission.add_mult(1, 3), what="add_mult(1, 3)")
    x, y = expect.sequence(transform((10, 100)), length=2, what=what)
    expect.close_number(x, 11, reveal=True, what=f"The first of {what}")
    expect.close_number(y, 300, reveal=True, what=f"The second of {what}")
    flip = submission.library("torchvision.transforms.v2.RandomHorizontalFlip", 1.0)  # the image of (image, label)
    pad = submission.library("torchvision.transforms.v2.Pad", [1, 0, 0, 0])  # a column of zeros on the left
    composed = expect.handle(submission.compose(flip, pad), what="compose(flip, pad)")
    what = "compose(flip, pad)(([[[1, 2]]], 7))"
    image, label = expect.sequence(composed((torch.tensor([[[1.0, 2.0]]]), 7)), length=2, what=what)
    expect.close(image, torch.tensor([[[0.0, 2.0, 1.0]]]), reveal=True, what=f"The first of {what}")
    expect.integer(label, want=7, reveal=True, what=f"The second of {what}")


def ten_items(submission: Submission) -> Handle:
    """A dataset of ten items (label, image, target) with the labels 0..9."""
    labels = torch.arange(10)
    images = (labels[:, None] / 16).expand(10, 784)
    found: Handle = submission.library("torch.utils.data.TensorDataset", labels, images, one_hot(labels, 10).float())
    return found


def batch_labels(batch: Any, what: str) -> list[int]:
    """The labels of a collated batch."""
    items = batch if isinstance(batch, tuple | list) else ()
    expect.that(
        not any(isinstance(item, tuple | list) and any(isinstance(part, Tensor) for part in item) for item in items),
        f"{what} is a list of items: collate them, so that the batch is three tensors, of labels, images and targets.",
    )
    labels, images, targets = expect.sequence(batch, length=3, what=what)
    found: Tensor = expect.tensor(labels, shape=(None,), dtype="integer", what=f"The labels of {what}")
    expect.tensor(images, shape=(len(found), 784), what=f"The images of {what}")
    expect.tensor(targets, shape=(len(found), 10), what=f"The targets of {what}")
    return found.tolist()


@check(
    "batches",
    title="batches",
    points=20,
    group="Batches",
    hint="DataLoader with shuffle=True and a generator of its own, seeded; the last batch may be smaller.",
)
def test_batches(submission: Submission) -> None:
    """batches(dataset, 4, seed) for ten items: batches of 4, 4 and 2, each item once, shuffled, repeatable."""
    dataset, what = ten_items(submission), "batches(dataset, 4, 1)"
    first, again = (
        [
            batch_labels(batch, f"a batch of {what}")
            for batch in submission.call("batches", dataset, 4, 1, keep=True).items(most=11)
        ]
        for _ in "12"
    )
    seen = [label for batch in first for label in batch]
    expect.that(sorted(seen) == list(range(10)), f"{what} for ten items yields these: {seen}.")
    expect.that(Counter(map(len, first)) == {4: 2, 2: 1}, f"{what} has batches of {[len(batch) for batch in first]}.")
    expect.that(seen != sorted(seen), f"{what} yields the items in the order of the dataset: they are not shuffled.")
    expect.that(first == again, f"{what} gives other batches when it is called again.")


@check(
    "split",
    title="split",
    points=15,
    group="Parts",
    hint="Draw one order of all indices with the seed, and cut it in two: Subset(dataset, order[:first]).",
)
def test_split(submission: Submission) -> None:
    """split(dataset, 0.75, seed) for ten items: 7 or 8 of them, drawn at random, and the others; repeatable."""
    dataset, what = ten_items(submission), "split(dataset, 0.75, 1)"
    drawn = []
    for seed in 1, 1, 2:
        found = []
        for part in expect.sequence(submission.split(dataset, 0.75, seed), length=2, what=what):
            whole = isinstance(part, Tensor | np.ndarray)
            listed = expect.listed(part, what=f"A part of {what}") if whole else part
            indices = isinstance(listed, tuple | list) and any(isinstance(each, int) for each in listed)
            expect.that(not indices, f"A part of {what} holds indices, no items: return Subset(dataset, indices).")
            loaded = submission.library("torch.utils.data.DataLoader", part, batch_size=10).items()
            found.append([label for batch in loaded for label in batch_labels(batch, f"a part of {what}")])
        drawn.append(found)
    first, second = drawn[0]
    expect.that(sorted(first + second) == list(range(10)), f"The parts of {what} hold items {first} and {second}.")
    expect.that(len(first) in (7, 8), f"The first part of {what} has {len(first)} of ten items.")
    expect.that(drawn[0] == drawn[1], f"{what} gives other parts when it is called again.")
    in_order = all(sorted(parts[0]) == list(range(len(parts[0]))) for parts in drawn)
    expect.that(not in_order, f"{what} cuts the dataset in its order: draw one of all indices with the seed first.")


@check(
    "channel-stats",
    title="channel_stats",
    points=20,
    group="Statistics",
    hint="Over all images, rows and columns of a channel: dim=(0, 2, 3). Population: correction=0.",
)
def test_channel_stats(submission: Submission) -> None:
    """channel_stats gives the means [1, 5] and the deviations [1, 3] for two images with two channels of two pixels."""
    images = torch.tensor([[[[0.0, 0.0]], [[2.0, 2.0]]], [[[2.0, 2.0]], [[8.0, 8.0]]]])
    what = "channel_stats(images)"
    answer = expect.sequence(submission.channel_stats(images), length=2, what=what)
    for found, right, name in zip(answer, ([1.0, 5.0], [1.0, 3.0]), ("mean", "std"), strict=True):
        of = f"The {name} of {what}"
        expect.close(expect.numbers(found, what=of), torch.tensor(right), reveal=True, what=of)
