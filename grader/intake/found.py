"""What a student handed in, found somewhere and not read yet; reading it."""

import codecs
import contextlib
import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final, Protocol

from grader.errors import BothForms, Refused, Unreadable
from grader.intake import notebook, sakai
from grader.intake.archive import CLASS_ENTRIES, STUDENT_ENTRIES, is_packed, open_archive
from grader.intake.choose import (
    BYTES_MOST,
    Choice,
    Member,
    called_like,
    check_trouble,
    choose,
    digest,
    find_entry,
    is_needed,
)
from grader.intake.entries import Archive
from grader.intake.folder import unreadable
from grader.intake.layout import HandIn, Tree, tree
from grader.intake.names import is_code, shown
from grader.intake.starter import Starter
from grader.model import Refusal, Student, Submission

ARCHIVE_MOST: Final = 100_000_000
"""Bytes of one student's archive."""
_MARKS: Final = {  # UTF-32's mark begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""How text begins that some programs on Windows write, `>` in PowerShell among them -> its encoding."""
_RECEIPT_MOST: Final = 100
"""Bytes of a file that holds a time."""
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class Source(Protocol):
    """Where files lie."""

    def read(self, member: Member, most: int) -> bytes:
        """The content of a member, at most `most` bytes; raises Refused."""

    def close(self) -> None:
        """Let go of what is open."""


class ClassArchive:
    """The archive of a class, open from the first reading on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open = contextlib.ExitStack()
        self._archive: Archive | None = None

    def members(self) -> list[Member]:
        """Its files; it is closed again."""
        with self._open:
            return self._opened().members()

    def read(self, member: Member, most: int) -> bytes:
        """The content of a member."""
        if self._archive is None:
            self._archive = self._opened()
        return self._archive.read(member, most)

    def close(self) -> None:
        """Close it; it may be read again."""
        self._open.close()
        self._archive = None

    def _opened(self) -> Archive:
        try:
            file: IO[bytes] = self._open.enter_context(self._path.open("rb"))
        except OSError as error:
            raise Refused(f"The archive {unreadable(error)}.") from error
        return self._open.enter_context(contextlib.closing(open_archive(file, CLASS_ENTRIES)))


@dataclass(frozen=True, slots=True)
class Found:
    """What a student handed in, not read yet.

    Attributes:
        reason: why it cannot be taken in, where that is known already.
    """

    place: Path
    source: Source
    hand_in: HandIn
    reason: str = ""

    @property
    def label(self) -> str:
        """Where it lies, for people to read."""
        return shown(str(self.place / self.hand_in.where), 500)

    @property
    def is_folder(self) -> bool:
        """Whether it is all that is in a folder."""
        return not self.hand_in.where

    @property
    def student(self) -> Student:
        """Who handed it in."""
        return self.hand_in.student

    @property
    def order(self) -> tuple[str, datetime, str]:
        """By students, and of one student by time."""
        return self.student.key, self.hand_in.received_at or _LONG_AGO, self.label

    def of(self, who: Student) -> "Found":
        """The same, handed in by somebody else."""
        return replace(self, hand_in=replace(self.hand_in, student=who))


def dated(hand_in: HandIn, source: Source) -> HandIn:
    """`hand_in` with the time that its receipt tells, if it has one."""
    if hand_in.receipt is None:
        return hand_in
    try:
        content = source.read(hand_in.receipt, _RECEIPT_MOST)
    except Refused:
        return hand_in
    return replace(hand_in, told=sakai.moment(content))


def take(item: Found, lab: str, starter: Starter | None) -> Submission | Refusal:
    """Read it."""
    who = item.student
    try:
        choice, contents = _read(item, lab, starter)
    except Refused as error:
        return Refusal(who, lab, item.label, str(error), unread=isinstance(error, Unreadable))
    identity = digest(choice.entry, contents)
    received, told = item.hand_in.received_at, item.hand_in.told
    return Submission(who, lab, contents, choice.entry, identity, item.label, received, told)


def _read(item: Found, lab: str, starter: Starter | None) -> tuple[Choice, dict[str, bytes]]:
    if item.reason:
        raise Refused(item.reason)
    packed = item.hand_in.archive
    if packed is None:
        files = _without_starter(item.source, item.hand_in.files, lab, starter)
        return _contents(item.source, files, lab)
    archive = open_archive(io.BytesIO(item.source.read(packed, ARCHIVE_MOST)), STUDENT_ENTRIES)
    with contextlib.closing(archive):
        files = _without_starter(archive, tree(archive.members()), lab, starter)
        return _contents(archive, files, lab)


def _without_starter(source: Source, files: Tree, lab: str, starter: Starter | None) -> Tree:
    """`files`; where the starter as students get it would be graded for another file of the lab's name, without it."""
    called = called_like(files, lab)
    if starter is None or len(called) < 2:
        return files
    untouched = [name for name in called if _is_untouched(source, name, files[name], starter)]
    if len(untouched) == len(called):
        return files
    with contextlib.suppress(BothForms):
        if find_entry(files, lab) not in untouched:
            return files
    return {name: member for name, member in files.items() if name not in untouched}


def _is_untouched(source: Source, name: str, member: Member, starter: Starter) -> bool:
    if not starter.is_of_its_form(name):
        return False
    try:
        return starter.is_untouched(_in_utf8(source.read(member, BYTES_MOST), BYTES_MOST))
    except Refused:
        return False


def _contents(source: Source, files: Tree, lab: str) -> tuple[Choice, dict[str, bytes]]:
    choice = choose(files, lab)
    contents: dict[str, bytes] = {}
    left = BYTES_MOST
    for name, member in sorted(choice.files.items(), key=lambda item: not is_code(item[0])):
        if member.trouble and not is_needed(name, contents.values()):
            continue
        check_trouble(name, member)
        content = source.read(member, left)
        contents[name] = _in_utf8(content, left) if is_code(name) else content
        left -= len(contents[name])
    _check_kind(choice.entry, shown(choice.files[choice.entry].path), contents[choice.entry])
    return choice, contents


def _in_utf8(content: bytes, most: int) -> bytes:
    """A source or a notebook in UTF-8, which Python and Jupyter want, if it is text that says it is in another UTF."""
    encoding = next((encoding for mark, encoding in _MARKS.items() if content.startswith(mark)), "")
    try:
        found = content.decode(encoding).encode() if encoding else content
    except UnicodeDecodeError:
        return content
    return found if len(found) <= most else content


def _check_kind(entry: str, name: str, content: bytes) -> None:
    """Refuse a file that is something else than its name says: grading it could only give an undeserved zero."""
    if entry.endswith(".ipynb"):
        if notebook.is_python(content):
            source = entry.removesuffix(".ipynb") + ".py"
            raise Refused(f"{name} is Python under the name of a notebook. Call it {source} and hand it in again.")
        notebook.check_readable(content)
    elif is_packed(content):
        raise Refused(f"{name} is an archive under the name of a Python file. Hand in what is in it, or call it .zip.")
    elif notebook.is_readable(content):
        raise Refused(f"{name} is a notebook under the name of a Python file. Call it .ipynb and hand it in again.")
