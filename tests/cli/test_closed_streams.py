"""Standard streams that whoever called has closed, and readers that have read enough."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.intake import digest
from grader.model import CheckResult, Ending, Outcome, Run, RunKey, Student, Submission
from grader.store import Store

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"
PROGRAM = "from grader.cli import main; main()"
AT_ONCE = "from grader.cli import progress; progress.LINE_SECONDS = 0.0\n"
"""How far a work is, is a line at every step."""


@pytest.fixture
def place(tmp_path):
    """A database in which two are graded."""
    run = Run(Ending.COMPLETED, (CheckResult("double", "double", "", Outcome.PASSED, 10.0, 10.0),))
    with Store.open(tmp_path / "grades.db") as store:
        for name in ("ana", "ben"):
            files = {"double.py": f"# {name}\n".encode()}
            found = Submission(Student(name, name), "double", files, "double.py", digest("double.py", files), "a.py")
            store.save([store.add(found)], RunKey(found.digest, "double", "1", "suite", "image"), run)
    return tmp_path


def words(place, verb, *more, before=""):
    options = ["--course", str(TINY), "--db", str(place / "grades.db"), "--out", str(place / "out")]
    return [sys.executable, "-c", before + PROGRAM, verb, "double", *map(str, more), *options]


def run(command, **streams):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    return subprocess.run(command, env=env, stderr=subprocess.PIPE, text=True, timeout=300, check=False, **streams)


def closed(streams, command):
    return run(["sh", "-c", f'exec "$@" {streams}', "sh", *command])


def unread(command):
    """Runs a command of which nobody reads what it prints."""
    ours, theirs = os.pipe()
    os.close(ours)
    done = run(command, stdout=theirs)
    os.close(theirs)
    return done


def pages(place):
    return sorted(path.name for path in (place / "out").rglob("*.html"))


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        (["--help"], 0, ""),
        (["results", "doubl", "--course", str(TINY)], 2, "Error: There is no lab “doubl”. Did you mean “double”?\n"),
    ],
    ids=["help", "a mistake"],
)
def test_where_there_is_no_standard_output_the_exit_status_and_the_sentence_are_as_they_were(command, status, said):
    done = closed(">&-", [sys.executable, "-c", PROGRAM, *command])
    assert (done.returncode, done.stderr) == (status, said)


def test_where_all_standard_streams_are_closed_what_is_printed_goes_into_no_file(place):
    command = words(place, "report", before=AT_ONCE)
    done = closed("<&- >&- 2>&-", command)
    assert (done.returncode, done.stderr) == (0, "")
    assert pages(place) == ["ana.html", "ben.html", "index.html"]
    assert run(command, stdout=subprocess.DEVNULL).returncode == 0
    assert [path.name for path in place.rglob("*") if b"Wrote " in read(path)] == []


def read(path):
    return path.read_bytes() if path.is_file() else b""


def test_a_report_that_nobody_reads_says_nothing_false_of_the_place_of_its_pages(place):
    done = unread(words(place, "report", before=AT_ONCE))
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(("broken", "status"), [("", 141), ("assert 1 / 0\n", 3)], ids=["graded", "ungraded"])
def test_a_batch_that_nobody_reads_is_done_to_its_end_and_its_exit_status_tells_who_is_not_graded(
    tmp_path, broken, status
):
    hidden = shutil.copytree(TINY, tmp_path / "course") / "reference" / "double" / "test_hidden.py"
    if broken:
        hidden.write_text(hidden.read_text().replace("    expect.", f"    {broken}    expect."))
    (tmp_path / "class").mkdir()
    for student in ("ana", "ben"):
        (tmp_path / "class" / f"{student}.py").write_text(f"# {student}\ndef double(n): return 2 * n\n")
    command = words(tmp_path, "batch", tmp_path / "class", "--sandbox", "local", before=AT_ONCE)
    command[command.index(str(TINY))] = str(tmp_path / "course")
    done = unread(command)
    assert (done.returncode, done.stderr) == (status, "")
    assert pages(tmp_path) == ["ana.html", "ben.html", "index.html"]


def test_a_regrade_that_nobody_reads_writes_its_pages_and_the_file_of_changes(place):
    done = unread(words(place, "regrade", "--sandbox", "local", "--changes", place / "changed.csv", before=AT_ONCE))
    assert (done.returncode, done.stderr) == (141, "")
    assert pages(place) == ["ana.html", "ben.html", "index.html"]
    rows = (place / "changed.csv").read_text().splitlines()[1:]
    assert {row.partition(",")[0] for row in rows} == {'"ana"', '"ben"'}
