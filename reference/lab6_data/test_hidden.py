"""Hidden suite of lab 6.

`batches` and `split` are asked about datasets of torch's own, `compose` about transforms of torchvision's, so that each
function is judged by itself. Items are told by their images, so that a mistake is charged where it was made.
"""

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot, pad

from grader.errors import CheckFailed
from grader.examine.suite import Draw, Figures, Handle, Submission, check, expect

CSV = "A dataset from a file"
PAIRS = "Transforms of pairs"
BATCHES = "Batches"
PARTS = "Parts"
STATISTICS = "Statistics"

PIXELS = 784
CLASSES = 10


def made(submission: Submission, name: str, *given: Any, **options: Any) -> Handle:
    """What a function or class returned, left in the sandbox whatever it is: a list of items is a dataset, too."""
    found = expect.handle(submission.call(name, *given, keep=True, **options), what=f"{name}(…)")
    expect.that(found.kind != "NoneType", f"{name}(…) returned None; is a return statement missing?")
    return found


# ---------------------------------------------------------------- a dataset from a file


def csv_file(submission: Submission, draw: Draw, labels: list[int], pixels: Tensor) -> Handle:
    """The path of a new file with a line for each label and row of pixels, [n, 784]."""
    lines = (",".join(map(str, [label, *row])) for label, row in zip(labels, pixels.tolist(), strict=True))
    return submission.file(f"digits_{draw.seed()}.csv", "".join(f"{line}\n" for line in lines))


def drawn_pixels(draw: Draw) -> Tensor:
    """int64 [784] of 0..255, both of which occur; about half are 0, as in a digit. The last one is no digit's label."""
    pixels = draw.integers(PIXELS, low=-256, high=256).clamp(min=0)
    pixels[-1] = 255
    return pixels


def item(submission: Submission, path: Handle, index: int, **options: Any) -> tuple[Any, ...]:
    """The label, image and target of one item, as `fields_of` reads it."""
    return fields_of(made(submission, "DigitCSV", path, **options), index)


def fields_of(dataset: Handle, index: int) -> tuple[Any, ...]:
    """The label, image and target of one item; that the target is missing is a matter of the checks on targets."""
    what = f"DigitCSV(path)[{index}]"
    fields = expect.sequence(dataset.method("__getitem__", index), what=what)
    expect.that(len(fields) in {2, 3}, f"{what} has {len(fields)} items; 3 are asked for: label, image, target.")
    return fields


@dataclass(frozen=True)
class Line:
    """A line of a CSV file, and what a DigitCSV made of it.

    Attributes:
        pixels: int64 [784].
        fields: what should be label, image, target.
        of: how a message says which item it is.
    """

    label: int
    pixels: Tensor
    fields: tuple[Any, ...]
    of: str

    @property
    def target(self) -> Any:
        """The third field."""
        expect.that(len(self.fields) == 3, f"The item {self.of} has no target: return label, image, target.")
        return self.fields[2]


def drawn_lines(submission: Submission, draw: Draw) -> list[Line]:
    """One item of each of three files with different labels.

    A file has the same line six times, so that a line too many or too few, which is a matter of the check on rows,
    matters to nothing else.
    """
    found = []
    for label, index in zip(draw.permutation(CLASSES)[:3].tolist(), draw.sizes(3, 0, 4), strict=True):
        pixels = drawn_pixels(draw)
        path = csv_file(submission, draw, [label] * 6, pixels.expand(6, -1))
        found.append(Line(label, pixels, item(submission, path, index), f"of DigitCSV(path)[{index}]"))
    return found


def numbers_in(got: object, count: int, what: str) -> Tensor:
    """The `count` numbers of a tensor of any shape, float64, or of an array or list: form has a check of its own."""
    found = expect.numbers(got, what=what)
    expect.that(found.numel() == count, f"{what} has {found.numel()} numbers; {count} are asked for.")
    return found.flatten().double()


def alike(one: Any, other: Any) -> bool:
    """Whether two labels or targets, right or wrong, are the same, tensors in lists included."""
    match one, other:
        case Tensor(), Tensor():
            return one.dtype == other.dtype and torch.equal(one, other)
        case np.ndarray(), np.ndarray():
            return np.array_equal(one, other)
        case (list() | tuple(), list() | tuple()):
            return len(one) == len(other) and all(map(alike, one, other))
        case dict(), dict():
            return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
        case Handle(), Handle():  # of what stays in the sandbox, its kind is known
            return one.kind == other.kind
    return type(one) is type(other) and bool(one == other)


