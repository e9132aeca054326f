"""Zips for students: an assignment as it lies there, with what one has to know to begin; nothing of the reference.

The same files give the same bytes. What students must not get is looked for in what they would get, and named.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import grader
from grader.authoring import regions, starters, templates
from grader.errors import HandoutRefused
from grader.labs import Lab

START: Final = "START_HERE.md"
REQUIREMENTS: Final = "requirements.txt"
TESTED: Final = ("torch~=2.15", "torchvision~=0.29")
"""From the versions that were tested on; pip chooses a matching pair."""
_CACHES: Final = frozenset({"__pycache__"})
_LEFT_OUT: Final = frozenset({".pyc", ".pyo"})
_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)
"""The time that all files in a zip have, the first that zips know."""
_SUITE_LEAST: Final = 20
"""Lines of a suite by which it is known again in another file, if half of them are there."""


def packed(lab: Lab) -> bytes:
    """The zip of a lab for students.

    Raises:
        HandoutRefused: something in it is not for students, or leads out of it.
        InvalidLab: the solution's markers are not right.
    """
    files = contents(lab)
    if found := list(_not_for_students(lab, files)):
        raise HandoutRefused(f"Students would get what is not for them. {' '.join(found)}")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted({**_beside(lab), **files}.items()):
            entry = zipfile.ZipInfo(f"{lab.name}/{name}", _BEGINNING)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, data)
    return content.getvalue()


def contents(lab: Lab) -> dict[str, bytes]:
    """The files of an assignment by their paths in it, without caches and hidden ones.

    Raises:
        HandoutRefused: one leads out of it.
    """
    root = lab.assignment.resolve()
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if any(part.startswith(".") or part in _CACHES for part in name.parts) or path.suffix in _LEFT_OUT:
            continue
        if not path.resolve().is_relative_to(root):
            raise HandoutRefused(
                f"{path} is a link to {path.resolve()}. Put what students need into the assignment itself."
            )
        if path.is_file():
            found[name.as_posix()] = path.read_bytes()
    return found


def is_handout(content: bytes, lab: Lab) -> bool:
    """Whether a file is a zip that was made here, for this lab."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return f"{lab.name}/{START}" in archive.namelist()
    except zipfile.BadZipFile:
        return False


# ---------------------------------------------------------------- what students must not get


def _not_for_students(lab: Lab, files: Mapping[str, bytes]) -> Iterator[str]:
    """A sentence for each thing of the reference that lies in the assignment."""
    for what, todo, _ in starters.faults(lab):
        yield f"{what} {todo}"
    for name, original in _copies(lab, files):
        yield f"{name} is the same file as {original} of the reference. Take it out."
    made = starters.from_solution(lab)
    withheld = made.withheld if made else frozenset()
    suite = {line for line in _lines(lab.hidden_suite) if len(line) >= regions.SUBSTANCE}
    for name in files:
        lines = _lines(lab.assignment / name)
        if solved := sorted(withheld & lines):
            yield f"{name} has what students are to write: “{solved[0]}”. Take it out."
        if len(suite) >= _SUITE_LEAST and 2 * len(suite & lines) > len(suite):
            yield f"{name} has most of the hidden suite. Take it out."


def _copies(lab: Lab, files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """(a file, the file of the reference that it copies). Of data students get a part, and empty files are alike."""
    originals = {
        path.read_bytes(): path.relative_to(lab.reference).as_posix()
        for path in sorted(lab.reference.rglob("*"))
        if path.is_file() and path.relative_to(lab.reference).parts[0] != "data"
    }
    return ((name, originals[content]) for name, content in files.items() if content.strip() and content in originals)


def _lines(path: Path) -> set[str]:
    return regions.bare_lines(starters.said(path)) if path.is_file() else set()


# ---------------------------------------------------------------- what to know to begin


def _beside(lab: Lab) -> dict[str, bytes]:
    """What every handout has besides its own files, which go before."""
    needed = "\n".join((f"torch-lab-grader=={grader.__version__}", *TESTED))
    start = templates.start_here(lab.spec.title, lab.name, lab.starter.name)
    return {START: start.encode(), REQUIREMENTS: f"{needed}\n".encode()}
