"""`grader check` where there is nothing of Linux's: from all of our own code is taken what another system lacks.

This is no Windows and no macOS: how these answer what is left to be asked is not seen here.
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from sandbox import links
from sandbox.processes import Process, elsewhere

ROOT = Path(__file__).parents[2]
LACKING = Path(__file__).parent / "lacking"
CHECK = "from grader.cli import main; main()"
LEAVE = "open(PIDS, 'a').write(f'{left().pid}\\n')"
TASKS = {
    "loop": "while True: pass",
    "hog": "held = []\n    while True: held.append(bytearray(2**24))",
    "flood": "for _ in range(2000): print('x' * 1000)\n    return 1",
    "crash": "os._exit(3)",
    "leave": f"{LEAVE}; return 1",  # after what crashes: an orphan has another parent here, and on Windows none
    "give_up": "sys.exit('no more')",
    "last": "return 1",
}
"""The bodies of functions that are to return 1."""
SENTENCES = {
    "loop": "loop did not finish within 1 s of computing time. Look for a loop that never ends.",
    "hog": "hog needed more memory than the 300 MB that this lab allows.",
    "crash": "crash ended Python (exit status 3) instead of returning.",
    "give_up": "Your code raised SystemExit: the code called exit(no more)",
}
LAB = """
title = "Ways to go wrong"
version = "1"
points = {points}

[limits]
call_seconds = 20
plain_seconds = 1
memory_mb = 300
"""
SUITE = """
from grader.examine.suite import Submission, check, expect

@check("{name}", title="{name}", points=1)
def test_{name}(submission: Submission) -> None:
    \"\"\"It is 1.\"\"\"
    expect.integer(submission.{name}(), want=1, reveal=True, what="{name}()")
"""
PREAMBLE = """import os, subprocess, sys, time
PIDS = {pids!r}
def left():
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
"""


STRANGER = """
import os, socket, subprocess, sys, threading
from sandbox import links

def start(code):
    return links.start(["-c", code], output=subprocess.PIPE, cwd="/", env=os.environ)

try: start("raise SystemExit(3)")
except ConnectionError as error: print(error)

listen = socket.create_server
def visited(address):
    door = listen(address)
    with socket.create_connection(door.getsockname()) as stranger: stranger.sendall(b"x" * 32)
    return door
links.socket.create_server = visited
process, connection = start("from sandbox import links; links.taken().sendall(b'mine')")
print(connection.recv(4))
"""
"""Starts one that ends, and one that a stranger comes before."""


def environment(system, folder):
    """That of a process which lacks what `system` lacks, on a terminal of an older Windows.

    Args:
        folder: for what it leaves: a grader of this machine's takes a folder that is not locked for an orphan.
    """
    path = os.pathsep.join(filter(None, (str(LACKING), str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "LACKING": system, "PYTHONIOENCODING": "cp1252", "TMPDIR": str(folder)}


def lacking(system, folder, code, *words):
    """Python's run of `code` in such a process."""
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, check=False, env=environment(system, folder), capture_output=True)


def check(system, folder, *words):
    """`grader check`: its exit status and what it says. Nothing is left in `folder`."""
    folder.mkdir()
    done = lacking(system, folder, CHECK, "check", *words)
    assert list(folder.iterdir()) == []
    return done.returncode, done.stdout.decode("cp1252"), done.stderr.decode("cp1252")


@pytest.fixture
def ways(tmp_path):
    """Makes a lab of functions, and checks a file that has them: its exit status, and what was said in one line."""

    def checked(system, tasks):
        course = tmp_path / "a course"
        for part, suite in (("assignments", "test_public.py"), ("reference", "test_hidden.py")):
            (course / part / "ways").mkdir(parents=True)
            (course / part / "ways" / suite).write_text("".join(SUITE.format(name=name) for name in tasks))
        (course / "assignments" / "ways" / "lab.toml").write_text(LAB.format(points=len(tasks)))
        file = tmp_path / "ways.py"
        functions = "".join(f"def {name}():\n    {body}\n" for name, body in tasks.items())
        file.write_text(PREAMBLE.format(pids=str(tmp_path / "pids")) + functions)
        status, said, complaint = check(system, tmp_path / "temp", "--course", course, "ways", file)
        assert complaint == ""
        return status, " ".join(said.split())

    return checked


