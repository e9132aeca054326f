"""What is drawn while a class is graded, what is told at once, and what stays."""

import io
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from rich.cells import cell_len

from grader.cli import progress, screen, signs
from grader.cli.checks import CheckRows
from grader.cli.progress import BatchProgress, Slots, working
from grader.cli.view import Busy, State, drawn
from grader.examine.imports import Imports
from grader.model import CheckResult, Ending, Flag, Outcome, Run

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"
PROGRAM = "from grader.cli import main; main()"
BROKEN = Run(Ending.BROKEN, fault="The engine is gone.")
CLEARED = re.compile(r"(?:\r?\x1b\[(?:2K|1A))+")
"""What takes away all lines that were drawn last."""
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run(points, ending=Ending.COMPLETED, flags=()):
    return Run(ending, (CheckResult("a", "a", "", Outcome.PARTIAL, points, 10.0),), flags=flags)


def text(state, width=80, height=24):
    return [line.plain for line in drawn(state, width, height)]


# ---------------------------------------------------------------- what is drawn


def test_below_the_whole_stand_the_totals_and_what_each_worker_is_at():
    state = State("Grading", 12, 48, "about 40 s left", ["9 with full marks"], [Busy("Ana López", 3.2), None])
    assert text(state) == [
        "Grading ━━━━━━────────────────── 12/48, about 40 s left",
        "9 with full marks",
        "     3 s  Ana López",
        "",
    ]


@pytest.mark.parametrize("width", [80, 40, 20, 12])
@pytest.mark.parametrize(
    "name", [40 * part for part in ("李明", "long ", "e\u0301", "\U0001f469\u200d\U0001f4bb", "مريم")]
)
def test_no_line_is_wider_than_the_terminal_whatever_the_name(width, name):
    totals = ["99999 with full marks", "99999 out of time", "99999 to be looked at"]
    state = State("Grading (9999 already graded)", 12345, 99999, "about 12 min left", totals, [Busy(name, 9e4)] * 3)
    assert max(cell_len(line) for line in text(state, width)) <= width


def test_a_name_is_one_line_that_the_terminal_does_not_obey_and_that_turns_nothing_beside_it_around():
    (_, line) = text(State("Grading", 0, 1, slots=[Busy("a\x1b[2J\x07\nb\u202ec [bold]d[/]", 1.0)]))
    assert line == "     1 s  a\ufffd[2J\ufffd b\ufffdc [bold]d[/]"
    (_, line) = text(State("Grading", 0, 1, slots=[Busy("مريم", 1.0)]))
    assert line == "     1 s  \u2068مريم\u2069"


@pytest.mark.parametrize("height", [3, 10, 24, 100])
def test_of_many_workers_as_many_are_drawn_as_the_terminal_has_lines_for(height):
    lines = text(State("Grading", 0, 99, "", ["1 not graded"], [Busy(f"s{n}", 1.0) for n in range(64)]), 80, height)
    assert len(lines) == min(height - 1, 66)
    if height in {10, 24}:
        assert lines[-1] == f"          … and {64 - (height - 4)} more at work"


def test_a_worker_keeps_its_line_where_the_next_one_begins_before_the_last_is_reported_as_done():
    slots = Slots()
    slots.planned(2)
    for part in ("a", "b", "b"):
        slots.started(part)
    slots.started("c")
    assert slots.lines == ("a", "b")
    slots.finished("b")
    assert slots.lines == ("a", "c")
    slots.finished("a")
    assert slots.lines == ("", "c")


# ---------------------------------------------------------------- what is told


def test_totals_count_submissions_by_what_came_of_them(capsys):
    with working("Reading submissions", jobs=1) as work:
        watcher = BatchProgress(work)
        watcher.collected(9, 2)
        watcher.planned(7, 6, 0)
        found = [(run(10.0), 2), (run(5.0), 1), (run(0.0, Ending.TIMEOUT), 1), (run(0.0, Ending.MEMORY), 1)]
        for number, (what, many) in enumerate([*found, (run(10.0, flags=(Flag.MEMORISED,)), 1), (BROKEN, 1)]):
            watcher.started(str(number), "ana", many)
            watcher.finished(str(number), what, many)
        assert work.state().totals == [
            *("3 with full marks", "1 out of time", "1 out of memory", "1 not graded"),
            *("1 to be looked at", "2 not taken in"),
        ]
    assert capsys.readouterr().out == "Grading 7 submissions.\nNot graded: ana: The engine is gone.\n"


