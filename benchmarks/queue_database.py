"""What a submission that workers grade takes of PostgreSQL: rows, bytes, transactions, and how many settle in a second.

    python benchmarks/queue_database.py                        2,000 submissions of lab1_tensors; 1, 2 and 4 programs
    python benchmarks/queue_database.py --lab lab3_classifier --count 500 --programs 1,4
    python benchmarks/queue_database.py --db postgresql://…    a server of your own: an empty database for each number

A few submissions are graded on this machine, as `grader batch` does it. What came of them is then asked for, claimed
and settled again and again by programs that examine nothing, so what is measured is the database and no student's code.
Without --db a server is started that writes to the disk as one in earnest does. Counts and bytes hold anywhere; times
only for an idle machine and its disk.
"""

import argparse
import itertools
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path

from sqlalchemy import create_engine, text
from workload import write_class

from grader import intake
from grader.labs import Course, Lab
from grader.model import Asked, Need, Run, RunKey, Student, Submission, Worker
from grader.store import Store

ROOT = Path(__file__).parents[1]
GRADED = 20
"""Submissions that are graded in earnest: the solution and mutants."""
EARNEST = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "256MB", "max_connections": "100"}
WAIT = 600.0
"""Seconds after which programs that wait for each other give up."""
SIZES = "select relname, pg_total_relation_size(relid) from pg_stat_user_tables"
TRANSACTIONS = "select xact_commit from pg_stat_database where datname = current_database()"
WRITTEN = "select pg_current_wal_lsn() - '0/0'::pg_lsn"


@dataclass(frozen=True, slots=True)
class Sample:
    """A submission that was graded."""

    files: dict[str, bytes]
    entry: str
    run: Run


@dataclass(frozen=True, slots=True)
class Facts:
    """What a database says of itself.

    Attributes:
        rows: by table.
        sizes: bytes by table, with indexes and what lies aside.
        transactions: committed so far.
        written: bytes of the write-ahead log so far.
    """

    rows: dict[str, int]
    sizes: dict[str, int]
    transactions: int
    written: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What so many programs did.

    Attributes:
        rates: how many a second, by what was done.
        before, between, after: taking in, and grading.
    """

    programs: int
    count: int
    rates: dict[str, float]
    before: Facts
    between: Facts
    after: Facts


def samples(lab: Lab, place: Path) -> list[Sample]:
    """Submissions of a lab with what came of them."""
    folder = write_class(lab, GRADED, place / "class")
    command = [sys.executable, "-c", "from grader.cli import main; main()", "batch", lab.name, str(folder)]
    command += ["--course", str(ROOT), "--db", f"sqlite:///{place}/grades.db", "--out", str(place / "pages")]
    subprocess.run([*command, "--sandbox", "local", "--dataset", "digits"], check=True, stdout=subprocess.DEVNULL)
    taken = {one.student.key: one for one in intake.collect([folder], lab.name) if isinstance(one, Submission)}
    with Store.open(place / "grades.db") as store:
        graded = {grade.student.key: grade.run for grade in store.grades(lab.name) if grade.graded}
    return [Sample(dict(taken[key].files), taken[key].entry, run) for key, run in graded.items() if run]


def facts(url: str) -> Facts:
    """See `Facts`."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("vacuum analyze"))
        sizes = {str(name): int(size) for name, size in connection.execute(text(SIZES))}
        rows = {name: int(connection.scalar(text(f'select count(*) from "{name}"')) or 0) for name in sizes}
        connection.execute(text("select pg_stat_force_next_flush()"))
        transactions, written = (int(connection.scalar(text(query)) or 0) for query in (TRANSACTIONS, WRITTEN))
    engine.dispose()
    return Facts(rows, sizes, transactions, written)


def take_in(lab: Lab, found: Sequence[Sample], count: int, store: Store) -> list[Asked]:
    """Put `count` submissions by as many students into a store, no two alike."""
    asked = []
    for number, sample in zip(range(count), itertools.cycle(found), strict=False):
        files = {**sample.files, sample.entry: sample.files[sample.entry] + f"\n# {number}\n".encode()}
        digest = intake.digest(sample.entry, files)
        who = Student(f"{100_000 + number}", f"Student {number}")
        id_ = store.add(Submission(who, lab.name, files, sample.entry, digest, f"class/{who.key}/{sample.entry}"))
        key = RunKey(digest, lab.name, lab.spec.version, "benchmark", "benchmark")
        asked.append(Asked(key, (id_,), "none", Need.CPU))
    return asked


def work(url: str, tickets: Sequence[int], runs: Sequence[Run], together: Barrier) -> None:
    """Claim tickets, then settle them, at the same time as other programs do it with theirs."""
    with Store.open(url) as store:
        queue = store.queue()
        me = queue.enroll(Worker("benchmark", "0", frozenset({Need.CPU}), 1, "benchmark", "none"))
        together.wait(WAIT)
        claims = [queue.claim(ticket, me) for ticket in tickets]
        together.wait(WAIT)
        for claim, run in zip(claims, itertools.cycle(runs), strict=False):
            if claim is None or not queue.settle(claim, me, run):
                raise SystemExit("A ticket was another program's: is something else at work in this database?")
        together.wait(WAIT)
        queue.leave(me)


