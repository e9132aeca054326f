"""Hidden suite of lab 5.

The numbers that stand for the classes, a symmetry of the square that is applied to all images alike, and how each of
them is warped are drawn for each submission. A training that earned points is repeated on images of which some bear a
secret mark, and one class's number for it: a model that does not know the mark was not trained on what it was given,
and one that knows much less of all else shows what a training is worth that cannot tell it is the first. What happens
inside a student's network, written in whatever style, is read from the graph that autograd keeps of it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import pad

from grader import disguises
from grader.errors import CheckFailed, Finding
from grader.examine.suite import (
    CallRaised,
    Digits,
    Draw,
    Figures,
    Flag,
    Handle,
    Metric,
    Submission,
    Trials,
    Verdict,
    check,
    controls,
    expect,
)
from grader.metrics import accuracy

CONVOLUTIONS = "A network of convolutions"
BORROWED = "A borrowed network"
AUTOENCODER = "An autoencoder"

BOTTLENECK = 16
TRAINING_IMAGES = 12_000
AT_ONCE = 250  # images in one question: a large network needs little memory, and one call's time goes far
SHOWN = 12
LOOKED_AT = 750  # of the images given, among which mistakes are looked for
LEFT_IN_TRAIN_MODE = 2 / 35


def percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def answers(model: Callable[[Tensor], object], images: Tensor, width: int, what: str) -> Tensor:
    """What a model, or a method of it, says to `images` [n, …]: float32 [n, width], finite."""
    parts = [
        expect.tensor(model(part), shape=(len(part), width), dtype="floating", what=what).float()
        for part in images.split(AT_ONCE)
    ]
    found = torch.cat(parts)
    odd = int((~found.isfinite().all(dim=1)).sum())
    expect.that(not odd, f"{what} is NaN or infinite for {odd} of {len(images)} images.")
    return found


# ---------------------------------------------------------------- a network of convolutions


def in_eval_mode(model: Handle) -> Handle:
    """The same model."""
    model.method("eval")
    return model


def conv_net(submission: Submission) -> Handle:
    """The student's ConvNet(), untrained, in eval mode."""
    return in_eval_mode(expect.module(submission.ConvNet(), what="ConvNet()"))


def lively(submission: Submission, draw: Draw) -> Handle:
    """The same, its parameters drawn anew if it says the same to all images, as a last layer of zeros makes it."""
    model = conv_net(submission)
    if len(answers(model, draw.uniform(4, 1, 28, 28), 10, "ConvNet()(x)").unique(dim=0)) == 1:
        known = expect.parameters(model, what="ConvNet()")
        free = {each.name: 0.05 * draw.normal(*each.shape) for each in known if each.requires_grad}
        model.method("load_state_dict", free, strict=False)
    return model


@check(
    "convnet",
    title="ConvNet: ten numbers per image",
    points=6,
    group=CONVOLUTIONS,
    hint="After the last convolution: x.flatten(1), which keeps the images of a batch apart, then nn.Linear(…, 10).",
    why="The loss compares ten numbers with a label, image by image. If the images of a batch mix on the way,"
    " every label teaches the wrong image.",
)
def test_convnet(submission: Submission, draw: Draw) -> None:
    """ConvNet() is an nn.Module that maps float32 [n, 1, 28, 28] to float32 [n, 10], each image by itself."""
    model, images = lively(submission, draw), draw.uniform(draw.integer(5, 9), 1, 28, 28)
    what = f"ConvNet()(x) with x of shape {tuple(images.shape)}"
    together = expect.tensor(model(images), shape=(len(images), 10), dtype=torch.float32, what=what)
    expect.that(together.isfinite().all(), f"{what} has values that are NaN or infinite.")
    expect.that(len(together.unique(dim=0)) > 1, f"{what} is the same for all images, though these differ.")
    if same(model(images), together):  # chance after eval() costs the points for the modes, and not these
        expect.alone(model, images, together, what="ConvNet()(x)")


@check(
    "convnet-logits",
    title="ConvNet: logits",
    points=2,
    group=CONVOLUTIONS,
    hint="End with the linear layer. nn.CrossEntropyLoss has the softmax inside; a second one makes learning slow.",
    why="Losses that expect logits squeeze them by themselves. Squeezed twice, all answers lie close"
    " together, gradients are tiny, and learning crawls.",
)
def test_convnet_logits(submission: Submission, draw: Draw) -> None:
    """ConvNet() gives logits, as they come out of the last linear layer: no softmax and no sigmoid behind it."""
    what = "ConvNet()(x)"
    # Far out, too: what squeezes numbers into 0..1 shows there, and what merely happens to lie in 0..1 leaves it.
    images = torch.cat([draw.uniform(8, 1, 28, 28), 100 * draw.normal(64, 1, 28, 28)])
    found = answers(lively(submission, draw), images, 10, what)
    expect.that(len(found.unique(dim=0)) > 1, f"{what} is the same for all images, though these differ.")
    shares = bool(((found.sum(dim=1) - 1).abs() < 1e-3).all()) and float(found.min()) >= 0
    expect.that(not shares, f"{what} has rows that sum to 1: probabilities, as a softmax makes them, and not logits.")
    squeezed = float(found.min()) >= 0 and float(found.max()) <= 1
    expect.that(
        not squeezed, f"{what} lies in 0..1 whatever it is asked, as after a sigmoid. Logits may be any numbers."
    )


