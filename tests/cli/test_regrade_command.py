"""A suite changes after a class was graded."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"
ANSWERS = {"ana": "def double(n): return 2 * n", "dia": "def double(n): return 2 * abs(n)"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copytree(TINY, tmp_path / "course")
    (tmp_path / "class").mkdir()
    for student, text in ANSWERS.items():
        (tmp_path / "class" / f"{student}.py").write_text(f"# {student}\n{text}\n")
    grader(
        "batch", place=tmp_path, words=["double", tmp_path / "class", "--out", tmp_path / "out", "--sandbox", "local"]
    )
    shutil.rmtree(tmp_path / "class")
    return tmp_path


def grader(verb: str, place: Path, words: list[object], expected: int = 0) -> str:
    options = ["--course", place / "course", "--db", f"sqlite:///{place}/grades.db"]
    command = [sys.executable, "-c", "from grader.cli import main; main()", verb, *map(str, [*words, *options])]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout + done.stderr


def regrade(place: Path, *words: object) -> str:
    return grader("regrade", place, ["double", "--sandbox", "local", "--out", place / "out", *words])


def scores(place: Path) -> dict[str, float]:
    found = json.loads(grader("results", place, ["double", "--format", "json"]))
    return {row["student"]: row["score"] for row in found}


def soften(place: Path) -> None:
    """Let the sign go: what `dia` missed is right from now on."""
    suite = place / "course" / "reference" / "double" / "test_hidden.py"
    text = suite.read_text()
    assert text.count("-3") >= 1
    suite.write_text(text.replace("-3", "3").replace("-6", "6"))


def test_whose_score_changed_is_told_check_by_check_and_stored(place: Path) -> None:
    assert scores(place) == {"ana": 10.0, "dia": 6.0}
    soften(place)
    told = regrade(place, "--changes", place / "changed.csv")
    assert scores(place) == {"ana": 10.0, "dia": 10.0}
    [row] = [line for line in told.splitlines() if "6/10" in line]
    assert "dia" in row
    assert "10/10" in row
    assert "0 → 4" in row
    assert "Graded 2, already graded 0" in told
    assert max(len(line) for line in told.splitlines() if str(place) not in line) <= 80  # paths are whole
    [change] = csv.DictReader((place / "changed.csv").read_text().splitlines())
    assert (change["student_id"], change["score_before"], change["score"]) == ("dia", "6", "10")
    assert (place / "out" / "index.html").is_file()


def test_the_same_list_is_told_again_and_nothing_is_graded_twice(place: Path) -> None:
    soften(place)
    first, second = regrade(place), regrade(place)
    assert "Graded 0, already graded 2" in second
    assert [line for line in first.splitlines() if "6/10" in line] == [
        line for line in second.splitlines() if "6/10" in line
    ]


def test_a_dry_run_says_what_would_be_graded_and_why_and_changes_nothing(place: Path) -> None:
    told = regrade(place, "--dry-run", "--changes", place / "changed.csv")
    assert "2 graded by what is there now already" in told
    assert told.splitlines()[-2:] == [
        "--changes has no effect in a dry run: no file is written.",
        "--out has no effect in a dry run: no page is written.",
    ]
    assert not (place / "changed.csv").exists()
    soften(place)
    before = scores(place)
    told = regrade(place, "--dry-run")
    assert "Would grade 2: the hidden suite, lab.toml or the dataset changed." in told
    assert "nothing is graded" in told
    assert scores(place) == before


def test_a_dry_run_tells_those_who_would_get_an_earlier_result_back(place: Path) -> None:
    suite = place / "course" / "reference" / "double" / "test_hidden.py"
    text = suite.read_text()
    soften(place)
    regrade(place)
    suite.write_text(text)
    told = regrade(place, "--dry-run")
    assert "Would give back to 2 an earlier result" in told
    assert "0 graded by what is there now already" in told
    assert scores(place) == {"ana": 10.0, "dia": 10.0}


def test_a_change_that_changes_no_points_is_told_as_such(place: Path) -> None:
    suite = place / "course" / "reference" / "double" / "test_hidden.py"
    suite.write_text(suite.read_text() + "# harmless\n")
    assert "Nobody's points changed." in regrade(place)


def test_a_lab_without_submissions_is_a_sentence(place: Path) -> None:
    for part in ("assignments", "reference"):
        shutil.copytree(place / "course" / part / "double", place / "course" / part / "other")
    told = grader("regrade", place, ["other", "--sandbox", "local"], expected=2)
    assert told == "Error: Nothing is there to grade again for other. `grader batch other …` takes it in.\n"
