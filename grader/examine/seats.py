"""Places in which submissions of several labs are examined, one in each at a time, and which stay warm in between."""

import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from grader.errors import GpuLost, SandboxLost
from grader.examine.pool import Pool, Task, WorkerSetup
from grader.model import Run, Submission


class _Seat:
    """A pool of one, and the thread that its processes live as long as.

    Linux ends them with the thread that started them, not with the process: so that has to be one that stays.
    """

    def __init__(self, number: int, on_missing: Callable[[Sequence[str]], None]) -> None:
        self._thread = ThreadPoolExecutor(1, f"seat-{number}")
        self._on_missing = on_missing
        self._pool: Pool | None = None
        self._stopped = self._begun = False
        self.number = number
        self.setup: WorkerSetup | None = None
        self.lost = ""
        """Why its GPU is lent no more."""

    def serves(self, setup: WorkerSetup) -> bool:
        """Whether it can, once it is free: it has a GPU that works where submissions get one."""
        return not (setup.gpus and self.lost)

    def own(self, setup: WorkerSetup) -> WorkerSetup:
        """The setup with the one GPU that this seat has where submissions get one."""
        return setup.on(setup.gpus[self.number % len(setup.gpus)]) if setup.gpus else setup

    def examine(self, setup: WorkerSetup, submission: Submission) -> Run:
        own = self.own(setup)
        try:
            return self._thread.submit(self._examined, own, submission).result()
        except SandboxLost as error:
            if not own.gpus:
                raise SandboxLost(str(error), begun=self._begun) from error
            self.lost = str(error)
            told = f"GPU {own.gpus[0]} is lent no more by this worker: {self.lost}"
            raise GpuLost(told, begun=self._begun) from error

    def interrupt(self) -> None:
        self._stopped = True  # before it is looked whether there is a pool: one that is made later sees this
        if pool := self._pool:
            pool.interrupt()

    def close(self) -> Future[None]:
        closed = self._thread.submit(self._leave)
        self._thread.shutdown(wait=False)
        return closed

    def _examined(self, setup: WorkerSetup, submission: Submission) -> Run:
        self._begun = False
        try:
            pool = self._pool_for(setup)
            if self._stopped:
                pool.interrupt()
            ((_, run),) = pool.run([Task(submission)])
        except BaseException:
            self._leave()
            raise
        return run

    def _pool_for(self, setup: WorkerSetup) -> Pool:
        if self._pool is None or self.setup != setup:
            self._leave()
            pool = Pool(setup, 1, on_start=self._begin, on_missing=self._on_missing)
            self._pool, self.setup = pool, setup
        return self._pool

    def _begin(self, _task: Task) -> None:
        self._begun = True

    def _leave(self) -> None:
        pool, self._pool, self.setup = self._pool, None, None
        if pool:
            pool.__exit__(None, None, None)  # with patience, also where it was interrupted: sandboxes are to be closed


class Seats:
    """Examines up to `many` submissions at once, each called for by another thread.

    A seat keeps what it needs for the lab it had last. Where none has the right one, the one that was not used for the
    longest time gets it. Where GPUs are lent, each seat has one for good, and one whose GPU fails is for labs without
    from then on.

    Args:
        on_missing: is told, as a lab is begun, what of the isolation this machine cannot give.
    """

    def __init__(self, many: int, on_missing: Callable[[Sequence[str]], None]) -> None:
        self._seats = [_Seat(number, on_missing) for number in range(many)]
        self._free = self._seats[::-1]
        self._one_choice = threading.Lock()

    @property
    def many(self) -> int:
        """How many submissions can be examined at once, whatever lab they are for."""
        return sum(not seat.lost for seat in self._seats) or 1

    @contextmanager
    def taken(self, setup: WorkerSetup) -> Iterator[Callable[[Submission], Run] | None]:
        """Keep a free seat that can serve the setup, and give what examines in it; None where all such are busy.

        What examines raises SetupError, SandboxLost and Interrupted as `Pool.run`, and GpuLost where the seat's GPU
        fails. Such a seat serves only labs that are lent none from then on.

        Raises:
            SandboxLost: all that could serve it have lost their GPUs.
        """
        with self._one_choice:
            seat = self._take(setup)
        if seat is None:
            yield None
            return
        try:
            yield functools.partial(seat.examine, setup)
        finally:
            with self._one_choice:
                self._free.append(seat)

    def interrupt(self) -> None:
        """End what is being examined, now and from now on."""
        for seat in self._seats:
            seat.interrupt()

    def close(self) -> None:
        """Close all sandboxes; nothing may be examined any more."""
        for closed in [seat.close() for seat in self._seats]:  # all at once: each may take its time
            closed.result()

    def _take(self, setup: WorkerSetup) -> _Seat | None:
        if not any(seat.serves(setup) for seat in self._seats):
            raise SandboxLost(next(seat.lost for seat in reversed(self._seats) if seat.lost))
        able = [seat for seat in self._free if seat.serves(setup)]
        if not able:
            return None
        seat = next((seat for seat in reversed(able) if seat.setup == seat.own(setup)), able[0])
        self._free.remove(seat)
        return seat
