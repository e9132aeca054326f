"""Databases that earlier versions made: a class with an equal pair, a crash, a refusal and a second attempt."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.errors import DatabaseUnreachable
from grader.export import FORMATS, Request
from grader.model import Change, ClassResults, GradeChange, Override
from grader.store import Store

EARLIER = sorted((Path(__file__).parent / "earlier").glob("*.db"))
"""By revision; beside each what `grader results --format json` of that version said."""


def rows(place):
    """Table -> its rows, each as a dict, in the order of the file."""
    with closing(sqlite3.connect(place)) as database:
        database.row_factory = sqlite3.Row
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: [dict(row) for row in database.execute(f"SELECT * FROM {name}")] for name in names}


@pytest.fixture(params=EARLIER, ids=lambda place: place.stem)
def earlier(request, place):
    """A copy of a database that an earlier version made."""
    shutil.copy(request.param, place)
    return request.param


def test_there_is_a_file_of_every_earlier_version():
    versions = Path(__file__).parents[2] / "grader" / "store" / "migrations" / "versions"
    released = sorted(path.name[1:5] for path in versions.glob("r*.py"))
    assert [place.stem for place in EARLIER] == released[: len(EARLIER)]
    assert len(EARLIER) == len(released) - 1


def test_migrating_loses_nothing(earlier, place):
    before = rows(place)
    assert [len(before[name]) for name in ("students", "contents", "submissions", "runs", "refusals")] == [
        5,
        4,
        5,
        4,
        1,
    ]
    Store.open(place).close()
    after = rows(place)
    for table in set(before) - {"alembic_version"}:
        kept = [{column: row[column] for column in before[table][0]} for row in after[table]]
        assert kept == before[table]
    with closing(sqlite3.connect(place)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_grades_are_what_they_were(earlier, place):
    with Store.open(place) as store:
        results = ClassResults("double", "Doubling", "1", 10.0, store.grades("double"))
        found = FORMATS["json"](results, Request()).content
    assert json.loads(found) == json.loads(earlier.with_suffix(".json").read_bytes())


def test_of_grades_from_before_the_log_says_what_they_are(earlier, place):
    with Store.open(place) as store:
        for grade in store.grades("double"):
            changes = [event for event in store.history("double", grade.student.key) if isinstance(event, GradeChange)]
            told = [(row.change, row.new_score, row.earned, row.at) for row in changes]
            assert told == ([(Change.BEFORE, grade.score, grade.earned, grade.graded_at)] if grade.graded else [])


def test_a_migrated_database_takes_overrides(earlier, place):
    when = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
    with Store.open(place) as store:
        done = store.override("double", "ana", Override(4.0, 10.0, "Copied.", "kim", when))
        assert (done.old_score, done.new_score) == (10.0, 4.0)
        assert next(iter(store.grades("double"))).score == 4.0


def test_a_damaged_database_is_told_and_not_migrated(earlier, place):
    with closing(sqlite3.connect(place)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
        ((page,),) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'figures'").fetchall()
        ((size,),) = database.execute("PRAGMA page_size").fetchall()
    data = bytearray(place.read_bytes())
    data[(page - 1) * size : (page - 1) * size + 100] = b"\xff" * 100
    place.write_bytes(data)
    with pytest.raises(DatabaseUnreachable, match="is damaged"):
        Store.open(place)
    assert place.read_bytes() == bytes(data)