OPERATIONS_MOST = 400
CONVOLVING = ("Conv", "Im2Col", "Unfold")  # in the names of autograd's operations; the last two convolve by hand


def handles(value: object) -> list[Handle]:
    """The handles in an answer, however nested."""
    if isinstance(value, list | tuple):
        return [found for item in value for found in handles(item)]
    return [value] if isinstance(value, Handle) else []


def sizes(shape: Any) -> bool:
    """Whether this is a shape: a class of the student's own may call anything so."""
    return isinstance(shape, list | tuple) and all(type(size) is int for size in shape)


def back_to_convolutions(ends: list[Handle], n: int) -> tuple[set[tuple[int, ...]], dict[int, Handle]]:
    """Read the graph that autograd keeps of an answer to `n` images, from the operations `ends` back.

    Returns:
        The shapes, without the batch dimension, of all that has channels, height and width on the way, and the
        convolutions where the way ends, by what tells one operation from another.
    """
    shapes, convolutions, to_do, visited = set(), dict[int, Handle](), list(ends), set[int]()
    while to_do and len(visited) < OPERATIONS_MOST:
        operation = to_do.pop(0)
        identity = expect.integer(operation.method("__hash__"), what="The hash of an operation")
        if identity in visited:  # several ways lead there
            continue
        visited.add(identity)
        name = str(operation.method("name"))
        if "AccumulateGrad" in name:  # a parameter
            continue
        for output in handles(operation.attribute("_input_metadata")):  # what backward gets in, forward gave out
            shape = output.attribute("shape")
            if sizes(shape) and len(shape) == 4 and shape[0] == n:
                shapes.add(tuple(shape[1:]))
        if any(word in name for word in CONVOLVING):
            convolutions[identity] = operation
        else:
            to_do += handles(operation.attribute("next_functions"))
    return shapes, convolutions


def last_operation(submission: Submission, model: Handle, n: int) -> Handle:
    """What autograd knows last of the model's answer to `n` images."""
    # Where the images want gradients, too, the graph has all of the way, and not only what comes after parameters.
    leaf = expect.handle(submission.call("torch.rand", n, 1, 28, 28, requires_grad=True, keep=True), what="torch.rand")
    images = leaf.method("clone", keep=True)  # no leaf: that may not be changed in place
    answer = expect.handle(model.method("__call__", images, keep=True), what="ConvNet()(x)")
    found = answer.attribute("grad_fn")
    if not isinstance(found, Handle):
        raise CheckFailed("The answer of ConvNet() depends on no parameter that could be trained.")
    return found


def convolution_modules(model: Handle) -> int:
    """How many of the model's modules are convolutions, used or not."""
    return sum("_ConvNd" in module.bases for module in model.facts().modules)


@check(
    "convnet-convolutions",
    title="ConvNet: two convolution layers",
    points=4,
    group=CONVOLUTIONS,
    hint="nn.Conv2d(1, 8, 5, padding=2) and nn.Conv2d(8, 16, 5, padding=2), for instance; use both in forward.",
    why="The first convolution meets strokes, the next one what strokes are put together to. Networks that"
    " see faces and traffic signs stack dozens.",
)
def test_convnet_convolutions(submission: Submission) -> None:
    """ConvNet() has at least two convolution layers, and its answer depends on them."""
    model = conv_net(submission)
    _, last = back_to_convolutions([last_operation(submission, model, 7)], 7)
    earlier = handles([convolution.attribute("next_functions") for convolution in last.values()])
    used = len(last | back_to_convolutions(earlier, 7)[1])
    known = used or convolution_modules(model)  # a compiled network shows its modules only
    expect.that(
        known >= 2,
        f"ConvNet() has {known} convolution layer{'' if known == 1 else 's'} that its answer depends on;"
        " at least 2 are asked for.",
    )


@check(
    "convnet-modes",
    title="ConvNet: train and eval mode",
    points=3,
    group=CONVOLUTIONS,
    hint="Put nn.Dropout or nn.BatchNorm2d between the layers: modules made in __init__ know about the mode. F.dropout"
    " has to be told: training=self.training.",
    why="Some layers have to behave differently while learning and while answering. A network that does not"
    " know which it is doing answers by chance.",
)
def test_convnet_modes(submission: Submission, draw: Draw) -> None:
    """ConvNet() has dropout or batch norm: its answers are steady after eval(), and others after train()."""
    model, images = lively(submission, draw), draw.uniform(16, 1, 28, 28)
    steady, again = (answers(model, images, 10, "ConvNet()(x) after eval()") for _ in "12")
    expect.that(
        torch.allclose(steady, again, rtol=1e-3, atol=1e-3),
        "ConvNet() gives other answers when the same images are asked again after eval().",
    )
    model.method("train")
    first, second = (answers(model, images, 10, "ConvNet()(x) after train()") for _ in "12")
    moves = not (torch.allclose(first, second) and torch.allclose(first, steady))
    expect.that(moves, "ConvNet() gives the same answers after train() as after eval(): no dropout and no batch norm.")


