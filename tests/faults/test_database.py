"""The database in the middle of a batch: locked, on a full disk, read-only, moved away."""

import os
import signal
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

REST = {"cleo", "dan", "eli", "fay", "gus"}
NAMED = "Not graded: cleo, dan, eli, fay, gus: "


@contextmanager
def locked(database):
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def sleeps(pid):
    """Whether a process pauses, as SQLite does between two tries to lock a database; else it waits for its workers."""
    return "nanosleep" in Path(f"/proc/{pid}/wchan").read_text()


def test_a_database_that_is_locked_for_a_while_is_waited_for(scene, eventually):
    batch = scene.begins_and_stops_at("cleo")
    with locked(scene.database):
        scene.open("cleo")
        eventually(lambda: sleeps(batch.pid), "the batch waits for the database")
    assert "Graded 7, already graded 0, not taken in 0." in batch.ends(0)
    assert scene.ungraded() == set()


def test_a_database_that_stays_locked_leaves_the_rest_ungraded_and_named(scene):
    scene.wait = 0.1
    batch = scene.begins_and_stops_at("cleo")
    with locked(scene.database):
        scene.open("cleo")
        said = batch.ends(3)
    assert "Graded 2, already graded 0, not taken in 0." in said
    assert f"{NAMED}The database {scene.database} is held by another program for longer than this one waits." in said
    assert scene.ungraded() == REST
    scene.is_resumed()


def test_a_full_disk_under_the_database_leaves_the_rest_ungraded_and_named(confined):
    batch = confined.begins_and_stops_at("cleo")
    confined.disks.fill(confined.database.parent)
    confined.open("cleo")
    said = batch.ends(3)
    assert "Graded 2, already graded 0, not taken in 0." in said
    assert f"{NAMED}No space is left for the database {confined.database}. Free some on its disk." in said
    confined.disks.empty(confined.database.parent)
    assert confined.ungraded() == REST

    confined.disks.remount(confined.database.parent, "ro")
    said = confined.begins().ends(2)
    assert f"The database {confined.database} cannot be used (attempt to write a readonly database)." in said
    confined.disks.remount(confined.database.parent, "rw")
    confined.is_resumed()


def test_full_disks_under_the_pages_and_temporary_files_cost_no_result(confined):
    batch = confined.begins_and_stops_at("cleo")
    confined.disks.fill(confined.scratch)
    confined.disks.fill(confined.out)
    for slot in batch.slots():
        os.kill(slot, signal.SIGKILL)
    confined.open("cleo")
    said = batch.ends(2)
    assert "Graded 7, already graded 0, not taken in 0." in said
    assert f"Error: No space is left for the pages in {confined.out}. Free some, or choose another place" in said
    assert confined.ungraded() == set()
    confined.disks.empty(confined.out)
    confined.is_resumed()


@pytest.mark.parametrize("put_another", [lambda _: None, Path.touch], ids=["moved", "replaced"])
def test_a_database_that_is_moved_away_is_missed(scene, put_another):
    """SQLite would go on writing into the file that has lost its name."""
    batch = scene.begins_and_stops_at("cleo")
    away = scene.database.rename(scene.database.with_name("away.db"))
    put_another(scene.database)
    scene.open("cleo")
    said = batch.ends(2)  # nor can the class be shown
    assert f"{NAMED}The database {scene.database} is no longer there:" in said
    away.rename(scene.database)
    scene.is_resumed()
