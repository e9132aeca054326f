"""One warm slot on this machine for the tests of all labs."""

from collections.abc import Iterator

import pytest

from grader.examine.local import LocalLauncher
from grader.examine.slots import Slots


def pytest_configure(config: pytest.Config) -> None:
    """Tests may import a suite, to test what it decides."""
    config.addinivalue_line("markers", "check(declared): one row of feedback, in a suite")


@pytest.fixture(scope="session")
def slots() -> Iterator[Slots]:
    with Slots(LocalLauncher()) as opened:
        yield opened
