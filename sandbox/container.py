"""What the container around the parent counts, read from its control group of either version.

Nobody escapes it: not a process whose parent never waits for it, nor one that has replaced its program, and what
processes share counts once. Where a file is missing, nothing is counted.
"""

import functools
import os
import time
from pathlib import Path
from typing import Final, NamedTuple

_OOM_FILES: Final = (
    Path("/sys/fs/cgroup/memory.events"),
    Path("/sys/fs/cgroup/memory/memory.oom_control"),
)
_CPU_FILES: Final = (
    Path("/sys/fs/cgroup/cpu.stat"),
    Path("/sys/fs/cgroup/cpuacct/cpuacct.usage"),
)
_MEMORY_FILES: Final = (
    Path("/sys/fs/cgroup/memory.stat"),
    Path("/sys/fs/cgroup/memory/memory.stat"),
)
_FILE_MOST: Final = 1 << 16


class Memory(NamedTuple):
    """Bytes in memory and not from a file: processes' own, and those that they can share, files in memory included."""

    anonymous: int
    shared: int


def cpu_seconds() -> float:
    """CPU seconds of the container, without this process."""
    text = _read(_CPU_FILES)
    if not text:
        return 0.0
    used = int(_rows(text)["usage_usec"]) * 1e-6 if b" " in text else int(text) * 1e-9
    return used - time.process_time()


def oom_kills() -> int:
    """How many processes of the container the kernel has killed for want of memory."""
    return _rows(_read(_OOM_FILES)).get("oom_kill", 0)


def memory() -> Memory | None:
    """What the container holds; None where it is not told."""
    found = _rows(_read(_MEMORY_FILES))
    if not found:
        return None
    anonymous, shared = ("total_rss", "total_shmem") if "total_rss" in found else ("anon", "shmem")
    return Memory(found[anonymous], found[shared])


def _read(files: tuple[Path, ...]) -> bytes:
    """The first of `files` that is there, as it is now; b"" if none is."""
    file = _opened(files)
    if file is None:
        return b""
    os.lseek(file, 0, os.SEEK_SET)
    return os.read(file, _FILE_MOST)


@functools.cache
def _opened(files: tuple[Path, ...]) -> int | None:
    """Kept open: CPU time is looked up with every question."""
    return next((os.open(path, os.O_RDONLY) for path in files if path.exists()), None)


def _rows(text: bytes) -> dict[str, int]:
    return {name: int(value) for name, value in map(str.split, text.decode().splitlines())}
