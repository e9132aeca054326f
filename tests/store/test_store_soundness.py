"""What `Store.check` finds in a database that somebody or something has harmed."""

import contextlib
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from grader.model import Override, Refusal, Student
from grader.store import Store

LAB = "lab1_tensors"
RESTORE = "Put a backup in its place: grader db restore FILE --replace. The database as it is now is kept beside."


@pytest.fixture
def graded(store, submission, key, run):
    """A store with two students' runs, of three checks each."""
    for name in ("ana", "bo"):
        found = submission(name, name.encode())
        store.save([store.add(found)], key(found), run())
    return store


def harm(store, *statements):
    """Do what the database's own rules forbid."""
    with store._writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement)


def troubles(store):
    return [(trouble.sentence, trouble.advice) for trouble in store.check().troubles]


def test_a_whole_database_is_counted(graded):
    found = graded.check()
    assert found.troubles == ()
    assert (found.rows["students"], found.rows["runs"], found.rows["check_results"]) == (2, 2, 6)
    assert found.version >= "0002"


def test_an_empty_one_is_whole(store):
    assert store.check().troubles == ()


def test_what_broke_or_was_refused_is_no_trouble(store, submission, key, broken):
    store.save([store.add(submission())], key(submission()), broken)
    assert store.check().troubles == ()


@pytest.mark.parametrize("position", [0, 2])
def test_a_run_that_lacks_a_check_result_is_told_with_whose_it_is(graded, submission, position):
    same = submission("bo", b"ana")
    graded.add(replace(same, student=Student("cem", "Cem")))
    harm(graded, f"DELETE FROM check_results WHERE run_id = 1 AND position = {position}")
    assert troubles(graded) == [
        (
            f"A run of {LAB} lacks check results. It grades ana, cem.",
            f"Grade what is concerned again: grader batch {LAB} … --regrade.",
        )
    ]


def test_a_check_result_without_points_is_missed_too(store, submission, key, run):
    checks = [replace(check, points=0.0, max_points=0.0) for check in run().checks]
    store.save([store.add(submission())], key(submission()), replace(run(), checks=tuple(checks)))
    harm(store, "DELETE FROM check_results WHERE position = 1")
    assert [sentence for sentence, _ in troubles(store)] == [f"A run of {LAB} lacks check results. It grades ana."]


def test_rows_that_belong_to_nothing_are_told(place, submission, key, run):
    with Store.open(place) as store:
        store.save([store.add(submission())], key(submission()), run())
    with contextlib.closing(sqlite3.connect(place)) as connection, connection:
        connection.execute("DELETE FROM runs")  # SQLite's own default is not to look
    with Store.open(place) as store:
        assert troubles(store) == [
            ("3 of check_results belong to runs that are not there.", RESTORE),
            ("2 of figures belong to runs that are not there.", RESTORE),
            ("1 of submissions belong to runs that are not there.", RESTORE),
            ("1 of audit belong to runs that are not there.", RESTORE),
        ]


def test_rows_that_belong_to_nothing_are_told_in_a_server_too(postgresql, submission, key, run):
    with Store.open(postgresql) as store:
        store.save([store.add(submission())], key(submission()), run())
        harm(store, "DELETE FROM students")
        assert troubles(store) == [
            ("1 of submissions belong to students that are not there.", RESTORE),
            ("1 of audit belong to students that are not there.", RESTORE),
        ]


def test_files_that_cannot_be_read_are_told_with_whose_they_are(graded):
    with graded._writing() as connection:
        (digest,) = connection.exec_driver_sql("SELECT content FROM submissions WHERE student_id = 2").one()
        files = "x'00'" if connection.dialect.name == "sqlite" else "'\\x00'"
        connection.exec_driver_sql(f"UPDATE contents SET files = {files} WHERE digest = '{digest}'")
    assert troubles(graded) == [("Files cannot be read any more: those of bo.", RESTORE)]


