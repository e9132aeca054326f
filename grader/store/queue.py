"""What workers on other machines are asked to grade: tickets, and who claims and settles them.

Each method is one short transaction in PostgreSQL, and goes by the database's clock alone. Who asks or settles waits
for others that write; who claims, gives back, withdraws or tells that it is there locks rows and waits for no more than
those. All take their locks in one order, so that none waits for another that waits for it: the writers' queue, then
tickets by their ids, then workers. A ticket is locked before it is read: what another transaction made of it meanwhile
is seen then.
"""

import contextlib
import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import timedelta
from typing import Final, TypeAlias

from sqlalchemy import (
    Connection,
    Integer,
    Interval,
    and_,
    bindparam,
    cast,
    extract,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from grader import model
from grader.errors import StoreError, WorkerForgotten
from grader.model import Asked, Claim, Ending, Need, Standing, TicketState
from grader.store import rows, runs, statements, ticketing
from grader.store.queue_tables import Ticket, Worker

Transaction: TypeAlias = Callable[[], AbstractContextManager[Connection]]
"""Begins one."""

_COUNTED: Final = ("busy", "silent")
"""Facts of a worker that the database finds out."""
_MOST: Final = 2**31 - 1
"""The largest id."""

_HAD_BY: Final = select(Ticket.id).where(Ticket.state == TicketState.CLAIMED, Ticket.worker_id == bindparam("worker"))
_HEAR: Final = (
    update(Worker)
    .where(Worker.id == bindparam("worker"), Worker.left_at.is_(None))
    .values(heard_at=ticketing.NOW, slots=func.coalesce(bindparam("many", type_=Integer()), Worker.slots))
)
_LEAVE: Final = update(Worker).where(Worker.id == bindparam("worker")).values(left_at=ticketing.NOW)
_BUSY: Final = (
    select(func.count())
    .where(Ticket.state == TicketState.CLAIMED, Ticket.worker_id == Worker.id)
    .correlate(Worker)
    .scalar_subquery()
)
_WORKERS: Final = (
    select(
        Worker.name,
        Worker.version,
        Worker.needs,
        Worker.slots,
        Worker.sandbox,
        Worker.dataset,
        _BUSY,
        extract("epoch", ticketing.NOW - Worker.heard_at),
    )
    .where(ticketing.HEARD)
    .order_by(Worker.name, Worker.id)
)

_OVERDUE: Final = (
    select(Ticket.id, Ticket.need, Ticket.urgency)
    .outerjoin(Worker)
    .where(
        Ticket.need.in_(bindparam("needs", expanding=True)),
        or_(Ticket.state == TicketState.WAITING, and_(Ticket.state == TicketState.CLAIMED, not_(ticketing.HEARD))),
        Ticket.asked_at < ticketing.NOW - bindparam("patience", type_=Interval()),
        not_(func.jsonb_exists(cast(Ticket.refused, JSONB), bindparam("name"))),
    )
    .order_by(Ticket.urgency.desc(), Ticket.id)
    .limit(bindparam("most"))
)


class Queue:
    """What workers on other machines are asked to grade. Threads may share one.

    Every method raises `StoreError` as those of `Store` do; nothing is written then, or it is not known whether it was,
    where the server went away at the very end. The same call again does no harm, and says what became of it.

    Args:
        reading: begins a transaction that reads.
        writing: begins one that waits for others that write.
        locking: begins one that locks the rows that it changes.
        patience: how many seconds a worker may be silent before it counts as lost; the same wherever a queue is used.
    """

    def __init__(self, reading: Transaction, writing: Transaction, locking: Transaction, patience: float) -> None:
        self._reading = reading
        self._locking = locking
        self._in_turn = _one_at_a_time(writing)
        self._patience = timedelta(seconds=patience)
        self._unanswered: list[tuple[Claim, int]] = []

    # ------------------------------------------------------------ who asks

    def ask(self, asked: Sequence[Asked], *, again: bool = False) -> list[int]:
        """Ask for gradings: the ids of their tickets, in the same order.

        A ticket that waits or is claimed is joined: all of its submissions get the result. One that ended waits again.
        No other ticket of these submissions comes into effect for them from now on.

        Args:
            again: also grade what has a finished run under its key. Else that run is put into effect, and the ticket
                is settled.

        Raises:
            SubmissionsUnknown: some are not, or no longer, on record as what their key says.
        """
        wanted = ticketing.merged(asked)
        keys = {id_: key for key, one in wanted.items() for id_ in one.ids}
        with self._in_turn() as connection:
            ticketing.check_known(connection, keys)
            others = ticketing.others(connection, keys)
            same = ticketing.same(connection, wanted)
            ticketing.lock(connection, {*others, *same})
            ticketing.take_out(connection, others)
            known = {ticketing.key_of(row): row for row in self._read(connection, same)}
            ended = {key: row.id for key, row in known.items() if row.state not in ticketing.OPEN}
            finished = {} if again else runs.finished(connection, wanted.keys() - (known.keys() - ended.keys()))
            ticketing.join(connection, [(row.id, wanted[key]) for key, row in known.items() if key not in ended])
            ticketing.reopen(connection, [(id_, wanted[key]) for key, id_ in ended.items()], finished)
            tickets = {key: row.id for key, row in known.items()} | ticketing.made(connection, wanted, known, finished)
            ticketing.put_submissions(connection, {tickets[key]: one.ids for key, one in wanted.items()})
            ticketing.put_into_effect(connection, {id_: key for key in finished for id_ in wanted[key].ids}, finished)
        return [tickets[one.key] for one in asked]

    def standings(self, tickets: Iterable[int]) -> dict[int, Standing]:
        """How far tickets are, by their ids. What a worker has that is lost waits for another one."""
        with self._reading() as connection:
            return {row.id: ticketing.standing(row) for row in self._read(connection, tickets)}

    def run(self, ticket: int) -> model.Run | None:
        """What a settled ticket ended with; None where it is not settled.

        That is a broken run also where an earlier finished one stays in effect.
        """
        with self._reading() as connection:
            row = next(self._read(connection, [ticket]), None)
            if row is None or row.state is not TicketState.SETTLED:
                return None
            found = connection.execute(statements.RUN, asdict(ticketing.key_of(row))).one_or_none()
            if found is None or (row.fault is not None and found.ending is not Ending.BROKEN):
                return model.Run(Ending.BROKEN, fault=row.fault or "")
            return runs.read(connection, [found.id])[found.id][1]

    def withdraw(self, tickets: Collection[int]) -> set[int]:
        """Give up those tickets that no worker has, or a lost one; the ids of those that are withdrawn by now.

        Whoever else asked for them has to ask again.
        """
        with self._locking() as connection:
            found = list(self._locked(connection, tickets))
            gone = [row.id for row in found if ticketing.is_free(row)]
            ticketing.end(connection, gone, TicketState.WITHDRAWN)
            return {*gone, *(row.id for row in found if row.state is TicketState.WITHDRAWN)}

    # ------------------------------------------------------------ who grades

    def enroll(self, worker: model.Worker) -> int:
        """Put a worker on record, who is there from now on; its id, as no worker has it in any copy of the database."""
        values = asdict(worker) | {
            "needs": sorted(worker.needs),
            "enrolled_at": ticketing.NOW,
            "heard_at": ticketing.NOW,
        }
        values |= {"id": 1 + secrets.randbelow(_MOST)}
        with self._locking() as connection:
            made = insert(Worker).values({name: value for name, value in values.items() if name not in _COUNTED})
            return int(connection.scalars(made.returning(Worker.id)).one())

    def beat(self, worker: int, slots: int | None = None) -> None:
        """Say that a worker is there.

        Args:
            slots: how many submissions it has at once by now; None for as many as before.

        Raises:
            WorkerForgotten: it has left, or this database does not know it.
        """
        with self._locking() as connection:
            _hear(connection, worker, slots)
        self._give_back_unanswered()

    def leave(self, worker: int) -> None:
        """Say that a worker ends. What it still has waits for others, and counts as no try."""
        with self._locking() as connection:
            had = list(connection.scalars(_HAD_BY, {"worker": worker}))
            for row in self._locked(connection, had):
                if ticketing.has(row, worker):
                    ticketing.give_back(connection, row)
            connection.execute(_LEAVE, {"worker": worker})

    def workers(self) -> list[model.Worker]:
        """The workers that are there, sorted by name."""
        with self._reading() as connection:
            found = connection.execute(_WORKERS, {"patience": self._patience}).all()
        return [
            model.Worker(name, version, frozenset(map(Need, needs)), slots, sandbox, dataset, busy, float(silent))
            for name, version, needs, slots, sandbox, dataset, busy, silent in found
        ]

    def overdue(self, worker: model.Worker, most: int) -> list[tuple[int, Need, int]]:
        """What a worker could claim that has waited for long: tickets, what they need and how urgent they are.

        Its message may be lost, and who asked for it gone. The most urgent first, without those that it has refused.
        """
        about = {"needs": sorted(worker.needs), "name": worker.name, "most": most, "patience": self._patience}
        with self._reading() as connection:
            return [(id_, need, urgency) for id_, need, urgency in connection.execute(_OVERDUE, about)]

    def claim(self, ticket: int, worker: int) -> Claim | None:
        """Take a ticket; None if it has ended, another worker has it, or nobody knows it.

        A ticket that so many workers were lost with that it is not tried again is settled as ungraded.

        Raises:
            WorkerForgotten: the worker has left, or this database does not know it.
        """
        self._give_back_unanswered()
        claim = None
        try:
            with self._locking() as connection:
                row = next(self._locked(connection, [ticket]), None)
                if row is None or not ticketing.is_free(row):
                    return None
                if row.tries < ticketing.TRIES:
                    _hear(connection, worker)
                    claim = ticketing.claimed(connection, row, worker)
        except StoreError:
            if claim is not None:  # it may have been taken, for nobody
                self._unanswered.append((claim, worker))
            raise
        if claim is None:
            self._give_up(ticket)
        return claim

    def settle(self, claim: Claim, worker: int, run: model.Run) -> bool:
        """Save the run for all submissions of the ticket, as `Store.save` does; whether the ticket came to this one.

        The first that is finished counts: also that of a worker which had been taken for lost, while another is at it
        or failed at it. If the ticket has ended otherwise, or was asked for anew since the claim, nothing is written;
        nor if a restored database gave its number to another one.
        """
        with self._in_turn() as connection:
            row = next(self._locked(connection, [claim.ticket]), None)
            if row is None or ticketing.key_of(row) != claim.key:
                return False
            if ticketing.counts(claim, row, worker, run):
                ticketing.settle(connection, row, run, worker)
                return True
            settled = row.state is TicketState.SETTLED and row.worker_id == worker and claim.number <= row.number
            return bool(settled)  # the answer to this got lost

    def refuse(self, claim: Claim, worker: int, why: str) -> None:
        """Give a claim back that the worker cannot serve. It counts as no try.

        Args:
            why: a sentence for who asked.
        """
        self._give_back(claim, worker, why)

    def give_back(self, claim: Claim, worker: int, *, tried: bool = False) -> None:
        """Give a claim back, as a worker does that ends.

        Args:
            tried: it counts as a try: this ticket may be why the worker cannot go on.
        """
        self._give_back(claim, worker, tried=tried)

    # ------------------------------------------------------------ inside

    def _give_back(self, claim: Claim, worker: int, why: str = "", *, tried: bool = False) -> None:
        with self._locking() as connection:
            row = next(self._locked(connection, [claim.ticket]), None)
            if row is not None and ticketing.has(row, worker) and ticketing.is_of(claim, row):
                ticketing.give_back(connection, row, why, tried=tried)

    def _give_back_unanswered(self) -> None:
        """Give back what may have been claimed when the server went away before it said so."""
        while self._unanswered:
            with contextlib.suppress(IndexError):  # another thread was faster
                claim, worker = self._unanswered.pop()
                try:
                    self._give_back(claim, worker)
                except StoreError:
                    self._unanswered.append((claim, worker))
                    raise

    def _give_up(self, ticket: int) -> None:
        """Settle what workers were lost with too often, unless somebody did since."""
        with self._in_turn() as connection:
            row = next(self._locked(connection, [ticket]), None)
            if row is not None and ticketing.is_free(row) and row.tries >= ticketing.TRIES:
                ticketing.settle(connection, row, model.Run(Ending.BROKEN, fault=ticketing.lost(row)))

    def _locked(self, connection: Connection, tickets: Iterable[int]) -> Iterator[rows.AnyRow]:
        """Lock tickets, and read them then."""
        return self._read(connection, ticketing.lock(connection, tickets))

    def _read(self, connection: Connection, tickets: Iterable[int]) -> Iterator[rows.AnyRow]:
        return ticketing.read(connection, tickets, self._patience)


def _hear(connection: Connection, worker: int, slots: int | None = None) -> None:
    if not connection.execute(_HEAR, {"worker": worker, "many": slots}).rowcount:
        raise WorkerForgotten(
            "The database does not know this worker any more: it was told to leave, or another database took the "
            "place of the one that it enrolled in. Start the worker again."
        )


def _one_at_a_time(writing: Transaction) -> Transaction:
    """Transactions of which a program's threads begin one at a time: each holds a connection while it waits."""
    turn = threading.Lock()

    @contextlib.contextmanager
    def in_turn() -> Iterator[Connection]:
        with turn, writing() as connection:
            yield connection

    return in_turn
