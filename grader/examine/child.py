"""One child of a slot: from its `Start` to its `Ended`."""

import time
from typing import Final

from grader.errors import SandboxLost
from grader.examine.slot import Slot
from sandbox.protocol.frames import Buffer, Frame
from sandbox.protocol.messages import STRETCH, Ask, Ended, FromParent, Measured, Printed, Ready, Reply, Start, Stop

PATIENCE: Final = 60.0
"""Seconds of wall time that a parent may take beyond a question's own limit before the slot counts as lost: much, since
around sessions it imports what they may need, and the machine may be busy."""


class Child:
    """Speaks to the parent about one child.

    Attributes:
        number: of the session, as the parent knows it.
        cpu_seconds: used so far.
        wall_seconds: how long its answers took, less what it waited for a processor; as far as the questions' limits
            allowed it: more is not the child's doing.
        printed: what it printed, known when it has ended.
        printed_bytes: how much it printed, cut or not.
    """

    def __init__(self, slot: Slot, number: int) -> None:
        self._slot = slot
        self.number = number
        self.cpu_seconds = 0.0
        self.wall_seconds = 0.0
        self.printed = b""
        self.printed_bytes = 0

    def start(self, message: Start, body: bytes) -> Buffer | Ended:
        """The driver's frame after the import, or how the child ended in it.

        Raises:
            SandboxLost: the parent does not answer.
        """
        return self._put(message, (body,), message.wall_seconds)

    def ask(self, frame: Frame, cpu_seconds: float, wall_seconds: float) -> Buffer | Ended:
        """The driver's frame in answer to `frame`, or how the child ended over it.

        Raises:
            SandboxLost: the parent does not answer.
        """
        parts = (frame.prefix(), frame.head, frame.body)
        return self._put(Ask(self.number, cpu_seconds, wall_seconds), parts, wall_seconds)

    def stop(self) -> None:
        """End the child, whatever it is doing.

        Raises:
            SandboxLost: the parent does not answer.
        """
        self._slot.send(Stop(self.number))
        until = time.monotonic() + PATIENCE
        while not isinstance(self._reply(until, 0.0), Ended):
            pass  # an answer that crossed the request to stop

    def _put(self, question: Start | Ask, body: tuple[Buffer, ...], wall_seconds: float) -> Buffer | Ended:
        self._slot.send(question, *body)
        return self._reply(time.monotonic() + STRETCH * wall_seconds + PATIENCE, wall_seconds)

    def _reply(self, until: float, wall_seconds: float) -> Buffer | Ended:
        while True:
            message, body = self._slot.receive(max(0.0, until - time.monotonic()))
            if isinstance(message, Reply | Ended) and message.session == self.number:
                self.wall_seconds += min(message.wall_seconds, wall_seconds)
            found = self._heard(message, body)
            if found is not None:
                return found

    def _heard(self, message: FromParent, body: Buffer) -> Buffer | Ended | None:
        """What answers a question; None for what does not."""
        if isinstance(message, Ready | Measured):
            raise SandboxLost("The sandbox's parent process spoke out of turn in the middle of a session.")
        if message.session != self.number:
            return None
        if isinstance(message, Reply):
            self.cpu_seconds += message.cpu_seconds
            return body
        if isinstance(message, Printed):
            self.printed = bytes(body)
            return None
        self.cpu_seconds = max(self.cpu_seconds, message.cpu_seconds)
        self.printed_bytes = message.printed_bytes
        return message