def check_form(parts: list[tuple[Any, str]], count: int) -> None:
    """Each part is float32 [count], whatever its numbers, which other checks look at; they are made from the file."""
    first, *others = (expect.tensor(got, shape=(count,), dtype=torch.float32, what=what) for got, what in parts)
    alike = all(torch.equal(first, other) for other in others)
    expect.that(not alike, f"{parts[0][1]} is the same for files with other numbers: it must be made from its line.")


@check(
    "csv-rows",
    title="DigitCSV: an item for each line",
    points=8,
    group=CSV,
    hint="The file has no header: its first line is item 0. __len__ returns the number of lines.",
    why="A reader that swallows the first line, or adds an empty one, raises no error: examples are lost, or"
    " labels slip to the image next to theirs.",
)
def test_csv_rows(submission: Submission, draw: Draw) -> None:
    """len(DigitCSV(path)) is the number of lines; item i is line i, counted from 0."""
    for n in draw.sizes(2, 5, 9):
        brightest = draw.permutation(PIXELS)[:n].tolist()  # tells the lines apart, however the image is scaled
        pixels = draw.integers(n, PIXELS, low=10, high=100)
        pixels[range(n), brightest] = 255
        path = csv_file(submission, draw, draw.permutation(CLASSES)[:n].tolist(), pixels)
        dataset = made(submission, "DigitCSV", path)
        size = expect.integer(dataset.method("__len__"), what="len(DigitCSV(path))")
        expect.that(size == n, f"len(DigitCSV(path)) is {size}; the file has {'more' if size < n else 'fewer'} lines.")
        for index, place in enumerate(brightest):
            what = f"DigitCSV(path)[{index}]"
            found = numbers_in(fields_of(dataset, index)[1], PIXELS, f"The image of {what}")
            expect.that(found.argmax() == place, f"{what} has not the pixels of line {index}, counted from 0.")


@check(
    "csv-label",
    title="DigitCSV: label",
    points=5,
    group=CSV,
    hint="The label is the first number of the line, as an int; an item is (label, image, target).",
    why="A label that is text, or a float, goes unnoticed until a loss refuses it, or until it equals nothing"
    " that it is compared with.",
)
def test_csv_label(submission: Submission, draw: Draw) -> None:
    """An item's first part is its label, an int: the first number of the line."""
    for line in drawn_lines(submission, draw):
        expect.integer(line.fields[0], want=line.label, what=f"The label {line.of}")


@check(
    "csv-image",
    title="DigitCSV: image",
    points=5,
    group=CSV,
    hint="The 784 numbers after the label, as floats, divided by 255: 0 stays 0.0, 255 becomes 1.0.",
    why="The first layer starts out for inputs of about size 1. With pixels that are hundreds of times larger"
    " a training may never recover from its first steps.",
)
def test_csv_image(submission: Submission, draw: Draw) -> None:
    """An item's second part is its image: the 784 pixels, 0..255 scaled to 0..1."""
    for line in drawn_lines(submission, draw):
        what = f"The image {line.of}"
        found = numbers_in(line.fields[1], PIXELS, what)
        low, high = float(found.min()), float(found.max())
        expect.that(low >= 0 and high <= 1 + 1e-6, f"{what} goes from {low:.4g} to {high:.4g}; 0..1 is asked for.")
        expect.close(found, line.pixels.double() / 255, what=what)


@check(
    "csv-image-form",
    title="DigitCSV: image as float32 [784]",
    points=3,
    group=CSV,
    hint="torch.tensor(numbers, dtype=torch.float32), a row of 784: x.flatten() makes one of 28 rows. numpy computes "
    "in float64, which .float() turns into float32.",
    why="Layers have weights in float32 and a width that is fixed. An item of another form stops the"
    " training, far from the line that made it.",
)
def test_csv_image_form(submission: Submission, draw: Draw) -> None:
    """An item's image is a float32 tensor of shape [784]."""
    check_form([(line.fields[1], f"The image {line.of}") for line in drawn_lines(submission, draw)], PIXELS)


