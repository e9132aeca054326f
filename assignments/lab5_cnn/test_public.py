"""Public checks of lab 5: one for each row of the handout.

The checks that grade ask more of the result. They renumber the classes, as these do.
"""

import torch
from torch import Tensor

from grader.disguises import enlarged
from grader.errors import Finding
from grader.examine.suite import CallRaised, Digits, Draw, Handle, Submission, check, expect
from grader.metrics import accuracy

CONVOLUTIONS = "A network of convolutions"
BORROWED = "A borrowed network"
AUTOENCODER = "An autoencoder"

GIVEN = 6000  # images to train on: as many, or half as many, as when it is graded


def conv_net(submission: Submission) -> Handle:
    """The student's ConvNet(), in eval mode."""
    model = expect.module(submission.ConvNet(), what="ConvNet()")
    model.method("eval")
    return model


def lively(submission: Submission, draw: Draw) -> Handle:
    """The same, its parameters drawn anew if it says the same to all images, as a last layer of zeros makes it."""
    model = conv_net(submission)
    said = expect.tensor(model(draw.uniform(4, 1, 28, 28)), shape=(4, 10), what="ConvNet()(x) with 4 images")
    if len(said.unique(dim=0)) == 1:
        known = expect.parameters(model, what="ConvNet()")
        free = {each.name: 0.05 * draw.normal(*each.shape) for each in known if each.requires_grad}
        model.method("load_state_dict", free, strict=False)
    return model


def to_train_on(draw: Draw, digits: Digits) -> tuple[Tensor, Tensor]:
    """uint8 [GIVEN, 28, 28] and their labels, int64 [GIVEN]. A small dataset's images are moved to five places."""
    images, labels = digits.train_images, digits.train_labels
    if len(images) < GIVEN:
        images, labels = enlarged(images, labels)
    rows = draw.permutation(len(images))[:GIVEN]
    return images[rows], labels[rows]


def pixels(images: Tensor) -> Tensor:
    """uint8 [n, 28, 28] -> float32 [n, 1, 28, 28] in 0..1."""
    return images[:, None].float() / 255


# ---------------------------------------------------------------- a network of convolutions


@check("convnet", title="ConvNet", points=15, group=CONVOLUTIONS, hint="The last layer is nn.Linear(…, 10).")
def test_convnet(submission: Submission, draw: Draw) -> None:
    """ConvNet() maps float32 [n, 1, 28, 28] to float32 [n, 10], differently after train() than after eval()."""
    model, images = lively(submission, draw), draw.uniform(8, 1, 28, 28)
    what = f"ConvNet()(x) with x of shape {tuple(images.shape)}"
    found = expect.tensor(model(images), shape=(8, 10), dtype=torch.float32, what=what)
    expect.alone(model, images, found, what="ConvNet()(x)")
    convolutions = sum("Conv2d" in module.bases for module in model.facts().modules)
    parameters = sum(len(parameter.shape) == 4 for parameter in model.facts().parameters)
    expect.that(max(convolutions, parameters) >= 2, "ConvNet() has fewer than two convolution layers.")
    model.method("train")
    first, second = (expect.tensor(model(images), shape=(8, 10), what=f"{what} after train()") for _ in "12")
    moves = not (torch.allclose(first, second) and torch.allclose(first, found))
    expect.that(moves, "ConvNet() gives the same answers after train() as after eval(): no dropout and no batch norm.")


@check("feature-shape", title="feature_shape", points=10, group=CONVOLUTIONS, hint="tuple(features.shape[1:])")
def test_feature_shape(submission: Submission, draw: Draw) -> None:
    """feature_shape(model, images) is (channels, height, width), whatever the number of images."""
    model, found = conv_net(submission), []
    for n in 3, 5:
        what = f"feature_shape(ConvNet(), images) with {n} images"
        sizes = expect.sequence(submission.feature_shape(model, draw.uniform(n, 1, 28, 28)), length=3, what=what)
        found.append([expect.integer(size, what=f"An entry of {what}") for size in sizes])
    expect.that(found[0] == found[1], f"feature_shape gives {found[0]} for 3 images and {found[1]} for 5.")
    expect.that(min(found[0]) > 0, f"feature_shape gives {found[0]}; all three are at least 1.")


