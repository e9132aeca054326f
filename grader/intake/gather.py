"""From the paths that an operator names to submissions and refusals."""

import codecs
import contextlib
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final, Protocol

from grader.errors import NoSubmissions, Refused, Unreadable
from grader.intake import gradescope, notebook, sakai
from grader.intake.archive import CLASS_ENTRIES, STUDENT_ENTRIES, is_packed, open_archive
from grader.intake.choose import (
    BYTES_MOST,
    Choice,
    Member,
    check_trouble,
    choose,
    digest,
    find_entry,
    is_needed,
    some,
)
from grader.intake.entries import Archive
from grader.intake.folder import Folder, unreadable
from grader.intake.known import Known, settle
from grader.intake.layout import Class, HandIn, Tree, is_one_submission, take_apart, tree
from grader.intake.names import is_archive, is_code, is_foreign, shown, stem, student
from grader.intake.roster import Matching, Roster, match
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


@dataclass(frozen=True, slots=True)
class Place:
    """What was found at a path that an operator named.

    Attributes:
        apart: the class that it is, if it is one.
        notes: sentences for the operator.
    """

    path: Path
    found: tuple[Found, ...]
    apart: Class | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What students handed in for a lab, found and not read yet.

    Sorted by the student's key; of several by one student, the latest received comes last.

    Attributes:
        places: where it was found; the students there are called as they were before the roster was looked at.
        matching: who everybody is by the roster, if there is one.
        notes: sentences for the operator about ids that are not believed, or are other ones in the database.
    """

    lab: str
    found: tuple[Found, ...]
    places: tuple[Place, ...]
    matching: Matching | None = None
    notes: tuple[str, ...] = ()

    def take(self) -> Iterator[Submission | Refusal]:
        """Read it, one by one as the iterator advances."""
        with contextlib.ExitStack() as stack:
            for source in {id(item.source): item.source for item in self.found}.values():
                stack.callback(source.close)
            for item in self.found:
                yield _take(item, self.lab)


def survey(paths: Sequence[Path], lab: str, roster: Roster | None = None, known: Known | None = None) -> Survey:
    """What students handed in for `lab`.

    An archive that is named beside other paths is the student's whose name it bears, whatever is in it: who packed it
    cannot hand in for others. So is a folder, where one of those beside it is clearly a student's.

    Args:
        paths: files, folders and archives, of one student or of a class.
        known: whom the database has, if that is to be looked at.

    Raises:
        NoSubmissions: a path does not exist or cannot be read, or there is nothing to grade.
    """
    places = [_survey(path, lab, alone=len(paths) == 1) for path in paths]
    if any(len(place.found) == 1 and place.found[0].is_folder for place in places):
        places = [_as_one(path, place, lab) for path, place in zip(paths, places, strict=True)]
    done = whose_they_are(places, lab, roster, known)
    if not done.found:
        where = ", ".join(shown(str(path), 500) for path in paths) or "no path"
        raise NoSubmissions(f"Nothing to grade in {where}. Name .py, .ipynb, .zip or .tar files, or a folder of them.")
    if len(done.found) == 1 and done.found[0].reason:
        raise NoSubmissions(f"{done.found[0].label}: {done.found[0].reason}")
    return done


def whose_they_are(places: Sequence[Place], lab: str, roster: Roster | None, known: Known | None) -> Survey:
    """The survey of these places: everybody told apart, and called as the roster and the database call them."""
    everything, notes = _told_apart([item for place in places for item in place.found])
    matching = match(_students(everything), roster) if roster else None
    if matching:
        everything = [item.of(matching.people[item.student.key]) for item in everything]
    if known:
        settled = settle(_students(everything), matching.ids if matching else {}, known)
        everything = [item.of(settled.people.get(item.student.key, item.student)) for item in everything]
        notes = (*notes, *settled.notes)
    found = sorted(everything, key=lambda item: item.order)
    return Survey(lab, tuple(found), tuple(places), matching, notes)


def collect(paths: Sequence[Path], lab: str) -> Iterator[Submission | Refusal]:
    """What students handed in for `lab`: found at once, read one by one as the iterator advances. See `survey`."""
    return survey(paths, lab).take()


def _students(found: Iterable[Found]) -> Collection[Student]:
    return {item.student.key: item.student for item in found}.values()


def _told_apart(found: Sequence[Found]) -> tuple[list[Found], tuple[str, ...]]:
    """The same, but where a key stands for people of several names, each is called as what they handed in is.

    No platform gives one id to two people. What merely looks like an id would make one student of two. An account's
    owner may have another name by now, so that of an account's address is the one that was there last.
    """
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for item in found:
        if item.student.name != item.student.key and not item.hand_in.by_account:
            names[item.student.key][item.student.name] = None
    several = {key: called for key, called in names.items() if len(called) > 1}
    ids = [f"{shown(key)} ({', '.join(called)})" for key, called in several.items()]
    note = f"Has several names, so that each submission is called as its file or folder is: {some(ids)}."
    return [_by_name(item) if item.student.key in several else item for item in found], (note,) if ids else ()


def _by_name(item: Found) -> Found:
    called = item.hand_in.called
    return item.of(student(stem(called))) if called else item


def _survey(path: Path, lab: str, *, alone: bool) -> Place:
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
        return Place(path, (_survey_file(path, lab),))
    rename = f" Rename it to {shown(path.stem)}." if is_code(path.stem) and not is_foreign(path.name) else ""
    raise NoSubmissions(
        f"{shown(str(path), 500)} is no .py, .ipynb, .zip or .tar file, so it cannot be graded.{rename}"
    )


def _survey_file(path: Path, lab: str) -> Found:
    folder = Folder(path.parent)
    (hand_in,) = take_apart({path.name: folder.member(path.name)}, lab).hand_ins
    return Found(path.parent, folder, hand_in)


def _survey_folder(path: Path, lab: str) -> Place:
    folder = Folder(path)
    files = tree(folder.members())
    called = path.resolve().name
    if is_one_submission(files, lab, zipped=False, called=called):
        return Place(path, (Found(path, folder, HandIn(student(called), "", files)),))
    return of_class(path, folder, take_apart(files, lab, called))


def of_class(path: Path, source: Source, apart: Class) -> Place:
    """What a class handed in at `path`, with what the platform tells in files of its own."""
    if apart.metadata is None:
        return Place(path, tuple(Found(path, source, _dated(hand_in, source)) for hand_in in apart.hand_ins), apart)
    told, notes = _told(apart.hand_ins, apart.metadata, source)
    found = (Found(path, source, hand_in) for each in apart.hand_ins for hand_in in _whose(each, told))
    return Place(path, tuple(found), apart, notes)


def _told(
    hand_ins: Sequence[HandIn], metadata: Member, source: Source
) -> tuple[Mapping[str, gradescope.Entry], tuple[str, ...]]:
    """(what the metadata say, what there is to say about them)."""
    kept = "Each submission's id is its student's key."
    try:
        told = gradescope.entries(source.read(metadata, gradescope.METADATA_MOST))
    except Refused as error:
        return {}, (f"{error} {kept}",)
    except ValueError as error:
        return {}, (f"{shown(metadata.path)} {error}, so nothing in it is believed. {kept}",)
    called = {hand_in.called: None for hand_in in hand_ins}
    lists = {
        "does not say whose {} is: the name is the student's key": [each for each in called if each not in told],
        "names {}, of which there is nothing to grade here": [
            f"{each} ({', '.join(who.name for who in entry.submitters)})"
            for each, entry in told.items()
            if each not in called
        ],
    }
    says = ((sentence, some(names)) for sentence, names in lists.items() if names)
    return told, tuple(f"{shown(metadata.path)} {sentence.format(names)}." for sentence, names in says)


def _whose(hand_in: HandIn, told: Mapping[str, gradescope.Entry]) -> list[HandIn]:
    """`hand_in` for each of its authors: what a group handed in is everybody's."""
    entry = told.get(hand_in.called)
    if entry is None:
        return [hand_in]
    return [
        replace(hand_in, student=who, told=entry.received_at, by_account="@" in who.key) for who in entry.submitters
    ]


