"""Zips for students: an assignment as it lies there, with what one has to know to begin; nothing of the reference.

The lab's name is put into its lab.toml, since folders are renamed, by browsers for instance.

The same files give the same bytes. What students must not get is looked for in what they would get, and named.
"""

import codecs
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

import grader
from grader.authoring import leaks, starters, templates
from grader.datasets.images import LITTER
from grader.errors import HandoutRefused
from grader.labs import Lab

START: Final = "START_HERE.md"
SETTINGS: Final = "lab.toml"
REQUIREMENTS: Final = "requirements.txt"
TESTED: Final = ("torch~=2.15", "torchvision~=0.29")
"""From the versions that were tested on; pip chooses a matching pair."""
_CACHES: Final = frozenset({"__pycache__"}) | LITTER
_LEFT_OUT: Final = frozenset({".pyc", ".pyo"})
_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)
"""The time that all files in a zip have, the first that zips know."""
UNFIT: Final = re.compile(r'[<>:"\\|?*]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)', re.IGNORECASE)
"""A part of a path that Windows does not take, or takes for something else."""


def packed(lab: Lab) -> bytes:
    """The zip of a lab for students.

    Raises:
        HandoutRefused: something in it is not for students, or leads out of it; the starter is not the solution's.
        InvalidLab: the solution's markers are not right.
    """
    files = contents(lab)
    _check_for_students(lab, files)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted({**_beside(lab), **files, SETTINGS: _named(lab, files[SETTINGS])}.items()):
            entry = zipfile.ZipInfo(f"{lab.name}/{name}", _BEGINNING)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, data)
    return content.getvalue()


def contents(lab: Lab) -> dict[str, bytes]:
    """The files of an assignment by their paths in it, without caches and hidden ones.

    Raises:
        HandoutRefused: one is a link that leads out of it, or has a name that not every system can unpack.
    """
    root = lab.assignment.resolve()
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if any(part.startswith(".") or part in _CACHES for part in name.parts) or path.suffix in _LEFT_OUT:
            continue
        if wrong := _linked(path, root):
            raise HandoutRefused(f"{path} {wrong}.")
        if path.is_file():
            found[name.as_posix()] = path.read_bytes()
    _check_names({**found, START: b"", REQUIREMENTS: b""})
    return found


def lacking(lab: Lab) -> Iterator[tuple[str, str]]:
    """What students look for in a handout and this lab has not: what is missing, and what to do."""
    if not lab.handout.is_file():
        yield f"There is no {lab.handout.name}: students do not learn what is asked.", "Write it."
    if not lab.public_suite.is_file():
        yield (
            f"There is no {lab.public_suite.name}: students cannot check their work.",
            "Write it, unless that is meant.",
        )


def is_handout(content: bytes, lab: Lab) -> bool:
    """Whether a file is a zip that was made here, for this lab."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return f"{lab.name}/{START}" in archive.namelist()
    except zipfile.BadZipFile:
        return False


# ---------------------------------------------------------------- what students must not get, or could not unpack


def _check_for_students(lab: Lab, files: Mapping[str, bytes]) -> None:
    """Look whether nothing of the reference lies in the assignment, and the starter is as it should be.

    Raises:
        HandoutRefused: it is not so, with a sentence for each thing.
    """
    faults, secret = list(starters.faults(lab)), list(leaks.found(lab, files))
    if not faults and not secret:
        return
    told = bool(secret) or any(lines for _, _, lines in faults)
    begin = "Students would get what is not for them." if told else "Nothing was packed."
    raise HandoutRefused(" ".join([begin, *(f"{what} {todo}" for what, todo, _ in faults), *secret]))


def _linked(path: Path, root: Path) -> str:
    """What is wrong with a link; "" where nothing is."""
    if not path.is_symlink():
        return ""
    try:
        to = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return "is a link to nothing. Take it out"
    if not to.is_relative_to(root):
        return f"is a link to {to}. Put what students need into the assignment itself"
    return "is a link to a folder. Put a folder there" if to.is_dir() else ""


def _check_names(names: Collection[str]) -> None:
    """Look whether every system can unpack files of these names.

    Raises:
        HandoutRefused: one could not.
    """
    known: dict[str, str] = {}
    for name in names:
        odd = next((part for part in name.split("/") if UNFIT.search(part)), "")
        if odd or not name.isprintable():
            raise HandoutRefused(f"{name!r} is a name that not every system can unpack. Give it another.")
        for end in [place for place, sign in enumerate(name) if sign == "/"] + [len(name)]:
            other = known.setdefault(unicodedata.normalize("NFC", name[:end]).casefold(), name[:end])
            if other != name[:end]:
                raise HandoutRefused(
                    f"{other} and {name[:end]} are one name on Windows and macOS. Give one of them another."
                )


# ---------------------------------------------------------------- what to know to begin


def _beside(lab: Lab) -> dict[str, bytes]:
    """What every handout has besides its own files, which go before."""
    needed = "\n".join((f"torch-lab-grader=={grader.__version__}", *TESTED))
    has = {"checks": lab.public_suite.is_file(), "data": lab.own_data is not None}
    start = templates.start_here(lab.spec.title, lab.name, lab.starter.name, **has)
    return {START: start.encode(), REQUIREMENTS: f"{needed}\n".encode()}


def _named(lab: Lab, settings: bytes) -> bytes:
    """A lab.toml that says what the lab is called.

    Raises:
        HandoutRefused: it says another name.
    """
    if lab.spec.name not in {"", lab.name}:
        raise HandoutRefused(
            f"{SETTINGS} says name = “{lab.spec.name}”, and the lab is {lab.name}. Take that line out."
        )
    line = b"" if lab.spec.name else f"name = {json.dumps(lab.name)}\n".encode()
    return line + settings.removeprefix(codecs.BOM_UTF8)
