"""A class that is graded while something breaks: gates stop a grading where a test wants it, faults come in between."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingUnixStreamServer
from urllib.parse import urlsplit

import docker
import pytest

from grader.examine.engine import owners
from grader.examine.engine.image import REPOSITORY
from grader.store import Store

ROOT = Path(__file__).parents[2]
LAB = "lab1_tensors"
RIGHT = sorted((ROOT / "tests" / "classes" / "lab1_right").glob("*.py"))
STUDENTS = ["ana", "ben", "cleo", "dan", "eli", "fay"]
WRONG = "def first_row(x): return x[:1]  # a matrix: costs the 4 points of first-row\n"
SCORES = {**dict.fromkeys(STUDENTS, 100.0), "gus": 96.0}
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # else deaf, where a shell put it aside
    "from grader.examine.engine import image; image.REPOSITORY = {repository!r}; from grader.cli import main; main()"
)
DISK_BYTES = 8_000_000
PATIENCE = 1500.0
"""Seconds after which a batch counts as stuck."""

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


class Said(str):
    """What was written; where lines break does not matter."""

    __slots__ = ()

    def __contains__(self, part: str) -> bool:
        return "".join(part.split()) in "".join(self.split())


class Batch:
    """A running `grader batch`."""

    def __init__(self, command: list[str], env: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("w") as file:
            self._process = subprocess.Popen(command, env=env, stdout=file, stderr=subprocess.STDOUT)
        self.pid = self._process.pid

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    @property
    def said(self) -> Said:
        return Said(self._log.read_text())

    def ends(self, expected: int) -> Said:
        """What it said, once it has ended with this status, without a traceback."""
        try:
            status = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pytest.fail(f"The batch is stuck. It said: {self.said}")
        assert status == expected, self.said
        assert "Traceback" not in self.said
        return self.said

    def kill(self) -> None:
        """Kill it, and wait until its workers have noticed."""
        workers = self.workers()
        self._process.kill()
        self._process.wait()
        eventually(lambda: not any(map(command_line, workers)), "the workers of a killed batch have ended")

    def workers(self) -> list[int]:
        """The processes that examine."""
        return [pid for pid in children(self.pid) if b"spawn_main" in command_line(pid)]

    def slots(self) -> list[int]:
        """The processes on this machine that submissions come from."""
        return [pid for worker in self.workers() for pid in children(worker)]

    def drivers(self) -> list[int]:
        """The processes on this machine that submissions run in: of a slot, its first process stands for another."""
        return [pid for slot in self.slots() for parent in children(slot) for pid in children(parent)]


class Scene:
    """A class of six good submissions and one with an honest mistake, and where its results go.

    Attributes:
        wait: seconds that a batch waits for a database that another process holds.
        repository: which the name of its sandbox image begins with.
        disks: what it is graded among, if not this machine's own.
        memory_mb: by which its containers are told from those of others.
        suite: the hidden suite that it is graded by.
    """

    def __init__(self, place: Path, launcher: str) -> None:
        self.place = place
        self.database = place / "db" / "grades.db"
        self.out = place / "out"
        self.scratch = place / "scratch"
        self.memory_mb = 1024 + secrets.randbelow(1024)
        self.wait = 30.0
        self.env: dict[str, str] = {}
        self.disks: Disks | None = None
        self.repository = REPOSITORY
        self._launcher = launcher
        self._course = place / "course"
        self.suite = self._course / "reference" / LAB / "test_hidden.py"
        self._gates = place / "gates"
        self._visits = place / "visits"
        self._begun: list[Batch] = []
        self._lay_out()

    def _lay_out(self) -> None:
        for kind in ("assignments", "reference"):
            shutil.copytree(ROOT / kind / LAB, self._course / kind / LAB)
        with (self._course / "assignments" / LAB / "lab.toml").open("a") as settings:
            settings.write(f"memory_mb = {self.memory_mb}\n")  # [limits] comes last
        imports, first, checks = self.suite.read_text().partition("@check(")
        gate = GATE.format(visits=str(self._visits), gates=str(self._gates)).lstrip()
        self.suite.write_text(f"{imports}{gate}{first}{checks}")
        for folder in (self.place / "class", self.database.parent, self.out, self.scratch, self._gates):
            folder.mkdir()
        self._visits.touch()
        for student, path in zip(SCORES, [*RIGHT, RIGHT[0]], strict=True):
            text = f"{path.read_text()}\n\ndef whose(): return {student!r}\n\n{WRONG if student == 'gus' else ''}"
            (self.place / "class" / f"{student}.py").write_text(text)

    def begins(self, *words: str, jobs: int = 1) -> Batch:
        """Begin `grader batch`."""
        program = PROGRAM.format(repository=self.repository)
        command = [sys.executable, "-c", program, "batch", LAB, str(self.place / "class")]
        command += ["--course", str(self._course), "--db", f"sqlite:///{self.database}?timeout={self.wait}"]
        command += ["--out", str(self.out), "--sandbox", self._launcher, "--jobs", str(jobs), *words]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(self.scratch), "COLUMNS": "80", **self.env}
        batch = Batch(
            [*(self.disks.entered if self.disks else []), *command], env, self.place / f"said-{len(self._begun)}"
        )
        self._begun.append(batch)
        return batch

    def begins_and_stops_at(self, student: str, *words: str, jobs: int = 1) -> Batch:
        """Begin it, and let nobody past this student's gate; those before in the alphabet are graded by then."""
        self.shut(student)
        batch = self.begins(*words, jobs=jobs)
        self.reached(batch, student)
        before = {name for name in SCORES if name < student}
        eventually(lambda: not before & self.ungraded() or not batch.runs, f"those before {student} are stored")
        return batch

    def shut(self, student: str) -> None:
        (self._gates / student).touch()

    def open(self, student: str) -> None:
        (self._gates / student).unlink()

    def reached(self, batch: Batch, student: str, times: int = 1) -> None:
        """Wait until this student's grading has come to the gate, for the n-th time."""
        eventually(lambda: self.visits()[student] >= times or not batch.runs, f"{student} is at the gate")
        assert batch.runs, batch.said

    def seen(self, path: Path) -> Path:
        """Where this process finds what a batch calls `path`."""
        return self.disks.seen(path) if self.disks else path

    def visits(self) -> Counter[str]:
        """How often each was graded, or begun to be."""
        return Counter(self._visits.read_text().split())

    def ungraded(self) -> set[str]:
        """Who has no result; whoever has one has the right one."""
        with tempfile.TemporaryDirectory() as folder:  # SQLite itself would not find its way to a small disk
            copy = shutil.copytree(self.seen(self.database.parent), Path(folder, "copy")) / self.database.name
            with Store.open(copy, must_exist=True) as store:
                found = {each.student.key: each.score for each in store.grades(LAB) if each.graded}
        assert found.items() <= SCORES.items()
        return SCORES.keys() - found.keys()

    def is_resumed(self, *words: str) -> None:
        """The same command again ends well, grades what is missing, and nothing else."""
        missing, before = self.ungraded(), self.visits()
        said = self.begins(*words).ends(0)
        assert f"Graded {len(missing)}, already graded {7 - len(missing)}, not taken in 0." in said
        assert self.visits() - before == Counter(missing)
        assert self.ungraded() == set()
        assert len(list(self.seen(self.out / "students").glob("*.html"))) == 7

    def close(self) -> None:
        for batch in self._begun:
            if batch.runs:
                batch.kill()


