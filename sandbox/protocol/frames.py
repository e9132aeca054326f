"""Frames: a small head of structure and a body of bulk.

    u32 head length | u32 body length | head | body          (little endian)

The head is msgpack and capped low, so that decoding it costs little whatever it claims. The body is raw bytes,
read as they are: tensors' elements, files, or another frame. Both lengths are checked before any memory is taken.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

Buffer: TypeAlias = bytes | bytearray | memoryview

PREFIX: Final = struct.Struct("<II")
HEAD_MOST: Final = 4 * 2**20
"""Bytes of structure in one frame: room for some hundred thousand numbers in lists."""
BODY_MOST: Final = 512 * 2**20
"""Bytes of bulk in one frame: room for 150,000 float32 images of 28x28."""
_WHOLE_MOST: Final = 1 << 16
"""Bytes of a frame that is sent in one piece: copying so many costs less than another write and another reception."""
ANSWER_MOST: Final = 128 * 2**20
"""Bytes of a driver's frame: the trusted side makes several copies of it while it judges."""


class ProtocolError(Exception):
    """The other side broke the rules; the text says which one."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One unit of the stream."""

    head: Buffer
    body: Buffer = b""

    def __bytes__(self) -> bytes:
        return b"".join((self.prefix(), self.head, self.body))

    def prefix(self) -> bytes:
        """The eight bytes that announce this frame."""
        return PREFIX.pack(len(self.head), len(self.body))


def pieces(head: Buffer, *body: Buffer) -> tuple[Buffer, ...]:
    """A frame as what to write, in order.

    Args:
        body: its parts.
    """
    whole = (PREFIX.pack(len(head), sum(map(len, body))), head, *body)
    return (b"".join(whole),) if sum(map(len, whole)) <= _WHOLE_MOST else whole


def lengths(prefix: Buffer) -> tuple[int, int]:
    """(head, body) lengths announced by the 8 bytes of `prefix`.

    Raises:
        ProtocolError: either is over its cap.
    """
    head, body = PREFIX.unpack(prefix)
    if head > HEAD_MOST or body > BODY_MOST:
        raise ProtocolError(f"a frame of {head} + {body} bytes is over the cap")
    return head, body


def parse(data: Buffer) -> Frame:
    """The frame that `data` holds, exactly.

    Raises:
        ProtocolError: too short, too long, or over a cap.
    """
    view = memoryview(data)
    if len(view) < PREFIX.size:
        raise ProtocolError("a frame without its prefix")
    head, body = lengths(view[: PREFIX.size])
    if len(view) != PREFIX.size + head + body:
        raise ProtocolError("a frame whose length is not what it announces")
    return Frame(view[PREFIX.size : PREFIX.size + head], view[PREFIX.size + head :])


def read(receive: Callable[[int], Buffer]) -> Frame:
    """The next frame of a blocking stream.

    Args:
        receive: returns exactly as many bytes as asked for, or raises (EOFError at the stream's end).

    Raises:
        ProtocolError: a length is over its cap.
    """
    head, body = lengths(receive(PREFIX.size))
    return Frame(receive(head), receive(body))