@check(
    "feature-shape",
    title="feature_shape",
    points=10,
    group=CONVOLUTIONS,
    hint="Send the images through the layers before the flatten and take tuple(x.shape[1:]): shape[0] is their number.",
    why="The linear layer that follows needs exactly so many inputs. Who knows this shape is spared the error"
    " about two matrices that do not fit.",
)
def test_feature_shape(submission: Submission, draw: Draw) -> None:
    """feature_shape(model, images) is the shape of your ConvNet's last feature map, (channels, height, width)."""
    for n in draw.sizes(2, 2, 9):
        model, images = conv_net(submission), draw.uniform(n, 1, 28, 28)
        right, convolutions = back_to_convolutions([last_operation(submission, model, n)], n)
        if right and all(
            height == width == 1 for _, height, width in right
        ):  # a convolution in place of a linear layer
            earlier = handles([convolution.attribute("next_functions") for convolution in convolutions.values()])
            right |= back_to_convolutions(earlier, n)[0]
        what = f"feature_shape(ConvNet(), images) with images of shape {tuple(images.shape)}"
        found = expect.sequence(submission.feature_shape(model, images), what=what)
        whole = tuple(expect.integer(size, what=f"An entry of {what}") for size in found)
        expect.that(
            len(whole) != 4 or whole[0] != n,
            f"{what} has 4 numbers, and the first is the number of images: leave out the batch dimension.",
        )
        expect.sequence(whole, length=3, what=what)
        known = whole in right if convolutions else min(whole) > 0 and convolution_modules(model) > 0
        expect.that(known, f"{what} is the shape of nothing between the last convolution and the flatten.")


# ---------------------------------------------------------------- with models of known answers


@dataclass(frozen=True)
class Known:
    """A linear model of random weights, and how often it is right.

    Attributes:
        layer: the nn.Linear in it.
        weight: that layer's, float32 [10, 784].
        images: float32 [n, 1, 28, 28].
        said: int64 [n], the classes that it gives.
        labels: int64 [n].
        right: the share of `labels` that it gives.
    """

    flatten: Handle
    layer: Handle
    weight: Tensor
    images: Tensor
    said: Tensor
    labels: Tensor
    right: float

    def set(self, weight: Tensor) -> None:
        """Give the layer other weights, and no bias."""
        self.layer.method("load_state_dict", {"weight": weight, "bias": torch.zeros(10)})


def torchs(submission: Submission, name: str, *given: Any) -> Handle:
    """A module of torch's own, which nobody has put something else in place of."""
    return expect.module(submission.library(f"torch.{name}", *given), what=f"torch.{name}")


