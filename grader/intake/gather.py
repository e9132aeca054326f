"""From the paths that an operator names to submissions and refusals."""

import codecs
import contextlib
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final, Protocol

from grader.errors import NoSubmissions, Refused
from grader.intake import notebook, sakai
from grader.intake.archive import CLASS_ENTRIES, STUDENT_ENTRIES, is_packed, open_archive
from grader.intake.choose import BYTES_MOST, Choice, Member, check_trouble, choose, digest, find_entry, is_needed
from grader.intake.entries import Archive
from grader.intake.folder import Folder, unreadable
from grader.intake.layout import HandIn, Tree, hand_ins, is_one_submission, tree
from grader.intake.names import is_archive, is_code, is_foreign, shown, stem, student
from grader.model import Refusal, Submission

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
class _Found:
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
        return shown(str(self.place / self.hand_in.where), 500)

    @property
    def is_folder(self) -> bool:
        """Whether it is all that is in a folder."""
        return not self.hand_in.where

    @property
    def order(self) -> tuple[str, datetime, str]:
        return self.hand_in.student.key, self.hand_in.received_at or _LONG_AGO, self.label


def collect(paths: Sequence[Path], lab: str) -> Iterator[Submission | Refusal]:
    """What students handed in for `lab`: found at once, read one by one as the iterator advances.

    Sorted by the student's key; of several by one student, the latest received comes last. An archive that is named
    beside other paths is the student's whose name it bears, whatever is in it: who packed it cannot hand in for others.
    So is a folder, where one of those beside it is clearly a student's.

    Args:
        paths: files, folders and archives, of one student or of a class.

    Raises:
        NoSubmissions: at the call: a path does not exist or cannot be read, or there is nothing to grade.
    """
    surveys = [_survey(path, lab, alone=len(paths) == 1) for path in paths]
    if any(len(survey) == 1 and survey[0].is_folder for survey in surveys):
        surveys = [_as_one(path, survey, lab) for path, survey in zip(paths, surveys, strict=True)]
    found = sorted(_told_apart([item for survey in surveys for item in survey]), key=lambda item: item.order)
    if not found:
        places = ", ".join(shown(str(path), 500) for path in paths) or "no path"
        raise NoSubmissions(f"Nothing to grade in {places}. Name .py, .ipynb, .zip or .tar files, or a folder of them.")
    if len(found) == 1 and found[0].reason:
        raise NoSubmissions(f"{found[0].label}: {found[0].reason}")
    return _take_all(found, lab)


def _told_apart(found: Sequence[_Found]) -> list[_Found]:
    """The same, but where a key stands for people of several names, each is called as what they handed in is.

    No platform gives one id to two people. What merely looks like an id would make one student of two.
    """
    names = defaultdict(set)
    for item in found:
        if item.hand_in.student.name != item.hand_in.student.key:
            names[item.hand_in.student.key].add(item.hand_in.student.name)
    return [item if len(names[item.hand_in.student.key]) < 2 else _by_name(item) for item in found]


def _by_name(item: _Found) -> _Found:
    top = min(member.path for member in item.hand_in.files.values()).partition("/")[0]
    return replace(item, hand_in=replace(item.hand_in, student=student(stem(top))))


def _survey(path: Path, lab: str, *, alone: bool) -> list[_Found]:
    try:
        is_folder = path.is_dir()
        path.stat()
    except FileNotFoundError as error:
        raise NoSubmissions(f"There is no file or folder {shown(str(path), 500)}. Check how it is spelt.") from error
    except (OSError, ValueError) as error:
        raise NoSubmissions(
            f"{shown(str(path), 500)} could not be looked at: {error}. Check its name and rights."
        ) from error
    if is_folder:
        return _survey_folder(path, lab)
    if is_archive(path.name):
        return _survey_archive(path, lab, alone=alone)
    if is_code(path.name):
        return _survey_file(path, lab)
    rename = f" Rename it to {shown(path.stem)}." if is_code(path.stem) and not is_foreign(path.name) else ""
    raise NoSubmissions(
        f"{shown(str(path), 500)} is no .py, .ipynb, .zip or .tar file, so it cannot be graded.{rename}"
    )


