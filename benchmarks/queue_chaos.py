"""Kills things at random while workers grade a class, and counts: everybody is graded, by one result, the right one.

    python benchmarks/queue_chaos.py                                 500 submissions; Redis, then RabbitMQ
    python benchmarks/queue_chaos.py --brokers redis --count 100 --seed 3

Three workers, two submissions each at once; PostgreSQL and the broker are started here. Every few seconds one of these
happens: a worker is killed (-9), told to end (SIGTERM), or stopped for so long that it counts as lost; the command is
killed and given again; the broker or the database is killed and started again. A worker that is gone is replaced.
Exit status 1 where a count is wrong, or where it takes more than `--most` seconds.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "store"), str(ROOT / "tests" / "worker")]
KINDS = {"redis": "Redis", "rabbitmq": "RabbitMQ"}
WORKERS = 3
PAUSES = (2.0, 6.0)
"""Seconds between two accidents, from and to."""
AWAY = (0.0, 5.0)
"""Seconds that a server is away."""


class Stuck(SystemExit):
    """It did not come to an end."""


class Chaos:
    """A class that is graded by workers, and what happens to them meanwhile.

    Args:
        department: see tests/worker.
        servers: the broker and the database, by their names.
        silence: seconds after which a worker counts as lost.
    """

    def __init__(self, department: Any, servers: dict[str, Any], silence: float, chance: random.Random) -> None:
        self._department = department
        self._silence = silence
        self._chance = chance
        self._workers: list[Any] = []
        self._command: Any = None
        self._accidents: dict[str, Callable[[], None]] = {
            "a worker is killed": self._kill,
            "a worker is told to end": self._end,
            "a worker is cut off": self._cut_off,
            "the command is killed": self._kill_command,
            **{f"the {name} is killed": partial(self._restart, server) for name, server in servers.items()},
        }
        self.happened: Counter[str] = Counter()

    def to_the_end(self, most: float) -> int:
        """Grade the class; the command's exit status.

        Raises:
            Stuck: it takes longer than `most` seconds.
        """
        until = time.monotonic() + most
        self._replace()
        self._command = self._asks()
        while self._command.runs:
            if time.monotonic() > until:
                raise Stuck(f"Not graded in {most:.0f} seconds. The command said:\n{self._command.said}")
            time.sleep(self._chance.uniform(*PAUSES))
            accident = self._chance.choice(list(self._accidents))
            self._accidents[accident]()
            self.happened[accident] += 1
            self._replace()
        return int(self._command.status)

    def _asks(self) -> Any:
        """The command, once it asks: what goes away sooner ends it, and then it is for a person to give it again."""
        command = self._department.batch(silence=self._silence)
        while command.runs and "Grad" not in command.said:
            time.sleep(0.1)
        return command

    def _replace(self) -> None:
        self._workers = [worker for worker in self._workers if worker.runs]
        while len(self._workers) < WORKERS:
            self._workers.append(self._department.worker(jobs=2, silence=self._silence))

    def _kill(self) -> None:
        self._chance.choice(self._workers).kill()

    def _end(self) -> None:
        self._chance.choice(self._workers).signal(signal.SIGTERM)

    def _cut_off(self) -> None:
        worker = self._chance.choice(self._workers)
        worker.signal(signal.SIGSTOP)
        time.sleep(self._silence * 1.2)
        worker.signal(signal.SIGCONT)

    def _kill_command(self) -> None:
        self._command.kill()
        self._command = self._asks()

    def _restart(self, server: Any) -> None:
        server.stop()
        time.sleep(self._chance.uniform(*AWAY))
        server.start()


def told(department: Any, students: list[str], status: int, happened: Counter[str]) -> Iterator[str]:
    """What was counted, and what of it is wrong."""
    scores, runs, begun = department.scores(), department.runs(), department.visits()
    wrong = [who for who, score in scores.items() if score != 10.0]
    yield f"{happened.total()} accidents: " + ", ".join(f"{what} {many}x" for what, many in happened.items())
    yield f"{len(scores)} of {len(students)} graded, by {runs.total()} results; {begun.total()} gradings were begun"
    for what, so in {
        f"The command's exit status is {status}": status != 0,
        f"Without a grade: {sorted(set(students) - scores.keys())}": scores.keys() != set(students),
        f"With a wrong grade: {wrong}": bool(wrong),
        "Some have more than one result": set(runs.values()) != {1} or len(runs) != len(students),
    }.items():
        if so:
            yield f"WRONG: {what}."


def main() -> None:
    """Grade, count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500, help="submissions")
    parser.add_argument("--brokers", default="redis,rabbitmq", help="comma-separated")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--most", type=float, default=1800.0, help="seconds that a class may take")
    given = parser.parse_args()
    import brokers  # noqa: PLC0415 - the tests' own, as the next two
    import department  # noqa: PLC0415
    from postgresql_server import PostgresqlServer  # noqa: PLC0415

    failed = False
    for name in given.brokers.split(","):
        with (
            tempfile.TemporaryDirectory() as place,
            closing(PostgresqlServer()) as database,
            closing(getattr(brokers, KINDS[name])()) as broker,
            closing(department.Department(Path(place), database.database(), broker.url)) as asked,
        ):
            students = [f"s{number:03}" for number in range(given.count)]
            asked.hands_in(students)
            servers = {"broker": broker, "database": database}
            chaos = Chaos(asked, servers, department.SHORT, random.Random(given.seed))
            begun = time.monotonic()
            status = chaos.to_the_end(given.most)
            lines = list(told(asked, students, status, chaos.happened))
            print(f"{name}, {time.monotonic() - begun:.0f} s: ", *lines, sep="\n  ")
            failed = failed or any(line.startswith("WRONG") for line in lines)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
