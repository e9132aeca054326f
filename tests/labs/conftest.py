"""One warm slot on this machine for the tests of all labs."""

from collections.abc import Iterator

import pytest
from grading import BUNDLED, Grading, mnist_or_skip

from grader.examine.local import LocalLauncher
from grader.examine.plugin import Dataset
from grader.examine.slots import Slots


def pytest_configure(config: pytest.Config) -> None:
    """Tests may import a suite, to test what it decides."""
    config.addinivalue_line("markers", "check(declared): one row of feedback, in a suite")


@pytest.fixture(scope="session")
def slots() -> Iterator[Slots]:
    with Slots(LocalLauncher()) as opened:
        yield opened


@pytest.fixture
def graded(request: pytest.FixtureRequest, slots: Slots) -> Grading:
    """Grades files as submissions to the lab of the test's module, on the bundled digits unless told otherwise."""
    lab = request.module.LAB
    return Grading(lab, slots, Dataset() if lab.spec.dataset == "none" else BUNDLED)


@pytest.fixture
def mnist() -> Dataset:
    return mnist_or_skip()
