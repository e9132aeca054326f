"""The kernel calls that Python 3.11 has no function for, by ctypes. Linux only; each raises OSError."""

import ctypes
import os
from typing import Any, Final

CLONE_NEWNS: Final = 0x0002_0000
CLONE_NEWCGROUP: Final = 0x0200_0000
CLONE_NEWUTS: Final = 0x0400_0000
CLONE_NEWIPC: Final = 0x0800_0000
CLONE_NEWUSER: Final = 0x1000_0000
CLONE_NEWPID: Final = 0x2000_0000
CLONE_NEWNET: Final = 0x4000_0000

MS_RDONLY: Final = 0x1
MS_NOSUID: Final = 0x2
MS_NODEV: Final = 0x4
MS_NOEXEC: Final = 0x8
MS_REMOUNT: Final = 0x20
MS_BIND: Final = 0x1000
MS_REC: Final = 0x4000
MS_PRIVATE: Final = 0x4_0000
MNT_DETACH: Final = 0x2

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_SECCOMP: Final = 22
_PR_CAPBSET_DROP: Final = 24
_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_CLEAR_ALL: Final = 4
_SECCOMP_MODE_FILTER: Final = 2
_CAPABILITY_VERSION: Final = 0x2008_0522
_CAPABILITY_LAST: Final = 63
_BPF_INSTRUCTION: Final = 8
_MADV_COLLAPSE: Final = 25

_libc: Final = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: Any) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _prctl(option: int, argument: Any = 0, second: Any = 0) -> None:
    as_long = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in (argument, second, 0, 0)]
    _call("prctl", option, *as_long)


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` for new ones."""
    _call("unshare", flags)


def setns(descriptor: int, kind: int) -> None:
    """Enter the namespace that `descriptor` refers to."""
    _call("setns", descriptor, kind)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount something, or change how `target` is mounted. Raises OSError that names the target."""
    flags_, options_ = ctypes.c_ulong(flags), options.encode() or None
    try:
        _call("mount", os.fsencode(source), os.fsencode(target), kind.encode() or None, flags_, options_)
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror} ({target})") from None


def unmount(target: str) -> None:
    """Detach what is mounted at `target`."""
    _call("umount2", os.fsencode(target), MNT_DETACH)


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root, and leave the old one at `old` below it."""
    _call("pivot_root", os.fsencode(new), os.fsencode(old))


def die_with_parent() -> None:
    """Have this process killed when its parent dies. Changing the uid undoes it."""
    _prctl(_PR_SET_PDEATHSIG, 9)


def adopt_orphans() -> None:
    """Become the parent of this process's descendants whose own parent dies."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def no_new_privileges() -> None:
    """Let no executable give more rights than this process has."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def empty_bounding_set() -> None:
    """Let no executable give any capability, where that is permitted; else no_new_privileges has to do."""
    for capability in range(_CAPABILITY_LAST + 1):
        try:
            _prctl(_PR_CAPBSET_DROP, capability)
        except OSError:
            break


def drop_capabilities() -> None:
    """Give up every capability."""
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())


def collapse(address: int, size: int) -> None:
    """Move memory into huge pages. Linux 6.1 and newer."""
    _call("madvise", ctypes.c_void_p(address), ctypes.c_size_t(size), _MADV_COLLAPSE)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def filter_calls(program: bytes) -> None:
    """Load a seccomp filter, given as BPF instructions."""
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(_Program(len(program) // _BPF_INSTRUCTION, program)))
