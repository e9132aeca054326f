"""Each defence is there for something: with it a probe finds a door shut, and in a sandbox that lacks it, open.

The probes look, or do a little of what an attack would do much of; docs and comments of the sandbox say what for.
"""

import os
import shutil
from types import MappingProxyType
from typing import NamedTuple

import pytest

from grader.errors import IsolationUnavailable
from grader.examine import sources
from grader.examine.local import LocalLauncher
from sandbox.protocol.messages import Ended, Raised

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's sessions have no user ids of their own")


class Defence(NamedTuple):
    """A line of the sandbox's code, and a probe.

    Attributes:
        line: what to take out of `file`, and what to put there instead.
        probe: defines f(), which answers `shut` as long as the line is there.
        limits: of the session, and of the question.
    """

    file: str
    line: tuple[str, str]
    probe: str
    shut: object
    limits: dict = MappingProxyType({})
    question: dict = MappingProxyType({})


LIMIT = "import resource\ndef f(): return resource.getrlimit(resource.{})[0]"
SOCKET = (
    "import socket\n"
    "def f():\n"
    "    try: socket.socket(socket.{}, socket.SOCK_DGRAM).close()\n"
    "    except PermissionError: return 'refused'\n"
)
FILL = (
    "def f():\n"
    "    try:\n"
    "        for n in range({}):\n"
    "            with open(f'/tmp/{{n}}', 'wb') as file: file.write(b'x' * {})\n"
    "    except OSError: return 'full'\n"
)

DEFENCES = {
    "a filter on system calls": Defence(
        "isolation.py",
        ("kernel.filter_calls(self.calls)", "pass"),
        SOCKET.format("AF_NETLINK"),
        "refused",
    ),
    "no sockets but those between processes of one session": Defence(
        "calls.py",
        ("pyseccomp.NE, _UNIX", "pyseccomp.GT, 10"),
        SOCKET.format("AF_INET"),
        "refused",
    ),
    "first to be killed for want of memory": Defence(
        "isolation.py",
        ('Path("/proc/self/oom_score_adj").write_text("1000", encoding="utf-8")', "pass"),
        "def f(): return int(open('/proc/self/oom_score_adj').read())",
        1000,
    ),
    "processes of its own user": Defence(
        "isolation.py",
        ("resource.setrlimit(resource.RLIMIT_NPROC, (tasks, tasks))", "pass"),
        LIMIT.format("RLIMIT_NPROC") + " < 10_000",
        shut=True,
    ),
    "the size of a file": Defence(
        "limits.py",
        ("resource.setrlimit(resource.RLIMIT_FSIZE, (scratch_bytes, scratch_bytes))", "pass"),
        LIMIT.format("RLIMIT_FSIZE"),
        16 * 2**20,
        limits={"scratch_bytes": 16 * 2**20},
    ),
    "no memory dumps": Defence(
        "limits.py",
        ("resource.setrlimit(resource.RLIMIT_CORE, (0, 0))", "resource.setrlimit(resource.RLIMIT_CORE, (1, 1))"),
        LIMIT.format("RLIMIT_CORE"),
        0,
    ),
    "open files": Defence(
        "limits.py",
        ("resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))", "pass"),
        LIMIT.format("RLIMIT_NOFILE"),
        1024,
    ),
    "the size of all files": Defence(
        "isolation.py",
        ('f"size={scratch_bytes},nr_inodes=', 'f"size=1g,nr_inodes='),
        FILL.format(30, "2**20"),
        "full",
        limits={"scratch_bytes": 16 * 2**20},
    ),
    "the number of all files": Defence(
        "isolation.py",
        ("nr_inodes={max(scratch_bytes // INODE_BYTES, 1024)}", "nr_inodes=100000"),
        FILL.format(3000, "1"),
        "full",
        limits={"scratch_bytes": 16 * 2**20},
    ),
    "a read-only view of processes": Defence(
        "isolation.py",
        ("apart | kernel.MS_NOEXEC | kernel.MS_RDONLY)", "apart | kernel.MS_NOEXEC)"),
        "import os\ndef f(): return bool(os.statvfs('/proc').f_flag & os.ST_RDONLY)",
        shut=True,
    ),
    "no capability to be had": Defence(
        "isolation.py",
        ("kernel.empty_bounding_set()", "pass"),
        "def f(): return next(int(line[7:], 16) for line in open('/proc/self/status') if line.startswith('CapBnd'))",
        0,
    ),
    "a root that holds little": Defence(
        "apart.py",
        ('("/usr", "/bin",', '("/home", "/usr", "/bin",'),
        "import os\ndef f(): return os.path.exists('/home')",
        shut=False,
    ),
    "no descriptors of the parent's": Defence(
        "forked.py",
        ("os.closerange(_PRINTING + 1, _DESCRIPTORS_MOST)", "pass"),
        "import os\ndef f(): return len(os.listdir('/proc/self/fd'))",
        5,  # three streams, the driver's connection, and the listing's own
    ),
    "no network but a loopback of its own": Defence(
        "apart.py",
        ("kernel.CLONE_NEWPID | kernel.CLONE_NEWNET |", "kernel.CLONE_NEWPID |"),
        "def f(): return sum(int(line.split()[1]) for line in open('/proc/net/dev').readlines()[2:])",
        0,  # bytes that ever came in
    ),
    "an end to computing": Defence(
        "session.py",
        ('return Over("cpu")', "return None"),
        "import time\ndef f():\n    while time.process_time() < 3: pass\n    return 'done'\n",
        "cpu",
        question={"cpu": 0.5},
    ),
    "an end to waiting": Defence(
        "session.py",
        ('return Over("wall") if', "return None if"),
        "import time\ndef f():\n    time.sleep(3)\n    return 'done'\n",
        "wall",
        question={"wall": 0.5},
    ),
    "an end to what many processes hoard together": Defence(
        "session.py",
        ("if used > self._limits.memory_bytes or", "if"),
        "import mmap, time\n"
        "def f():\n"
        "    hoard = mmap.mmap(-1, 2**28)\n"
        "    for _ in range(2**8): hoard.write(b'x' * 2**20)\n"
        "    time.sleep(1)\n"
        "    return 'done'\n",
        "memory",
        limits={"memory_bytes": 64 * 2**20},
    ),
}
OF_ROOT = {
    "a user of its own": Defence(
        "isolation.py",
        ("_become(random.SystemRandom().choice(self.uids))", "pass"),
        "import os\ndef f(): return os.getuid() > 0",
        shut=True,
    )
}
EVERY = [*DEFENCES, *(pytest.param(name, marks=as_root) for name in OF_ROOT)]
DEFENCES |= OF_ROOT