@check(
    "csv-target",
    title="DigitCSV: target",
    points=3,
    group=CSV,
    hint="Ten numbers, all 0 but for a 1 where the label says: target = torch.zeros(10); target[label] = 1.",
    why="With ten outputs, the target says what each of them should be. A 1 in the wrong place teaches the"
    " wrong digit.",
)
def test_csv_target(submission: Submission, draw: Draw) -> None:
    """An item's third part is its target: ten numbers, one-hot."""
    for line in drawn_lines(submission, draw):
        what = f"The target {line.of}"
        want = one_hot(torch.tensor(line.label), CLASSES).double()
        expect.close(numbers_in(line.target, CLASSES, what), want, what=what)


@check(
    "csv-target-form",
    title="DigitCSV: target as float32 [10]",
    points=2,
    group=CSV,
    hint="one_hot gives int64; the losses that take such a target want floats: .float().",
    why="Losses that compare ten numbers with ten numbers compute in float32, and complain in the middle of a"
    " training, not here.",
)
def test_csv_target_form(submission: Submission, draw: Draw) -> None:
    """An item's target is a float32 tensor of shape [10]."""
    check_form([(line.target, f"The target {line.of}") for line in drawn_lines(submission, draw)], CLASSES)


@check(
    "csv-transform",
    title="DigitCSV: transform",
    points=4,
    group=CSV,
    hint="In __getitem__, once the image is in 0..1: if self.transform is not None: image = self.transform(image).",
    why="Cropping, normalising, turning a little: all of that comes in through this door, without the dataset"
    " knowing of it. torchvision's datasets have the same one.",
)
def test_csv_transform(submission: Submission, draw: Draw) -> None:
    """DigitCSV(path, transform) applies the transform to the image of each item, and to nothing else."""
    label, index = draw.integer(2, 9), draw.integer(0, 4)
    path = csv_file(submission, draw, [label] * 6, drawn_pixels(draw).expand(6, -1))
    transform = submission.library("torch.nn.Sigmoid")  # changes every number, of any dtype; before scaling to others
    plain, changed = item(submission, path, index), item(submission, path, index, transform=transform)
    of = f"of DigitCSV(path, transform=torch.nn.Sigmoid())[{index}]"
    want = numbers_in(plain[1], PIXELS, "The image without a transform").sigmoid()
    expect.close(numbers_in(changed[1], PIXELS, f"The image {of}"), want, what=f"The image {of}")
    before, after = ((fields[0], *fields[2:]) for fields in (plain, changed))
    expect.that(alike(before, after), f"Label or target {of} have changed, too; a transform is for the image alone.")


# ---------------------------------------------------------------- transforms of pairs


@check(
    "add-mult",
    title="add_mult: numbers",
    points=5,
    group=PAIRS,
    hint="add_mult returns a function, or an object with __call__, that takes one pair: x, y = pair.",
    why="Functions that make functions are how torchvision's transforms work: the settings are given once,"
    " the data come later.",
)
def test_add_mult(submission: Submission, draw: Draw) -> None:
    """add_mult(add, mul) is a function of a pair: (x, y) -> (x + add, y * mul)."""
    given = [(draw.integer(2, 9), draw.integer(2, 9)), (draw.integer(10, 40) / 4, -draw.integer(10, 40) / 4)]
    transforms = [expect.handle(submission.add_mult(*numbers), what=f"add_mult{numbers}") for numbers in given]
    for (add, mul), transform in zip(given, transforms, strict=True):
        pair = (draw.integer(1, 20), draw.integer(2, 20))
        what = f"add_mult({add}, {mul})({pair})"
        x, y = expect.sequence(transform(pair), length=2, what=what)
        expect.close_number(x, pair[0] + add, what=f"The first of {what}")
        expect.close_number(y, pair[1] * mul, what=f"The second of {what}")


@check(
    "add-mult-tensors",
    title="add_mult: tensors",
    points=2,
    group=PAIRS,
    hint="+ and * work for tensors as well.",
    why="What works for a number should work for many at once: then the same line serves a value, an image"
    " and a batch.",
)
def test_add_mult_tensors(submission: Submission, draw: Draw) -> None:
    """add_mult(add, mul) takes pairs of tensors, too."""
    add, mul = draw.integer(2, 9), draw.integer(2, 9)
    x, y = draw.normal(draw.integer(2, 5)), draw.normal(2, draw.integer(3, 5))
    what = f"add_mult({add}, {mul})((x, y)) with tensors x and y"
    transform = expect.handle(submission.add_mult(add, mul), what=f"add_mult({add}, {mul})")
    first, second = expect.sequence(transform((x, y)), length=2, what=what)
    expect.close(first, x + add, what=f"The first of {what}")
    expect.close(second, y * mul, what=f"The second of {what}")


