"""What an instructor reads who made a mistake in a lab: the file and the line, what is wrong, and what to do."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.examine.examination import with_suite
from grader.examine.plugin import Dataset
from grader.examine.slots import Slots
from grader.labs import Course
from grader.pipeline import validating
from grader.pipeline.validating import Where, validate

MISTAKES = tomllib.loads(Path(__file__).with_name("instructor_mistakes.toml").read_text())["mistake"]
LAB = {
    "assignments/grow/lab.toml": """\
title = "Growing"
version = "1"
points = 10

[limits]
call_seconds = 5
plain_seconds = 2
slow = ["train"]

[best_of]
train = 1
""",
    "assignments/grow/README.md": "# Growing\n\nWrite `double(n)` and `train(seed)`.\n",
    "assignments/grow/grow.py": """\
def double(n):
    raise NotImplementedError


def train(seed):
    raise NotImplementedError
""",
    "reference/grow/test_hidden.py": '''\
"""The checks that decide the grade."""

from grader.examine.suite import Draw, Metric, Submission, Trials, Verdict, check, expect


@check("double", title="double", points=4)
def test_double(submission: Submission, draw: Draw) -> None:
    """double(n) is twice n."""
    n = draw.integer(3, 1000)
    expect.integer(submission.double(n), want=2 * n, what=f"double({n})")


@check("train", title="train", points=6, depends=("double",))
def test_train(submission: Submission, trials: Trials) -> None:
    """train(seed) gives an accuracy."""

    def attempt(seed: int) -> Verdict:
        accuracy = Metric("accuracy", expect.number(submission.train(seed), what="train(seed)"), low=0.5, high=0.9)
        return Verdict(accuracy.share, f"The accuracy is {accuracy.value:.3f}.", (accuracy,))

    trials.best(attempt)
''',
    "reference/grow/solution.py": "def double(n):\n    return 2 * n\n\n\ndef train(seed):\n    return 0.95\n",
    "reference/grow/mutants/mutants.toml": '"tripled.py" = ["double", "train"]\n"untrained.py" = ["train"]\n',
    "reference/grow/mutants/tripled.py": "def double(n):\n    return 3 * n\n",
    "reference/grow/mutants/untrained.py": "def train(seed):\n    return 0.1\n",
}


class Nobody:
    """Looks on, and says nothing."""

    def warned(self, sentence: str) -> None: ...
    def planned(self, todo: int) -> None: ...
    def started(self, name: str) -> None: ...
    def finished(self, name: str) -> None: ...


class Kept:
    """A slot that stays open when those who used it close it."""

    def __init__(self, slot):
        self._slot = slot

    def __getattr__(self, name):
        return getattr(self._slot, name)

    def close(self):
        pass


class OneSlot:
    """A launcher that has one slot for all."""

    def __init__(self, slot):
        self._slot = Kept(slot)

    def open(self):
        return self._slot


@pytest.fixture
def in_this_process(local_slot, monkeypatch):
    """Solutions are graded here, in one slot, which saves what a pool's processes need to start."""
    slots = Slots(OneSlot(local_slot))

    class Pool:
        def __init__(self, setup, workers, on_start):
            self._lab = Course(setup.course).lab(setup.lab)
            self._suite = self._lab.hidden_suite if setup.suite == "hidden" else self._lab.public_suite

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def run(self, tasks):
            def all_of_them(examine):
                return [(task, examine(task.submission, slots, task.salt)) for task in tasks]

            return with_suite(self._lab, self._suite, all_of_them, dataset=Dataset())

    monkeypatch.setattr(validating, "Pool", Pool)
    monkeypatch.setattr(validating, "Slots", lambda launcher, fresh: slots)


def course(root: Path, changes: list[list[str]]) -> Course:
    files = dict(LAB)
    for file, text, other in changes:
        (name,) = (name for name in LAB if Path(name).name == file)
        assert text in files[name]
        files[name] = files[name].replace(text, other, 1) if text else other
    for name, text in files.items():
        if text:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
    return Course(root)


def told(root: Path, changes: list[list[str]]) -> Iterator[str]:
    report = validate(course(root, changes), "grow", Where("local", "warm", "digits", None, 1), 0, Nobody())
    for section in report.sections:
        for issue in section.findings:
            text = "\n".join((issue.what, *issue.details, *([f"→ {issue.todo}"] if issue.todo else [])))
            yield text.replace(f"{root}/reference/grow/", "").replace(f"{root}/assignments/grow/", "")


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake["name"])
def test_a_mistake_is_told_with_its_place_and_what_to_do(mistake, tmp_path):
    assert list(told(tmp_path, mistake["changes"])) == mistake["says"]
