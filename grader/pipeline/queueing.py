"""Having a class graded by workers on other machines: ask, send word, look how far it is.

The database has what is asked for and what came of it. Messages only make workers look there at once: where one is lost
it is sent again, and one too many does no harm.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from grader.errors import BrokerUnreachable, SetupError, StoreError
from grader.labs import Lab
from grader.model import Asked, Ending, Need, Standing, TicketState, Worker
from grader.pipeline.grading import Watcher, Work, check_gradable
from grader.store import Queue, Store

PAUSE: Final = 0.5
"""Seconds between two looks at how far it is."""
LOST: Final = 3.0
"""Seconds in which one of the workers that have nothing to do begins something; then messages are sent again."""
LOST_MOST: Final = 60.0
"""The most after which a message is sent again: each time it is twice as long."""
IN_VAIN: Final = 4
"""How often a message is sent before that is told."""
AT_ONCE: Final = 1000
"""Messages that are sent between two looks."""
HURRIES: Final = ((1, 9), (10, 6), (100, 3))
"""(so many gradings or fewer, their urgency): one student does not wait for a class. What is more has 0."""


class Send(Protocol):
    """Sends workers word of tickets."""

    def __call__(self, tickets: Sequence[int], need: Need, urgency: int) -> None:
        """Tell those who serve such a need; what is more urgent, from 0 to 9, is told first.

        Raises:
            BrokerUnreachable: not all of them are told.
        """


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, which tests let pass as they like."""

    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Agreed:
    """By what all live workers grade that serve such a need, and how many submissions they have; see `Terms`."""

    need: Need
    dataset: str
    sandbox: str
    slots: int

    def identity(self) -> str:
        """See `Terms.identity`."""
        return self.sandbox


@dataclass(frozen=True, slots=True)
class Workers:
    """Grades by workers, wherever they are; see `Graders`.

    Attributes:
        terms: by what they grade.
        patience: seconds without a sign of anybody who could grade, until what is left is taken back.
        again: grade what has a result, too.
    """

    lab: Lab
    terms: Agreed
    queue: Queue
    send: Send
    patience: float
    again: bool = False
    clock: Clock = Clock()

    @property
    def jobs(self) -> int:
        """See `Graders.jobs`."""
        return self.terms.slots

    def grade(self, todo: Sequence[Work], store: Store, watcher: Watcher) -> dict[int, str]:
        """See `Graders.grade`.

        What is interrupted is taken back, and what a worker has begun it finishes and stores.
        """
        need, urgency = self.terms.need, _urgency(len(todo))
        asked = [Asked(work.key, work.ids, self.terms.dataset, need, urgency) for work in todo]
        tickets = dict(zip(self.queue.ask(asked, again=self.again), asked, strict=True))
        return _Wait(self, tickets, store, watcher, _Post(self.send, need, urgency)).to_the_end()


def need_of(lab: Lab, workers: Collection[Worker]) -> Need:
    """What the lab needs of a machine. A whole class goes to the GPUs, or none of it, where they are optional."""
    wants = lab.spec.gpu == "required" or (lab.spec.gpu == "optional" and bool(_serving(Need.GPU, workers)))
    return Need.GPU if wants else Need.CPU


def _urgency(many: int) -> int:
    return next((urgency for most, urgency in HURRIES if many <= most), 0)


# ---------------------------------------------------------------- by what they grade


def agreed(lab: Lab, queue: Queue, patience: float, warn: Callable[[str], None], clock: Clock = Clock()) -> Agreed:
    """By what the live workers grade this lab; waits for the first of them.

    Args:
        warn: is told once that there is none yet.

    Raises:
        SetupError: there is nothing to grade by; no worker came, or they differ.
    """
    check_gradable(lab, "hidden")
    until, warned = clock.now() + patience, False
    while not (serving := _serving(need := need_of(lab, there := queue.workers()), there)):
        if clock.now() >= until:
            raise SetupError(f"{_nobody(need)} Nothing was graded.")
        if not warned:
            warn(f"{_nobody(need)} Waiting for one.")
            warned = True
        clock.wait(PAUSE)
    first = serving[0]
    for other in serving[1:]:
        _check_equal(first, other, with_dataset=lab.spec.dataset != "none")
    dataset = "none" if lab.spec.dataset == "none" else first.dataset
    return Agreed(need, dataset, first.sandbox, sum(worker.slots for worker in serving))


