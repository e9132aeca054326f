"""One session as the parent sees it: a driver, the question it works on, what it has used, and how it ends."""

import os
import resource
import select
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from sandbox import processes
from sandbox.child import Child
from sandbox.pipes import Inbox, Outbox
from sandbox.protocol.frames import BODY_MOST, Buffer, Frame, ProtocolError
from sandbox.protocol.messages import Ended, Limits

Cause: TypeAlias = Literal["stopped", "cpu", "wall", "memory", "exited", "signal", "protocol"]

START_SECONDS: Final = 120.0
"""Wall time until a driver has to be ready to import; more than that is no student's fault."""
LOOK_SECONDS: Final = 0.1
"""How often the processes are looked at."""
LAST_WORDS_SECONDS: Final = 0.5
"""How long a driver that has hung up may take to end by itself, so that its exit status is known."""
READ_BYTES: Final = 1 << 16
READS_AT_ONCE: Final = 16
_OOM_FILES: Final = (
    Path("/sys/fs/cgroup/memory.events"),
    Path("/sys/fs/cgroup/memory/memory.oom_control"),
)


class DriverLost(Exception):
    """A driver ended before any code of a student ran: our fault."""


@dataclass(frozen=True, slots=True)
class Over:
    """Why a session has to end."""

    cause: Cause
    status: int = 0
    detail: str = ""


@dataclass(slots=True)
class Question:
    """What the driver works on."""

    cpu_limit: float
    deadline: float
    cpu_before: float


