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
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Final, TypeAlias

from sqlalchemy import (
    Connection,
    DateTime,
    Interval,
    and_,
    bindparam,
    delete,
    extract,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

import grader
from grader import model
from grader.errors import StoreError, SubmissionsUnknown, WorkerForgotten
from grader.model import Asked, Claim, Ending, Need, RunKey, Standing, TicketState
from grader.store import numbers, rows, runs, statements
from grader.store.blocks import in_blocks
from grader.store.tables import Lab, Submission, Ticket, TicketSubmission, Worker

Transaction: TypeAlias = Callable[[], AbstractContextManager[Connection]]
"""Begins one."""

TRIES: Final = 3
"""How often a ticket is claimed by workers that are lost before it is given up."""
_OPEN: Final = (TicketState.WAITING, TicketState.CLAIMED)
_NOW: Final = func.clock_timestamp(type_=DateTime(timezone=True))
_HEARD: Final = and_(Worker.left_at.is_(None), Worker.heard_at > _NOW - bindparam("patience", type_=Interval()))
"""A worker is there."""
_KEY: Final = (Ticket.content, Lab.name.label("lab"), Ticket.lab_version, Ticket.suite, Ticket.sandbox)
"""The columns of a run key, in its order."""

_LOCK: Final = (
    select(Ticket.id).where(Ticket.id.in_(bindparam("ids", expanding=True))).order_by(Ticket.id).with_for_update()
)
_TICKETS: Final = (
    select(
        Ticket.id,
        *_KEY,
        Ticket.dataset,
        Ticket.need,
        Ticket.version,
        Ticket.urgency,
        Ticket.state,
        Ticket.number,
        Ticket.tries,
        Ticket.worker_id,
        Ticket.refused,
        Ticket.fault,
        Worker.name.label("worker"),
        func.coalesce(_HEARD, literal(value=False)).label("heard"),
    )
    .join_from(Ticket, Lab)
    .outerjoin(Worker)
    .where(Ticket.id.in_(bindparam("ids", expanding=True)))
)
_OF_CONTENTS: Final = (
    select(Ticket.id, *_KEY).join(Lab).where(Ticket.content.in_(bindparam("contents", expanding=True)))
)
_OPEN_OF_KEY: Final = (
    select(Ticket.id)
    .join(Lab)
    .where(
        Lab.name == bindparam("lab"),
        Ticket.content == bindparam("submission"),
        Ticket.lab_version == bindparam("lab_version"),
        Ticket.suite == bindparam("suite"),
        Ticket.sandbox == bindparam("sandbox"),
        Ticket.state.in_(_OPEN),
    )
)
_OPEN_OF_SUBMISSIONS: Final = (
    select(Ticket.id, TicketSubmission.submission_id, *_KEY)
    .join_from(TicketSubmission, Ticket)
    .join(Lab)
    .where(TicketSubmission.submission_id.in_(bindparam("ids", expanding=True)), Ticket.state.in_(_OPEN))
)
_SUBMISSIONS: Final = (
    select(TicketSubmission.ticket_id, TicketSubmission.submission_id)
    .where(TicketSubmission.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(TicketSubmission.submission_id)
)
_WHERE: Final = (
    select(Submission.id, Submission.content, Lab.name)
    .join(Lab)
    .where(Submission.id.in_(bindparam("ids", expanding=True)))
)
_NEW: Final = (
    insert(Ticket)
    .values(number=0, tries=0, refused={}, version=grader.__version__, asked_at=_NOW)
    .returning(Ticket.id, sort_by_parameter_order=True)
)
_CHANGE: Final = update(Ticket).where(Ticket.id == bindparam("ticket"))
_END: Final = _CHANGE.values(state=bindparam("as_"), worker_id=None)
_JOIN: Final = _CHANGE.values(
    urgency=func.greatest(Ticket.urgency, bindparam("least")),
    need=bindparam("needs"),
    version=grader.__version__,
    asked_at=_NOW,
)
_REOPEN: Final = _CHANGE.values(
    state=bindparam("as_"),
    tries=0,
    worker_id=None,
    refused={},
    fault=None,
    dataset=bindparam("digits"),
    need=bindparam("needs"),
    urgency=bindparam("urgent"),
    version=grader.__version__,
    asked_at=_NOW,
)
_NEW_SUBMISSIONS: Final = postgresql.insert(TicketSubmission).on_conflict_do_nothing()
_FORGET_SUBMISSIONS: Final = delete(TicketSubmission).where(TicketSubmission.ticket_id == bindparam("ticket"))
_FORGET_SUBMISSION: Final = delete(TicketSubmission).where(
    TicketSubmission.ticket_id == bindparam("ticket"), TicketSubmission.submission_id == bindparam("submission")
)

_HAD_BY: Final = select(Ticket.id).where(Ticket.state == TicketState.CLAIMED, Ticket.worker_id == bindparam("worker"))
_HEAR: Final = update(Worker).where(Worker.id == bindparam("worker"), Worker.left_at.is_(None)).values(heard_at=_NOW)
_LEAVE: Final = update(Worker).where(Worker.id == bindparam("worker")).values(left_at=_NOW)
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
        extract("epoch", _NOW - Worker.heard_at),
    )
    .where(_HEARD)
    .order_by(Worker.name, Worker.id)
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
        wanted = _merged(asked)
        keys = {id_: key for key, one in wanted.items() for id_ in one.ids}
        with self._in_turn() as connection:
            _check_known(connection, keys)
            others = _others(connection, keys)
            same = _same(connection, wanted)
            _lock(connection, {*others, *same})
            _take_out(connection, others)
            known = {_key(row): row for row in self._read(connection, same)}
            ended = {key: row.id for key, row in known.items() if row.state not in _OPEN}
            finished = {} if again else runs.finished(connection, wanted.keys() - (known.keys() - ended.keys()))
            _join(connection, [(row.id, wanted[key]) for key, row in known.items() if key not in ended])
            _reopen(connection, [(id_, wanted[key]) for key, id_ in ended.items()], finished)
            tickets = {key: row.id for key, row in known.items()} | _made(connection, wanted, known, finished)
            _put_submissions(connection, {tickets[key]: one.ids for key, one in wanted.items()})
            _put_into_effect(connection, {id_: key for key in finished for id_ in wanted[key].ids}, finished)
        return [tickets[one.key] for one in asked]

    def standings(self, tickets: Iterable[int]) -> dict[int, Standing]:
        """How far tickets are, by their ids. What a worker has that is lost waits for another one."""
        with self._reading() as connection:
            return {row.id: _standing(row) for row in self._read(connection, tickets)}

    def run(self, ticket: int) -> model.Run | None:
        """What a settled ticket ended with; None where it is not settled.

        That is a broken run also where an earlier finished one stays in effect.
        """
        with self._reading() as connection:
            row = next(self._read(connection, [ticket]), None)
            if row is None or row.state is not TicketState.SETTLED:
                return None
            found = connection.execute(statements.RUN, asdict(_key(row))).one_or_none()
            if found is None or (row.fault is not None and found.ending is not Ending.BROKEN):
                return model.Run(Ending.BROKEN, fault=row.fault or "")
            return runs.read(connection, [found.id])[found.id][1]

    def withdraw(self, tickets: Collection[int]) -> set[int]:
        """Give up those tickets that no worker has, or a lost one; the ids of those that are withdrawn by now.

        Whoever else asked for them has to ask again.
        """
        with self._locking() as connection:
            found = list(self._locked(connection, tickets))
            gone = [row.id for row in found if _is_free(row)]
            _end(connection, gone, TicketState.WITHDRAWN)
            return {*gone, *(row.id for row in found if row.state is TicketState.WITHDRAWN)}

    # ------------------------------------------------------------ who grades

    def enroll(self, worker: model.Worker) -> int:
        """Put a worker on record, who is there from now on; its id, as no worker has it in any copy of the database."""
        values = asdict(worker) | {"needs": sorted(worker.needs), "enrolled_at": _NOW, "heard_at": _NOW}
        values |= {"id": 1 + secrets.randbelow(_MOST)}
        with self._locking() as connection:
            made = insert(Worker).values({name: value for name, value in values.items() if name not in _COUNTED})
            return int(connection.scalars(made.returning(Worker.id)).one())

    def beat(self, worker: int) -> None:
        """Say that a worker is there.

        Raises:
            WorkerForgotten: it has left, or this database does not know it.
        """
        with self._locking() as connection:
            _hear(connection, worker)
        self._give_back_unanswered()

    def leave(self, worker: int) -> None:
        """Say that a worker ends. What it still has waits for others, and counts as no try."""
        with self._locking() as connection:
            had = list(connection.scalars(_HAD_BY, {"worker": worker}))
            for row in self._locked(connection, had):
                if _has(row, worker):
                    _give_back(connection, row)
            connection.execute(_LEAVE, {"worker": worker})

    def workers(self) -> list[model.Worker]:
        """The workers that are there, sorted by name."""
        with self._reading() as connection:
            found = connection.execute(_WORKERS, {"patience": self._patience}).all()
        return [
            model.Worker(name, version, frozenset(map(Need, needs)), slots, sandbox, dataset, busy, float(silent))
            for name, version, needs, slots, sandbox, dataset, busy, silent in found
        ]

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
                if row is None or not _is_free(row):
                    return None
                if row.tries < TRIES:
                    _hear(connection, worker)
                    claim = _claimed(connection, row, worker)
        except StoreError:
            if claim is not None:  # it may have been taken, for nobody
                self._unanswered.append((claim, worker))
            raise
        if claim is None:
            self._give_up(ticket)
        return claim

    def settle(self, claim: Claim, worker: int, run: model.Run) -> bool:
        """Save the run for all submissions of the ticket, as `Store.save` does; whether the claim was still good.

        If another worker has claimed the ticket since, or it was withdrawn or superseded, nothing is written; nor if a
        restored database gave the ticket's number to another one.
        """
        with self._in_turn() as connection:
            row = next(self._locked(connection, [claim.ticket]), None)
            if row is None or not _is_of(claim, row) or row.worker_id != worker:
                return False
            if row.state is TicketState.CLAIMED:
                _settle(connection, row, run, worker)
            return True  # else by this claim: the answer got lost

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
            if row is not None and _has(row, worker) and _is_of(claim, row):
                _give_back(connection, row, why, tried=tried)

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
            if row is not None and _is_free(row) and row.tries >= TRIES:
                _settle(connection, row, model.Run(Ending.BROKEN, fault=_lost(row)))

    def _locked(self, connection: Connection, tickets: Iterable[int]) -> Iterator[rows.AnyRow]:
        """Lock tickets, and read them then."""
        return self._read(connection, _lock(connection, tickets))

    def _read(self, connection: Connection, tickets: Iterable[int]) -> Iterator[rows.AnyRow]:
        for block in in_blocks(tickets):
            yield from connection.execute(_TICKETS, {"ids": block, "patience": self._patience})


_COUNTED: Final = ("busy", "silent")
"""Facts of a worker that the database finds out."""
_MOST: Final = 2**31 - 1
"""The largest id."""


def supersede(connection: Connection, keys: Mapping[int, RunKey]) -> None:
    """Take submissions out of tickets that have other keys; one that has none left ends.

    Args:
        connection: it waits for others that write.
        keys: by the submissions' ids.
    """
    others = _others(connection, keys)
    _lock(connection, others)
    _take_out(connection, others)


def overtake(connection: Connection, key: RunKey) -> list[int]:
    """Settle an open ticket whose result comes from elsewhere; the ids of the submissions that are to get that, too.

    Args:
        connection: it waits for others that write.
    """
    tickets = _lock(connection, connection.scalars(_OPEN_OF_KEY, asdict(key)))
    _end(connection, tickets, TicketState.SETTLED)
    return [id_ for ids in _submissions(connection, tickets).values() for id_ in ids]


def _check_known(connection: Connection, keys: Mapping[int, RunKey]) -> None:
    """Look whether submissions are what their keys say: in a restored database they may be missing, or others.

    Raises:
        SubmissionsUnknown: some are not.
    """
    unknown = set(keys)
    for block in in_blocks(keys):
        for id_, content, lab in connection.execute(_WHERE, {"ids": block}):
            if (content, lab) == (keys[id_].submission, keys[id_].lab):
                unknown.remove(id_)
    if unknown:
        raise SubmissionsUnknown(unknown)


def _others(connection: Connection, keys: Mapping[int, RunKey]) -> dict[int, list[int]]:
    """Those of the submissions that are in open tickets with other keys, by the tickets' ids."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for block in in_blocks(keys):
        for ticket, submission, *values in connection.execute(_OPEN_OF_SUBMISSIONS, {"ids": block}):
            if RunKey(*values) != keys[submission]:
                found[ticket].append(submission)
    return found


def _same(connection: Connection, keys: Collection[RunKey]) -> list[int]:
    """The ids of the tickets with these keys."""
    return [
        id_
        for block in in_blocks({key.submission for key in keys})
        for id_, *values in connection.execute(_OF_CONTENTS, {"contents": block})
        if RunKey(*values) in keys
    ]


def _lock(connection: Connection, tickets: Iterable[int]) -> list[int]:
    """Lock tickets; the ids of those that there are."""
    return [id_ for block in in_blocks(sorted(tickets)) for id_ in connection.scalars(_LOCK, {"ids": block})]


def _take_out(connection: Connection, others: Mapping[int, Sequence[int]]) -> None:
    """Take submissions out of tickets."""
    if not others:
        return
    pairs = [{"ticket": ticket, "submission": id_} for ticket, ids in others.items() for id_ in ids]
    connection.execute(_FORGET_SUBMISSION, pairs)
    left = _submissions(connection, others)
    _end(connection, [ticket for ticket in others if ticket not in left], TicketState.SUPERSEDED)


def _end(connection: Connection, tickets: Sequence[int], state: TicketState) -> None:
    if tickets:
        connection.execute(_END, [{"ticket": id_, "as_": state} for id_ in tickets])


def _submissions(connection: Connection, tickets: Iterable[int]) -> dict[int, list[int]]:
    """Who gets the results of tickets, by their ids: the ids of the submissions, sorted."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for block in in_blocks(tickets):
        for ticket, submission in connection.execute(_SUBMISSIONS, {"tickets": block}):
            found[ticket].append(submission)
    return dict(found)


def _merged(asked: Sequence[Asked]) -> dict[RunKey, Asked]:
    """What is asked, once for each key."""
    found: dict[RunKey, Asked] = {}
    for one in asked:
        same = found.get(one.key, one)
        found[one.key] = replace(one, ids=(*same.ids, *one.ids), urgency=max(same.urgency, one.urgency))
    return found


def _join(connection: Connection, open_: Sequence[tuple[int, Asked]]) -> None:
    if open_:
        changes = [{"ticket": id_, "least": one.urgency, "needs": one.need} for id_, one in open_]
        connection.execute(_JOIN, changes)


def _reopen(connection: Connection, ended: Sequence[tuple[int, Asked]], finished: Collection[RunKey]) -> None:
    if ended:
        connection.execute(_FORGET_SUBMISSIONS, [{"ticket": id_} for id_, _ in ended])
        connection.execute(
            _REOPEN,
            [
                {
                    "ticket": id_,
                    "as_": _first(one, finished),
                    "digits": one.dataset,
                    "needs": one.need,
                    "urgent": one.urgency,
                }
                for id_, one in ended
            ],
        )


def _made(
    connection: Connection, wanted: Mapping[RunKey, Asked], known: Collection[RunKey], finished: Collection[RunKey]
) -> dict[RunKey, int]:
    """The ids of tickets that were not `known`, and are from now on."""
    new = [one for key, one in wanted.items() if key not in known]
    if not new:
        return {}
    labs = {name: numbers.lab(connection, name) for name in {one.key.lab for one in new}}
    values = [
        {
            "content": one.key.submission,
            "lab_id": labs[one.key.lab],
            "lab_version": one.key.lab_version,
            "suite": one.key.suite,
            "sandbox": one.key.sandbox,
            "dataset": one.dataset,
            "need": one.need,
            "urgency": one.urgency,
            "state": _first(one, finished),
        }
        for one in new
    ]
    return dict(zip((one.key for one in new), connection.scalars(_NEW, values), strict=True))


def _first(one: Asked, finished: Collection[RunKey]) -> TicketState:
    """The state of a ticket from when it is asked for on."""
    return TicketState.SETTLED if one.key in finished else TicketState.WAITING


def _put_submissions(connection: Connection, tickets: Mapping[int, Iterable[int]]) -> None:
    pairs = [{"ticket_id": ticket, "submission_id": id_} for ticket, ids in tickets.items() for id_ in ids]
    if pairs:
        connection.execute(_NEW_SUBMISSIONS, pairs)


def _put_into_effect(connection: Connection, keys: Mapping[int, RunKey], finished: Mapping[RunKey, int]) -> None:
    """Give submissions the finished runs with their keys, lab by lab."""
    for lab in sorted({key.lab for key in keys.values()}):
        theirs = {id_: finished[key] for id_, key in keys.items() if key.lab == lab}
        runs.put_into_effect(connection, lab, theirs)


def _hear(connection: Connection, worker: int) -> None:
    if not connection.execute(_HEAR, {"worker": worker}).rowcount:
        raise WorkerForgotten(
            "The database does not know this worker any more: it was told to leave, or another database took the "
            "place of the one that it enrolled in. Start the worker again."
        )


def _claimed(connection: Connection, row: rows.AnyRow, worker: int) -> Claim:
    number, tries = row.number + 1, row.tries + 1
    values = {"state": TicketState.CLAIMED, "number": number, "tries": tries, "worker_id": worker}
    connection.execute(_CHANGE.values(values), {"ticket": row.id})
    ids = _submissions(connection, [row.id]).get(row.id, ())
    return Claim(row.id, number, _key(row), tuple(ids), row.dataset, row.need, row.version)


def _settle(connection: Connection, row: rows.AnyRow, run: model.Run, worker: int | None = None) -> None:
    runs.save(connection, _submissions(connection, [row.id]).get(row.id, []), _key(row), run)
    fault = run.fault if run.ending is Ending.BROKEN else None
    values = {"state": TicketState.SETTLED, "worker_id": worker, "fault": fault}
    connection.execute(_CHANGE.values(values), {"ticket": row.id})


def _give_back(connection: Connection, row: rows.AnyRow, why: str = "", *, tried: bool = False) -> None:
    refused = {**row.refused, row.worker: why} if why else row.refused
    tries = row.tries if tried else row.tries - 1
    values = {"state": TicketState.WAITING, "tries": tries, "worker_id": None, "refused": refused}
    connection.execute(_CHANGE.values(values), {"ticket": row.id})


def _is_of(claim: Claim, row: rows.AnyRow) -> bool:
    """Whether no later claim was made of a ticket, which is still the one that was claimed."""
    return (row.number, _key(row)) == (claim.number, claim.key)


def _has(row: rows.AnyRow, worker: int) -> bool:
    """Whether a ticket is a worker's."""
    return row.state is TicketState.CLAIMED and row.worker_id == worker


def _is_free(row: rows.AnyRow) -> bool:
    """Whether a ticket waits for a worker: nobody has it, or one that is lost."""
    return row.state is TicketState.WAITING or (row.state is TicketState.CLAIMED and not row.heard)


def _standing(row: rows.AnyRow) -> Standing:
    if _is_free(row):
        return Standing(row.id, TicketState.WAITING, row.tries, "", row.refused)
    worker = row.worker if row.state is TicketState.CLAIMED else ""
    return Standing(row.id, row.state, row.tries, worker, row.refused)


def _lost(row: rows.AnyRow) -> str:
    last = f", the last of them {row.worker}" if row.worker else ""
    return (
        f"{TRIES} workers were lost while they graded this{last}. Look into their logs: the memory, a GPU or the "
        "machine may have given out. Then run the same command again."
    )


def _key(row: rows.AnyRow) -> RunKey:
    return RunKey(row.content, row.lab, row.lab_version, row.suite, row.sandbox)


def _one_at_a_time(writing: Transaction) -> Transaction:
    """Transactions of which a program's threads begin one at a time: each holds a connection while it waits."""
    turn = threading.Lock()

    @contextlib.contextmanager
    def in_turn() -> Iterator[Connection]:
        with turn, writing() as connection:
            yield connection

    return in_turn
