"""What a worker does with a ticket that it is sent word of: claim it, examine, settle.

The database decides who may. A worker that grades by another suite or sandbox than was asked for refuses; one whose
machine is not fit gives the ticket back and ends.
"""

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Final, Protocol, TypeVar

import grader
from grader.errors import (
    EngineUnreachable,
    GraderError,
    ImageMissing,
    Interrupted,
    IsolationUnavailable,
    SandboxLost,
    SetupError,
    StoreError,
    WorkerForgotten,
)
from grader.examine.pool import WorkerSetup
from grader.examine.seats import Seats
from grader.model import Claim, Ending, Need, Run, Submission, Worker
from grader.pipeline.grading import exposed
from grader.pipeline.means import Means
from grader.store import Queue, Store

SILENCE: Final = 60.0
"""Seconds after which a worker that was not heard of is taken for lost, and others may claim what it had."""
BEATS: Final = 6
"""How often a worker says within that time that it is there."""
PAUSE: Final = 2.0
"""Seconds until the database is asked again, and until a message that was refused is put back for another worker."""

Answer = TypeVar("Answer")
_UNFIT: Final = (SandboxLost, EngineUnreachable, ImageMissing, IsolationUnavailable)
"""What is wrong with the machine, whatever lab is asked for."""


class Examiners(Protocol):
    """Who examines; see `Seats`."""

    def examine(self, setup: WorkerSetup, submission: Submission) -> Run:
        """See `Seats.examine`."""

    def interrupt(self) -> None:
        """See `Seats.interrupt`."""

    def close(self) -> None:
        """See `Seats.close`."""


@contextmanager
def at_work(
    means: Means, store: Store, needs: frozenset[Need], slots: int, tell: Callable[[str], None]
) -> Iterator["Server"]:
    """A server for so many tickets at once, until the block ends.

    Args:
        tell: is told each event in a line, which names nobody.

    Raises:
        SetupError: the machine, the course or the database is not ready.
    """
    worker = Worker(_called(), grader.__version__, needs, slots, means.identity(), means.digits())
    seats = Seats(slots, lambda missing: tell(exposed(missing)))
    server = Server(means, store, store.queue(SILENCE), seats, worker, tell)
    try:
        yield server
    finally:
        server.close()