class Disks:
    """Small disks at some folders, in a mount namespace of their own, which ends with this process at the latest."""

    def __init__(self, folders: Sequence[Path]) -> None:
        mount = " && ".join(f"mount -t tmpfs -o size={DISK_BYTES} none '{folder}'" for folder in folders)
        self._holder = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", f"{mount} && echo ready && exec cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._holder.stdout.readline() != "ready\n":
            self.close()
            pytest.skip("mounting a small disk needs root")
        self.entered = ["nsenter", "--mount", "--target", str(self._holder.pid), "--"]

    def seen(self, path: Path) -> Path:
        return Path(f"/proc/{self._holder.pid}/root") / path.relative_to("/")

    def fill(self, folder: Path) -> None:
        """Leave no space on a disk."""
        with (self.seen(folder) / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
            while True:
                ballast.write(bytes(4096))

    def empty(self, folder: Path) -> None:
        (self.seen(folder) / "ballast").unlink()

    def remount(self, folder: Path, how: str) -> None:
        """Make a disk `ro`, or `rw` again; no file on it may be open for writing."""
        subprocess.run([*self.entered, "mount", "-o", f"remount,{how}", str(folder)], check=True)

    def close(self) -> None:
        self._holder.communicate()


class Engine:
    """The engine, and a socket of its own for one batch, which can go away and come back.

    The engine itself serves others meanwhile, and a test speaks to it directly.
    """

    def __init__(self, folder: Path) -> None:
        self.client = docker.APIClient()
        self.address = folder / "engine.sock"
        self._relay = _Relay(str(self.address))
        threading.Thread(target=self._relay.serve_forever, args=(0.02,), daemon=True).start()

    def containers(self, scene: Scene) -> list[str]:
        """The containers of a class."""
        found = self.client.containers(all=True, filters={"label": owners.LABEL})
        bound = (scene.memory_mb + 2 * 256 + 1024) * 2**20
        return [each["Id"] for each in found if self._memory(each["Id"]) == bound]

    def _memory(self, container: str) -> int:
        try:
            return int(self.client.inspect_container(container)["HostConfig"]["Memory"])
        except docker.errors.NotFound:
            return 0

    def comes(self) -> None:
        """Answer from now on."""
        self._relay.away = False

    def goes(self) -> None:
        """Drop all connections, and turn away whoever comes."""
        self._relay.away = True
        self._relay.drop()

    def is_asked_in_vain(self, batch: Batch, times: int) -> None:
        """Wait until a batch has been turned away so often."""
        eventually(lambda: self._relay.turned_away >= times or not batch.runs, "the engine is asked for")
        assert batch.runs, batch.said

    def close(self) -> None:
        self._relay.drop()
        self._relay.shutdown()
        self._relay.server_close()
        self.client.close()


class _Relay(ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, address: str) -> None:
        super().__init__(address, _Wire)
        self.engine = urlsplit(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")).path
        self.ends: set[socket.socket] = set()
        self.away = False
        self.turned_away = 0

    def drop(self) -> None:
        for end in list(self.ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class _Wire(BaseRequestHandler):
    """One connection: what either end says goes to the other, until one hangs up."""

    server: _Relay

    def handle(self) -> None:
        if self.server.away:
            self.server.turned_away += 1
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as engine:
            engine.connect(self.server.engine)
            mine = {self.request, engine}
            self.server.ends |= mine
            back = threading.Thread(target=_pump, args=(engine, self.request))
            back.start()
            _pump(self.request, engine)
            back.join()
            self.server.ends -= mine


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait until it is so; a test fails rather than that it hangs."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"Waited in vain until {what}."
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    """The processes that this one started and that are left."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(child) for child in task.read_text().split()]
    return found


def command_line(pid: int) -> bytes:
    """The arguments of a process; nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def scene(tmp_path: Path, local_slot: object) -> Iterator[Scene]:
    """A class that is graded on this machine, in namespaces."""
    with closing(Scene(tmp_path, "local")) as made:
        yield made


@pytest.fixture
def confined(scene: Scene) -> Iterator[Scene]:
    """The same with small disks for the database, the pages and temporary files."""
    with closing(Disks([scene.database.parent, scene.out, scene.scratch])) as scene.disks:
        yield scene
        scene.close()


@pytest.fixture
def docked(tmp_path: Path, docker_image: object, engine: Engine) -> Iterator[Scene]:
    """A class that is graded in containers; nothing of them is left when a test has ended."""
    with closing(Scene(tmp_path, "docker")) as made:
        made.env["DOCKER_HOST"] = f"unix://{engine.address}"
        yield made
    eventually(lambda: not engine.containers(made), "the containers are gone")


@pytest.fixture
def engine() -> Iterator[Engine]:
    """The engine as a batch sees it."""
    with tempfile.TemporaryDirectory() as folder, closing(Engine(Path(folder))) as made:  # a short path, for a socket
        yield made


@pytest.fixture(name="eventually")
def waiting() -> Callable[[Callable[[], bool], str], None]:
    """The function of that name."""
    return eventually
