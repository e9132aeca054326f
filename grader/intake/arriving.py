"""A folder that fills while one looks: what in it has arrived whole.

It is looked at again and again, since of a network drive nobody tells what others write there. Something has arrived
once it has stayed as it is for a while by this machine's own clock; the times of files, which may be by another's, are
only compared with what they were. A folder or an archive at the top arrives as a whole.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from grader.errors import NoSubmissions
from grader.intake.folder import FILES_MOST, unreadable
from grader.intake.names import is_housekeeping, shown

Mark: TypeAlias = tuple[int, int, int]
"""A file's size, when its content changed, and when anything about it did, its rights or its name; nanoseconds."""
Marks: TypeAlias = Mapping[str, Mark]
"""Of files, by their paths below the folder."""
Listing: TypeAlias = Mapping[str, Marks]
"""What is at the top of a folder, each with the files that it is, or that are in it."""

_GONE: Final = (-1, 0, 0)
_LOOK: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
"""How a file is opened that may have become something to wait for, such as a pipe."""
_UNFINISHED: Final = (
    *(".part", ".partial", ".filepart", ".tmp", ".temp", ".swp", "~"),
    *(".crdownload", ".opdownload", ".download"),
)
_ASIDE: Final = ".sync-conflict-"
"""In the name of a file that Syncthing puts beside another one."""


def listed(folder: Path) -> Listing:
    """What is there now, hidden folders and caches left out; none of it is opened.

    Raises:
        NoSubmissions: it cannot be read, or holds far more than a class.
    """
    found: dict[str, dict[str, Mark]] = {}
    try:
        for number, (path, mark) in enumerate(_walk(folder), start=1):
            found.setdefault(path.partition("/")[0], {})[path] = mark
            if number > FILES_MOST:
                raise NoSubmissions(f"{shown(str(folder), 500)} holds more than {FILES_MOST:,} files.")
    except OSError as error:
        raise NoSubmissions(f"{shown(str(folder), 500)} {unreadable(error)}.") from error
    return found


def mark(file: Path) -> Mark:
    """What a file is like now; links are not followed. One that is gone is like no other."""
    try:
        return _mark(file.lstat())
    except OSError:
        return _GONE


def closed(files: Iterable[Path]) -> str:
    """Why one of these files cannot be opened yet, to follow its name; "" where all can."""
    for file in files:
        try:
            if stat.S_IFMT(file.lstat().st_mode) in {stat.S_IFREG, stat.S_IFDIR}:
                os.close(os.open(file, _LOOK))
        except FileNotFoundError:
            continue  # which is seen when it is read
        except OSError as error:
            return f"{error.strerror}"
    return ""


def is_unfinished(name: str) -> bool:
    """Whether something is called as programs call what they are still writing, or have put aside."""
    name = name.lower()
    return name.endswith(_UNFINISHED) or name.startswith("~") or _ASIDE in name


class Settling:
    """What has stayed as it is for so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: dict[str, tuple[Marks, float]] = {}

    def settled(self, listing: Listing, now: float) -> frozenset[str]:
        """Those of what is there now that have, as far as one has looked; call it each time that one has."""
        seen: dict[str, tuple[Marks, float]] = {}
        for name, marks in listing.items():
            before = self._seen.get(name)
            seen[name] = before if before and before[0] == marks else (marks, now)
        self._seen = seen
        return frozenset(name for name, (_, since) in seen.items() if now - since >= self._seconds)


def _walk(root: Path) -> Iterator[tuple[str, Mark]]:
    """The files below it, whatever kind they are; a folder that cannot be read counts as one."""
    waiting = [""]
    while waiting:
        below = waiting.pop()
        folder = root / below
        try:
            entries = list(os.scandir(folder))
        except OSError:
            if not below:
                raise
            yield below, mark(folder)
            continue
        for entry in entries:
            path = f"{below}/{entry.name}" if below else entry.name
            try:
                if not entry.is_dir(follow_symlinks=False):
                    yield path, _mark(entry.stat(follow_symlinks=False))
                elif not is_housekeeping(entry.name):
                    waiting.append(path)
            except FileNotFoundError:
                continue  # it went while one looked
            except OSError:
                yield path, _GONE  # a drive does not give this one at the moment, and it is no reason to see no other


def _mark(facts: os.stat_result) -> Mark:
    size = facts.st_size if stat.S_ISREG(facts.st_mode) else 0
    return size, facts.st_mtime_ns, facts.st_ctime_ns
