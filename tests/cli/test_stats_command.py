"""`grader stats`: on the terminal, and for programs."""

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from grader.cli import main, screen
from grader.model import CheckResult, Decision, Ending, Outcome, Run, RunKey, Student, Submission
from grader.store import Store

TINY = Path(__file__).parents[1] / "courses" / "tiny"
EASY, HARD, ODD = (
    ("easy", "Double a number"),
    ("hard", "[bold]=Double a very long list of numbers at once[/]"),
    ("odd", "Odd"),
)


@pytest.fixture
def place(tmp_path):
    return tmp_path / "grades.db"


@pytest.fixture
def told(place, monkeypatch, capsys):
    """Runs the program; what it prints."""

    def run(*words):
        monkeypatch.setattr(
            sys, "argv", ["grader", "stats", "double", *words, "--course", str(TINY), "--db", str(place)]
        )
        main()
        return capsys.readouterr().out

    return run


def check(what, passed, message=""):
    outcome = Outcome.PASSED if passed else Outcome.FAILED
    return CheckResult(*what, "", outcome, 2.0 * passed, 2.0, message="" if passed else message)


def pupil(at):
    return (
        check(EASY, at != 0, "It returned None."),
        check(HARD, passed=False, message=f"=cmd() is {at}; \x1b[31m[bold]the right answer is another."),
        check(ODD, at < 6, "No."),
        *(check((f"r{border}", f"Rest {border}"), at > border, "No.") for border in (3, 6)),
    )


def earn(store, name, checks, ending=Ending.COMPLETED, **more):
    digest = name.encode().hex().ljust(64, "0")
    made = Submission(Student(name, name.title()), "double", {"a.py": b""}, "a.py", digest, "a.py")
    store.save([store.add(made)], RunKey(digest, "double", "1", "suite", "image"), Run(ending, checks, **more))


@pytest.fixture
def graded(place):
    with Store.open(place) as store:
        for at in range(12):
            earn(store, f"s{at:02}", pupil(at))
        earn(store, "broken", (), Ending.BROKEN, fault="The engine went away.")
        earn(store, "slow", pupil(11), Ending.TIMEOUT)
        store.override("double", "s00", Decision(10.0, 10.0, "On paper.", "kim"))


def test_numbers_and_what_there_is_to_look_after_come_first(told, graded):
    lines = told().splitlines()
    assert lines[1] == "14 students, 13 with a score."
    assert lines[2].startswith("Median 6, mean 5.69 of 10;")
    assert "need a look: 2" in lines[3]
    assert "ungraded: 1" in lines[3]
    assert "set by hand: 1" in " ".join(lines[3:5])


def test_the_histogram_has_a_line_for_each_tenth_and_counts_everybody(told, graded):
    bars = [line for line in told().splitlines() if " to " in line and line.startswith("  ") and "of" not in line]
    assert len(bars) == 10
    assert sum(int(line.split("█ ")[-1]) for line in bars if "█" in line) == 13


def test_checks_come_worst_first_with_what_is_odd_and_what_was_commonly_answered(told, graded):
    text = told()
    titles = ["[bold]=Double a very", "Odd", "Rest 6", "Rest 3", "Double a number"]
    assert sorted(titles, key=text.index) == titles
    assert "0 of 13    0%        0/2  –" in text
    assert "! Nobody of 13 passes it." in text
    assert "negative\n" in text
    assert "! Those who pass it did worse in the rest" in text
    assert "13 × =cmd() is 0; \ufffd[31m[bold]the right answer is another." in " ".join(text.split())
    assert "7 × No." in text
    assert "It returned None." not in text  # one student is not common


def test_it_fits_the_terminal_and_a_pipe(told, graded, monkeypatch):
    for width in (80, 60):
        monkeypatch.setattr(screen, "WIDTH", width)
        text = told()
        assert "\x1b" not in text
        assert max(map(len, text.splitlines())) <= width
        assert "12 of 13   92%" in text


def test_a_class_without_scores_has_numbers_alone(told, place):
    with Store.open(place) as store:
        earn(store, "ana", (), Ending.BROKEN)
    lines = told().splitlines()
    assert lines[1:] == ["1 student, 0 with a score.", "need a look: 1, ungraded: 1."]


def test_json_says_all_of_it(told, graded):
    found = json.loads(told("--format", "json"))
    assert (found["students"], found["scores"]["count"], sum(found["scores"]["tenths"])) == (14, 13, 13)
    assert found["counts"]["ungraded"] == 1
    assert found["ungraded"] == [{"count": 1, "example": "The engine went away.", "students": ["broken"]}]
    checks = {one["id"]: one for one in found["checks"]}
    assert list(checks) == ["easy", "hard", "odd", "r3", "r6"]
    assert (checks["hard"]["passed"], checks["hard"]["results"], checks["hard"]["discrimination"]) == (0, 13, None)
    assert checks["hard"]["undefined"] == "nobody passes"
    assert list(checks["hard"]["doubts"]) == ["nobody"]
    assert checks["odd"]["discrimination"] < 0
    assert checks["easy"]["wrong_answers"] == [{"count": 1, "example": "It returned None.", "students": ["s00"]}]


def test_csv_has_a_row_for_each_check_and_no_formula(told, graded):
    rows = list(csv.DictReader(io.StringIO(told("--format", "csv"))))
    assert [row["id"] for row in rows] == ["easy", "hard", "odd", "r3", "r6"]
    assert (rows[0]["passed"], rows[0]["share_passed"], rows[0]["mean_points"]) == ("12", "0.9231", "1.85")
    assert rows[1]["commonest_wrong_answer"].startswith("'=cmd()")
    assert (rows[1]["told"], rows[1]["doubts"], rows[1]["undefined"]) == ("13", "nobody", "nobody passes")
    assert rows[2]["discrimination"].startswith("-0.")