def test_what_many_lack_is_one_sentence_with_some_of_them(store, submission, key, run):
    for number in range(13):
        found = submission(f"s{number:02}", b"%d" % number)
        store.save([store.add(found)], key(found), run())
    damage = "x'00'" if store._engine.dialect.name == "sqlite" else "'\\x00'"
    harm(store, "DELETE FROM check_results WHERE position = 1", f"UPDATE contents SET files = {damage}")
    some = ", ".join(f"s{number:02}" for number in range(10))
    assert [sentence for sentence, _ in troubles(store)] == [
        f"13 runs of {LAB} lack check results. They grade {some} and 3 more.",
        f"Files cannot be read any more: those of {some} and 3 more.",
    ]


def test_a_log_that_can_be_changed_unseen_is_told(graded):
    if graded._engine.dialect.name == "sqlite":
        names = ["audit_is_not_changed", "audit_is_not_removed", "audit_is_not_replaced"]
        harm(graded, *(f"DROP TRIGGER {name}" for name in names))
    else:
        names = ["audit_is_kept"]
        harm(graded, "ALTER TABLE audit DISABLE TRIGGER audit_is_kept")
    assert [sentence for sentence, _ in troubles(graded)] == [
        f"The log of grades can be changed unseen: without {', '.join(names)}."
    ]


@pytest.mark.parametrize(
    ("statement", "whose"),
    [
        ("UPDATE overrides SET score = 5 WHERE student_id = 1", "ana"),
        ("DELETE FROM overrides", "ana, kim"),
        ("UPDATE submissions SET run_id = NULL", "bo"),
        ("DELETE FROM audit", "ana, bo, kim"),
        ("DELETE FROM audit WHERE student_id = 3", "kim"),
    ],
)
def test_a_grade_that_the_log_does_not_end_with_is_told(graded, statement, whose):
    graded.refuse(Refusal(Student("kim", "Kim"), LAB, "kim.rar", "RAR is not read."))
    for name in ("ana", "kim"):
        graded.override(LAB, name, Override(7.0, 15.0, "Copied.", "lee", datetime(2026, 11, 22, tzinfo=UTC)))
    assert troubles(graded) == []
    log_can_be_changed = "audit" in statement and graded._engine.dialect.name == "sqlite"
    with graded._writing() as connection:
        again = "SELECT sql FROM sqlite_master WHERE name = 'audit_is_not_removed'"
        trigger = connection.exec_driver_sql(again).scalar() if log_can_be_changed else None
    harm(graded, *(["DROP TRIGGER audit_is_not_removed", statement, trigger] if trigger else [statement]))
    ((sentence, advice),) = troubles(graded)
    assert sentence == f"The log of {LAB} does not end with the grade that counts: that of {whose}."
    assert advice.startswith("Something else than the grader changed it, or an earlier version")
    assert advice.endswith(f"set what shall count with “grader override STUDENT {LAB} SCORE --why …”.")


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DROP TABLE figures", "The table “figures” is missing."),
        ("DROP INDEX ix_submissions_lab_id", "The index “ix_submissions_lab_id” is missing."),
        ("ALTER TABLE check_results DROP COLUMN metrics", "The column “metrics” is missing."),
    ],
)
def test_what_somebody_took_out_of_the_schema_is_told(graded, statement, sentence):
    harm(graded, statement)
    assert troubles(graded) == [(sentence, RESTORE)]


def test_what_somebody_added_is_no_trouble(graded):
    harm(graded, "CREATE TABLE my_notes (note TEXT)", "CREATE INDEX my_index ON runs (ending)")
    assert troubles(graded) == []


def test_a_damaged_file_is_told(place):
    Store.open(place).close()
    with contextlib.closing(sqlite3.connect(place)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'ix_submissions_lab_id'")
    with Store.open(place) as store:
        (sentence, advice), *_ = troubles(store)
    assert sentence.startswith("The file is damaged (")
    assert advice == RESTORE
