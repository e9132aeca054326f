"""What archives of all kinds have in common: the paths of their entries, and what is wrong with them."""

import contextlib
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar

from grader.errors import Refused
from grader.intake.choose import Member
from grader.intake.names import PATH_MOST, below, escapes, shown

SPECIAL: Final = "is a link or a special file: put the file itself there"
_TWICE: Final = "is in the archive more than once: make it again with each file once"
_TOO_LONG: Final = f"has a name of more than {PATH_MOST:,} characters: rename it, or hand in what is needed alone"

Handle = TypeVar("Handle")


class Archive(Protocol):
    """An archive that keeps the rules."""

    def members(self) -> list[Member]:
        """Its files, in the order of their paths."""

    def read(self, member: Member, most: int) -> bytes:
        """The content of a member.

        Raises:
            Refused: it is larger than `most` bytes, in trouble, damaged, or packed tighter than honest files are.
        """

    def close(self) -> None:
        """Let go of what it holds; the file is its owner's to close."""


@contextlib.contextmanager
def damage_refused() -> Iterator[None]:
    """Whatever libraries say of bytes that they cannot read becomes a refusal."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        lzma.LZMAError,
        zlib.error,
        struct.error,
        EOFError,
        OSError,
        ValueError,
        OverflowError,
        RuntimeError,
    ) as error:
        raise Refused(
            "The archive is damaged or cut off, or is neither zip nor tar. Make a zip of the files and hand it in."
        ) from error


def too_many(entries: str, most: int) -> Refused:
    """The refusal of an archive that lists more than `most` entries."""
    return Refused(
        f"The archive has {entries} entries; {most:,} are allowed. Leave out data, environments and version control."
    )


def by_path(entries: Iterable[tuple[Member, Handle]]) -> dict[str, tuple[Member, Handle]]:
    """Entries that come under the names that the archive has for them, by the paths that these mean."""
    found: dict[str, tuple[Member, Handle]] = {}
    for entry, handle in entries:
        path = below(entry.path)
        trouble = entry.trouble or _trouble(entry.path)
        if len(path) > PATH_MOST:
            path = path[: PATH_MOST // 2] + path[-PATH_MOST // 2 :]
            trouble = _TOO_LONG
        if path in found:
            trouble = _TWICE
        found[path] = replace(entry, path=path, trouble=trouble), handle
    return found


def moment(seconds: float) -> datetime | None:
    """A file's time stamp; None where it is none."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _trouble(name: str) -> str:
    """See `Member.trouble`."""
    if not escapes(name):
        return ""
    return (
        f"is called {shown(name)} in the archive, which points outside of it: "
        "make the archive again with your system's own tool"
    )
