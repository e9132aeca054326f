"""Starting a driver: forked from the warm parent and set apart, or as a fresh process where that cannot be had."""

import contextlib
import fcntl
import os
import signal
import socket
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from sandbox import processes
from sandbox.isolation import Isolation, limit_files
from sandbox.protocol.messages import Limits
from sandbox.scratch import Scratch

_CONNECTION: Final = 3
_PRINTING: Final = 4
_DESCRIPTORS_MOST: Final = 65_536


@dataclass(frozen=True, slots=True)
class Child:
    """A driver's first process and the streams to it.

    Attributes:
        output: where what it prints can be read.
        folder: to be removed at its end; None where its files go with its mounts.
    """

    pid: int
    isolation: Isolation | None
    connection: socket.socket
    output: int
    folder: Scratch | None

    def status(self) -> int | None:
        """The exit code of a process that has ended, minus the signal that killed it; None while it lives."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def kill(self, *, reaped: bool) -> None:
        """Kill all of the session's processes and wait until they are gone."""
        if self.isolation and self.isolation.namespaces:
            if not reaped:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        processes.kill_below(os.getpid())

    def remove(self) -> None:
        """Let go of the streams and the folder."""
        self.connection.close()
        os.close(self.output)
        if self.folder:
            self.folder.remove()


def start(limits: Limits, isolation: Isolation | None) -> Child:
    """Start a driver; plainly where `isolation` is None."""
    folder = None if isolation else Scratch()
    ours, theirs = socket.socketpair()
    output, printing = os.pipe()
    os.set_blocking(output, False)
    sys.stdout.flush()
    sys.stderr.flush()
    pid = isolation.fork() if isolation else os.fork()
    if pid == 0:
        _live(limits, isolation, folder.path if folder else None, (theirs.fileno(), printing))
    theirs.close()
    os.close(printing)
    return Child(pid, isolation, ours, output, folder)


def _live(limits: Limits, isolation: Isolation | None, folder: Path | None, descriptors: tuple[int, int]) -> NoReturn:
    """The life of the forked process. Until it is set apart, its complaints go to the parent's own stderr."""
    try:
        os.setsid()
        _keep_only(*descriptors)
        if isolation:
            isolation.enter(limits)
            _take_output()
            from sandbox import driver  # noqa: PLC0415 - it imports torch, which a parent of plain children has not

            driver.serve(socket.socket(fileno=_CONNECTION))
        else:
            os.chdir(str(folder))
            limit_files(limits)
            _take_output()
            command = [sys.executable, "-P", "-m", "sandbox.driver", "--fd", str(_CONNECTION)]
            os.execve(sys.executable, command, os.environ | {"TMPDIR": str(folder), "HOME": str(folder)})  # noqa: S606 - no shell is wanted
    except BaseException:  # noqa: BLE001 - it must not run on as a second parent
        traceback.print_exc()
    finally:
        os._exit(1)


def _keep_only(connection: int, printing: int) -> None:
    """Close every descriptor but stderr and these two, above all the parent's streams to the host."""
    high = [fcntl.fcntl(each, fcntl.F_DUPFD, _PRINTING + 1) for each in (connection, printing)]
    os.dup2(high[0], _CONNECTION)
    os.dup2(high[1], _PRINTING)
    os.closerange(_PRINTING + 1, _DESCRIPTORS_MOST)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)


def _take_output() -> None:
    os.dup2(_PRINTING, 1)
    os.dup2(_PRINTING, 2)
    os.close(_PRINTING)
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]  # it is the interpreter's own
