"""Whose files are whose: a folder or an archive of submissions, taken apart. Pure.

- With `<lab>.py` or `<lab>.ipynb` at its top, a folder is one student's submission. So is an archive, also when its
  only code is a single file, at its top or in the one folder it has.
- Otherwise each file, folder and archive at the top is a student's, but for what a learning platform named in a
  download: that tells itself whose it is.
- One folder around everything, which is no submission itself, is looked through.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from grader.intake import gradescope
from grader.intake.choose import Member, is_named
from grader.intake.names import is_archive, is_code, is_operators, is_work, stem, student, worth_keeping
from grader.intake.platforms import GRADESCOPE, Reading, recognise
from grader.intake.upload import Upload
from grader.model import Student

Tree: TypeAlias = Mapping[str, Member]
"""Paths below some root -> members."""


@dataclass(frozen=True, slots=True)
class HandIn:
    """What one student handed in: the path in it -> where it lies.

    Attributes:
        where: within the source, for people to read.
        called: the name of the folder or file at the top of a class that it lies in, or the first of several.
        told: when it was received, if the platform tells; naive where it tells local time.
        receipt: the file that tells it.
        late: the platform marked it so.
        by_account: the student's key is the address of an account, by the platform's own word.
    """

    student: Student
    where: str
    files: Tree
    called: str = ""
    told: datetime | None = None
    receipt: Member | None = None
    late: bool = False
    by_account: bool = False

    @property
    def received_at(self) -> datetime | None:
        """When it was received, or else when the newest of its files was written; to put a student's in order.

        Local time is taken as if it were UTC.
        """
        if self.told is not None:
            return self.told if self.told.tzinfo else self.told.replace(tzinfo=UTC)
        return max((member.modified for member in self.files.values() if member.modified), default=None)

    @property
    def archive(self) -> Member | None:
        """The archive to look into: the only one, where there is no code beside it."""
        archives = [member for name, member in self.files.items() if is_archive(name)]
        return archives[0] if len(archives) == 1 and not any(map(is_code, self.files)) else None


@dataclass(frozen=True, slots=True)
class Class:
    """A class's folder or archive, taken apart.

    Attributes:
        platform: whose download it is; "" for nobody's.
        metadata: the platform's own word on whose the hand-ins are; None where their names tell.
        beside: how many files of the platform's own, or typed into its forms, are left out.
        nobodys: what lies beside and is kept by teachers.
    """

    hand_ins: tuple[HandIn, ...]
    platform: str = ""
    metadata: Member | None = None
    beside: int = 0
    nobodys: tuple[str, ...] = ()


def tree(members: Iterable[Member]) -> Tree:
    """The members that a person put there."""
    by_path = {member.path: member for member in members}
    return {path: by_path[path] for path in worth_keeping(by_path)}


def is_one_submission(found: Tree, lab: str, *, zipped: bool, called: str = "") -> bool:
    """Whether a folder or archive, `called` so, is what one student handed in, rather than a class."""
    if _recognised(found, called)[1].uploads:
        return False
    if any(is_named(path, lab) for path in _top(found)):
        return True
    if not zipped:
        return False
    lone = _lone_folder(found)
    inner = _inside(found, lone) if lone else found
    code = [path for path in inner if is_code(path)]
    only = len(code) == 1 and code == [*filter(is_code, _top(inner))] and not any(map(is_archive, inner))
    return not recognise(inner, lone).uploads and (only or any(is_named(path, lab) for path in _top(inner)))


def take_apart(found: Tree, lab: str, called: str = "", *, filling: bool = False) -> Class:
    """What each student handed in, of a class's folder or archive that is `called` so.

    Args:
        filling: more may come, so a folder that is alone there is not around everything.
    """
    found, reading, papers = (found, recognise(found, called), []) if filling else _unwrapped(found, lab, called)
    named: dict[tuple[Student, str], dict[str, Upload]] = {}
    groups: dict[tuple[Student, str], dict[str, Member]] = {}
    nobodys = [*papers]
    for path, member in sorted(found.items()):
        top, _, rest = path.partition("/")
        if upload := reading.uploads.get(path):
            named.setdefault((upload.student, upload.attempt), {})[path] = upload
        elif rest:
            groups.setdefault((student(top), top), {})[rest] = member
        elif is_operators(path):
            nobodys += [path] if (path, reading.platform) != (gradescope.METADATA, GRADESCOPE) else []
        else:
            groups[student(stem(path)), path] = {path: member}
    plain = [HandIn(who, where, files, where) for (who, where), files in groups.items()]
    uploaded = [_handed_in(found, theirs) for theirs in named.values()]
    metadata = found[gradescope.METADATA] if reading.platform == GRADESCOPE else None
    beside = len(reading.uploads) - sum(len(hand_in.files) for hand_in in uploaded)
    return Class((*plain, *uploaded), reading.platform, metadata, beside, tuple(nobodys))


def by_kind(found: Tree, called: str = "") -> tuple[Tree, Tree]:
    """(what is named as a platform's download, the rest), each entry at the top looked at by itself.

    So none of them depends on what lies beside it, as it does where a folder is read as the whole looks. Of two
    platforms that with more entries is meant.
    """
    tops: dict[str, dict[str, Member]] = defaultdict(dict)
    for path, member in found.items():
        tops[path.partition("/")[0]][path] = member
    said = tops.get(gradescope.METADATA, {})
    alone = {top: recognise({**said, **theirs}, called).platform for top, theirs in tops.items()}
    platforms = Counter(filter(None, alone.values()))
    if not platforms:
        return {}, found
    platform = platforms.most_common(1)[0][0]
    witness = next(theirs for top, theirs in tops.items() if alone[top] == platform)
    named: dict[str, Member] = {**said}
    for top, theirs in tops.items():  # some names, as of a comment, are told as a platform's only beside another
        if alone[top] == platform or theirs.keys() & recognise({**said, **witness, **theirs}, called).uploads.keys():
            named |= theirs
    return named, {path: member for path, member in found.items() if path not in named}


def _unwrapped(found: Tree, lab: str, called: str) -> tuple[Tree, Reading, list[str]]:
    """A class without the folder around it, read as a platform's, and what a teacher put beside."""
    found, papers = _without_papers(found)
    found, reading = _recognised(found, called)
    lone = _lone_folder(found)
    if not reading.uploads and lone and not _is_a_students(_inside(found, lone), lab, lone):
        found = _inside(found, lone)
        reading = recognise(found, lone)
    return found, reading, papers


def _recognised(found: Tree, called: str) -> tuple[Tree, Reading]:
    """What of a folder or archive a platform made, and below which root: one may be in a folder of its own name."""
    lone = _lone_folder(found)
    if lone and called.startswith(lone) and (reading := recognise(inner := _inside(found, lone), lone)).uploads:
        return inner, reading
    return found, recognise(found, called)


def _without_papers(found: Tree) -> tuple[Tree, list[str]]:
    """The folder of a download without what a teacher put beside it, and that; files that could be work stay."""
    papers = [path for path in _top(found) if not is_work(path)]
    folder = {path: member for path, member in found.items() if path not in papers}
    lone = _lone_folder(folder)
    return (folder, papers) if lone and recognise(_inside(folder, lone), lone).uploads else (found, [])


def _handed_in(found: Tree, uploads: Mapping[str, Upload]) -> HandIn:
    """One student's attempt: the files that a platform says are part of it."""
    work = [path for path, upload in uploads.items() if not upload.beside] or [*uploads]
    tops = {path.partition("/")[0] for path in work}
    return HandIn(
        next(iter(uploads.values())).student,
        min(tops) if len(tops) == 1 and "/" in work[0] else ", ".join(found[path].path for path in work),
        {uploads[path].file: found[path] for path in work},
        min(tops),
        told=max((upload.received_at for upload in uploads.values() if upload.received_at), default=None),
        receipt=next((found[path] for path, upload in uploads.items() if upload.is_receipt), None),
        late=any(upload.late for upload in uploads.values()),
    )


def _top(found: Tree) -> list[str]:
    return [path for path in found if "/" not in path]


def _lone_folder(found: Tree) -> str:
    tops = {path.partition("/")[0] for path in found}
    return tops.pop() if len(tops) == 1 and not _top(found) else ""


def _inside(found: Tree, folder: str) -> dict[str, Member]:
    return {path.removeprefix(f"{folder}/"): member for path, member in found.items()}


def _is_a_students(found: Tree, lab: str, called: str) -> bool:
    if recognise(found, called).uploads:
        return False
    gradable = {path.partition("/")[0] for path in found if is_code(path) or is_archive(path)}
    return len(gradable) < 2 or any(is_named(path, lab) for path in _top(found))
