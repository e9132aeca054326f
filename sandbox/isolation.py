"""Setting a session's process apart: from the machine, from its parent, and from every other session.

`enter` runs in the forked child, before any code of a student, and ends with nothing left to give up: no capability, no
way to new privileges, a filter on system calls. Whatever of it fails raises, and the child ends.
"""

import errno
import os
import random
import resource
import socket
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox import kernel
from sandbox.limits import limit_files
from sandbox.protocol.messages import Limits

INODE_BYTES: Final = 16_384
"""One file may be created for so many bytes of scratch space."""
PRIVATE: Final = ("/tmp", "/dev/shm")  # noqa: S108 - being made private is what happens to them here
"""The folders that every session has to itself."""
_FOLDER: Final = "/tmp"  # noqa: S108 - the session's own
_UIDS: Final = range(10_000, 2**31)


@dataclass(frozen=True, slots=True)
class Isolation:
    """What every session of a parent gets.

    Attributes:
        namespaces: private pid, mount, ipc and uts namespaces; else the container around the parent has to do.
        uids: user ids to choose each session's from; empty where this process cannot take another one.
        others: threads that count against the same user's limit where there is no id of its own.
        calls: the seccomp program; empty where there is no libseccomp, which the host is told.
        kept: (where it can be seen always, where it belongs) of folders that a private folder would hide.
    """

    namespaces: bool
    uids: range
    others: int
    calls: bytes
    kept: tuple[tuple[Path, Path], ...] = ()

    def fork(self) -> int:
        """Like `os.fork`; the child is the first process of a pid namespace where there are namespaces."""
        if not self.namespaces:
            return os.fork()
        here = os.open("/proc/self/ns/pid", os.O_RDONLY)
        try:
            kernel.unshare(kernel.CLONE_NEWPID)
            child = os.fork()
            if child:
                kernel.setns(here, kernel.CLONE_NEWPID)
        finally:
            os.close(here)
        return child

    def enter(self, limits: Limits) -> None:
        """Set this process, just forked, apart."""
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="utf-8")
        if self.namespaces:
            _private_mounts(limits.scratch_bytes)
            show_kept(self.kept)
        os.chdir(_FOLDER)
        tempfile.tempdir = os.environ["TMPDIR"] = os.environ["HOME"] = _FOLDER
        limit_files(limits.scratch_bytes)
        tasks = limits.processes + (0 if self.uids else self.others)
        resource.setrlimit(resource.RLIMIT_NPROC, (tasks, tasks))
        kernel.empty_bounding_set()  # before the user changes, which takes the right to
        if self.uids:
            _become(random.SystemRandom().choice(self.uids))
        kernel.drop_capabilities()
        kernel.no_new_privileges()
        kernel.die_with_parent()
        if self.calls:
            kernel.filter_calls(self.calls)


def possible_uids() -> range:
    """The user ids that this process may give to sessions, as far as its user namespace has them."""
    if os.geteuid() != 0:
        return range(0)
    first, _, count = max(
        (tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text("utf-8").splitlines()),
        key=lambda row: row[2],
    )
    return range(max(first, _UIDS.start), min(first + count, _UIDS.stop))


def _private_mounts(scratch_bytes: int) -> None:
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS)
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    size = f"size={scratch_bytes},nr_inodes={max(scratch_bytes // INODE_BYTES, 1024)},mode=1777"
    apart = kernel.MS_NOSUID | kernel.MS_NODEV
    for folder in PRIVATE:
        kernel.mount("tmpfs", folder, "tmpfs", apart, size)
    if Path("/dev/mqueue").exists():  # it shows the queues of the namespace it was mounted in, to every session
        kernel.mount("tmpfs", "/dev/mqueue", "tmpfs", apart | kernel.MS_RDONLY | kernel.MS_NOEXEC, "nr_inodes=1")
    kernel.mount("proc", "/proc", "proc", apart | kernel.MS_NOEXEC | kernel.MS_RDONLY)
    socket.sethostname("sandbox")


def show_kept(kept: Iterable[tuple[Path, Path]]) -> None:
    """Show folders again that a mount has just hidden; they stay as read-only as they are."""
    for source, path in kept:
        path.mkdir(parents=True, exist_ok=True)
        kernel.mount(str(source), str(path), flags=kernel.MS_BIND | kernel.MS_REC)


def _become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def reason(error: Exception) -> str:
    """Why something could not be had, in words."""
    if isinstance(error, OSError) and error.errno in {errno.EPERM, errno.EACCES}:
        return f"this system does not permit it ({error.strerror})"
    return str(error) or type(error).__name__
