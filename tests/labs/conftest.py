"""One warm slot on this machine for the tests of all labs."""

from collections.abc import Iterator

import pytest
from grading import BUNDLED, Grading, mnist_or_skip

from grader.examine.local import LocalLauncher
from grader.examine.plugin import Dataset
from grader.examine.slots import Slots
from grader.model import Run


def pytest_configure(config: pytest.Config) -> None:
    """Tests may import a suite, to test what it decides."""
    config.addinivalue_line("markers", "check(declared): one row of feedback, in a suite")


@pytest.fixture(scope="session")
def slots() -> Iterator[Slots]:
    with Slots(LocalLauncher()) as opened:
        yield opened


@pytest.fixture(scope="session")
def known() -> dict[tuple, Run]:
    """What came of everything that the tests of all labs have graded."""
    return {}


@pytest.fixture
def graded(request: pytest.FixtureRequest, slots: Slots, known: dict[tuple, Run]) -> Grading:
    """Grades files as submissions to the lab of the test's module, on the bundled digits unless told otherwise."""
    lab = request.module.LAB
    return Grading(lab, slots, Dataset() if lab.spec.dataset == "none" else BUNDLED, known)


@pytest.fixture
def mnist() -> Dataset:
    return mnist_or_skip()
