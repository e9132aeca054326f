"""Ctrl-C, once and again, and at moments when somebody else would hear it."""

import os
import signal
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, event

from grader.store import Store
from grader.store.database import config


def has(pid, field, number):
    """Whether a process has a signal blocked (SigBlk), ignored (SigIgn) or caught (SigCgt)."""
    (line,) = [row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith(field)]
    return bool(int(line.split()[1], 16) >> (number - 1) & 1)


def test_a_second_interrupt_ends_a_batch_that_waits_for_a_worker_in_vain(scene):
    batch = scene.begins_and_stops_at("cleo")
    (worker,) = batch.workers()
    os.kill(worker, signal.SIGSTOP)
    os.kill(batch.pid, signal.SIGINT)
    time.sleep(0.5)  # it waits for a second; whenever the other one comes, the end is the same
    with suppress(ProcessLookupError):
        os.kill(batch.pid, signal.SIGINT)
    said = batch.ends(130)
    assert "Stopped. Graded 2 of 7: what is graded is kept, 5 to go." in said
    assert f"Run the same command again: grader batch lab1_tensors {scene.place / 'class'} --course" in said
    assert scene.ungraded() == {"cleo", "dan", "eli", "fay", "gus"}
    scene.open("cleo")
    scene.is_resumed()


def test_a_worker_is_deaf_to_interrupts_from_its_beginning(scene, eventually):
    scene.shut("ana")
    batch = scene.begins()
    eventually(batch.workers, "a worker is started")
    (worker,) = batch.workers()
    assert has(worker, "SigBlk", signal.SIGINT) or has(worker, "SigIgn", signal.SIGINT)
    scene.reached(batch, "ana")
    assert has(worker, "SigIgn", signal.SIGINT)
    assert not has(worker, "SigBlk", signal.SIGINT)


def test_a_worker_that_imports_is_ended_and_not_asked_to_unwind(scene, eventually):
    """An exception in the middle of an import of torch comes out as another one, with a traceback."""
    batch = scene.begins()
    eventually(lambda: any(b"libtorch" in maps(worker) for worker in batch.workers()), "a worker imports torch")
    (worker,) = batch.workers()
    assert not has(worker, "SigCgt", signal.SIGTERM)
    os.kill(batch.pid, signal.SIGINT)
    batch.ends(130)


def maps(pid):
    return Path(f"/proc/{pid}/maps").read_bytes()


@contextmanager
def interrupted(at):
    """Within the block, the n-th statement that changes a database is interrupted before it is carried out."""
    changes = count(1)

    def see(_connection, _cursor, statement, *_):
        if statement.split()[0] in {"CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE"} and next(changes) == at:
            raise KeyboardInterrupt

    event.listen(Engine, "before_cursor_execute", see)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", see)


def written(place):
    """All that a database says of itself."""
    with closing(sqlite3.connect(place)) as database:
        return list(database.iterdump())


def old_database(place):
    how = config()
    engine = create_engine(f"sqlite:///{place}")
    with engine.begin() as connection:
        how.attributes["connection"] = connection
        command.upgrade(how, "0001")
    engine.dispose()


@pytest.mark.parametrize("make", [lambda _: None, old_database], ids=["new", "old"])
def test_an_interrupt_while_tables_are_made_or_migrated_leaves_the_database_as_it_was(tmp_path, make):
    make(tmp_path / "model.db")
    before = written(tmp_path / "model.db")
    Store.open(tmp_path / "model.db").close()
    after = written(tmp_path / "model.db")
    for at in count(1):
        place = tmp_path / f"{at}.db"
        make(place)
        try:
            with interrupted(at):
                Store.open(place).close()
        except KeyboardInterrupt:
            assert written(place) == before
            Store.open(place).close()
            assert written(place) == after
        else:
            break
    assert at > 2, "it was interrupted"
