"""Which of a student's files are taken, and which one is the lab's. Pure.

The lab's file is `<lab>.py` or `<lab>.ipynb`, at the top or else in a folder at the top; failing that, the only Python
file or notebook there is. Which of the two is meant where both are there, no name tells. Folders around everything are
looked through. It is filed as `<lab>.py` or `<lab>.ipynb` at the top, and with it what lies in its folder and below and
may serve it: modules and small data. So the same work has the same digest however it was packed.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from grader.errors import BothForms, Refused
from grader.intake.names import folded, is_archive, is_awkward, is_code, is_foreign, shown

FILES_MOST: Final = 200
FOLDERS_MOST: Final = 200
BYTES_MOST: Final = 20_000_000
"""Files, folders and bytes of one submission."""

_DATA: Final = frozenset(
    {".csv", ".tsv", ".txt", ".json", ".toml", ".yaml", ".yml", ".npy", ".npz", ".pt", ".pth", ".png", ".jpg"}
)
_NOT_THE_LABS: Final = frozenset({"test_public.py", "conftest.py", "__init__.py", "setup.py"})
_COPY: Final = r"(?:-\d+|-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}| ?\(\d+\))"
"""What Canvas and browsers put behind the name of a file that was there before."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a folder or an archive.

    Attributes:
        path: where its source finds it.
        size: bytes, as the source declares them.
        modified: UTC; None where nothing sensible is recorded.
        trouble: why it cannot be read, to follow its name in a sentence; "" if it can.
    """

    path: str
    size: int
    modified: datetime | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What to read: the name within the submission -> the member."""

    entry: str
    files: Mapping[str, Member]


def choose(members: Mapping[str, Member], lab: str) -> Choice:
    """The files to take of what one student handed in, keyed by their path in it. Code among them can be read.

    Raises:
        Refused: the lab's file cannot be told, or the files are too many or too large, or code cannot be read.
    """
    if members and all(member.trouble for member in members.values()):
        check_trouble(*min(members.items()))
    lab_file = find_entry(members, lab)
    entry = lab + PurePosixPath(lab_file).suffix.lower()
    folder = lab_file[: -len(PurePosixPath(lab_file).name)]
    files = {
        name.removeprefix(folder): member
        for name, member in sorted(members.items())
        if name.startswith(folder) and name != lab_file and _serves(name)
    }
    files[entry] = members[lab_file]
    _check(files)
    return Choice(entry, files)


def find_entry(names: Iterable[str], lab: str) -> str:
    """The one of `names` that is the lab's file.

    Raises:
        Refused: there is none, or more than one could be; `BothForms` where these are a source and a notebook.
    """
    names = sorted(names)
    groups = _by_depth(names)
    for group in groups:
        if best := _best_named(group, lab):
            return _the_one(best, lab)
    for group in groups:
        if likely := [name for name in group if PurePosixPath(name).name not in _NOT_THE_LABS]:
            return _the_one(likely, lab)
    raise Refused(_nothing_there(names, lab))


def called_like(names: Iterable[str], lab: str) -> list[str]:
    """Those of `names`, where the lab's file is looked for, that are called as it should be, or as a copy of it."""
    return [name for group in _by_depth(sorted(names)) for name in group if _rank(name, lab) is not None]


def is_named(name: str, lab: str) -> bool:
    """Whether a file is called as the lab's file should be, capitals aside."""
    return is_code(name) and PurePosixPath(name).stem.casefold() == lab.casefold()


def digest(entry: str, files: Mapping[str, bytes]) -> str:
    """SHA-256 in hex over entry, names and contents, each after its length so that no two submissions read alike."""
    found = hashlib.sha256()
    parts = [entry.encode()]
    for name, content in sorted(files.items()):
        parts += [name.encode(), content]
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()


def check_trouble(name: str, member: Member) -> None:
    """Refuse what cannot be read."""
    if member.trouble:
        raise Refused(f"{shown(name)} {member.trouble}.")


def is_needed(name: str, code: Iterable[bytes]) -> bool:
    """Whether code speaks of a file that cannot be read; what none speaks of is left out, like links to anywhere."""
    return any(PurePosixPath(name).name.encode("utf-8", "surrogatepass") in source for source in code)


def megabytes(size: int) -> str:
    """`size` in bytes, for people."""
    return f"{size / 1_000_000:,.1f} MB"


