"""Stops itself as a debugger would."""
import os
import signal


class Counter(Counter):
    def add(self, n):
        os.kill(os.getpid(), signal.SIGSTOP)
        return super().add(n)