def test_lines_where_there_is_no_terminal_tell_the_totals(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    with working("Reading submissions", jobs=1) as work:
        watcher = BatchProgress(work)
        watcher.planned(2, 2, 0)
        watcher.started("a", "ana", 1)
        watcher.finished("a", run(10.0), 1)
    assert capsys.readouterr().out.splitlines()[1:] == ["Graded 1 of 2 (1 with full marks)."]


def test_equal_faults_are_told_once_and_of_many_the_first(capsys):
    with working("Reading submissions", jobs=1) as work:
        watcher = BatchProgress(work)
        watcher.planned(1000, 1000, 0)
        for number in range(1000):
            watcher.started(str(number), f"s{number}", 1)
            watcher.finished(str(number), Run(Ending.BROKEN, fault=f"Fault {max(0, number - 900)}."), 1)
    said = capsys.readouterr().out.splitlines()[1:]
    assert said[0] == "Not graded: s0: Fault 0."
    assert len(said) == progress.FAULTS_MOST + 1
    assert said[-1] == "More went wrong; all of that is told at the end."


# ---------------------------------------------------------------- the real thing


@pytest.fixture
def words(tmp_path):
    """A command that grades two, of whom one's name is written from right to left."""
    (tmp_path / "class").mkdir()
    for student in ("ana", "مريم"):
        (tmp_path / "class" / f"{student}.py").write_text(f"# {student}\ndef double(n): return 2 * n\n")
    command = ["batch", "double", str(tmp_path / "class"), "--course", str(TINY), "--sandbox", "local", "--jobs", "2"]
    return [*command, "--db", f"sqlite:///{tmp_path / 'grades.db'}", "--out", str(tmp_path / "out")]


@pytest.fixture
def watched(words, tmp_path):
    """The same two, who are done when this file is there and no sooner: what is graded in a moment may not be drawn."""
    seen = tmp_path / "seen"
    wait = f"import os, time\nwhile not os.path.exists({str(seen)!r}): time.sleep(0.01)\n"
    for file in (tmp_path / "class").iterdir():
        file.write_text(file.read_text() + wait)
    return seen


def environment(**more):
    kept = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}}
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm", **more}


