"""Whose files are whose: a folder or an archive of submissions, taken apart. Pure.

- With `<lab>.py` or `<lab>.ipynb` at its top, a folder is one student's submission. So is an archive, also when its
  only code is a single file, at its top or in the one folder it has.
- Otherwise each file, folder and archive at the top is a student's; files that Canvas named are put together by
  user id.
- One folder around everything, which is no submission itself, is looked through.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final, TypeAlias

from grader.intake.canvas import recognise
from grader.intake.choose import Member, is_named
from grader.intake.names import is_archive, is_code, stem, student, worth_keeping
from grader.model import Student

Tree: TypeAlias = Mapping[str, Member]
"""Paths below some root -> members."""

_OPERATORS: Final = frozenset(
    {
        ".csv",
        ".tsv",
        ".xls",
        ".xlsx",
        ".json",
        ".xml",
        ".md",
        ".toml",
        ".yaml",
        ".yml",
        ".log",
        ".html",
        ".db",
        ".db-wal",
        ".db-shm",
    }
)
"""Suffixes of what teachers keep beside submissions: rosters, worksheets, notes, pages, databases."""


@dataclass(frozen=True, slots=True)
class HandIn:
    """What one student handed in: the path in it -> where it lies.

    Attributes:
        where: within the source, for people to read.
    """

    student: Student
    where: str
    files: Tree

    @property
    def received_at(self) -> datetime | None:
        """When the newest of its files was written."""
        return max((member.modified for member in self.files.values() if member.modified), default=None)

    @property
    def archive(self) -> Member | None:
        """The archive to look into: the only one, where there is no code beside it."""
        archives = [member for name, member in self.files.items() if is_archive(name)]
        return archives[0] if len(archives) == 1 and not any(map(is_code, self.files)) else None


def tree(members: Iterable[Member]) -> Tree:
    """The members that a person put there."""
    by_path = {member.path: member for member in members}
    return {path: by_path[path] for path in worth_keeping(by_path)}


def is_one_submission(found: Tree, lab: str, *, zipped: bool) -> bool:
    """Whether a folder or archive is what one student handed in, rather than a class."""
    if recognise(_top(found)):
        return False
    if any(is_named(path, lab) for path in _top(found)):
        return True
    if not zipped:
        return False
    inner = _inside(found, lone) if (lone := _lone_folder(found)) else found
    code = [path for path in inner if is_code(path)]
    only = len(code) == 1 and code == [*filter(is_code, _top(inner))] and not any(map(is_archive, inner))
    return not recognise(_top(inner)) and (only or any(is_named(path, lab) for path in _top(inner)))


def hand_ins(found: Tree, lab: str) -> list[HandIn]:
    """What each student handed in, of a class's folder or archive."""
    lone = _lone_folder(found)
    if lone and not _is_a_students(_inside(found, lone), lab):
        found = _inside(found, lone)
    uploads = recognise(_top(found))
    groups: dict[tuple[Student, str], dict[str, Member]] = {}
    for path, member in sorted(found.items()):
        top, _, rest = path.partition("/")
        if rest:
            groups.setdefault((student(top), top), {})[rest] = member
        elif upload := uploads.get(path):
            groups.setdefault((upload.student, ""), {})[upload.file] = member
        elif not _is_operators(path):
            groups[student(stem(path)), path] = {path: member}
    return [
        HandIn(who, where or ", ".join(member.path for member in files.values()), files)
        for (who, where), files in groups.items()
    ]


def _top(found: Tree) -> list[str]:
    return [path for path in found if "/" not in path]


def _lone_folder(found: Tree) -> str:
    tops = {path.partition("/")[0] for path in found}
    return tops.pop() if len(tops) == 1 and not _top(found) else ""


def _inside(found: Tree, folder: str) -> dict[str, Member]:
    return {path.removeprefix(f"{folder}/"): member for path, member in found.items()}


def _is_a_students(found: Tree, lab: str) -> bool:
    if recognise(_top(found)):
        return False
    gradable = {path.partition("/")[0] for path in found if is_code(path) or is_archive(path)}
    return len(gradable) < 2 or any(is_named(path, lab) for path in _top(found))


def _is_operators(name: str) -> bool:
    if is_code(name) or is_archive(name):
        return False
    return PurePosixPath(name).suffix.lower() in _OPERATORS or name.lower().startswith(("readme", "license"))
