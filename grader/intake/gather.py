"""From the paths that an operator names to submissions and refusals."""

import contextlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import BothForms, NoSubmissions, Refused
from grader.intake import gradescope
from grader.intake.choose import (
    Member,
    find_entry,
    some,
)
from grader.intake.folder import Folder
from grader.intake.found import ClassArchive, Found, Source, dated, take
from grader.intake.known import Known, settle
from grader.intake.layout import Class, HandIn, Tree, is_one_submission, take_apart, tree
from grader.intake.names import is_archive, is_code, is_foreign, shown, stem, student
from grader.intake.roster import Matching, Roster, match
from grader.intake.starter import Starter
from grader.model import Refusal, Student, Submission


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
        starter: what is not taken for a student's work where that lies beside it.
    """

    lab: str
    found: tuple[Found, ...]
    places: tuple[Place, ...]
    matching: Matching | None = None
    notes: tuple[str, ...] = ()
    starter: Starter | None = None

    def take(self) -> Iterator[Submission | Refusal]:
        """Read it, one by one as the iterator advances."""
        with contextlib.ExitStack() as stack:
            for source in {id(item.source): item.source for item in self.found}.values():
                stack.callback(source.close)
            for item in self.found:
                yield take(item, self.lab, self.starter)


def survey(
    paths: Sequence[Path],
    lab: str,
    roster: Roster | None = None,
    known: Known | None = None,
    starter: Starter | None = None,
) -> Survey:
    """What students handed in for `lab`.

    An archive that is named beside other paths is the student's whose name it bears, whatever is in it: who packed it
    cannot hand in for others. So is a folder, where one of those beside it is clearly a student's.

    Args:
        paths: files, folders and archives, of one student or of a class.
        known: whom the database has, if that is to be looked at.
        starter: what students begin with, if there is something.

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
    return replace(done, starter=starter)


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
        return Place(path, tuple(Found(path, source, dated(hand_in, source)) for hand_in in apart.hand_ins), apart)
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
    except BothForms:
        return whole  # in one folder, as no class has them; what is in them may tell which is meant
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
