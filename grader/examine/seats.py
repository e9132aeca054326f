"""Places in which submissions of several labs are examined, one in each at a time, and which stay warm in between."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from grader.examine.pool import Pool, Task, WorkerSetup
from grader.model import Run, Submission


class _Seat:
    """A pool of one, and the thread that its processes live as long as.

    Linux ends them with the thread that started them, not with the process: so that has to be one that stays.
    """

    def __init__(self, number: int, on_missing: Callable[[Sequence[str]], None]) -> None:
        self._number = number
        self._thread = ThreadPoolExecutor(1, f"seat-{number}")
        self._on_missing = on_missing
        self._pool: Pool | None = None
        self._stopped = False
        self.setup: WorkerSetup | None = None

    def serves(self, setup: WorkerSetup) -> bool:
        return self._number < setup.at_once(self._number + 1)

    def own(self, setup: WorkerSetup) -> WorkerSetup:
        """The setup with the one GPU that this seat has where submissions get one."""
        return setup.on(setup.gpus[self._number % len(setup.gpus)]) if setup.gpus else setup

    def examine(self, setup: WorkerSetup, submission: Submission) -> Run:
        return self._thread.submit(self._examined, self.own(setup), submission).result()

    def interrupt(self) -> None:
        self._stopped = True  # before it is looked whether there is a pool: one that is made later sees this
        if pool := self._pool:
            pool.interrupt()

    def close(self) -> None:
        self._thread.submit(self._leave).result()
        self._thread.shutdown()

    def _examined(self, setup: WorkerSetup, submission: Submission) -> Run:
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
            self._pool, self.setup = Pool(setup, 1, on_missing=self._on_missing), setup
        return self._pool

    def _leave(self) -> None:
        pool, self._pool, self.setup = self._pool, None, None
        if pool:
            pool.__exit__(None, None, None)  # with patience, also where it was interrupted: sandboxes are to be closed


class Seats:
    """Examines up to `many` submissions at once, each called for by another thread.

    A seat keeps what it needs for the lab it had last. Where none has the right one, the one that was not used for the
    longest time gets it. Where GPUs are lent, each seat has one for good, and those that are left over have none.

    Args:
        on_missing: is told, as a lab is begun, what of the isolation this machine cannot give.
    """

    def __init__(self, many: int, on_missing: Callable[[Sequence[str]], None]) -> None:
        self._seats = [_Seat(number, on_missing) for number in range(many)]
        self._free = list(self._seats)
        self._changed = threading.Condition()

    def examine(self, setup: WorkerSetup, submission: Submission) -> Run:
        """The examination of one submission; waits for a free seat.

        Raises:
            SetupError, SandboxLost: as `Pool.run`.
            Interrupted: `interrupt` was called.
        """
        with self._taken(setup) as seat:
            return seat.examine(setup, submission)

    def interrupt(self) -> None:
        """End what is being examined, now and from now on."""
        for seat in self._seats:
            seat.interrupt()

    def close(self) -> None:
        """Close all sandboxes; nothing may be examined any more."""
        for seat in self._seats:
            seat.close()

    @contextmanager
    def _taken(self, setup: WorkerSetup) -> Iterator[_Seat]:
        with self._changed:
            self._changed.wait_for(lambda: any(seat.serves(setup) for seat in self._free))
            able = [seat for seat in self._free if seat.serves(setup)]
            seat = next((seat for seat in reversed(able) if seat.setup == seat.own(setup)), able[0])
            self._free.remove(seat)
        try:
            yield seat
        finally:
            with self._changed:
                self._free.append(seat)
                self._changed.notify_all()
