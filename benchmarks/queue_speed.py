"""How fast a class is graded by workers, against the same class on this machine alone: pairs in one run, and ratios.

    python benchmarks/queue_speed.py                                   300 submissions of lab1_tensors; Redis, RabbitMQ
    python benchmarks/queue_speed.py --sandbox docker --rounds 3       in turns: medians and extremes
    python benchmarks/queue_speed.py --brokers redis --count 60

Each round has `grader batch` with one job and two, then `grader batch --queue` with one worker and two, of one job
each, on a database of its own: PostgreSQL for all, which is started here, as the brokers are. Two workers on one
machine share its cores, so they show what the queue costs, not what a second machine brings. The machine has to be
idle. Who does not come to an end in `--most` seconds is killed, and what it said is shown.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import create_engine, text
from workload import write_class

from grader.labs import Course, Lab

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "store"), str(ROOT / "tests" / "worker")]
PROGRAM = [sys.executable, "-c", "from grader.cli import main; main()"]
WARM_FROM = 10
"""As in class_speed.py: the pace is that from the first tenth of the results on, when every sandbox is there."""
SERVERS = {"redis": "Redis", "rabbitmq": "RabbitMQ"}
EARNEST = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "256MB"}


class Stuck(SystemExit):
    """Something did not come to an end."""


@contextmanager
def worker(environment: dict[str, str], options: Sequence[str], log: Path, most: float) -> Iterator[subprocess.Popen]:
    """A worker that is ready, until the block ends."""
    with log.open("w") as said:
        process = subprocess.Popen(
            [*PROGRAM, "worker", *options, "--jobs", "1"], env=environment, stdout=said, stderr=said
        )
    try:
        until = time.monotonic() + most
        while "Ready." not in log.read_text("utf-8"):
            if process.poll() is not None or time.monotonic() > until:
                raise Stuck(f"A worker did not begin. It said:\n{log.read_text('utf-8')}")
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def batch(
    environment: dict[str, str], words: Sequence[str], log: Path, most: float, others: Sequence[subprocess.Popen]
) -> None:
    """Grade a class; ends it where a worker died, or where it takes too long."""
    with log.open("w") as said:
        process = subprocess.Popen([*PROGRAM, "batch", *words], env=environment, stdout=said, stderr=said)
    try:
        until = time.monotonic() + most
        while process.poll() is None:
            if any(other.poll() is not None for other in others) or time.monotonic() > until:
                raise Stuck(f"A worker died, or {most:.0f} seconds are over. The batch said:\n{log.read_text('utf-8')}")
            time.sleep(0.1)
        if process.returncode:
            raise Stuck(f"The batch ended with exit status {process.returncode}. It said:\n{log.read_text('utf-8')}")
    finally:
        process.kill()
        process.wait()


def pace(url: str, count: int) -> float:
    """Submissions a second once all is warm, by when they were stored."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        query = "select graded_at from runs where ending <> 'broken' order by graded_at"
        stored: list[datetime] = list(connection.scalars(text(query)))
    engine.dispose()
    if len(stored) != count:
        raise Stuck(f"Only {len(stored)} of {count} submissions were graded.")
    begun = count // WARM_FROM
    return (count - 1 - begun) / (stored[-1] - stored[begun]).total_seconds()


class Round:
    """Grades a class in one way after the other."""

    def __init__(self, lab: Lab, class_: Path, count: int, sandbox: str, most: float) -> None:
        self._lab = lab
        self._class = class_
        self._count = count
        self._sandbox = ["--sandbox", sandbox, "--course", str(ROOT), "--dataset", "digits"]
        self._most = most

    def grade(self, database: str, broker: str, many: int) -> float:
        """The pace of a batch of `many` jobs, or of so many workers where there is a broker."""
        with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
            environment = {**os.environ, "GRADER_DB": database, "GRADER_BROKER": broker}
            logs = [Path(place, f"worker-{at}") for at in range(many if broker else 0)]
            others = [stack.enter_context(worker(environment, self._sandbox, log, self._most)) for log in logs]
            words = [self._lab.name, str(self._class), "--out", str(Path(place, "pages"))]
            local = [*self._sandbox, "--jobs", str(many)]
            words += ["--queue", "--patience", "60s", "--course", str(ROOT)] if broker else local
            batch(environment, words, Path(place, "batch"), self._most, others)
        return pace(database, self._count)


def spread(values: Sequence[float]) -> str:
    """The median, and lowest to highest where there are several."""
    median = f"{statistics.median(values):.2f}"
    return median if len(values) == 1 else f"{median} ({min(values):.2f} to {max(values):.2f})"


def report(results: dict[tuple[str, int], list[float]]) -> Iterator[str]:
    """What was measured, as Markdown, and what the queue costs."""
    yield "| way | at once | a second once warm | against the same without a queue |"
    yield "|---|---|---|---|"
    for (way, many), paces in results.items():
        ratios = [one / alone for one, alone in zip(paces, results["this machine", many], strict=True)]
        yield f"| {way} | {many} | {spread(paces)} | {spread(ratios)} |"
    for (way, many), paces in results.items():
        if way != "this machine" and many == 1:
            costs = [1000 / one - 1000 / alone for one, alone in zip(paces, results["this machine", 1], strict=True)]
            yield f"{way}: {spread(costs)} ms more a submission than without a queue"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", default="lab1_tensors")
    parser.add_argument("--count", type=int, default=300, help="submissions of a class")
    parser.add_argument("--brokers", default="redis,rabbitmq", help="comma-separated")
    parser.add_argument("--sandbox", choices=["local", "docker"], default="local")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--most", type=float, default=900.0, help="seconds that one batch may take")
    given = parser.parse_args()
    import brokers  # noqa: PLC0415 - the tests' own, as the next one
    import postgresql_server  # noqa: PLC0415

    postgresql_server.SETTINGS.update(EARNEST)
    ways = [("this machine", ""), *((name, name) for name in given.brokers.split(","))]
    results: dict[tuple[str, int], list[float]] = {(way, many): [] for many in (1, 2) for way, _ in ways}
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(closing(postgresql_server.PostgresqlServer()))
        urls = {name: stack.enter_context(closing(getattr(brokers, SERVERS[name])())).url for _, name in ways if name}
        lab = Course(ROOT).lab(given.lab)
        one = Round(lab, write_class(lab, given.count, place / "class"), given.count, given.sandbox, given.most)
        for _ in range(given.rounds):
            for many in (1, 2):
                for way, broker in ways:
                    results[way, many].append(one.grade(server.database(), urls.get(broker, ""), many))
                    print(f"{way}, {many} at once: {results[way, many][-1]:.2f} a second", file=sys.stderr)
    print("\n".join(report(results)))


if __name__ == "__main__":
    main()