def measure(lab: Lab, found: Sequence[Sample], count: int, programs: int, url: str) -> Measured:
    """Take in and settle so many submissions by so many programs."""
    with Store.open(url) as store:
        before, begun = facts(url), time.monotonic()
        asked = take_in(lab, found, count, store)
        rates = {"take in": count / (time.monotonic() - begun)}
        between, queue, begun = facts(url), store.queue(), time.monotonic()
        tickets = queue.ask(asked)
        rates["ask"] = count / (time.monotonic() - begun)
        begun = time.monotonic()
        queue.standings(tickets)
        rates["look at"] = count / (time.monotonic() - begun)
    context = multiprocessing.get_context("spawn")
    together, runs = context.Barrier(programs + 1), [sample.run for sample in found]
    shares = [tickets[at::programs] for at in range(programs)]
    workers = [context.Process(target=work, args=(url, share, runs, together)) for share in shares]
    try:
        for worker in workers:
            worker.start()
        marks = []
        for _ in range(3):
            together.wait(WAIT)
            marks.append(time.monotonic())
        for worker in workers:
            worker.join(WAIT)
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    rates |= {"claim": count / (marks[1] - marks[0]), "settle": count / (marks[2] - marks[1])}
    after = facts(url)
    if after.rows["runs"] != count:
        raise SystemExit(f"Only {after.rows['runs']} of {count} were settled.")
    return Measured(programs, count, rates, before, between, after)


@contextmanager
def databases(given: Sequence[str], programs: Sequence[int]) -> Iterator[list[str]]:
    """An empty database for each number of programs."""
    if given:
        yield list(given)
        return
    sys.path.insert(0, str(ROOT / "tests" / "store"))
    import postgresql_server  # noqa: PLC0415 - the tests' own

    postgresql_server.SETTINGS.update(EARNEST)
    with closing(postgresql_server.PostgresqlServer()) as server:
        yield [server.database() for _ in programs]


def tables(one: Measured) -> str:
    """Rows and bytes of a submission by table, as Markdown."""
    rows = ["| table | rows | bytes |", "|---|---|---|"]
    sizes = {name: (size - one.before.sizes[name]) / one.count for name, size in one.after.sizes.items()}
    others = 0.0
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        number = (one.after.rows[name] - one.before.rows[name]) / one.count
        if number >= 0.01:
            rows.append(f"| {name} | {number:.2f} | {size:,.0f} |")
        else:
            others += size
    return "\n".join([*rows, f"| others | | {others:,.0f} |", f"| all | | {sum(sizes.values()):,.0f} |"])


def rates(results: Sequence[Measured]) -> str:
    """How many a second, as Markdown."""
    heads = [*results[0].rates]
    rows = [f"| programs | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    rows += [f"| {one.programs} | {' | '.join(f'{one.rates[head]:,.0f}' for head in heads)} |" for one in results]
    return "\n".join(rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", default="lab1_tensors")
    parser.add_argument("--count", type=int, default=2000, help="submissions for each number of programs")
    parser.add_argument("--programs", default="1,2,4", help="comma-separated: how many settle at once")
    parser.add_argument("--db", action="append", default=[], help="an empty database; as often as there are numbers")
    given = parser.parse_args()
    lab, programs = Course(ROOT).lab(given.lab), [int(number) for number in given.programs.split(",")]
    if given.db and len(given.db) != len(programs):
        parser.error(f"{len(programs)} numbers of programs take {len(programs)} databases.")
    with tempfile.TemporaryDirectory() as place:
        found = samples(lab, Path(place))
    with databases(given.db, programs) as urls:
        results = [measure(lab, found, given.count, number, url) for number, url in zip(programs, urls, strict=True)]
    one = results[0]
    checks = sum(len(sample.run.checks) for sample in found) / len(found)
    size = sum(len(content) for sample in found for content in sample.files.values()) / len(found)
    print(
        f"{lab.name}: {checks:.0f} checks, files of {size:,.0f} bytes; {given.count:,} submissions\n\n{tables(one)}\n"
    )
    for what, first, last in (("taking in", one.before, one.between), ("asking and grading", one.between, one.after)):
        done = (last.transactions - first.transactions) / one.count
        written = (last.written - first.written) / one.count
        print(f"{what}: {done:.1f} transactions and {written:,.0f} bytes of the write-ahead log a submission")
    print(f"\n{rates(results)}\n")
    for other in results[1:]:
        ratio = other.rates["settle"] / one.rates["settle"]
        print(f"{other.programs} programs settle {ratio:.2f} times as many as {one.programs}")
    print(f"{os.cpu_count()} hardware threads")


if __name__ == "__main__":
    main()
