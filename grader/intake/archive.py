"""Zip archives from strangers, read without ever writing to disk.

Everything an archive says about itself is checked before anything is unpacked, and what is unpacked is counted as it
streams. What is wrong with one entry is that member's trouble; what is wrong with the whole refuses the archive. Nested
archives are ordinary files here.
"""

import contextlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import IO, Final

from grader.errors import Refused
from grader.intake.choose import Member, megabytes
from grader.intake.names import below, escapes, shown

STUDENT_ENTRIES: Final = 5_000
CLASS_ENTRIES: Final = 50_000
"""Entries of one student's archive, and of a class's."""
RATIO_MOST: Final = 200
RATIO_FROM: Final = 4_000_000
"""From so many bytes on, an entry may unpack to so many times its packed size."""

_PER_ENTRY: Final = 300
"""Bytes that the archive's directory may take for each entry."""
_TWICE: Final = "is in the zip archive more than once: make it again with each file once"
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED: Final = 0x2041
"""Flag bits: encrypted, strongly encrypted, masked header."""
_UTF8: Final = 0x800
_HEADER: Final = 30
"""Bytes before each entry, at least."""
_CHUNK: Final = 1 << 16


class Archive:
    """A zip archive that keeps the rules.

    Raises:
        Refused: it does not, or is damaged.
    """

    def __init__(self, file: IO[bytes], entries_most: int) -> None:
        with _damage_refused():
            self._zip = zipfile.ZipFile(_Guarded(file, max(_CHUNK * 2, entries_most * _PER_ENTRY)))
        infos = self._zip.infolist()
        _check_count(infos, entries_most)
        _check_overlaps(infos, self._zip.start_dir)
        self._files = _files(infos)

    def members(self) -> list[Member]:
        """Its files, in the order of their paths."""
        return [self._files[path][0] for path in sorted(self._files)]

    def read(self, member: Member, most: int) -> bytes:
        """The content of a member.

        Raises:
            Refused: it is larger than `most` bytes, in trouble, damaged, or packed tighter than honest files are.
        """
        if member.trouble:
            raise Refused(f"{shown(member.path)} {member.trouble}.")
        _, info = self._files[member.path]
        content = bytearray()
        with _damage_refused(), self._zip.open(info) as stream:
            while chunk := stream.read(_CHUNK):
                content += chunk
                if len(content) > most:
                    raise Refused(f"{shown(member.path)} is larger than the {megabytes(most)} that it may have.")
                if len(content) > RATIO_FROM and len(content) > RATIO_MOST * info.compress_size:
                    raise Refused(
                        f"{shown(member.path)} unpacks to more than {RATIO_MOST} times its packed size, "
                        "as only archives made to do harm do. Hand in the files themselves."
                    )
        return bytes(content)

    def close(self) -> None:
        """Let go of the file's directory; the file is its owner's to close."""
        self._zip.close()


class _Guarded:
    """A file of which nobody reads more than `most` bytes at once.

    `zipfile` reads an archive's directory whole, however long it says that it is.
    """

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self._most = most
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable

    def read(self, size: int = -1, /) -> bytes:
        if size > self._most:
            raise Refused(
                "The zip archive lists far too many entries. Leave out data, environments and version control."
            )
        return self._file.read(size if size >= 0 else self._most)


@contextlib.contextmanager
def _damage_refused() -> Iterator[None]:
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        OSError,
        ValueError,
        OverflowError,
        RuntimeError,
    ) as error:
        raise Refused(
            "The zip archive is damaged or cut off, or is no zip archive. Make it again and hand it in again."
        ) from error


def _check_count(infos: list[zipfile.ZipInfo], most: int) -> None:
    if len(infos) > most:
        raise Refused(
            f"The zip archive has {len(infos):,} entries; {most:,} are allowed. "
            "Leave out data, environments and version control."
        )


def _files(infos: list[zipfile.ZipInfo]) -> dict[str, tuple[Member, zipfile.ZipInfo]]:
    """The entries that are no folders, by the members' paths."""
    found: dict[str, tuple[Member, zipfile.ZipInfo]] = {}
    for info in infos:
        name = _name(info)
        if name.endswith("/"):
            continue
        path = below(name) if escapes(name) else name
        trouble = _TWICE if path in found else _trouble(info, name)
        member = Member(path, 0, None, trouble) if trouble else Member(path, info.file_size, _date(info))
        found[path] = member, info
    return found


def _trouble(info: zipfile.ZipInfo, name: str) -> str:
    """See `Member.trouble`."""
    if escapes(name):
        return (
            f"is called {shown(name)} in the zip archive, which points outside of it or has a backslash: "
            "make the archive again with your system's own tool"
        )
    if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG}:
        return "is a link or a special file: put the file itself there"
    if info.flag_bits & _ENCRYPTED:
        return "is protected by a password: make the zip archive again without one"
    if info.compress_type not in _METHODS:
        return "is packed in an unusual way: make the zip archive again with your system's own tool"
    return ""


def _check_overlaps(infos: list[zipfile.ZipInfo], end: int) -> None:
    spans = sorted((info.header_offset, info.header_offset + _HEADER + info.compress_size) for info in infos)
    if any(start < 0 or stop > following for (start, stop), (following, _) in pairwise([*spans, (end, end)])):
        raise Refused("Entries of the zip archive overlap, as no ordinary program makes them. Make it again.")


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
