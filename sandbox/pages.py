"""What a forked child gets of the parent's memory: libraries in few large pages, and nothing of what passed through.

A fork copies the table of the parent's pages. Half a gigabyte of Python objects in pages of 4 KB takes a kernel 40 ms,
in pages of 2 MB 10 ms; the first write to one splits it again, in the child alone.
"""

import contextlib
import mmap
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

if sys.platform == "linux":
    from sandbox import kernel

_HUGE: Final = 2**21
_MAPS: Final = Path("/proc/self/maps")


def unshared(size: int) -> memoryview:
    """Zeroed memory of `size` bytes that no forked child gets; ordinary memory where sessions are not forked."""
    if size and sys.platform == "linux":
        memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        memory.madvise(mmap.MADV_DONTFORK)
        return memoryview(memory)
    return memoryview(bytearray(size))


def collapse() -> None:
    """Move what is in memory into huge pages, where the kernel can."""
    if sys.platform == "linux" and _MAPS.exists():
        for start, end in _private(_MAPS.read_text(encoding="utf-8")):
            if end > start:
                with contextlib.suppress(OSError):  # an older kernel, or a mapping that is not memory alone
                    kernel.collapse(start, end - start)


def _private(maps: str) -> Iterator[tuple[int, int]]:
    """The heap and the mappings without a file, as far as they consist of whole huge pages."""
    for line in maps.splitlines():
        span, rights, _, _, _, *name = line.split(maxsplit=5)
        if rights == "rw-p" and name in ([], ["[heap]"]):
            start, end = (int(each, 16) for each in span.split("-"))
            yield -(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE
