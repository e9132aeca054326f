"""What a worker does with a ticket that it is sent word of: claim it, examine, settle.

The database decides who may. A worker that grades by another suite or sandbox than was asked for refuses; one whose
machine is not fit gives the ticket back and ends. What fails at one submission alone is that one's result: ungraded.
"""

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from typing import Final, Protocol, TypeVar

import grader
from grader.errors import (
    BrokerUnreachable,
    DatabaseLocked,
    DiskFull,
    EngineUnreachable,
    GpuLost,
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
from grader.pipeline.messages import Send
from grader.store import Queue, Store

SILENCE: Final = 60.0
"""Seconds after which a worker that was not heard of is taken for lost, and others may claim what it had."""
BEATS: Final = 6
"""How often a worker says within that time that it is there."""
PAUSE: Final = 2.0
"""Seconds until the database is asked again, and until a message is put back that there is no room for here."""
LOOK: Final = 30.0
"""Seconds between two looks of a worker that has room for what waits although nobody may send word of it any more."""

Answer = TypeVar("Answer")
_UNFIT: Final = (SandboxLost, EngineUnreachable, ImageMissing, IsolationUnavailable)
"""What is wrong with the machine, whatever lab is asked for."""
_BUSY: Final = (DatabaseLocked, DiskFull)
"""What is over some time, and never a result's fault."""


class Examiners(Protocol):
    """Who examines; see `Seats`."""

    @property
    def many(self) -> int:
        """See `Seats.many`."""

    def taken(self, setup: WorkerSetup) -> AbstractContextManager[Callable[[Submission], Run] | None]:
        """See `Seats.taken`."""

    def interrupt(self) -> None:
        """See `Seats.interrupt`."""

    def close(self) -> None:
        """See `Seats.close`."""


@contextmanager
def at_work(
    means: Means, store: Store, needs: frozenset[Need], slots: int, send: Send, tell: Callable[[str], None]
) -> Iterator["Server"]:
    """A server for so many tickets at once, until the block ends.

    Args:
        send: see `Server`.
        tell: is told each event in a line, which names nobody.

    Raises:
        SetupError: the machine, the course or the database is not ready.
    """
    worker = Worker(_called(), grader.__version__, needs, slots, means.identity(), means.digits())
    seats = Seats(slots, lambda missing: tell(exposed(missing)))
    server = Server(means, store, store.queue(SILENCE), seats, worker, send, tell)
    try:
        yield server
    finally:
        server.close()


def _called() -> str:
    """This process, as no other worker is called: in containers, names of machines and numbers of processes repeat."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


class Server:
    """Serves tickets, each called for by another thread. Enters itself in the database; `close` takes that back.

    Args:
        send: sends workers, this one among them, word of tickets that wait and nobody may send word of any more.
        tell: is told each event in a line, which names nobody.

    Attributes:
        called: the worker's name.
        stopping: is set once it is to end; then tickets are given back.
        fault: why it has to end, where that is not by order.
    """

    def __init__(
        self,
        means: Means,
        store: Store,
        queue: Queue,
        seats: Examiners,
        worker: Worker,
        send: Send,
        tell: Callable[[str], None],
    ) -> None:
        self.called = worker.name
        self.stopping = threading.Event()
        self.fault: GraderError | None = None
        self._means = means
        self._store = store
        self._queue = queue
        self._seats = seats
        self._worker = worker
        self._send = send
        self._tell = tell
        self._at_work: set[int] = set()
        self._told: set[str] = set()
        self._noted: set[str] = set()
        self._beats = 0
        self._unheard = False
        self._closed = threading.Event()
        self._id = queue.enroll(worker)
        self._heart = threading.Thread(target=self._beat, name="heart", daemon=True)
        self._heart.start()
        threading.Thread(target=self._look_round, name="look", daemon=True).start()

    def serve(self, ticket: int) -> bool:
        """Grade what a ticket asks for, if that is still to be done; False if the message is to go to another worker.

        A message that is refused ends here: put back, it would come round for ever, before others that are less urgent.
        Who asked sends it again now and then. Never raises: whatever happens, the ticket is settled, or given back.
        """
        self._at_work.add(thread := threading.get_ident())
        try:
            return self._served(ticket)
        except Interrupted:
            pass
        except GpuLost as error:
            self._tell(str(error))
        except GraderError as error:
            self._end(error)
        except Exception as error:  # noqa: BLE001  whatever it is, it is ours, and others may do better
            self._end(_mistake(error))
        finally:
            self._at_work.discard(thread)
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
            try:
                run = self._run(claim)
            except (*_UNFIT, Interrupted):
                raise
            except (SetupError, OSError) as error:
                return self._refuse(claim, worker, str(error))
            except Exception as error:  # noqa: BLE001  it may be this submission's alone, and the worker goes on
                run = Run(Ending.BROKEN, fault=str(_mistake(error)))
            return self._settle(claim, worker, run) if run else self._hand_on(claim, worker)

    def _run(self, claim: Claim) -> Run | None:
        """What the examination comes to; None where there is no room for it at the moment.

        Raises:
            SetupError: this worker cannot grade it as was asked.
            SandboxLost, Interrupted: this worker, or one of its GPUs, cannot go on.
        """
        setup = self._setup_for(claim)
        self._tell_new(setup.notes, self._noted)
        with self._seats.taken(setup) as examine:
            if examine is None:
                return None
            self._tell(f"Ticket {claim.ticket}: begun, {claim.key.lab} {claim.key.submission[:12]}.")
            submission = self._answered(lambda: self._store.submission(claim.ids[0]))
            return examine(submission)

    def _setup_for(self, claim: Claim) -> WorkerSetup:
        """What to grade by.

        Raises:
            SetupError: it is not there, or not what was asked for.
        """
        if claim.version != self._worker.version:
            raise SetupError(
                f"it is the grader {self._worker.version}, and {claim.version} asked. Bring both up to date."
            )
        setup = self._means.setup(claim.key.lab, claim.need)
        suite = self._means.course.lab(claim.key.lab).suite_digest(setup.dataset)
        if setup.dataset != claim.dataset:
            raise SetupError(f"it grades with the dataset {setup.dataset}, and {claim.dataset} was asked for.")
        if suite != claim.key.suite:
            raise SetupError(
                f"it has another hidden suite, lab.toml or data of {claim.key.lab} than the command. Bring its course "
                "up to date, or that of the command."
            )
        if (identity := setup.identity()) != claim.key.sandbox:
            raise SetupError(
                f"its sandbox is {identity}, and {claim.key.sandbox} was asked for. Bring both up to date."
            )
        return replace(setup, digest=suite)

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
        self._answered(lambda: self._queue.refuse(claim, worker, why))
        self._tell_new([f"Refused {claim.key.lab}: {why}"], self._noted)
        return True

    def _hand_on(self, claim: Claim, worker: int) -> bool:
        """Leave a ticket that there is no room for to others, and hold its message for a moment: they may be faster."""
        self._answered(lambda: self._queue.give_back(claim, worker))
        self.stopping.wait(PAUSE)
        return False

    @contextmanager
    def _given_back(self, claim: Claim, worker: int) -> Iterator[None]:
        """Give a ticket back where the block ends by an exception; it counts as a try if it may be why."""
        try:
            yield
        except BaseException as error:
            tried = isinstance(error, SandboxLost) and error.begun
            with suppress(Interrupted):  # then this worker ends, and what it had is free once it was silent for long
                self._answered(lambda: self._queue.give_back(claim, worker, tried=tried))
            self._tell(f"Ticket {claim.ticket}: given back.")
            raise

    def _answered(self, ask: Callable[[], Answer]) -> Answer:
        """What the database says, as soon as it answers.

        Raises:
            Interrupted: this worker is to end before that, or has to enroll again first.
            StoreError: it answers all the time, if not to this.
        """
        beats, said = self._beats, set[str]()
        while True:
            try:
                answer = ask()
            except StoreError as error:
                if self._beats > beats + BEATS and not isinstance(error, _BUSY):
                    raise
                said.add(sentence := f"{error} It is asked again until it does.")
                self._tell_once(sentence)
                if self.stopping.wait(PAUSE) or isinstance(error, WorkerForgotten):
                    raise Interrupted from error
            else:
                self._tell_end(said)
                return answer

    # ------------------------------------------------------------ being there

    def _beat(self) -> None:
        pause = SILENCE / BEATS
        while not self._closed.wait(pause):
            try:
                pause = SILENCE / BEATS if self._say_that_it_is_there() else PAUSE
            except Exception as error:  # noqa: BLE001  whatever it is: unheard, this worker would be taken for lost
                self._end(_mistake(error))

    def _say_that_it_is_there(self) -> bool:
        """Whether the database heard it."""
        try:
            self._queue.beat(self._id, self._seats.many)
            self._beats += 1
            if self._unheard:
                self._unheard = False
                self._told.clear()
                self._tell("The database answers again.")
        except WorkerForgotten:
            self._enroll_again()
        except StoreError as error:
            self._unheard = True
            self._tell_once(f"{error} It is asked again until it does.")
            return False
        return True

    def _enroll_again(self) -> None:
        with suppress(StoreError):  # the next beat tries again
            self._id = self._queue.enroll(self._worker)
            self._tell("The database did not know this worker any more. It is enrolled again.")

    def _look_round(self) -> None:
        """Send word of what waits, as far as there is room here for it."""
        while not self.stopping.wait(LOOK):
            room = self._seats.many - len(self._at_work)
            try:
                for ticket, need, urgency in self._queue.overdue(self._worker, room) if room > 0 else ():
                    self._send([ticket], need, urgency)
            except (StoreError, BrokerUnreachable):  # others tell of that
                continue
            except Exception as error:  # noqa: BLE001  as of the heart: else nobody would know that this has ended
                self._end(_mistake(error))

    def _end(self, error: GraderError) -> None:
        self.fault = self.fault or error
        self.stop()

    def _tell_once(self, sentence: str) -> None:
        self._tell_new([sentence], self._told)

    def _tell_end(self, said: set[str]) -> None:
        """Whoever told of an outage tells its end, or the heart if it missed a beat; the next one is told again."""
        ended = said & self._told
        self._told -= said
        if ended and not self._unheard:
            self._tell("The database answers again.")

    def _tell_new(self, sentences: Iterable[str], told: set[str]) -> None:
        for sentence in sentences:
            if sentence not in told:
                told.add(sentence)
                self._tell(sentence)


def _mistake(error: Exception) -> SandboxLost:
    return SandboxLost(f"This worker failed ({type(error).__name__}: {_first_line(error)}). Report this.")


def _first_line(error: Exception) -> str:
    return "".join(filter(str.isprintable, str(error).partition("\n")[0])).rstrip(".") or type(error).__name__