def at_a_terminal(words, read=lambda shown: None, **more):
    """A command's exit status and all that its terminal got; `read` gets what there is so far each time."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", PROGRAM, *words]
    with subprocess.Popen(command, env=environment(**more), stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # Linux says so when nobody is left at the other end
            while part := os.read(ours, 65536):
                shown += part
                read(shown)
    os.close(ours)
    return process.returncode, shown.decode()


def elsewhere(words, **more):
    command = [sys.executable, "-c", PROGRAM, *words]
    return subprocess.run(command, check=True, env=environment(**more), stdout=subprocess.PIPE).stdout.decode()


def test_at_a_terminal_who_is_graded_is_drawn_and_gone_at_the_end(words, watched, tmp_path):
    def let_go(shown):
        if b" ana" in shown and "\u2068مريم\u2069".encode() in shown:
            watched.touch()

    status, shown = at_a_terminal(words, let_go, COLUMNS="40")
    assert status == 0
    drawings = [COLOUR.sub("", part) for part in CLEARED.split(shown)]
    assert any(re.search(r"^ +\d+ s  ana\r?$", part, re.MULTILINE) for part in drawings)
    assert any("\u2068مريم\u2069" in part for part in drawings)
    lines = [re.sub(r"\x1b\[\?25[lh]", "", line) for part in drawings for line in part.replace("\r", "").split("\n")]
    assert [line for line in lines if cell_len(line) > 40 and not line.startswith("Class page")] == []
    assert drawings[-1].replace("\r", "") == f"Class page: {tmp_path / 'out' / 'index.html'}\n"


def test_at_a_terminal_without_colours_no_colour_is_printed(words):
    _, shown = at_a_terminal(words, NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", shown)


@pytest.mark.parametrize("more", [{}, {"TERM": "dumb", "CI": "true", "NO_COLOR": "1"}], ids=["plain", "CI"])
def test_elsewhere_nothing_is_printed_that_a_terminal_obeys(words, more):
    shown = elsewhere(words, **more)
    assert "Graded 2, already graded 0" in shown
    assert [sign for sign in shown if ord(sign) < 32 and sign != "\n"] == []


def test_a_log_that_is_told_to_have_colours_has_colours_and_no_drawings(words):
    shown = elsewhere(words, FORCE_COLOR="1")
    assert COLOUR.search(shown)
    assert "\x1b" not in COLOUR.sub("", shown)


@pytest.mark.parametrize("form", ["table", "csv"])
def test_a_reader_that_has_read_enough_ends_the_program_without_a_word(form, words, tmp_path):
    elsewhere(words)
    place = f"sqlite:///{tmp_path / 'grades.db'}"
    command = [sys.executable, "-c", PROGRAM, "results", "double", "--format", form, "--course", TINY, "--db", place]
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(command, check=False, env=environment(), stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (141, b"")


# ---------------------------------------------------------------- terminals with few signs, and checks


def test_a_terminal_without_these_signs_shows_others_and_lines_fit_it(monkeypatch):
    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors=signs.SPELLED)
    monkeypatch.setattr(sys, "stdout", shown)
    rows = CheckRows("double.py", "double.py")
    for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.PARTIAL):
        rows.show(CheckResult("a", "é “quoted” " * 20, "", outcome, 1.0, 2.0))
    shown.flush()
    lines = shown.buffer.getvalue().decode().splitlines()
    assert [line[:18] for line in lines] == ['  ok ? "quoted" ? ', '  x  ? "quoted" ? ', '  ~  ? "quoted" ? ']
    assert {len(line) for line in lines} == {screen.WIDTH}
    assert all("..." in line for line in lines)


def test_checks_that_end_alike_are_one_row_without_hints_and_told_once(capsys):
    rows = CheckRows("double.py", "double.py")
    said = "Importing your file raised X: y"
    checks = [
        CheckResult(name, name, "", Outcome.ERROR, 0.0, 4.0, message=said, hint="Look up z.")
        for name in ("first", "second", "third")
    ]
    for check in checks:
        rows.show(check)
    rows.summary(Run(Ending.CRASHED, tuple(checks), message="Your file could not be imported."), Imports())
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == [
        f"! {'3 checks':<{screen.WIDTH - 8}}0/12",
        said,
        "first, second, third",
        "0 of 3 public checks passed, 0 of 12 points.",
        "Next: mend what is told above, which keeps every check from running; then run",
        "this command again.",
    ]


def test_where_a_check_itself_failed_nothing_is_counted_and_there_is_nothing_to_mend_in_the_file(capsys):
    run = Run(Ending.BROKEN, fault="test_a (test_public.py:9): ZeroDivisionError: division by zero")
    CheckRows("double.py", "double.py").summary(run, Imports())
    assert capsys.readouterr().out.splitlines() == [
        "The checks could not be finished: one of them failed itself.",
        "That says nothing about your file. Show your instructor this: test_a",
        "(test_public.py:9): ZeroDivisionError: division by zero",
    ]


def test_one_check_that_raised_has_its_hint_and_is_what_to_mend_next(capsys):
    rows = CheckRows("double.py", "double.py")
    bad = CheckResult("b", "second", "", Outcome.ERROR, 0.0, 4.0, message="Your code raised X: y", hint="Look up z.")
    checks = (CheckResult("a", "first", "", Outcome.PASSED, 4.0, 4.0), bad)
    for check in checks:
        rows.show(check)
    rows.summary(Run(Ending.COMPLETED, checks), Imports())
    assert [line.strip() for line in capsys.readouterr().out.splitlines()][2:] == [
        "Your code raised X: y",
        "Hint: Look up z.",
        "1 of 2 public checks passed, 4 of 8 points.",
        "Next: mend second, then run this command again.",
    ]
