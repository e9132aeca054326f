"""Compressed bytes from strangers, unpacked piece by piece.

However tightly something is packed, no more than a piece of it is in memory before whoever asks has counted it.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, Protocol

PIECE: Final = 1 << 16
"""Bytes of one piece, at most."""
_LZMA_MEMORY: Final = 100_000_000
"""Bytes that a stream may ask for: the strongest settings of usual programs take two thirds of it."""
_PARTS_MOST: Final = 2_000
"""Compressed streams one behind the other, as programs that work in parallel make them."""
_MAGIC_MOST: Final = 6


class Decoder(Protocol):
    """What the decompressors of `bz2` and `lzma` have in common."""

    @property
    def eof(self) -> bool:
        """Whether the stream is at its end."""

    @property
    def needs_input(self) -> bool:
        """Whether more can come only from more input."""

    @property
    def unused_data(self) -> bytes:
        """What lies behind the stream's end."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """At most `max_length` bytes more."""


class Inflater:
    """zlib's decompressor as a `Decoder`; `wbits` as zlib has it."""

    def __init__(self, wbits: int) -> None:
        self._zlib = zlib.decompressobj(wbits)
        self._filled = False

    @property
    def eof(self) -> bool:
        """See `Decoder`."""
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        """See `Decoder`."""
        return not self._filled and not self._zlib.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """See `Decoder`."""
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """See `Decoder`."""
        found = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        self._filled = len(found) == max_length
        return found


def deflate() -> Decoder:
    """For a stream without any header."""
    return Inflater(-zlib.MAX_WBITS)


def bzip2() -> Decoder:
    """For a stream as bzip2 writes it."""
    return bz2.BZ2Decompressor()


def lzma_alone() -> Decoder:
    """For a stream that begins with its properties and its size."""
    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LZMA_MEMORY)


FILES: Final[dict[bytes, Callable[[], Decoder]]] = {
    b"\x1f\x8b": partial(Inflater, 16 + zlib.MAX_WBITS),
    b"BZh": bzip2,
    b"\xfd7zXZ\0": partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY),
}
"""Decoders of compressed files, by how these begin: gzip, bzip2, xz."""


def one_stream(read: Callable[[], bytes], decoder: Decoder) -> Iterator[bytes]:
    """What a stream unpacks to.

    Args:
        read: the next packed bytes; b"" at the end.

    Raises:
        EOFError: it is cut off.
    """
    while not decoder.eof:
        data = read() if decoder.needs_input else b""
        if not data and decoder.needs_input:
            raise EOFError("compressed data are cut off")
        yield decoder.decompress(data, PIECE)


def whole_file(read: Callable[[], bytes], magic: bytes) -> Iterator[bytes]:
    """What a compressed file unpacks to, which may be several streams one behind the other.

    Raises:
        EOFError: it is cut off, or in more parts than honest files.
    """
    rest = read()

    def fed() -> bytes:
        nonlocal rest
        data, rest = rest or read(), b""
        return data

    for _ in range(_PARTS_MOST):
        decoder = FILES[magic]()
        yield from one_stream(fed, decoder)
        rest = decoder.unused_data
        while len(rest) < _MAGIC_MOST and (more := read()):
            rest += more
        if not rest.startswith(magic):
            return
    raise EOFError("compressed data have too many parts")
