"""Slots in containers, and what a grader leaves of them."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import docker
import pytest

from grader.errors import ImageMissing, IsolationUnavailable, SetupError
from grader.examine.engine import DockerLauncher, build_image, image, owners, remove_orphans
from grader.labs import LimitSpec

pytestmark = pytest.mark.docker
ROOT = Path(__file__).parents[2]
SMALL = LimitSpec(call_seconds=10, memory_mb=64, scratch_mb=16, processes=20)


@pytest.fixture
def engine(docker_image):
    client = docker.from_env().api
    yield client
    client.close()


def containers(engine, pid=None):
    """Ids of the graders' containers, or of those that process `pid` of this machine opened."""
    found = engine.containers(all=True, filters={"label": owners.LABEL})
    here = owners.owner().split(" ")[:2]
    return {
        each["Id"] for each in found if pid is None or each["Labels"][owners.LABEL].split(" ")[:3] == [*here, str(pid)]
    }


def until(condition):
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_slot_says_where_it_runs_and_with_what(docker_slot, docker_image):
    assert docker_slot.facts.launcher == "docker"
    assert docker_slot.facts.isolation == "warm"
    assert docker_slot.facts.image == docker_image
    assert DockerLauncher(docker_image, SMALL).identity() == docker_image


def test_a_container_for_each_submission_needs_no_administrator(docker_image, talk_in, engine):
    before = containers(engine, os.getpid())
    slot = DockerLauncher(docker_image, SMALL, "container").open()
    with contextlib.closing(slot):
        assert slot.facts.isolation == "container"
        (opened,) = containers(engine, os.getpid()) - before
        asked = engine.inspect_container(opened)["HostConfig"]
        assert "SYS_ADMIN" not in asked["CapAdd"]
        one = talk_in(slot)(
            "import os, socket, time\n"
            "def f(x): return x + 1\n"
            "def me(): return os.getuid(), open('/proc/self/status').read()\n"
            "def alg():\n"
            "    try: socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)\n"
            "    except OSError as error: return error.errno\n"
            "def signal_parent():\n"
            "    try: os.kill(1, 9)\n"
            "    except OSError as error: return error.errno\n"
            "def escape():\n"
            "    if not os.fork():\n"
            "        os.setsid()\n"
            "        time.sleep(1000)\n"
            "    return 1\n"
            "def loop():\n    while True: pass\n"
        )
        assert one.call("f", 1) == 2
        uid, status = one.call("me")
        assert uid >= 10_000
        assert "CapEff:\t0000000000000000" in status
        assert "NoNewPrivs:\t1" in status
        assert one.call("alg") == 1
        assert one.call("signal_parent") == 1
        assert one.call("escape") == 1
        assert one.call("loop", cpu=0.3).cause == "cpu"
    assert opened not in containers(engine)


def test_the_container_is_bounded_and_has_nothing_but_a_loopback(docker_slot, talk_in, engine):
    one = talk_in(docker_slot)(
        "import os\n"
        "def f():\n"
        "    first = lambda *paths: next(open(p).read().strip() for p in paths if os.path.exists(p))\n"
        "    memory = first('/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes')\n"
        "    pids = first('/sys/fs/cgroup/pids.max', '/sys/fs/cgroup/pids/pids.max')\n"
        "    return int(memory), int(pids), sorted(os.listdir('/sys/class/net')), os.statvfs('/').f_flag & 1\n"
    )
    memory, pids, interfaces, read_only = one.call("f")
    assert memory == (1024 + 2 * 64) * 2**20 + 2**30
    assert pids == 64 + 32
    assert interfaces == ["lo"]
    assert read_only == 1


def test_memory_beyond_the_containers_limit_is_told_from_a_crash(docker_image, talk_in):
    slot = DockerLauncher(docker_image, SMALL).open()
    with contextlib.closing(slot):
        talk = talk_in(slot)
        one = talk("def f(): return len(b'x' * 2**33)", memory_bytes=2**35)
        assert one.call("f").cause == "memory"
        after = talk("def f(): return 1")
        assert after.call("f") == 1
        after.stop()


def test_a_container_that_may_not_mount_is_refused(docker_image, monkeypatch):
    command = DockerLauncher.command
    monkeypatch.setattr(DockerLauncher, "command", lambda self: [*command(self), "--isolation", "namespaces"])
    with pytest.raises(IsolationUnavailable, match="does not permit it"):
        DockerLauncher(docker_image, SMALL, "container").open()


