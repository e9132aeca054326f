"""Processes as psutil tells of them, where there is no /proc: Windows, macOS."""

import contextlib
import os
from collections.abc import Iterable
from typing import Final

import psutil

from sandbox.processes.process import Process

_DEATH_SECONDS: Final = 5.0
"""How long a killed process may take to be gone."""


def descendants(root: int) -> list[Process]:
    """The processes below `root`, zombies included."""
    return [process for each in _below(root) if (process := _seen(each))]


def again(known: Iterable[Process]) -> list[Process]:
    """Those of `known` that are still there, as they are now.

    A number may have been given to another process since; that has another parent.
    """
    return [process for _, process in _still(known)]


def own_bytes() -> int:
    """Memory of this process that no other can map; nobody asks where no container counts."""
    return 0


def queued_seconds(processes: Iterable[Process]) -> dict[int, float]:  # noqa: ARG001 - Linux tells
    """For each thread of `processes`, how long it was ready to run and had no processor: nobody tells."""
    return {}


def reaped_seconds() -> float:
    """CPU time of all children that this process has waited for; 0 on Windows, which does not tell."""
    used = os.times()
    return used.children_user + used.children_system


def kill_below(root: int, known: Iterable[Process] = ()) -> None:
    """Kill every descendant of `root`, however fast they fork, and wait until they are gone.

    Args:
        known: seen before. Where their parent has ended, Windows does not tell any more that they are descendants.
    """
    left = [process for process, _ in _still(known)]
    spared: set[int] = set()
    while living := [each for each in {*left, *_below(root)} if each.is_running() and each.pid not in spared]:
        for each in living:
            with contextlib.suppress(psutil.Error):
                each.suspend()
        for each in living:
            with contextlib.suppress(psutil.Error):
                each.kill()
        spared |= {each.pid for each in psutil.wait_procs(living, _DEATH_SECONDS)[1]}


def _below(root: int) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = psutil.Process(root).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return found


def _still(known: Iterable[Process]) -> list[tuple[psutil.Process, Process]]:
    found = []
    for old in known:
        with contextlib.suppress(psutil.NoSuchProcess):
            each = psutil.Process(old.pid)
            new = _seen(each)
            if new and new.parent == old.parent:
                found.append((each, new))
    return found


def _seen(process: psutil.Process) -> Process | None:
    """What a process is now; None if it has just ended. A zombie holds nothing."""
    try:
        with process.oneshot():
            used = process.cpu_times()
            seconds = used.user + used.system + getattr(used, "children_user", 0) + getattr(used, "children_system", 0)
            try:
                held = process.memory_info().rss
            except psutil.ZombieProcess:
                held = 0
            return Process(process.pid, process.ppid(), seconds, held)
    except psutil.Error:
        return None
