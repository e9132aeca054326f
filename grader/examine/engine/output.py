"""What a container writes, taken apart: the engine sends stdout and stderr in one stream."""

import contextlib
import struct
from socket import socket
from typing import Final

from grader.examine.stream import fill_from, take

_WORDS_MOST: Final = 4000
_HEADER: Final = struct.Struct(">BxxxI")
_STDOUT: Final = 1


class Output:
    """The container's stdout, taken out of the stream that it shares with stderr."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._left = 0
        self._words = bytearray()

    def fill(self, view: memoryview, until: float) -> None:
        """Fill `view` from stdout, collecting stderr on the way."""
        while view:
            if not self._left:
                self._next_chunk(until)
                continue
            count = take(self._connection, view[: self._left], until)
            self._left -= count
            view = view[count:]

    def rest(self, until: float) -> bytes:
        """Everything on stdout until it ends; TimeoutError if that is not by `until`."""
        found = bytearray()
        with contextlib.suppress(EOFError):
            while True:
                part = bytearray(self._left)
                self.fill(memoryview(part), until)
                found += part
                self._next_chunk(until)
        return bytes(found)

    def last_words(self) -> str:
        """The end of stderr."""
        return self._words.decode("utf-8", "replace")

    def _next_chunk(self, until: float) -> None:
        header = bytearray(_HEADER.size)
        fill_from(self._connection, memoryview(header), until)
        stream, size = _HEADER.unpack(header)
        if stream == _STDOUT:
            self._left = size
            return
        said = bytearray(size)
        fill_from(self._connection, memoryview(said), until)
        self._words = (self._words + said)[-_WORDS_MOST:]
