"""The host's end of a parent's stream: frames over a socket, every wait bounded by this machine's clock."""

import contextlib
import time
from collections.abc import Callable
from functools import partial
from socket import socket
from typing import Final

from grader.errors import SandboxLost
from sandbox.protocol import frames, messages
from sandbox.protocol.frames import Buffer, ProtocolError, read
from sandbox.protocol.messages import FromParent, Ready, ToParent

SEND_SECONDS: Final = 120.0
"""Wall time for one frame to be taken; the parent reads at once, so more means that it hangs."""
READY_SECONDS: Final = 180.0
"""Wall time until a parent has imported its libraries: seconds as a rule, minutes on a disk that is cold and busy."""

Fill = Callable[[memoryview, float], None]
"""Fills a buffer from the stream until a moment on the monotonic clock; TimeoutError then, EOFError at its end."""


class Stream:
    """Messages to and from one parent.

    Args:
        connection: both directions.
        fill: how bytes are taken from it, where more than the parent's stdout comes along.
        explain: what is known about a parent that was lost, for the operator.
    """

    def __init__(self, connection: socket, explain: Callable[[], str], fill: Fill | None = None) -> None:
        self._connection = connection
        self._fill = fill or partial(fill_from, connection)
        self._explain = explain

    def send(self, message: ToParent, *body: Buffer) -> None:
        """Send one frame; see `Slot.send`.

        Raises:
            SandboxLost: the stream is gone.
        """
        pieces = frames.pieces(messages.frame(message).head, *body)
        try:
            self._connection.settimeout(SEND_SECONDS)
            for piece in pieces:
                self._connection.sendall(piece)
        except OSError as error:
            raise SandboxLost(self._sentence("takes no more questions")) from error

    def receive(self, timeout: float) -> tuple[FromParent, Buffer]:
        """The next frame, waiting at most `timeout` seconds in all.

        Raises:
            SandboxLost: nothing came, the stream ended, or it broke the protocol.
        """
        until = time.monotonic() + timeout

        def exactly(size: int) -> bytearray:
            data = bytearray(size)
            self._fill(memoryview(data), until)
            return data

        try:
            frame = read(exactly)
            return messages.decode(messages.from_parent, frame.head), frame.body
        except TimeoutError:
            raise SandboxLost(self._sentence(f"said nothing for {timeout:.0f} s")) from None
        except (EOFError, OSError) as error:
            raise SandboxLost(self._sentence("has ended")) from error
        except ProtocolError as error:
            raise SandboxLost(self._sentence(f"broke the protocol ({error})")) from error

    def ready(self) -> Ready:
        """The parent's first message.

        Raises:
            SandboxLost: it did not come up, or speaks another version of the protocol.
        """
        message, _ = self.receive(READY_SECONDS)
        if not isinstance(message, Ready) or message.protocol != messages.VERSION:
            raise SandboxLost("The sandbox speaks another version of the protocol. Run `grader sandbox build`.")
        return message

    def close(self) -> None:
        """Hang up, which ends the parent."""
        with contextlib.suppress(OSError):
            self._connection.close()

    def _sentence(self, what: str) -> str:
        known = self._explain().strip()
        return f"The sandbox's parent process {what}." + (f" Its last words: {known[-800:]}" if known else "")


def fill_from(connection: socket, view: memoryview, until: float) -> None:
    """Fill `view` with bytes as they come; see `Fill`."""
    while view:
        view = view[take(connection, view, until) :]


def take(connection: socket, view: memoryview, until: float) -> int:
    """Take what has come, at most a full `view`, and say how much it was; see `Fill`.

    The time left is looked at before each reception: bytes that dribble in buy no more of it.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)
    count = connection.recv_into(view)
    if not count:
        raise EOFError
    return count