def test_a_grader_that_is_killed_leaves_no_container(docker_image, engine):
    program = (
        "import sys, time\n"
        "from grader.examine.engine import DockerLauncher\n"
        "from grader.labs import LimitSpec\n"
        "slot = DockerLauncher(sys.argv[1], LimitSpec(call_seconds=10)).open()\n"
        "print('open', flush=True)\n"
        "time.sleep(1000)"
    )
    host = subprocess.Popen([sys.executable, "-c", program, docker_image], cwd=ROOT, stdout=subprocess.PIPE)
    assert host.stdout.readline() == b"open\n"
    assert len(containers(engine, host.pid)) == 1
    host.kill()
    host.communicate()
    until(lambda: not containers(engine, host.pid))


def test_containers_of_the_dead_are_removed_and_those_of_the_living_are_not(docker_image, engine):
    host, boot, _, _ = owners.owner().split(" ")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    labels = {
        "dead": f"{host} {boot} {ended.pid} 1",
        "before the restart": f"{host} another-boot 1 1",
        "alive": owners.owner(),
        "elsewhere": "another-machine boot 1 1",
    }
    made = {
        name: engine.create_container(docker_image, labels={owners.LABEL: label})["Id"]
        for name, label in labels.items()
    }
    try:
        remove_orphans()
        left = containers(engine)
        assert {name for name, id_ in made.items() if id_ in left} == {"alive", "elsewhere"}
    finally:
        for id_ in made.values():
            owners.remove(engine, id_)


def test_an_image_that_is_not_there_says_what_to_run(docker_image):
    for attempt in (DockerLauncher("grader-sandbox:none", SMALL).identity, DockerLauncher("none:none", SMALL).open):
        with pytest.raises(ImageMissing, match="Run `grader sandbox build`"):
            attempt()


def test_the_image_is_built_from_its_context_once_and_says_what_it_does(engine, monkeypatch):
    tag = "grader-sandbox:built-by-a-test"
    recipe = b"FROM scratch\nARG BASE\nLABEL base=$BASE\n"
    monkeypatch.setattr(image, "image_tag", lambda: tag)
    monkeypatch.setattr(image, "_context", lambda: {"sandbox/Dockerfile": recipe})
    lines = []
    built = build_image(lines.append, base="this one")
    try:
        assert engine.inspect_image(tag)["Config"]["Labels"] == {"base": "this one"}
        assert any("FROM scratch" in line for line in lines)
        told = len(lines)
        assert build_image(lines.append, base="this one") == built
        assert len(lines) == told
    finally:
        engine.remove_image(tag)


@pytest.mark.parametrize("recipe", [b"FROM scratch\nCOPY nothing /\n", b"FROM UPPER CASE\n", b"NONSENSE\n"])
def test_a_build_that_fails_is_a_sentence(docker_image, monkeypatch, recipe):
    monkeypatch.setattr(image, "image_tag", lambda: "grader-sandbox:never-built")
    monkeypatch.setattr(image, "_context", lambda: {"sandbox/Dockerfile": recipe})
    with pytest.raises(SetupError) as caught:
        build_image(lambda _: None)
    assert str(caught.value).startswith(("The sandbox image could not be built: ", "The container engine refused: "))


HOARD = """
import socket, time
kept = []
try:
    while True:
        for each in socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM):
            kept.append(each)
            each.setblocking(False)
            try:
                while True: each.send(b"x" * 60_000)
            except BlockingIOError: pass
except OSError: pass
time.sleep(60)
"""
DEAR = f"""
import ctypes, os, subprocess, sys, time
def f():
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
    open("/proc/self/oom_score_adj", "w").write("0")
    for _ in range(40): subprocess.Popen([sys.executable, "-S", "-E", "-c", {HOARD!r}])
    time.sleep(60)
"""


def test_memory_that_runs_out_is_the_sessions_though_the_kernel_should_kill_its_parent(docker_image, talk_in):
    limits = LimitSpec(call_seconds=60, memory_mb=64, scratch_mb=24, processes=60)
    slot = DockerLauncher(docker_image, limits, "container").open()
    try:
        assert talk_in(slot)(DEAR, memory_bytes=64 * 2**20, processes=60).call("f").cause == "memory"
    finally:
        slot.close()
