"""Submissions that lie in a folder."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grader.errors import NoSubmissions, Refused, Unreadable
from grader.intake.choose import Member, megabytes
from grader.intake.entries import moment
from grader.intake.names import is_housekeeping, shown

FILES_MOST: Final = 200_000
"""Files of a whole class."""


class Folder:
    """A folder, and what is in it. Links are not followed; what is no ordinary file is not opened."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def members(self) -> list[Member]:
        """All files below it but housekeeping, in the order of their paths.

        Raises:
            NoSubmissions: it cannot be read, or holds far more than a class.
        """
        found: list[Member] = []
        for member in _walk(self.root):
            found.append(member)
            if len(found) > FILES_MOST:
                raise NoSubmissions(
                    f"{self.root} holds more than {FILES_MOST:,} files. Name the folder with the submissions."
                )
        return sorted(found, key=lambda member: member.path)

    def member(self, name: str) -> Member:
        """One file at its top; a link that an operator named is followed."""
        return _member(self.root / name, name, follow=True)

    def read(self, member: Member, most: int) -> bytes:
        """The content of a member.

        Raises:
            Refused: it is larger than `most` bytes, or cannot be read.
        """
        if member.trouble:
            raise Refused(f"{shown(member.path)} {member.trouble}.")
        try:
            with (self.root / member.path).open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size > most:
                    raise Refused(f"{shown(member.path)} is larger than the {megabytes(most)} that it may have.")
                return file.read(size)
        except OSError as error:
            raise Unreadable(f"{shown(member.path)} {unreadable(error)}.") from error

    def close(self) -> None:
        """Nothing is held open."""


def _walk(root: Path) -> Iterator[Member]:
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        path = folder.relative_to(root).as_posix()
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            if folder == root:
                raise NoSubmissions(f"{root} {unreadable(error)}.") from error
            yield Member(path, 0, None, unreadable(error))
            continue
        for entry in entries:
            if is_housekeeping(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
            else:
                yield _member(Path(entry.path), entry.name if folder == root else f"{path}/{entry.name}")


def _member(file: Path, path: str, *, follow: bool = False) -> Member:
    try:
        facts = file.stat(follow_symlinks=follow)
    except OSError as error:
        return Member(path, 0, None, unreadable(error))
    if stat.S_ISREG(facts.st_mode):
        return Member(path, facts.st_size, moment(facts.st_mtime))
    return Member(
        path, 0, None, "is a link: put the file itself there" if stat.S_ISLNK(facts.st_mode) else "is no ordinary file"
    )


def unreadable(error: OSError) -> str:
    """What to say about a file that cannot be read, to follow its name."""
    return f"could not be read ({error.strerror}): give the account that grades the right to read it"
