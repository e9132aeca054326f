"""One session as the parent sees it: a driver, the question it works on, what it has used, and how it ends."""

import os
import resource
import select
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

from sandbox import pages, processes
from sandbox.child import Child
from sandbox.pipes import Inbox, Outbox
from sandbox.processes import Process
from sandbox.protocol.frames import BODY_MOST, Buffer, Frame, ProtocolError
from sandbox.protocol.messages import STRETCH, Ended, Limits

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
_CPU_FILES: Final = (
    (Path("/sys/fs/cgroup/cpu.stat"), "usage_usec", 1e-6),
    (Path("/sys/fs/cgroup/cpuacct/cpuacct.usage"), "", 1e-9),
)


class DriverLost(Exception):
    """A driver ended before any code of a student ran: our fault."""


@dataclass(frozen=True, slots=True)
class Over:
    """Why a session has to end."""

    cause: Cause
    status: int = 0
    detail: str = ""


class Used(NamedTuple):
    """What a question has used; wall time is without what was waited for a processor."""

    cpu_seconds: float
    wall_seconds: float


@dataclass(frozen=True, slots=True)
class Question:
    """What the driver works on.

    Attributes:
        asked: on the monotonic clock.
        cpu_before: of the session.
        queued_before: seconds that each thread had waited for a processor.
    """

    cpu_limit: float
    wall_limit: float
    asked: float
    cpu_before: float
    queued_before: dict[int, float]

    @property
    def deadline(self) -> float:
        """When it would be late if it always had a processor, on the monotonic clock."""
        return self.asked + self.wall_limit


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
        self._question: Question | None = Question(float("inf"), START_SECONDS, time.monotonic(), 0.0, {})
        self._cpu_at_hello = 0.0
        self._memory_at_hello: int | None = None
        self._cpu = 0.0
        self._looked = 0.0
        self._peak = 0
        self._status: int | None = None
        self._read = pages.unshared(READ_BYTES)
        self._printed = pages.unshared(limits.output_bytes)
        self._printed_bytes = 0
        self._may_print = True
        self._reaped_before = _reaped_cpu()
        self._container_before = _container_cpu() if confined else 0.0
        self._oom_before = _oom_kills() if confined else 0

    # ------------------------------------------------------------ questions

    def ask(self, parts: tuple[Buffer, ...], cpu_seconds: float, wall_seconds: float) -> None:
        """Pass a frame on. The first one, `Start`, gets its clocks when the driver is ready."""
        if self._memory_at_hello is None:
            self._first = (cpu_seconds, wall_seconds)
        else:
            self._begin(self._look(), cpu_seconds, wall_seconds)
        self.outbox.put(*parts)

    def replies(self) -> Iterator[tuple[Frame, Used]]:
        """The driver's replies that have arrived, each with what its question used.

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
                used, self._question = self._used(self._question, self._look()), None
                yield frame, used

    def _hello(self, frame: Frame) -> None:
        if frame.head or frame.body or self._first is None:
            raise DriverLost("the driver did not begin as it should")
        living = self._look()
        self._cpu_at_hello = self._cpu
        self._memory_at_hello = processes.memory_bytes(living, 0)
        self._begin(living, *self._first)

    def _begin(self, living: list[Process], cpu_seconds: float, wall_seconds: float) -> None:
        queued = processes.queued_seconds(living)
        self._question = Question(cpu_seconds, wall_seconds, time.monotonic(), self._cpu, queued)

    def _used(self, question: Question, living: list[Process]) -> Used:
        before, queued = question.queued_before, processes.queued_seconds(living)
        waited = max((seconds - before.get(task, 0.0) for task, seconds in queued.items()), default=0.0)
        wall = time.monotonic() - question.asked
        return Used(self._cpu - question.cpu_before, max(wall - waited, wall / STRETCH))

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
                count = os.readv(self._child.output, [self._read])
            except BlockingIOError:
                return
            if not count:
                self._may_print = False  # a closed pipe is readable for ever
                return
            kept = self._read[: min(count, max(len(self._printed) - self._printed_bytes, 0))]
            self._printed[self._printed_bytes : self._printed_bytes + len(kept)] = kept
            self._printed_bytes += count

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
        return self._late(living)

    def _late(self, living: list[Process]) -> Over | None:
        question = self._question
        if question is None:
            return None
        if self._cpu - question.cpu_before > question.cpu_limit:
            return Over("cpu")
        if time.monotonic() < question.deadline:
            return None
        return Over("wall") if self._used(question, living).wall_seconds > question.wall_limit else None

    def _look(self) -> list[Process]:
        living = processes.descendants(os.getpid())
        self._cpu = max(self._cpu, processes.cpu_seconds(living), self._counted_cpu())
        self._looked = time.monotonic()
        return living

    def _counted_cpu(self) -> float:
        """What the container counts: also what no parent has waited for."""
        return _container_cpu() - self._container_before if self._confined else 0.0

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
            said = bytes(self._printed[: self._printed_bytes]).decode("utf-8", "replace").rstrip().rpartition("\n")[2]
            raise DriverLost(f"the driver ended with status {status} before it was ready ({said})")
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

    def result(self, over: Over) -> tuple[Buffer, Ended]:
        """What it printed and what it used; to be asked when it is gone."""
        cpu = max(self._cpu, _reaped_cpu() - self._reaped_before, self._counted_cpu()) - self._cpu_at_hello
        ended = Ended(
            self.number,
            over.cause,
            over.status,
            over.detail,
            cpu_seconds=max(cpu, 0.0),
            wall_seconds=self._used(self._question, []).wall_seconds if self._question else 0.0,
            peak_bytes=self._peak,
            printed_bytes=self._printed_bytes,
        )
        return self._printed[: self._printed_bytes], ended


def _reaped_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _container_cpu() -> float:
    """CPU seconds of the container, without this process; 0 where its control group cannot be read."""
    for path, field, unit in _CPU_FILES:
        if path.exists():
            text = path.read_text(encoding="utf-8")
            used = next(line.removeprefix(field) for line in text.splitlines() if line.startswith(field))
            return int(used) * unit - time.process_time()
    return 0.0


def _oom_kills() -> int:
    """How many processes of the container the kernel has killed for want of memory."""
    for path in _OOM_FILES:
        if path.exists():
            rows = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
            return next((int(row[1]) for row in rows if row[0] == "oom_kill"), 0)
    return 0
