"""One warm slot on this machine for the tests of all labs."""

from collections.abc import Iterator

import pytest

from grader.examine.local import LocalLauncher
from grader.examine.slots import Slots


@pytest.fixture(scope="session")
def slots() -> Iterator[Slots]:
    with Slots(LocalLauncher()) as opened:
        yield opened
