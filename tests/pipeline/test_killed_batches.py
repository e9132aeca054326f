"""A batch that is killed, at every point of its way: what is finished stays, whole, and the next batch finishes it."""

import json
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.store import Store
from grader.store.columns import Moment
from grader.store.tables import Base

TINY = Path(__file__).parents[1] / "courses" / "tiny"
KILLABLE = Path(__file__).with_name("killable.py")
POINTS = 50
"""At how many points a batch is killed, in even distances from its first statement to its last."""
CHECKS = 4
TABLES = Base.metadata.sorted_tables
POINTED_TO = {key.column.table for table in TABLES for key in table.foreign_keys}


@dataclass(frozen=True)
class Ended:
    """A batch.

    Attributes:
        reported: digests of the contents whose results were said to be stored.
        points: how many it came to.
        status: of its process.
    """

    reported: set[str]
    points: int
    status: int


class Grader:
    """Gives batches to processes that can be killed."""

    def __init__(self, process, folder):
        self._process = process
        self._folder = folder

    def __call__(self, address, stage="later", at=0, most=0):
        order = {"course": str(self._folder / stage / "course"), "folder": str(self._folder / stage / "class")}
        self._process.stdin.write(json.dumps({**order, "address": address, "at": at, "most": most}) + "\n")
        self._process.stdin.flush()
        reported, points = set(), 0
        for line in self._process.stdout:
            match line.split():
                case ["points", number]:
                    points = int(number)
                case ["ended", status]:
                    return Ended(reported, points, int(status))
                case [digest]:
                    reported.add(digest)
        raise AssertionError("The process that grades is gone.")


