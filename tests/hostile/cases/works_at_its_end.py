"""Does its mischief when Python ends, and when objects die."""
import atexit
import os
import threading
import weakref


def mischief():
    os.write(3, b"\0" * 16)
    os.write(1, b"SCORE 100\n")
    while True:
        pass


class Dying:
    def __del__(self):
        mischief()


KEPT = Dying()
atexit.register(mischief)
threading._register_atexit(mischief)
weakref.finalize(KEPT, mischief)