def _called() -> str:
    """This process, as no other worker is called: in containers, names of machines and numbers of processes repeat."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"


class Server:
    """Serves tickets, each called for by another thread. Enters itself in the database; `close` takes that back.

    Args:
        tell: is told each event in a line, which names nobody.

    Attributes:
        called: the worker's name.
        stopping: is set once it is to end; then tickets are given back.
        fault: why it has to end, where that is not by order.
    """

    def __init__(
        self, means: Means, store: Store, queue: Queue, seats: Examiners, worker: Worker, tell: Callable[[str], None]
    ) -> None:
        self.called = worker.name
        self.stopping = threading.Event()
        self.fault: GraderError | None = None
        self._means = means
        self._store = store
        self._queue = queue
        self._seats = seats
        self._worker = worker
        self._tell = tell
        self._told: set[str] = set()
        self._beats = 0
        self._closed = threading.Event()
        self._id = queue.enroll(worker)
        self._heart = threading.Thread(target=self._beat, name="heart", daemon=True)
        self._heart.start()

    def serve(self, ticket: int) -> bool:
        """Grade what a ticket asks for, if that is still to be done; False if the message is to go to another worker.

        Never raises: whatever happens, the ticket is settled, or given back.
        """
        try:
            return self._served(ticket)
        except Interrupted:
            pass
        except GraderError as error:
            self._end(error)
        except Exception as error:  # noqa: BLE001  whatever it is, it is ours, and others may do better
            self._end(SandboxLost(f"This worker failed ({type(error).__name__}: {error}). Report this."))
        return False

    def stop(self) -> None:
        """End what is being examined, and begin nothing more; `serve` gives back what it has claimed."""
        self.stopping.set()
        self._seats.interrupt()

    def close(self) -> None:
        """Leave, once all calls of `serve` have returned."""
        self.stop()
        self._closed.set()
        self._seats.close()
        self._heart.join()
        with suppress(StoreError):  # it is forgotten before long
            self._queue.leave(self._id)

    # ------------------------------------------------------------ one ticket

    def _served(self, ticket: int) -> bool:
        if self.stopping.is_set():
            return False
        worker = self._id
        claim = self._answered(lambda: self._queue.claim(ticket, worker))
        if claim is None:
            return True
        with self._given_back(claim, worker):
            setup, why = self._setup_for(claim)
            if setup is None:
                return self._refuse(claim, worker, why)
            try:
                run = self._examined(claim, setup)
            except _UNFIT:
                raise
            except SetupError as error:
                return self._refuse(claim, worker, str(error))
            return self._settle(claim, worker, run)

    def _setup_for(self, claim: Claim) -> tuple[WorkerSetup | None, str]:
        """What to grade by, None if that is not what was asked for; and why not."""
        try:
            setup = self._means.setup(claim.key.lab)
            suite = self._means.course.lab(claim.key.lab).suite_digest(setup.dataset)
            identity = setup.identity()
        except _UNFIT:
            raise
        except SetupError as error:
            return None, str(error)
        if setup.dataset != claim.dataset:
            return None, f"it grades with the digits {setup.dataset}, and {claim.dataset} was asked for."
        if suite != claim.key.suite:
            return None, (
                f"it has another hidden suite or lab.toml of {claim.key.lab} than who asked. Bring its course up to "
                "date, or that of the command."
            )
        if identity != claim.key.sandbox:
            return None, f"its sandbox is {identity}, and {claim.key.sandbox} was asked for. Bring both up to date."
        return replace(setup, digest=suite), ""

    def _examined(self, claim: Claim, setup: WorkerSetup) -> Run:
        self._tell(f"Ticket {claim.ticket}: begun, {claim.key.lab} {claim.key.submission[:12]}.")
        submission = self._answered(lambda: self._store.submission(claim.ids[0]))
        return self._seats.examine(setup, submission)

    def _settle(self, claim: Claim, worker: int, run: Run) -> bool:
        try:
            kept = self._answered(lambda: self._queue.settle(claim, worker, run))
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001  it is this result that is refused, as it would be of any worker
            run = Run(Ending.BROKEN, fault=f"Its result could not be stored ({_first_line(error)}).")
            kept = self._answered(lambda: self._queue.settle(claim, worker, run))
        said = f"{run.ending}, {run.fault}" if run.ending is Ending.BROKEN else str(run.ending)
        outcome = f"{said} in {run.wall_seconds:.1f} s" if kept else "not kept: it was taken back or given to another"
        self._tell(f"Ticket {claim.ticket}: {outcome}.")
        return True

    def _refuse(self, claim: Claim, worker: int, why: str) -> bool:
        """Refuse loudly, and hold the message for a moment: meanwhile others can take what is in the queue."""
        self._answered(lambda: self._queue.refuse(claim, worker, why))
        self._tell_once(f"Refused {claim.key.lab}: {why}")
        self.stopping.wait(PAUSE)
        return False

    @contextmanager
    def _given_back(self, claim: Claim, worker: int) -> Iterator[None]:
        """Give a ticket back where the block ends by an exception."""
        try:
            yield
        except BaseException:
            with suppress(StoreError):  # then it waits until this worker was silent for long enough
                self._queue.give_back(claim, worker)
            self._tell(f"Ticket {claim.ticket}: given back.")
            raise

    def _answered(self, ask: Callable[[], Answer]) -> Answer:
        """What the database says, as soon as it answers.

        Raises:
            Interrupted: this worker is to end before that, or has to enroll again first.
            StoreError: it answers all the time, if not to this.
        """
        beats = self._beats
        while True:
            try:
                return ask()
            except StoreError as error:
                if self._beats > beats + BEATS:
                    raise
                self._tell_once(f"{error} It is asked again until it does.")
                if self.stopping.wait(PAUSE) or isinstance(error, WorkerForgotten):
                    raise Interrupted from error

    # ------------------------------------------------------------ being there

    def _beat(self) -> None:
        while not self._closed.wait(SILENCE / BEATS):
            try:
                self._queue.beat(self._id)
                self._beats += 1
                self._told.clear()
            except WorkerForgotten:
                self._enroll_again()
            except StoreError as error:
                self._tell_once(f"{error} It is asked again until it does.")

    def _enroll_again(self) -> None:
        with suppress(StoreError):  # the next beat tries again
            self._id = self._queue.enroll(self._worker)
            self._tell("The database did not know this worker any more. It is enrolled again.")

    def _end(self, error: GraderError) -> None:
        self.fault = self.fault or error
        self.stop()

    def _tell_once(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._tell(sentence)


def _first_line(error: Exception) -> str:
    return "".join(filter(str.isprintable, str(error).partition("\n")[0])).rstrip(".") or type(error).__name__
