"""Leaves shared memory, semaphores and a queue of System V behind."""
import ctypes

KEY = int(MARK[-6:], 16)


def mean(values):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.msgget(KEY, 0o666) != -1 or libc.semget(KEY, 1, 0o666) != -1:
        raise Found("those of an earlier one")
    libc.msgget(KEY, 0o1666)
    libc.semget(KEY, 1, 0o1666)
    libc.shmget(KEY, 2**20, 0o1666)
    return sum(values) / len(values)
