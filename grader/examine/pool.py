"""Several workers, one submission each at a time; whatever happens to a worker, its submission is not lost."""

import multiprocessing
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import ModuleType, TracebackType
from typing import Final, Self

from grader import errors
from grader.errors import SandboxLost, SetupError
from grader.examine.worker import Done, Lost, Ready, Unable, WorkerSetup, encode, from_worker, work
from grader.model import Ending, Run, Student, Submission

__all__ = ["Pool", "WorkerSetup"]

TRIES: Final = 3
"""How often a submission is tried, and a worker started, before the failure is reported."""
PATIENCE: Final = 10.0
"""Seconds that workers get to close their slots, when all is done."""
HURRY: Final = 1.5
"""The same after an interruption or an error."""

Examined = tuple[Submission, Run]


@dataclass(slots=True, eq=False)
class _Task:
    submission: Submission
    failures: int = 0


@dataclass(slots=True, eq=False)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    ready: bool = False
    why: str = ""
    task: _Task | None = None


class Pool:
    """Examines submissions in `workers` processes. A context manager: leaving it ends the processes and their slots.

    Args:
        on_start: is told each submission as its examination begins (again, where it is tried again).
        on_missing: is told once, before anything is examined, what of the isolation this machine cannot give.
    """

    def __init__(
        self,
        setup: WorkerSetup,
        workers: int,
        *,
        on_start: Callable[[Submission], None] | None = None,
        on_missing: Callable[[Sequence[str]], None] | None = None,
    ) -> None:
        self._setup = setup
        self._most = workers
        self._on_start = on_start
        self._on_missing = on_missing
        self._workers: list[_Worker] = []
        self._waiting: deque[_Task] = deque()
        self._stillborn = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(HURRY if kind else PATIENCE)

    def run(self, submissions: Iterable[Submission]) -> Iterator[Examined]:
        """Each submission with its run, in the order of completion.

        Submissions are taken as workers become free for them. One that our side fails three times has a run that
        ended `broken`.

        Raises:
            SetupError: no engine, no image, no dataset, a suite that breaks the rules.
            SandboxLost: workers end before they begin.
        """
        source = iter(submissions)
        while self._assign(source):
            for pipe in wait([worker.pipe for worker in self._workers]):
                worker = next(worker for worker in self._workers if worker.pipe is pipe)
                examined = self._hear(worker)
                if examined:
                    yield examined

    def _assign(self, source: Iterator[Submission]) -> bool:
        """Give every free worker a submission, starting workers as they are needed; False when all is done."""
        busy = sum(worker.task is not None for worker in self._workers)
        while busy + len(self._waiting) < self._most and (submission := next(source, None)):
            self._waiting.append(_Task(submission))
        while len(self._workers) < min(self._most, busy + len(self._waiting)):
            self._workers.append(self._started())
        for worker in self._workers:
            if self._waiting and worker.ready and worker.task is None:
                self._give(worker, self._waiting.popleft())
        return bool(busy or self._waiting or any(worker.task for worker in self._workers))

    def _give(self, worker: _Worker, task: _Task) -> None:
        worker.task = task
        if self._on_start:
            self._on_start(task.submission)
        try:
            worker.pipe.send_bytes(encode(_anonymous(task.submission)))
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
            case Lost() if not worker.ready:
                worker.why = message.why
                return None
            case Unable():
                raise _setup_error(message)
        task, worker.task = worker.task, None
        if task is None:
            raise SandboxLost("A worker process reported on a submission that it was not given.")
        return (task.submission, message.run) if isinstance(message, Done) else self._again(task, message)

    def _begin(self, worker: _Worker, message: Ready) -> None:
        worker.ready, self._stillborn = True, 0
        if message.missing and self._on_missing:
            self._on_missing(message.missing)
            self._on_missing = None

    def _buried(self, worker: _Worker) -> Examined | None:
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        why = f"The worker process ended with {_status(worker.process.exitcode)}"
        if worker.task:
            return self._again(worker.task, Lost(f"{why} while it examined this submission."))
        self._stillborn += not worker.ready
        if self._stillborn >= TRIES:
            why = f"{why} before it could examine anything, {TRIES} times in a row."
            raise SandboxLost(f"{why} {worker.why}".strip())
        return None

    def _again(self, task: _Task, lost: Lost) -> Examined | None:
        task.failures += 1
        if task.failures < TRIES:
            self._waiting.appendleft(task)
            return None
        return task.submission, Run(Ending.BROKEN, fault=f"Tried {TRIES} times. {lost.why}")

    def _started(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(
            target=work, args=(self._setup, theirs), name="grader worker", daemon=True
        )
        with _without_main():
            process.start()
        theirs.close()
        return _Worker(process, ours)

    def _close(self, patience: float) -> None:
        for worker in self._workers:
            worker.pipe.close()
            if worker.task or not worker.ready:
                worker.process.terminate()
        until = time.monotonic() + patience
        for worker in self._workers:
            worker.process.join(max(0.0, until - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self._workers.clear()


def _anonymous(submission: Submission) -> Submission:
    """What a worker needs of a submission; whose it is, it need not know."""
    return replace(submission, student=Student("", ""), source="", files=dict(submission.files))


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