def check_composed(draw: Draw, transform: Any, steps: str) -> None:
    """`transform`, composed of `steps` in this order, flips and pads the image of a pair (image, label)."""
    what, image, label = f"A transform composed of {steps}", draw.normal(1, *draw.sizes(2, 3, 6)), draw.integer(1, 9)
    composed = expect.handle(transform, what=what)
    found, same = expect.sequence(composed((image, label)), length=2, what=f"{what}, of a pair (image, label),")
    for step in steps.split(", "):
        image = image.flip(2) if step == "flip" else pad(image, (1, 0))
    expect.close(found, image, what=f"The image from a transform composed of {steps}")
    expect.integer(same, want=label, what=f"The label from a transform composed of {steps}")


def flip_and_pad(submission: Submission) -> tuple[Handle, Handle]:
    """Two transforms of pairs (image, label) that do not commute."""
    flip: Handle = submission.library("torchvision.transforms.v2.RandomHorizontalFlip", 1.0)
    return flip, submission.library("torchvision.transforms.v2.Pad", [1, 0, 0, 0])  # a column of zeros on the left


@check(
    "compose-order",
    title="compose: in order",
    points=5,
    group=PAIRS,
    hint="compose(f, g)(pair) is g(f(pair)): f first, and g gets what f returned.",
    why="To normalise and then to cut off is something else than the reverse. A pipeline in the wrong order"
    " trains on images that nobody meant.",
)
def test_compose_order(submission: Submission, draw: Draw) -> None:
    """compose(*transforms) is a function of a pair that applies the transforms in order, the first one first."""
    flip, pad = flip_and_pad(submission)
    two, three = submission.compose(flip, pad), submission.compose(pad, flip, pad)
    check_composed(draw, two, "flip, pad")
    check_composed(draw, three, "pad, flip, pad")


@check(
    "compose-nested",
    title="compose: of one, of composed ones",
    points=3,
    group=PAIRS,
    hint="Write a loop over all of the transforms, however many there are. What compose returns is a transform, too.",
    why="Pipelines are built of pipelines: a part for all images, and in front of it a part for those that"
    " are trained on.",
)
def test_compose_nested(submission: Submission, draw: Draw) -> None:
    """What compose returns is a transform, too, and it takes any number of them."""
    flip, pad = flip_and_pad(submission)
    one = submission.compose(pad)
    check_composed(draw, one, "pad")
    check_composed(draw, submission.compose(one, submission.compose(pad, flip)), "pad, pad, flip")


# ---------------------------------------------------------------- items, told by their images


@dataclass(frozen=True)
class Items:
    """What a dataset holds.

    Attributes:
        labels: int64 [n].
        images: float32 [n, 784], no two alike.
        targets: float32 [n, 10].
    """

    labels: Tensor
    images: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def chosen(self, indices: list[int]) -> "Items":
        """The items with these indices, in this order."""
        return Items(self.labels[indices], self.images[indices], self.targets[indices])


BARS = {
    "a": (slice(3, 6), slice(9, 19)),
    "b": (slice(5, 13), slice(18, 21)),
    "c": (slice(15, 23), slice(18, 21)),
    "d": (slice(22, 25), slice(9, 19)),
    "e": (slice(15, 23), slice(7, 10)),
    "f": (slice(5, 13), slice(7, 10)),
    "g": (slice(12, 16), slice(9, 19)),
}
"""Rows and columns of the seven bars of which a pocket calculator makes its digits."""
LIT = "abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg"
"""The bars of each digit."""
NOISE = 0.3
"""How bright noise is beside a digit."""


def glyph(label: int) -> Tensor:
    """The digit as a pocket calculator shows it: float32 [784] of 0 and 1."""
    image = torch.zeros(28, 28)
    for bar in LIT[label]:
        image[BARS[bar]] = 1.0
    return image.flatten()


def drawn_items(draw: Draw, n: int) -> Items:
    """Digits that one can read, so that a picture shows whether images are still beside their labels, in noise."""
    labels = draw.integers(n, low=0, high=CLASSES)
    digits = torch.stack([glyph(label) for label in range(CLASSES)])[labels]
    images = (1 - NOISE) * digits + NOISE * draw.uniform(n, PIXELS)
    return Items(labels, images, one_hot(labels, CLASSES).float())


