"""Taking over an assignment of another tool: from its folder to a lab of the course."""

import keyword
import shlex
import sys
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from grader.errors import ImportImpossible, InvalidLab
from grader.examine.imports import in_image
from grader.importing import otter
from grader.importing.assignment import read_notebook
from grader.importing.lab import LabFiles, lab_files, read
from grader.importing.suites import slug
from grader.labs import Course
from grader.pipeline import writing

NOTEBOOK_MOST: Final = 50 * 2**20
"""Bytes of a notebook, with all that its cells have shown."""
TESTS_MOST: Final = 500
TEST_MOST: Final = 2**20
"""Test files that are read, and bytes of each."""
FILES_MOST: Final = 1000
NAME_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an assignment.

    Attributes:
        name: of the lab.
        suite: the hidden suite's file.
        copied: files that students get, too.
        beside: files beside the notebook that were left there.
        astray: files that the assignment names, and why they were not copied.
        lacking: modules that it imports and the sandbox does not have.
    """

    name: str
    files: LabFiles
    suite: Path
    copied: tuple[str, ...]
    beside: tuple[str, ...]
    astray: tuple[str, ...]
    lacking: tuple[str, ...]


def import_assignment(course: Course, path: Path, name: str) -> Imported:
    """Write the lab that an assignment of Otter-Grader or nbgrader becomes. None of its code is run.

    Args:
        path: its notebook, or a folder with one.
        name: of the lab, "" for one like the notebook's.

    Raises:
        ImportImpossible: it is no such assignment, or contradicts itself.
        InvalidLab: no starter can be made of its solution, or the name will not do.
        AlreadyThere: the course has such a lab, or half of one.
    """
    source = _notebook(path)
    name = name or _name(source, path)
    tests = _tests(source.parent)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Python's parser says of "\\d" is for the notebook's author
        files = lab_files(read(read_notebook(_content(source, NOTEBOOK_MOST), source.name), tests), name, source.name)
    wanted, astray = _wanted(source, tests, files)
    given = {**files.given, **{relative: found.read_bytes() for relative, found in wanted.items()}}
    lab = writing.put_lab(course, name, {"reference": files.kept, "assignments": given})
    beside = tuple(_beside(source, set(wanted)))
    own = sys.stdlib_module_names | {PurePosixPath(part).stem for path in wanted for part in PurePosixPath(path).parts}
    lacking = tuple(module for module in files.modules if module not in in_image() | own)
    return Imported(name, files, lab.hidden_suite, tuple(wanted), beside, tuple(astray), lacking)


def _name(source: Path, path: Path) -> str:
    """The lab's, from the notebook's.

    Raises:
        InvalidLab: a Python file cannot be called so.
    """
    name = slug(source.stem, "_")
    if not name.isidentifier() or keyword.iskeyword(name):
        better = f"lab_{name or 1}"
        raise InvalidLab(
            f"“{name}” is no name of a Python file. Give the lab another, such as {better}:"
            f" grader import {shlex.quote(str(path))} --name {better}"
        )
    return name


def _notebook(path: Path) -> Path:
    """The notebook that is meant."""
    if path.is_file():
        if path.suffix != ".ipynb":
            raise ImportImpossible(f"{path} is no notebook. Name the assignment's .ipynb file, or its folder.")
        return path
    found = sorted(each for each in path.glob("*.ipynb") if each.is_file() and not each.name.startswith("."))
    if not found:
        raise ImportImpossible(f"There is no notebook in {path}. Name the assignment's .ipynb file, or its folder.")
    if len(found) > 1:
        names = ", ".join(each.name for each in found[:5])
        raise ImportImpossible(f"{path} has several notebooks: {names}. Name one; each becomes a lab.")
    return found[0]


def _content(path: Path, most: int) -> bytes:
    if path.stat().st_size > most:
        raise ImportImpossible(
            f"{path} has more than {most // 2**20} MB. Clear what its cells have shown, save it, and import that."
        )
    return path.read_bytes()


def _tests(folder: Path) -> dict[str, str]:
    """Otter's test files in `tests/`.

    Raises:
        ImportImpossible: there are too many, or one is too large.
    """
    found = {}
    paths = sorted((folder / "tests").glob("*.py"))
    if len(paths) > TESTS_MOST:
        raise ImportImpossible(
            f"{folder / 'tests'} has {len(paths)} Python files, and no more than {TESTS_MOST} are read."
            " Take out what is no test, or make several assignments of it."
        )
    for path in paths:
        if path.is_file() and path.name != "__init__.py":
            text = _content(path, TEST_MOST).decode("utf-8", "replace")
            if otter.is_test_file(text):
                found[path.name] = text
    return found


def _wanted(source: Path, tests: Collection[str], files: LabFiles) -> tuple[dict[str, Path], list[str]]:
    """(path in the lab -> file of those that students are to get, sentences on those that are not copied)."""
    root, found, astray = source.parent.resolve(), dict[str, Path](), []
    secret = {source.resolve(), *(root / "tests" / name for name in tests)}
    for name in files.wanted:
        if "\0" in name or len(name) > NAME_MOST:
            astray.append(f"{name[:40]}: it is no name of a file.")
            continue
        path = (root / name).resolve()
        if not path.is_relative_to(root) or path == root:
            astray.append(f"{name}: it lies outside of the assignment's folder.")
        elif not path.exists():
            astray.append(f"{name}: it is not there.")
        else:
            inside = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
            if (more := len(inside) - FILES_MOST) > 0:
                first = PurePosixPath(inside[FILES_MOST].relative_to(root)).as_posix()
                astray.append(f"{name}: {more} of its {len(inside)} files, from {first} on.")
            for each in inside[:FILES_MOST]:
                relative = PurePosixPath(each.relative_to(root)).as_posix()
                if each.resolve() in secret:
                    astray.append(f"{relative}: solutions or tests are in it.")
                elif relative in files.given or not each.resolve().is_relative_to(root):
                    astray.append(f"{relative}: the lab has a file of that name, or it is a link to elsewhere.")
                else:
                    found[relative] = each
    return found, astray


def _beside(source: Path, copied: set[str]) -> Iterator[str]:
    """Files and folders beside the notebook that were not looked at."""
    tops = {PurePosixPath(relative).parts[0] for relative in copied}
    for path in sorted(source.parent.iterdir()):
        if path.name not in {source.name, "tests", "__pycache__", *tops} and not path.name.startswith("."):
            yield path.name
