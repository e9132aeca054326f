"""Writing a course: new courses and labs, starters from solutions, zips for students."""

import keyword
import os
import re
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from grader.authoring import handouts, starters, templates
from grader.drafts import draft
from grader.errors import AlreadyThere, HandoutRefused, InvalidLab
from grader.labs import Course, Lab, bundled_course
from grader.pipeline import own_data

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IMPORTED: Final = sys.stdlib_module_names | {"torch", "torchvision", "numpy", "sklearn", "pytest", "grader", "sandbox"}
"""What a file of that name would hide from those who import it."""


def new_course(folder: Path, *, example: bool) -> Course:
    """Begin a course; it is there whole, or not at all.

    Args:
        example: with the labs that come with the grader.

    Raises:
        AlreadyThere: a course is there, or a file that would be written over.
    """
    files = templates.course()
    if example:
        course = bundled_course()
        for half in ("assignments", "reference"):
            files |= {f"{half}/{name}": content for name, content in _tree(course.root / half).items()}
    taken = [name for name in ("assignments", "reference", *files) if os.path.lexists(folder / name)]
    if taken:
        raise AlreadyThere(
            f"{folder} has {', '.join(taken[:5])} already, and nothing is written over. Name a new folder."
        )
    _put_course(folder, files)
    return Course(folder.resolve())


def new_lab(course: Course, name: str) -> Lab:
    """Begin a lab that works as it is.

    Raises:
        InvalidLab: the name will not do.
        AlreadyThere: the course has such a lab, or half of one.
    """
    return put_lab(course, name, templates.lab(name))


def put_lab(course: Course, name: str, halves: Mapping[str, Mapping[str, bytes]]) -> Lab:
    """Write a lab that a course does not have; it is there whole, or not at all.

    Args:
        halves: its files by their paths, in "assignments" and in "reference".

    Raises:
        InvalidLab: the name will not do.
        AlreadyThere: the course has such a lab, or half of one.
    """
    _check_name(name)
    if course.handout:
        raise InvalidLab(f"{course.root} is a handout, not a course. Begin one: grader init DIR")
    folders = {"reference": course.reference(name), "assignments": course.assignment(name)}
    there = [known for known in course.names() if known.casefold() == name.casefold()]
    if taken := [str(folder) for folder in folders.values() if folder.exists() or folder.is_symlink()] or there:
        raise AlreadyThere(f"There is {taken[0]} already, and nothing is written over. Take another name.")
    _put_folder(folders["reference"], halves["reference"])
    try:
        _put_folder(folders["assignments"], halves["assignments"])  # last: with it the course has the lab
    except BaseException:
        shutil.rmtree(folders["reference"], ignore_errors=True)
        raise
    return course.lab(name)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        better = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
        better = f"lab_{better}" if better[:1].isdigit() else better
        hint = f", such as {better}" if _NAME.fullmatch(better) and not keyword.iskeyword(better) else ""
        raise InvalidLab(f"“{name}” is no name of a Python file. Take letters, digits and underscores{hint}.")
    if handouts.UNFIT.search(name):
        raise InvalidLab(f"Windows takes no file of the name “{name}”. Take another, such as lab_{name}.")
    if name.lower() in _IMPORTED | {"test_public", "test_hidden", "solution"}:
        raise InvalidLab(
            f"A file {name}.py would hide what others import by that name. Take another, such as lab_{name}."
        )


def starter(lab: Lab) -> starters.Starter:
    """The starter that a lab's solution gives.

    Raises:
        InvalidLab: the solution is missing, has no markers, or such that are not right.
    """
    found = starters.from_solution(lab)
    if found is None:
        raise InvalidLab(
            f"{lab.solution} is missing, or no region of it is marked. Put # BEGIN SOLUTION before what students write "
            "and # END SOLUTION after it."
        )
    return found


def starter_faults(lab: Lab) -> list[str]:
    """How the starter is not what the solution gives, and what to do, a sentence each.

    Raises:
        InvalidLab: see `starter`.
    """
    starter(lab)
    return [f"{what} {todo}" for what, todo, _ in starters.faults(lab)]


def write_starter(lab: Lab, *, force: bool) -> tuple[Path, bool]:
    """Write the starter that a lab's solution gives.

    Args:
        force: replace also one that is not on record as made so.

    Returns:
        Where it is, and whether it changed.

    Raises:
        InvalidLab: see `starter`.
        AlreadyThere: a starter is there that somebody wrote or changed.
    """
    found = starter(lab)
    is_new = not found.is_there
    if is_new and os.path.lexists(found.path) and not _may_replace(lab, found.path, force=force):
        raise AlreadyThere(
            f"{found.path} was written by hand, or changed since it was written. Nothing was overwritten. What of it "
            f"is worth keeping, put into {lab.solution.name}; then replace it with --force."
        )
    if is_new:
        put(found.path, found.text)
    if not starters.is_on_record(lab, found.path):
        put(lab.reference / starters.RECORD, starters.record(found.path.name, found.text))
    return found.path, is_new


def _may_replace(lab: Lab, starter: Path, *, force: bool) -> bool:
    return not starter.is_dir() and (force or (starter.is_file() and starters.is_on_record(lab, starter)))


def put(path: Path, content: str | bytes) -> None:
    """Write a file, whole at every moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft(path) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


def write_handout(lab: Lab, out: Path) -> Path:
    """Write the zip that students of a lab get.

    Raises:
        HandoutRefused, InvalidLab: see `handouts.packed`; or the part of the lab's own data is not what students get;
            or `out` lies in the assignment.
        AlreadyThere: another file is at `out`.
    """
    if out.resolve().is_relative_to(lab.assignment.resolve()):
        raise HandoutRefused(f"{out} lies in the assignment: the next zip would hold it. Name another with --out.")
    if found := own_data.faults(lab):
        raise HandoutRefused(" ".join(found))
    content = handouts.packed(lab)
    if out.exists() and not (out.is_file() and handouts.is_handout(out.read_bytes(), lab)):
        raise AlreadyThere(f"{out} is there and is no handout of {lab.name}. Name another file with --out.")
    put(out, content)
    return out


def _tree(folder: Path) -> dict[str, bytes]:
    """The files in a folder by their paths in it, without caches and hidden ones."""
    names = ((path, path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        name.as_posix(): path.read_bytes()
        for path, name in names
        if not any(part.startswith(".") or part == "__pycache__" for part in name.parts)
    }


def _put_course(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder that may be there; all of them, or none."""
    part, is_new = folder / f".init.{os.getpid()}.tmp", not folder.exists()
    placed: list[Path] = []
    try:
        for name, content in files.items():
            put(part / name, content)
        for source, target in _moves(part, folder):
            placed.append(target)
            source.rename(target)
    except BaseException:
        for path in placed:
            _remove(path)
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if is_new:
            with suppress(OSError):  # it is not empty, or was never made
                folder.rmdir()


def _moves(part: Path, folder: Path) -> list[tuple[Path, Path]]:
    """From where to where what is in one folder comes into another; `assignments`, which makes a course, at last."""
    found = []
    for source in sorted(part.iterdir(), key=lambda path: (path.name == "assignments", path.name)):
        target = folder / source.name
        found += _moves(source, target) if target.is_dir() else [(source, target)]
    return found


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _put_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder that is not there; it is there whole, or not at all."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        for name, content in files.items():
            put(part / name, content)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
