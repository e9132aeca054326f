"""Several processes on one database, and processes that die."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest

from grader.errors import DatabaseLocked, DatabaseUnreachable
from grader.store import Store
from grader.store.backups import back_up

LAB = "lab1_tensors"
CHECKS = 20

WRITER = """
import itertools, sys
from grader.intake import digest
from grader.model import CheckResult, Ending, Outcome, Run, RunKey, Student, Submission
from grader.store import Store

place, who, most = sys.argv[1], sys.argv[2], int(sys.argv[3])
checks = tuple(CheckResult(f"check-{n}", "t", "g", Outcome.PASSED, 1.0, 1.0) for n in range(20))
with Store.open(place) as store:
    for n in itertools.count() if most == 0 else range(most):
        files = {"lab1_tensors.py": b"x = %d" % n}
        made = digest("lab1_tensors.py", files)
        student = Student(f"{who}-{n % 7}", who)
        id_ = store.add(Submission(student, "lab1_tensors", files, "lab1_tensors.py", made, "a.py"))
        store.save([id_], RunKey(made, "lab1_tensors", "1", "s", "i"), Run(Ending.COMPLETED, checks))
        print(made, flush=True)
"""


def writer(place, who, most):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(place), who, str(most)], stdout=subprocess.PIPE, text=True
    )


def test_two_processes_may_make_and_write_one_database_at_once(empty_address):
    writers = [writer(empty_address, who, 40) for who in ("ana", "bo")]
    for process in writers:
        printed, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        assert len(printed.splitlines()) == 40
    with Store.open(empty_address) as store:
        grades = list(store.grades(LAB))
    assert [grade.student.key for grade in grades] == [f"{who}-{n}" for who in ("ana", "bo") for n in range(7)]
    assert {grade.score for grade in grades} == {CHECKS}
    assert sum(grade.attempts for grade in grades) == 80


def test_who_opens_a_new_database_waits_for_another_that_writes_it(place):
    other = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.3, other.execute, ["COMMIT"])
    done.start()
    try:
        with Store.open(place) as store:
            assert list(store.grades(LAB)) == []
    finally:
        done.join()
        other.close()


def test_who_may_not_wait_is_told_that_a_new_database_is_held(place):
    with contextlib.closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked, match="is held by another program"):
            Store.open(f"sqlite:///{place}?timeout=0")


def test_a_backup_that_became_the_database_can_be_written_while_another_reads(
    place, tmp_path, impatient, submission, key, run
):
    with Store.open(tmp_path / "other.db") as store:
        store.save([store.add(submission())], key(submission()), run())
    back_up(tmp_path / "other.db", place)
    address = impatient(f"sqlite:///{place}")
    with Store.open(address) as store, Store.open(address) as other:
        grades = iter(store.grades(LAB))
        assert next(grades).student.key == "ana"
        other.add(submission("bo", b"y"))
        assert list(grades) == []


def test_who_waits_for_a_database_that_is_replaced_meanwhile_opens_the_new_one(place, tmp_path, submission):
    for file, name in ((place, "ana"), (tmp_path / "new.db", "bo")):
        with Store.open(file) as store:
            store.add(submission(name))
    other = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")

    def replace():
        (tmp_path / "new.db").replace(place)
        other.execute("COMMIT")

    done = threading.Timer(0.3, replace)
    done.start()
    try:
        with Store.open(place) as store:
            done.join()
            assert [student.key for student in store.students()] == ["bo"]
            store.add(submission("cem"))
    finally:
        done.join()
        other.close()


def test_two_processes_may_write_the_same_students_at_once(address):
    writers = [writer(address, "ana", 12) for _ in range(2)]
    for process in writers:
        process.communicate(timeout=120)
        assert process.returncode == 0
    with Store.open(address) as store:
        grades = list(store.grades(LAB))
    assert [grade.attempts for grade in grades] == [2, 2, 2, 2, 2, 1, 1]
    assert {grade.score for grade in grades} == {CHECKS}


def test_a_process_killed_while_saving_leaves_only_whole_runs(address):
    Store.open(address).close()
    for _ in range(3):
        with writer(address, "ana", 0) as process:
            saved = {process.stdout.readline().strip() for _ in range(25)}
            process.send_signal(signal.SIGKILL)
            saved |= {line.strip() for line in process.stdout if len(line) == 65}
        with Store.open(address) as store, store._writing() as connection:  # what a server was at is over by then
            query = "SELECT content, (SELECT count(*) FROM check_results WHERE run_id = runs.id) FROM runs"
            runs = dict(connection.exec_driver_sql(query).all())
            assert set(runs) >= saved
            assert set(runs.values()) == {CHECKS}
            if connection.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
                assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        with Store.open(address) as store:
            assert list(store.grades(LAB))


def test_a_connection_that_the_server_ends_costs_what_it_was_at_and_nothing_else(postgresql, submission, key, run):
    with Store.open(postgresql) as store, Store.open(postgresql) as other:
        id_ = store.add(submission())
        with pytest.raises(DatabaseUnreachable, match="does not answer as it should"):
            rename_on_a_connection_that_ends(store, other)
        assert store.submission(id_).student.name == "Ana"
        store.save([id_], key(submission()), run())


def rename_on_a_connection_that_ends(store, other):
    with store._writing() as connection:
        mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        connection.exec_driver_sql("UPDATE students SET name = 'half'")
        with other._reading() as theirs:
            theirs.exec_driver_sql(f"SELECT pg_terminate_backend({mine}, 60000)")
        connection.exec_driver_sql("UPDATE students SET name = 'whole'")
