"""Slots on this machine and in a container, and a plain way to talk to student code in them."""

import gc
import os
import shutil
import subprocess
import tracemalloc
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
import torch
from postgresql_server import NoServer, PostgresqlServer

from grader.errors import EngineUnreachable, ImageMissing, IsolationUnavailable
from grader.examine import holding
from grader.examine.engine import DockerLauncher, image_id, image_tag
from grader.examine.local import LocalLauncher
from grader.labs import LimitSpec
from grader.store import Store
from sandbox.protocol import frames, messages, values
from sandbox.protocol.messages import (
    Answer,
    Ask,
    Attribute,
    Call,
    Describe,
    Ended,
    Items,
    Limits,
    Printed,
    Reply,
    Start,
    Stop,
    Write,
)

MEGABYTE = 2**20
NEVER = 300.0
"""Seconds: a limit that only a hanging test reaches."""

# As where submissions are examined. A second thread of torch's waits for the first by spinning, and the other way
# round; with several processes of tests on two hardware threads, that is most of what each of them computes.
torch.set_num_threads(1)


@dataclass
class Conversation:
    """A session of a slot, asked one thing after the other.

    Attributes:
        imported: what came of the import: `Imported`, `Raised` or `Ended`.
        ended: how it ended.
        printed: what it printed, known at the end.
    """

    slot: object
    number: int
    imported: object = None
    ended: Ended | None = None
    printed: bytes = b""
    cpu: float = 0.0
    _ids: object = field(default_factory=lambda: count(1))

    def call(self, name, *args, cpu=NEVER, wall=NEVER, **options):
        """The answer to a call: a value, a `Handle`, `Raised` or `Ended`."""
        bulk = []
        packed = [values.pack(arg, bulk, None) for arg in args]
        return self.ask(Call(next(self._ids), name, packed, [], **options), b"".join(bulk), cpu=cpu, wall=wall)

    def items(self, handle, most=100):
        return self.ask(Items(next(self._ids), handle, most))

    def facts(self, handle):
        return self.ask(Describe(next(self._ids), handle))

    def attribute(self, target, path=""):
        return self.ask(Attribute(next(self._ids), target, path))

    def write(self, name, content):
        return self.ask(Write(next(self._ids), name), content)

    def ask(self, question, body=b"", cpu=NEVER, wall=NEVER):
        self.slot.send(Ask(self.number, cpu, wall), bytes(messages.frame(question, body)))
        return self.hear()

    def hear(self):
        while True:
            message, body = self.slot.receive(NEVER)
            assert message.session == self.number
            if isinstance(message, Printed):
                self.printed = bytes(body)
            elif isinstance(message, Ended):
                self.ended = message
                return message
            elif isinstance(message, Reply):
                self.cpu = message.cpu_seconds
                return self.decoded(body)

    def decoded(self, body):
        frame = frames.parse(body)
        if not frame.head:
            return frame
        answer = messages.decode(messages.from_driver, frame.head)
        return values.unpack(answer.value, frame.body) if isinstance(answer, Answer) else answer

    def stop(self):
        """What it printed, as text."""
        if not self.ended:
            self.slot.send(Stop(self.number))
            while not isinstance(self.hear(), Ended):
                pass
        return self.printed.decode()


class Talker:
    """Begins sessions in one slot and ends what a test left open."""

    numbers = count(1)

    def __init__(self, slot):
        self.slot = slot
        self.last = None

    def __call__(
        self, source="", *, files=None, entry="student_file.py", cells="definitions", cpu=NEVER, wall=NEVER, **limits
    ):
        files = files or {entry: source}
        contents = {name: data if isinstance(data, bytes) else data.encode() for name, data in files.items()}
        self.last = Conversation(self.slot, next(self.numbers))
        allowed = {"memory_bytes": 1024 * MEGABYTE, "processes": 48, "output_bytes": 65536}
        allowed |= {"scratch_bytes": 64 * MEGABYTE, "threads": 1}
        start = Start(
            self.last.number,
            [(name, len(data)) for name, data in contents.items()],
            entry,
            cells,
            Limits(**(allowed | limits)),
            cpu,
            wall,
        )
        self.slot.send(start, b"".join(contents.values()))
        self.last.imported = self.last.hear()
        return self.last

    def close(self):
        if self.last:
            self.last.stop()


@pytest.fixture(scope="session")
def common(tmp_path_factory):
    """A folder that all processes share which run these tests."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session", autouse=True)
def _cache(common):
    """What the tests keep does not go into the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_CACHE", str(common / "cache"))
        yield


