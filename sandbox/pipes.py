"""Frames over descriptors that must never make the parent wait.

They hold one student's files and answers, and questions: nothing that the next session may find in memory it inherits.
"""

import os
from collections import deque
from itertools import islice
from typing import Final

from sandbox.pages import unshared
from sandbox.protocol import frames
from sandbox.protocol.frames import PREFIX, Frame, ProtocolError

_PARTS_MOST: Final = 64
"""Parts of frames that are written at once."""
_BLOCK: Final = 1 << 16
"""Bytes of memory that frames share until it is used up."""


class Inbox:
    """Puts frames together from whatever has arrived on a descriptor.

    Args:
        most: bytes of a whole frame, prefix included, beyond which it is refused.
    """

    def __init__(self, descriptor: int, most: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
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
                    count = os.readv(self._descriptor, [self._missing])
                except BlockingIOError:
                    return None
                except ConnectionResetError:
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
    """Frames on their way out of a descriptor, as fast as it takes them."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
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
            BrokenPipeError: nobody reads any more.
        """
        while self._waiting:
            try:
                count = os.writev(self._descriptor, list(islice(self._waiting, _PARTS_MOST)))
            except BlockingIOError:
                return
            while count:
                part = self._waiting.popleft()
                if count < len(part):
                    self._waiting.appendleft(part[count:])
                count -= min(count, len(part))
