"""How fast a class is graded, where the time goes, and what memory it takes.

    python benchmarks/class_speed.py                        lab1_tensors: 1,000 submissions; all ways, 1 and 2 jobs
    python benchmarks/class_speed.py --lab lab3_classifier --count 40 --ways docker --jobs 2
    python benchmarks/class_speed.py --count 10000 --ways docker --jobs 2
    python benchmarks/class_speed.py --short                minutes less; fails where a ratio is worse than it may be

Runs `grader batch` on classes in which no two submissions are alike, as often as `--rounds` says, the ways in turns,
and prints a table of medians: submissions per second from the command's start to its end, intake, database, every
student's page and the class page included; the same once the sandboxes are there; CPU milliseconds of a submission by
stage; peak memory in MB. Ratios are of figures of one round. Needs Linux, the sandbox image, and a machine with nothing
else to do. `--short` asserts ratios alone, which hold on any machine.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from meters import Meter
from sqlalchemy import create_engine, text
from workload import write_class

from grader.labs import Course, Lab

ROOT = Path(__file__).parents[1]
WAYS = {
    "docker": ["--sandbox", "docker"],
    "container": ["--sandbox", "docker", "--isolation", "container"],
    "local": ["--sandbox", "local"],
}
WARM_FROM = 10
"""What is warm is measured from the first tenth of the results on: then every sandbox is there."""
FRESH = 40
"""A container for each takes seconds, so that way gets at most so many submissions."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One class, graded.

    Attributes:
        wall: seconds from the command's start to its end.
        pace: submissions a second once all is warm.
        stages: CPU milliseconds of a submission, sandboxes' and workers' start left out.
        starting: CPU seconds until the first result.
        students: CPU seconds of the submissions themselves, as their runs tell.
        main, worker, slot: peak memory in megabytes.
    """

    count: int
    wall: float
    pace: float
    stages: dict[str, float]
    starting: float
    students: float
    main: float
    worker: float
    slot: float

    @property
    def cpu(self) -> float:
        """CPU milliseconds of a submission, without the command's own start, which a large class does not notice."""
        return sum(spent for stage, spent in self.stages.items() if stage != "other")

    @property
    def rate(self) -> float:
        """Submissions a second, all included."""
        return self.count / self.wall

    def overhead(self, cores: int) -> float:
        """What the machine's cores could do meanwhile and the submissions did not use, relative to what they used."""
        return (cores * self.wall - self.students) / self.students


