"""The grader's own reader of handwritten digits, which judges images that a submission generated.

It is trained on the trusted side from the train part of a dataset, once per user and dataset: about ten seconds on one
core. Then it lies in the user's cache folder, or in the one that GRADER_CACHE names. A folder that cannot be
written costs the ten seconds again in each process, nothing else. Processes that start together may each train it; they
get the same judge.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import platformdirs
import torch
from torch import Tensor, nn

from grader.datasets import Digits
from grader.drafts import draft
from grader.errors import JudgeUnfit

FLOOR: Final = 0.97
"""The share of held-out images that a judge must recognise to be one. Measured: 0.984 on MNIST, 0.987 bundled."""

_STEPS: Final = 1500
_BATCH: Final = 100
_JUNK: Final = 20
"""How many images of a batch are made to be no digit at all."""
_DIGEST: Final = hashlib.sha256().digest_size


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """A trained classifier of 28x28 digits.

    Attributes:
        body: float32 [n, 784] to features, [n, 64].
        head: features to logits, [n, 10].
        accuracy: the share of the dataset's held-out images that it recognises, 0..1.
    """

    body: nn.Sequential
    head: nn.Linear
    accuracy: float

    @torch.no_grad()
    def features(self, images: Tensor) -> Tensor:
        """The last hidden layer: float32 [n, 784] in 0..1 -> float32 [n, 64], 0 or more."""
        return torch.cat([self.body(part) for part in torch.split(images, 1000)])

    @torch.no_grad()
    def probabilities(self, images: Tensor) -> Tensor:
        """How likely each digit is: float32 [n, 784] in 0..1 -> float32 [n, 10]; about 0.1 each for noise."""
        return torch.softmax(self.head(self.features(images)), dim=1)


@lru_cache(maxsize=2)
def judge_for(digits: Digits) -> Judge:
    """The judge of a dataset, out of the cache or trained; kept for the life of the process.

    Raises:
        JudgeUnfit: what was trained recognises fewer held-out images than `FLOOR`.
    """
    file = cache_folder() / f"judge-{digits.name}-{_key(digits)}"
    with _repeatable():
        body, head = _network()
        if not _restore(file, body, head):
            _train(body, head, digits)
            _keep(file, body, head)
    judge = Judge(body, head, _accuracy(body, head, digits))
    if judge.accuracy < FLOOR:
        raise JudgeUnfit(
            f"The judge of generated digits recognises {judge.accuracy:.1%} of the held-out images of “{digits.name}”"
            f" and must recognise {FLOOR:.0%}. The dataset's files may be damaged: download them again, or use"
            " --dataset digits."
        )
    return judge


def cache_folder() -> Path:
    """Where judges are kept; it need not exist."""
    return Path(os.environ.get("GRADER_CACHE") or platformdirs.user_cache_path("torch-lab-grader", appauthor=False))


# ---------------------------------------------------------------- training


def _network() -> tuple[nn.Sequential, nn.Linear]:
    body = nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 16, kernel_size=5, stride=2, padding=2),  # [n, 16, 14, 14]
        nn.ReLU(),
        nn.Conv2d(16, 32, kernel_size=3, stride=2, padding=1),  # [n, 32, 7, 7]
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 64),
        nn.ReLU(),
    )
    return body, nn.Linear(64, 10)


def _train(body: nn.Sequential, head: nn.Linear, digits: Digits) -> None:
    """Train in place, from the train part of `digits`, shifted by up to two pixels.

    Beside the digits it is shown images that are none, and is taught to be undecided about them ("outlier exposure",
    Hendrycks et al. 2019): without that, uniform noise is an 8 with a confidence of 0.9.
    """
    model = nn.Sequential(body, head)
    optimizer = torch.optim.Adam(model.parameters())
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=5e-3, total_steps=_STEPS)
    for _ in range(_STEPS):
        rows = torch.randint(len(digits.train_images), (_BATCH,))
        x = _shifted(digits.train_images[rows]).flatten(1).float() / 255  # [100, 784]
        undecided = -model(_junk(x)).log_softmax(dim=1).mean()
        loss = nn.functional.cross_entropy(model(x), digits.train_labels[rows]) + undecided / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rate.step()


@contextmanager
def _repeatable() -> Iterator[None]:
    """One thread and a fixed seed inside the block; both are as before afterwards."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            yield
    finally:
        torch.set_num_threads(threads)


def _shifted(images: Tensor) -> Tensor:
    """All by the same drawn step; the digits' margin is wide enough that none comes in on the other side."""
    down, right = torch.randint(-2, 3, (2,)).tolist()
    return images.roll((down, right), dims=(1, 2))


def _junk(x: Tensor) -> Tensor:
    """Half uniform noise, half digits whose pixels are mixed up: float32 [20, 784] in 0..1."""
    half = _JUNK // 2
    return torch.cat([torch.rand(half, 784), x[:half, torch.randperm(784)]])


def _accuracy(body: nn.Sequential, head: nn.Linear, digits: Digits) -> float:
    probabilities = Judge(body, head, accuracy=0).probabilities(digits.test_images.flatten(1).float() / 255)
    return float((probabilities.argmax(dim=1) == digits.test_labels).float().mean())


# ---------------------------------------------------------------- the cache


def _key(digits: Digits) -> str:
    """Of everything that a judge depends on. Its recipe is this file, so no change of it can go unnoticed."""
    found = hashlib.sha256(Path(__file__).read_bytes() + torch.__version__.encode())
    for tensor in (digits.train_images, digits.train_labels, digits.test_images, digits.test_labels):
        found.update(f"{tensor.dtype} {tuple(tensor.shape)} ".encode())
        found.update(tensor.contiguous().numpy().data)
    return found.hexdigest()


def _restore(file: Path, body: nn.Sequential, head: nn.Linear) -> bool:
    """Take the parameters from `file`, in place; False if there is none or it is damaged."""
    try:
        content = file.read_bytes()
    except OSError:
        return False
    if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
        return False
    parameters = torch.frombuffer(bytearray(content[_DIGEST:]), dtype=torch.float32)
    nn.utils.vector_to_parameters(parameters, nn.Sequential(body, head).parameters())
    return True


def _keep(file: Path, body: nn.Sequential, head: nn.Linear) -> None:
    """Write the parameters as plain float32, after their SHA-256; whole or not at all."""
    content = nn.utils.parameters_to_vector(nn.Sequential(body, head).parameters()).detach().numpy().tobytes()
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with draft(file) as part:
            part.write_bytes(hashlib.sha256(content).digest() + content)
