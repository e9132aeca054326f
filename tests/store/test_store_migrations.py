"""Databases that earlier versions made: a class with an equal pair, a crash, a refusal and a second attempt.

Since 0003 they have scores that a person set, and a run that broke on our side, too.
"""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import MetaData, insert

from grader.errors import DatabaseUnreachable
from grader.export import FORMATS, Request
from grader.model import Change, ClassResults, GradeChange, Override
from grader.store import Store
from grader.store.database import _engine, _url, config
from grader.store.rows import packed

EARLIER = sorted((Path(__file__).parent / "earlier").glob("*.db"))
"""By revision; beside each what `grader results --format json` of that version said."""
HOLDS = {
    "0001": {"students": 5, "contents": 4, "submissions": 5, "runs": 4, "refusals": 1},
    "0002": {"students": 5, "contents": 4, "submissions": 5, "runs": 4, "refusals": 1},
    "0003": {"students": 6, "contents": 5, "submissions": 6, "runs": 5, "refusals": 1, "overrides": 2, "audit": 12},
    "0004": {"students": 6, "submissions": 6, "runs": 5, "audit": 13, "exports": 2, "exported_grades": 10},
    "0005": {"submissions": 7, "runs": 7, "audit": 18, "policies": 1, "extensions": 1, "exported_grades": 10},
    "0006": {"submissions": 8, "runs": 8, "audit": 19, "policies": 1, "extensions": 1, "exported_grades": 10},
    "0007": {"submissions": 10, "runs": 10, "audit": 21, "comparisons": 1, "compared": 8, "likenesses": 1},
}
"""How many rows are in them, by version."""
LAB = "lab1_tensors"
THEN = datetime(2026, 11, 1, 7, 0, tzinfo=UTC)
BY_HAND = "Set by hand under an earlier version of the grader, which kept no reasons."
OLD = {
    "labs": [{"id": 1, "name": LAB}],
    "students": [{"id": id_, "key": name, "name": name} for id_, name in enumerate(("ana", "bo", "cem", "dee"), 1)],
    "contents": [{"digest": str(run), "entry": "a.py", "files": packed({"a.py": b""})} for run in (1, 2, 3)],
    "runs": [
        {"id": run, "content": str(run), "lab_id": 1, "lab_version": "1", "suite": "suite", "sandbox": "image"}
        | {"ending": "completed", "score": 10.5, "max_score": 15.0, "message": "", "fault": "", "output": ""}
        | {"notes": [], "flags": [], "cpu_seconds": 1.0, "wall_seconds": 1.0, "graded_at": THEN + timedelta(hours=run)}
        for run in (1, 2, 3)
    ],
    "check_results": [
        {"run_id": run, "position": at, "id": str(at), "title": str(at), "group": "", "outcome": "partial"}
        | {"points": 3.5, "max_points": 5.0, "asked": "", "message": "", "hint": "", "traceback": ""}
        | {"depends": [], "visibility": "student", "metrics": []}
        for run in (1, 2, 3)
        for at in range(3)
    ],
    "submissions": [
        {"student_id": student, "lab_id": 1, "content": str(run), "attempt": 1, "turn": 1, "source": "a.py"}
        | {"received_at": None, "collected_at": THEN, "run_id": run}
        for student, run in ((1, 1), (2, 2), (3, 1), (4, 3))
    ],
}
"""The rows of a small class, as version 0002 wrote them."""


@pytest.fixture
def version_0002(empty_address):
    """Makes a database of version 0002 in which Ana and Cem share a run, Bo and Dee have their own; its address.

    Each run has 10.5 points of 15. Then it is changed by statements.
    """

    def make(*statements):
        engine = _engine(_url(empty_address))
        with closing(engine.connect()) as connection, connection.begin():
            how = config()
            how.attributes["connection"] = connection
            command.upgrade(how, "0002")
            described = MetaData()
            described.reflect(connection)
            for table, found in OLD.items():
                connection.execute(insert(described.tables[table]), found)
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()
        return empty_address

    return make


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


def test_nothing_is_beside_the_files_of_earlier_versions_that_a_database_leaves_while_it_is_open():
    assert {path.suffix for path in EARLIER[0].parent.iterdir()} == {".db", ".json", ".md"}


def test_migrating_loses_nothing(earlier, place):
    before = rows(place)
    assert {table: len(before[table]) for table in HOLDS[earlier.stem]} == HOLDS[earlier.stem]
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


