"""CPU time and memory of a running `grader batch`, read from outside: its workers, sandboxes, the engine. Linux only.

Sandboxes are counted by control group where they are containers, and by process where they are not. What a process or a
container used after it was last looked at is not seen; a look comes every `EVERY` seconds. The engine's time is that of
its processes, whoever they work for.
"""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sandbox import processes
from sandbox.processes import Process

EVERY = 0.2
_GROUPS = ("/sys/fs/cgroup/cpuacct/docker/*/cpuacct.usage", "/sys/fs/cgroup/system.slice/docker-*.scope/cpu.stat")
"""Of Docker's containers, with control groups of version 1, and of version 2."""
_ENGINE = ("dockerd", "containerd")
"""So begin the names of the engine's processes."""


@dataclass(frozen=True, slots=True)
class Look:
    """What has been used up to a moment, in CPU seconds.

    Attributes:
        at: on the monotonic clock.
    """

    at: float
    workers: float
    sandboxes: float
    engine: float


@dataclass(slots=True)
class Meter:
    """Looks at a process's workers and sandboxes from time to time, in a thread of its own.

    Attributes:
        looks: in order.
        worker_bytes: the largest size of a worker; pages that it shares are included.
        slot_bytes: the largest amount of memory, not of files, that one slot's processes held together, each page once.
    """

    pid: int
    looks: list[Look] = field(default_factory=list)
    worker_bytes: int = 0
    slot_bytes: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread = field(init=False)
    _groups: dict[Path, float] = field(default_factory=dict)
    _parents: dict[int, float] = field(default_factory=dict)
    _workers: dict[int, float] = field(default_factory=dict)
    _engine: dict[int, float] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def used(self, begun: float, ended: float) -> Look:
        """What was used between two moments."""
        first, last = self._nearest(begun), self._nearest(ended)
        workers, sandboxes = last.workers - first.workers, last.sandboxes - first.sandboxes
        return Look(last.at - first.at, workers, sandboxes, last.engine - first.engine)

    def _nearest(self, at: float) -> Look:
        return min(self.looks, key=lambda look: abs(look.at - at))

    def _watch(self) -> None:
        while not self._ended.wait(EVERY):
            self._look()

    def _look(self) -> None:
        for worker in filter(_is_worker, _children(self.pid)):
            below = processes.descendants(worker)
            self._workers[worker] = max(self._workers.get(worker, 0.0), _cpu_seconds(worker))
            self.worker_bytes = max(self.worker_bytes, _resident(worker))
            if below:
                self._parents[worker] = processes.cpu_seconds(below)
                self.slot_bytes = max(self.slot_bytes, proportional(below))
        for path, used in containers():
            self._groups[path] = used
            self.slot_bytes = max(self.slot_bytes, held(path))
        for pid in _engine():
            self._engine[pid] = max(self._engine.get(pid, 0.0), _cpu_seconds(pid))
        sandboxes = sum(self._groups.values()) + sum(self._parents.values())
        workers, engine = sum(self._workers.values()), sum(self._engine.values())
        self.looks.append(Look(time.monotonic(), workers, sandboxes, engine))


def _children(pid: int) -> list[int]:
    return [process.pid for process in processes.descendants(pid) if process.parent == pid]


def _engine() -> Iterator[int]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name = (folder / "comm").read_text("utf-8").strip()
        except OSError:
            continue  # it has ended
        if name.startswith(_ENGINE):
            yield int(folder.name)


def _is_worker(pid: int) -> bool:
    try:
        return b"multiprocessing.spawn" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _cpu_seconds(pid: int) -> float:
    """Of the process itself, without its children's."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS")), 0)


def proportional(below: list[Process]) -> int:
    """Bytes of memory of processes, not of files, each page once."""
    total = 0
    for process in below:
        try:
            rows = Path(f"/proc/{process.pid}/smaps_rollup").read_text("utf-8").splitlines()
        except OSError:
            continue  # it has ended
        total += sum(int(row.split()[1]) * 1024 for row in rows if row.startswith(("Pss_Anon", "Pss_Shmem")))
    return total


def containers() -> Iterator[tuple[Path, float]]:
    """Each container's control group, and the CPU seconds that it has used."""
    for pattern in _GROUPS:
        for path in Path("/").glob(pattern.removeprefix("/")):
            try:
                first = path.read_text("utf-8").split("\n")[0].split()[-1]
            except OSError:
                continue  # it has ended
            yield path, int(first) * (1e-9 if path.name == "cpuacct.usage" else 1e-6)


def held(path: Path) -> int:
    """Bytes of memory of a container, not of files, by its control group as `containers` gives it."""
    old = Path(str(path.parent).replace("/cpuacct/", "/memory/")) / "memory.stat"
    try:
        text = (old if old.exists() else path.with_name("memory.stat")).read_text("utf-8")
    except OSError:
        return 0
    rows = dict(row.split() for row in text.splitlines())
    names = ("total_rss", "total_shmem") if "total_rss" in rows else ("anon", "shmem")
    return sum(int(rows[name]) for name in names)