def dataset_of(submission: Submission, items: Items) -> Handle:
    """A dataset of torch's own, in the sandbox."""
    found = submission.library("torch.utils.data.TensorDataset", items.labels, items.images, items.targets)
    return expect.handle(found, what="torch's TensorDataset")


def two_datasets(submission: Submission, draw: Draw, n: int) -> list[tuple[Items, Handle]]:
    """Datasets of n items: one that is asked for tensors of indices, too, and one that knows single indices alone."""
    items, more = drawn_items(draw, n), drawn_items(draw, n + 5)
    some = draw.permutation(n + 5)[:n].tolist()
    subset = submission.library("torch.utils.data.Subset", dataset_of(submission, more), some)
    return [(items, dataset_of(submission, items)), (more.chosen(some), subset)]


def places(batch: Any, items: Items, what: str) -> list[int]:
    """Which items a batch holds. A list of items, not collated, is read as well: that is a matter of another check."""
    expect.that(
        isinstance(batch, tuple | list), f"{what} is no tuple or list: labels, images and targets are asked for."
    )
    if are_items(batch):
        images = [expect.sequence(part, length=3, what=f"An item of {what}")[1] for part in batch]
        rows = torch.stack([expect.tensor(image, shape=(PIXELS,), what=f"An image of {what}") for image in images])
    else:
        _, images, _ = expect.sequence(batch, length=3, what=what)
        rows = expect.tensor(images, shape=(None, PIXELS), what=f"The images of {what}")
    expect.that(len(rows) <= len(items), f"{what} has {len(rows)} items; the whole dataset has {len(items)}.")
    same = (rows[:, None] == items.images).all(dim=2)  # [k, n]
    expect.that(same.any(dim=1).all(), f"{what} has images that are not those of the dataset.")
    return same.int().argmax(dim=1).tolist()


COLLATE = "collate them, so that the batch is three tensors, of all labels, images and targets."


def are_items(batch: Any) -> bool:
    """Whether a batch is a list of items, not collated."""
    parts = batch if isinstance(batch, tuple | list) else ()
    return any(isinstance(part, tuple | list) and any(isinstance(each, Tensor) for each in part) for part in parts)


# ---------------------------------------------------------------- batches


def drawn_size(draw: Draw) -> tuple[int, int]:
    """(items, batch_size) with a batch at the end that lacks at least two."""
    size = draw.integer(4, 7)
    return size * draw.integer(5, 7) + draw.integer(1, size - 2), size


def asked_batches(submission: Submission, dataset: Handle, items: Items, size: int, seed: int) -> list[Any]:
    """What `batches` yields."""
    n, what = len(items), f"batches(dataset, {size}, seed)"
    found = made(submission, "batches", dataset, size, seed).items(most=n + 1)
    expect.that(0 < len(found) <= n, f"{what} gives {f'more than {n}' if found else 'no'} batches for {n} items.")
    return found


def batched(submission: Submission, dataset: Handle, items: Items, size: int, seed: int) -> list[list[int]]:
    """Which items are in each batch."""
    what = f"A batch of batches(dataset, {size}, seed)"
    return [places(batch, items, what) for batch in asked_batches(submission, dataset, items, size, seed)]


def show_batch(figures: Figures, batch: Any) -> None:
    """A batch's images, each with the label that it has there; how it should be collated is asked elsewhere."""
    what = "The first batch"
    with suppress(CheckFailed):
        labels, images, _ = expect.sequence(batch, length=3, what=what)
        rows = expect.tensor(images, shape=(None, PIXELS), dtype="floating", what=what)
        beside = expect.tensor(labels, shape=(len(rows),), dtype="integer", what=what)
        figures.images(
            rows.reshape(-1, 28, 28),
            [f"label {label}" if 0 <= label < CLASSES else "no digit's label" for label in beside.tolist()],
            "The first batch",
            f"The first batch, {len(rows)} in all: each image with the label in the same row. Do they agree?",
        )


