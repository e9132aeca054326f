"""Slots on this machine, with and without what separates them from it."""

import contextlib
import ctypes
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jinja2
import pytest
import torch

from grader.errors import SandboxLost
from grader.examine import lending, local, sources
from grader.examine.gpus import Lent
from grader.examine.local import LocalLauncher
from grader.examine.slots import Slots
from grader.examine.stream import Stream
from sandbox import apart, confinement
from sandbox.protocol.messages import Imported, Stop

ROOT = Path(__file__).parents[2]
NOBODY = 65534
AS_ROOT = "It would run as root: be another user, or use a container engine."
PR_SET_DUMPABLE = 4


@pytest.fixture(scope="module")
def plain_slot():
    slot = LocalLauncher("plain").open()
    yield slot
    slot.close()


def python(*lines):
    """Starts a Python process that can import the grader; its first line of output is awaited by the caller."""
    command = [sys.executable, "-c", "\n".join(lines)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def lives(pid):
    """Whether a process is there and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until_gone(pid):
    """Waits for a process that is about to end."""
    deadline = time.monotonic() + 60
    while lives(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.02)


def below(pid):
    """The processes below `pid`."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    return children + [deeper for child in children for deeper in below(child)]


def test_the_slot_says_where_it_runs_and_with_what(local_slot):
    assert local_slot.facts.launcher == "local"
    assert local_slot.facts.isolation == "namespaces"
    assert local_slot.facts.image == LocalLauncher().identity()
    assert "torch 2" in local_slot.facts.image


def test_another_sandbox_has_another_identity(monkeypatch):
    before = LocalLauncher().identity()
    changed = sources.modules() | {"driver.py": b"# mended"}
    monkeypatch.setattr(sources, "modules", lambda: changed)
    after = LocalLauncher().identity()
    assert before.partition(" ")[2] == after.partition(" ")[2]
    assert before != after


def test_the_identity_is_known_without_importing_torch():
    done = python(
        "import sys",
        "from grader.examine.local import LocalLauncher",
        "identity = LocalLauncher().identity()",
        "print(identity.startswith('local:'), 'torch' in sys.modules)",
    )
    assert done.communicate()[0].split() == ["True", "False"]


def test_a_plain_slot_answers_and_contains_what_it_can(plain_slot, talk_in):
    talk = talk_in(plain_slot)
    one = talk(
        "import os, pathlib, time\n"
        "def f(x): return x + 1\n"
        "def where(): pathlib.Path('left').write_text('x'); return os.getcwd(), os.getpid()\n"
        "def escape():\n"
        "    if not os.fork():\n"
        "        os.setsid()\n"
        "        if os.fork(): os._exit(0)\n"
        "        time.sleep(1000)\n"
        "    os.wait()\n"
        "    return 1\n"
        "def loop():\n    while True: pass\n"
    )
    assert one.call("f", 1) == 2
    folder, pid = one.call("where")
    assert one.call("escape") == 1
    before = below(plain_slot._process.pid)
    assert len(before) == 2
    ended = one.call("loop", cpu=0.3)
    assert ended.cause == "cpu"
    assert ended.cpu_seconds < 5  # the import of torch does not count
    assert not Path(folder).exists()
    for each in (pid, *before):
        until_gone(each)


def test_many_processes_end_a_plain_session(plain_slot, talk_in):
    one = talk_in(plain_slot)(
        "import os, time\n"
        "def f():\n"
        "    for _ in range(40):\n"
        "        if not os.fork(): time.sleep(1000)\n"
        "    time.sleep(1000)\n",
        processes=8,
    )
    ended = one.call("f")
    assert (ended.cause, ended.detail) == ("signal", "more than 8 processes")
    assert below(plain_slot._process.pid) == []


@pytest.mark.parametrize("isolation", ["plain", "auto"])
def test_no_secret_of_the_environment_arrives(isolation, monkeypatch, talk_in):
    monkeypatch.setenv("GRADER_DB", "postgresql://grader:hunter2@db/grades")
    slot = LocalLauncher(isolation).open()
    with contextlib.closing(slot):
        one = talk_in(slot)(
            "import os, pathlib\n"
            "def f():\n"
            "    found = [str(dict(os.environ))]\n"
            "    for pid in ('self', os.getppid()):\n"
            "        for name in ('environ', 'cmdline'):\n"
            "            try: found.append(pathlib.Path(f'/proc/{pid}/{name}').read_text())\n"
            "            except OSError: pass\n"
            "    return found\n"
        )
        seen = " ".join(one.call("f"))
        one.stop()
    assert "PATH" in seen
    assert "hunter2" not in seen


def test_a_folder_within_pythons_own_can_be_hidden(talk_in):
    folder = Path(jinja2.__file__).parent
    look = "import os\ndef f(path): return os.path.exists(path)"
    slot = LocalLauncher("namespaces", hide=[folder]).open()
    with contextlib.closing(slot):
        one = talk_in(slot)(look)
        assert one.call("f", str(folder / "__init__.py")) is False
        assert one.call("f", str(folder.parent / "numpy" / "__init__.py")) is True
        one.stop()


@pytest.mark.parametrize("private", [True, False], ids=["below /tmp", "elsewhere"])
def test_it_is_hidden_under_every_name_where_python_is_reached_through_a_link(talk_in, monkeypatch, tmp_path, private):
    hidden = Path(jinja2.__file__).parent
    beside = hidden.parent / "numpy"
    with contextlib.nullcontext(tmp_path) if private else tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        link = Path(folder) / "python"
        link.symlink_to(sys.prefix)
        named = [place / hidden.relative_to(sys.prefix) for place in (Path(sys.prefix), link)]
        assert [each.is_dir() for each in named] == [True, True]
        monkeypatch.setattr(sys, "executable", str(link / Path(sys.executable).relative_to(sys.prefix)))
        with contextlib.closing(LocalLauncher("namespaces", hide=[hidden]).open()) as slot:
            one = talk_in(slot)("import os\ndef f(path): return os.path.exists(path)")
            assert [one.call("f", str(each / "__init__.py")) for each in named] == [False, False]
            assert one.call("f", str(link / beside.relative_to(sys.prefix) / "__init__.py")) is True
            one.stop()


def test_a_course_within_the_installed_package_is_hidden_with_it(talk_in, monkeypatch):
    package = Path(jinja2.__file__).parent  # a stand-in within Python's own folders
    monkeypatch.setattr(local, "__file__", str(package / "examine" / "local.py"))
    with contextlib.closing(LocalLauncher("namespaces", hide=[package / "__pycache__"]).open()) as slot:
        one = talk_in(slot)("import os\ndef f(path): return os.path.exists(path)")
        assert [one.call("f", str(package / name)) for name in ("__init__.py", "__pycache__")] == [False, False]
        one.stop()


def test_where_namespaces_are_not_permitted_asking_for_them_is_an_error_and_root_runs_nothing_plainly():
    done = python(
        "from grader.errors import IsolationUnavailable",
        "from grader.examine.local import LocalLauncher",
        "from sandbox import calls, kernel",
        "kernel.no_new_privileges()",
        "kernel.filter_calls(calls.program())",
        "for wanted in ('namespaces', 'auto'):",
        "    try: slot = LocalLauncher(wanted).open()",
        "    except IsolationUnavailable as error: print(error)",
        "    else: print(slot.facts.isolation, slot.missing); slot.close()",
        "slot = LocalLauncher(own=True).open()",
        "print(slot.facts.isolation)",
        "slot.close()",
    )
    asked, auto, own = done.communicate()[0].splitlines()
    assert own == "plain"
    reason = "namespaces: this system does not permit it (unshare: Operation not permitted)"
    assert asked.startswith(f"This machine cannot set student code apart: {reason}. ")
    if os.geteuid() == 0:
        assert auto == f"This machine cannot set student code apart: {reason}. {AS_ROOT}"
    else:
        assert auto == f"plain {[reason]}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_gets_namespaces_through_a_user_namespace():
    from sandbox import calls

    assert calls.program()  # imported while this user may read it

    def leave():
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1)  # or /proc/self would still be root's
        apart.enter([])
        made, missing = confinement._isolation(namespaces=True)
        assert not missing
        confinement._session(made)
        assert not Path("/root/.bashrc").exists()
        assert not Path("/home").exists()
        assert os.getpid() == 1

    assert confinement.trial(leave) == ""


