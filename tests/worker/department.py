"""A class that workers grade, processes of their own: killed, cut off, told to end, while brokers and databases go."""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from grader.model import Ending, TicketState
from grader.store import Store

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from grader.pipeline import serving; serving.SILENCE = {silence}; serving.PAUSE = 0.2; "
    "serving.LOOK = 2.0; "
    "from grader.cli import main; main()"
)
SILENCE = 60.0
"""Seconds after which these workers count as lost, as in earnest: a busy machine may keep one from telling for some."""
SHORT = 10.0
"""The same where a test waits for that."""
PATIENCE = 600.0
"""Seconds after which a process counts as stuck."""
GATE = '''

@check("gate", title="gate", points=0)
def test_gate(submission: Submission) -> None:
    """Nothing is asked of a student."""
    import time
    from pathlib import Path

    name = submission.whose()
    with Path({visits!r}).open("a") as visits:
        visits.write(name + chr(10))
    while Path({gates!r}, name).exists():
        time.sleep(0.02)


'''
"""Comes first in the hidden suite, on the trusted side: tells who is being graded, and waits while a gate is shut."""


class Process:
    """A command that runs."""

    def __init__(self, words, place, silence=SILENCE, **env):
        self._log = place.open("wb+")
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(silence=silence), *map(str, words)],
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **env},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        self.pid = self._process.pid

    @property
    def runs(self):
        return self._process.poll() is None

    @property
    def status(self):
        """Its exit status; None while it runs."""
        return self._process.poll()

    @property
    def said(self):
        return Path(self._log.name).read_text()

    def has_said(self, what, times=1):
        """Wait for it; where lines break does not matter."""
        part = "".join(what.split())
        eventually(lambda: "".join(self.said.split()).count(part) >= times or not self.runs, f"it says: {what}")
        assert "".join(self.said.split()).count(part) >= times, self.said

    def ends(self, expected):
        try:
            status = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pytest.fail(f"It is stuck, and said: {self.said}")
        assert status == expected, self.said
        assert "Traceback" not in self.said, self.said
        return " ".join(self.said.split())

    def signal(self, number):
        os.kill(self.pid, number)

    def children(self):
        """The processes that it started."""
        found = []
        for task in Path(f"/proc/{self.pid}/task").glob("*/children"):
            found += map(int, task.read_text().split())
        return found

    def kill(self):
        if self.runs:
            self._process.kill()
            self._process.wait()

    def close(self):
        self.kill()
        self._log.close()


class Department:
    """A course, a class, a database and a broker.

    Attributes:
        place: its folder.
        database, broker: URLs.
        course: the course's folder; workers may be told of another one.
    """

    def __init__(self, place, database, broker):
        self.place = place
        self.database = database
        self.broker = broker
        self.course = place / "course"
        self._processes = []
        self._visits = place / "visits"
        self._gates = place / "gates"
        self._gates.mkdir()
        self._visits.touch()
        shutil.copytree(TINY, self.course)
        suite = self.course / "reference" / "double" / "test_hidden.py"
        imports, first, checks = suite.read_text().partition("@check(")
        gate = GATE.format(visits=str(self._visits), gates=str(self._gates)).lstrip()
        suite.write_text(f"{imports}{gate}{first}{checks}")

    def hands_in(self, students, folder="class", text="def double(n): return 2 * n"):
        """Submissions that are right, unless said otherwise."""
        (self.place / folder).mkdir(exist_ok=True)
        for student in students:
            content = f"def whose(): return {student!r}\n{text}\n"
            (self.place / folder / f"{student}.py").write_text(content)

    def worker(self, *words, jobs=1, course=None, **env):
        """A worker that is ready."""
        made = self._begins(
            ["worker", "--course", course or self.course, "--sandbox", "local", "--jobs", jobs, *words], **env
        )
        made.has_said("Ready.")
        return made

    def batch(self, *words, folder="class", **env):
        given = ["batch", "double", self.place / folder, "--queue", "--patience", "120s", "--out", self.place / "out"]
        return self._begins([*given, "--course", self.course, *words], **env)

    def command(self, *words, **env):
        return self._begins([*words, "--course", self.course], **env)

    def _begins(self, words, **env):
        log = self.place / f"said-{len(self._processes)}"
        where = {"GRADER_DB": self.database, "GRADER_BROKER": self.broker}
        self._processes.append(Process(words, log, **{**where, **env}))
        return self._processes[-1]

    def shut(self, student):
        (self._gates / student).touch()

    def open(self, student):
        (self._gates / student).unlink()

    def visits(self):
        """How often each was examined, or begun to be."""
        return Counter(self._visits.read_text().split())

    def order(self):
        """Whose examination was begun, one after the other."""
        return self._visits.read_text().split()

    def queued(self):
        """The states of tickets that nobody has begun."""
        with Store.open(self.database) as store:
            rows = [row for table, block in store.rows() for row in block if table.name == "tickets"]
        return [row["state"] for row in rows if row["state"] == TicketState.WAITING]

    def reached(self, student, times=1):
        eventually(lambda: self.visits()[student] >= times, f"{student} is being graded")

    def scores(self):
        with Store.open(self.database) as store:
            return {each.student.key: each.score for each in store.grades("double") if each.graded}

    def endings(self):
        with Store.open(self.database) as store:
            return {each.student.key: each.run.ending for each in store.grades("double")}

    def runs(self):
        """How many finished runs are on record of each content."""
        with Store.open(self.database) as store:
            rows = [row for table, block in store.rows() for row in block if table.name == "runs"]
        return Counter(row["content"] for row in rows if row["ending"] != Ending.BROKEN)

    def close(self):
        for process in self._processes:
            process.close()


def command_line(pid):
    """The arguments of a process; nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def eventually(condition, what):
    """Wait until it is so; a test fails rather than that it hangs."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"Waited in vain until {what}."
        time.sleep(0.02)
