"""The students' part of a lab's own data, as it lies in assignments/LAB: written, and compared with what it should be.

What was written is on record in reference/LAB, by the SHA-256 of each file, so that nothing else is ever overwritten.
"""

import hashlib
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from grader import opened
from grader.datasets import images, tables, tensors
from grader.datasets.items import Items
from grader.datasets.kinds import Filed, ImagesSpec, TableSpec, TensorsSpec
from grader.datasets.own import file_digest, read
from grader.datasets.parts import Parts, split
from grader.drafts import draft
from grader.errors import HandoutRefused, InvalidLab

RECORD: Final = "students_data.sha256"
"""In reference/LAB: a line for each file, its digest and where it lies in assignments/LAB."""


def parted(own: Filed, reference: Path) -> tuple[Items, Parts]:
    """All items of a lab, and which are whose.

    Raises:
        InvalidLab: there is something that an instructor has to put right.
    """
    items = read(own, reference)
    return items, split(items, own.hidden, reference / own.place)


def write(own: Filed, reference: Path, assignment: Path) -> bool:
    """Write the students' part, unless it is there as it should be; it takes the old one's place as a whole.

    Returns:
        Whether anything was written.

    Raises:
        InvalidLab: as `parted`; or something is in the way that was not written by this.
    """
    with _alone(reference):
        return _write(own, reference, assignment)


def _write(own: Filed, reference: Path, assignment: Path) -> bool:
    items, parts = parted(own, reference)
    place, made, old = assignment / own.place, reference / f".{own.place}.new", reference / f".{own.place}.old"
    if not _found(own, items, parts, reference, assignment):
        return False
    for left in made, old:
        _remove(left)  # of a command that was killed
    try:
        _make(own, reference, items, parts, made)
        fresh = {path: file_digest(made / path) for path in _within(made)}
        _check_ours(place, fresh, _recorded(reference))
        _record(reference, {**_recorded(reference), **fresh})
        _put(made, place, old)
        _record(reference, fresh)
    finally:
        _remove(made)
    return True


def faults(own: Filed, reference: Path, assignment: Path) -> list[str]:
    """What is wrong with what students would get, a sentence each.

    Raises:
        InvalidLab: as `parted`.
    """
    return faults_of(own, *parted(own, reference), reference, assignment)


def faults_of(own: Filed, items: Items, parts: Parts, reference: Path, assignment: Path) -> list[str]:
    """The same where the whole is at hand."""
    return [*_found(own, items, parts, reference, assignment), *_copies(own, items, parts, reference, assignment)]


# ---------------------------------------------------------------- comparing


def _found(own: Filed, items: Items, parts: Parts, reference: Path, assignment: Path) -> list[str]:
    try:
        return _differences(own, items, parts, reference, assignment)
    except InvalidLab as error:
        return [str(error)]


def _differences(own: Filed, items: Items, parts: Parts, reference: Path, assignment: Path) -> list[str]:
    """How the students' part differs from what it should be. Raises as `read`."""
    theirs, place = read(own, assignment), assignment / own.place
    again = _again(place, reference)
    secret = {items.contents[one] for one in parts.hidden}
    if shown := sum(content in secret for content in theirs.contents):
        known = "Who has been given that knows as much of what decides the grade."
        return [f"{place} holds {_items(shown)} of the hidden part. {again} {known}"]
    told = items.told()
    want, have = Counter(told[one] for one in parts.students), Counter(theirs.told())
    if want != have or items.columns != theirs.columns:
        lacking, more = (want - have).total(), (have - want).total()
        return [f"{place} is out of date: {_items(lacking)} missing, and {_items(more)} too many. {again}"]
    return []


def _again(place: Path, reference: Path) -> str:
    """What to do where a part is not as it should be: what somebody else put there is never overwritten."""
    command = f"`grader dataset {reference.name} --write`"
    strange = _strange(place, _recorded(reference))
    if not strange:
        return f"Run {command}."
    return f"Move {place / strange[0]} away, which {command} did not write, or which changed since; then run that."


