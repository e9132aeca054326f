"""Libraries that stay: what the garbage collector no longer looks through, and what it still does."""

import gc
import weakref

import pytest

from grader.examine.libraries import imported_for_good


class Ring:
    """Only the collector finds out that nobody needs it any more."""

    def __init__(self):
        self.itself = self


@pytest.fixture(autouse=True)
def _thawed():
    yield
    gc.unfreeze()


def test_nothing_is_collected_while_libraries_come_in_and_what_came_in_is_never_looked_through():
    with imported_for_good():
        assert not gc.isenabled()
        stays = Ring()
    assert gc.isenabled()
    assert not any(each is stays for each in gc.get_objects())


def test_what_is_made_later_is_collected_as_ever():
    with imported_for_good():
        pass
    gone = weakref.ref(Ring())
    gc.collect()
    assert gone() is None


def test_a_library_that_cannot_be_imported_leaves_the_collector_at_work():
    with pytest.raises(ModuleNotFoundError), imported_for_good():
        import no_such_library  # noqa: F401
    assert gc.isenabled()
