"""Processes as /proc tells of them."""

import contextlib
import os
import resource
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from sandbox.processes.process import Process

_FILE_MOST: Final = 1 << 16
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def descendants(root: int) -> list[Process]:
    """The processes below `root`, zombies included."""
    children: dict[int, list[Process]] = {}
    for process in _everyone():
        children.setdefault(process.parent, []).append(process)
    found, waiting = [], [root]
    while waiting:
        below = children.pop(waiting.pop(), [])
        found += below
        waiting += [process.pid for process in below]
    return found


def again(known: Iterable[Process]) -> list[Process]:
    """Those of `known` that are still there, as they are now; it takes a fraction of the time of `descendants`.

    A number may have been given to another process since; that has another parent.
    """
    parents = {process.pid: process.parent for process in known}
    return [process for process in map(_at, parents) if process and parents.get(process.pid) == process.parent]


def own_bytes() -> int:
    """Memory of this process that no other can map."""
    return _kilobytes(_read("/proc/self/status"), b"\nRssAnon:") * 1024


def queued_seconds(processes: Iterable[Process]) -> dict[int, float]:
    """For each thread of `processes`, how long it was ready to run and had no processor."""
    found = {}
    for process in processes:
        for task in _tasks(process.pid):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found[int(task)] = int(_read(f"/proc/{process.pid}/task/{task}/schedstat").split()[1]) / 1e9
    return found


def reaped_seconds() -> float:
    """CPU time of all children that this process has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def kill_below(root: int, known: Iterable[Process] = ()) -> None:  # noqa: ARG001 - orphans are adopted here
    """Kill every descendant of `root`, however fast they fork, and reap those that are its children."""
    while living := descendants(root):
        for process in living:
            _signal(process.pid, signal.SIGSTOP)
        for process in living:
            _signal(process.pid, signal.SIGKILL)
        reap_orphans()


def reap_orphans() -> None:
    """Collect whichever children have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def tasks_on_machine() -> int:
    """How many threads there are, as far as one can see."""
    return sum(1 for _ in Path("/proc").glob("[0-9]*/task/[0-9]*"))


def _tasks(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - as below
    except (FileNotFoundError, ProcessLookupError):
        return []


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _everyone() -> Iterator[Process]:
    for name in os.listdir("/proc"):  # noqa: PTH208 - Path.iterdir is ten times slower, and this runs all the time
        if name.isdigit() and (found := _at(int(name))):
            yield found


def _at(pid: int) -> Process | None:
    """The process with this number; None if it has just ended."""
    try:
        stat = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
        status = _read(f"/proc/{pid}/status")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    cpu = sum(map(int, stat[11:15])) / _TICKS
    anonymous, shared = _kilobytes(status, b"\nRssAnon:") * 1024, _kilobytes(status, b"\nRssShmem:") * 1024
    return Process(pid, int(stat[1]), cpu, anonymous + shared, shared)


def _read(path: str) -> bytes:
    """A file of /proc, which comes whole: with the bare calls, as it happens several times for each question."""
    file = os.open(path, os.O_RDONLY)
    try:
        return os.read(file, _FILE_MOST)
    finally:
        os.close(file)


def _kilobytes(status: bytes, field: bytes) -> int:
    at = status.find(field)
    return int(status[at + len(field) :].split(maxsplit=1)[0]) if at >= 0 else 0  # a zombie holds nothing
