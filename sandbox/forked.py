"""Starting a driver: forked from the warm parent and set apart."""

import contextlib
import fcntl
import os
import signal
import socket
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NoReturn

from sandbox import processes
from sandbox.isolation import Isolation
from sandbox.pipes import Connection, Descriptor
from sandbox.processes import Process
from sandbox.protocol.messages import Limits

_CONNECTION: Final = 3
_PRINTING: Final = 4
_DESCRIPTORS_MOST: Final = 65_536


@dataclass(frozen=True, slots=True)
class Forked:
    """A driver that was forked; see `Child`. Its files go with its mounts, or with its container."""

    pid: int
    isolation: Isolation
    connection: Connection
    output: Descriptor

    def status(self) -> int | None:
        """See `Child.status`."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def kill(self, known: Iterable[Process], *, reaped: bool) -> None:  # noqa: ARG002 - nobody leaves these bounds
        """See `Child.kill`."""
        if self.isolation.namespaces:
            if not reaped:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        processes.kill_below(os.getpid())

    def remove(self) -> None:
        """See `Child.remove`."""
        self.connection.close()
        self.output.close()


def start(isolation: Isolation, limits: Limits) -> Forked:
    """Start a driver."""
    ours, theirs = socket.socketpair()
    output, printing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = isolation.fork()
    if pid == 0:
        _live(limits, isolation, (theirs.fileno(), printing))
    theirs.close()
    os.close(printing)
    return Forked(pid, isolation, Connection(ours), Descriptor(output))


def _live(limits: Limits, isolation: Isolation, descriptors: tuple[int, int]) -> NoReturn:
    """The life of the forked process. Until it is set apart, its complaints go to the parent's own stderr."""
    try:
        os.setsid()
        _keep_only(*descriptors)
        isolation.enter(limits)
        _take_output()
        from sandbox import driver  # noqa: PLC0415 - it imports torch, which a parent of fresh drivers has not

        driver.serve(socket.socket(fileno=_CONNECTION))
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
