"""Classes to measure with: any number of submissions, no two alike."""

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from grader.labs import Lab

ENDLESS = "infinite_loop.py"
"""A mutant that spends its limit, as no grader can help; one in forty would be all that is measured."""


def sources(lab: Lab, *, mistakes: bool) -> Iterator[bytes]:
    """The solution, and in turn with it each mutant where `mistakes` are wanted, without end."""
    names = [name for name in lab.mutant_losses() if name != ENDLESS] if mistakes else []
    return cycle([lab.solution.read_bytes(), *(lab.mutant_source(lab.mutants / name) for name in names)])


def write_class(lab: Lab, count: int, folder: Path, *, mistakes: bool = True) -> Path:
    """A folder for each of `count` students, whose file is told from all others by a line at its end."""
    for number, source in enumerate(islice(sources(lab, mistakes=mistakes), count), start=1):
        student = folder / f"student{number:05d}"
        student.mkdir(parents=True)
        (student / f"{lab.name}.py").write_bytes(source + f"\n# student {number}\n".encode())
    return folder
