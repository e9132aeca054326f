"""What is asked of workers on other machines, how far that is, and who they are.

A ticket is one content to be graded for one lab under one run key. It is asked for by a command, and claimed, settled
or refused by workers; the database's clock is the only one that counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from grader.model.runs import RunKey


class Need(StrEnum):
    """What a grading needs of a machine; also the name of the broker's queue that its messages go to."""

    CPU = "cpu"
    GPU = "gpu"


class TicketState(StrEnum):
    """How far a ticket is. The last three are ends; one that is asked for again after an end waits again."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SETTLED = "settled"
    """There is a result, or it is ungraded for good: `Queue.run` says which."""
    WITHDRAWN = "withdrawn"
    """Who asked for it gave up."""
    SUPERSEDED = "superseded"
    """Since it was asked for, all of its submissions were to be graded by another key."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command wants graded.

    Attributes:
        ids: the submissions that get the result.
        dataset: its name, see `datasets.named`.
        urgency: 0 for a batch; larger goes first.
    """

    key: RunKey
    ids: tuple[int, ...]
    dataset: str
    need: Need
    urgency: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to settle a ticket, until the ticket is claimed again.

    Attributes:
        number: grows with each claim of the ticket; of two claims the larger is good.
        ids: the submissions that get the result, as far as they are known yet.
        version: of the grader that asked.
    """

    ticket: int
    number: int
    key: RunKey
    ids: tuple[int, ...]
    dataset: str
    need: Need
    version: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a ticket is, as who asked for it sees it.

    Attributes:
        claims: how often it has been claimed since it was asked for, but for claims that were given back.
        worker: who has it, a worker's name; "" where nobody does.
        refused: why workers would not take it, by their names.
    """

    ticket: int
    state: TicketState
    claims: int = 0
    worker: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Worker:
    """A program that grades what is asked for, on whatever machine.

    Attributes:
        name: its machine and process, for people.
        version: of the grader.
        needs: which queues it serves.
        slots: how many submissions it has at once.
        sandbox: identity of what student code runs with there.
        dataset: which digits it has, as `datasets.choose` names them.
        busy: how many tickets it has claimed now.
        silent: seconds since it was last heard of, by the database's clock.
    """

    name: str
    version: str
    needs: frozenset[Need]
    slots: int
    sandbox: str
    dataset: str
    busy: int = 0
    silent: float = 0.0
