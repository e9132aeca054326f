"""Tickets as rows: what the transactions of a `Queue` do to them. Each is locked before it is read."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, DateTime, Interval, and_, bindparam, delete, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql

import grader
from grader import model
from grader.errors import SubmissionsUnknown
from grader.model import Asked, Claim, Ending, RunKey, Standing, TicketState
from grader.store import numbers, rows, runs
from grader.store.blocks import in_blocks
from grader.store.queue_tables import Ticket, TicketSubmission, Worker
from grader.store.tables import Lab, Submission

TRIES: Final = 3
"""How often a ticket is claimed by workers that are lost before it is given up."""
OPEN: Final = (TicketState.WAITING, TicketState.CLAIMED)
NOW: Final = func.clock_timestamp(type_=DateTime(timezone=True))
HEARD: Final = and_(Worker.left_at.is_(None), Worker.heard_at > NOW - bindparam("patience", type_=Interval()))
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
        Ticket.since,
        Ticket.tries,
        Ticket.worker_id,
        Ticket.refused,
        Ticket.fault,
        Worker.name.label("worker"),
        func.coalesce(HEARD, literal(value=False)).label("heard"),
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
        Ticket.state.in_(OPEN),
    )
)
_OPEN_OF_SUBMISSIONS: Final = (
    select(Ticket.id, TicketSubmission.submission_id, *_KEY)
    .join_from(TicketSubmission, Ticket)
    .join(Lab)
    .where(TicketSubmission.submission_id.in_(bindparam("ids", expanding=True)), Ticket.state.in_(OPEN))
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
    .values(number=0, since=0, tries=0, refused={}, version=grader.__version__, asked_at=NOW)
    .returning(Ticket.id, sort_by_parameter_order=True)
)
_CHANGE: Final = update(Ticket).where(Ticket.id == bindparam("ticket"))
_END: Final = _CHANGE.values(state=bindparam("as_"), worker_id=None)
_JOIN: Final = _CHANGE.values(
    urgency=func.greatest(Ticket.urgency, bindparam("least")),
    need=bindparam("needs"),
    version=grader.__version__,
    asked_at=NOW,
)
_REOPEN: Final = _CHANGE.values(
    state=bindparam("as_"),
    since=Ticket.number,
    tries=0,
    worker_id=None,
    refused={},
    fault=None,
    dataset=bindparam("digits"),
    need=bindparam("needs"),
    urgency=bindparam("urgent"),
    version=grader.__version__,
    asked_at=NOW,
)
_NEW_SUBMISSIONS: Final = postgresql.insert(TicketSubmission).on_conflict_do_nothing()
_FORGET_SUBMISSIONS: Final = delete(TicketSubmission).where(TicketSubmission.ticket_id == bindparam("ticket"))
_FORGET_SUBMISSION: Final = delete(TicketSubmission).where(
    TicketSubmission.ticket_id == bindparam("ticket"), TicketSubmission.submission_id == bindparam("submission")
)


def supersede(connection: Connection, keys: Mapping[int, RunKey]) -> None:
    """Take submissions out of tickets that have other keys; one that has none left ends.

    Args:
        connection: it waits for others that write.
        keys: by the submissions' ids.
    """
    found = others(connection, keys)
    lock(connection, found)
    take_out(connection, found)


def overtake(connection: Connection, key: RunKey) -> list[int]:
    """Settle an open ticket whose result comes from elsewhere; the ids of the submissions that are to get that, too.

    Args:
        connection: it waits for others that write.
    """
    tickets = lock(connection, connection.scalars(_OPEN_OF_KEY, asdict(key)))
    end(connection, tickets, TicketState.SETTLED)
    return [id_ for ids in submissions(connection, tickets).values() for id_ in ids]


def check_known(connection: Connection, keys: Mapping[int, RunKey]) -> None:
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


def others(connection: Connection, keys: Mapping[int, RunKey]) -> dict[int, list[int]]:
    """Those of the submissions that are in open tickets with other keys, by the tickets' ids."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for block in in_blocks(keys):
        for ticket, submission, *values in connection.execute(_OPEN_OF_SUBMISSIONS, {"ids": block}):
            if RunKey(*values) != keys[submission]:
                found[ticket].append(submission)
    return found


def same(connection: Connection, keys: Collection[RunKey]) -> list[int]:
    """The ids of the tickets with these keys."""
    return [
        id_
        for block in in_blocks({key.submission for key in keys})
        for id_, *values in connection.execute(_OF_CONTENTS, {"contents": block})
        if RunKey(*values) in keys
    ]


def read(connection: Connection, tickets: Iterable[int], patience: timedelta) -> Iterator[rows.AnyRow]:
    """Read tickets.

    Args:
        patience: how long a worker may be silent before it counts as lost.
    """
    for block in in_blocks(tickets):
        yield from connection.execute(_TICKETS, {"ids": block, "patience": patience})


def lock(connection: Connection, tickets: Iterable[int]) -> list[int]:
    """Lock tickets; the ids of those that there are."""
    return [id_ for block in in_blocks(sorted(tickets)) for id_ in connection.scalars(_LOCK, {"ids": block})]


def take_out(connection: Connection, of: Mapping[int, Sequence[int]]) -> None:
    """Take submissions out of tickets."""
    if not of:
        return
    pairs = [{"ticket": ticket, "submission": id_} for ticket, ids in of.items() for id_ in ids]
    connection.execute(_FORGET_SUBMISSION, pairs)
    left = submissions(connection, of)
    end(connection, [ticket for ticket in of if ticket not in left], TicketState.SUPERSEDED)


