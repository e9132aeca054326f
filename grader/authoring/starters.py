"""Starters: what students begin with is the solution, without what they are to write.

What was written is on record in reference/LAB, so that nothing else is ever overwritten.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader import notebooks
from grader.authoring import cells, regions
from grader.errors import InvalidLab
from grader.labs import Lab
from grader.notebooks import FORMS

RECORD: Final = "starter.sha256"
"""In reference/LAB: the digest of the starter that was written, see `_kept`, and what it is called."""


@dataclass(frozen=True, slots=True)
class Starter:
    """What a solution with markers gives.

    Attributes:
        path: where it belongs.
        withheld: the lines by which one would know that a file holds what students are to write.
    """

    path: Path
    text: str
    withheld: frozenset[str]

    @property
    def is_there(self) -> bool:
        """Whether the file at `path` is this one, whatever its line ends; a notebook also once it was saved anew."""
        name = self.path.name
        return self.path.is_file() and _kept(name, read(self.path)) == _kept(name, self.text)


def from_solution(lab: Lab) -> Starter | None:
    """The starter of a lab; None where its solution has no markers, and the starter was written by hand.

    Raises:
        InvalidLab: the markers are not right, or there are two solutions.
    """
    _check_one(lab)
    if not lab.solution.is_file():
        return None
    where, text = lab.solution.name, read(lab.solution)
    path = lab.assignment / f"{lab.name}{lab.solution.suffix}"
    if lab.solution.suffix != ".ipynb":
        if not regions.has_markers(text):
            return None
        return Starter(path, regions.starter(text, where), frozenset(regions.withheld(text, where)))
    if not regions.has_markers(cells.text(text, where)):
        return None
    parts = [regions.withheld(source, name, notebooks.parsed) for name, source in cells.code(text, where)]
    made = cells.starter(text, where)
    given = regions.bare_lines(cells.text(made, where))
    return Starter(path, made, frozenset(set().union(*parts) - given))


def faults(lab: Lab) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """How the starter is not what the solution gives: what is wrong, what to do, details.

    Raises:
        InvalidLab: the markers are not right.
    """
    if both := _in_both_forms(lab.assignment, lab.name):
        (other,) = set(FORMS) - {lab.solution.suffix}
        yield (
            f"{both}, so that `grader check` cannot tell which one a student means.",
            f"Remove {lab.name}{other}: the solution is {lab.solution.name}.",
            (),
        )
    made = from_solution(lab)
    if made is None or made.is_there:
        return
    todo = f"Write it: grader starter {lab.name}."
    if not made.path.is_file():
        yield f"There is no {made.path.name}, which the solution gives.", todo, ()
        return
    if not is_on_record(lab, made.path):
        todo = (
            f"Write it: grader starter {lab.name} --force. What is changed in the starter alone is lost then; change "
            "the solution."
        )
    yield f"{made.path.name} is not what the solution gives.", todo, ()
    if left := sorted(made.withheld & regions.bare_lines(said(made.path))):
        yield f"{made.path.name} has lines that students are to write.", todo, tuple(left)


def _check_one(lab: Lab) -> None:
    """Look whether a lab has one solution: of two, one would say what is secret, and the other not.

    Raises:
        InvalidLab: it has two.
    """
    if both := _in_both_forms(lab.reference, "solution"):
        raise InvalidLab(f"{both}, and a lab has one solution. Keep the one that is meant.")


def _in_both_forms(folder: Path, stem: str) -> str:
    """That a Python file and a notebook of one name lie in a folder; "" where they do not."""
    forms = [folder / f"{stem}{form}" for form in FORMS]
    there = all(path.is_file() for path in forms)
    return f"{' and '.join(path.name for path in forms)} are both in {folder}" if there else ""


def oddities(lab: Lab) -> Iterator[tuple[str, str]]:
    """What may be meant so, and may be wrong with what students begin with; and what to do."""
    if not lab.starter.is_file():
        yield f"There is no {lab.starter.name}: students begin with nothing.", "Write it, unless that is meant."
    for path in sorted(lab.assignment.iterdir()):
        if (
            path.suffix in FORMS
            and path.stem != lab.name
            and (lab.assignment.with_name(path.stem) / "lab.toml").is_file()
        ):
            yield f"{path.name} is called like another lab.", "Take it out, unless students need it here."


def unmarked(lab: Lab) -> tuple[str, ...] | None:
    """The functions and classes of the solution that the starter has whole; None where it is not made from that.

    Raises:
        InvalidLab: the markers are not right.
    """
    if from_solution(lab) is None:
        return None
    where, text = lab.solution.name, read(lab.solution)
    if lab.solution.suffix != ".ipynb":
        return tuple(regions.unmarked(text, where))
    parts = cells.code(text, where)
    return tuple(name for cell, source in parts for name in regions.unmarked(source, cell, notebooks.parsed))


def record(name: str, text: str) -> str:
    """What is on record of a starter that was written."""
    return f"{hashlib.sha256(_kept(name, text).encode()).hexdigest()}  {name}\n"


def _kept(name: str, text: str) -> str:
    """A starter without what editors change of themselves: in a notebook versions, ids and settings."""
    try:
        return cells.kept(text, name) if name.endswith(".ipynb") else text
    except InvalidLab:
        return text


def is_on_record(lab: Lab, path: Path) -> bool:
    """Whether a starter is as it was written from the solution; else somebody wrote or changed it.

    Raises:
        InvalidLab: it is not UTF-8.
    """
    kept = lab.reference / RECORD
    return kept.is_file() and kept.read_bytes().split() == record(path.name, read(path)).encode().split()


def read(path: Path) -> str:
    """A text, with the line ends that Python has.

    Raises:
        InvalidLab: it is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InvalidLab(f"{path} is not UTF-8. Save it in that encoding.") from error


def said(path: Path) -> str:
    """The text of a file, of a notebook what its cells say; "" where it is none.

    What a notebook's outputs say is not looked at: a starter has none.
    """
    try:
        text = read(path)
        return cells.text(text, path.name) if path.suffix == ".ipynb" else text
    except InvalidLab:
        return ""
