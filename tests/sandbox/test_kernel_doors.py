"""Doors into the kernel, the network and the machine, tried from inside."""

import errno
import platform
import socket
import threading
from pathlib import Path

import pytest

PROBE = """
import ctypes, errno, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    return libc.syscall(number, *arguments), ctypes.get_errno()
def family(number):
    try:
        socket.socket(number, socket.SOCK_DGRAM if number != socket.AF_VSOCK else socket.SOCK_STREAM).close()
    except OSError as error:
        return error.errno
    return 0
def status():
    return dict(line.split(':\\t', 1) for line in open('/proc/self/status').read().splitlines())
"""

X86_64 = {
    "ptrace": 101,
    "unshare": 272,
    "setns": 308,
    "mount": 165,
    "umount2": 166,
    "pivot_root": 155,
    "process_vm_readv": 310,
    "keyctl": 250,
    "add_key": 248,
    "request_key": 249,
    "bpf": 321,
    "perf_event_open": 298,
    "io_uring_setup": 425,
    "userfaultfd": 323,
    "open_by_handle_at": 304,
    "kexec_load": 246,
    "open_tree": 428,
    "fsopen": 430,
    "memfd_create": 319,
    "shmget": 29,
}


@pytest.fixture
def probe(talk):
    return talk(PROBE)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the calls are those of x86_64")
@pytest.mark.parametrize("name", X86_64)
def test_a_call_that_no_lab_needs_is_not_permitted(probe, name):
    assert probe.call("call", X86_64[name], 0, 0, 0, 0, 0) == (-1, errno.EPERM)


def test_clone_makes_no_namespace_and_clone3_does_not_exist(probe):
    for flag in (0x10000000, 0x20000000, 0x40000000, 0x00020000, 0x08000000, 0x04000000, 0x02000000):
        assert probe.call("call", 56, flag | 17, 0, 0, 0, 0) == (-1, errno.EPERM)
    assert probe.call("call", 435, 0, 0) == (-1, errno.ENOSYS)


@pytest.mark.parametrize("name", ["AF_INET", "AF_INET6", "AF_VSOCK", "AF_ALG", "AF_NETLINK", "AF_PACKET"])
def test_families_beyond_unix_are_not_permitted(probe, name):
    assert probe.call("family", int(getattr(socket, name))) == errno.EPERM


def test_nothing_is_privileged(probe):
    status = probe.call("status")
    assert {status[key] for key in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0000000000000000"}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert 0 not in map(int, status["Uid"].split())
    assert status["Groups"].strip() == ""


def test_each_session_has_a_user_of_its_own(talk):
    uids = []
    for _ in range(2):
        uids.append(talk("import os\ndef f(): return os.getuid()").call("f"))
        talk.close()
    assert len(set(uids)) == 2


def test_a_listener_on_this_machine_counts_no_connection(talk):
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_server(("::1", 0), family=socket.AF_INET6) as six,
    ):
        heard = []

        def listen(listener):
            try:
                heard.append(listener.accept())
            except OSError:
                return

        threads = [threading.Thread(target=listen, args=(each,)) for each in (server, six)]
        for thread in threads:
            thread.start()
        one = talk(
            "import socket\n"
            "def f(host, port):\n"
            "    try: socket.create_connection((host, port), timeout=2).close()\n"
            "    except OSError as error: return error.errno\n"
        )
        refused = [one.call("f", "127.0.0.1", server.getsockname()[1]), one.call("f", "::1", six.getsockname()[1])]
        for listener, thread in zip((server, six), threads, strict=True):
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
    assert heard == []
    assert all(refused)


def test_the_machine_is_out_of_sight(talk, tmp_path):
    (tmp_path / "grades.db").write_text("secret")
    here = Path(__file__).resolve()
    one = talk("import os\ndef f(path): return os.path.exists(path)\ndef env(): return dict(os.environ)")
    for path in (tmp_path / "grades.db", here, here.parents[2] / "pyproject.toml", Path("/var/run/docker.sock")):
        assert path.exists() or path.name == "docker.sock"
        assert one.call("f", str(path)) is False


def test_the_parents_memory_and_streams_are_out_of_reach(talk):
    one = talk(
        "import os\n"
        "def f(): return sorted(os.listdir('/proc/self/fd'), key=int), os.getppid()\n"
        "def kill():\n"
        "    try: os.kill(-1, 0)\n"
        "    except OSError as error: return error.errno\n"
        "def score(): return os.system('echo 0 > /proc/self/oom_score_adj')\n"
    )
    descriptors, parent = one.call("f")
    assert descriptors[:4] == ["0", "1", "2", "3"]
    assert len(descriptors) == 5  # the fifth is the listing's own
    assert parent == 0
    assert one.call("kill") == errno.ESRCH
    assert one.call("score") != 0


def test_only_the_sessions_own_folders_can_be_written(talk):
    one = talk(
        "import os, sys\n"
        "def f():\n"
        "    found = []\n"
        "    for top in ['/', *os.listdir('/')]:\n"
        "        top = '/' + top.strip('/')\n"
        "        if top in ('/proc', '/sys', '/tmp'): continue\n"
        "        for folder, below, _ in os.walk(top):\n"
        "            if folder.count('/') > 3: below.clear()\n"
        "            if top == '/': below.clear()\n"
        "            if os.access(folder, os.W_OK): found.append(folder)\n"
        "    return sorted(set(found))\n"
    )
    assert one.call("f") == ["/dev/shm"]
