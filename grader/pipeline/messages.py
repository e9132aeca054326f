"""When workers are sent word of tickets: once, and again where that seems to be lost or was for the wrong ones.

What is to be done is in the database. A message only makes workers look there at once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from grader.model import Need

LOST: Final = 3.0
"""Seconds in which one of the workers that have nothing to do begins something; then messages are sent again."""
DOSED: Final = 1.0
"""Seconds between two times that messages are sent some of which are refused."""
LOST_MOST: Final = 60.0
"""The most after which a message is sent again: each time it is twice as long."""
DOUBLINGS: Final = 8
"""After so many it is the most in any case."""
IN_VAIN: Final = 4
"""How often a message is sent before that is told."""
AT_ONCE: Final = 1000
"""Messages that are sent between two looks."""


class Send(Protocol):
    """Sends workers word of tickets."""

    def __call__(self, tickets: Sequence[int], need: Need, urgency: int) -> None:
        """Tell those who serve such a need; what is more urgent, from 0 to 9, is told first.

        Raises:
            BrokerUnreachable: not all of them are told.
        """


@dataclass(frozen=True, slots=True)
class Room:
    """Who could begin something.

    Attributes:
        free: how much those have room for who do not refuse; where all refuse, those.
        eaten: some refuse: each message that reaches one of them is gone.
        willing: somebody does not refuse.
    """

    free: int
    eaten: bool = False
    willing: bool = True


@dataclass(slots=True)
class _Sent:
    at: float
    times: int = 1

    def is_due(self, now: float) -> bool:
        """Whether it may be taken for lost."""
        return now >= self.at + min(LOST_MOST, LOST * 2.0 ** min(self.times - 1, DOUBLINGS))


class Post:
    """Sends word of tickets that wait: once, and again where workers have nothing to do and yet do not begin them."""

    def __init__(self, send: Send, need: Need, urgency: int) -> None:
        self._send = send
        self._need = need
        self._urgency = urgency
        self._sent: dict[int, _Sent] = {}
        self._moved = float("-inf")
        self._dosed = float("-inf")

    def moved(self, now: float) -> None:
        """Something was begun: messages arrive."""
        self._moved = now

    def is_quiet(self, now: float) -> bool:
        """Whether nothing was begun for a while."""
        return now >= self._moved + LOST

    def forget(self, ticket: int) -> None:
        """It begins anew: its message may have been taken for one of no use."""
        self._sent.pop(ticket, None)

    def in_vain(self, tickets: Collection[int]) -> bool:
        """Whether one of them was sent so often that messages do not seem to arrive."""
        return any(self._sent[ticket].times >= IN_VAIN for ticket in tickets if ticket in self._sent)

    def deliver(self, waiting: Sequence[int], now: float, room: Room) -> None:
        """Send what is due.

        Raises:
            BrokerUnreachable: not all is sent.
        """
        due = [ticket for ticket in waiting if ticket not in self._sent]
        if not due and room.free and room.eaten:
            due = self._dose(waiting, now, room)
        elif not due and room.free and self.is_quiet(now):
            due = self._lost(waiting, now)
        due = due[:AT_ONCE]
        if not due:
            return
        self._send(due, self._need, self._urgency)
        for ticket in due:
            before = self._sent.get(ticket)
            self._sent[ticket] = _Sent(now, before.times + 1 if before else 1)

    def _lost(self, waiting: Sequence[int], now: float) -> list[int]:
        return [ticket for ticket in waiting if self._sent[ticket].is_due(now)]

    def _dose(self, waiting: Sequence[int], now: float, room: Room) -> list[int]:
        """As many as there is room for: if all were sent, those that refuse would have them before others have room.

        One that is willing is not kept waiting by how often others refused. Where nobody is, who refuses may have been
        brought up to date since, and is asked less and less often.
        """
        if now < self._dosed + DOSED:
            return []
        due = waiting if room.willing else self._lost(waiting, now)
        if due:
            self._dosed = now
        return sorted(due, key=lambda ticket: self._sent[ticket].at)[: room.free]