@pytest.mark.parametrize("before", EARLIER[:2], ids=lambda file: file.stem)
def test_of_grades_from_before_the_log_says_what_they_are(before, place):
    shutil.copy(before, place)
    with Store.open(place) as store:
        for grade in store.grades("double"):
            changes = [event for event in store.history("double", grade.student.key) if isinstance(event, GradeChange)]
            told = [(row.change, row.new_score, row.earned, row.at) for row in changes]
            assert told == ([(Change.BEFORE, grade.score, grade.earned, grade.graded_at)] if grade.graded else [])


def test_the_log_and_what_people_set_are_what_they_were(place):
    shutil.copy(EARLIER[2], place)
    with Store.open(place) as store:
        found = {grade.student.key: (grade.score, grade.earned, grade.superseded) for grade in store.grades("double")}
        histories = {key: list(filter(None, map(change, store.history("double", key)))) for key in found}
        assert store.check().troubles == ()
    assert found == {
        "ana": (10.0, 10.0, False),
        "ben": (7.5, 10.0, True),
        "cem_çelik": (4.25, 0.0, False),
        "dov": (0.0, None, False),
        "twin": (10.0, 10.0, False),
        "zoe": (0.0, None, False),
    }
    assert histories == {
        "ana": [("run", None, 10.0, 10.0, "")],
        "ben": [
            ("run", None, 6.0, 10.0, ""),
            ("set", 6.0, 7.5, 10.0, "Explained it in the lab."),
            ("submission", 7.5, 7.5, 10.0, ""),
            ("run", 7.5, 7.5, 10.0, ""),
        ],
        "cem_çelik": [
            ("run", None, 0.0, 10.0, ""),
            ("set", 0.0, 3.0, 10.0, "Half of it was there."),
            ("changed", 3.0, 4.25, 10.0, "More than half of it, even."),
        ],
        "dov": [("run", None, None, None, "")],
        "twin": [
            ("run", None, 10.0, 10.0, ""),
            ("set", 10.0, 0.0, 10.0, "Copied from Ana."),
            ("cleared", 0.0, 10.0, 10.0, "Ana copied from Twin."),
        ],
        "zoe": [],
    }


def test_a_score_that_somebody_wrote_into_an_earlier_database_becomes_an_override(version_0002):
    address = version_0002(
        "UPDATE runs SET score = 9 WHERE id = 1",
        "UPDATE runs SET ending = 'broken', score = 7 WHERE id = 2",
        "DELETE FROM check_results WHERE run_id = 2",
    )
    with Store.open(address) as store:
        grades = {grade.student.key: grade for grade in store.grades(LAB)}
        told = {key: [change(event) for event in store.history(LAB, key)[-2:]] for key in grades}
        assert store.check().troubles == ()
    assert {key: (grade.score, grade.max_score, grade.earned) for key, grade in grades.items()} == {
        "ana": (9.0, 15.0, 10.5),
        "bo": (7.0, 15.0, None),
        "cem": (9.0, 15.0, 10.5),
        "dee": (10.5, 15.0, 10.5),
    }
    given = {key: grade.override for key, grade in grades.items()}
    assert given.pop("dee") is None
    assert {(override.set_by, override.reason) for override in given.values()} == {("grader", BY_HAND)}
    assert not any(grade.superseded for grade in grades.values())
    assert told["ana"] == told["cem"] == [("before", None, 10.5, 15.0, ""), ("set", 10.5, 9.0, 15.0, BY_HAND)]
    assert told["bo"][1:] == [("set", None, 7.0, 15.0, BY_HAND)]
    assert told["dee"][1:] == [("before", None, 10.5, 15.0, "")]


def change(event):
    """What a row of the log says; nothing of other events."""
    if isinstance(event, GradeChange):
        return (event.change, event.old_score, event.new_score, event.max_score, event.reason)
    return None


def test_what_may_be_a_loss_of_check_results_is_not_taken_for_a_score_by_hand(version_0002):
    address = version_0002("DELETE FROM check_results WHERE run_id = 1 AND position = 2")
    with Store.open(address) as store:
        ana, *_ = store.grades(LAB)
        assert (ana.score, ana.override) == (10.5, None)
        assert "lacks check results" in store.check().troubles[0].sentence


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
