"""Doors into the kernel, tried as a container's parent: it has the container's profile and no filter of its own."""

import dataclasses
import json
import platform
from pathlib import Path

import docker
import pytest

from grader.examine.engine import DockerLauncher, inside
from grader.examine.engine.engines import Engine
from grader.labs import LimitSpec

on_x86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the calls are those of x86_64")
pytestmark = [pytest.mark.docker, on_x86_64]

LIMITS = LimitSpec(call_seconds=10, memory_mb=64, scratch_mb=16, processes=20)
SHUT = {"EPERM", "ENOSYS"}
BAD = 8  # an address where nothing is

CALLS = {
    "init_module": (175, BAD, 8, BAD),
    "finit_module": (313, -1, BAD, 0),
    "delete_module": (176, BAD, 0),
    "kexec_load": (246, 0, 0, BAD, 0),
    "kexec_file_load": (320, -1, -1, 0, BAD, 0),
    "bpf": (321, 0, BAD, 8),
    "perf_event_open": (298, BAD, 0, 0, -1, 0),
    "userfaultfd": (323, -1),
    "io_uring_setup": (425, 0, BAD),
    "io_uring_enter": (426, -1, 0, 0, 0, 0, 0),
    "io_uring_register": (427, -1, 0, BAD, 0),
    "keyctl": (250, 0, -3, 0),
    "add_key": (248, BAD, BAD, BAD, 0, 0),
    "request_key": (249, BAD, BAD, BAD, 0),
    "open_by_handle_at": (304, -1, BAD, 0),
    "name_to_handle_at": (303, -1, BAD, BAD, BAD, 0),
    "ptrace": (101, 16, 2**26, 0, 0),
    "process_vm_readv": (310, 2**26, BAD, 1, BAD, 1, 0),
    "process_vm_writev": (311, 2**26, BAD, 1, BAD, 1, 0),
    "process_madvise": (440, -1, BAD, 1, 0, 0),
    "pidfd_getfd": (438, -1, 0, 0),
    "kcmp": (312, 2**26, 2**26, 0, 0, 0),
    "settimeofday": (164, BAD, 0),
    "clock_settime": (227, 0, BAD),
    "adjtimex": (159, BAD),
    "clock_adjtime": (305, 0, BAD),
    "swapon": (167, BAD, 0),
    "swapoff": (168, BAD),
    "reboot": (169, 0, 0, 0, BAD),
    "quotactl": (179, -1, BAD, 0, BAD),
    "acct": (163, BAD),
    "syslog": (103, 3, BAD, 8),
    "fanotify_init": (300, -1, 0),
    "iopl": (172, 0),
    "modify_ldt": (154, 0, BAD, 8),
    "personality": (135, 0xFFFFFFFF),
    "move_pages": (279, 0, 1, BAD, BAD, BAD, 0),
    "memfd_create": (319, BAD, 0),
    "shmget": (29, 0, 0, 0),
    "io_setup": (206, 0, BAD),
    "mq_open": (240, BAD, 0, 0, 0),
    "chroot": (161, BAD),
    "pivot_root": (155, BAD, BAD),
    "umount2": (166, BAD, 0),
    "mount, plainly": (165, BAD, BAD, BAD, 0, 0),
    "mount, to bind": (165, BAD, BAD, BAD, 0x1000, 0),
    "mount, again": (165, BAD, BAD, BAD, 0x20, 0),
    "mount, with devices": (165, BAD, BAD, BAD, 2, 0),
    "open_tree": (428, -1, BAD, 0),
    "move_mount": (429, -1, BAD, -1, BAD, 0),
    "fsopen": (430, BAD, 0),
    "fsconfig": (431, -1, 0, BAD, BAD, 0),
    "fsmount": (432, -1, 0, 0),
    "fspick": (433, -1, BAD, 0),
    "mount_setattr": (442, -1, BAD, 0, BAD, 0),
    "setns, a network": (308, -1, 0x40000000),
    "setns, anything": (308, -1, 0),
    "unshare, users": (272, 0x10000000),
    "unshare, networks": (272, 0x40000000),
    "unshare, control groups": (272, 0x02000000),
    "unshare, times": (272, 0x80),
    "unshare, users among others": (272, 0x10000000 | 0x20000000),
    "clone, users": (56, 0x10000000 | 17, 0, 0, 0, 0),
    "clone, mounts": (56, 0x00020000 | 17, 0, 0, 0, 0),
    "clone3": (435, 0, 0),
    "a socket of AF_NETLINK": (41, 16, 3, 0),
    "a socket of AF_PACKET": (41, 17, 3, 0),
    "a socket of AF_ALG": (41, 38, 5, 0),
    "a socket of AF_VSOCK": (41, 40, 1, 0),
    "a pair of sockets of AF_TIPC": (53, 30, 1, 0, BAD),
}
"""What is tried -> the call's number and arguments, with which it can do no harm where it is let through."""
FOR_WARM = {
    "unshare, mounts": (272, 0x00020000),
    "unshare, pids": (272, 0x20000000),
    "setns, a pid": (308, -1, 0x20000000),
    "mount, a tmpfs": (165, BAD, BAD, BAD, 6, 0),
    "sethostname": (170, BAD, 8),
}
"""What the parent of a warm container needs, and no other one."""
HARDLY_TOLD = {"userfaultfd", "reboot", "acct", "syslog", "a socket of AF_PACKET"}
"""What another lock, a capability that the container has not or a setting of the kernel, shuts with the same word."""
NOT_EVERYWHERE = {"init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "iopl"}
NOT_EVERYWHERE |= {"a socket of AF_ALG", "a pair of sockets of AF_TIPC", "a socket of AF_VSOCK"}
"""What a kernel may have been built without."""

PROBE = """
import ctypes, errno, json, os, signal
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def tried(number, *arguments):
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(30)
        done = libc.syscall(number, *map(ctypes.c_long, arguments))
        os.write(writing, b'done' if done >= 0 else errno.errorcode[ctypes.get_errno()].encode())
        os._exit(0)
    os.close(writing)
    told = os.read(reading, 100).decode()
    os.close(reading)
    _, status = os.waitpid(child, 0)
    return told or signal.Signals(-os.waitstatus_to_exitcode(status)).name
print(json.dumps({name: tried(*call) for name, call in CALLS.items()}))
"""


@dataclasses.dataclass(frozen=True)
class Unconfined(DockerLauncher):
    """Opens containers without a profile."""

    def _security(self, engine):
        options = super()._security(engine)
        return ["seccomp=unconfined" if each.startswith("seccomp=") else each for each in options]


@pytest.fixture
def found(docker_image):
    """What comes of calls, tried as the parent of a container: `found(launcher, isolation, calls)`."""
    client = docker.from_env().api

    def look(launcher, isolation, calls):
        program = f"CALLS = {calls!r}\n{PROBE}"
        return json.loads(inside.output_of(client, launcher(docker_image, LIMITS, isolation), program))

    yield look
    client.close()


@pytest.mark.parametrize("isolation", ["warm", "container"])
def test_a_containers_parent_finds_every_door_shut(found, isolation):
    tried = found(DockerLauncher, isolation, CALLS)
    assert {name: told for name, told in tried.items() if told not in SHUT} == {}
    assert tried["clone3"] == "ENOSYS"  # anything else, and libc would not fall back on clone


def test_without_the_profile_the_same_probe_finds_them_open(found):
    tried = found(Unconfined, "warm", CALLS)
    shut = {name for name, told in tried.items() if told in SHUT}
    assert shut <= HARDLY_TOLD | NOT_EVERYWHERE
    assert set(CALLS) >= HARDLY_TOLD | NOT_EVERYWHERE


def test_what_makes_namespaces_is_there_for_the_warm_parent_alone(found):
    assert set(found(DockerLauncher, "container", FOR_WARM).values()) == {"EPERM"}
    assert found(DockerLauncher, "warm", FOR_WARM) == {
        "unshare, mounts": "done",
        "unshare, pids": "done",
        "setns, a pid": "EBADF",
        "mount, a tmpfs": "EFAULT",
        "sethostname": "EFAULT",
    }


def test_calls_in_the_manner_of_another_machine_end_the_process(found):
    of_x32 = {"getpid": (0x40000000 | 39,)}
    assert found(DockerLauncher, "warm", of_x32) == {"getpid": "SIGSYS"}


def test_a_call_that_is_newer_than_the_profile_does_not_exist(found):
    assert found(DockerLauncher, "warm", {"not yet": (999,)}) == {"not yet": "ENOSYS"}


def test_docker_gets_the_profile_and_podman_its_name(docker_image):
    launcher = DockerLauncher(docker_image, LIMITS)
    docker_, podman = (
        Engine.of({"Components": [{"Name": name}]}, {"SecurityOptions": []}) for name in ("Engine", "Podman Engine")
    )
    _, inline = launcher._security(docker_)
    _, named = launcher._security(podman)
    profile = json.loads(inline.removeprefix("seccomp="))
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert json.loads(Path(named.removeprefix("seccomp=")).read_text("utf-8")) == profile
