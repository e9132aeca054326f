"""Leaves a daemon behind, in a session of its own."""
import os


class Counter(Counter):
    def add(self, n):
        if not os.fork():
            os.setsid()
            if os.fork():
                os._exit(0)
            os.execvp("sleep", [MARK, "100000"])
        return super().add(n)