def found(talk, defence):
    """What the probe finds; how its session ended, if it did."""
    answer = talk(defence.probe, **defence.limits).call("f", **defence.question)
    assert not isinstance(answer, Raised), answer
    return answer.cause if isinstance(answer, Ended) else answer


@pytest.mark.parametrize("name", EVERY)
def test_a_probe_finds_the_door_shut(talk_in, local_slot, name):
    assert found(talk_in(local_slot), DEFENCES[name]) == DEFENCES[name].shut


@pytest.fixture
def without(tmp_path, monkeypatch):
    """Has the sandbox's sources, as they are used from now on, lack a line of a file."""

    def take_out(file, line):
        folder = tmp_path / "sandbox"
        shutil.copytree(sources.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
        code = (folder / file).read_text("utf-8")
        assert code.count(line[0]) == 1
        (folder / file).write_text(code.replace(*line), "utf-8")
        monkeypatch.setattr(sources, "FOLDER", folder)

    return take_out


@pytest.fixture
def lacking(request, without):
    """(a defence, a slot whose sandbox lacks it)."""
    defence = DEFENCES[request.param]
    without(defence.file, defence.line)
    slot = LocalLauncher("namespaces").open()
    yield defence, slot
    slot.close()


@pytest.mark.parametrize("lacking", EVERY, indirect=True)
def test_without_the_defence_the_probe_finds_it_open(lacking, talk_in):
    defence, slot = lacking
    assert found(talk_in(slot), defence) != defence.shut


def test_without_a_bar_to_new_privileges_there_is_no_filter_and_no_sandbox(without):
    without("isolation.py", ("kernel.no_new_privileges()", "pass"))
    with pytest.raises(IsolationUnavailable, match="Permission denied"):
        LocalLauncher("namespaces").open()
