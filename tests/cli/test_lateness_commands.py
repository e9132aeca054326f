"""What handing in late costs, more time for one student, and the best attempt; a platform tells the times."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"
LATE = """
[grade]
due = 2026-11-20T23:59:00
zone = "Europe/Berlin"
late_per_day = 10
"""
RIGHT, HALF = "def double(n): return 2 * n", "def double(n): return 2 * abs(n)"
CLASS = {
    "4711-1 - Ana Silva - Nov 20, 2026 1158 PM": HALF,
    "4711-2 - Ana Silva - Nov 22, 2026 503 AM": RIGHT,
    "4712-3 - Ben Ito - Nov 20, 2026 1159 PM": RIGHT,
    "4713-4 - Cem Çelik - Nov 21, 2026 1200 AM": HALF,
}


def grader(place: Path, *words: object, expected: int = 0) -> subprocess.CompletedProcess[str]:
    options = ["--course", place / "course", "--db", place / "grades.db"]
    command = [sys.executable, "-c", "from grader.cli import main; main()", *map(str, [*words, *options])]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == expected, done.stdout + done.stderr
    return done


def told(done: subprocess.CompletedProcess[str]) -> str:
    """What was said, without the places where lines break."""
    return " ".join((done.stdout + done.stderr).replace("│", " ").split())


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A course with a class that came, and nothing graded."""
    shutil.copytree(TINY, tmp_path / "course")
    for attempt, (folder, text) in enumerate(CLASS.items()):
        (tmp_path / "class" / folder).mkdir(parents=True)
        (tmp_path / "class" / folder / "double.py").write_text(f"# {attempt}\n{text}\n")
    return tmp_path


def rules(place: Path, text: str) -> None:
    """Have these rules in lab.toml."""
    original = (TINY / "assignments" / "double" / "lab.toml").read_text()
    (place / "course" / "assignments" / "double" / "lab.toml").write_text(original + text)


def batch(place: Path) -> str:
    return told(grader(place, "batch", "double", place / "class", "--sandbox", "local", "--out", place / "out"))


def regrade(place: Path, *words: str) -> str:
    return told(grader(place, "regrade", "double", "--sandbox", "local", "--out", place / "out", *words))


def scores(place: Path) -> dict[str, float]:
    found = json.loads(grader(place, "results", "double", "--format", "json").stdout)
    return {row["student"]: row["score"] for row in found}


def test_a_class_from_its_due_date_to_an_extension(place: Path) -> None:
    rules(place, LATE)
    assert "of which the latest counts: Ana Silva (4711)." in batch(place)
    assert scores(place) == {"4711": 8.0, "4712": 10.0, "4713": 5.4}
    table = told(grader(place, "results", "double"))
    assert "Ana Silva 8/10" in table
    assert "2 days late, earned 10" in table
    assert "Nobody told" not in table
    ana = (place / "out" / "students" / "4711.html").read_text()
    due = "due 2026-11-20 23:59, Europe/Berlin"
    assert f"Handed in 2 days late ({due}), so 80% of the points earned count: 8 of 10." in ana
    assert "1 day late</b>: earned 6" in (place / "out" / "index.html").read_text()
    rows = csv.DictReader(io.StringIO(grader(place, "results", "double", "--format", "csv").stdout))
    assert [(row["score"], row["late"]) for row in rows] == [("8", "2"), ("10", ""), ("5.4", "1")]
    given = grader(
        place, "extend", "Cem Çelik", "double", "--until", "2026-11-21 00:00", "--why", "Was ill.", "--by", "kim"
    )
    due = "due 2026-11-21 00:00 (Europe/Berlin) for this student, given by kim."
    assert f"Cem Çelik (4713), double: 6 of 10, {due} Before: 5.4." in told(given)
    assert "grader report double" in told(given)
    history = told(grader(place, "history", "4713", "double"))
    assert "5.4 attempt 1: graded 6, 1 day late" in history
    assert "6 more time given, until 2026-11-20 23:00, by kim: Was ill." in history
    assert scores(place) == {"4711": 8.0, "4712": 10.0, "4713": 6.0}
    grader(place, "extend", "4713", "double", "--clear", "--by", "kim")
    assert scores(place)["4713"] == 5.4
    assert "Nothing is wrong." in told(grader(place, "db", "check"))


def test_rules_are_in_effect_once_a_regrade_put_them_there_and_ask_for_no_new_run(place: Path) -> None:
    batch(place)
    assert scores(place) == {"4711": 10.0, "4712": 10.0, "4713": 6.0}
    rules(place, LATE)
    shown = grader(place, "results", "double", "--format", "json")
    assert "lab.toml has other rules than those in effect" in shown.stderr
    assert scores(place) == {"4711": 10.0, "4712": 10.0, "4713": 6.0}
    assert "Ana Silva (4711) 10 → 8, Cem Çelik (4713) 6 → 5.4." in regrade(place, "--dry-run")
    batched = batch(place)
    assert "Graded 0, already graded 4" in batched
    assert "That changed Ana Silva (4711) 10 → 8, Cem Çelik (4713) 6 → 5.4." in batched
    assert scores(place) == {"4711": 8.0, "4712": 10.0, "4713": 5.4}
    rules(place, LATE.replace("= 10", "= 50"))
    dry = regrade(place, "--dry-run")
    assert "Other rules in lab.toml would change Ana Silva (4711) 8 → 0, Cem Çelik (4713) 5.4 → 3." in dry
    assert "Would grade" not in dry
    assert scores(place)["4711"] == 8.0
    assert "That changed Ana Silva (4711) 8 → 0, Cem Çelik (4713) 5.4 → 3." in regrade(place)
    assert scores(place) == {"4711": 0.0, "4712": 10.0, "4713": 3.0}


