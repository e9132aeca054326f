"""How long a batch takes to stop after Ctrl-C, what it keeps, and whether a container is left.

    python benchmarks/interrupt.py [local|docker ...] [--repeat N]

Needs Linux. Prints a line for each moment of a batch: seconds from the interrupt to the end of the process (median and
most of N), how many results were on record then, and how many containers were left behind.
"""

import argparse
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from grader.examine.engine.client import connected
from grader.examine.engine.owners import LABEL

ROOT = Path(__file__).parents[1]
STUDENTS = 400
"""Enough to be interrupted while they are read, and while their pages are written."""
GOING = 10.0
"""Seconds in which an engine has removed a container that has ended."""
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # else deaf, where a shell put it aside
    "from grader.cli import main; main()"
)


class Batch:
    """A running batch of the class in `folder`, two at a time."""

    def __init__(self, folder: Path, lab: str, launcher: str) -> None:
        self.folder = folder
        self._options = ["--course", str(ROOT), "--db", f"sqlite:///{folder / 'grades.db'}", "--dataset", "digits"]
        self._options += ["--out", str(folder / "out"), "--sandbox", launcher, "--jobs", "2"]
        command = [sys.executable, "-c", PROGRAM, "batch", lab, str(folder / "class"), *self._options]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def rows(self, table: str) -> int:
        """How many rows a table has; 0 before it is there."""
        with (
            suppress(sqlite3.OperationalError),
            closing(sqlite3.connect(f"file:{self.folder / 'grades.db'}?mode=ro", uri=True)) as database,
        ):
            return int(database.execute(f"select count(*) from {table}").fetchone()[0])
        return 0

    def workers(self) -> list[int]:
        """The processes that examine, from their beginning on."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@dataclass(frozen=True)
class Moment:
    """When a batch is interrupted.

    Attributes:
        fill: makes the class in a folder.
        reached: whether it is that moment.
        later: seconds from then to the interrupt, another for each repetition.
    """

    name: str
    lab: str
    fill: Callable[[Path], None]
    reached: Callable[[Batch], bool]
    later: tuple[float, ...] = (0.0,)


def many(folder: Path) -> None:
    """A class of different files."""
    for number in range(STUDENTS):
        (folder / f"student{number:03}.py").write_text(f"# {number}\ndef first_row(x): return x[0]\n")


def equal(folder: Path) -> None:
    """A class that one grading is enough for."""
    for number in range(STUDENTS):
        (folder / f"student{number:03}.py").write_text("def first_row(x): return x[0]\n")


def training(folder: Path) -> None:
    """One who is done at once, and four who train."""
    (folder / "ana.py").write_text("raise SystemExit\n")
    solution = (ROOT / "reference" / "lab3_classifier" / "solution.py").read_text()
    for student in ("ben", "cem", "dia", "eva"):
        (folder / f"{student}.py").write_text(f"{solution}\n# {student}\n")


MOMENTS = [
    Moment("reading submissions", "lab1_tensors", many, lambda batch: batch.rows("submissions") > STUDENTS / 4),
    Moment("sandboxes start", "lab1_tensors", many, lambda batch: bool(batch.workers()), (0.0, 1.0, 2.0, 3.0, 4.0)),
    Moment("training", "lab3_classifier", training, lambda batch: batch.rows("runs") > 0, (0.0, 2.0, 4.0)),
    Moment("grading", "lab1_tensors", many, lambda batch: batch.rows("runs") > 5, (0.0, 0.1, 0.2)),
    Moment(
        "writing pages", "lab1_tensors", equal, lambda batch: len(list((batch.folder / "out").glob("students/*"))) > 20
    ),
]


def containers() -> set[str]:
    """All of any grader on this machine."""
    with connected() as client:
        return {str(each["Id"]) for each in client.containers(all=True, filters={"label": LABEL})}


def left(before: set[str]) -> set[str]:
    """Containers that were not there before, and stay: the engine takes a moment to remove one that has ended."""
    until = time.monotonic() + GOING
    while (found := containers() - before) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def interrupted(moment: Moment, launcher: str, later: float) -> tuple[float, int, int]:
    """Seconds, results kept, containers left, of one batch."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "class").mkdir()
        moment.fill(folder / "class")
        before = containers() if launcher == "docker" else set()
        batch = Batch(folder, moment.lab, launcher)
        while not moment.reached(batch):
            if batch.process.poll() is not None:
                sys.exit(f"The batch ended before it was interrupted: {batch.process.stderr.read()}")
            time.sleep(0.005)
        time.sleep(later)
        begun = time.monotonic()
        batch.process.send_signal(signal.SIGINT)
        batch.process.wait()
        seconds = time.monotonic() - begun
        said = batch.process.stderr.read()
        if batch.process.returncode != 130 or not said.strip().startswith("Stopped."):
            sys.exit(f"{moment.name}: exit status {batch.process.returncode}: {said}")
        return seconds, batch.rows("runs"), len(left(before)) if launcher == "docker" else 0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("launchers", nargs="*", default=["local", "docker"])
    parser.add_argument("--repeat", type=int, default=5)
    chosen = parser.parse_args()
    print("| interrupted while | sandbox | median s | most s | results kept | containers left |")
    print("|---|---|---:|---:|---:|---:|")
    for moment in MOMENTS:
        for launcher in chosen.launchers:
            laters = [moment.later[turn % len(moment.later)] for turn in range(chosen.repeat)]
            seconds, kept, left = zip(*(interrupted(moment, launcher, later) for later in laters), strict=True)
            row = (moment.name, launcher, f"{statistics.median(seconds):.2f}", f"{max(seconds):.2f}")
            print(f"| {' | '.join(row)} | {min(kept)} to {max(kept)} | {sum(left)} |", flush=True)


main()