class Session:
    """A running driver.

    Args:
        confined: whether the container's own memory limit counts this session alone.
    """

    def __init__(self, number: int, child: Child, limits: Limits, *, confined: bool) -> None:
        self.number = number
        self._child = child
        self._limits = limits
        self._confined = confined
        self.inbox = Inbox(child.connection.fileno(), BODY_MOST)
        self.outbox = Outbox(child.connection.fileno())
        self._first: tuple[float, float] | None = None
        self._question: Question | None = Question(float("inf"), time.monotonic() + START_SECONDS, 0.0)
        self._cpu_at_hello = 0.0
        self._memory_at_hello: int | None = None
        self._cpu = 0.0
        self._looked = 0.0
        self._peak = 0
        self._status: int | None = None
        self._printed = bytearray()
        self._printed_bytes = 0
        self._may_print = True
        self._reaped_before = _reaped_cpu()
        self._oom_before = _oom_kills() if confined else 0

    # ------------------------------------------------------------ questions

    def ask(self, parts: tuple[Buffer, ...], cpu_seconds: float, wall_seconds: float) -> None:
        """Pass a frame on. The first one, `Start`, gets its clocks when the driver is ready."""
        if self._memory_at_hello is None:
            self._first = (cpu_seconds, wall_seconds)
        else:
            self._look()
            self._begin(cpu_seconds, wall_seconds)
        self.outbox.put(*parts)

    def replies(self) -> Iterator[tuple[Frame, float]]:
        """The driver's replies that have arrived, each with the CPU time of its question.

        Raises:
            ProtocolError: it said what it was not asked, or broke a frame.
            EOFError: it hung up.
        """
        while (frame := self.inbox.read()) is not None:
            if self._memory_at_hello is None:
                self._hello(frame)
            elif self._question is None:
                raise ProtocolError("it answered without being asked")
            else:
                self._look()
                used, self._question = self._cpu - self._question.cpu_before, None
                yield frame, used

    def _hello(self, frame: Frame) -> None:
        if frame.head or frame.body or self._first is None:
            raise DriverLost("the driver did not begin as it should")
        living = self._look()
        self._cpu_at_hello = self._cpu
        self._memory_at_hello = processes.memory_bytes(living, 0)
        self._begin(*self._first)

    def _begin(self, cpu_seconds: float, wall_seconds: float) -> None:
        self._question = Question(cpu_seconds, time.monotonic() + wall_seconds, self._cpu)

    # ------------------------------------------------------------ watching

    def register(self, poll: "select.poll") -> None:
        """Say what to wait for."""
        poll.register(self._child.connection, select.POLLIN | (select.POLLOUT if self.outbox else 0))
        if self._may_print:
            poll.register(self._child.output, select.POLLIN)

    def patience(self) -> float:
        """Seconds until the session has to be looked at again."""
        if self._question is None or self._memory_at_hello is None:
            return LOOK_SECONDS
        cpu_left = (self._question.cpu_limit - (self._cpu - self._question.cpu_before)) / max(self._limits.threads, 1)
        return min(LOOK_SECONDS, max(0.005, min(cpu_left, self._question.deadline - time.monotonic())))

    def drain(self) -> None:
        """Take what it has printed: the first bytes are kept, the rest is counted."""
        for _ in range(READS_AT_ONCE):
            try:
                data = os.read(self._child.output, READ_BYTES)
            except BlockingIOError:
                return
            if not data:
                self._may_print = False  # a closed pipe is readable for ever
                return
            self._printed_bytes += len(data)
            self._printed += data[: max(self._limits.output_bytes - len(self._printed), 0)]

    def over(self, *, now: bool = False) -> Over | None:
        """Whether a limit is reached.

        Raises:
            DriverLost: the driver did not get ready.
        """
        if not now and time.monotonic() < self._looked + self.patience():
            return None
        living = self._look()
        if self._memory_at_hello is None:
            if self._question and time.monotonic() > self._question.deadline:
                raise DriverLost(f"the driver was not ready after {START_SECONDS:.0f} s")
            return None
        used = processes.memory_bytes(living, self._memory_at_hello)
        self._peak = max(self._peak, used)
        if used > self._limits.memory_bytes or (self._confined and _oom_kills() > self._oom_before):
            return Over("memory")
        if len(living) > self._limits.processes + 1:
            return Over("signal", signal.SIGKILL, f"more than {self._limits.processes} processes")
        return self._late()

    def _late(self) -> Over | None:
        if self._question is None:
            return None
        if self._cpu - self._question.cpu_before > self._question.cpu_limit:
            return Over("cpu")
        return Over("wall") if time.monotonic() > self._question.deadline else None

    def _look(self) -> list[processes.Process]:
        living = processes.descendants(os.getpid())
        self._cpu = max(self._cpu, processes.cpu_seconds(living))
        self._looked = time.monotonic()
        return living

    # ------------------------------------------------------------ the end

    def hung_up(self) -> Over:
        """Why the driver's stream ended.

        Raises:
            DriverLost: it ended before it was ready.
        """
        until = time.monotonic() + LAST_WORDS_SECONDS
        while (status := self._child.status()) is None and time.monotonic() < until:
            self.drain()  # it may be waiting to be rid of its output
            time.sleep(0.005)
        self._status = status
        return self._verdict(status)

    def _verdict(self, status: int | None) -> Over:
        if self._memory_at_hello is None:
            raise DriverLost(f"the driver ended with status {status} before it was ready")
        if status is None:
            return Over("protocol", detail="it closed its connection")
        if self._confined and _oom_kills() > self._oom_before:
            return Over("memory")
        return Over("signal", -status) if status < 0 else Over("exited", status)

    def kill(self) -> None:
        """Kill all of it."""
        self._child.kill(reaped=self._status is not None)
        for _ in range(READS_AT_ONCE):
            self.drain()
        self._child.remove()

    def result(self, over: Over) -> tuple[bytes, Ended]:
        """What it printed and what it used; to be asked when it is gone."""
        cpu = max(self._cpu, _reaped_cpu() - self._reaped_before) - self._cpu_at_hello
        ended = Ended(self.number, over.cause, over.status, over.detail, max(cpu, 0.0), self._peak, self._printed_bytes)
        return bytes(self._printed), ended


def _reaped_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _oom_kills() -> int:
    """How many processes of the container the kernel has killed for want of memory."""
    for path in _OOM_FILES:
        if path.exists():
            rows = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
            return next((int(row[1]) for row in rows if row[0] == "oom_kill"), 0)
    return 0