def _as_one(path: Path, place: Place, lab: str) -> Place:
    """What was found at `path`, which is no class's if it is a folder."""
    if not place.found or not path.is_dir() or place.found[0].is_folder:
        return place
    folder = Folder(path)
    files = tree(folder.members())
    whole = Found(path, folder, HandIn(student(path.resolve().name), "", files))
    return Place(path, (_unless_of_a_class(whole, files, lab),))


def _unless_of_a_class(whole: Found, files: Tree, lab: str) -> Found:
    """What one student handed in; refused with a word about classes where the lab's file cannot be told."""
    try:
        find_entry(files, lab)
    except Refused as error:
        return replace(whole, reason=f"{error} If it is a whole class's, name it alone.")
    return whole


def _survey_archive(path: Path, lab: str, *, alone: bool) -> Place:
    whole = _survey_file(path, lab)
    archive = ClassArchive(path)
    try:
        files = tree(archive.members())
    except Refused as error:
        return Place(path, (replace(whole, reason=str(error)),))
    if not files:
        return Place(path, (replace(whole, reason=f"It is empty. Hand in {lab}.py or {lab}.ipynb."),))
    called = stem(path.name)
    if is_one_submission(files, lab, zipped=True, called=called):
        return Place(path, (whole,))
    if alone:
        with contextlib.closing(archive):
            return of_class(path, archive, take_apart(files, lab, called))
    return Place(path, (_unless_of_a_class(whole, files, lab),))


def _dated(hand_in: HandIn, source: Source) -> HandIn:
    """`hand_in` with the time that its receipt tells, if it has one."""
    if hand_in.receipt is None:
        return hand_in
    try:
        content = source.read(hand_in.receipt, _RECEIPT_MOST)
    except Refused:
        return hand_in
    return replace(hand_in, told=sakai.moment(content))


def _take(item: Found, lab: str) -> Submission | Refusal:
    who = item.student
    try:
        choice, contents = _read(item, lab)
    except Refused as error:
        return Refusal(who, lab, item.label, str(error), unread=isinstance(error, Unreadable))
    identity = digest(choice.entry, contents)
    received, told = item.hand_in.received_at, item.hand_in.told
    return Submission(who, lab, contents, choice.entry, identity, item.label, received, told)


def _read(item: Found, lab: str) -> tuple[Choice, dict[str, bytes]]:
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