def test_the_best_attempt_counts_after_lateness_where_the_rules_say_so(place: Path) -> None:
    rules(place, LATE.replace("= 10", "= 50") + 'attempt = "best"\n')
    batch(place)
    assert scores(place) == {"4711": 6.0, "4712": 10.0, "4713": 3.0}
    assert "Your best attempt counts: number 1 of 2." in (place / "out" / "students" / "4711.html").read_text()
    suite = place / "course" / "reference" / "double" / "test_hidden.py"
    suite.write_text(suite.read_text().replace("-3", "3").replace("-6", "6"))  # what was half is whole
    assert "Would grade 4" in regrade(place, "--dry-run")
    assert "Graded 4, already graded 0" in regrade(place)
    assert scores(place) == {"4711": 10.0, "4712": 10.0, "4713": 5.0}


def test_where_another_attempt_is_the_best_after_a_regrade_that_is_told(place: Path) -> None:
    rules(place, '\n[grade]\nattempt = "best"\n')
    (place / "class" / "4711-2 - Ana Silva - Nov 22, 2026 503 AM" / "double.py").write_text("def double(n): return 6\n")
    batch(place)
    assert scores(place)["4711"] == 6.0
    suite = place / "course" / "reference" / "double" / "test_hidden.py"
    text = suite.read_text()
    suite.write_text(text.replace("-3", "3").replace("-6", "6"))
    assert "10/10" in regrade(place)
    assert scores(place)["4711"] == 10.0


def test_a_time_that_is_told_later_and_what_it_costs_is_said(place: Path) -> None:
    rules(place, LATE)
    for folder in ("4711", "4799"):
        (place / "first" / folder).mkdir(parents=True)
        (place / "first" / folder / "double.py").write_text(f"# {folder}\n{RIGHT}\n")
    said = told(grader(place, "batch", "double", place / "first", "--sandbox", "local", "--out", place / "out"))
    assert "Nobody told when these were handed in, so lateness costs them nothing: 4711, 4799." in said
    shutil.rmtree(place / "class" / "4711-1 - Ana Silva - Nov 20, 2026 1158 PM")
    shutil.copy(place / "first" / "4711" / "double.py", place / "class" / "4711-2 - Ana Silva - Nov 22, 2026 503 AM")
    assert "That changed Ana Silva (4711) 10 → 8." in batch(place)


def test_of_whom_nobody_told_when_they_came_that_is_said(place: Path) -> None:
    rules(place, LATE)
    (place / "class.py").write_text(RIGHT + "\n")
    (place / "class.py").rename(place / "dia.py")
    said = told(grader(place, "batch", "double", place / "dia.py", "--sandbox", "local", "--out", place / "out"))
    assert "Nobody told when these were handed in, so lateness costs them nothing: dia." in said
    assert scores(place) == {"dia": 10.0}


def test_time_is_given_to_somebody_who_has_not_handed_in_anything_yet(place: Path) -> None:
    rules(place, LATE)
    words = ("extend", "4711", "double", "--until", "2026-11-22T23:59", "--why", "Was ill.", "--by", "kim")
    grader(place, *words, expected=2)
    grader(place, *words, "--new")
    unknown = grader(place, "extend", "4999", *words[2:], expected=2)
    assert "With --new it may be the key of somebody who has not handed in anything yet." in told(unknown)
    batch(place)
    assert scores(place) == {"4711": 10.0, "4712": 10.0, "4713": 5.4}
    shorter = told(grader(place, "extend", "Ana Silva", *words[2:4], "2026-11-21 23:59", *words[5:], "--new"))
    assert "Before it was due 2026-11-22 23:59 (Europe/Berlin) for this student." in shorter
    assert scores(place)["4711"] == 9.0
    assert "Nobody known has the key" in told(grader(place, "extend", " ", *words[2:], "--new", expected=2))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--until", "2026-11-25 23:59"], "An extension needs a reason"),
        (["--until", "2026-11-20 23:59", "--why", "x"], "is due 2026-11-20 23:59 (Europe/Berlin) for everybody"),
        (["--until", "tomorrow", "--why", "x"], "tomorrow"),
        (["--clear"], "Nobody gave this student more time for this lab"),
        ([], "Give either --until or --clear."),
        (["--until", "2026-11-25 23:59", "--clear"], "Give either --until or --clear."),
    ],
)
def test_what_cannot_be_given_is_a_sentence(place: Path, words: list[str], said: str) -> None:
    rules(place, LATE)
    grader(place, "extend", "ana", "double", "--until", "2026-11-22 23:59", "--why", "x", "--by", "kim", "--new")
    grader(place, "extend", "ana", "double", "--clear", "--by", "kim")
    assert said in told(grader(place, "extend", "ana", "double", *words, "--by", "kim", expected=2))


def test_a_lab_in_which_nothing_is_due_has_no_extensions(place: Path) -> None:
    words = ("extend", "ana", "double", "--until", "2026-11-25 23:59", "--why", "x", "--by", "kim", "--new")
    assert "Nothing is due in double" in told(grader(place, *words, expected=2))


def test_rules_that_say_nothing_are_a_sentence(place: Path) -> None:
    rules(place, "\n[grade]\nlate_per_day = 10\n")
    assert "nothing is late without `due`" in told(grader(place, "results", "double", expected=2))
