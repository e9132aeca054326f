"""Several workers, one submission each at a time; whatever happens to a worker, its submission is not lost."""

import multiprocessing
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import ModuleType, TracebackType
from typing import Final, Self

from grader import errors
from grader.errors import Interrupted, SandboxLost, SetupError
from grader.examine.gpus import Gpu
from grader.examine.worker import Done, Lost, Ready, Task, Unable, WorkerSetup, encode, from_worker, work
from grader.model import Ending, Run, Student

__all__ = ["Pool", "Task", "WorkerSetup"]

TRIES: Final = 3
"""How often a submission is tried, and a worker started, before the failure is reported."""
PATIENCE: Final = 10.0
"""Seconds that workers get to close their slots, when all is done."""
HURRY: Final = 1.0
"""The same after an interruption or an error."""

Examined = tuple[Task, Run]
_one_start: Final = threading.Lock()
"""Processes are started one after the other, because that changes for a moment what all threads have in common."""


@dataclass(slots=True, eq=False)
class _Job:
    task: Task
    failures: int = 0


@dataclass(slots=True, eq=False)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    ready: bool = False
    gpu: Gpu | None = None
    why: str = ""
    job: _Job | None = None


class Pool:
    """Examines submissions in `workers` processes. A context manager: leaving it ends the processes and their slots.

    Where GPUs are lent, each worker has one, and there are no more workers than can have one.

    Args:
        on_start: is told each task as its examination begins (again, where it is tried again).
        on_missing: is told once, before anything is examined, what of the isolation this machine cannot give.
    """

    def __init__(
        self,
        setup: WorkerSetup,
        workers: int,
        *,
        on_start: Callable[[Task], None] | None = None,
        on_missing: Callable[[Sequence[str]], None] | None = None,
    ) -> None:
        self._setup = setup
        self._most = setup.at_once(workers)
        self._on_start = on_start
        self._on_missing = on_missing
        self._workers: list[_Worker] = []
        self._waiting: deque[_Job] = deque()
        self._begun = False
        self._stillborn = 0
        self._stopped, self._stop = multiprocessing.Pipe(duplex=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._close(HURRY if kind else PATIENCE)
        finally:
            self._stop.close()
            self._stopped.close()

    def interrupt(self) -> None:
        """End what another thread waits for in `run`, now and from now on."""
        with suppress(OSError):  # it is closed already
            self._stop.send_bytes(b"")

    def run(self, tasks: Iterable[Task]) -> Iterator[Examined]:
        """Each task with its run, in the order of completion.

        A worker has one task at a time. Those that nobody has begun are kept here, at most one for each worker more
        than retries need, so that who has finished gets the next one before the caller stores what was finished. One
        that our side fails three times has a run that ended `broken`. May be called again, once it has given the last.

        Raises:
            Interrupted: `interrupt` was called.
            SetupError: no engine, no image, no dataset, a suite that breaks the rules.
            SandboxLost: workers end before they begin, or cannot go on: the machine gives no more sandboxes.
        """
        source = iter(tasks)
        while self._read_ahead(source):
            self._hand_out()  # to those whom an earlier call has left without
            for worker in self._speaking():
                examined = self._hear(worker)
                self._hand_out()
                if examined:  # before another one is heard, which may be the end of all
                    yield examined

    def _read_ahead(self, source: Iterator[Task]) -> bool:
        """Have a job for each worker that may finish next, and start workers as needed; False when all is done."""
        while len(self._waiting) < self._most and (task := next(source, None)):
            self._waiting.append(_Job(task))
        todo = len(self._waiting) + sum(worker.job is not None for worker in self._workers)
        while len(self._workers) < min(self._most, todo):
            self._workers.append(self._started())
        return todo > 0

    def _speaking(self) -> list[_Worker]:
        """The workers that have said something, or died; waits for the first."""
        pipes = wait([self._stopped, *(worker.pipe for worker in self._workers)])
        if self._stopped in pipes:
            raise Interrupted
        return [worker for worker in self._workers if worker.pipe in pipes]

    def _hand_out(self) -> None:
        for worker in self._workers:
            if self._waiting and worker.ready and worker.job is None:
                self._give(worker, self._waiting.popleft())

    def _give(self, worker: _Worker, job: _Job) -> None:
        worker.job = job
        if self._on_start:
            self._on_start(job.task)
        try:
            worker.pipe.send_bytes(encode(replace(_anonymous(job.task), last=job.failures == TRIES - 1)))
        except ConnectionError:
            return  # it died while it waited; that is heard next

    def _hear(self, worker: _Worker) -> Examined | None:
        """What a worker said, or that it died; a submission that is done with."""
        try:
            message = from_worker.decode(worker.pipe.recv_bytes())
        except (EOFError, OSError):
            return self._buried(worker)
        match message:
            case Ready():
                self._begin(worker, message)
                return None
            case Lost(why) if worker.job is None:
                worker.why = why
                return None
            case Unable(text=why) if worker.job is None and self._begun:
                worker.why = why  # another one has a slot, or had one
                return None
            case Unable():
                raise _setup_error(message)
        job, worker.job = worker.job, None
        worker.ready = isinstance(message, Done)
        if job is None:
            raise SandboxLost("A worker process reported on a submission that it was not given.")
        return (job.task, message.run) if isinstance(message, Done) else self._again(job, message)

    def _begin(self, worker: _Worker, message: Ready) -> None:
        worker.ready, self._begun, self._stillborn = True, True, 0
        if message.missing and self._on_missing:
            self._on_missing(message.missing)
            self._on_missing = None

    def _buried(self, worker: _Worker) -> Examined | None:
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        why = f"The worker process ended with {_status(worker.process.exitcode)}"
        if worker.job:
            return self._again(worker.job, Lost(f"{why} while it examined this submission."))
        if not worker.ready:
            self._stillborn += 1
            self._check_births(worker.why or f"{why} before it could examine anything, {TRIES} times in a row.")
        return None

    def _check_births(self, why: str) -> None:
        """Where no more workers come up, go on with those there are; where there are none, give up."""
        if self._stillborn < TRIES:
            return
        if not any(worker.ready for worker in self._workers):
            raise SandboxLost(why)
        self._most = len(self._workers)

    def _again(self, job: _Job, lost: Lost) -> Examined | None:
        job.failures += 1
        if job.failures < TRIES:
            self._waiting.appendleft(job)
            return None
        return job.task, Run(Ending.BROKEN, fault=f"Tried {TRIES} times. {lost.why}")

    def _started(self) -> _Worker:
        gpu = self._free_gpu()
        setup = self._setup.on(gpu) if gpu else self._setup
        try:
            ours, theirs = multiprocessing.Pipe()
            with theirs, _one_start, _without_main(), _uninterrupted():
                process = multiprocessing.get_context("spawn").Process(
                    target=work, args=(setup, theirs), name="grader worker", daemon=True
                )
                process.start()
        except OSError as error:
            raise SandboxLost(
                f"No process could be started to grade in ({error.strerror}). Close other programs, "
                "or raise the limits that `ulimit -a` shows."
            ) from error
        return _Worker(process, ours, gpu=gpu)

    def _free_gpu(self) -> Gpu | None:
        """The GPU that the fewest workers have."""
        had = [worker.gpu for worker in self._workers]
        return min(self._setup.gpus, key=had.count, default=None)

    def _close(self, patience: float) -> None:
        """Let the workers close their slots and end; who is impatient, and presses Ctrl-C again, ends them at once."""
        try:
            for worker in self._workers:
                worker.pipe.close()
                if worker.job or not worker.ready:
                    worker.process.terminate()
            until = time.monotonic() + patience
            for worker in self._workers:
                worker.process.join(max(0.0, until - time.monotonic()))
        finally:
            for worker in self._workers:
                worker.process.kill()
                worker.process.join()
            self._workers.clear()


def _anonymous(task: Task) -> Task:
    """What a worker needs of a submission; whose it is, it need not know."""
    found = task.submission
    return replace(task, submission=replace(found, student=Student("", ""), source="", files=dict(found.files)))


def _setup_error(message: Unable) -> SetupError:
    found = getattr(errors, message.kind, SetupError)
    kind: type[SetupError] = found if issubclass(found, SetupError) else SetupError
    return kind(message.text)


def _status(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit status {code}"


@contextmanager
def _without_main() -> Iterator[None]:
    """Keep a new process from importing what happens to be `__main__` here, the whole command line for instance."""
    kept = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = kept


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back while a process is started: it begins deaf to it, as a worker has to be from the beginning."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # it hears Ctrl-C again once it runs, and the first process would start it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
