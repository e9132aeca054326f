"""What the tests of all labs share: the contract's points, and grading one file by a suite."""

import base64
import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import torch

from grader.examine.draw import Draw
from grader.examine.examination import examine
from grader.examine.figures import Figures
from grader.examine.plugin import Dataset
from grader.examine.slots import Slots
from grader.labs import Lab, find_course
from grader.model import FigureKind, Run, Student, Submission

COURSE = find_course(Path(__file__).parent)
CLASSES = Path(__file__).parents[1] / "classes"
BUNDLED = Dataset("digits")
POINTS = {
    "lab1_tensors": {
        "first_row": 4, "first_column": 4, "transpose": 4, "squeeze_all": 5, "squeeze_dim": 5, "add_dim": 5,
        "view_as": 6, "to_column": 4, "images_to_rows": 6, "digit_targets": 5, "one_hot": 5, "standardise": 5,
        "perceptron": 5, "forward": 6, "parameter_count": 5, "cubic_gradient": 5, "partials": 5, "mse_gradient": 5,
        "conv_output_size": 6, "same_padding": 5,
    },
    "lab2_regression": {
        "mse": 10, "r2_score": 10, "LinearRegression": 10, "NonlinearRegression": 10, "train": 20, "fit_linear": 20,
        "fit_nonlinear": 20,
    },
    "lab3_classifier": {
        "confusion": 8, "metrics": 8, "DigitClassifier": 8, "train_classifier": 40, "predict": 6, "noise_images": 5,
        "false_alarm_rate": 5, "train_points": 12, "probabilities": 8,
    },
    "lab4_gan": {
        "Generator": 10, "Discriminator": 10, "discriminator_step": 15, "generator_step": 15, "train_gan": 10,
        "sample": 5, "quality": 35,
    },
    "lab5_cnn": {
        "ConvNet": 15, "feature_shape": 10, "train_cnn": 35, "accuracy": 10, "freeze_and_replace": 15,
        "Autoencoder": 15,
    },
    "lab6_data": {"DigitCSV": 30, "add_mult": 15, "batches": 20, "split": 15, "channel_stats": 20},
}  # fmt: skip
"""The rows of each lab's contract."""
ROWS = {"compose": "add_mult", "train_autoencoder": "Autoencoder"}
"""Functions that share the row of another one."""


@dataclass(frozen=True)
class Grading:
    """Grades one file at a time as a submission to `lab`.

    Attributes:
        known: what came of what was graded already. The same files get the same result (some tests ask for it `afresh`
            to see that), so several tests may look at one grading.
    """

    lab: Lab
    slots: Slots
    dataset: Dataset
    known: dict[tuple, Run]

    def __call__(
        self, source, suite="hidden", salt="", dataset=None, lab=None, entry="", others=None, *, afresh=False
    ) -> Run:
        lab = lab or self.lab
        if not isinstance(source, Submission):
            entry = entry or f"{lab.name}.py"
            digest = hashlib.sha256(source).hexdigest()
            files = {entry: source, **(others or {})}
            source = Submission(Student("ada", "Ada"), lab.name, files, entry, digest, "a test")
        path = lab.hidden_suite if suite == "hidden" else lab.public_suite
        dataset = dataset or self.dataset
        files = tuple(sorted(source.files.items()))
        key = path, msgspec.json.encode(lab.spec), dataset, source.digest, source.entry, files, salt
        if afresh or key not in self.known:
            self.known[key] = examine(lab, path, source, self.slots, dataset=dataset, salt=salt)
        return self.known[key]


def lost(run: Run) -> set[str]:
    """The checks that cost points."""
    return {check.id for check in run.checks if check.points < check.max_points}


def told(run: Run) -> dict[str, str]:
    """What the checks say."""
    return {check.id: check.message for check in run.checks if check.message}


def earned(run: Run, id_: str) -> float:
    """The points of one check."""
    return {check.id: check.points for check in run.checks}[id_]


def right(name: str) -> list[Path]:
    """What is right in other styles."""
    return sorted(path for path in (CLASSES / name).iterdir() if path.suffix in {".py", ".ipynb"})


def stream(lab, source) -> Draw:
    """What the hidden suite draws from, for a file that is graded by it."""
    version = hashlib.sha256(lab.hidden_suite.read_bytes()).hexdigest()
    return Draw(hashlib.sha256(source).hexdigest(), version, "")


def unpacked(packed) -> torch.Tensor:
    """The images of a figure, or of a sheet of it: uint8 [n, h, w]."""
    pixels = zlib.decompress(base64.b64decode(packed["pixels"]))
    return torch.tensor(list(pixels), dtype=torch.uint8).view(packed["shape"])


def shown(run, title="") -> list[torch.Tensor]:
    """The images of a run's figures, or of that of one title, a tensor for each sheet and each figure of images."""
    figures = [figure for figure in run.figures if not title or figure.title == title]
    sheets = [sheet for figure in figures if figure.kind is FigureKind.SHEETS for sheet in figure.data["sheets"]]
    images = [figure.data for figure in figures if figure.kind is FigureKind.IMAGES]
    return [unpacked(packed) for packed in sheets + images]


def looks(images) -> set[bytes]:
    """Images [n, h, w], uint8 or float in 0..1, as figures show them: what can be compared with what was shown."""
    found = set()
    for part in images.split(64):
        figures = Figures()
        figures.images(part, (), "", "")
        found |= {image.numpy().tobytes() for image in unpacked(figures.made[0].data)}
    return found


def mnist_or_skip() -> Dataset:
    """MNIST, where the environment names it."""
    root = os.environ.get("GRADER_DATA")
    if not root:
        pytest.skip("MNIST is not here: set GRADER_DATA to the folder that holds MNIST/raw/")
    return Dataset("mnist", Path(root))
