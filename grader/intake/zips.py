"""Zip archives from strangers, read without ever writing to disk.

Everything an archive says about itself is checked before anything is unpacked, and what is unpacked is counted as it
streams.
"""

import copy
import io
import itertools
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import IO, Final

from grader.errors import Refused
from grader.intake.choose import Member, megabytes
from grader.intake.entries import SPECIAL, by_path, damage_refused, too_many
from grader.intake.names import shown
from grader.intake.packing import PIECE, Decoder, bzip2, deflate, lzma_alone, one_stream

RATIO_MOST: Final = 200
RATIO_FROM: Final = 4_000_000
"""From so many bytes on, an entry may unpack to so many times its packed size."""

_PER_ENTRY: Final = 300
"""Bytes that the archive's directory may take for each entry."""
_AT_ONCE: Final = 1 << 17
"""Bytes that may be read at once, whatever the number of entries."""
_ENTRY: Final = b"PK\1\2"
"""How each entry of the directory begins."""
_DECODERS: Final[dict[int, Callable[[], Decoder]]] = {
    zipfile.ZIP_DEFLATED: deflate,
    zipfile.ZIP_BZIP2: bzip2,
    zipfile.ZIP_LZMA: lzma_alone,
}
_METHODS: Final = frozenset({zipfile.ZIP_STORED, *_DECODERS})
_ENCRYPTED: Final = 0x2041
"""Flag bits: encrypted, strongly encrypted, masked header."""
_UTF8: Final = 0x800
_HEADER: Final = 30
"""Bytes before each entry, at least."""


class Zip:
    """A zip archive that keeps the rules; an `Archive`.

    Raises:
        Refused: it does not, or is damaged.
    """

    def __init__(self, file: IO[bytes], entries_most: int) -> None:
        with damage_refused():
            self._zip = zipfile.ZipFile(_Guarded(file, entries_most))
        infos = self._zip.infolist()
        _check_overlaps(infos, self._zip.start_dir)
        names = ((info, _name(info)) for info in infos)
        self._files = by_path((_member(info, name), info) for info, name in names if not name.endswith(("/", "\\")))

    def members(self) -> list[Member]:
        """Its files, in the order of their paths."""
        return [self._files[path][0] for path in sorted(self._files)]

    def read(self, member: Member, most: int) -> bytes:
        """The content of a member; raises Refused."""
        if member.trouble:
            raise Refused(f"{shown(member.path)} {member.trouble}.")
        _, info = self._files[member.path]
        content = io.BytesIO()
        with damage_refused():
            for piece in self._pieces(info):
                size = content.tell() + len(piece)
                if size > info.file_size:
                    raise zipfile.BadZipFile("an entry is larger than it says")
                if size > most:
                    raise Refused(f"{shown(member.path)} is larger than the {megabytes(most)} that it may have.")
                if size > RATIO_FROM and size > RATIO_MOST * info.compress_size:
                    raise Refused(
                        f"{shown(member.path)} unpacks to more than {RATIO_MOST} times its packed size, "
                        "as only archives made to do harm do. Hand in the files themselves."
                    )
                content.write(piece)
            if zlib.crc32(content.getbuffer()) != info.CRC:
                raise zipfile.BadZipFile("the content is not what was packed")
        return content.getvalue()

    def close(self) -> None:
        """Let go of the file's directory; the file is its owner's to close."""
        self._zip.close()

    def _pieces(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """What an entry unpacks to. Of `zipfile` come the packed bytes: it unpacks bzip2 and LZMA without bounds."""
        packed = copy.copy(info)
        packed.compress_type, packed.file_size = zipfile.ZIP_STORED, info.compress_size
        packed.CRC = None  # type: ignore[assignment]  # of the packed bytes there is no sum to compare
        with self._zip.open(packed) as stream:
            if info.compress_type == zipfile.ZIP_STORED:
                yield from iter(lambda: stream.read(PIECE), b"")
                return
            head = _lzma_head(info, stream.read(9)) if info.compress_type == zipfile.ZIP_LZMA else b""
            pieces = filter(None, itertools.chain([head], iter(lambda: stream.read(PIECE), b"")))
            yield from one_stream(lambda: next(pieces, b""), _DECODERS[info.compress_type]())


class _Guarded:
    """A file of which nobody reads more at once than a directory of so many entries may take, nor one that lists more.

    `zipfile` reads an archive's directory whole, however long it says that it is, and makes objects of all of it.
    """

    def __init__(self, file: IO[bytes], entries_most: int) -> None:
        self._file = file
        self._entries_most = entries_most
        self._most = max(_AT_ONCE, entries_most * _PER_ENTRY)
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable

    def read(self, size: int = -1, /) -> bytes:
        if size > self._most:
            raise too_many("far too many", self._entries_most)
        found = self._file.read(size if size >= 0 else self._most)
        if (entries := found.count(_ENTRY)) > self._entries_most:
            raise too_many(f"{entries:,}", self._entries_most)
        return found


def _member(info: zipfile.ZipInfo, name: str) -> Member:
    trouble = _trouble(info)
    return Member(name, 0, None, trouble) if trouble else Member(name, info.file_size, _date(info))


def _trouble(info: zipfile.ZipInfo) -> str:
    """See `Member.trouble`."""
    if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG}:
        return SPECIAL
    if info.flag_bits & _ENCRYPTED:
        return "is protected by a password: make the archive again without one"
    if info.compress_type not in _METHODS:
        return "is packed in an unusual way: make the archive again with your system's own tool"
    return ""


def _lzma_head(info: zipfile.ZipInfo, head: bytes) -> bytes:
    """How a stream of LZMA begins, of how its entry does: version, length of the properties, properties."""
    _, length, properties = struct.unpack("<HH5s", head)
    if length != len(properties):
        raise zipfile.BadZipFile("not the properties of LZMA")
    return bytes(properties) + struct.pack("<Q", info.file_size)


def _check_overlaps(infos: list[zipfile.ZipInfo], end: int) -> None:
    spans = sorted((info.header_offset, info.header_offset + _HEADER + info.compress_size) for info in infos)
    if any(start < 0 or stop > following for (start, stop), (following, _) in itertools.pairwise([*spans, (end, end)])):
        raise Refused("Entries of the archive overlap, as no ordinary program makes them. Make it again.")


def _name(info: zipfile.ZipInfo) -> str:
    """The entry's name; without the flag that says UTF-8 it was read as cp437, which few programs mean today."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _date(info: zipfile.ZipInfo) -> datetime | None:
    """When the entry was written, taken as UTC since archives do not say; 1980 stands for "unknown"."""
    if info.date_time[0] <= 1980:
        return None
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return None