def _copies(own: Filed, items: Items, parts: Parts, reference: Path, assignment: Path) -> list[str]:
    """Files of what stays hidden that lie elsewhere in what students get."""
    source = [items.files[one] for one in parts.hidden] if items.files else [reference / own.place]
    secret, place = {file_digest(file) for file in source}, assignment / own.place
    shows = _showing(own, items, parts, reference)
    files = (file for file in sorted(assignment.rglob("*")) if file.is_file() and place not in (file, *file.parents))
    remove = f"of what stays hidden. Remove it: students get all of {assignment}."
    found = []
    for file in files:
        try:
            held = opened.files({str(file): file.read_bytes()})
            if told := next(((name, how) for name, content in held if (how := _shown(content, secret, shows))), None):
                found.append(f"{' '.join(told)} {remove}")
        except HandoutRefused as error:
            found.append(str(error))
    return found


def _shown(content: bytes, secret: Collection[bytes], shows: Callable[[bytes], bool]) -> str:
    """What a file is of what stays hidden, in words; "" where it is nothing."""
    if hashlib.sha256(content).digest() in secret:
        return "is a copy"
    return "has some" if shows(content) else ""


def _showing(own: Filed, items: Items, parts: Parts, reference: Path) -> Callable[[bytes], bool]:
    """What tells of a file whether it shows hidden items, in another form than their own; tensors it does not find."""
    match own:
        case ImagesSpec():
            pixels = {items.contents[one] for one in parts.hidden}
            return lambda content: images.content(own, content) in pixels
        case TableSpec():
            rows = tables.told(own, reference, parts.hidden)
            return lambda content: tables.shows(content, rows)
        case TensorsSpec():
            return lambda _: False


def _items(number: int) -> str:
    return f"{number:,} item{'' if number == 1 else 's'}"


# ---------------------------------------------------------------- writing


@contextmanager
def _alone(reference: Path) -> Iterator[None]:
    """Wait while another command writes the same part, where the system has locks for that."""
    if sys.platform == "win32":
        yield
        return
    import fcntl  # noqa: PLC0415 - Unix alone has it

    folder = os.open(reference, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _make(own: Filed, reference: Path, items: Items, parts: Parts, made: Path) -> None:
    match own:
        case ImagesSpec():
            images.write(own, items, parts.students, made)
        case TableSpec():
            tables.write(own, reference, parts.students, made)
        case TensorsSpec():
            tensors.write(items, parts.students, made)


def _within(place: Path) -> Iterator[str]:
    """Whatever lies there and is no folder, by its path from there; "." where it is no folder itself."""
    if place.is_symlink() or place.is_file():
        yield "."
    elif place.is_dir():
        for found in sorted(place.rglob("*")):
            if (found.is_symlink() or not found.is_dir()) and found.name not in images.LITTER:
                yield found.relative_to(place).as_posix()


def _check_ours(place: Path, *ours: Mapping[str, bytes]) -> None:
    """Look whether all that lies at a place was written by this.

    Raises:
        InvalidLab: something else is there.
    """
    if strange := _strange(place, *ours):
        others = f", and {len(strange) - 1:,} more" if len(strange) > 1 else ""
        raise InvalidLab(
            f"{place / strange[0]}{others}: not written by this command, or changed since. Nothing was overwritten. "
            "Move away what you want to keep, remove the rest, and run the command again."
        )


def _strange(place: Path, *ours: Mapping[str, bytes]) -> list[str]:
    return [path for path in _within(place) if not any(_same(place / path, known.get(path)) for known in ours)]


def _same(file: Path, known: bytes | None) -> bool:
    return file.is_file() and not file.is_symlink() and file_digest(file) == known


def _recorded(reference: Path) -> dict[str, bytes]:
    file = reference / RECORD
    lines = file.read_text("utf-8", "replace").splitlines() if file.is_file() else []
    found = [re.fullmatch("([0-9a-f]{64})  (.+)", line) for line in lines]
    return {match[2]: bytes.fromhex(match[1]) for match in found if match}


def _record(reference: Path, known: Mapping[str, bytes]) -> None:
    with draft(reference / RECORD) as file:
        file.write_text("".join(f"{known[path].hex()}  {path}\n" for path in sorted(known)), "utf-8")


def _put(made: Path, place: Path, old: Path) -> None:
    """Put what was made into its place; what was there stays until it is."""
    if made.is_file():
        made.replace(place)
        return
    if place.exists():
        place.rename(old)
    try:
        made.rename(place)
    except OSError:
        if old.exists():
            old.rename(place)
        raise
    _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
