"""Having a class graded by workers on other machines: ask, send word, look how far it is.

The database has what is asked for and what came of it. Messages only make workers look there at once: where one is lost
it is sent again, and one too many does no harm.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import grader
from grader import datasets
from grader.errors import BrokerUnreachable, SetupError, StoreError, SubmissionsUnknown
from grader.labs import Lab
from grader.model import Asked, Ending, Need, Standing, TicketState, Worker
from grader.pipeline.grading import Watcher, Work, check_gradable
from grader.pipeline.messages import Post, Room, Send
from grader.store import Queue, Store

PAUSE: Final = 0.5
"""Seconds between two looks at how far it is."""
_UNSETTLED: Final = (TicketState.WAITING, TicketState.CLAIMED)
TIMES: Final = 3
"""How often a ticket may be begun and come back, until that is no sign any more of somebody who grades."""
HURRIES: Final = ((1, 9), (10, 6), (100, 3))
"""(so many gradings or fewer, their urgency): one student does not wait for a class. What is more has 0."""


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
        names = store.names(id_ for work in todo for id_ in work.ids)
        tickets = dict(zip(self.queue.ask(asked, again=self.again), asked, strict=True))
        return _Wait(self, tickets, names, watcher, Post(self.send, need, urgency)).to_the_end()


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
    if first.version != grader.__version__:
        raise SetupError(
            f"This is the grader {grader.__version__}, and {first.name} has {first.version}. Install the same "
            "everywhere."
        )
    for other in serving[1:]:
        _check_equal(first, other, with_dataset=lab.spec.dataset == "digits28")
    dataset = first.dataset if lab.spec.dataset == "digits28" else datasets.kind(lab.spec.dataset)
    return Agreed(need, dataset, first.sandbox, sum(worker.slots for worker in serving))


def _serving(need: Need, workers: Collection[Worker]) -> list[Worker]:
    return [worker for worker in workers if need in worker.needs]


def _nobody(need: Need) -> str:
    return (
        f"No worker serves the queue {need}. Start one on a machine that has this course: "
        f"grader worker --queues {need}, with GRADER_DB and GRADER_BROKER."
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
                f"{other.name} has {that}. Make them equal, or stop one of them: a "
                "killed one is forgotten after a minute."
            )


# ---------------------------------------------------------------- waiting for results


class _Wait:
    """Looks how far tickets are until all have ended."""

    def __init__(
        self, workers: Workers, tickets: dict[int, Asked], names: Mapping[int, str], watcher: Watcher, post: Post
    ) -> None:
        self._queue = workers.queue
        self._need = workers.terms.need
        self._patience = workers.patience
        self._clock = workers.clock
        self._open = tickets
        self._names = names
        self._watcher = watcher
        self._post = post
        self._again = workers.again
        self._faults: dict[int, str] = {}
        self._seen: Mapping[int, Standing] = {}
        self._begun: dict[int, tuple[str, int]] = {}
        self._times: Counter[int] = Counter()
        self._outdated: set[tuple[int, str]] = set()
        self._why = ""
        self._outage = self._away = ""
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
            unsettled = [one for one in standings.values() if one.state in _UNSETTLED]
            self._hurry(unsettled, _serving(self._need, self._queue.workers()))
        except (StoreError, BrokerUnreachable) as error:
            self._outage, self._away = str(error), "broker" if isinstance(error, BrokerUnreachable) else "database"
            self._warn(f"{error} It is tried again.")
        else:
            if self._outage:
                self._watcher.warned(f"The {self._away} answers again.")
            self._outage = ""
            self._warned &= {self._why, _DEAF}  # what is over and comes back is told again
            if self._why:
                self._warn(self._why)
        if self._open and self._clock.now() >= self._heard + self._patience:
            self._give_up()

    def _warn(self, sentence: str) -> None:
        if sentence not in self._warned:
            self._warned.add(sentence)
            self._watcher.warned(sentence)

    def _notice(self, standings: Mapping[int, Standing]) -> None:
        for standing in standings.values():
            match standing.state:
                case TicketState.WAITING:
                    self._wait_again(standing)
                case TicketState.CLAIMED if self._lasts(standing):
                    self._go_on(standing)
                case TicketState.SETTLED:
                    self._heard = self._clock.now()
                    self._tell_settled(standing.ticket)
                case TicketState.SUPERSEDED:
                    self._end(standing.ticket, _SUPERSEDED)
        self._forgive({one.worker for one in standings.values() if one.state is TicketState.SETTLED}, standings)
        self._seen = standings

    def _lasts(self, standing: Standing) -> bool:
        """Whether a claim is there for the second time: a worker that refuses at once has it for a moment only."""
        before = self._seen.get(standing.ticket)
        return before is not None and (before.worker, before.claims) == (standing.worker, standing.claims)

    def _go_on(self, standing: Standing) -> None:
        """Take a claim for a grading: a sign of somebody who grades, unless the same ticket comes back all the time."""
        ticket, by = standing.ticket, (standing.worker, standing.claims)
        if self._begun.get(ticket) != by:
            self._begun[ticket] = by
            self._times[ticket] += 1
            if self._times[ticket] <= TIMES:
                self._tell_begun(ticket)
        if self._times[ticket] <= TIMES:
            self._heard = self._clock.now()

    def _wait_again(self, standing: Standing) -> None:
        """Send word at once of what a worker had begun and has no more: there may be no message of it left."""
        ticket, before = standing.ticket, self._seen.get(standing.ticket)
        if self._begun.pop(ticket, None) and self._times[ticket] <= TIMES:
            self._post.forget(ticket)
        if before is not None and before.worker in standing.refused:  # whatever else it has graded since
            self._outdated.discard((ticket, before.worker))

    def _forgive(self, grading: Collection[str], standings: Mapping[int, Standing]) -> None:
        """Send word again of what workers have refused that have graded since: their course was brought up to date."""
        for standing in standings.values():
            for worker in standing.refused.keys() & grading:
                if (standing.ticket, worker) not in self._outdated:
                    self._outdated.add((standing.ticket, worker))
                    self._post.forget(standing.ticket)

    def _tell_begun(self, ticket: int) -> None:
        asked = self._open[ticket]
        self._post.moved(self._clock.now())
        self._watcher.started(asked.key.submission, self._names[asked.ids[0]], len(asked.ids))

    def _tell_settled(self, ticket: int) -> None:
        run = self._queue.run(ticket)
        if run is None:  # it is asked for again, by another command
            return
        if ticket not in self._begun:  # it began after the last look
            self._tell_begun(ticket)
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
            try:
                found = self._queue.ask(asked, again=self._again)
            except SubmissionsUnknown as error:
                self._leave_out(gone, error)
                return
            for ticket in gone:  # all of them first: a restored database gives the same numbers again
                del self._open[ticket]
            for new, one in zip(found, asked, strict=True):
                self._open[new] = one
                self._post.forget(new)

    def _leave_out(self, tickets: Collection[int], error: SubmissionsUnknown) -> None:
        """Wait no longer for submissions that the database does not know; the next look asks for the others."""
        for ticket in tickets:
            one = self._open[ticket]
            left = tuple(id_ for id_ in one.ids if id_ not in error.ids)
            self._faults.update(dict.fromkeys(error.ids.intersection(one.ids), str(error)))
            if left:
                self._open[ticket] = replace(one, ids=left)
            else:
                del self._open[ticket]

    def _hurry(self, unsettled: Sequence[Standing], workers: Sequence[Worker]) -> None:
        """Have begun what waits, and find out why it is not."""
        now, refusals = self._clock.now(), _refusals(unsettled, workers, self._outdated)
        tickets = [standing.ticket for standing in unsettled if standing.state is TicketState.WAITING]
        willing = [worker for worker in workers if worker.name not in refusals]
        free = sum(max(0, worker.slots - worker.busy) for worker in willing or workers)
        if willing and not free and self._at_others(willing, unsettled):  # and will come to what is asked here
            self._heard = now
        why = ""
        if not workers:
            why = _nobody(self._need)
        elif self._post.is_quiet(now):
            if not willing:
                name, reason = next(iter(refusals.items()))
                why = f"All workers refuse. One of them, {name}: {reason}"
            elif free and not refusals and self._post.in_vain(tickets):
                why = _DEAF
        if tickets:  # else all are claimed at the moment, and may be refused in the next
            self._why = why
        self._post.deliver(tickets, now, Room(free, eaten=bool(refusals), willing=bool(willing)))

    def _at_others(self, workers: Iterable[Worker], unsettled: Iterable[Standing]) -> bool:
        """Whether one of them is at something that this command did not ask for."""
        ours = Counter(standing.worker for standing in unsettled if standing.state is TicketState.CLAIMED)
        return any(worker.busy > ours[worker.name] for worker in workers)

    def _give_up(self) -> None:
        """Take back what nobody has begun."""
        try:
            withdrawn = self._queue.withdraw(list(self._open))
        except StoreError:
            withdrawn = set(self._open)  # which the next command for the same submissions joins
        for ticket in withdrawn & self._open.keys():
            self._end(ticket, f"{self._outage or self._why or _DEAF} Given up after {_spoken(self._patience)}.")

    def _interrupted(self) -> None:
        with suppress(StoreError):
            if self._open.keys() - self._queue.withdraw(list(self._open)):
                self._watcher.warned("What workers have begun they finish and store. The rest is taken back.")


def _refusals(
    unsettled: Iterable[Standing], workers: Iterable[Worker], outdated: Collection[tuple[int, str]]
) -> dict[str, str]:
    """Why workers that are there refuse, by their names.

    All that a command asks for is of one lab, suite, dataset and sandbox: who refuses one of them refuses all.
    """
    told = {
        name: why
        for standing in unsettled
        for name, why in standing.refused.items()
        if (standing.ticket, name) not in outdated
    }
    return {worker.name: told[worker.name] for worker in workers if worker.name in told}


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


_SUPERSEDED: Final = (
    "Another command has it graded by another suite, lab.toml, dataset or sandbox since. Where this is the right one, "
    "run the same command again."
)
_DEAF: Final = (
    "Workers have nothing to do and begin nothing: they do not hear from the broker. Give them and this command the "
    "same broker, and look at what they print."
)
