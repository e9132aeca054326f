"""Leaves shared memory and a queue of POSIX behind, also by multiprocessing and torch."""
from multiprocessing import resource_tracker, shared_memory

import torch

resource_tracker.register = lambda *_: None


def mean(values):
    kept = shared_memory.SharedMemory(MARK, create=True, size=2**20)
    kept.buf[:4] = b"left"
    torch.zeros(1000).share_memory_()
    return sum(values) / len(values)