def grade(lab: Lab, class_: Path, count: int, way: str, jobs: int, dataset: str) -> Measured:
    """Grade a class and measure it."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place)
        command = [sys.executable, str(Path(__file__).with_name("measured_batch.py")), str(out / "report.json")]
        command += ["batch", lab.name, str(class_), *WAYS[way], "--jobs", str(jobs), "--dataset", dataset]
        command += ["--course", str(ROOT), "--db", f"sqlite:///{out}/grades.db", "--out", str(out / "pages")]
        begun = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process, Meter(process.pid) as meter:
            status = process.wait()
        wall = time.monotonic() - begun
        if status:
            raise SystemExit(f"{' '.join(command)} ended with exit status {status}.")
        told = json.loads((out / "report.json").read_text("utf-8"))
        return _measured(count, wall, told, meter, _cpu_of_runs(out / "grades.db", count))


def _cpu_of_runs(database: Path, count: int) -> list[float]:
    """CPU seconds of each submission, in the order of storing. Raises SystemExit if not all of them are graded."""
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        query = "select cpu_seconds from runs where ending not in ('broken', 'rejected') order by id"
        found = [float(seconds) for seconds in connection.scalars(text(query))]
    engine.dispose()
    if len(found) != count:
        raise SystemExit(f"Only {len(found)} of {count} submissions were graded.")
    return found


def _measured(count: int, wall: float, told: dict[str, object], meter: Meter, runs: Sequence[float]) -> Measured:
    stored, stages = told["stored"], told["stages"]
    begun = count // WARM_FROM
    first, last, done = stored[begun], stored[-1], count - 1 - begun
    warm, cold = meter.used(first, last), meter.used(0.0, stored[0])
    found = {name: 1000 * stages.get(name, 0.0) / count for name in ("intake", "store", "pages", "other")}
    found["examination"] = 1000 * warm.workers / done
    found["calls"] = 1000 * sum(runs) / count
    found["start"] = 1000 * (warm.sandboxes - sum(runs[-done:])) / done
    found["engine"] = 1000 * warm.engine / done
    peaks = (told["peak"] / 2**20, meter.worker_bytes / 2**20, meter.slot_bytes / 2**20)
    starting = cold.workers + cold.sandboxes + cold.engine
    return Measured(count, wall, done / (last - first), found, starting, sum(runs), *peaks)


STAGES = ("intake", "start", "calls", "engine", "examination", "store", "pages", "other")


def table(results: dict[tuple[str, int], list[Measured]]) -> str:
    """Medians of each way and number of jobs, as Markdown."""
    heads = ["way", "jobs", "students", "a second", "once warm", *STAGES, "main", "worker", "slot"]
    rows = [heads, ["---"] * len(heads)]
    for (way, jobs), runs in results.items():
        rates, paces = [run.rate for run in runs], [run.pace for run in runs]
        stages = [f"{statistics.median(run.stages[stage] for run in runs):.1f}" for stage in STAGES]
        memory = [f"{max(getattr(run, part) for run in runs):.0f}" for part in ("main", "worker", "slot")]
        shown = [way, str(jobs), f"{runs[0].count:,}", spread(rates), spread(paces)]
        rows.append([*shown, *stages, *memory])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def spread(values: Sequence[float]) -> str:
    """The median, and lowest to highest where there are several."""
    median = f"{statistics.median(values):.2f}"
    return median if len(values) == 1 else f"{median} ({min(values):.2f} to {max(values):.2f})"


def ratios(results: dict[tuple[str, int], list[Measured]]) -> Iterable[tuple[str, float]]:
    """How many times as fast each is as a container for each submission, and as itself with one job; medians."""
    for (way, jobs), runs in results.items():
        for against in ((("container", jobs), way != "container"), ((way, 1), jobs != 1)):
            if against[1] and against[0] in results:
                found = [run.pace / other.pace for run, other in zip(runs, results[against[0]], strict=True)]
                yield f"{way}, {jobs} jobs against {against[0][0]}, {against[0][1]}", statistics.median(found)


WARM_LEAST = 15
"""So many times as fast as a container for each submission is a warm slot at least, once it is there."""
GROWTH_MOST = 1.25
"""So many times the CPU time is a submission's at most in a class that is four times as large."""


def short(lab: Lab, place: Path) -> int:
    """Grade small classes; the exit status."""
    sizes = {"small": 50, "large": 200, "fresh": 8}
    classes = {name: write_class(lab, count, place / name) for name, count in sizes.items()}
    small, large = (grade(lab, classes[name], sizes[name], "docker", 2, "digits") for name in ("small", "large"))
    fresh = grade(lab, classes["fresh"], sizes["fresh"], "container", 2, "digits")
    faster, growth = large.pace / fresh.pace, large.cpu / small.cpu
    print(f"warm slots: {faster:.1f} times as fast as containers for each; at least {WARM_LEAST} wanted")
    print(f"CPU time of one of {large.count}: {growth:.2f} times that of one of {small.count}; {GROWTH_MOST} allowed")
    return int(faster < WARM_LEAST or growth > GROWTH_MOST)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", default="lab1_tensors")
    parser.add_argument("--count", type=int, default=1000, help="submissions of a class")
    parser.add_argument("--ways", default="docker,container,local", help="comma-separated; of docker, container, local")
    parser.add_argument("--jobs", default="1,2", help="comma-separated")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--short", action="store_true", help="small classes of lab1_tensors, and ratios asserted")
    given = parser.parse_args()
    lab = Course(ROOT).lab(given.lab)
    if given.short:
        with tempfile.TemporaryDirectory() as place:
            raise SystemExit(short(lab, Path(place)))
    ways = list(itertools.product(given.ways.split(","), map(int, given.jobs.split(","))))
    results: dict[tuple[str, int], list[Measured]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as place:
        for count in {given.count, min(given.count, FRESH)}:
            write_class(lab, count, Path(place) / str(count))
        for _ in range(given.rounds):
            for way, jobs in ways:
                count = min(given.count, FRESH) if way == "container" else given.count
                found = grade(lab, Path(place) / str(count), count, way, jobs, given.dataset)
                results[way, jobs].append(found)
                over = 100 * found.overhead(os.cpu_count() or 1)
                print(
                    f"{way}, {jobs} jobs: {found.wall:.1f} s; {found.starting:.1f} CPU s to start; overhead "
                    f"{over:.0f} % of the submissions' own {found.students:.0f} CPU s",
                    file=sys.stderr,
                )
    print(table(results))
    for what, ratio in ratios(results):
        print(f"{what}: {ratio:.1f} times as fast")


if __name__ == "__main__":
    main()
