"""A folder is watched for real: the program, its processes, its signals."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from grader.cli import service
from grader.errors import DatabaseLocked
from grader.store import Store

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"
RIGHT = "def double(n): return 2 * n\n"
PATIENCE = 300.0
"""Seconds after which something counts as stuck."""
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # else deaf, where a shell put it aside
    "from grader.cli import main; main()"
)


class Watching:
    """A folder, and what watches it."""

    def __init__(self, place):
        self.place = place
        self.folder = place / "in"
        self.folder.mkdir()
        self.begun = []

    def put(self, name, text=RIGHT):
        (self.folder / name).write_text(f"# {name}\n{text}")

    def watch(self, *words):
        """The command that watches."""
        where = ["--course", str(TINY), "--db", f"sqlite:///{self.place}/grades.db", "--out", str(self.place / "pages")]
        how = ["--sandbox", "local", "--jobs", "1", "--settle", "1s", "--every", "1s", *words]
        return [sys.executable, "-c", PROGRAM, "watch", "double", str(self.folder), *where, *how]

    def begins(self, *words):
        log = self.place / f"said-{len(self.begun)}"
        with log.open("w") as file:
            process = subprocess.Popen(self.watch(*words), env=environment(), stdout=file, stderr=subprocess.STDOUT)
        self.begun.append((process, log))
        return process

    def said(self, at=-1):
        return self.begun[at][1].read_text()

    def until(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"Waited in vain until {what}. It said: {self.said()}"
            assert self.begun[-1][0].poll() is None, self.said()
            time.sleep(0.05)

    def graded(self, *students):
        """Wait until these have a result."""
        self.until(lambda: all(self.scores().get(name) is not None for name in students), f"{students} are graded")

    def scores(self):
        if not (self.place / "grades.db").exists():
            return {}
        with suppress(DatabaseLocked), Store.open(self.place / "grades.db", must_exist=True) as store:
            return {grade.student.key: grade.score if grade.graded else None for grade in store.grades("double")}
        return {}

    def close(self):
        for process, _ in self.begun:
            process.kill()
            process.wait()


def environment():
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}


@pytest.fixture
def watching(tmp_path):
    made = Watching(tmp_path)
    yield made
    made.close()


def test_what_arrives_is_graded_until_a_service_manager_ends_it(watching):
    watching.put("ana.py")
    process = watching.begins()
    watching.graded("ana")
    watching.put("bo.py", "def double(n): return n * n\n")
    watching.put("ana.py", "def double(n): return 0\n")
    watching.graded("bo")
    watching.until(lambda: watching.scores() == {"ana": 0.0, "bo": 0.0}, "the new attempt counts")
    watching.until((watching.place / "pages" / "students" / "bo.html").exists, "the pages are there")
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    said = watching.said().splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d [A-Z]", line) for line in said), said
    assert said[0].endswith(f"Watching {watching.folder} for double.")
    assert said[-1].endswith("Ended. What is graded is kept.")
    assert sum("Graded: ana." in line for line in said) == 2


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_in_the_middle_of_a_grading_loses_nothing_and_leaves_nothing(watching, number, status):
    watching.put("ana.py")
    watching.put("bo.py", "def double(n):\n    while True: pass\n")  # which is at it for some seconds
    process = watching.begins()
    watching.graded("ana")
    workers = children(process.pid)
    process.send_signal(number)
    assert process.wait(PATIENCE) == status, watching.said()
    assert "Traceback" not in watching.said()
    end = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < end
        time.sleep(0.05)
    kept = watching.scores()
    assert kept["ana"] == 10.0
    done = subprocess.run(watching.watch("--once"), env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert watching.scores() == {"ana": 10.0, "bo": 0.0}


def children(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return found


def test_two_watch_one_folder_and_harm_nobody(watching):
    first = watching.begins()
    second = watching.begins()
    for student in ("ana", "bo", "cem"):
        watching.put(f"{student}.py")
    watching.graded("ana", "bo", "cem")
    assert first.poll() is None
    for process in (first, second):
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert watching.scores() == dict.fromkeys(("ana", "bo", "cem"), 10.0)
    for at in (0, 1):
        assert "Traceback" not in watching.said(at)
        assert "Not graded" not in watching.said(at)


def test_once_grades_what_is_there_and_ends(watching):
    watching.put("ana.py")
    watching.put("bo.zip", "no archive")
    words = watching.watch("--once")
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Not taken in: bo" in done.stdout
    assert "Graded 1, already graded 0, not taken in 1." in done.stdout
    assert watching.scores() == {"ana": 10.0, "bo": None}


def test_what_is_to_be_known_of_gpus_is_said_once(watching):
    watching.put("ana.py")
    words = watching.watch("--once", "--gpus", "all")
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("so --gpus all lends it none.") == 1


def test_once_with_nothing_there_is_no_mistake(watching):
    done = subprocess.run(watching.watch("--once"), env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_folder_that_is_not_there_is_told_at_once(watching):
    watching.folder.rmdir()
    done = subprocess.run(watching.watch(), env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Error: {watching.folder} could not be read (No such file or directory)")


@pytest.mark.parametrize("time_", ["soon", "5 days", "-1s", "1e3", ""])
def test_a_time_that_is_none_is_told(watching, time_):
    words = watching.watch(f"--settle={time_}")
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Write 90s, 15m or 2h" in done.stderr


def test_a_students_text_stays_in_its_line(capsys, monkeypatch):
    service.line("Not taken in: ana\n2026-01-01 00:00:00+00:00 Graded: bo \x1b[2J")
    (said,) = capsys.readouterr().out.splitlines()
    assert "\x1b" not in said
