"""What the system itself can hold one process to. Windows has no such limits: there the parent's watch is all."""

import sys
from pathlib import Path
from typing import Final

FILES_MOST: Final = 1024
"""Open files of one process."""
_STATUS: Final = Path("/proc/self/status")

if sys.platform == "win32":

    def limit_files(scratch_bytes: int) -> None:
        """Nothing."""

else:
    import resource

    def limit_files(scratch_bytes: int) -> None:
        """Bound what one process may write to a file, and how many it may open."""
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (scratch_bytes, scratch_bytes))
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        files = FILES_MOST if most == resource.RLIM_INFINITY else min(most, FILES_MOST)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


def limit_memory(memory_bytes: int) -> None:
    """Let this process take so much memory beyond what it holds now; then it gets MemoryError, with a line number."""
    if sys.platform == "linux" and _STATUS.exists():  # elsewhere nobody tells what it holds
        status = _STATUS.read_text("utf-8").splitlines()
        held = next(int(line.split()[1]) for line in status if line.startswith("VmData"))
        most = held * 1024 + memory_bytes
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
