"""`grader results`: below the table, whose grade is another than was exported last."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.cli import main, screen
from grader.model import CheckResult, Decision, Ending, Exported, Outcome, Run, RunKey, Student, Submission
from grader.store import Store

TINY = Path(__file__).parents[1] / "courses" / "tiny"
FOUR = Exported(4.0, 10.0, in_file=True)


@pytest.fixture
def place(tmp_path):
    return tmp_path / "grades.db"


@pytest.fixture
def results(place, monkeypatch, capsys):
    """Runs the program; what it says below the table."""

    def told(*words):
        monkeypatch.setattr(
            sys, "argv", ["grader", "results", "double", *words, "--course", str(TINY), "--db", str(place)]
        )
        main()
        said = capsys.readouterr().out
        return said if words else said.rpartition("\n\n")[2]

    return told


def earn(store, *names, points=4.0):
    for name in names:
        digest = name.encode().hex().ljust(64, "0")
        made = Submission(Student(name, name.title()), "double", {"a.py": b""}, "a.py", digest, "a.py")
        run = Run(Ending.COMPLETED, (CheckResult("a", "a", "", Outcome.PARTIAL, points, 10.0),))
        store.save([store.add(made)], RunKey(digest, "double", "1", "suite", "image"), run)


def by_hand(store, name, score):
    store.override("double", name, Decision(score, 10.0, "Well.", "kim"))


def test_where_nothing_was_exported_or_nothing_changed_since_nothing_is_said(results, place):
    with Store.open(place) as store:
        earn(store, "ana")
        assert results() == ""
        store.record_export("double", "canvas", "kim", {"ana": FOUR})
    assert results() == ""


def test_it_says_whose_grade_is_another_than_was_exported_last_and_who_was_in_no_export(results, place):
    with Store.open(place) as store:
        earn(store, "ana", "ben", "cem", "dov")
        store.record_export("double", "canvas", "kim", {"ana": FOUR, "ben": Exported(40.0, 100.0, in_file=True)})
        store.record_export("double", "csv", "kim", dict.fromkeys(["ana", "ben", "cem", "dov"], FOUR))
        by_hand(store, "ana", 5.0)
        by_hand(store, "ben", 6.25)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert results().splitlines() == [
        f"2 students have another grade than the last export (canvas, {today}) says:",
        "  Ana (ana): 4 of 10 there, now 5 of 10",
        "  Ben (ben): 40 of 100 there, now 6.25 of 10",
        "2 students have a score that no canvas export has: Cem (cem), Dov (dov).",
        f"2 students have another grade than the last export (csv, {today}) says:",
        "  Ana (ana): 4 of 10 there, now 5 of 10",
        "  Ben (ben): 4 of 10 there, now 6.25 of 10",
    ]


def test_one_is_not_called_many_and_a_score_that_is_gone_is_none(results, place):
    with Store.open(place) as store:
        earn(store, "ana", "ben")
        store.record_export("double", "canvas", "kim", {"ana": FOUR})
        key = RunKey(b"ana".hex().ljust(64, "0"), "double", "1", "suite", "image")
        store.adopt({1: RunKey(key.submission, "double", "2", "suite", "image")})
    first, second, third = results().splitlines()
    assert first.startswith("1 student has another grade than the last export (canvas, ")
    assert second == "  Ana (ana): 4 of 10 there, now no score"
    assert third == "1 student has a score that no canvas export has: Ben (ben)."


def test_of_many_the_first_are_named_and_lines_fit_the_terminal(results, place):
    many = [f"s{number:02}" for number in range(12)]
    late = [f"t{number:02}" for number in range(12)]
    with Store.open(place) as store:
        earn(store, *many, *late)
        store.record_export("double", "canvas", "kim", dict.fromkeys(many, Exported(3.0, 10.0, in_file=True)))
    lines = results().splitlines()
    assert lines[0].startswith("12 students have another grade")
    assert [line.split()[0] for line in lines[1:11]] == [name.title() for name in many[:10]]
    assert lines[11] == "  … and 2 more"
    assert " ".join(" ".join(lines[12:]).split()).endswith("T09 (t09) and 2 more.")
    assert max(map(len, lines)) <= screen.WIDTH


@pytest.mark.parametrize("form", ["json", "csv"])
def test_what_programs_read_is_as_it_was(results, place, form):
    with Store.open(place) as store:
        earn(store, "ana")
        before = results("--format", form)
        store.record_export("double", "canvas", "kim", {"ana": Exported(3.0, 10.0, in_file=True)})
        assert results("--format", form) == before
        assert sorted(store.handed_out("double")) == ["canvas"]
    if form == "json":
        assert [row["score"] for row in json.loads(before)] == [4.0]
