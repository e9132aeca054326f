"""What a session's processes use, and their end: all descendants of the parent, as this system tells of them."""

import sys

from sandbox.processes.process import Process, cpu_seconds, memory_bytes

if sys.platform == "linux":
    from sandbox.processes.of_linux import again, descendants, kill_below, own_bytes, queued_seconds, reaped_seconds
else:
    from sandbox.processes.elsewhere import again, descendants, kill_below, own_bytes, queued_seconds, reaped_seconds

__all__ = [
    "Process",
    "again",
    "cpu_seconds",
    "descendants",
    "kill_below",
    "memory_bytes",
    "own_bytes",
    "queued_seconds",
    "reaped_seconds",
]