@pytest.mark.parametrize("isolation", ["auto", "plain"])
def test_a_grader_that_is_killed_leaves_no_process_and_no_file(isolation, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    host = python(
        "import time",
        "from grader.examine.local import LocalLauncher",
        "from sandbox.protocol.messages import Limits, Start",
        f"slot = LocalLauncher({isolation!r}).open()",
        "code = b'while True: pass'",
        "start = Start(1, [('a.py', len(code))], 'a.py', 'all', Limits(2**30, 32, 1000, 2**20, 1), 1000.0, 1000.0)",
        "slot.send(start, code)",
        "print(slot.facts.isolation, slot._process.pid, flush=True)",
        "time.sleep(1000)",
    )
    given, parent = host.stdout.readline().split()
    expected = 1 if given == "plain" else 2  # the driver; and before it the parent's inner process
    deadline = time.monotonic() + 60
    while len(session := below(parent)) < expected:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    host.kill()
    host.communicate()
    for pid in (parent, *session):
        until_gone(pid)
    assert list(tmp_path.iterdir()) == []


def test_a_parent_that_dies_is_a_lost_sandbox():
    slot = LocalLauncher("plain").open()
    slot._process.kill()
    slot._process.wait()
    with pytest.raises(SandboxLost, match="has ended"):
        slot.receive(60)
    with pytest.raises(SandboxLost, match="takes no more questions"):
        slot.send(Stop(1), bytes(10**7))
    slot.close()
    slot.close()


def test_a_slot_that_is_interrupted_while_it_opens_leaves_no_process(monkeypatch):
    def interrupted(self):
        raise SystemExit

    before = set(below(os.getpid()))
    monkeypatch.setattr(Stream, "ready", interrupted)
    with pytest.raises(SystemExit):
        LocalLauncher("auto").open()
    assert set(below(os.getpid())) <= before


def test_a_parent_that_says_nothing_is_a_lost_sandbox(plain_slot):
    with pytest.raises(SandboxLost, match="said nothing for 0 s"):
        plain_slot.receive(0.01)


@pytest.fixture
def plain_talkers(talk_in, monkeypatch, tmp_path):
    """Two plain slots, whose sessions' folders lie in `tmp_path`, and what begins those."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with contextlib.ExitStack() as ends:
        slots = [ends.enter_context(contextlib.closing(LocalLauncher("plain").open())) for _ in range(2)]
        yield [(slot, talk_in(slot)) for slot in slots]


def test_what_a_killed_parent_left_is_removed_and_what_another_is_at_stays(tmp_path, plain_talkers):
    (tmp_path / "grader-slot-link").symlink_to(tmp_path)
    (tmp_path / "grader-teaching").mkdir()
    (killed, first), (_, second) = plain_talkers
    for talk in (first, second):
        assert isinstance(talk("open('kept.txt', 'w').close()").imported, Imported)
    there = set(tmp_path.glob("grader-slot-????????"))
    assert len(there) == 2
    assert local.remove_orphans() == []
    killed._process.kill()
    killed._process.wait()
    first.last = None
    (left,) = local.remove_orphans()
    assert set(tmp_path.glob("grader-slot-????????")) == there - {left}
    second.last.stop()
    assert {path.name for path in tmp_path.iterdir()} == {"grader-slot-link", "grader-teaching"}


def test_a_submission_that_does_not_fit_on_its_disk_is_no_fault_of_its_own(talk_in):
    """None of its code has run by then."""
    with contextlib.closing(LocalLauncher("namespaces").open()) as slot:
        talk = talk_in(slot)
        with pytest.raises(SandboxLost) as raised:
            talk(files={"student_file.py": "", "a.csv": bytes(600_000), "b.csv": bytes(600_000)}, scratch_bytes=2**20)
        talk.last = None
    assert str(raised.value).endswith(
        "DriverLost: the driver ended with status 1 before it was ready (OSError: [Errno 28] No space left on device)"
    )


def test_a_session_is_shown_the_nodes_of_the_gpu_it_was_lent_and_without_one_none(talk_in, gpu):
    """A terminal's node stands in for a GPU's: any node that is not for everybody."""
    node = "/dev/ptmx"
    seen = []
    for lent in (Lent(gpu(nodes=(node, "/dev/nvidia-of-nobody"))), None):
        with contextlib.closing(LocalLauncher("namespaces", lent=lent).open()) as slot:
            one = talk_in(slot)("import os\ndef f(path): return [os.path.exists(path), os.access(path, os.W_OK)]")
            seen.append((one.call("f", node), slot.facts.device))
            one.stop()
    build = torch.__version__
    assert seen == [([True, True], f"NVIDIA H100 GPU-5a1b, driver 570.86, torch {build}"), ([False, False], "cpu")]


@pytest.mark.parametrize("isolation", ["plain", "namespaces"])
def test_a_gpu_that_does_not_work_is_found_before_any_code_of_a_students(isolation, gpu):
    """Nobody has a GPU of that name. One that is shared is not asked how much of its memory is in use."""
    with Slots(LocalLauncher(isolation, lent=Lent(gpu(), 2))) as slots, pytest.raises(SandboxLost) as caught:
        slots.open()
    assert str(caught.value).startswith("GPU 0 (NVIDIA H100, GPU-5a1b) does not work. The sandbox's parent process has")
    assert "DriverLost: the driver ended with status" in str(caught.value)


def test_a_gpu_that_the_driver_does_not_list_is_lost(gpu):
    with Slots(LocalLauncher("plain", lent=Lent(gpu()))) as slots, pytest.raises(SandboxLost) as caught:
        slots.open()
    assert str(caught.value).startswith("GPU 0 (NVIDIA H100, GPU-5a1b) cannot be used any more: ")


def test_a_gpu_is_tried_out_by_a_session_that_any_sandbox_can_hold(gpu, monkeypatch, talk_in):
    """Here without the GPU, so that all the rest of it is seen to work."""
    monkeypatch.setattr(Lent, "limit", None)
    with contextlib.closing(LocalLauncher("namespaces").open()) as slot:
        lending.try_out(slot, 1_000_000, Lent(gpu()))
        one = talk_in(slot)("def f(): return 1")
        assert one.call("f") == 1
        one.stop()
