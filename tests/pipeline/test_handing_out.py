"""Exports on record."""

from pathlib import Path

import pytest

from grader.labs import Course
from grader.model import CheckResult, Ending, Exported, Outcome, Refusal, Run, RunKey, Student, Submission
from grader.pipeline import handing_out, publishing
from grader.store import Store

DOUBLE = Course(Path(__file__).parents[1] / "courses" / "tiny").lab("double")
ANA = Student("ana", "Ana")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    return f"sqlite:///{tmp_path}/grades.db" if request.param == "sqlite" else request.getfixturevalue("postgresql")


@pytest.fixture
def store(address):
    """Ana has 4 points of 10, and Bo was refused."""
    with Store.open(address) as opened:
        made = Submission(ANA, "double", {"double.py": b""}, "double.py", "0" * 64, "double.py")
        run = Run(Ending.COMPLETED, (CheckResult("a", "Doubles", "", Outcome.PARTIAL, 4.0, 10.0),))
        opened.save([opened.add(made)], RunKey(made.digest, "double", "1", "suite", "image"), run)
        opened.refuse(Refusal(Student("bo", "Bo"), "double", "bo.rar", "RAR is not read."))
        yield opened


def export(store):
    results = publishing.class_results(DOUBLE, store)
    return results, publishing.export_grades(results, "csv")


def on_record(store):
    return {
        form: {key: Exported(told.score, told.max_score, told.in_file) for key, told in given.items()}
        for form, given in store.handed_out("double").items()
    }


def test_what_a_file_says_is_put_on_record_and_nothing_has_changed_since(store):
    results, made = export(store)
    assert handing_out.record(results, store, "csv", "kim", made) == ""
    nothing = Exported(None, None, in_file=True)
    assert on_record(store) == {"csv": {"ana": Exported(4.0, 10.0, in_file=True), "bo": nothing}}
    assert handing_out.outdated(results, store) == []


def test_a_grade_that_changed_since_is_told(store):
    results, made = export(store)
    handing_out.record(results, store, "csv", "kim", made)
    run = Run(Ending.COMPLETED, (CheckResult("a", "Doubles", "", Outcome.PARTIAL, 5.0, 10.0),))
    store.save([], RunKey("0" * 64, "double", "1", "suite", "image"), run)
    (found,) = handing_out.outdated(results, store)
    assert [(one.student, one.was.score, one.score) for one in found.differing] == [(ANA, 4.0, 5.0)]


def test_who_nobody_knows_puts_nothing_on_record_and_reads_what_to_do(store):
    results, made = export(store)
    said = handing_out.record(results, store, "csv", "", made)
    assert said == "This machine does not say who you are. Say it with --by NAME."
    assert on_record(store) == {}


def test_where_another_writes_for_too_long_it_is_said_and_nothing_is_half_on_record(store, address):
    results, made = export(store)
    impatient = f"{address}{'&' if '?' in address else '?'}timeout=0"
    with Store.open(impatient) as other, store._writing():
        said = handing_out.record(results, other, "csv", "kim", made)
    assert "is held by another program for longer than this one waits" in said
    assert on_record(store) == {}


def test_where_nothing_may_be_written_it_is_said(store):
    results, made = export(store)
    with store._reading() as connection:
        read_only = {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET default_transaction_read_only = on"}
        connection.exec_driver_sql(read_only[connection.dialect.name])
    said = handing_out.record(results, store, "csv", "kim", made)
    assert "readonly" in said or "read-only" in said
    assert on_record(store) == {}
