"""The same once more: what the one before it left must not be there."""
from multiprocessing import resource_tracker, shared_memory

resource_tracker.register = lambda *_: None


def mean(values):
    shared_memory.SharedMemory(MARK, create=True, size=2**20)
    return sum(values) / len(values)
