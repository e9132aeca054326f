"""The libraries that examining takes: seconds to import, and then in use until the process ends."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def imported_for_good() -> Iterator[None]:
    """What is imported inside, the garbage collector never looks through: not while it comes in, and not at the end.

    It would look through all of torch a dozen times and find nothing, which takes a fifth of the import; and once more
    when the process ends, which takes as long as the checks of a small lab.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