@check(
    "train-cnn",
    title="train_cnn (on 6,000 images)",
    points=35,
    group=CONVOLUTIONS,
    hint="Does the loss fall? zero_grad, backward, step for each batch, and model.eval() at the end.",
)
def test_train_cnn(submission: Submission, draw: Draw, digits: Digits) -> None:
    """train_cnn(images, labels, seed) returns a model in eval mode that is right for 85 % of unseen images."""
    numbers = draw.permutation(10)  # another class may be called 3 here
    images, labels = to_train_on(draw, digits)
    answer = submission.train_cnn(pixels(images), numbers[labels], seed=draw.seed())
    model = expect.module(answer, what="train_cnn(images, labels)")
    in_train_mode = model.attribute("training") is True
    model.method("eval")
    new, what = draw.permutation(len(digits.test_images))[:500], "The trained model's answer"
    logits = expect.tensor(model(pixels(digits.test_images[new])), shape=(500, 10), dtype="floating", what=what)
    right = accuracy(logits.argmax(dim=1), numbers[digits.test_labels[new]])
    expect.that(right >= 0.85, f"The model is right for {right:.0%} of unseen images; 85 % are asked for here.")
    if in_train_mode:
        expect.award(33 / 35, "Two points less: train_cnn returns a model in train mode. End with model.eval().")


@check("accuracy", title="accuracy", points=10, group=CONVOLUTIONS, hint="The mean of argmax(dim=1) == labels.")
def test_accuracy(submission: Submission) -> None:
    """accuracy(model, images, labels) is 0.75 where three of four are right, and the model's mode is as before."""
    layer = submission.library("torch.nn.Linear", 784, 10)
    weight = torch.zeros(10, 784)
    weight[:, :10] = torch.eye(10)  # the class is where among the first ten pixels the bright one is
    layer.method("load_state_dict", {"weight": weight, "bias": torch.zeros(10)})
    flatten, drop = submission.library("torch.nn.Flatten"), submission.library("torch.nn.Dropout", 0.9)
    model = submission.library("torch.nn.Sequential", flatten, drop, layer)
    images = weight[[3, 1, 4, 1]].reshape(4, 1, 28, 28)
    for mode, training in ("train", True), ("eval", False):
        model.method(mode)
        found = submission.accuracy(model, images, torch.tensor([3, 1, 4, 5]))
        what = f"accuracy(model, images, labels) of a model with dropout, given in {mode} mode,"
        expect.close_number(found, 0.75, reveal=True, what=what)
        expect.that(model.attribute("training") is training, f"{what} leaves the model in the other mode.")


# ---------------------------------------------------------------- a borrowed network


@check(
    "freeze-and-replace",
    title="freeze_and_replace",
    points=15,
    group=BORROWED,
    hint="Freeze all, then put nn.Linear(model.fc.in_features, classes) in the place of fc.",
)
def test_freeze_and_replace(submission: Submission, draw: Draw) -> None:
    """freeze_and_replace(resnet18, 5) returns it with all parameters frozen but those of a new fc with 5 outputs."""
    what = "freeze_and_replace(resnet18, 5)"
    answer = submission.freeze_and_replace(submission.library("torchvision.models.resnet18"), 5)
    model = expect.module(answer, what=what)
    for parameter in model.facts().parameters:
        free = parameter.name.startswith("fc.")
        state = "wants gradients" if parameter.requires_grad else "is frozen"
        expect.that(parameter.requires_grad == free, f"After {what}, {parameter.name} {state}.")
    model.method("eval")
    expect.tensor(model(draw.uniform(2, 3, 64, 64)), shape=(2, 5), what=f"The answer of {what} to 2 images")


# ---------------------------------------------------------------- an autoencoder


def trained_autoencoder(submission: Submission, images: Tensor, seed: int) -> Handle:
    """A model of the student's, in eval mode. One who expects rows of 784 pixels instead of images gets those."""
    try:
        answer = submission.train_autoencoder(images, 16, seed=seed)
    except CallRaised as raised:
        try:
            answer = submission.train_autoencoder(images.flatten(1), 16, seed=seed)
        except Finding:
            raise raised from None
    model = expect.module(answer, what="train_autoencoder(images, 16)")
    model.method("eval")
    return model


@check(
    "autoencoder",
    title="Autoencoder, train_autoencoder (on 6,000 images)",
    points=15,
    group=AUTOENCODER,
    hint="The image is its own target: nn.MSELoss()(model(x), x), with x = images.flatten(1).",
)
def test_autoencoder(submission: Submission, draw: Draw, digits: Digits) -> None:
    """train_autoencoder(images, 16, seed) returns an Autoencoder with at most half of the mean image's error."""
    new = draw.permutation(len(digits.test_images))[:300]
    given, images = pixels(to_train_on(draw, digits)[0]), pixels(digits.test_images[new]).flatten(1)
    untrained = expect.module(submission.Autoencoder(16), what="Autoencoder(16)")
    expect.tensor(untrained.method("encode", images), shape=(300, 16), what="Autoencoder(16).encode(x)")
    model = trained_autoencoder(submission, given, draw.seed())
    what = "The trained autoencoder's answer"
    restored = expect.tensor(model(images), shape=(300, 784), dtype="floating", what=what)
    mean_image = given.flatten(1).mean(dim=0)
    error = float((restored - images).square().mean() / (mean_image - images).square().mean())
    expect.that(error <= 0.5, f"The error is {error:.0%} of that of the mean image; at most 50 % is asked for.")