def end(connection: Connection, tickets: Sequence[int], state: TicketState) -> None:
    """Let tickets end without a result of theirs."""
    if tickets:
        connection.execute(_END, [{"ticket": id_, "as_": state} for id_ in tickets])


def submissions(connection: Connection, tickets: Iterable[int]) -> dict[int, list[int]]:
    """Who gets the results of tickets, by their ids: the ids of the submissions, sorted."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for block in in_blocks(tickets):
        for ticket, submission in connection.execute(_SUBMISSIONS, {"tickets": block}):
            found[ticket].append(submission)
    return dict(found)


def merged(asked: Sequence[Asked]) -> dict[RunKey, Asked]:
    """What is asked, once for each key."""
    found: dict[RunKey, Asked] = {}
    for one in asked:
        before = found.get(one.key, one)
        found[one.key] = replace(one, ids=(*before.ids, *one.ids), urgency=max(before.urgency, one.urgency))
    return found


def join(connection: Connection, open_: Sequence[tuple[int, Asked]]) -> None:
    """Add to open tickets what else is asked of them."""
    if open_:
        changes = [{"ticket": id_, "least": one.urgency, "needs": one.need} for id_, one in open_]
        connection.execute(_JOIN, changes)


def reopen(connection: Connection, ended: Sequence[tuple[int, Asked]], finished: Collection[RunKey]) -> None:
    """Let tickets wait again that ended, or be settled by the finished run on record."""
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


def made(
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


def put_submissions(connection: Connection, tickets: Mapping[int, Iterable[int]]) -> None:
    """Let submissions get the results of tickets, besides those that do."""
    pairs = [{"ticket_id": ticket, "submission_id": id_} for ticket, ids in tickets.items() for id_ in ids]
    if pairs:
        connection.execute(_NEW_SUBMISSIONS, pairs)


def put_into_effect(connection: Connection, keys: Mapping[int, RunKey], finished: Mapping[RunKey, int]) -> None:
    """Give submissions the finished runs with their keys, lab by lab."""
    for lab in sorted({key.lab for key in keys.values()}):
        theirs = {id_: finished[key] for id_, key in keys.items() if key.lab == lab}
        runs.put_into_effect(connection, lab, theirs)


def claimed(connection: Connection, row: rows.AnyRow, worker: int) -> Claim:
    """Give a ticket to a worker."""
    number, tries = row.number + 1, row.tries + 1
    values = {"state": TicketState.CLAIMED, "number": number, "tries": tries, "worker_id": worker}
    connection.execute(_CHANGE.values(values), {"ticket": row.id})
    ids = submissions(connection, [row.id]).get(row.id, ())
    return Claim(row.id, number, key_of(row), tuple(ids), row.dataset, row.need, row.version)


def settle(connection: Connection, row: rows.AnyRow, run: model.Run, worker: int | None = None) -> None:
    """Save a ticket's run for all of its submissions, as a worker or nobody (None) found it."""
    runs.save(connection, submissions(connection, [row.id]).get(row.id, []), key_of(row), run)
    fault = run.fault if run.ending is Ending.BROKEN else None
    values = {"state": TicketState.SETTLED, "worker_id": worker, "fault": fault}
    connection.execute(_CHANGE.values(values), {"ticket": row.id})


def give_back(connection: Connection, row: rows.AnyRow, why: str = "", *, tried: bool = False) -> None:
    """Let a claimed ticket wait, for a reason or without one; not as a try, unless it was one."""
    refused = {**row.refused, row.worker: why} if why else row.refused
    tries = row.tries if tried else row.tries - 1
    values = {"state": TicketState.WAITING, "tries": tries, "worker_id": None, "refused": refused}
    connection.execute(_CHANGE.values(values), {"ticket": row.id})


def is_of(claim: Claim, row: rows.AnyRow) -> bool:
    """Whether no later claim was made of a ticket, which is still the one that was claimed."""
    return (row.number, key_of(row)) == (claim.number, claim.key)


def counts(claim: Claim, row: rows.AnyRow, worker: int, run: model.Run) -> bool:
    """Whether a ticket may come to what was found by a claim of the same key: by its last one, or by one before.

    One before, since it was asked for, counts if it finished and nobody else did: its worker was taken for lost.
    """
    if row.number == claim.number and has(row, worker):
        return True
    before = row.since < claim.number < row.number and claim.version == row.version
    unfinished = row.state in OPEN or (row.state is TicketState.SETTLED and row.fault is not None)
    return before and unfinished and run.ending is not Ending.BROKEN


def has(row: rows.AnyRow, worker: int) -> bool:
    """Whether a ticket is a worker's."""
    return row.state is TicketState.CLAIMED and row.worker_id == worker


def is_free(row: rows.AnyRow) -> bool:
    """Whether a ticket waits for a worker: nobody has it, or one that is lost."""
    return row.state is TicketState.WAITING or (row.state is TicketState.CLAIMED and not row.heard)


def standing(row: rows.AnyRow) -> Standing:
    """How far a ticket is."""
    if is_free(row):
        return Standing(row.id, TicketState.WAITING, row.tries, "", row.refused)
    return Standing(row.id, row.state, row.tries, row.worker or "", row.refused)


def lost(row: rows.AnyRow) -> str:
    """What to say of a ticket with which workers were lost too often."""
    last = f", the last of them {row.worker}" if row.worker else ""
    return (
        f"{TRIES} workers were lost while they graded this{last}. Look into their logs: the memory, a GPU or the "
        "machine may have given out. Then run the same command again."
    )


def key_of(row: rows.AnyRow) -> RunKey:
    """The key of a ticket's run."""
    return RunKey(row.content, row.lab, row.lab_version, row.suite, row.sandbox)