def _by_depth(names: list[str]) -> tuple[list[str], list[str]]:
    """(the code at the top, that in the folders there), below the folders around everything."""
    around = os.path.commonprefix(names).count("/")  # noqa: RUF071 - of the folders around everything, the slashes
    code = [name for name in names if is_code(name)]
    return [name for name in code if name.count("/") == around], [
        name for name in code if name.count("/") == around + 1
    ]


def _best_named(names: Iterable[str], lab: str) -> list[str]:
    """The best named sources, and the best named notebooks."""
    ranked: dict[bool, dict[int, list[str]]] = {False: {}, True: {}}
    for name in names:
        if (rank := _rank(name, lab)) is not None:
            ranked[_is_notebook(name)].setdefault(rank, []).append(name)
    return [name for ranks in ranked.values() if ranks for name in ranks[min(ranks)]]


def _is_notebook(name: str) -> bool:
    return name.lower().endswith(".ipynb")


def _rank(name: str, lab: str) -> int | None:
    stem = PurePosixPath(name).stem
    if stem == lab:
        return 0
    if stem.casefold() == lab.casefold():
        return 1
    return 2 if re.fullmatch(re.escape(lab) + _COPY, stem, re.IGNORECASE) else None


def _the_one(candidates: list[str], lab: str) -> str:
    if len(candidates) == 1:
        return candidates[0]
    if _are_both_forms(candidates, lab):
        raise BothForms(
            f"{' and '.join(map(shown, candidates))} are both there, and nothing tells which one is to be "
            "graded. Leave only that one, take the other away, and hand in again."
        )
    raise Refused(
        f"It holds several files that could be the one to grade: {some(candidates)}. "
        f"Call the right one {lab}.py or {lab}.ipynb, leave it once, at the top, and hand in again."
    )


def _are_both_forms(names: list[str], lab: str) -> bool:
    """Whether they are a source and a notebook side by side, both called as the lab's file."""
    beside = len({PurePosixPath(name).parent for name in names}) == 1
    forms = sorted(map(_is_notebook, names)) == [False, True]
    return beside and forms and all(_rank(name, lab) is not None for name in names)


def _nothing_there(names: list[str], lab: str) -> str:
    wanted = f"Hand in {lab}.py or {lab}.ipynb."
    if not names:
        return f"It is empty. {wanted}"
    if archives := [*filter(is_archive, names)]:
        return f"It holds an archive ({some(archives)}) where the lab's file should be. {wanted}"
    if foreign := [*filter(is_foreign, names)]:
        return f"{some(foreign)} is packed in a way which is not read here. {wanted} A zip of it will do, too."
    if longer := [name for name in names if is_code(PurePosixPath(name).stem)]:
        call = f"Call the file {lab}.py or {lab}.ipynb, and hand in again."
        return f"The last ending of {some(longer)} is one too many. {call}"
    return f"No Python file or notebook to grade is at its top or in one folder; it holds {some(names)}. {wanted}"


def some(names: Sequence[str], most: int = 5) -> str:
    """`names` in a sentence, however many they are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(shown(name) for name in names[:most]) + more


def _serves(name: str) -> bool:
    suffix = PurePosixPath(name).suffix.lower()
    return suffix == ".py" or suffix in _DATA


def _check(files: Mapping[str, Member]) -> None:
    size = sum(member.size for member in files.values())
    if size > BYTES_MOST or len(files) > FILES_MOST:
        raise Refused(_too_much(len(files), size))
    _check_collisions(files)
    for name, member in files.items():
        if is_code(name):
            check_trouble(name, member)
        if is_awkward(name):
            raise Refused(
                f"The name {shown(name)} is too long or has characters that cannot be shown. Rename the file."
            )
    folders = {str(parent) for name in files for parent in PurePosixPath(name).parents} - {"."}
    if len(folders) > FOLDERS_MOST:
        raise Refused(
            f"It takes {len(folders):,} folders; at most {FOLDERS_MOST} are allowed. "
            "Put what the lab's file needs beside it, and hand in that alone."
        )
    for name in files:
        if name in folders:
            raise Refused(f"{shown(name)} is both a file and a folder. Rename one of them.")


def _check_collisions(names: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for name in sorted(names):
        other = seen.setdefault(folded(name), name)
        if other != name:
            raise Refused(
                f"{shown(other)} and {shown(name)} differ only in capitals or in how accents are written. "
                "Rename one of them."
            )


def _too_much(files: int, size: int) -> str:
    return (
        f"It takes {megabytes(size)} in {files:,} file{'' if files == 1 else 's'}; at most {megabytes(BYTES_MOST)} in "
        f"{FILES_MOST} files are allowed. Leave out data, clear a notebook's outputs, and hand in again."
    )
