"""`grader override`, and where its score is read."""

import csv
import io
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.cli import main
from grader.intake import digest
from grader.model import CheckResult, Ending, Outcome, Refusal, Run, RunKey, Student, Submission
from grader.store import Store

TINY = Path(__file__).parents[1] / "courses" / "tiny"
UP_TO_DATE = (
    "Pages and gradebooks are as they were: `grader report double` and `grader export\ndouble` bring them up to date.\n"
)
REASON = "Explained \x1b[2J it; <b>well</b>."


def earn(store, name, points, suite="suite"):
    files = {"double.py": f"# {name}\n".encode()}
    handed_in = Submission(
        Student(name, name.title()), "double", files, "double.py", digest("double.py", files), "a.py"
    )
    run = Run(Ending.COMPLETED, (CheckResult("double", "double", "", Outcome.PARTIAL, points, 10.0),))
    store.save([store.add(handed_in)], RunKey(handed_in.digest, "double", "1", suite, "image"), run)


@pytest.fixture
def grader(tmp_path, monkeypatch, capsys):
    """Runs the program on a class of Ana, who has 4 points, Ben, who has 6, and Cem, who was refused."""
    place = tmp_path / "grades.db"
    with Store.open(place) as store:
        earn(store, "ana", 4.0)
        earn(store, "ben", 6.0)
        store.refuse(Refusal(Student("cem", "Cem"), "double", "cem.rar", "RAR is not read."))

    def run(*words, status=0):
        monkeypatch.setattr(sys, "argv", ["grader", *words, "--course", str(TINY), "--db", str(place)])
        if status:
            with pytest.raises(SystemExit) as stop:
                main()
            assert stop.value.code == status
        else:
            main()
        said = capsys.readouterr()
        return said.err if status else said.out

    run.place = place
    return run


def scores(grader):
    return {row["student"]: row["score"] for row in json.loads(grader("results", "double", "--format", "json"))}


def test_a_score_is_set_changed_and_taken_back(grader):
    assert grader("override", "ana", "double", "8.5", "--why", "Explained it.", "--by", "Prof. Kim") == (
        f"Ana (ana), double: 8.5 of 10, set by Prof. Kim. Before: 4.\n{UP_TO_DATE}"
    )
    assert scores(grader) == {"ana": 8.5, "ben": 6.0, "cem": None}
    grader("override", "Cem", "double", "3", "--why", "On paper.")
    grader("override", "ana", "double", "0", "--why", "Copied.")
    assert scores(grader) == {"ana": 0.0, "ben": 6.0, "cem": 3.0}
    assert grader("override", "ana", "double", "--clear") == (
        f"Ana (ana), double: 4 of 10, the run counts again. Before: 0.\n{UP_TO_DATE}"
    )
    assert " ".join(grader("override", "cem", "double", "--clear").split()) == (
        "Cem (cem), double: no score, the run counts again. Before: 3. "
        "`grader report double` brings the pages up to date. "
        "A gradebook that has the score keeps it: take it out there."
    )
    assert scores(grader) == {"ana": 4.0, "ben": 6.0, "cem": None}


def test_who_has_handed_in_nothing_gets_a_score_where_they_are_said_to_be_new(grader):
    words = ("override", "1006", "double", "7", "--why", "Oral exam.", "--by", "kim")
    assert " ".join(grader(*words, status=2).split()) == (
        "Error: Nobody known has the key or the name “1006”. "
        "With --new it may be the key of somebody who has not handed in anything yet."
    )
    assert "1006" not in scores(grader)
    assert grader(*words[:3], "11", *words[4:], "--new", status=2)
    with Store.open(grader.place) as store:
        assert "1006" not in {student.key for student in store.students()}
    assert grader(*words, "--new").startswith("1006, double: 7 of 10, set by kim.")
    assert scores(grader) == {"1006": 7.0, "ana": 4.0, "ben": 6.0, "cem": None}
    assert "1006 7/10 set by kim: Oral exam." in " ".join(grader("results", "double").split())
    with Store.open(grader.place) as store:
        assert store.check().troubles == ()
        earn(store, "1006", 5.0)
    assert scores(grader)["1006"] == 7.0
    assert grader("override", "Ana", "double", "8", "--why", "x", "--by", "kim", "--new").startswith(
        "Ana (ana), double"
    )
    with Store.open(grader.place) as store:
        assert [student.name for student in store.students() if student.key == "ana"] == ["Ana"]


def test_of_two_with_one_name_the_one_in_the_lab_is_meant(grader):
    with Store.open(grader.place) as store:
        store.refuse(Refusal(Student("Ben", "Ben"), "single", "ben.rar", "RAR is not read."))
    assert grader("override", "Ben", "double", "8", "--why", "Explained it.").startswith("Ben (ben), double: 8 of 10")


