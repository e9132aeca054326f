"""One session as the parent sees it: a driver, the question it works on, what it has used, and how it ends."""

import os
import select
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from sandbox import container, pages, processes
from sandbox.child import Child
from sandbox.container import Memory
from sandbox.pipes import End, Inbox, Outbox
from sandbox.processes import Process
from sandbox.protocol.frames import ANSWER_MOST, Buffer, Frame, ProtocolError
from sandbox.protocol.messages import STRETCH, Ended, Limits

Cause: TypeAlias = Literal["stopped", "cpu", "wall", "memory", "exited", "signal", "protocol"]

START_SECONDS: Final = 120.0
"""Wall time until a driver has to be ready to import; more than that is no student's fault."""
LOOK_SECONDS: Final = 0.1
"""How often the processes are looked at."""
LAST_WORDS_SECONDS: Final = 0.5
"""How long a driver that has hung up may take to end by itself, so that its exit status is known."""
KILLED: Final = 9
"""The number of the signal that ends a process on Unix; Windows has no name for it."""
READ_BYTES: Final = 1 << 16
READS_AT_ONCE: Final = 16


class DriverLost(Exception):
    """A driver ended before any code of a student ran: our fault."""


@dataclass(frozen=True, slots=True)
class Over:
    """Why a session has to end."""

    cause: Cause
    status: int = 0
    detail: str = ""


class Used(NamedTuple):
    """What a question has used; wall time is without what was waited for a processor, unless it was short."""

    cpu_seconds: float
    wall_seconds: float


