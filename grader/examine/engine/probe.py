"""What a container gives the process in it, read from inside.

This file is run in a container as it stands, so it needs nothing but Python; it prints `Seen` as JSON. Kernels show
limits in files: of control groups version 1 in a folder for each controller, of version 2 in one for all.
"""

import ctypes
import dataclasses
import errno
import json
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

GROUPS: Final = Path("/sys/fs/cgroup")
FOLDERS: Final = ("/tmp", "/dev/shm")  # noqa: S108 - looked at, not written to
_OF_THE_KERNEL: Final = {"proc", "sysfs", "devpts", "mqueue", "cgroup", "cgroup2"}
"""File systems that hold no files of anybody's."""
_UNLIMITED: Final = 2**60
"""Version 1 shows no limit as a number of bytes beyond every machine's."""
_SHUT: Final = {errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT}
_CLONE_NEWUSER: Final = 0x1000_0000
_CLONE_NEWNET: Final = 0x4000_0000
_MS_BIND: Final = 0x1000
_PTRACE_ATTACH: Final = 16
_NOBODY: Final = 2**26
"""No process has this id."""
_IO_URING_SETUP: Final = 425
"""On every machine: newer calls have the same number on all of them."""
_AF_NETLINK: Final = 16
_AF_VSOCK: Final = 40
_UP: Final = 1


@dataclasses.dataclass(frozen=True)
class Scratch:
    """A folder for files: bytes and files that it has room for, and whether it is nosuid and nodev."""

    size: int
    files: int
    plain: bool


@dataclasses.dataclass(frozen=True)
class Seen:
    """What was found.

    Attributes:
        machine_user: what the machine calls the container's root.
        capabilities: effective ones, a bit for each.
        seccomp: 0 no filter, 2 a filter.
        open_doors: what the filter should refuse and did not.
        cgroup_version: 0 where no control group is in sight.
        limits: "memory" and "swap" in bytes and "processes"; None is no limit, and what is not there is not counted.
        processors: how many can be used at once.
        machine_swap: bytes that the machine may swap.
        elsewhere: file systems beside `FOLDERS` that every user may write to.
        apparmor: the profile that is in force; "" where AppArmor is not loaded.
        interfaces: to a network, as far as they are up, without the loopback.
        gpus: nodes of GPUs in /dev.
    """

    user: int
    machine_user: int
    capabilities: int
    no_new_privileges: bool
    seccomp: int
    open_doors: list[str]
    cgroup_version: int
    limits: dict[str, int | None]
    processors: float
    machine_swap: int
    read_only: bool
    scratch: dict[str, Scratch]
    elsewhere: list[str]
    apparmor: str
    interfaces: list[str]
    gpus: list[str]


def look() -> Seen:
    """Look at everything; nothing is changed."""
    status = _table(Path("/proc/self/status"))
    version = cgroup_version(GROUPS)
    return Seen(
        user=os.geteuid(),
        machine_user=int(Path("/proc/self/uid_map").read_text(encoding="utf-8").split()[1]),
        capabilities=int(status["CapEff"], 16),
        no_new_privileges=status["NoNewPrivs"] == "1",
        seccomp=int(status["Seccomp"]),
        open_doors=[name for name, door in _doors().items() if _is_open(door)],
        cgroup_version=version,
        limits=limits(GROUPS, version),
        processors=min(float(len(os.sched_getaffinity(0))), processors(GROUPS, version)),
        machine_swap=int(_table(Path("/proc/meminfo"))["SwapTotal"].split()[0]) * 1024,
        read_only=bool(os.statvfs("/").f_flag & os.ST_RDONLY),
        scratch={folder: _scratch(folder) for folder in FOLDERS},
        elsewhere=_elsewhere(Path("/proc/self/mounts")),
        apparmor=_apparmor(Path("/proc/self/attr/apparmor/current")),
        interfaces=_interfaces(Path("/sys/class/net")),
        gpus=gpus(Path("/dev")),
    )


def cgroup_version(groups: Path) -> int:
    """The version of the control groups at `groups`."""
    if (groups / "cgroup.controllers").exists():
        return 2
    return 1 if (groups / "memory").exists() or (groups / "pids").exists() else 0