@pytest.fixture(scope="module")
def grade(tmp_path_factory):
    """Two batches can be told of: an `earlier` one, and a `later` one by another suite, with more students."""
    folder = tmp_path_factory.mktemp("batches")
    for stage, students in {
        "earlier": {"ana": "first", "bo": "same", "cem": "same"},
        "later": {"ana": "second", "bo": "same", "cem": "same", "dan": "dan", "eve": "eve"},
    }.items():
        course, files = Path(shutil.copytree(TINY, folder / stage / "course")), folder / stage / "class"
        suite = course / "reference" / "double" / "test_hidden.py"
        suite.write_text(f"{suite.read_text()}# {stage}\n")
        files.mkdir()
        for student, word in students.items():
            (files / f"{student}.py").write_text(f"# {word}\ndef double(n): return 2 * n\n")
    (folder / "later" / "class" / "kim.zip").write_bytes(b"PK broken")
    with subprocess.Popen(
        [sys.executable, KILLABLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Grader(process, folder)
        process.stdin.close()


class Databases:
    """Makes databases of a kind; of a server's where there is one."""

    def __init__(self, folder, server=None):
        self._folder = folder
        self._server = server
        self._made = []

    def new(self):
        address = self._server.database() if self._server else str(self._folder / f"grades-{len(self._made)}.db")
        self._made.append(address)
        return address

    def copy(self, first, to):
        """Make another database be like the first one. To make a new one each time takes a server too long."""
        if not self._server:
            shutil.copyfile(first, to)
            return
        with Store.open(first) as there, Store.open(to) as here:
            with here._writing() as connection:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # triggers keep some rows
                connection.exec_driver_sql(f"TRUNCATE {', '.join(Base.metadata.tables)} RESTART IDENTITY")
            here.fill(there.rows())

    def close(self):
        for address in self._made if self._server else ():
            self._server.drop(address)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request, tmp_path):
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else None
    with closing(Databases(tmp_path, server)) as made:
        yield made


@dataclass(frozen=True)
class Earlier:
    """What there was before the later batch, and what there is after it.

    Attributes:
        first: a database in which the earlier batch is.
        runs: its runs.
        after: all that is on record after the later batch, too.
        points: how many that came to.
    """

    first: str
    runs: set[tuple[str, str]]
    after: dict[str, list[str]]
    points: int


@pytest.fixture
def earlier(databases, grade):
    first, undisturbed = databases.new(), databases.new()
    assert grade(first, "earlier").status == 0
    databases.copy(first, undisturbed)
    later = grade(undisturbed)
    assert (later.status, len(later.reported)) == (0, 4)
    before, after = tables(first), tables(undisturbed)
    assert (len(runs(before)), len(runs(after))) == (2, 6)
    return Earlier(first, runs(before), lasting(after), later.points)


def test_a_batch_killed_at_any_statement_or_commit_loses_nothing(databases, grade, earlier):
    address = databases.new()
    for at in spread(earlier.points, POINTS):
        databases.copy(earlier.first, address)
        ended = grade(address, at=at)
        assert ended.status == -signal.SIGKILL
        nothing_is_lost(address, ended, earlier)
        assert grade(address).status == 0
        assert lasting(tables(address)) == earlier.after, f"killed at {at} of {earlier.points}"


def test_a_batch_killed_while_it_makes_the_database_does_not_spoil_it(databases, grade):
    undisturbed = databases.new()
    whole, again = grade(undisturbed), grade(undisturbed)
    wanted = lasting(tables(undisturbed))
    for at in spread(whole.points - again.points, 8):
        address = databases.new()
        assert grade(address, at=at).status == -signal.SIGKILL
        assert grade(address).status == 0
        assert lasting(tables(address)) == wanted, f"killed at {at}"


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_batch_that_ends_in_the_middle_of_a_write_loses_nothing(databases, grade, earlier):
    """The system ends it where a file would grow over a limit: half of a page, or half of what it commits, is there."""
    address, reported = databases.new(), set()
    databases.copy(earlier.first, address)
    limits = iter(range(Path(address).stat().st_size - 2**16, 2**30, 16381))  # the log grows first
    while (ended := grade(address, most=next(limits))).status == -signal.SIGXFSZ:
        reported.add(len(ended.reported))
        nothing_is_lost(address, ended, earlier)
        with Store.open(address) as store:
            assert store.check().troubles == ()
        assert grade(address).status == 0
        assert lasting(tables(address)) == earlier.after
        databases.copy(earlier.first, address)
    assert ended.status == 0
    assert reported >= {0, 1, 2, 3}


def spread(points, many):
    """So many numbers from 1 to `points`, in even distances."""
    found = {1 + number * (points - 1) // (many - 1) for number in range(many)}
    assert len(found) == many
    return sorted(found)


def nothing_is_lost(address, ended, earlier):
    found = runs(tables(address))
    assert found >= earlier.runs
    assert {content for content, _ in found - earlier.runs} >= ended.reported


def runs(found):
    """(content, suite) of each run on record. All of them are whole."""
    for run in found["runs"]:
        for table, many in (("check_results", CHECKS), ("figures", 1)):
            assert [row["run_id"] for row in found[table]].count(run["id"]) == many
    return {(run["content"], run["suite"]) for run in found["runs"]}


def lasting(found):
    """All but times and the order of rows, with ids told by their order: a server does not give one twice."""
    return {table.name: sorted(str(lasting_row(table, row, found)) for row in found[table.name]) for table in TABLES}


def lasting_row(table, row, found):
    names = [column.name for column in table.columns if not isinstance(column.type, Moment)]
    if table not in POINTED_TO:
        names = [name for name in names if table.c[name] is not table.autoincrement_column]
    return [place(row[name], found[ids]) if (ids := numbered(table.c[name])) else row[name] for name in names]


def place(id_, rows):
    """Which one of the rows has this id, counted from the first."""
    return None if id_ is None else sorted(row["id"] for row in rows).index(id_)


def numbered(column):
    """The table whose ids are in a column, if any."""
    ids = [column, *(key.column for key in column.foreign_keys)]
    return next((id_.table.name for id_ in ids if id_ is id_.table.autoincrement_column), None)


def tables(address):
    """Every row, once a server is done with what a client was at that was killed."""
    found = defaultdict(list)
    with Store.open(address) as store:
        with store._writing():
            pass
        for table, block in store.rows():
            found[table.name] += map(dict, block)
    return found