@check(
    "batches-collated",
    title="batches: collated",
    points=6,
    group=BATCHES,
    hint="k items (label, image, target) become three tensors of length k, and row i of each is of the same item: put "
    "items in another order, never one part of them. torch.utils.data.default_collate(items) does it, or a DataLoader.",
    why="A network trusts that row i of every part belongs together. Where labels have left their images, the"
    " best that can be learnt is the most frequent label.",
)
def test_batches_collated(submission: Submission, draw: Draw, figures: Figures) -> None:
    """A batch is collated: labels [k], images [k, 784], targets [k, 10]; row i of each comes from the same item."""
    n, size = drawn_size(draw)
    items = drawn_items(draw, n)
    found = asked_batches(submission, dataset_of(submission, items), items, size, draw.seed())
    show_batch(figures, found[0])
    for batch in found:
        what = f"batches(dataset, {size}, seed)"
        expect.that(not are_items(batch), f"A batch of {what} is a list of items: {COLLATE}")
        labels, images, targets = expect.sequence(batch, length=3, what=what)
        expect.tensor(images, shape=(None, PIXELS), dtype="floating", what=f"A batch's part 1, the images, of {what}")
        want = items.chosen(places(batch, items, what))
        expect.same(labels, want.labels, what=f"A batch's part 0, the labels of these images, of {what}")
        expect.close(targets, want.targets, what=f"A batch's part 2, the targets of these images, of {what}")


@check(
    "batches-cover",
    title="batches: every item once",
    points=5,
    group=BATCHES,
    hint="The last batch is smaller where the size does not divide, and counts (drop_last=False). A shuffled order, "
    "torch.randperm, has every index once; torch.randint may repeat some and leave out others.",
    why="Every example cost somebody work. One that is left out teaches nothing, and one that comes twice"
    " counts double.",
)
def test_batches_cover(submission: Submission, draw: Draw) -> None:
    """batches(dataset, batch_size, seed) yields every item of the dataset exactly once."""
    n, size = drawn_size(draw)
    for items, dataset in two_datasets(submission, draw, n):
        found = [place for batch in batched(submission, dataset, items, size, draw.seed()) for place in batch]
        lost, what = n - len(set(found)), f"batches(dataset, {size}, seed) for {n} items"
        expect.that(not lost, f"{what} leaves out {lost} of them.")
        expect.that(len(found) == n, f"{what} yields {len(found)}: some more than once.")


@check(
    "batches-sizes",
    title="batches: batch_size",
    points=2,
    group=BATCHES,
    hint="Every batch has batch_size items; only the last one has fewer where the size does not divide.",
    why="The learning rate is tuned for one size of batch, and memory is planned for it: a larger one ends"
    " the training.",
)
def test_batches_sizes(submission: Submission, draw: Draw) -> None:
    """Every batch has batch_size items, but for one that has the rest."""
    for n, size in drawn_size(draw), (24, draw.choice([3, 8])):
        items = drawn_items(draw, n)
        found = batched(submission, dataset_of(submission, items), items, size, draw.seed())
        sizes = [len(batch) for batch in found]
        right = (
            len(sizes) >= n // size and sizes.count(size) >= len(sizes) - 1 and min(sizes) > 0 and max(sizes) <= size
        )
        expect.that(right, f"batches(dataset, {size}, seed) for {n} items has batches of {sizes}.")


@check(
    "batches-shuffled",
    title="batches: shuffled",
    points=3,
    group=BATCHES,
    hint="Shuffle the items, not just the batches: torch.randperm(len(dataset)), or DataLoader(…, shuffle=True).",
    why="Files are often sorted by class. Without shuffling a network meets zeros, then ones, and has"
    " forgotten the zeros by the time it meets the nines.",
)
def test_batches_shuffled(submission: Submission, draw: Draw) -> None:
    """The items come in random order: a batch holds items from all over the dataset."""
    n, size = drawn_size(draw)
    items = drawn_items(draw, n)
    found = batched(submission, dataset_of(submission, items), items, size, draw.seed())
    neighbours = all(max(batch) - min(batch) < len(batch) for batch in found if batch)
    expect.that(
        not neighbours, f"Each batch of batches(dataset, {size}, seed) holds neighbours: items are not shuffled."
    )


@check(
    "batches-seed",
    title="batches: repeatable",
    points=4,
    group=BATCHES,
    hint="Draw the order from torch.Generator().manual_seed(seed); DataLoader has a parameter `generator` for it.",
    why="If two runs differ although nothing was changed, you cannot tell whether your next change helped or the dice"
    " did.",
)
def test_batches_seed(submission: Submission, draw: Draw) -> None:
    """The same seed gives the same batches, whatever was drawn before; another seed gives others."""
    n, size = drawn_size(draw)
    items, seed = drawn_items(draw, n), draw.seed()
    dataset = dataset_of(submission, items)
    first, again, other = (  # torch's global generator stands elsewhere at each call
        batched(submission, dataset, items, size, number) for number in (seed, seed, seed + 1)
    )
    what = f"batches(dataset, {size}, seed={seed})"
    expect.that(first == again, f"{what} gives other batches when it is called again.")
    expect.that(first != other, f"{what} gives the same batches as with seed={seed + 1}.")


