"""What was handed out, on record."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from grader.model import Change, Exported, GradeChange, HandedIn, HandedOut
from grader.store import Store
from grader.store.backups import back_up, restore

LAB = "lab1_tensors"
OTHER = "lab2_regression"
EIGHT = Exported(8.0, 10.0, in_file=True)
NINE = Exported(90.0, 100.0, in_file=True)
NONE = Exported(None, None, in_file=True)
ALREADY = Exported(8.0, 10.0, in_file=False)


@pytest.fixture
def graded(store, submission, key, run):
    """Ana and Bo have 10.5 points of 15."""
    for name in ("ana", "bo"):
        store.save([store.add(submission(name))], key(submission(name)), run())


def said(found):
    """Of what is on record, all but the time."""
    return {
        form: {
            student: (told.by, Exported(told.score, told.max_score, told.in_file)) for student, told in given.items()
        }
        for form, given in found.items()
    }


def handed_out(store, student="ana", lab=LAB):
    """What the history says of exports."""
    found = [event for event in store.history(lab, student) if isinstance(event, HandedOut)]
    return [(told.form, told.by, Exported(told.score, told.max_score, told.in_file)) for told in found]


def test_what_was_handed_out_is_on_record_with_who_and_when(store, graded):
    before = datetime.now(UTC)
    store.record_export(LAB, "canvas", "kim", {"ana": EIGHT, "bo": NONE})
    found = store.handed_out(LAB)
    assert said(found) == {"canvas": {"ana": ("kim", EIGHT), "bo": ("kim", NONE)}}
    assert before <= found["canvas"]["ana"].at == found["canvas"]["bo"].at <= datetime.now(UTC)


def test_of_each_student_and_format_the_last_export_counts_that_has_them(store, graded):
    store.record_export(LAB, "canvas", "kim", {"ana": EIGHT, "bo": EIGHT})
    store.record_export(LAB, "csv", "kim", {"ana": EIGHT, "bo": NONE})
    store.record_export(LAB, "canvas", "lee", {"ana": NINE})
    store.record_export(OTHER, "canvas", "max", {"ana": NONE, "bo": NONE})
    assert said(store.handed_out(LAB)) == {
        "canvas": {"ana": ("lee", NINE), "bo": ("kim", EIGHT)},
        "csv": {"ana": ("kim", EIGHT), "bo": ("kim", NONE)},
    }
    assert said(store.handed_out(OTHER)) == {"canvas": {"ana": ("max", NONE), "bo": ("max", NONE)}}
    assert store.handed_out("lab9") == {}


def test_the_history_has_each_export_in_the_order_of_time(store, graded, submission, key, run):
    store.record_export(LAB, "moodle", "kim", {"ana": EIGHT})
    store.save([store.add(submission())], key(submission()), run(points=1.0))
    store.record_export(LAB, "moodle", "lee", {"ana": ALREADY, "bo": EIGHT})
    kinds = [type(event) for event in store.history(LAB, "ana")]
    assert kinds == [HandedIn, GradeChange, HandedOut, GradeChange, HandedOut]
    assert handed_out(store) == [("moodle", "kim", EIGHT), ("moodle", "lee", ALREADY)]
    assert handed_out(store, "bo") == [("moodle", "lee", EIGHT)]
    assert handed_out(store, lab=OTHER) == []


def test_an_export_is_no_change_of_a_grade(store, graded):
    grades = list(store.grades(LAB))
    store.record_export(LAB, "canvas", "kim", {"ana": EIGHT})
    assert list(store.grades(LAB)) == grades
    assert [event.change for event in store.history(LAB, "ana") if isinstance(event, GradeChange)] == [Change.RUN]
    assert store.check().troubles == ()


def test_an_export_of_nobody_is_on_record(store, graded):
    store.record_export(LAB, "canvas", "kim", {})
    assert store.handed_out(LAB) == {}
    assert store.check().rows["exports"] == 1


def test_a_class_of_many_blocks_is_on_record_whole(store, submission):
    names = [f"s{number:03}" for number in range(250)]
    for name in names:
        store.add(submission(name))
    store.record_export(LAB, "csv", "kim", dict.fromkeys(names, EIGHT))
    assert sorted(store.handed_out(LAB)["csv"]) == names


def test_an_export_that_cannot_be_recorded_whole_is_not_recorded_at_all(store, graded):
    with pytest.raises(IntegrityError):
        store.record_export(LAB, "canvas", "kim", {"ana": EIGHT, "bo": Exported(11.0, 10.0, in_file=True)})
    assert (store.check().rows["exports"], store.check().rows["exported_grades"]) == (0, 0)


def test_a_score_that_was_rounded_up_to_a_little_more_than_the_most_is_recorded(store, graded):
    rounded = Exported(33.34, 33.335, in_file=True)
    store.record_export(LAB, "canvas", "kim", {"ana": rounded})
    assert said(store.handed_out(LAB)) == {"canvas": {"ana": ("kim", rounded)}}


def test_a_backup_has_what_was_handed_out_and_more_can_be_recorded_in_what_was_restored(
    address, empty_address, tmp_path, store, graded
):
    store.record_export(LAB, "canvas", "kim", {"ana": EIGHT, "bo": NONE})
    store.record_export(LAB, "moodle", "lee", {"ana": ALREADY})
    back_up(address, tmp_path / "backup.db")
    restore(tmp_path / "backup.db", empty_address)
    with Store.open(empty_address) as restored:
        assert restored.handed_out(LAB) == store.handed_out(LAB)
        assert restored.history(LAB, "ana") == store.history(LAB, "ana")
        restored.record_export(LAB, "canvas", "max", {"ana": NINE})
        assert said(restored.handed_out(LAB))["canvas"] == {"ana": ("max", NINE), "bo": ("kim", NONE)}
        assert restored.check().troubles == ()


@pytest.mark.parametrize("table", ["exports", "exported_grades"])
def test_a_check_finds_what_was_handed_out_of_nobody_or_in_no_export(place, submission, key, run, table):
    with Store.open(place) as store:
        store.add(submission())
        store.record_export(LAB, "canvas", "kim", {"ana": EIGHT})
    with closing(sqlite3.connect(place)) as database, database:
        if table == "exports":
            database.execute("DELETE FROM exports")
        else:
            database.execute("UPDATE exported_grades SET student_id = 99")
    with Store.open(place) as store:
        (trouble,) = store.check().troubles
    lost = "exports" if table == "exports" else "students"
    assert trouble.sentence == f"1 of exported_grades belong to {lost} that are not there."


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE exports SET format = ' '",
        "UPDATE exports SET format = NULL",
        "UPDATE exports SET made_by = ''",
        "UPDATE exports SET made_at = NULL",
        "UPDATE exports SET lab_id = 99",
        "DELETE FROM exports",
        "DELETE FROM students",
        "UPDATE exported_grades SET score = -1",
        "UPDATE exported_grades SET score = 10.01",
        "UPDATE exported_grades SET score = NULL",
        "UPDATE exported_grades SET max_score = NULL",
        "UPDATE exported_grades SET in_file = NULL",
        "UPDATE exported_grades SET student_id = 99",
        "UPDATE exported_grades SET export_id = 99",
        "INSERT INTO exported_grades SELECT * FROM exported_grades",
    ],
)
def test_the_database_itself_keeps_what_was_handed_out(store, graded, sql):
    store.record_export(LAB, "canvas", "kim", {"ana": EIGHT})
    before = store.handed_out(LAB)
    with pytest.raises(IntegrityError), store._writing() as connection:
        connection.exec_driver_sql(sql)
    assert store.handed_out(LAB) == before
