from dataclasses import replace

import pytest

from grader.intake import digest
from grader.model import (
    Asked,
    CheckResult,
    Ending,
    Figure,
    FigureKind,
    Flag,
    Metric,
    Need,
    Outcome,
    Run,
    RunKey,
    SandboxFacts,
    Student,
    Submission,
    Visibility,
    Worker,
)
from grader.store import Store

LAB = "lab1_tensors"


@pytest.fixture
def place(tmp_path):
    """Where a database lies that is a file."""
    return tmp_path / "grades.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, place):
    """The address of a new database of each kind."""
    return f"sqlite:///{place}" if request.param == "sqlite" else request.getfixturevalue("postgresql")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_address(request, tmp_path):
    """The same of another database, which has no tables yet."""
    return f"sqlite:///{tmp_path}/new.db" if request.param == "sqlite" else request.getfixturevalue("empty_postgresql")


@pytest.fixture
def impatient():
    """Makes the address of a database of one whose users do not wait for each other."""
    return lambda address: f"{address}{'&' if '?' in address else '?'}timeout=0"


@pytest.fixture
def store(address):
    with Store.open(address) as opened:
        yield opened


@pytest.fixture
def submission():
    """Makes submissions: of a student, with a content."""

    def make(name="ana", content=b"x = 1\n", **changes):
        files = {f"{LAB}.py": content}
        made = Submission(Student(name, name.title()), LAB, files, f"{LAB}.py", digest(f"{LAB}.py", files), "a.py")
        return replace(made, **changes)

    return make


@pytest.fixture
def key():
    """Makes the key of a submission's run."""

    def make(submission, *, suite="suite-1", sandbox="image-1"):
        return RunKey(submission.digest, submission.lab, "1.0", suite, sandbox)

    return make


@pytest.fixture
def run():
    """Makes finished runs that use every field."""

    def make(points=3.5, checks=3, **changes):
        made = Run(
            ending=Ending.COMPLETED,
            checks=tuple(
                CheckResult(
                    id=f"check-{number}",
                    title="first_row",
                    group="Indexing",
                    outcome=Outcome.PARTIAL,
                    points=points,
                    max_points=5.0,
                    asked="first_row(x) returns the first row.",
                    message="The shape is [3, 1].",
                    hint="x[0]",
                    traceback="line 1",
                    depends=("check-0",) if number else (),
                    visibility=Visibility.STAFF if number else Visibility.STUDENT,
                    metrics=(Metric("accuracy", 0.9, 0.85, 0.95), Metric("noise", 0.0, 0.2, 0.1)) if number else (),
                )
                for number in range(checks)
            ),
            message="",
            notes=("Cell 3 was not run.",),
            flags=(Flag.MEMORISED,),
            figures=(
                Figure(
                    FigureKind.CONFUSION, "Confusion", "tp 1", {"tp": 1, "fp": 2, "tn": 3, "fn": 4, "positive": "7"}
                ),
                Figure(FigureKind.IMAGES, "Samples", "two", {"shape": [1, 1], "images": [[0]], "captions": ["a"]}),
            ),
            output="hello\n",
            sandbox=SandboxFacts("docker", "warm", "sha256:1", "cpu"),
            cpu_seconds=1.5,
            wall_seconds=2.25,
        )
        return replace(made, **changes)

    return make


@pytest.fixture
def broken():
    return Run(Ending.BROKEN, fault="The engine went away.")


@pytest.fixture
def queue(store):
    """What workers are asked; for stores in a server."""
    return store.queue()


@pytest.fixture
def elsewhere(postgresql):
    """A database in a server, as another program has it open."""
    with Store.open(postgresql) as opened:
        yield opened


@pytest.fixture
def other(elsewhere):
    return elsewhere.queue()


@pytest.fixture
def worker():
    """Makes workers."""

    def make(name="w1:7", **changes):
        return replace(Worker(name, "1.0", frozenset({Need.CPU}), 2, "image-1", "digits"), **changes)

    return make


@pytest.fixture
def asked(store, submission, key):
    """Takes submissions in, and makes what is asked for them: of students, each with a content of their own."""

    def make(*names, suite="suite-1", urgency=0):
        found = [submission(name, name.encode()) for name in names]
        return [Asked(key(one, suite=suite), (store.add(one),), "digits", Need.CPU, urgency) for one in found]

    return make
