"""Tar archives from strangers, read without ever writing to disk.

A compressed one is unpacked into memory, up to a limit. A hard link is the file before it that it names.
Headers are walked one by one: `tarfile`, which decodes each, would follow chains of extended ones as deep as they go
and read them as long as they say that they are.
"""

import io
import tarfile
from collections.abc import Iterator
from typing import IO, Final

from grader.errors import Refused
from grader.intake.choose import Member, megabytes
from grader.intake.entries import SPECIAL, by_path, damage_refused, moment, too_many
from grader.intake.names import shown
from grader.intake.packing import FILES, PIECE, whole_file

UNPACKED_MOST: Final = 32_000_000
"""Bytes that a compressed archive may unpack to."""

_SPARSE: Final = f"{SPECIAL}, not as a sparse one (make the archive without tar's -S)"
_EXTENDED_MOST: Final = 1_000_000
"""Bytes of an extended header; some systems keep a file's icon there."""
_RECORDS_MOST: Final = 100
"""Records of an extended header."""
_RECORDS, _RECORDS_OF_SUN, _RECORDS_FOR_ALL = b"x", b"X", b"g"
_LONG: Final = {b"L": "path", b"K": "linkpath"}
"""Extended headers of one value -> what it is in those that hold records."""
_EXTENDED: Final = frozenset({*_LONG, _RECORDS, _RECORDS_OF_SUN, _RECORDS_FOR_ALL})
_FILES: Final = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE})
_WITHOUT_CONTENT: Final = frozenset(
    {tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE}
)


class Tar:
    """A tar archive, plain or compressed, that keeps the rules; an `Archive`.

    Raises:
        Refused: it does not, or is damaged.
    """

    def __init__(self, file: IO[bytes], entries_most: int) -> None:
        with damage_refused():
            self._file = _plain(file)
            self._files = by_path(_entries(self._file, entries_most))

    def members(self) -> list[Member]:
        """Its files, in the order of their paths."""
        return [self._files[path][0] for path in sorted(self._files)]

    def read(self, member: Member, most: int) -> bytes:
        """The content of a member; raises Refused."""
        if member.trouble:
            raise Refused(f"{shown(member.path)} {member.trouble}.")
        if member.size > most:
            raise Refused(f"{shown(member.path)} is larger than the {megabytes(most)} that it may have.")
        _, start = self._files[member.path]
        with damage_refused():
            self._file.seek(start)
            return self._file.read(member.size)

    def close(self) -> None:
        """Nothing of its own is held open."""


def is_tar(head: bytes) -> bool:
    """Whether a file that begins with `head`, a block long if the file is, can be a tar archive or a compressed one."""
    if any(map(head.startswith, FILES)):
        return True
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.TarError:
        return False
    return True


def _plain(file: IO[bytes]) -> IO[bytes]:
    """`file`, or what it unpacks to."""
    head = file.read(max(map(len, FILES)))
    file.seek(0)
    magic = next(filter(head.startswith, FILES), None)
    if magic is None:
        return file
    found = io.BytesIO()
    for piece in whole_file(lambda: file.read(PIECE), magic):
        found.write(piece)
        if found.tell() > UNPACKED_MOST:
            raise Refused(
                f"The archive unpacks to more than {megabytes(UNPACKED_MOST)}. "
                "Leave out data and environments, or make a zip of it."
            )
    return found


def _entries(file: IO[bytes], most: int) -> Iterator[tuple[Member, int]]:
    """The files that an archive lists, each with where its content begins."""
    end = file.seek(0, io.SEEK_END)
    at = 0
    told: dict[str, str] = {}
    files: dict[str, tuple[int, int]] = {}
    for _ in range(most):
        file.seek(at)
        block = file.read(tarfile.BLOCKSIZE)
        try:
            head = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except (tarfile.EOFHeaderError, tarfile.EmptyHeaderError):  # type: ignore[attr-defined]  # no types for them
            return
        start = at + tarfile.BLOCKSIZE
        if head.type == tarfile.GNUTYPE_SPARSE:
            start += _rest_of_map(file, block)
        size = 0 if head.type in _WITHOUT_CONTENT else int(told.get("size", head.size))
        if not 0 <= size <= end - start:
            raise tarfile.ReadError("a member reaches beyond the archive")
        at = start + -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
        if head.type in _EXTENDED:
            told |= _told(file, head.type, size)
            continue
        told_of_it, told = told, {}
        if head.type == tarfile.DIRTYPE:
            continue
        name = told_of_it.get("GNU.sparse.name", told_of_it.get("path", head.name))
        plain = head.type in _FILES and not any(key.startswith("GNU.sparse.") for key in told_of_it)
        if plain:
            files[name] = size, start
        elif head.type == tarfile.LNKTYPE:
            linked = told_of_it.get("linkpath", head.linkname)
            plain = linked in files
            size, start = files.get(linked, (0, start))
        trouble = _SPARSE if head.type in _FILES | {tarfile.GNUTYPE_SPARSE} else SPECIAL
        yield Member(name, size, moment(head.mtime) if head.mtime else None, "" if plain else trouble), start
    raise too_many(f"more than {most:,}", most)


def _rest_of_map(file: IO[bytes], head: bytes) -> int:
    """Bytes of the blocks behind the header of GNU's older sparse files that go on with the map of what is stored."""
    found, more = 0, head[482:483]
    while more.strip(b"\0"):
        found += tarfile.BLOCKSIZE
        more = file.read(tarfile.BLOCKSIZE)[504:505]
    return found


def _told(file: IO[bytes], kind: bytes, size: int) -> dict[str, str]:
    """What an extended header says of the member that follows; what it says of all members is no matter here."""
    if size > _EXTENDED_MOST:
        raise tarfile.ReadError("an extended header is too long")
    content = file.read(size)
    if kind in _LONG:
        return {_LONG[kind]: content.rstrip(b"\0").decode("utf-8", "surrogateescape")}
    return _records(content) if kind in {_RECORDS, _RECORDS_OF_SUN} else {}


def _records(content: bytes) -> dict[str, str]:
    """The records `size key=value` of an extended header, each as long as it says."""
    found: dict[str, str] = {}
    at = 0
    for _ in range(_RECORDS_MOST):
        if not content[at : at + 1].strip(b"\0"):
            return found
        digits, _, _ = content[at : at + 20].partition(b" ")
        end = at + int(digits)
        if not at < end <= len(content):
            raise tarfile.ReadError("a record of an extended header reaches beyond it")
        key, _, value = content[at + len(digits) + 1 : end - 1].decode("utf-8", "surrogateescape").partition("=")
        found[key] = value
        at = end
    raise tarfile.ReadError("an extended header has too many records")
