"""Leaving the machine, where no container is around the parent.

No network, no other process in sight, and a root that holds Python and its libraries, read-only, and nothing else.

As root directly; as anybody else through a user namespace, where the system permits those.
"""

import os
import site
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NoReturn

from sandbox import kernel
from sandbox.isolation import PRIVATE, show_kept

_SYSTEM: Final = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/sys/devices/system/cpu"),
    *("/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime"),
)
_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_LINKS: Final = {"/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0", "/dev/stdout": "/proc/self/fd/1"}
_OLD: Final = "/old"
_KEPT: Final = Path("/kept")
"""Where what lies below a private folder can be seen always."""
_STAGE: Final = "/tmp"  # noqa: S108 - any folder that always exists: covered, and uncovered again, in a private namespace
_UID: Final = 10_000
"""What the only user of an unprivileged user namespace is called inside."""


def enter(hidden: Iterable[Path], nodes: Iterable[Path] = ()) -> tuple[tuple[Path, Path], ...]:
    """Leave the machine; returns in a new process, the first of its pid namespace.

    Args:
        hidden: folders to cover where they lie within Python's own, for example a course in site-packages.
        nodes: device files to show beside those that everybody needs.

    Returns:
        `Isolation.kept`: Python's folders below a private one, for example an environment in /tmp.

    Raises:
        OSError: the system does not permit it; nothing has changed for the files' root, all else is to be given up.
    """
    uid, gid = os.geteuid(), os.getegid()
    if uid != 0:
        kernel.unshare(kernel.CLONE_NEWUSER)
        Path("/proc/self/setgroups").write_text("deny", encoding="utf-8")
        Path("/proc/self/uid_map").write_text(f"{_UID} {uid} 1", encoding="utf-8")
        Path("/proc/self/gid_map").write_text(f"{_UID} {gid} 1", encoding="utf-8")
    kernel.unshare(
        kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
    )
    inner = os.fork()
    if inner:
        _wait(inner)
    kernel.die_with_parent()
    return _new_root(python_folders(), [path.resolve() for path in hidden], list(nodes))


def python_folders() -> list[Path]:
    """Where Python, its packages and this one lie."""
    user = [Path(site.getusersitepackages())] if site.ENABLE_USER_SITE else []
    prefixes = [Path(sys.base_prefix), Path(sys.prefix), Path(sys.executable).resolve().parents[1], *user]
    return [path for path in (*prefixes, Path(__file__).parent) if os.access(path, os.R_OK | os.X_OK)]


def _wait(inner: int) -> NoReturn:
    """Stand for the inner process until it ends, without holding its streams open."""
    os.closerange(0, 65_536)
    _, status = os.waitpid(inner, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _new_root(python: list[Path], hidden: list[Path], nodes: list[Path]) -> tuple[tuple[Path, Path], ...]:
    wanted = {path: path.resolve() for path in (*map(Path, (*_SYSTEM, *_DEVICES)), *nodes) if path.exists()}
    for path in python:
        wanted |= {path: path.resolve(), path.resolve(): path.resolve()}
    links = {path: path.readlink() for path in list(wanted) if path.is_symlink() and path.parent == Path("/")}
    private = sorted(path for path in wanted if any(path.is_relative_to(place) for place in PRIVATE))
    kept = tuple((_KEPT / str(number), path) for number, path in enumerate(private))
    shown = [(path, wanted[path]) for path in sorted(wanted) if path not in links and path not in private]
    shown += [(place, wanted[path]) for place, path in kept]
    covered = {place / path.relative_to(source) for place, source in shown for path in hidden if _below(path, source)}

    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", _STAGE, "tmpfs", kernel.MS_NOSUID, "mode=0755,size=1m")
    Path(_STAGE + _OLD).mkdir()
    kernel.pivot_root(_STAGE, _STAGE + _OLD)
    os.chdir("/")
    os.umask(0o022)
    for path, target in links.items():
        path.symlink_to(target)
    for place, source in shown:
        if not _exists(place):
            _show(Path(_OLD + str(source)), place)
    for place in sorted(covered):
        kernel.mount("tmpfs", str(place), "tmpfs", kernel.MS_RDONLY, "mode=0000,size=4k")
    _own_folders()
    show_kept(kept)
    kernel.unmount(_OLD)
    Path(_OLD).rmdir()
    kernel.mount("none", "/", flags=kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID)
    return kept


def _below(folder: Path, source: Path) -> bool:
    """Whether what is shown of `source` has this folder in it."""
    return folder.is_relative_to(source) and folder.is_dir()


def _exists(path: Path) -> bool:
    """Whether an earlier folder brought `path` along."""
    return path.exists() and any(path.iterdir() if path.is_dir() else [path])


def _show(source: Path, path: Path) -> None:
    """Show `source`, of the old root, at `path`, read-only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        path.mkdir(exist_ok=True)
    else:
        path.touch()
    kernel.mount(str(source), str(path), flags=kernel.MS_BIND | kernel.MS_REC)
    kept = os.statvfs(path).f_flag & (kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    flags = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kept
    kernel.mount("none", str(path), flags=flags)


def _own_folders() -> None:
    for path in ("/proc", *PRIVATE):
        Path(path).mkdir(parents=True, exist_ok=True)
    for path, target in _LINKS.items():
        Path(path).symlink_to(target)
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    for path in PRIVATE:  # the parent's; a session covers them
        kernel.mount("tmpfs", path, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=0755,size=64m")