@pytest.fixture(scope="session")
def docker_image():
    """The sandbox image to test with; without one the test is skipped, or fails where an engine is required."""
    try:
        return image_id(os.environ.get("GRADER_SANDBOX_IMAGE") or image_tag())
    except (EngineUnreachable, ImageMissing) as error:
        if os.environ.get("GRADER_REQUIRE_DOCKER") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session", autouse=True)
def _gpus_of_its_own(tmp_path_factory):
    """GPUs that tests make up are not held for the machine: those of other processes are called alike."""
    folder = tmp_path_factory.mktemp("locks")
    folder.chmod(0o1777)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(holding, "FOLDERS", (folder,))
        yield


@pytest.fixture(autouse=True)
def _engine_where_it_is_needed(request):
    """A test marked `docker` is skipped, or fails, as `docker_image` says."""
    if request.node.get_closest_marker("docker"):
        request.getfixturevalue("docker_image")


@pytest.fixture(scope="session")
def docker_slot(docker_image):
    """A warm container that sessions share."""
    slot = DockerLauncher(docker_image, LimitSpec(call_seconds=30, memory_mb=1024, scratch_mb=64)).open()
    yield slot
    slot.close()


@pytest.fixture(scope="session")
def local_slot():
    """A warm parent on this machine that sessions share. Hostile code never runs here without namespaces."""
    try:
        slot = LocalLauncher("namespaces").open()
    except IsolationUnavailable as error:
        if os.environ.get("GRADER_REQUIRE_DOCKER") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))
    yield slot
    slot.close()


@pytest.fixture(scope="session")
def postgresql_server():
    """A server of this process's own; without one the test is skipped, or fails where one is required."""
    try:
        server = PostgresqlServer()
    except NoServer as error:
        if os.environ.get("GRADER_REQUIRE_POSTGRES") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))
    with closing(server):
        Store.open(server.template).close()
        yield server


@pytest.fixture
def postgresql(postgresql_server):
    """The URL of a database with all tables and nothing in them."""
    url = postgresql_server.database(postgresql_server.template)
    yield url
    postgresql_server.drop(url)


@pytest.fixture
def empty_postgresql(postgresql_server):
    """The URL of a database without tables."""
    url = postgresql_server.database()
    yield url
    postgresql_server.drop(url)


@pytest.fixture
def peak():
    """Calls something twice: the most bytes that were allocated at once meanwhile, in the call that took less.

    What happens once is not the call's: the interpreter's own table of strings doubles, by megabytes, at some path.
    """

    def traced(call):
        tracemalloc.start()
        try:
            call()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return lambda call: min(traced(call), traced(call))


@pytest.fixture
def no_engine(monkeypatch, tmp_path):
    """No container engine answers. Needs `filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")`."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    yield
    gc.collect()  # docker-py forgets to close the socket that it could not connect


@pytest.fixture(params=["local", pytest.param("docker", marks=pytest.mark.docker)])
def slot(request):
    """Each of the shared slots in turn."""
    return request.getfixturevalue(f"{request.param}_slot")


@pytest.fixture
def talk(slot):
    """Begins sessions in each of the shared slots: `talk("def f(): …")`."""
    talker = Talker(slot)
    yield talker
    talker.close()


@pytest.fixture
def talk_in():
    """Begins sessions in a given slot: `talk_in(slot)("def f(): …")`."""
    talkers = []

    def begin(slot):
        talkers.append(Talker(slot))
        return talkers[-1]

    yield begin
    for talker in talkers:
        talker.close()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """Compiles C, given as text, to a shared library at a path; skips the test where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")

    def to(source, path):
        if compiler is None:
            pytest.skip("there is no C compiler to make a stand-in of a library with")
        file = tmp_path_factory.mktemp("source") / "library.c"
        file.write_text(source)
        subprocess.run([compiler, "-shared", "-fPIC", "-w", "-o", str(path), str(file)], check=True)
        return path

    return to


@pytest.fixture(scope="session")
def stand_in_nvml(compiled, tmp_path_factory):
    """A library in the place of NVML; see `sandbox/stand_in_nvml.c`."""
    source = Path(__file__).parent / "sandbox" / "stand_in_nvml.c"
    return compiled(source.read_text(), tmp_path_factory.mktemp("nvml") / "libnvidia-ml.so.1")