def _serving(need: Need, workers: Collection[Worker]) -> list[Worker]:
    return [worker for worker in workers if need in worker.needs]


def _nobody(need: Need) -> str:
    return (
        f"No worker serves the queue {need}. Start one on a machine that has this course: "
        f"grader worker --queues {need} --db URL --broker URL."
    )


def _check_equal(one: Worker, other: Worker, *, with_dataset: bool) -> None:
    """Compare two workers.

    Raises:
        SetupError: they would not grade by the same.
    """
    parts = {"grader": (one.version, other.version), "sandbox": (one.sandbox, other.sandbox)}
    if with_dataset:
        parts["dataset"] = (one.dataset, other.dataset)
    for what, (this, that) in parts.items():
        if this != that:
            raise SetupError(
                f"The workers differ, and a class is graded by one standard: {one.name} has the {what} {this}, "
                f"{other.name} has {that}. Make them equal, or stop one of them; it is forgotten after a minute."
            )


# ---------------------------------------------------------------- messages


@dataclass(slots=True)
class _Sent:
    at: float
    times: int = 1

    def is_due(self, now: float) -> bool:
        """Whether it may be taken for lost."""
        return now >= self.at + min(LOST_MOST, LOST * 2.0 ** (self.times - 1))


class _Post:
    """Sends word of tickets that wait: once, and again where workers have nothing to do and yet do not begin them."""

    def __init__(self, send: Send, need: Need, urgency: int) -> None:
        self._send = send
        self._need = need
        self._urgency = urgency
        self._sent: dict[int, _Sent] = {}
        self._moved = float("-inf")

    def moved(self, now: float) -> None:
        """Something was begun: messages arrive."""
        self._moved = now

    def forget(self, ticket: int) -> None:
        """It begins anew: its message may have been taken for one of no use."""
        self._sent.pop(ticket, None)

    def in_vain(self, tickets: Collection[int]) -> bool:
        """Whether one of them was sent so often that messages do not seem to arrive."""
        return any(self._sent[ticket].times >= IN_VAIN for ticket in tickets if ticket in self._sent)

    def deliver(self, waiting: Sequence[int], now: float, *, idle: bool) -> None:
        """Send what is due.

        Args:
            idle: a worker has nothing to do that could begin one of them.

        Raises:
            BrokerUnreachable: not all is sent.
        """
        new = [ticket for ticket in waiting if ticket not in self._sent]
        lost = [ticket for ticket in waiting if ticket in self._sent and self._sent[ticket].is_due(now)]
        due = (new or (lost if idle and now >= self._moved + LOST else []))[:AT_ONCE]
        if not due:
            return
        self._send(due, self._need, self._urgency)
        for ticket in due:
            before = self._sent.get(ticket)
            self._sent[ticket] = _Sent(now, before.times + 1 if before else 1)


# ---------------------------------------------------------------- waiting for results


