"""Starting a driver as a process of its own that nothing sets apart: the way that every system has."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Final

from sandbox import links, processes
from sandbox.pipes import Connection
from sandbox.processes import Process
from sandbox.protocol.messages import Limits
from sandbox.scratch import Scratch

_PIECE: Final = 1 << 16
_DEATH_SECONDS: Final = 10.0
_CRASHES: Final = {0xC0000005: 11, 0xC00000FD: 11, 0xC0000374: 6, 0xC0000409: 6, 0xC000001D: 4}
"""How Windows says that a process crashed -> the signal that would have ended it elsewhere."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A driver that was started; see `Child`."""

    process: "subprocess.Popen[bytes]"
    connection: Connection
    output: Connection
    folder: Scratch

    def status(self) -> int | None:
        """See `Child.status`."""
        status = self.process.poll()
        return -_CRASHES[status] if status in _CRASHES else status

    def kill(self, known: Iterable[Process], *, reaped: bool) -> None:  # noqa: ARG002 - there may be orphans
        """See `Child.kill`."""
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        processes.kill_below(os.getpid(), known)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_DEATH_SECONDS)

    def remove(self) -> None:
        """See `Child.remove`."""
        self.connection.close()
        self.output.close()
        self.folder.remove()


def start(limits: Limits) -> Fresh:
    """Start a driver.

    Raises:
        OSError: it could not be started.
    """
    folder = Scratch()
    home = str(folder.path)
    env = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP", "HOME", "USERPROFILE"), home)}
    command = ["-m", "sandbox.alone", str(limits.scratch_bytes)]
    try:
        process, connection = links.start(command, output=subprocess.PIPE, cwd=home, env=env, leader=True)
    except OSError:
        folder.remove()
        raise
    printing = process.stdout or process.stderr
    assert printing is not None  # noqa: S101 - it was asked for
    return Fresh(process, Connection(connection), Connection(_selectable(printing)), folder)


def _selectable(pipe: IO[bytes]) -> socket.socket:
    """A socket on which comes what is written to a pipe, for which Windows cannot wait."""
    ours, theirs = socket.socketpair()

    def carry() -> None:
        with pipe, theirs, contextlib.suppress(OSError):  # nobody listens any more
            while data := os.read(pipe.fileno(), _PIECE):
                theirs.sendall(data)

    threading.Thread(target=carry, daemon=True).start()
    return ours
