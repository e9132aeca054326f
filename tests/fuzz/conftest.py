"""What the generated tests share. Each counts its inputs, and fails where there are fewer than its mark says.

Where one example of hypothesis is a seed or a sound input, and many inputs are made of it, a failure shows the input
itself as a note: no seed has to be run again to have it.
"""

import tracemalloc
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "fuzz",
    deadline=None,  # the machine may be busy
    suppress_health_check=[HealthCheck.too_slow],  # the same: it compares with the clock
)
_INPUTS = Counter()


@pytest.fixture(scope="session")
def inputs():
    """Counts inputs by kind."""
    return _INPUTS


@pytest.fixture(autouse=True)
def _generated(request):
    """As many inputs as the mark says."""
    before, least = _INPUTS.copy(), request.node.get_closest_marker("generated").args[0]
    yield
    made = _INPUTS - before
    assert made.total() >= least, f"{made}, and not {least:,}"


class Memory:
    """The memory that Python and numpy take for one input, bounded by what the input brings."""

    def __init__(self, times, plus):
        self._times, self._plus = times, plus

    def check(self, work, size):
        """What `work` returns; it takes at most so many times `size` bytes."""
        tracemalloc.start()  # for as short as can be: it makes everything slow
        try:
            return work()
        finally:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert peak <= self._times * size + self._plus, f"{peak} bytes of memory for an input of {size}"


@pytest.fixture(scope="session")
def memory():
    """Makes a check of memory: `memory(times, plus).check(work, size)`."""
    return Memory


@pytest.fixture(scope="session")
def mutant():
    """Damages bytes as a `random.Random` decides."""
    return mutated


def mutated(random, data):
    """`data` after one to four small accidents."""
    found = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4))):
        random.choice(_ACCIDENTS)(random, found)
    return bytes(found)


def _flip(random, data):
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _overwrite(random, data):
    """With what means most in msgpack and zip alike: largest and smallest numbers, headers of long things."""
    if data:
        at = random.randrange(len(data))
        data[at : at + 4] = random.choice(_TELLING)[: len(data) - at]


def _cut(random, data):
    del data[random.randrange(len(data) + 1) :]


def _remove(random, data):
    at = random.randrange(len(data) + 1)
    del data[at : at + random.randrange(1, 9)]


def _insert(random, data):
    at = random.randrange(len(data) + 1)
    data[at:at] = random.choice((random.choice(_TELLING), random.randbytes(random.randrange(1, 9))))


def _repeat(random, data):
    at = random.randrange(len(data) + 1)
    data[at:at] = data[at : at + random.randrange(1, 40)] * random.randrange(1, 4)


_ACCIDENTS = (_flip, _flip, _overwrite, _overwrite, _cut, _remove, _insert, _repeat)
_TELLING = (
    *(b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\xff\xff\0\0", b"\0"),
    *(b"\xdd\xff\xff\xff", b"\xdf\xff\xff\xff", b"\xdb\xff\xff\xff", b"\xc6\xff\xff\xff", b"\xcf\xff\xff\xff"),
    *(
        b"\x90",
        b"\x80",
        b"\x91",
        b"\x9f",
        b"\xc0",
        b"\xc1",
        b"\xc3",
        b"\xd4\xff\0",
        b"\xcb\x7f\xf8\0",
        b"\xa3\xed\xa0\x80",
    ),
)
