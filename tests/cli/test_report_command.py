"""`grader report` in a shell: what it shows while it writes, at a terminal and elsewhere."""

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from grader.cli import main, progress
from grader.intake import digest
from grader.model import CheckResult, Ending, Outcome, Run, RunKey, Student, Submission
from grader.store import Store

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"
PROGRAM = "from grader.cli import main; main()"
PRESSED = """
import os, signal
from itertools import count
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # else deaf, where a shell put it aside
calls, write = count(1), Path.write_bytes
def write_bytes(path, content):
    if next(calls) == 3:
        os.kill(os.getpid(), signal.SIGINT)
    return write(path, content)
Path.write_bytes = write_bytes
"""
"""Ctrl-C comes before the third page."""


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """A command that writes the pages of three, and the class page."""
    run = Run(Ending.COMPLETED, (CheckResult("double", "double", "", Outcome.PASSED, 10.0, 10.0),))
    with Store.open(tmp_path / "grades.db") as store:
        for name in ("ana", "ben", "cem"):
            files = {"double.py": f"# {name}\n".encode()}
            found = Submission(Student(name, name), "double", files, "double.py", digest("double.py", files), "a.py")
            store.save([store.add(found)], RunKey(found.digest, "double", "1", "suite", "image"), run)
    options = ["--course", str(TINY), "--db", str(tmp_path / "grades.db"), "--out", str(tmp_path / "out")]
    return ["report", "double", *options]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "80"}


def at_a_terminal(words: list[str], before: str = "") -> tuple[int, str]:
    """A command's exit status and all that its terminal got."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", before + PROGRAM, *words]
    with subprocess.Popen(command, env=environment(), stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # Linux says so when nobody is left at the other end
            while part := os.read(ours, 65536):
                shown += part
    os.close(ours)
    return process.returncode, shown.decode()


def test_at_a_terminal_a_bar_counts_pages_and_is_gone_at_the_end(words, tmp_path):
    status, shown = at_a_terminal(words)
    bar, said = shown.rsplit("\x1b[2K", 1)  # what clears the bar's line
    assert "Writing pages" in bar
    assert "4/4" in bar
    assert (status, said) == (0, f"Class page: {tmp_path / 'out' / 'index.html'}\r\n")


def test_ctrl_c_clears_the_bar_and_says_how_to_go_on(words, tmp_path):
    status, shown = at_a_terminal(words, PRESSED)
    bar, said = shown.rsplit("\x1b[2K", 1)
    assert "2/4" in bar
    first, second = said.splitlines()
    assert (status, first) == (130, "Stopped. Not all pages are written.")
    assert second.startswith("Run the same command again: grader report double --course")
    assert sorted(path.name for path in tmp_path.rglob("*.html")) == ["ana.html", "ben.html"]


@pytest.fixture
def elsewhere(words, monkeypatch, capsys):
    """The lines of the command where there is no terminal and a line is due after so many seconds."""

    def lines(seconds):
        monkeypatch.setattr(progress, "LINE_SECONDS", seconds)
        monkeypatch.setattr(sys, "argv", ["grader", *words])
        main()
        return capsys.readouterr().out.splitlines()

    return lines


def test_elsewhere_nothing_is_said_of_what_is_done_in_a_moment(elsewhere, tmp_path):
    assert elsewhere(3600.0) == [f"Class page: {tmp_path / 'out' / 'index.html'}"]


def test_elsewhere_a_line_says_now_and_then_how_far_it_is(elsewhere):
    *lines, _ = elsewhere(0.0)
    assert lines == ["Wrote 1 of 4 pages.", "Wrote 2 of 4 pages.", "Wrote 3 of 4 pages."]
