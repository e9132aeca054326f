"""Folders of sessions whose files no mount takes along: made, removed, and found again where a parent was killed."""

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

if sys.platform == "win32":
    import psutil
else:
    import fcntl

_NAME: Final = "grader-slot-"
"""What the name of such a folder begins with; short, as students' code makes sockets in it."""
_UNLOCKED: Final = "grader-new-"


class Scratch:
    """A folder for one session, known to be somebody's as long as this process lives.

    It is locked. Windows locks no folder: there, its name tells the number of this process.

    Attributes:
        path: has its name only once it is locked, so that one without a lock is nobody's.
    """

    def __init__(self) -> None:
        if sys.platform == "win32":
            self.path = Path(tempfile.mkdtemp(prefix=f"{_NAME}{os.getpid()}-"))
        else:
            made = Path(tempfile.mkdtemp(prefix=_UNLOCKED))
            self._lock = os.open(made, os.O_RDONLY)
            with contextlib.suppress(OSError):  # where a file system has no locks, nobody can take it for an orphan
                fcntl.flock(self._lock, fcntl.LOCK_EX)
            self.path = made.rename(made.with_name(made.name.replace(_UNLOCKED, _NAME)))

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if sys.platform != "win32":
            os.close(self._lock)


def remove_orphans() -> list[Path]:
    """Remove the folders of parents that were killed; returns where they lay."""
    found = [path for path in Path(tempfile.gettempdir()).glob(f"{_NAME}*") if _is_orphan(path)]
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return found


if sys.platform == "win32":

    def _is_orphan(path: Path) -> bool:
        """Whether its maker has ended. Each user has a folder for such folders, so it is this user's."""
        number = path.name.removeprefix(_NAME).partition("-")[0]
        return number.isdecimal() and not psutil.pid_exists(int(number))

else:

    def _is_orphan(path: Path) -> bool:
        """Whether it is a folder of this user's that nobody holds locked; False where that cannot be known."""
        try:
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return False
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return os.fstat(folder).st_uid == os.geteuid()
        except OSError:
            return False
        finally:
            os.close(folder)