def limits(groups: Path, version: int) -> dict[str, int | None]:
    """`Seen.limits`."""
    if version == 2:
        files = {"memory": "memory.max", "swap": "memory.swap.max", "processes": "pids.max"}
    else:
        files = {
            "memory": "memory/memory.limit_in_bytes",
            "swap": "memory/memory.memsw.limit_in_bytes",
            "processes": "pids/pids.max",
        }
    found = {what: _limit(groups / name) for what, name in files.items() if (groups / name).exists()}
    both, memory = found.get("swap"), found.get("memory")
    if version == 1 and both is not None and memory is not None:
        found["swap"] = both - memory  # version 1 counts the two together
    return found


def processors(groups: Path, version: int) -> float:
    """How many processors' time the control group may use."""
    if version == 2 and (groups / "cpu.max").exists():
        quota, period = (groups / "cpu.max").read_text(encoding="utf-8").split()
        return float("inf") if quota == "max" else int(quota) / int(period)
    if version == 1 and (groups / "cpu/cpu.cfs_quota_us").exists():
        files = (groups / "cpu" / f"cpu.cfs_{each}_us" for each in ("quota", "period"))
        share, whole = (int(file.read_text(encoding="utf-8")) for file in files)
        return float("inf") if share < 0 else share / whole
    return float("inf")


def _limit(path: Path) -> int | None:
    text = path.read_text(encoding="utf-8").strip()
    return None if text == "max" or int(text) > _UNLIMITED else int(text)


def _table(path: Path) -> dict[str, str]:
    rows = (line.partition(":") for line in path.read_text(encoding="utf-8").splitlines())
    return {name: value.strip() for name, _, value in rows}


def _scratch(folder: str) -> Scratch:
    found = os.statvfs(folder)
    plain = os.ST_NOSUID | os.ST_NODEV
    return Scratch(found.f_blocks * found.f_frsize, found.f_files, found.f_flag & plain == plain)


def _elsewhere(mounts: Path) -> list[str]:
    rows = (line.split() for line in mounts.read_text(encoding="utf-8").splitlines())
    on_top = {row[1]: row[2] not in _OF_THE_KERNEL and "rw" in row[3].split(",") for row in rows}
    return sorted(
        name for name, writable in on_top.items() if writable and name not in {"/", *FOLDERS} and _is_open_folder(name)
    )


def _is_open_folder(name: str) -> bool:
    mode = Path(name).stat().st_mode
    return stat.S_ISDIR(mode) and bool(mode & stat.S_IWOTH)  # a GPU runtime mounts sockets, too


def gpus(devices: Path) -> list[str]:
    """`Seen.gpus`: those of NVIDIA, of Windows, and of everybody else's drivers."""
    names = (each.name for each in devices.iterdir())
    found = [name for name in names if name in {"dxg", "kfd"} or name.removeprefix("nvidia").isdigit()]
    return sorted(found) + sorted(f"dri/{each.name}" for each in devices.glob("dri/render*"))


def _apparmor(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:  # it is there, and cannot be read, in a kernel that could have AppArmor and has it not on
        return ""


def _interfaces(folder: Path) -> list[str]:
    flags = {each.name: int((each / "flags").read_text(encoding="utf-8"), 16) for each in folder.iterdir()}
    return sorted(name for name, flag in flags.items() if flag & _UP and name != "lo")


def _doors() -> dict[str, Callable[[], int]]:
    """What to try, so that it does nothing even where it is let through: each returns 0, or -1 and `errno`."""
    libc = ctypes.CDLL(None, use_errno=True)
    return {
        "user namespaces": lambda: libc.unshare(_CLONE_NEWUSER),
        "network namespaces": lambda: libc.unshare(_CLONE_NEWNET),
        "mounts that bind": lambda: libc.mount(None, None, None, ctypes.c_ulong(_MS_BIND), None),
        "tracing": lambda: libc.ptrace(_PTRACE_ATTACH, _NOBODY, None, None),
        "personalities": lambda: libc.personality(ctypes.c_ulong(0xFFFF_FFFF)),
        "io_uring": lambda: libc.syscall(ctypes.c_long(_IO_URING_SETUP), 0, None),
        "netlink sockets": lambda: libc.socket(_AF_NETLINK, int(socket.SOCK_RAW), 0),
        "vsock sockets": lambda: libc.socket(_AF_VSOCK, int(socket.SOCK_STREAM), 0),
    }


def _is_open(door: Callable[[], int]) -> bool:
    """Whether a door can be gone through, tried by a process that ends afterwards."""
    child = os.fork()
    if child == 0:
        shut = door() == -1 and ctypes.get_errno() in _SHUT
        os._exit(0 if shut else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


if __name__ == "__main__":
    print(json.dumps(dataclasses.asdict(look())))