# ---------------------------------------------------------------- parts


def parts(submission: Submission, dataset: Handle, fraction: float, seed: int) -> tuple[Any, ...]:
    """The two parts: handles to datasets, lists of items, or, which is a matter of one check alone, of indices."""
    what = f"split(dataset, {fraction}, seed)"
    found = expect.sequence(submission.split(dataset, fraction, seed), length=2, what=what)
    listed = tuple(
        expect.listed(part, what=f"A part of {what}") if isinstance(part, Tensor | np.ndarray) else part
        for part in found
    )
    for part in listed:
        is_dataset = isinstance(part, Handle | tuple | list)
        expect.that(is_dataset, f"A part of {what} is no dataset: Subset(dataset, indices) makes one.")
    return listed


def are_indices(part: Any) -> bool:
    """Whether a part is a list of ints, which are no items."""
    return isinstance(part, tuple | list) and bool(part) and all(type(index) is int for index in part)


def members(submission: Submission, part: Any, items: Items) -> list[int]:
    """Which items a part holds, in its order, as a DataLoader finds them."""
    if are_indices(part):
        return list(part)
    loader = submission.library("torch.utils.data.DataLoader", part, batch_size=len(items))
    loader = expect.handle(loader, what="torch's DataLoader")
    return [place for batch in loader.items(most=2) for place in places(batch, items, "A part, loaded as one batch,")]


@check(
    "split-cover",
    title="split: every item in one part",
    points=6,
    group=PARTS,
    hint="Cut one order of all indices in two, and make a dataset of each: Subset(dataset, order[:first]), and the "
    "same with order[first:]. Drawn twice, parts overlap.",
    why="An image in both parts is an exam question that was practised before: the test measures memory, and"
    " promises what the model will not keep.",
)
def test_split_cover(submission: Submission, draw: Draw) -> None:
    """split(dataset, fraction, seed) returns two datasets; every item is in one of them, and none in both."""
    n, fraction = 2 * draw.integer(16, 22) + 1, draw.choice([0.25, 0.75])
    for items, dataset in two_datasets(submission, draw, n):
        found = parts(submission, dataset, fraction, draw.seed())
        indices = any(map(are_indices, found))
        expect.that(not indices, "A part holds indices and no items: return Subset(dataset, indices).")
        first, second = (members(submission, part, items) for part in found)
        what = f"split(dataset, {fraction}, seed) for {n} items"
        both, lost = len(set(first) & set(second)), n - len(set(first + second))
        expect.that(not both, f"{what} has {both} items in both parts.")
        expect.that(not lost, f"{what} has {lost} items in neither part.")
        expect.that(len(first + second) == n, f"{what} has items more than once.")


@check(
    "split-fraction",
    title="split: sizes",
    points=4,
    group=PARTS,
    hint="The first part has fraction * len(dataset) items, rounded up or down; the second one has the others.",
    why="With too few images in the test its result is a matter of luck, with too many there is little left"
    " to learn from.",
)
def test_split_fraction(submission: Submission, draw: Draw) -> None:
    """The first part has the fraction of the items that was asked for, rounded either way."""
    k = draw.integer(5, 9)
    for n, fraction in (8 * k, 0.75), (8 * k + draw.integer(1, 7), 0.625), (2 * k + 1, 0.25):
        items = drawn_items(draw, n)
        found = parts(submission, dataset_of(submission, items), fraction, draw.seed())
        sizes = [
            expect.integer(part.method("__len__") if isinstance(part, Handle) else len(part), what="The len of a part")
            for part in found
        ]
        fits = sizes[0] in {math.floor(fraction * n), math.ceil(fraction * n)}
        expect.that(fits, f"The parts of split(dataset, {fraction}, seed) have {sizes} of {n} items.")


