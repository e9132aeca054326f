"""Frames over streams that must never make the parent wait.

They hold one student's files and answers, and questions: nothing that the next session may find in memory it inherits.
"""

import os
import socket
import sys
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final, Protocol

from sandbox.pages import unshared
from sandbox.protocol import frames
from sandbox.protocol.frames import PREFIX, Frame, ProtocolError

_PARTS_MOST: Final = 64
"""Parts of frames that are written at once."""
_BLOCK: Final = 1 << 16
"""Bytes of memory that frames share until it is used up."""


class End(Protocol):
    """One end of a stream; `select` takes it. What cannot be done now raises BlockingIOError."""

    def fileno(self) -> int:
        """Its number, for `select`."""

    def read(self, into: memoryview) -> int:
        """Fill the front of `into` with what has come, and say how much that was: 0 at the stream's end."""

    def write(self, parts: Sequence[memoryview]) -> int:
        """Send what can be sent of `parts`, and say how much that was."""

    def close(self) -> None:
        """Let go of it."""


class Connection:
    """An end that is a socket: the only kind that Windows can wait for."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(0)
        self._connection = connection
        self.fileno = connection.fileno
        self.read = connection.recv_into
        self.close = connection.close

    def write(self, parts: Sequence[memoryview]) -> int:
        """See `End.write`."""
        if sys.platform == "win32":
            return self._connection.send(parts[0])
        else:  # noqa: RET505 - mypy takes it for unreachable without
            return self._connection.sendmsg(parts)


if sys.platform != "win32":

    class Descriptor:
        """An end that is a pipe, or whatever stdin and stdout are."""

        def __init__(self, descriptor: int) -> None:
            os.set_blocking(descriptor, False)
            self._descriptor = descriptor

        def fileno(self) -> int:
            """See `End.fileno`."""
            return self._descriptor

        def read(self, into: memoryview) -> int:
            """See `End.read`."""
            return os.readv(self._descriptor, [into])

        def write(self, parts: Sequence[memoryview]) -> int:
            """See `End.write`."""
            return os.writev(self._descriptor, parts)

        def close(self) -> None:
            """See `End.close`."""
            os.close(self._descriptor)


class Inbox:
    """Puts frames together from whatever has arrived.

    Args:
        most: bytes of a whole frame, prefix included, beyond which it is refused.
    """

    def __init__(self, end: End, most: int) -> None:
        self._end = end
        self._most = most
        self._sizes: tuple[int, int] | None = None
        self._block = min(_BLOCK, most)
        self._free = unshared(self._block)
        self._data = self._missing = self._free[:0]
        self._expect(PREFIX.size)

    def read(self) -> Frame | None:
        """The next frame, or None until more has arrived.

        Raises:
            EOFError: the other side has hung up.
            ProtocolError: the frame is over a cap.
        """
        while True:
            while self._missing:
                try:
                    count = self._end.read(self._missing)
                except BlockingIOError:
                    return None
                except ConnectionError:
                    count = 0
                if not count:
                    raise EOFError
                self._missing = self._missing[count:]
            data, sizes = self._data, self._sizes
            if sizes is None:
                self._sizes = frames.lengths(data)
                if PREFIX.size + sum(self._sizes) > self._most:
                    raise ProtocolError("a frame that is too large to be passed on")
                self._expect(sum(self._sizes))
            else:
                self._sizes = None
                self._expect(PREFIX.size)
                return Frame(data[: sizes[0]], data[sizes[0] :])

    def _expect(self, size: int) -> None:
        if size > len(self._free):
            self._free = unshared(max(size, self._block))
        self._data = self._missing = self._free[:size]
        self._free = self._free[size:]


class Outbox:
    """Frames on their way out, as fast as the other side takes them."""

    def __init__(self, end: End) -> None:
        self._end = end
        self._waiting: deque[memoryview] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def put(self, *parts: frames.Buffer) -> None:
        """Queue the bytes of `parts`, and write what can be written now."""
        self._waiting += [memoryview(part) for part in parts if len(part)]
        self.flush()

    def flush(self) -> None:
        """Write what can be written without waiting.

        Raises:
            ConnectionError: nobody reads any more.
        """
        while self._waiting:
            try:
                count = self._end.write(list(islice(self._waiting, _PARTS_MOST)))
            except BlockingIOError:
                return
            while count:
                part = self._waiting.popleft()
                if count < len(part):
                    self._waiting.appendleft(part[count:])
                count -= min(count, len(part))
