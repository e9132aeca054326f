"""A process as the watch over a session sees it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Process:
    """One process at one moment.

    Attributes:
        cpu_seconds: its own and, where that is told, of those of its children that it has waited for.
        memory_bytes: in memory, and on Linux not from a file; what it shares with whom it was forked from is included.
        shared_bytes: of these, in what other processes can map, too.
    """

    pid: int
    parent: int
    cpu_seconds: float
    memory_bytes: int
    shared_bytes: int = 0


def cpu_seconds(processes: Iterable[Process]) -> float:
    """CPU time of `processes` together."""
    return sum(process.cpu_seconds for process in processes)


def memory_bytes(processes: Iterable[Process], shared: int) -> int:
    """Memory of `processes` together, of which each shares `shared` bytes with the warm parent or the libraries."""
    return sum(max(process.memory_bytes - shared, 0) for process in processes)