def test_who_sets_a_score_is_the_machines_user_unless_said_otherwise(grader, monkeypatch):
    monkeypatch.setenv("LOGNAME", "lee")
    assert "set by lee." in grader("override", "ana", "double", "8", "--why", "Explained it.")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ana", "11", "--why", "x"], "A score for double is from 0 to 10. Nothing was changed."),
        (["ana", "8"], "An override needs a reason: say it with --why."),
        (["an", "8", "--why", "x"], "Did you mean ana (Ana)?"),
        (["ana", "--clear"], "Nobody set a score for this student and lab, so there is none to take back."),
        (["ana"], "Give either a SCORE or --clear."),
        (["ana", "8", "--clear"], "Give either a SCORE or --clear."),
        (["ana", "eight", "--why", "x"], "'eight' is not a valid float"),
    ],
)
def test_what_cannot_be_set_is_a_sentence_and_changes_nothing(grader, words, said):
    student, *others = words
    told = grader("override", student, "double", *others, status=2)
    assert said in told
    assert "Traceback" not in told
    assert scores(grader) == {"ana": 4.0, "ben": 6.0, "cem": None}


def test_the_table_says_who_set_a_score_and_why_and_that_a_later_run_does_not_count(grader):
    grader("override", "ana", "double", "8.5", "--why", REASON, "--by", "kim")
    grader("override", "cem", "double", "3", "--why", "On paper.", "--by", "kim")
    told = " ".join(grader("results", "double").split())
    assert "Ana 8.5/10 0/1 set by kim (the run earned 4): Explained \ufffd[2J it; <b>well</b>." in told
    assert "Cem 3/10 not taken in; set by kim: On paper." in told
    with Store.open(grader.place) as store:
        earn(store, "ana", 5.0, "suite-2")
    told = " ".join(grader("results", "double").split())
    assert "Ana 8.5/10 0/1 set by kim (a run since then earned 5, which does" in told


def test_csv_and_json_say_that_a_person_set_a_score(grader):
    grader("override", "ana", "double", "8.5", "--why", "Explained it.", "--by", "kim")
    rows = {
        row["student_id"]: row for row in csv.DictReader(io.StringIO(grader("results", "double", "--format", "csv")))
    }
    assert [(row["score"], row["status"]) for row in rows.values()] == [
        ("8.5", "overridden"),
        ("6", "completed"),
        ("", "rejected"),
    ]
    ana, ben, _ = json.loads(grader("results", "double", "--format", "json"))
    assert (ana["score"], ana["ending"], "override" in ben) == (8.5, "completed", False)
    when = datetime.fromisoformat(ana["override"].pop("at"))
    assert abs((datetime.now(UTC) - when).total_seconds()) < 3600
    assert ana["override"] == {"by": "kim", "reason": "Explained it.", "earned": 4.0}


def test_the_pages_tell_the_reason_as_text_and_the_students_page_not_who_set_the_score(grader, tmp_path):
    grader("override", "ana", "double", "8.5", "--why", REASON, "--by", "Prof. Kim")
    grader("override", "cem", "double", "3", "--why", "On paper.", "--by", "Prof. Kim")
    grader("report", "double", "--out", str(tmp_path / "out"))
    page, ana, cem = (
        (tmp_path / "out" / name).read_text() for name in ("index.html", "students/ana.html", "students/cem.html")
    )
    assert "set by Prof. Kim</b>: Explained \u241b[2J it; &lt;b&gt;well&lt;/b&gt;." in page
    assert "On paper." in page
    told = "This score was set by your instructor"
    assert f"The checks add up to 4. {told}: Explained \u241b[2J it; &lt;b&gt;well&lt;/b&gt;." in ana
    assert re.search(r'class="big">8.5</span>', ana)
    assert f"{told}: On paper." in cem
    assert "RAR is not read." in cem
    assert "Prof. Kim" not in ana + cem


def test_the_class_page_says_that_a_later_run_does_not_count(grader, tmp_path):
    grader("override", "ana", "double", "8.5", "--why", "Explained it.", "--by", "kim")
    with Store.open(grader.place) as store:
        earn(store, "ana", 5.0, "suite-2")
    grader("report", "double", "--out", str(tmp_path / "out"))
    page = (tmp_path / "out" / "index.html").read_text()
    assert "set by kim</b>: Explained it. A run since then earned 5, which does not count." in page


def test_a_gradebook_gets_the_score_that_a_person_set(grader, tmp_path):
    (tmp_path / "moodle.csv").write_text(
        "Identifier,Full name,Grade,Maximum grade,Grade can be changed,Last modified (grade)\n"
        "Participant 1,Ana,,20.00,Yes,-\nParticipant 2,Cem,,20.00,Yes,-\n"
    )
    for name, score in (("ana", "8.5"), ("cem", "3")):
        grader("override", name, "double", score, "--why", "Because.")
    made = grader("export", "double", "--format", "moodle", "--gradebook", str(tmp_path / "moodle.csv"))
    assert [line.split(",")[1:3] for line in made.splitlines()[1:]] == [["Ana", "17"], ["Cem", "6"]]
