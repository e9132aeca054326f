"""Whose container is whose: a label names the process that opened it, so that leftovers of a dead one can be told."""

import contextlib
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from grader.examine.engine.client import connected

if TYPE_CHECKING:
    from docker import APIClient

LABEL: Final = "grader.owner"
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_PROCESSES: Final = Path("/proc/self/ns/pid")


class Orphan(NamedTuple):
    """A container, and the process that opened it and has ended."""

    container: str
    process: int


def owner() -> str:
    """This process: machine, boot, pid and start time."""
    return " ".join((_machine(), _boot(), str(os.getpid()), _started(os.getpid())))


def is_gone(label: str) -> bool:
    """Whether the process that `label` names has ended. False where that cannot be known: it ran on another machine."""
    match label.split(" "):
        case [machine, boot, pid, started] if machine == _machine() and pid.isdecimal():
            return boot != _boot() or _started(int(pid)) != started
    return False


def orphans(client: "APIClient") -> list[Orphan]:
    """The containers whose owner is gone."""
    found = client.containers(all=True, filters={"label": LABEL})
    labels = {str(each["Id"]): str(each["Labels"][LABEL]) for each in found}
    return [Orphan(id_, int(label.split(" ")[2])) for id_, label in labels.items() if is_gone(label)]


def remove_orphans() -> list[Orphan]:
    """Remove the containers whose owner is gone; returns what they were.

    Raises:
        EngineUnreachable: no engine answers.
    """
    with connected() as client:
        found = orphans(client)
        for each in found:
            remove(client, each.container)
        return found


def remove(client: "APIClient", container: str) -> None:
    """Remove a container and wait until it is gone, whoever else is removing it."""
    from docker import errors  # noqa: PLC0415 - see client

    with contextlib.suppress(errors.NotFound):
        try:
            client.remove_container(container, force=True, v=True)
        except errors.APIError as error:
            if error.status_code != 409:  # HTTP conflict: it is being removed already
                raise
            client.wait(container, condition="removed")


def _machine() -> str:
    """Where processes have such numbers: containers may be called alike, and number theirs each for itself."""
    numbering = _PROCESSES.stat().st_ino if _PROCESSES.exists() else "-"
    return f"{socket.gethostname()}/{numbering}"


def _boot() -> str:
    return _BOOT.read_text(encoding="utf-8").strip() if _BOOT.exists() else "-"


def _started(pid: int) -> str:
    """When a process started, in the kernel's ticks; "gone" if there is none, "-" where it cannot be told."""
    if not _BOOT.exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return "gone"
        return "-"
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19].decode()
    except (FileNotFoundError, ProcessLookupError):
        return "gone"
