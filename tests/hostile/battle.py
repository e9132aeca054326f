"""A hostile class, graded as an instructor would, and what is known of the machine afterwards."""

import json
import os
import re
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import docker
import msgspec

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
CASES: Final = HERE / "cases"
QUICK: Final = HERE / "courses" / "quick"
SOLUTION: Final = (QUICK / "reference" / "quick" / "solution.py").read_bytes()
PRELUDE: Final = (HERE / "prelude.py").read_bytes()
CANARY: Final = re.compile(rb"CANARY-[a-z]+-[0-9a-f]{8}|(?<![0-9a-f.])271828(?![0-9a-f])")
"""What the trusted side alone may know: the words of the hidden suite, of the environment and of paths, one number."""
JOBS: Final = 2
EVERY: Final = {"warm": 1, "container": 8, "local": 1}
"""How many hostile submissions stand between two good ones: a container of its own costs seconds of computing."""
OPTIONS: Final = {
    "warm": ["--sandbox", "docker", "--isolation", "warm"],
    "container": ["--sandbox", "docker", "--isolation", "container"],
    "local": ["--sandbox", "local"],
}
DISGUISE: Final = "<i>{{7*7}}[red]"
"""Part of the name of every student whose submission is hostile."""
PLACES: Final = ("/", "/tmp", "/dev/shm", "/dev/mqueue", "/var/tmp", "/run", "/opt", str(ROOT), str(ROOT / "sandbox"))
"""Where a planted file would be found, besides what Python imports from."""

Mode = Literal["warm", "container", "local"]


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must come of a case.

    Attributes:
        ending: or the endings that it may have, where that is a matter of speed.
        score: or the lowest and the highest; nothing of it counts for what was rejected.
        says: a part of what the student is told.
    """

    ending: str | list[str] = "completed"
    score: float | tuple[float, float] = 100.0
    flags: list[str] = []
    says: str = ""


class Difference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a mode differs for a case, and why."""

    because: str
    ending: str | list[str] | None = None
    score: float | tuple[float, float] | None = None
    flags: list[str] | None = None
    says: str | None = None


