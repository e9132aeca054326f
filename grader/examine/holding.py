"""GPUs that this process lends, so that no other grader of the machine lends them meanwhile.

A GPU is held by a lock on a folder that all users can reach. The kernel releases it when the process ends, however that
comes about. A folder, since a user's file there could not be opened by another, and since what tidies up leaves locked
folders alone.
"""

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from grader.examine.gpus import Gpu

FOLDERS: Final = (Path("/run/lock"), Path("/tmp"))  # noqa: S108 - each user's own would keep users from seeing it
"""Where locks may lie: the first that takes one, of those in which everybody may write. It is the same for all."""
_EVERYBODY: Final = 0o1777
_READABLE: Final = 0o755
_held: dict[str, int] = {}
_one_look: Final = threading.Lock()


def hold(gpu: Gpu) -> str:
    """Hold a GPU until this process ends; says in a clause why that cannot be, else "". May be asked for again."""
    with _one_look:
        return "" if gpu.uuid in _held else _hold(gpu)


def release() -> None:
    """Hold none any more."""
    while _held:
        os.close(_held.popitem()[1])


def _hold(gpu: Gpu) -> str:
    if sys.platform == "win32":
        return ""
    import fcntl  # noqa: PLC0415 - Unix alone has it

    try:
        path = _made(f"grader-{gpu.uuid.replace('/', '-')}")
        if path is None:
            return ""
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        return f"whether another grader lends GPU {gpu} cannot be told ({error.filename}: {error.strerror})"
    with suppress(OSError):  # it is another user's, who did this
        os.fchmod(lock, _READABLE)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        told = _holder(os.fstat(lock).st_ino)
        os.close(lock)
        return f"GPU {gpu} is lent by another grader{told}"
    _held[gpu.uuid] = lock
    return ""


def _made(name: str) -> Path | None:
    """What is to be locked: there already, or made in the first place that takes it; None where no place is for all.

    Raises:
        OSError: no place takes it.
    """
    trouble = None
    for path in (folder / name for folder in FOLDERS if _is_everybodys(folder)):
        try:
            path.mkdir()
        except FileExistsError:
            return path
        except OSError as error:  # a system that is read-only, for one
            trouble = error
        else:
            return path
    if trouble:
        raise trouble
    return None


def _is_everybodys(folder: Path) -> bool:
    return folder.is_dir() and folder.stat().st_mode & _EVERYBODY == _EVERYBODY


def _holder(number: int) -> str:
    """Which process has a lock on what has this number, as far as the kernel tells."""
    with suppress(OSError):
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            words = line.split()  # 1: FLOCK ADVISORY WRITE 4711 00:1a:815 0 EOF
            if words[1] == "FLOCK" and words[5].endswith(f":{number}"):
                return f" (process {words[4]})"
    return ""
