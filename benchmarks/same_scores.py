"""Whether the same file gets the same result every time, everywhere: by repetition, launcher, isolation, and neighbour.

    python benchmarks/same_scores.py [--repeat 20] [--mutants] [--dataset digits] [LAB ...]

Grades the solution (and the mutants) of each lab `--repeat` times on this machine, and as often in warm containers, in
containers of their own, and in warm containers while every core is kept busy by somebody else. A result is the same if
its ending, its flags and every row are: outcome, points, message and metrics. Prints a Markdown table. Needs a
container engine.
"""

import argparse
import contextlib
import hashlib
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from grader.examine.pool import Pool, Task, WorkerSetup
from grader.labs import Course, Lab
from grader.model import Run, Student, Submission
from grader.pipeline.grading import Isolation, Launcher, worker_setup

ROOT = Path(__file__).parents[1]
WAYS: dict[str, tuple[Launcher, Isolation, bool]] = {
    "this machine": ("local", "warm", False),
    "Docker, warm": ("docker", "warm", False),
    "Docker, container each": ("docker", "container", False),
    "Docker, busy machine": ("docker", "warm", True),
}
"""Where -> (launcher, isolation, whether somebody else keeps the cores busy)."""


def handed_in(lab: Lab, source: bytes, name: str) -> Submission:
    """`source` as the file of a student called `name`."""
    entry = f"{lab.name}.py"
    return Submission(Student(name, name), lab.name, {entry: source}, entry, hashlib.sha256(source).hexdigest(), name)


def sources(lab: Lab, *, mutants: bool) -> list[Submission]:
    """The solution, and the mutants if they are asked for."""
    found = [handed_in(lab, lab.solution.read_bytes(), "solution")]
    if mutants:
        found += [handed_in(lab, lab.mutant_source(lab.mutants / name), name) for name in lab.mutant_losses()]
    return found


def spin() -> None:
    """Keep a core busy."""
    while True:
        pass


@contextlib.contextmanager
def busy(wanted: bool) -> Iterator[None]:  # noqa: FBT001  the one thing it is about
    """Twice as many processes as cores that do nothing but compute."""
    hogs = [multiprocessing.Process(target=spin, daemon=True) for _ in range(2 * (os.cpu_count() or 1) * wanted)]
    for hog in hogs:
        hog.start()
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.join()


def result(run: Run) -> tuple[object, ...]:
    """All of a run that a student's grade and page depend on."""
    rows = tuple((row.id, row.outcome, row.points, row.message, row.metrics) for row in run.checks)
    return run.ending, run.flags, rows


def differences(first: Run, other: Run) -> str:
    """Which rows differ, for a person to look into."""
    pairs = zip(first.checks, other.checks, strict=False)
    found = [f"{a.id}: {a.points:g} {a.message!r} | {b.points:g} {b.message!r}" for a, b in pairs if a != b]
    return (
        "; ".join(found) or f"{first.ending} {first.flags} {first.fault} | {other.ending} {other.flags} {other.fault}"
    )


def compare(setup: WorkerSetup, given: list[Submission], repeat: int, firsts: dict[str, Run]) -> tuple[int, int]:
    """(results that differ from the first of the same file, all results)."""
    differ = total = 0
    with Pool(setup, os.cpu_count() or 1) as pool:
        for task, run in pool.run([Task(submission) for submission in given] * repeat):
            first = firsts.setdefault(task.submission.digest, run)
            total += 1
            if result(run) != result(first):
                differ += 1
                print(f"{task.submission.source}: {differences(first, run)}", file=sys.stderr)
    return differ, total


def main() -> None:
    """Grade, compare, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("labs", nargs="*", metavar="LAB")
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--mutants", action="store_true")
    parser.add_argument("--dataset", default="digits")
    given = parser.parse_args()
    course = Course(ROOT)
    data = os.environ.get("GRADER_DATA")
    print(f"| lab | files | {' | '.join(WAYS)} | minutes |\n|{'---|' * (3 + len(WAYS))}", flush=True)
    for name in given.labs or course.names():
        lab, firsts, cells, begun = course.lab(name), {}, [], time.monotonic()
        files = sources(lab, mutants=given.mutants)
        for launcher, isolation, beside in WAYS.values():
            setup = worker_setup(course, lab, launcher, isolation, given.dataset, Path(data) if data else None)
            with busy(beside):
                differ, total = compare(replace(setup, own=True), files, given.repeat, firsts)
            cells.append(f"{total - differ} of {total} the same")
        minutes = (time.monotonic() - begun) / 60
        print(f"| `{name}` | {len(files)} | {' | '.join(cells)} | {minutes:.1f} |", flush=True)


if __name__ == "__main__":
    main()