def _survey_file(path: Path, lab: str) -> list[_Found]:
    folder = Folder(path.parent)
    return [_Found(path.parent, folder, hand_in) for hand_in in hand_ins({path.name: folder.member(path.name)}, lab)]


def _survey_folder(path: Path, lab: str) -> list[_Found]:
    folder = Folder(path)
    files = tree(folder.members())
    called = path.resolve().name
    if is_one_submission(files, lab, zipped=False, called=called):
        return [_Found(path, folder, HandIn(student(called), "", files))]
    return [_Found(path, folder, _dated(hand_in, folder)) for hand_in in hand_ins(files, lab, called)]


def _as_one(path: Path, survey: list[_Found], lab: str) -> list[_Found]:
    """What was found at `path`, which is no class's if it is a folder."""
    if not survey or not path.is_dir() or survey[0].is_folder:
        return survey
    folder = Folder(path)
    files = tree(folder.members())
    whole = _Found(path, folder, HandIn(student(path.resolve().name), "", files))
    return [_unless_of_a_class(whole, files, lab)]


def _unless_of_a_class(whole: _Found, files: Tree, lab: str) -> _Found:
    """What one student handed in; refused with a word about classes where the lab's file cannot be told."""
    try:
        find_entry(files, lab)
    except Refused as error:
        return replace(whole, reason=f"{error} If it is a whole class's, name it alone.")
    return whole


def _survey_archive(path: Path, lab: str, *, alone: bool) -> list[_Found]:
    (whole,) = _survey_file(path, lab)
    archive = ClassArchive(path)
    try:
        files = tree(archive.members())
    except Refused as error:
        return [replace(whole, reason=str(error))]
    if not files:
        return [replace(whole, reason=f"It is empty. Hand in {lab}.py or {lab}.ipynb.")]
    called = stem(path.name)
    if is_one_submission(files, lab, zipped=True, called=called):
        return [whole]
    if alone:
        with contextlib.closing(archive):
            return [_Found(path, archive, _dated(hand_in, archive)) for hand_in in hand_ins(files, lab, called)]
    return [_unless_of_a_class(whole, files, lab)]


def _dated(hand_in: HandIn, source: Source) -> HandIn:
    """`hand_in` with the time that its receipt tells, if it has one."""
    if hand_in.receipt is None:
        return hand_in
    try:
        content = source.read(hand_in.receipt, _RECEIPT_MOST)
    except Refused:
        return hand_in
    return replace(hand_in, told=sakai.moment(content))


def _take_all(found: Sequence[_Found], lab: str) -> Iterator[Submission | Refusal]:
    with contextlib.ExitStack() as stack:
        for source in {id(item.source): item.source for item in found}.values():
            stack.callback(source.close)
        for item in found:
            yield _take(item, lab)


def _take(item: _Found, lab: str) -> Submission | Refusal:
    who = item.hand_in.student
    try:
        choice, contents = _read(item, lab)
    except Refused as error:
        return Refusal(who, lab, item.label, str(error))
    identity = digest(choice.entry, contents)
    return Submission(who, lab, contents, choice.entry, identity, item.label, item.hand_in.received_at)


def _read(item: _Found, lab: str) -> tuple[Choice, dict[str, bytes]]:
    if item.reason:
        raise Refused(item.reason)
    packed = item.hand_in.archive
    if packed is None:
        return _contents(item.source, item.hand_in.files, lab)
    archive = open_archive(io.BytesIO(item.source.read(packed, ARCHIVE_MOST)), STUDENT_ENTRIES)
    with contextlib.closing(archive):
        return _contents(archive, tree(archive.members()), lab)


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