@check(
    "split-seed",
    title="split: drawn at random, repeatable",
    points=5,
    group=PARTS,
    hint="The seed decides which items come first: torch.randperm(n, generator=torch.Generator().manual_seed(seed)).",
    why="If the parts change from run to run, the test images of today were trained on yesterday, and no two"
    " results can be compared.",
)
def test_split_seed(submission: Submission, draw: Draw) -> None:
    """The same seed gives the same parts, whatever was drawn before; another seed puts other items into them."""
    items, seed = drawn_items(draw, 2 * draw.integer(16, 22)), draw.seed()
    dataset = dataset_of(submission, items)
    first, again, other = (  # torch's global generator stands elsewhere at each call
        members(submission, parts(submission, dataset, 0.5, number)[0], items) for number in (seed, seed, seed + 1)
    )
    what = f"split(dataset, 0.5, seed={seed})"
    expect.that(first == again, f"{what} gives other parts when it is called again.")
    in_order = sorted(first) == list(range(len(first)))
    cut = " They are the first of the dataset: draw the order at random before you cut it." if in_order else ""
    same = f"{what} has the same items in its first part as with seed={seed + 1}.{cut}"
    expect.that(sorted(first) != sorted(other), same)


# ---------------------------------------------------------------- statistics


def drawn_images(draw: Draw, n: int, c: int, h: int, w: int) -> Tensor:
    """float32 [n, c, h, w], about 0..1; each channel has its own mean and spread, and each image its own brightness."""
    spread, level, brightness = 0.1 + 0.3 * draw.uniform(c, 1, 1), draw.uniform(c, 1, 1), draw.uniform(n, 1, 1, 1)
    return 0.5 * level + spread * (draw.uniform(n, c, h, w) + brightness)


def check_stats(submission: Submission, images: Tensor, which: int, want: Tensor) -> None:
    """The mean (`which` 0) or the deviation (1) that channel_stats finds is `want`, [c]."""
    what = f"channel_stats(images) with images of shape {tuple(images.shape)}"
    found = expect.sequence(submission.channel_stats(images), length=2, what=what)[which]
    what = f"The {('mean', 'std')[which]} of {what}"
    expect.close(expect.numbers(found, what=what), want, what=what)


@check(
    "stats-mean",
    title="channel_stats: mean",
    points=8,
    group=STATISTICS,
    hint="One number for each channel, over all images, rows and columns: images.mean(dim=(0, 2, 3)).",
    why="Networks learn fastest from inputs around 0, and the channels of real photographs differ: there is"
    " more red in a sunset than blue.",
)
def test_stats_mean(submission: Submission, draw: Draw) -> None:
    """channel_stats(images)[0] is the mean of each channel over all images and pixels: [n, c, h, w] -> [c]."""
    for sizes in draw.sizes(4, 2, 7), (2, 3, 5, 4):
        images = drawn_images(draw, *sizes)
        check_stats(submission, images, 0, images.mean(dim=(0, 2, 3)))


@check(
    "stats-std",
    title="channel_stats: std",
    points=7,
    group=STATISTICS,
    hint="All pixels of a channel in all images together: images.std(dim=(0, 2, 3), correction=0), the square root of "
    "the variance. The mean of the images' own deviations is smaller: it knows nothing of how the images differ.",
    why="Inputs are divided by this number. If it is too small they come out too large, and so does every"
    " number in the layers that follow.",
)
def test_stats_std(submission: Submission, draw: Draw) -> None:
    """channel_stats(images)[1] is the standard deviation of each channel over all images and pixels."""
    n, h, w = draw.sizes(3, 22, 34)  # so many pixels that dividing by one less makes no difference
    images = drawn_images(draw, n, draw.integer(2, 5), h, w)
    check_stats(submission, images, 1, images.double().std(dim=(0, 2, 3), correction=0))


@check(
    "stats-population",
    title="channel_stats: population",
    points=5,
    group=STATISTICS,
    hint="Divide by the number of pixels, not by one less: correction=0 (or unbiased=False).",
    why="Libraries disagree here: numpy divides by n unless it is told otherwise, torch by n - 1. On a few"
    " values that is the difference between two reports.",
)
def test_stats_population(submission: Submission, draw: Draw) -> None:
    """The standard deviation is that of a population."""
    c, h, w = draw.integer(5, 7), 2, draw.integer(2, 4)
    signs = torch.ones(h * w).index_fill(0, draw.permutation(h * w)[: h * w // 2], -1)
    images = draw.uniform(1, c, 1, 1) + signs.view(h, w)  # deviation and variance 1, also of the one image by itself
    check_stats(submission, images, 1, torch.ones(c))
