"""What the container around the parent counts, read from its control group of either version.

Nobody escapes it: not a process whose parent never waits for it, nor one that has replaced its program, and what
processes share counts once. Where a file is missing, nothing is counted.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

_OOM_FILES: Final = (
    Path("/sys/fs/cgroup/memory.events"),
    Path("/sys/fs/cgroup/memory/memory.oom_control"),
)
_CPU_FILES: Final = (
    (Path("/sys/fs/cgroup/cpu.stat"), "usage_usec", 1e-6),
    (Path("/sys/fs/cgroup/cpuacct/cpuacct.usage"), "", 1e-9),
)
_MEMORY_FILES: Final = (
    (Path("/sys/fs/cgroup/memory.stat"), "anon", "shmem"),
    (Path("/sys/fs/cgroup/memory/memory.stat"), "total_rss", "total_shmem"),
)


class Memory(NamedTuple):
    """Bytes in memory and not from a file: processes' own, and those that they can share, files in memory included."""

    anonymous: int
    shared: int


def cpu_seconds() -> float:
    """CPU seconds of the container, without this process."""
    for path, field, unit in _CPU_FILES:
        if path.exists():
            text = path.read_text(encoding="utf-8")
            used = next(line.removeprefix(field) for line in text.splitlines() if line.startswith(field))
            return int(used) * unit - time.process_time()
    return 0.0


def oom_kills() -> int:
    """How many processes of the container the kernel has killed for want of memory."""
    for path in _OOM_FILES:
        if path.exists():
            return dict(_rows(path)).get("oom_kill", 0)
    return 0


def memory() -> Memory | None:
    """What the container holds; None where it is not told."""
    for path, anonymous, shared in _MEMORY_FILES:
        if path.exists():
            found = dict(_rows(path))
            return Memory(found[anonymous], found[shared])
    return None


def _rows(path: Path) -> Iterator[tuple[str, int]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        name, value = line.split()
        yield name, int(value)
