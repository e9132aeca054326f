"""The system calls that a student's process may not make, as a seccomp program.

The list is of doors into the kernel that no lab needs: namespaces, mounts, other processes' memory, keyrings, bpf,
perf, io_uring, sockets but those between processes of one session. A call is answered with EPERM, not with death: a
library that tries and falls back works.
"""

import errno
import tempfile
from typing import Final

import pyseccomp

from sandbox import kernel

_FORBIDDEN: Final = (
    *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsconfig"),
    *("fsmount", "fspick", "mount_setattr", "open_by_handle_at", "name_to_handle_at", "quotactl", "swapon", "swapoff"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise"),
    *("keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd", "fanotify_init", "lookup_dcookie"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register", "kexec_load", "kexec_file_load", "reboot", "syslog"),
    *("init_module", "finit_module", "delete_module", "acct", "settimeofday", "clock_settime"),
    *("memfd_create", "memfd_secret", "shmget"),  # memory that no process's own size tells of
)
_NAMESPACES: Final = (
    kernel.CLONE_NEWNS,
    kernel.CLONE_NEWCGROUP,
    kernel.CLONE_NEWUTS,
    kernel.CLONE_NEWIPC,
    kernel.CLONE_NEWUSER,
    kernel.CLONE_NEWPID,
    kernel.CLONE_NEWNET,
)
_UNIX: Final = 1
"""The only family of sockets: even on a loopback without a network, ports that were in use are seen by the next one."""


def program() -> bytes:
    """The filter, compiled."""
    filter_ = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    denied = pyseccomp.ERRNO(errno.EPERM)
    for name in _FORBIDDEN:
        if pyseccomp.resolve_syscall(pyseccomp.system_arch(), name) >= 0:  # an older libseccomp knows fewer names
            filter_.add_rule(denied, name)
    for flag in _NAMESPACES:
        filter_.add_rule(denied, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    filter_.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags lie in memory, so libc has to use clone
    for call in ("socket", "socketpair"):
        filter_.add_rule(denied, call, pyseccomp.Arg(0, pyseccomp.NE, _UNIX))
    with tempfile.TemporaryFile() as file:
        filter_.export_bpf(file)
        file.seek(0)
        return file.read()
