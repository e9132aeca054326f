"""A class from one command: graded, kept, resumed, published."""

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"
ANSWERS = {
    "ana": ("def double(n): return 2 * n", 10.0),
    "ben": ("def double(n): return n + n", 10.0),
    "cem": ("def double(n): return n * n", 0.0),
    "dia": ("def double(n): return 2 * abs(n)", 6.0),
    "eva": ("def double(n):\n    while True: pass", 0.0),
    "fay": ("raise SystemExit(0)", 0.0),
    "gus": ("def triple(n): return 3 * n", 0.0),
}
"""student -> (file, score computed by hand)"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "class").mkdir()
    for student, (text, _) in ANSWERS.items():
        (tmp_path / "class" / f"{student}.py").write_text(f"# {student}\n{text}\n")
    return tmp_path


def command(verb: str, place: Path, *words: str) -> list[str]:
    options = ["--course", str(TINY), "--db", f"sqlite:///{place}/grades.db"]
    return [sys.executable, "-c", "from grader.cli import main; main()", verb, "double", *options, *words]


def batch(place: Path, launcher: str, *words: str) -> list[str]:
    return command("batch", place, str(place / "class"), "--out", str(place / "out"), "--sandbox", launcher, *words)


def run(words: list[str], expected: int = 0) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == expected, done.stdout + done.stderr
    return done


def scores(place: Path) -> dict[str, float]:
    found = json.loads(run(command("results", place, "--format", "json")).stdout)
    return {row["student"]: row["score"] for row in found}


LAUNCHERS = [
    pytest.param(("local",), id="local"),
    pytest.param(("docker", "--isolation", "warm"), id="docker-warm", marks=pytest.mark.docker),
    pytest.param(("docker", "--isolation", "container"), id="docker-container", marks=pytest.mark.docker),
]


@pytest.mark.parametrize("where", LAUNCHERS)
def test_a_class_gets_the_scores_computed_by_hand_and_a_second_batch_grades_nothing(
    place: Path, where: tuple[str, ...]
) -> None:
    first = run(batch(place, *where))
    assert "Graded 7, already graded 0, not taken in 0." in first.stdout
    assert scores(place) == {student: score for student, (_, score) in ANSWERS.items()}
    pages = sorted(path.name for path in (place / "out" / "students").iterdir())
    assert len(pages) == len(ANSWERS)
    assert str(place / "out" / "index.html") in first.stdout.replace("\n", "")

    second = run(batch(place, *where))
    assert "Graded 0, already graded 7, not taken in 0." in second.stdout

    (place / "class" / "cem.py").write_text("def double(n): return n << 1\n")
    third = run(batch(place, *where))
    assert "Graded 1, already graded 6, not taken in 0." in third.stdout
    assert scores(place)["cem"] == 10.0


def test_equal_files_are_graded_once_and_count_for_both(place: Path) -> None:
    (place / "class" / "twin.py").write_bytes((place / "class" / "ana.py").read_bytes())
    run(batch(place, "local"))
    found = scores(place)
    assert found["ana"] == found["twin"] == 10.0


def test_a_class_too_long_for_a_table_is_told_where_to_find_it(place: Path) -> None:
    for number in range(41 - len(ANSWERS)):
        (place / "class" / f"student_{number}.py").write_text("# ana\ndef double(n): return 2 * n\n")
    said = run(batch(place, "local")).stdout
    assert "41 students: grader results double shows the table." in said
    assert "student_1 " not in said


def test_what_cannot_be_taken_in_is_named_and_the_rest_is_graded(place: Path) -> None:
    (place / "class" / "zoe").mkdir()
    (place / "class" / "zoe" / "notes.txt").write_text("no code")
    done = run(batch(place, "local"))
    assert "Graded 7, already graded 0, not taken in 1." in done.stdout
    assert "zoe" in done.stdout
    assert scores(place)["ana"] == 10.0
    assert scores(place)["zoe"] is None


def test_the_grades_leave_as_csv(place: Path) -> None:
    run(batch(place, "local"))
    rows = list(csv.DictReader(io.StringIO(run(command("export", place, "--format", "csv")).stdout)))
    assert {row["student_id"]: float(row["score"]) for row in rows} == {
        name: score for name, (_, score) in ANSWERS.items()
    }


def _finished(place: Path) -> int:
    try:
        with sqlite3.connect(place / "grades.db") as database:
            return int(database.execute("select count(*) from runs").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def _until(condition: "Iterator[bool]", seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not next(condition):
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("where", LAUNCHERS[:2])
def test_a_batch_killed_in_the_middle_loses_nothing_and_goes_on(place: Path, where: tuple[str, ...]) -> None:
    words = batch(place, *where, "--jobs", "1")
    victim = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
    _until(_finished(place) >= 2 for _ in iter(int, 1))
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    kept = _finished(place)
    done = run(words)
    assert f"already graded {kept}" in done.stdout
    assert scores(place) == {student: score for student, (_, score) in ANSWERS.items()}