@dataclass(frozen=True, slots=True)
class Question:
    """What the driver works on.

    Attributes:
        asked: on the monotonic clock.
        cpu_before: of the session.
        queued_before: seconds that each thread had waited for a processor, at the last look before.
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
        self.inbox = Inbox(child.connection, ANSWER_MOST)
        self.outbox = Outbox(child.connection)
        self._first: tuple[float, float] | None = None
        self._question: Question | None = Question(float("inf"), START_SECONDS, time.monotonic(), 0.0, {})
        self._cpu_at_hello = 0.0
        self._memory_at_hello: int | None = None
        self._container_at_hello: Memory | None = None
        self._cpu = 0.0
        self._looked = 0.0
        self._living: list[Process] = []
        self._queued: dict[int, float] = {}
        self._peak = 0
        self._status: int | None = None
        self._read = pages.unshared(READ_BYTES)
        self._printed = pages.unshared(limits.output_bytes)
        self._printed_bytes = 0
        self._may_print = True
        self._reaped_before = processes.reaped_seconds()
        self._container_before = container.cpu_seconds() if confined else 0.0
        self._oom_before = container.oom_kills() if confined else 0

    # ------------------------------------------------------------ questions

    def ask(self, parts: tuple[Buffer, ...], cpu_seconds: float, wall_seconds: float) -> None:
        """Pass a frame on. The first one, `Start`, gets its clocks when the driver is ready."""
        if self._memory_at_hello is None:
            self._first = (cpu_seconds, wall_seconds)
        else:
            self._count_cpu()
            self._begin(cpu_seconds, wall_seconds)
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
                self._count_cpu()
                used, self._question = self._used(self._question), None
                yield frame, used

    def _hello(self, frame: Frame) -> None:
        if frame.head or frame.body or self._first is None:
            raise DriverLost("the driver did not begin as it should")
        living = self._look()
        self._cpu_at_hello = self._cpu
        self._memory_at_hello = processes.memory_bytes(living, 0)
        self._container_at_hello = self._container_memory()
        self._begin(*self._first)

    def _begin(self, cpu_seconds: float, wall_seconds: float) -> None:
        self._question = Question(cpu_seconds, wall_seconds, time.monotonic(), self._cpu, self._queued)

    def _used(self, question: Question) -> Used:
        wall = time.monotonic() - question.asked
        waited = 0.0
        if wall > LOOK_SECONDS:  # most are answered sooner
            before, queued = question.queued_before, processes.queued_seconds(self._living)
            waited = max((seconds - before.get(task, 0.0) for task, seconds in queued.items()), default=0.0)
        return Used(self._cpu - question.cpu_before, max(wall - waited, wall / STRETCH))

    # ------------------------------------------------------------ watching

    def ends(self) -> tuple[list[End], list[End]]:
        """What to wait for: until one of the first can be read, or one of the others written to."""
        reading = [self._child.connection, self._child.output] if self._may_print else [self._child.connection]
        return reading, [self._child.connection] if self.outbox else []

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
                count = self._child.output.read(self._read)
            except BlockingIOError:
                return
            except ConnectionError:
                count = 0
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
        used = self._held(living, self._memory_at_hello)
        self._peak = max(self._peak, used)
        if used > self._limits.memory_bytes or (self._confined and container.oom_kills() > self._oom_before):
            return Over("memory")
        if len(living) > self._limits.processes + 1:
            return Over("signal", KILLED, f"more than {self._limits.processes} processes")
        return self._late()

    def _late(self) -> Over | None:
        question = self._question
        if question is None:
            return None
        if self._cpu - question.cpu_before > question.cpu_limit:
            return Over("cpu")
        if time.monotonic() < question.deadline:
            return None
        return Over("wall") if self._used(question).wall_seconds > question.wall_limit else None

    def _look(self) -> list[Process]:
        self._living = processes.descendants(os.getpid())
        self._queued = processes.queued_seconds(self._living)
        self._count_cpu()
        self._looked = time.monotonic()
        return self._living

    def _count_cpu(self) -> None:
        """Bring the CPU time up to date.

        Where no container counts, what was started since the last look is counted at the next one, and charged to the
        question of that moment.
        """
        counted = self._counted_cpu()
        self._cpu = max(self._cpu, counted or processes.cpu_seconds(processes.again(self._living)))

    def _counted_cpu(self) -> float:
        """What the container counts: also what no parent has waited for."""
        return container.cpu_seconds() - self._container_before if self._confined else 0.0

    def _held(self, living: list[Process], at_hello: int) -> int:
        """Bytes that it holds beyond what it began with."""
        now, before = self._container_memory(), self._container_at_hello
        if now is None or before is None:  # what workers share with the driver counts for each of them
            return processes.memory_bytes(living, at_hello)
        shared = min(now.shared - before.shared, sum(process.shared_bytes for process in living))
        return now.anonymous - before.anonymous + max(shared, 0)

    def _container_memory(self) -> Memory | None:
        """What the container counts, without what this process holds of answers on their way."""
        found = container.memory() if self._confined else None
        return found and found._replace(anonymous=found.anonymous - processes.own_bytes())

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
        if self._confined and container.oom_kills() > self._oom_before:
            return Over("memory")
        return Over("signal", -status) if status < 0 else Over("exited", status)

    def kill(self) -> None:
        """Kill all of it."""
        self._child.kill(self._living, reaped=self._status is not None)
        until = time.monotonic() + LAST_WORDS_SECONDS
        while self._may_print and (left := until - time.monotonic()) > 0:  # what it had printed may be on its way
            select.select([self._child.output], (), (), left)
            self.drain()
        self._child.remove()

    def result(self, over: Over) -> tuple[Buffer, Ended]:
        """What it printed and what it used; to be asked when it is gone."""
        cpu = max(self._cpu, processes.reaped_seconds() - self._reaped_before, self._counted_cpu()) - self._cpu_at_hello
        ended = Ended(
            self.number,
            over.cause,
            over.status,
            over.detail,
            cpu_seconds=max(cpu, 0.0),
            wall_seconds=self._used(self._question).wall_seconds if self._question else 0.0,
            peak_bytes=self._peak,
            printed_bytes=self._printed_bytes,
        )
        return self._printed[: self._printed_bytes], ended