class Outcomes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`outcomes.toml`.

    Attributes:
        cases: by theme and name.
        exceptions: by mode and name.
        leaves_out: by mode: the themes that are not run in it, each with the reason.
    """

    cases: dict[str, dict[str, Expected]]
    exceptions: dict[Mode, dict[str, Difference]]
    leaves_out: dict[Mode, dict[str, str]]

    def of(self, mode: str) -> dict[str, Expected]:
        """What must come of each case that is run in `mode`."""
        found = {
            name: expected
            for theme, cases in self.cases.items()
            for name, expected in cases.items()
            if theme not in self.leaves_out.get(mode, {})
        }
        for name, other in self.exceptions.get(mode, {}).items():
            changes = {key: value for key, value in msgspec.structs.asdict(other).items() if value is not None}
            changes.pop("because")
            found[name] = msgspec.structs.replace(found[name], **changes)
        return found


OUTCOMES: Final = msgspec.toml.decode((HERE / "outcomes.toml").read_bytes(), type=Outcomes)


class Graded(msgspec.Struct, frozen=True):
    """A class that was graded, and what it left.

    Attributes:
        rows: of `grader results`, by the name of the case; good submissions are called "good 0" and so on.
        terminal: all that `grader batch` and `grader results` wrote.
        canaries: (where, what) of each word that got out.
        leftovers: what was found on the machine afterwards.
        grown: bytes of all that was written.
        knocks: how many connections the listeners on the loopback counted.
        markup: (page, what) of markup of students that a browser or a template would obey.
    """

    status: int
    rows: dict[str, Any]
    terminal: str
    canaries: list[tuple[str, str]]
    leftovers: list[str]
    grown: int
    knocks: int
    markup: list[tuple[str, str]]


def case_path(name: str) -> Path:
    """Where a case lies: a file that is handed in behind the right solution, a notebook, or a folder as it is."""
    return next(path for path in (CASES / f"{name}.py", CASES / f"{name}.ipynb", CASES / name) if path.exists())


class Battle:
    """A course and a class in a folder of their own."""

    def __init__(self, mode: str, place: Path) -> None:
        self.mode = mode
        self.place = place
        self.mark = f"left{secrets.token_hex(4)}"
        self.course = place / "course"
        self.database = place / "CANARY-path-5eed0007" / "grades.db"
        self.out = place / "out"
        self.scratch = place / "scratch"
        self.memory_mb = 401 + list(OPTIONS).index(mode)
        self.names: dict[str, str] = {}

    def grade(self) -> Graded:
        """Grade the class and look around."""
        self._lay_out()
        mounts = _mounts()
        with listeners(self.mark) as (ports, heard):
            self._hand_in(ports)
            done = self._grader("batch", "quick", str(self.place / "class"), "--out", str(self.out), *self._options())
            knocks = heard()
        assert done.returncode in {0, 3}, done.stdout + done.stderr
        listing = self._grader("results", "quick")
        exported = self._grader("results", "quick", "--format", "json")
        rows = {self.names[row["student"]]: row for row in json.loads(exported.stdout)}
        terminal = done.stdout + done.stderr + listing.stdout + listing.stderr + exported.stderr
        return Graded(
            status=done.returncode,
            rows=rows,
            terminal=terminal,
            canaries=self.canaries(terminal + exported.stdout),
            leftovers=[*self.leftovers(), *sorted(_mounts() - mounts)],
            grown=sum(path.stat().st_size for path in self._written()),
            knocks=knocks,
            markup=self.live_markup(),
        )

    def _options(self) -> list[str]:
        return ["--jobs", str(JOBS), *OPTIONS[self.mode]]

    def _lay_out(self) -> None:
        shutil.copytree(QUICK, self.course)
        settings = self.course / "assignments" / "quick" / "lab.toml"
        limit = f"memory_mb = {self.memory_mb}"  # so that this class's containers can be told from others
        settings.write_text(settings.read_text().replace("memory_mb = 400", limit))
        for folder in (self.place / "class", self.scratch, self.database.parent):
            folder.mkdir()

    def _hand_in(self, ports: dict[str, int]) -> None:
        head = f"MARK, PORTS = {self.mark!r}, {ports!r}\n".encode() + PRELUDE + SOLUTION
        for number, name in enumerate(OUTCOMES.of(self.mode)):
            if number % EVERY[self.mode] == 0:
                self._good(f"{number:03}a")
            student = f"{number:03}b-{name.replace('_', '-')} {DISGUISE}"
            self.names[student] = name
            path, target = case_path(name), self.place / "class" / student
            if path.suffix == ".py":
                target.with_name(f"{student}.py").write_bytes(head + b"\n\n" + path.read_bytes())
            elif path.is_dir():
                shutil.copytree(path, target, symlinks=True)
            else:
                shutil.copy(path, target.with_name(f"{student}.ipynb"))
        self._good("999a")

    def _good(self, student: str) -> None:
        self.names[student] = f"good {student}"
        (self.place / "class" / f"{student}.py").write_bytes(SOLUTION + f"\n# by {student}\n".encode())

    def _grader(self, *words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", "from grader.cli import main; main()", *words]
        options = ["--course", str(self.course), "--db", f"sqlite:///{self.database}"]
        env = os.environ | {
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(self.scratch),
            "COLUMNS": "80",
            "GRADER_PASSWORD": "CANARY-environment-5eed0008",
        }
        return subprocess.run([*command, *options], env=env, capture_output=True, text=True, timeout=3000, check=False)

    # ------------------------------------------------------------ afterwards

    def _written(self) -> Iterator[Path]:
        for folder in (self.database.parent, self.out, self.scratch):
            yield from (path for path in folder.rglob("*") if path.is_file())

    def canaries(self, shown: str) -> list[tuple[str, str]]:
        """(where, what) of each word that got out."""
        texts = {"terminal and JSON": shown.encode()}
        texts |= {str(path.relative_to(self.place)): path.read_bytes() for path in self._written()}
        with sqlite3.connect(self.database) as database:
            for digest, files in database.execute("select digest, files from contents"):
                texts[f"submission {digest}"] = zlib.decompress(files)
        database.close()
        return [(where, found.decode()) for where, text in texts.items() for found in CANARY.findall(text)]

    def live_markup(self) -> list[tuple[str, str]]:
        """(page, what) of markup of students that a browser or a template would obey."""
        pages = {path.name: path.read_text(encoding="utf-8") for path in self.out.rglob("*.html")}
        live = re.compile(rf"<(?:script|img)[^>]*>?[^<]*(?:{self.mark}|alert\()|<i>|49\[red", re.IGNORECASE)
        return [(name, found[0]) for name, text in pages.items() for found in live.finditer(text)]

    def leftovers(self) -> list[str]:
        """What is still there of this class, outside its own folder."""
        return [*self._containers(), *self._processes(), *self._files(), *self._objects_of_system_v()]

    def _containers(self) -> list[str]:
        if self.mode == "local":
            return []
        client = docker.APIClient()
        try:
            ids = [each["Id"] for each in client.containers(all=True, filters={"label": "grader.owner"})]
            bytes_ = (self.memory_mb + 2 * 16 + 1024) * 2**20
            return [f"container {id_}" for id_ in ids if _memory_of(client, id_) == bytes_]
        finally:
            client.close()

    def _processes(self) -> list[str]:
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                told = b"".join((process / name).read_bytes() for name in ("comm", "cmdline", "environ"))
            except OSError:
                continue  # it has just ended
            if self.mark.encode() in told or str(self.scratch).encode() in told:
                found.append(f"process {process.name}: {told[:200]!r}")
        return found

    def _files(self) -> list[str]:
        folders = [Path(folder) for folder in {*PLACES, *sys.path} if folder and os.access(folder, os.R_OK)]
        folders += [folder / "__pycache__" for folder in folders if (folder / "__pycache__").is_dir()]
        named = [entry.path for folder in folders if folder.is_dir() for entry in os.scandir(folder)]
        return [path for path in named if self.mark in path] + [str(path) for path in self.scratch.iterdir()]

    def _objects_of_system_v(self) -> list[str]:
        key = str(int(self.mark[-6:], 16))
        listings = [Path("/proc/sysvipc", kind) for kind in ("shm", "msg", "sem")]
        return [
            f"{path}: {line}"
            for path in listings
            if path.exists()
            for line in path.read_text().splitlines()
            if line.split()[0] == key
        ]


def _memory_of(client: Any, container: str) -> int:
    try:
        return int(client.inspect_container(container)["HostConfig"]["Memory"])
    except docker.errors.NotFound:
        return 0


def _mounts() -> set[str]:
    """What is mounted, without what the engine mounts for whoever else uses it."""
    lines = Path("/proc/mounts").read_text().splitlines()
    return {f"mount {line}" for line in lines if not re.search(r"/(docker|containerd|netns)[/ ]", line)}


@contextmanager
def listeners(name: str) -> Iterator[tuple[dict[str, int], Any]]:
    """Listeners on this machine's loopback: their ports by family and kind, and how many were spoken to."""
    with ExitStack() as stack:
        opened = {}
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                listener = stack.enter_context(socket.socket(family, kind))
                listener.bind((host, 0))
                opened[f"{family:d}.{kind:d}"] = listener
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        abstract.bind("\0" + name)
        everybody = [*opened.values(), abstract]
        for listener in everybody:
            listener.settimeout(0)
            if listener.type == socket.SOCK_STREAM:
                listener.listen()
        ports = {key: listener.getsockname()[1] for key, listener in opened.items()}
        yield ports, lambda: sum(map(_was_spoken_to, everybody))


def _was_spoken_to(listener: socket.socket) -> bool:
    try:
        if listener.type == socket.SOCK_STREAM:
            listener.accept()[0].close()
        else:
            listener.recv(1)
    except BlockingIOError:
        return False
    return True