def lives(pid):
    """Whether a process is there and no zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def left(tmp_path):
    """Says which processes are still there that a submission left, where one that was killed has time to end."""

    def living():
        pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
        deadline = time.monotonic() + 30
        while (there := [pid for pid in pids if lives(pid)]) and time.monotonic() < deadline:
            time.sleep(0.02)
        return there

    return living


@pytest.mark.parametrize(
    ("system", "statements"),
    [
        ("win32", ["import fcntl", "import resource", "import os; os.fork", "import signal; signal.SIGKILL"]),
        ("win32", ["from socket import AF_UNIX", "import select, os; select.select([os.pipe()[0]], [], [], 0)"]),
        (
            "win32",
            ["import subprocess, socket; pair = socket.socketpair(); subprocess.Popen(['true'], stdin=pair[0]).wait()"],
        ),
        ("win32", ["import sys; assert sys.platform == 'linux'", "import os; os.open('/', os.O_RDONLY)"]),
        ("darwin", ["open('/proc/self/stat')", "import mmap; mmap.MADV_DONTFORK", "import os; os.sched_getaffinity"]),
    ],
)
def test_what_is_taken_away_is_out_of_reach(system, statements, tmp_path):
    """Or the rest of these tests would prove nothing."""
    tried = f"""
for statement in {statements!r}:
    exec(statement, {{}})
    try: exec(statement, {{"__package__": "sandbox"}})
    except (AttributeError, ImportError, OSError, AssertionError): pass
    else: print(statement)
"""
    done = lacking(system, tmp_path, tried)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_a_right_file_with_the_line_ends_of_windows_passes_there(tmp_path):
    source = (ROOT / "reference" / "lab1_tensors" / "solution.py").read_bytes()
    file = tmp_path / "Eigene Dateien é" / "lab1_tensors.py"
    file.parent.mkdir()
    file.write_bytes(source.replace(b"\n", b"\r\n"))
    status, said, complaint = check("win32", tmp_path / "temp", "--course", ROOT, "lab1_tensors", file)
    assert (status, complaint) == (0, ""), said


def test_each_way_to_go_wrong_ends_in_its_own_sentence_and_the_rest_goes_on(ways, left):
    status, said = ways("win32", TASKS)
    assert status == 1
    assert [name for name, sentence in SENTENCES.items() if sentence not in said] == []
    assert "3 of 7 points" in said, "what floods, what leaves a process and the last are right"
    assert left() == []


def test_where_there_are_groups_of_processes_a_crash_leaves_none(ways, left):
    status, said = ways("darwin", {"crash": f"{LEAVE}; os._exit(3)", "last": TASKS["last"]})
    assert (status, SENTENCES["crash"] in said, "1 of 2 points" in said) == (1, True, True)
    assert left() == []


def test_a_stranger_who_says_a_word_sign_by_sign_is_not_heard_to_its_end(monkeypatch):
    monkeypatch.setattr(links, "_SAY_SECONDS", 0.5)
    ours, theirs = socket.socketpair()

    def dribble():
        with theirs, contextlib.suppress(OSError):
            for _ in range(32):
                theirs.sendall(b"x")
                time.sleep(0.1)

    with ours:
        threading.Thread(target=dribble).start()
        assert len(links._said(ours)) < 32


def test_what_an_ended_process_left_is_killed_where_it_was_seen_before():
    """Windows does not tell whose it was."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        elsewhere.kill_below(child.pid, [Process(child.pid, os.getpid() + 1, 0.0, 0)])
        assert child.poll() is None, "another has its number now"
        elsewhere.kill_below(child.pid, [Process(child.pid, os.getpid(), 0.0, 0)])
        assert not psutil.pid_exists(child.pid)


def test_only_the_process_that_was_started_is_let_in_where_anybody_may_connect(tmp_path):
    done = lacking("win32", tmp_path, STRANGER)
    assert done.stdout.decode().splitlines() == [
        "a process that was started has not connected (status 3)",
        "b'mine'",
    ], done.stderr.decode()