class _Wait:
    """Looks how far tickets are until all have ended."""

    def __init__(
        self, workers: Workers, tickets: dict[int, Asked], store: Store, watcher: Watcher, post: _Post
    ) -> None:
        self._queue = workers.queue
        self._need = workers.terms.need
        self._patience = workers.patience
        self._clock = workers.clock
        self._open = tickets
        self._store = store
        self._watcher = watcher
        self._post = post
        self._faults: dict[int, str] = {}
        self._begun: dict[int, int] = {}
        self._why: dict[int, str] = {}
        self._warned: set[str] = set()
        self._heard = self._clock.now()

    def to_the_end(self) -> dict[int, str]:
        """What went wrong, by the ids of the submissions."""
        try:
            while self._open:
                self._look()
                if self._open:
                    self._clock.wait(PAUSE)
        except KeyboardInterrupt:
            self._interrupted()
            raise
        return self._faults

    def _look(self) -> None:
        """See what happened since the last look, and have done what is to be done."""
        try:
            standings = self._queue.standings(list(self._open))
            self._notice(standings)
            self._ask_again(standings)
            waiting = [one for one in standings.values() if one.state is TicketState.WAITING]
            self._hurry(waiting, _serving(self._need, self._queue.workers()))
        except (StoreError, BrokerUnreachable) as error:
            self._why = dict.fromkeys(self._open, f"{error} It is tried again.")
        for sentence in dict.fromkeys(self._why.values()):
            if sentence not in self._warned:
                self._warned.add(sentence)
                self._watcher.warned(sentence)
        if self._open and self._clock.now() >= self._heard + self._patience:
            self._give_up()

    def _notice(self, standings: Mapping[int, Standing]) -> None:
        for standing in standings.values():
            if standing.state is not TicketState.WAITING:
                self._heard = self._clock.now()
            match standing.state:
                case TicketState.CLAIMED:
                    self._tell_begun(standing.ticket, standing.claims)
                case TicketState.SETTLED:
                    self._tell_settled(standing.ticket)
                case TicketState.SUPERSEDED:
                    self._end(standing.ticket, _SUPERSEDED)

    def _tell_begun(self, ticket: int, claims: int) -> None:
        if self._begun.get(ticket) != claims:
            asked = self._open[ticket]
            name = self._store.submission(asked.ids[0]).student.name
            self._begun[ticket] = claims
            self._post.moved(self._clock.now())
            self._watcher.started(asked.key.submission, name, len(asked.ids))

    def _tell_settled(self, ticket: int) -> None:
        run = self._queue.run(ticket)
        if run is None:  # it is asked for again, by another command
            return
        if ticket not in self._begun:  # it began after the last look
            self._tell_begun(ticket, 0)
        asked = self._end(ticket, run.fault if run.ending is Ending.BROKEN else "")
        self._watcher.finished(asked.key.submission, run, len(asked.ids))

    def _end(self, ticket: int, fault: str) -> Asked:
        asked = self._open.pop(ticket)
        if fault:
            self._faults.update(dict.fromkeys(asked.ids, fault))
        return asked

    def _ask_again(self, standings: Mapping[int, Standing]) -> None:
        """Ask for what another command took back that was interrupted, and for what a restored database has lost."""
        gone = [
            ticket
            for ticket in self._open
            if ticket not in standings or standings[ticket].state is TicketState.WITHDRAWN
        ]
        if gone:
            asked = [self._open[ticket] for ticket in gone]
            for ticket, one, new in zip(gone, asked, self._queue.ask(asked), strict=True):
                del self._open[ticket]
                self._open[new] = one
                self._post.forget(new)

    def _hurry(self, waiting: Sequence[Standing], workers: Sequence[Worker]) -> None:
        """Have begun what waits, and find out why it is not."""
        able = [worker for worker in workers if any(not _refuses(worker, standing) for standing in waiting)]
        idle = any(worker.busy < worker.slots for worker in able)
        if able and not idle:  # they are at something else, and will come to it
            self._heard = self._clock.now()
        tickets = [standing.ticket for standing in waiting]
        self._why = {standing.ticket: why for standing in waiting if (why := _hindrance(self._need, standing, workers))}
        if idle and self._post.in_vain(tickets):
            self._why |= dict.fromkeys(tickets - self._why.keys(), _DEAF)
        self._post.deliver(tickets, self._clock.now(), idle=idle)

    def _give_up(self) -> None:
        """Take back what nobody has begun."""
        try:
            withdrawn = self._queue.withdraw(list(self._open))
        except StoreError:
            withdrawn = set(self._open)  # which the next command for the same submissions joins
        for ticket in withdrawn & self._open.keys():
            self._end(ticket, f"{self._why.get(ticket, _DEAF)} It was waited for {_spoken(self._patience)}.")
        self._heard = self._clock.now()

    def _interrupted(self) -> None:
        with suppress(StoreError):
            if self._open.keys() - self._queue.withdraw(list(self._open)):
                self._watcher.warned("What workers have begun they finish and store. The rest is taken back.")


def _refuses(worker: Worker, standing: Standing) -> bool:
    return bool(standing.refused) and worker.name in (standing.refused or {})


def _hindrance(need: Need, standing: Standing, workers: Sequence[Worker]) -> str:
    """Why nobody will begin a ticket; "" where somebody will."""
    if not workers:
        return _nobody(need)
    if all(_refuses(worker, standing) for worker in workers):
        name, why = next(iter((standing.refused or {}).items()))
        return f"All workers refuse, {name} because: {why}"
    return ""


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


_SUPERSEDED: Final = (
    "Another command has it graded by another suite, lab.toml, dataset or sandbox since. Where this is the right one, "
    "run the same command again."
)
_DEAF: Final = (
    "Workers have nothing to do and begin nothing: they do not hear from the broker. Give them and this command the "
    "same --broker, and look at what they print."
)
