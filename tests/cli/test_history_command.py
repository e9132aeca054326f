"""`grader history`: what happened to a student's grade."""

import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.cli import main
from grader.intake import digest
from grader.model import CheckResult, Ending, Exported, Outcome, Override, Refusal, Run, RunKey, Student, Submission
from grader.store import Store

TINY = Path(__file__).parents[1] / "courses" / "tiny"
ANA = Student("ana", "Ana \x1b[2J López")
THEN = datetime(2020, 1, 2, 3, 4, tzinfo=UTC)


def hand_in(store, content, hours, points=None, suite="suite"):
    files = {"double.py": content}
    received = THEN + timedelta(hours=hours)
    made = Submission(ANA, "double", files, "double.py", digest("double.py", files), "class/ana.py", received)
    id_ = store.add(made)
    if points is not None:
        run = Run(Ending.COMPLETED, (CheckResult("double", "double", "", Outcome.PARTIAL, points, 10.0),))
        store.save([id_], RunKey(made.digest, "double", "1", suite, "image"), run)
    return id_


@pytest.fixture
def history(tmp_path, monkeypatch, capsys):
    """Runs the program; what it says, without the times of what happens during the test."""
    place = tmp_path / "grades.db"

    def told(*words):
        words = words or ("ana", "double")
        monkeypatch.setattr(sys, "argv", ["grader", "history", *words, "--course", str(TINY), "--db", str(place)])
        main()
        return capsys.readouterr().out

    told.place = place
    return told


def events(told):
    """(score, what) of each row, in order."""
    return re.findall(r"^ *20\d\d-\d\d-\d\d \d\d:\d\d +(?:([\d./]+|–) )? *(.*?) *$", told, re.MULTILINE)


def test_it_shows_what_was_handed_in_results_and_what_persons_did_in_order(history):
    with Store.open(history.place) as store:
        hand_in(store, b"one", 0, 4.0)
        store.override("double", "ana", Override(8.5, 10.0, "Explained it.", "kim", datetime.now(UTC)))
        hand_in(store, b"two", 24, 6.0)
        store.override("double", "ana", Override(9.0, 10.0, "Looked again.", "lee", datetime.now(UTC)))
        store.clear_override("double", "ana", "Wrong Ana.", "kim")
        store.refuse(Refusal(ANA, "double", "in/ana.rar", "RAR is not read."))
    told = history()
    assert told.startswith("Ana \ufffd[2J López (ana), double, out of 10. Times are UTC.\n")
    assert "2020-01-02 03:04" in told
    assert events(told) == [
        ("", "attempt 1 handed in: ana.py"),
        ("", "attempt 2 handed in: ana.py"),
        ("4", "attempt 1: graded"),
        ("8.5", "set by kim: Explained it."),
        ("8.5", "attempt 2 counts now: not graded yet"),
        ("8.5", "attempt 2: graded 6, overridden"),
        ("9", "set by lee: Looked again."),
        ("6", "score taken back by kim: Wrong Ana."),
        ("", "not taken in: ana.rar. RAR is not read."),
    ]
    assert max(map(len, told.splitlines())) <= 80


def test_it_shows_what_was_exported_by_whom_and_as_what(history):
    with Store.open(history.place) as store:
        hand_in(store, b"one", 0, 4.0)
        for form, exported in (
            ("canvas", Exported(40.0, 100.0, in_file=True)),
            ("moodle", Exported(4.0, 10.0, in_file=False)),
            ("csv", Exported(None, None, in_file=True)),
        ):
            store.record_export("double", form, "ki\x1bm", {"ana": exported})
    told = history()
    assert told.startswith("Ana \ufffd[2J López (ana), double, out of 10. Times are UTC.\n")
    assert events(told)[2:] == [
        ("", "exported by ki\ufffdm (canvas): 40 of 100"),
        ("", "exported by ki\ufffdm (moodle): 4 of 10, there already"),
        ("", "exported by ki\ufffdm (csv): no score"),
    ]


def test_scores_out_of_different_points_each_say_out_of_what(history):
    with Store.open(history.place) as store:
        hand_in(store, b"one", 0, 4.0)
        store.override("double", "ana", Override(85.0, 100.0, "Explained it.", "kim", datetime.now(UTC)))
    told = history()
    assert told.startswith("Ana \ufffd[2J López (ana), double. Times are UTC.\n")
    assert [score for score, _ in events(told)] == ["", "4/10", "85/100"]


def test_a_result_put_out_of_effect_and_a_broken_run_are_told_apart(history):
    with Store.open(history.place) as store:
        id_ = hand_in(store, b"one", 0, 4.0)
        key = RunKey(store.submission(id_).digest, "double", "1", "suite-2", "image")
        store.adopt({id_: key})
        store.save([id_], key, Run(Ending.BROKEN, fault="The engine went away."))
    assert events(history())[1:] == [
        ("4", "attempt 1: graded"),
        ("–", "attempt 1: not graded yet"),
        ("–", "attempt 1: could not be graded"),
    ]


def test_who_handed_in_nothing_has_none(history):
    with Store.open(history.place) as store:
        hand_in(store, b"one", 0)
        store.refuse(Refusal(Student("cem", "Cem"), "single", "cem.rar", "RAR is not read."))
    assert history("cem", "double") == "Nothing of Cem (cem) is on record for double.\n"


def test_without_a_lab_it_shows_each_lab_that_has_something_of_the_student(history):
    with Store.open(history.place) as store:
        hand_in(store, b"one", 0, 4.0)
        store.refuse(Refusal(ANA, "a lab that is gone", "in/ana.rar", "RAR is not read."))
        store.refuse(Refusal(Student("cem", "Cem"), "single", "cem.rar", "RAR is not read."))
    told = history("ana")
    titles = [line for line in told.splitlines() if line.endswith("Times are UTC.")]
    assert [title.split(" (ana), ")[1] for title in titles] == [
        "a lab that is gone. Times are UTC.",
        "double, out of 10. Times are UTC.",
    ]
    assert events(told) == [
        ("", "not taken in: ana.rar. RAR is not read."),
        ("", "attempt 1 handed in: ana.py"),
        ("4", "attempt 1: graded"),
    ]
