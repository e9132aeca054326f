"""Why lab 3's suite draws the digits and symmetries that it draws, and what its control may find.

    python benchmarks/lab3_disguises.py [DATA]

DATA is the folder that holds MNIST/raw/; without it the bundled digits are measured alone.

First table: a network trained on upright digits with their public numbers meets images under a symmetry, and matches
its own classes with the secret numbers by a vote. How often is it right about a digit, half of the images being it?
At most 0.85 must earn nothing. Second table: how well the suite's control is met by a single training. A mark that its
images and labels teach must be known above KNOWN_LEAST where the code is sound, and below it where a model is kept from
an earlier call or knows the digits from elsewhere. And where the code is sound, what is known of images without a mark
must not fall behind the first training by more than MARGIN, or seldom.
"""

import runpy
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from grader import datasets, disguises
from grader.examine import controls
from grader.examine.draw import Draw
from grader.labs import find_course

LAB = find_course(Path(__file__).parent).lab("lab3_classifier")
SUITE = runpy.run_path(str(LAB.hidden_suite))
CONTROLS = 20


def upright_network(digits: datasets.Digits) -> nn.Module:
    """Ten classes, trained on upright images moved by up to a pixel; uint8 [n, 28, 28] -> logits [n, 10]."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Unflatten(1, (1, 28)),
        nn.Conv2d(1, 16, 5, stride=2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 5, stride=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(512, 10),
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    for _ in range(1500):
        rows = torch.randint(len(digits.train_images), (128,))
        moved = digits.train_images[rows].roll(tuple(torch.randint(-1, 2, (2,)).tolist()), (1, 2))
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(moved.float() / 255), digits.train_labels[rows]).backward()
        optimizer.step()
    return network


@torch.no_grad()
def guesses(network: nn.Module, images: Tensor) -> Tensor:
    """The network's own classes, int64 [n]."""
    return torch.cat([network(part.float() / 255).argmax(dim=1) for part in images.split(1000)])


def balanced(yes: Tensor, is_digit: Tensor) -> float:
    """The mean of the shares of right answers among the digit and among the others."""
    return float(yes[is_digit].double().mean() + (~yes[~is_digit]).double().mean()) / 2


def by_vote(digits: datasets.Digits) -> None:
    """Print the first table for a dataset."""
    network = upright_network(digits)
    print(f"{digits.name}: upright and by vote, at symmetries 0 to 7")
    found = []
    for symmetry in range(8):
        given = guesses(network, disguises.turned(digits.train_images, symmetry))
        asked = guesses(network, disguises.turned(digits.test_images, symmetry))
        votes = torch.stack([torch.bincount(digits.train_labels[given == own], minlength=10) for own in range(10)])
        # A class stands for a digit if it is more frequent among the digit's images than among the others.
        among = votes / votes.sum(dim=0)
        others = (votes.sum(dim=1, keepdim=True) - votes) / (votes.sum() - votes.sum(dim=0))
        found.append([balanced((among > others)[asked, digit], digits.test_labels == digit) for digit in range(10)])
    for digit, line in enumerate(zip(*found, strict=True)):
        drawn = "*" if digit in SUITE["EQUALLY_HARD"][digits.name] else " "
        print(f"  {digit}{drawn} " + " ".join(f"{right:.2f}" for right in line))


@torch.no_grad()
def answers(model: nn.Module, images: Tensor) -> Tensor:
    """What the model says to uint8 images [n, 28, 28]: float32 [n]."""
    return torch.as_tensor(model.eval()(SUITE["pixels"](images)).flatten().float())


def control(code: dict[str, Any], digits: datasets.Digits, number: int) -> tuple[float, float]:
    """How well a mark is known, and how far the accuracy falls behind that of the training without a mark."""
    draw = Draw("lab3_disguises", str(number))
    public = draw.choice(SUITE["EQUALLY_HARD"][digits.name])
    task = SUITE["make_task"](draw, digits, public, draw.choice(SUITE["ON_THEIR_SIDE"]))
    is_digit = task.test_labels == task.digit

    def train(images: Tensor, labels: Tensor) -> nn.Module:
        model: nn.Module = code["train_classifier"](SUITE["pixels"](images), labels, task.digit, seed=1)
        return model

    model = train(task.images, task.labels)
    right = float(((answers(model, task.test_images) > 0.5) == is_digit).double().mean())
    trainings = controls.with_mark(
        model,
        train,
        lambda model, images: answers(model, images) > 0.5,
        given=(task.images, task.labels),
        label=task.digit,
        others=task.test_images[~is_digit],
        draw=draw,
    )
    again = next(trainings)
    return again.known, right - SUITE["best_accuracy"](answers(again.model, task.test_images), is_digit)


def controlled(digits: datasets.Digits) -> None:
    """Print the second table for a dataset."""
    bounds = f"known above {controls.KNOWN_LEAST}, behind by {SUITE['MARGIN']} at most"
    print(f"{digits.name}: the mark of the control, {CONTROLS} times: {bounds}")
    elsewhere = (LAB.mutants / name for name in ("model_kept.py", "turned_back_by_majority.py"))
    for path in (LAB.solution, *sorted((LAB.reference / "borderline").glob("*.py")), *elsewhere):
        found = []
        for number in range(CONTROLS):
            code: dict[str, Any] = {}
            exec(LAB.mutant_source(path) if path != LAB.solution else path.read_bytes(), code)
            found.append(control(code, digits, number))
        known, behind = zip(*found, strict=True)
        print(f"  {path.stem:26} known {min(known):.2f} to {max(known):.2f}  behind {max(behind):+.3f} at most")


def main(data: str = "") -> None:
    """Print both tables for each dataset that is there."""
    torch.set_num_threads(1)  # as in the sandbox
    root = Path(data) if data else None
    for name in sorted({"digits", datasets.choose("auto", root)}):
        by_vote(datasets.load(name, root))
        controlled(datasets.load(name, root))


if __name__ == "__main__":
    main(*sys.argv[1:])