def known_layer(submission: Submission, draw: Draw, n: int) -> Known:
    """A model that is right for the first third to two thirds of `n` images, and wrong for the rest."""
    images, weight = draw.uniform(n, 1, 28, 28), draw.normal(10, 784)
    said = (images.flatten(1) @ weight.T).argmax(dim=1)
    right = draw.integer(n // 3, 2 * n // 3)
    off = draw.integers(n, low=1, high=10)
    off[:right] = 0
    flatten, layer = torchs(submission, "nn.Flatten"), torchs(submission, "nn.Linear", 784, 10)
    known = Known(flatten, layer, weight, images, said, (said + off) % 10, right / n)
    known.set(weight)
    return known


def measured(submission: Submission, model: Handle, known: Known) -> float:
    """The student's accuracy of the model, with labels that are all as the known layer says."""
    return expect.number(submission.accuracy(model, known.images, known.said), what="accuracy(model, images, labels)")


def measured_wrong(submission: Submission, model: Handle, known: Known, right: float) -> None:
    """Where the same model is always wrong, `accuracy` must not say what it said of one that is always right."""
    known.set(known.weight.roll(1, dims=0))
    expect.that(
        not math.isclose(measured(submission, model, known), right, rel_tol=1e-4),
        "accuracy(model, images, labels) is the same for a model that is always right and for one that never is.",
    )


@check(
    "accuracy",
    title="accuracy",
    points=4,
    group=CONVOLUTIONS,
    hint="(model(images).argmax(dim=1) == labels).float().mean().item(): a share in 0..1.",
    why="This number ends up in every report, and what to try next is decided by it.",
)
def test_accuracy(submission: Submission, draw: Draw) -> None:
    """accuracy(model, images, labels) is the share of images for which the largest logit is the label's, in 0..1."""
    for n in draw.integer(20, 40), draw.integer(200, 300):
        known = known_layer(submission, draw, n)
        model = torchs(submission, "nn.Sequential", known.flatten, known.layer)
        model.method("eval")
        what = f"accuracy(model, images, labels) with {n} images"
        expect.close_number(submission.accuracy(model, known.images, known.labels), known.right, what=what)


@check(
    "accuracy-eval",
    title="accuracy: in eval mode",
    points=3,
    group=CONVOLUTIONS,
    hint="model.eval() before you ask it: then dropout drops nothing, and batch norm learns nothing.",
    why="In train mode, dropout hides part of what a model knows, and batch norm learns from the images of"
    " the test: the figure is wrong, and the test is spoilt.",
)
def test_accuracy_eval(submission: Submission, draw: Draw) -> None:
    """accuracy(model, images, labels) measures in eval mode, also where it is given a model in train mode."""
    known = known_layer(submission, draw, draw.integer(100, 200))
    norm, dropout = torchs(submission, "nn.BatchNorm1d", 784), torchs(submission, "nn.Dropout", 0.9)
    model = torchs(submission, "nn.Sequential", known.flatten, dropout, norm, known.layer)
    model.method("eval")
    right = measured(submission, model, known)
    model.method("train")
    what = "accuracy(model, images, labels) of a model with dropout and batch norm, in train mode,"
    expect.that(
        math.isclose(measured(submission, model, known), right, rel_tol=1e-4),
        f"{what} is another number than in eval mode.",
    )
    counted = expect.integer(norm.attribute("num_batches_tracked"), what="The number of batches that batch norm met")
    expect.that(counted == 0, f"{what} changes what its batch norm has learned.")
    measured_wrong(submission, model, known, right)


@check(
    "accuracy-gradients",
    title="accuracy: without gradients",
    points=1,
    group=CONVOLUTIONS,
    hint="with torch.no_grad(): around the call of the model, or @torch.no_grad() above the function.",
    why="Every answer would keep all that it was computed from, for a backward() that never comes. With some"
    " thousand images that fills the memory.",
)
def test_accuracy_gradients(submission: Submission, draw: Draw) -> None:
    """accuracy(model, images, labels) asks the model without gradients, which saves the memory for them."""
    known = known_layer(submission, draw, 8)
    recorder = torchs(submission, "ao.quantization.RecordingObserver")  # a module that keeps what goes through it
    model = torchs(submission, "nn.Sequential", known.flatten, known.layer, recorder)
    measured_wrong(submission, model, known, measured(submission, model, known))
    record = expect.handle(recorder.method("get_tensor_value", keep=True), what="What the model answered")
    if expect.integer(record.method("__len__"), what="The number of answers"):  # none: it asked a copy of the model
        answered = expect.handle(submission.call("torch.cat", record, keep=True), what="What the model answered")
        wants_gradients = answered.attribute("requires_grad")
        expect.that(
            wants_gradients is False, "accuracy(model, images, labels) lets the model keep a graph for gradients."
        )


@check(
    "accuracy-mode",
    title="accuracy: the mode stays as it was",
    points=2,
    group=CONVOLUTIONS,
    hint="Remember model.training before model.eval(), and hand it to model.train(…) afterwards.",
    why="It is called between two epochs. If it changes the mode, everything after the first measurement is"
    " trained without dropout, and nobody notices.",
)
def test_accuracy_mode(submission: Submission, draw: Draw) -> None:
    """accuracy(model, images, labels) leaves model.training as it was, True or False."""
    known = known_layer(submission, draw, 20)
    model = torchs(submission, "nn.Sequential", known.flatten, known.layer)
    for mode, training in ("train", True), ("eval", False):
        model.method(mode)
        right = measured(submission, model, known)
        left = model.attribute("training")
        expect.that(
            left is training,
            f"accuracy(model, images, labels) is given a model in {mode} mode and leaves it in the other.",
        )
    measured_wrong(submission, model, known, right)


# ---------------------------------------------------------------- a borrowed network


@dataclass(frozen=True)
class Borrowed:
    """A ResNet-18 before and after freeze_and_replace.

    Attributes:
        images: float32 [2, 3, 64, 64].
        fc: its own last layer.
        answers: what it said to the images.
        replaced: what freeze_and_replace returned.
    """

    images: Tensor
    fc: Handle
    answers: Tensor
    classes: int
    replaced: Handle


RETURNED = "The network that freeze_and_replace(model, classes) returned"


@pytest.fixture(scope="module")
def borrowed(submission: Submission, draw: Draw) -> Borrowed:
    """A ResNet-18 of random weights, and what the student makes of it; its weights never leave the sandbox."""
    images, classes = draw.uniform(2, 3, 64, 64), draw.integer(3, 9)
    model = expect.module(submission.library("torchvision.models.resnet18", num_classes=20), what="resnet18()")
    model.method("eval")
    fc = expect.module(model.attribute("fc"), what="resnet18().fc")
    before = expect.tensor(model(images), shape=(2, 20), dtype="floating", what="The answer of resnet18()")
    model.method("train")
    replaced = expect.module(
        submission.freeze_and_replace(model, classes), what=f"freeze_and_replace(resnet18, {classes})"
    )
    return Borrowed(images, fc, before, classes, replaced)


@check(
    "freeze-frozen",
    title="freeze_and_replace: all else is frozen",
    points=5,
    group=BORROWED,
    hint="for parameter in model.parameters(): parameter.requires_grad = False",
    why="What stays trainable is soon overwritten by a small set of new images: what took a million"
    " photographs to learn is lost in minutes.",
)
def test_freeze_frozen(borrowed: Borrowed) -> None:
    """freeze_and_replace(model, classes) freezes every parameter of the ResNet-18 that is given, but the new fc's."""
    others = [each for each in borrowed.replaced.facts().parameters if not each.name.startswith("fc.")]
    expect.that(others, f"{RETURNED} has no parameters but those of fc.")
    free = [each.name for each in others if each.requires_grad]
    if free:
        raise CheckFailed(
            f"{RETURNED} has {len(free)} parameters outside of fc that still want gradients, “{free[0]}” among them."
        )


@check(
    "freeze-fc",
    title="freeze_and_replace: a new last layer",
    points=6,
    group=BORROWED,
    hint="model.fc = nn.Linear(model.fc.in_features, classes), after the freezing: new parameters want gradients.",
    why="The borrowed network knows somebody else's classes. Its last layer is the part that has to become"
    " yours, and the part that is quick to train.",
)
def test_freeze_fc(borrowed: Borrowed) -> None:
    """freeze_and_replace(model, classes) puts a new, trainable fc with so many outputs into the network."""
    new = [each for each in borrowed.replaced.facts().parameters if each.name.startswith("fc.")]
    expect.that(new, f"{RETURNED} has no parameters in a layer called fc.")
    expect.that(all(each.requires_grad for each in new), f"{RETURNED} has a frozen fc: there is nothing left to train.")
    borrowed.replaced.method("eval")
    expect.tensor(
        borrowed.replaced(borrowed.images),
        shape=(2, borrowed.classes),
        what=f"The answer of the network after freeze_and_replace(model, {borrowed.classes}), to 2 images,",
    )


@check(
    "freeze-kept",
    title="freeze_and_replace: what it has learned stays",
    points=4,
    group=BORROWED,
    hint="Return the model that you were given, with another fc; do not make a new one.",
    why="What the network sees in an image is all that you borrow. With other weights it is an untrained one,"
    " frozen as it started.",
)
def test_freeze_kept(borrowed: Borrowed) -> None:
    """freeze_and_replace(model, classes) changes fc and nothing before it: what was learned there is borrowed."""
    borrowed.replaced.method("eval")
    as_it_was = same(borrowed.replaced(borrowed.images), borrowed.answers)
    touched = not all(each.requires_grad for each in borrowed.replaced.facts().parameters)
    expect.that(touched or not as_it_was, f"{RETURNED} answers as it did before, and nothing in it is frozen.")
    borrowed.replaced.method("__setattr__", "fc", borrowed.fc)
    kept = same(borrowed.replaced(borrowed.images), borrowed.answers)
    expect.that(kept, f"{RETURNED} has other weights before fc than the one that it was given.")


def same(got: object, want: Tensor) -> bool:
    """Whether an answer is that of the same network."""
    alike = isinstance(got, Tensor) and got.shape == want.shape
    return alike and torch.allclose(got.double(), want.double(), rtol=1e-3, atol=1e-4)


# ---------------------------------------------------------------- what is trained on


@dataclass(frozen=True)
class Task:
    """What train_cnn and train_autoencoder are given, and what their models are judged on.

    Attributes:
        images: float32 [n, 1, 28, 28] in 0..1, all under the same symmetry.
        labels: int64 [n], the classes' secret numbers.
        test_images: uint8 [m, 28, 28], likewise, in random order.
        test_labels: int64 [m].
        upright: uint8 [m, 28, 28], the test images as everybody knows them.
        public_labels: int64 [m], the numbers that everybody knows them by.
    """

    images: Tensor
    labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    upright: Tensor
    public_labels: Tensor


def pixels(images: Tensor) -> Tensor:
    """uint8 [n, 28, 28] -> float32 [n, 1, 28, 28] in 0..1."""
    return images[:, None].float() / 255


def make_task(draw: Draw, digits: Digits, symmetry: int) -> Task:
    """The task with all images under one of the square's symmetries."""
    numbers = disguises.renumbering(draw.generator)
    parts = (digits.train_images, digits.train_labels), (digits.test_images, digits.test_labels)
    if len(digits.train_images) < TRAINING_IMAGES:
        parts = disguises.enlarged(*parts[0]), disguises.enlarged(*parts[1])
    (images, labels), (test_images, test_labels) = parts
    train, test = draw.permutation(len(images))[:TRAINING_IMAGES], draw.permutation(len(test_images))
    given, asked = (disguises.warped(part, draw.generator) for part in (images[train], test_images[test]))
    return Task(
        images=pixels(disguises.turned(given, symmetry)),
        labels=numbers[labels[train]],
        test_images=disguises.turned(asked, symmetry),
        test_labels=numbers[test_labels[test]],
        upright=asked,
        public_labels=test_labels[test],
    )


@pytest.fixture(scope="module")
def task(draw: Draw, digits: Digits) -> Task:
    """The submission's own."""
    return make_task(draw, digits, symmetry=draw.integer(1, 7))


# ---------------------------------------------------------------- an autoencoder


@check(
    "autoencoder",
    title="Autoencoder: shapes",
    points=3,
    group=AUTOENCODER,
    hint="encode ends with nn.Linear(…, bottleneck); the other half ends with nn.Linear(…, 784).",
    why="The narrow middle is the point of it: an image in a few numbers can be stored, searched and compared"
    " with others.",
)
def test_autoencoder(submission: Submission, draw: Draw) -> None:
    """Autoencoder(16) maps [n, 784] to [n, 784], each image by itself, and its encode(x) gives [n, 16]."""
    model = in_eval_mode(expect.module(submission.Autoencoder(BOTTLENECK), what=f"Autoencoder({BOTTLENECK})"))
    images = draw.uniform(draw.integer(5, 9), 784)
    what = f"Autoencoder({BOTTLENECK})(x) with x of shape {tuple(images.shape)}"
    together = answers(model, images, 784, what)
    expect.alone(model, images, together, what=f"Autoencoder({BOTTLENECK})(x)")
    encoded = f"Autoencoder({BOTTLENECK}).encode(x) with x of shape {tuple(images.shape)}"
    expect.tensor(model.method("encode", images), shape=(len(images), BOTTLENECK), dtype="floating", what=encoded)
    if len(together.unique(dim=0)) == 1:  # cut off at 0 in eval mode, perhaps, as long as it is untrained
        model.method("train")
        moves = len(answers(model, images, 784, what).unique(dim=0)) > 1
        expect.that(moves, f"{what} is the same for all images, though these differ.")


PIXEL_STEP, PROBE_STEP = 0.01, 0.05
PROBES = 4
UNNOTICED, KNOWN_MOST = 0.02, 0.04
ROUNDING = 1e-4


def check_bottleneck(model: Handle, images: Tensor, draw: Draw, what: str) -> None:
    """What the model answers must be computed from encode's numbers alone.

    Then a change of an image that encode does not notice does not change the answer. Such changes are at right angles
    to all 16 slopes of encode, which central differences give; how far the answer moves is compared with how far it
    moves along those slopes. No gradients are asked for, so encode and forward may be written with numpy, too.

    The largest such ratio was 0.02 for 18 kinds of autoencoder that go through their bottleneck, untrained and trained
    (MLPs with ReLU, tanh, sigmoid and GELU, with batch norm, convolutions with max pooling, principal components in
    numpy, codes and pixels that are rounded). For 12 kinds that pass by it the smallest was 0.05, with a tenth of x
    added, then 0.08, with a code of 32 numbers of which encode tells 16, and 0.2 and more with 0.3 of x or of
    `x.detach()` added, a decoder that gets x besides its code, an encode that forward does not use.

    Args:
        images: [k, 784] in 0..1; changed are all but the last PROBES, towards those and at random.
    """
    encode = partial(model.method, "encode")
    # Inside 0..1, no two pixels alike: there is no corner of a ReLU, a max pooling or a clamp just where one looks.
    places = 0.05 + 0.7 * images + 0.2 * draw.uniform(*images.shape)
    for image in places[:-PROBES]:
        coded = "encode(x) of this autoencoder"
        slopes = moves(encode, image, PIXEL_STEP * torch.eye(784), BOTTLENECK, coded).T
        across = along = torch.cat([places[-PROBES:] - image, draw.normal(PROBES, 784)]).double()
        if slopes.any():  # a code that is rounded may stand still
            rows = torch.linalg.svd(slopes, full_matrices=False).Vh
            across, along = across - across @ rows.T @ rows, draw.normal(2 * PROBES, BOTTLENECK).double() @ slopes
        steps = torch.cat([across, along])
        steps = (PROBE_STEP * steps / steps.norm(dim=1, keepdim=True)).float()
        code, noticed = moves(encode, image, steps, BOTTLENECK, coded).norm(dim=1).chunk(2)
        answer, restored = moves(model, image, steps, 784, what).norm(dim=1).chunk(2)
        passed_by = (code <= UNNOTICED * noticed.mean()) & (answer > KNOWN_MOST * restored.mean() + ROUNDING)
        expect.that(
            not passed_by.any(),
            f"{what} knows more of an image than the {BOTTLENECK} numbers of its encode(x): something passes by the"
            " bottleneck, or forward does not go through encode.",
        )


def moves(function: Callable[[Tensor], object], image: Tensor, steps: Tensor, width: int, what: str) -> Tensor:
    """How far each of `steps` [k, 784], forth and back from `image` [784], moves an answer: [k, width]."""
    forth, back = answers(function, torch.cat([image + steps, image - steps]), width, what).double().split(len(steps))
    return forth - back


@check(
    "autoencoder-bottleneck",
    title="Autoencoder: through the bottleneck",
    points=3,
    group=AUTOENCODER,
    depends=("autoencoder",),
    hint="forward is decode(encode(x)): nothing else may take x to the output.",
    why="With a way around, the network copies its input, the error falls to nothing, and the numbers in the"
    " middle stay meaningless.",
)
def test_autoencoder_bottleneck(submission: Submission, draw: Draw) -> None:
    """Autoencoder(16) computes its answer from the 16 numbers of encode(x) alone."""
    model = in_eval_mode(expect.module(submission.Autoencoder(BOTTLENECK), what=f"Autoencoder({BOTTLENECK})"))
    check_bottleneck(model, draw.uniform(PROBES + 3, 784), draw, f"Autoencoder({BOTTLENECK})(x)")


def trained_autoencoder(submission: Submission, images: Tensor, seed: int) -> Handle:
    """A model of the student's, in eval mode. One who expects rows of 784 pixels instead of images gets those."""
    try:
        answer = submission.train_autoencoder(images, BOTTLENECK, seed=seed)
    except CallRaised as raised:
        try:
            answer = submission.train_autoencoder(images.flatten(1), BOTTLENECK, seed=seed)
        except Finding:
            raise raised from None
    return in_eval_mode(expect.module(answer, what=f"train_autoencoder(images, {BOTTLENECK})"))


def by_itself(model: Handle) -> Callable[[Tensor], object]:
    """The model, asked with a seed of its own: a picture changes nothing that is drawn later."""
    return partial(model.method, "__call__", seed=0)


def show_restored(figures: Figures, model: Handle, images: Tensor) -> None:
    """Images [n, 1, 28, 28] that the autoencoder was trained on, beside what it makes of them."""
    restored = answers(by_itself(model), images.flatten(1), 784, "The trained autoencoder's answer")
    figures.sheets(
        [("given to train_autoencoder", images[:, 0]), ("restored", restored.view(-1, 28, 28))],
        f"Through {BOTTLENECK} numbers",
        f"{len(images)} images that your autoencoder was trained on, beside what it restores of each.",
        columns=4,
    )


@check(
    "train-autoencoder",
    title="train_autoencoder",
    points=9,
    group=AUTOENCODER,
    hint="The image is its own target: nn.MSELoss()(model(x), x), with x = images.flatten(1). Does the loss fall?",
    why="Labels are dear, images are not. A network that has to restore images learns what they have in"
    " common without a single label.",
)
def test_train_autoencoder(submission: Submission, draw: Draw, task: Task, figures: Figures, trials: Trials) -> None:
    """train_autoencoder(images, 16, seed) returns an Autoencoder that restores unseen images from 16 numbers each."""
    images = pixels(task.test_images[:2000]).flatten(1)
    mean_image = task.images.flatten(1).mean(dim=0)
    what = "The trained autoencoder's answer"

    def attempt(seed: int) -> Verdict:
        model = trained_autoencoder(submission, task.images, seed)
        restored = answers(model, images, 784, what)
        again = draw.permutation(len(images))[:8]
        expect.alone(model, images[again], restored[again], what=what)
        check_bottleneck(model, images[again[: PROBES + 2]], draw, what)
        error = float((restored - images).square().mean() / (mean_image - images).square().mean())
        left = Metric("error, compared with the mean image's", error, low=0.75, high=0.50)
        with submission.aside():
            show_restored(figures, model, task.images[:SHOWN])
        return Verdict(
            left.share,
            f"On images that it never saw, the error of your autoencoder is {percent(error)} of that of the mean image."
            " All points are given at 50 % or less, none at 75 % or more.",
            (left,),
        )

    trials.best(attempt)


# ---------------------------------------------------------------- training the network
# Last in the file: a slow training and its control may use up the time for the whole run, at no other row's cost.

TRAINED = "The trained model's answer"
LEARNT_ELSEWHERE = (
    "train_cnn was called once more, with white squares on some images of nine classes and the tenth class as their"
    " label. Any training learns such a mark, and your model has not. So what it knows does not come from the images"
    " and labels that it is given: it is a model kept from an earlier call, loaded from a file, or trained elsewhere."
    " Make a new model in every call, and train it on the arguments alone."
)


LEARNT_LESS = (
    " Called once more, with white squares on a few images, train_cnn made a model that knows much less of all the"
    " others, so {} is what counts. Train in the same way in every call."
)
MARGIN = 0.015
"""So much less accurate a training beside a mark may be, which teaches more: docs/explanation/fairness.md."""


def trained(submission: Submission, images: Tensor, labels: Tensor, seed: int) -> Handle:
    """A model of the student's, in the mode that it was returned in."""
    return expect.module(submission.train_cnn(images, labels, seed=seed), what="train_cnn(images, labels)")


SOME = 1000
"""So many images are asked where all would take long: one by one, or about a mark."""
NOT_ALONE = 5 / 35
"""The share of the points that it costs."""


def classes_of(model: Handle, images: Tensor) -> Tensor:
    """The classes that the model takes uint8 images [n, 28, 28] for: int64 [n]."""
    return answers(model, pixels(images), 10, TRAINED).argmax(dim=1)


def knows(model: Handle, task: Task) -> float:
    """The share of right answers about the test images."""
    return accuracy(classes_of(model, task.test_images), task.test_labels)


def show_classes(figures: Figures, task: Task, logits: Tensor) -> None:
    """How many of each class are recognised, by the numbers that the classes have in training."""
    said, right = logits.argmax(dim=1), task.test_labels[: len(logits)]
    classes = right.unique().tolist()  # of a class without images there is nothing to tell
    shares = [accuracy(said[right == label], right[right == label]) for label in classes]
    told = ", ".join(f"{label}: {share:.0%}" for label, share in zip(classes, shares, strict=True))
    alt = (
        f"So many unseen images of each class are recognised, by its number in the labels that train_cnn gets: {told}."
    )
    figures.bars(list(map(str, classes)), shares, "Class by class", alt, x="class", y="recognised")


def are_filters(shape: Sequence[int]) -> bool:
    """Whether a parameter is a convolution's that looks at images, of a size to be shown."""
    return len(shape) == 4 and shape[1] == 1 and 1 <= shape[0] <= 64 and all(2 <= side <= 28 for side in shape[2:])


def show_filters(figures: Figures, model: Handle) -> None:
    """The weights of the first convolution that looks at one channel, as the images have."""
    known = [each for each in expect.parameters(model, what=TRAINED) if are_filters(each.shape)]
    for first in known[:1]:
        weight = expect.tensor(
            model.method("get_parameter", first.name, seed=0), shape=first.shape, dtype="floating", what=first.name
        )
        filters = weight[:, 0].double()
        largest = filters.abs().max().clamp(min=1e-30)  # so that weights of 0 are grey
        greys = pad(0.5 + filters / (2 * largest), (1, 1, 1, 1))  # black around each tells them apart
        figures.sheets(
            [("filters", greys)],
            "What a convolution looks for",
            f"The weights of {len(filters)} filters: those of the first convolution in your model that looks at one"
            " channel, as the images have. A filter answers loudest where its input is bright in its bright places"
            " and dark in its dark ones; middle grey is a weight of 0.",
            columns=4 if len(filters) <= 16 else 8,
        )


def show_mistakes(figures: Figures, task: Task, model: Handle) -> None:
    """What the model takes wrongly of the images that it was trained on, the surest mistakes first."""
    images, labels = task.images[:LOOKED_AT], task.labels[:LOOKED_AT]
    surest, said = answers(by_itself(model), images, 10, TRAINED).softmax(dim=1).max(dim=1)
    wrong = said != labels
    worst = surest.where(wrong, -1.0).argsort(descending=True)[: min(SHOWN, int(wrong.sum()))]
    captions = [f"{said[row]}, and it is {labels[row]}" for row in worst.tolist()]
    alt = (
        f"Of {len(images)} images that train_cnn was given, its model takes {int(wrong.sum())} wrongly. Below each: the"
        " class it said, and the right one."
    )
    figures.images(images[worst, 0], captions, "Taken wrongly among the training images", alt)


def verdict(right: float, *, in_train_mode: bool, not_alone: str = "", most: float = 1.0) -> Verdict:
    """What a network earns of the 35 points.

    Args:
        right: the share of right answers.
        in_train_mode: it was returned so.
        not_alone: what to say of answers that other images change; "" if they do not.
        most: so much of `right` counts at most.
    """
    metric = Metric("accuracy", min(right, most), low=0.90, high=0.968)
    message = (
        f"On images that it never saw, your model is right for {percent(right)}. "
        "Points begin above 90 % and are full from 96.8 %."
    )
    if most < right:
        message += LEARNT_LESS.format(percent(most))
    if in_train_mode:
        message += " Two points less: it was returned in train mode. End with model.eval()."
    if not_alone:
        message += f" Five points less: {not_alone} So each image was asked with nothing beside it but a copy."
    less = LEFT_IN_TRAIN_MODE * in_train_mode + NOT_ALONE * bool(not_alone)
    return Verdict(max(0.0, metric.share - less), message, (metric,))


@check(
    "train-cnn",
    title="train_cnn",
    points=35,
    group=CONVOLUTIONS,
    hint="Does the loss fall? For each batch zero_grad, backward, step, in this order; some passes over all images; and"
    " model.eval() at the end. From 94 % on it takes more passes, or a learning rate that falls.",
    why="Postcodes, number plates and X-rays are read by networks of this kind. Only images that it has not"
    " met tell what it learnt from what it remembers.",
)
def test_train_cnn(
    submission: Submission, draw: Draw, task: Task, figures: Figures, flags: set[Flag], trials: Trials
) -> None:
    """train_cnn(images, labels, seed) returns a model, in eval mode, that knows the ten classes of unseen images."""
    images, label = pixels(task.test_images), draw.integer(0, 9)

    def control(model: Handle, seed: int, right: float) -> float:
        again = controls.with_mark(
            model,
            lambda images, labels: in_eval_mode(trained(submission, images, labels, seed)),
            lambda model, images: classes_of(model, images) == label,
            given=(task.images, task.labels),
            label=label,
            others=task.test_images[task.test_labels != label][:SOME],
            draw=draw,
        )
        return controls.relearnt(again, lambda model: knows(model, task) + MARGIN, enough=right)

    def counted(model: Handle, seed: int, right: float, judged: Callable[..., Verdict]) -> Verdict:
        found = judged()
        if not found.share:
            if accuracy(classes_of(model, task.upright), task.public_labels) > 0.85:
                flags.add(Flag.PUBLIC_LABELS)
            return found
        most = controls.ceiling(partial(control, model, seed, right), flags)
        return judged(most=most) if most else Verdict(0.0, LEARNT_ELSEWHERE, found.metrics)

    def attempt(seed: int) -> Verdict:
        model = trained(submission, task.images, task.labels, seed)
        in_train_mode = model.attribute("training") is True
        model.method("eval")
        logits = answers(model, images, 10, TRAINED)
        best = logits.topk(2, dim=1).values
        again = torch.cat([(best[:, 0] - best[:, 1]).argsort()[:8], draw.permutation(len(images))[:8]])
        not_alone = expect.differs_alone(model, images[again], logits[again], what=TRAINED)
        if not_alone:  # then what it answers to an image with nothing beside it but a copy is what it knows
            twins = images[:SOME].repeat_interleave(2, dim=0).split(2)
            logits = torch.cat([answers(model, twin, 10, TRAINED)[:1] for twin in twins])
        show_classes(figures, task, logits)
        right = accuracy(logits.argmax(dim=1), task.test_labels[: len(logits)])
        judged = partial(verdict, right, in_train_mode=in_train_mode, not_alone=not_alone)
        found = counted(model, seed, right, judged)
        with submission.aside():
            show_filters(figures, model)
        if not not_alone:  # else what it says of an image hangs on which others are looked at
            with submission.aside():
                show_mistakes(figures, task, model)
        return found

    trials.best(attempt)
