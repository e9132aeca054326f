"""What Linux lets a parent give its sessions, tried out before anything is promised."""

import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

from sandbox import apart, forked, isolation
from sandbox.isolation import Isolation
from sandbox.processes import of_linux
from sandbox.protocol.messages import Limits
from sandbox.setting import Setting, plain

_TRIAL: Final = Limits(memory_bytes=2**30, processes=64, output_bytes=1, scratch_bytes=2**20, threads=1)
_FINE: Final = b"fine"


def in_container(*, namespaces: bool) -> Setting:
    """Sessions in a container that is there already.

    Args:
        namespaces: a session gets its own; else its own user id only.
    """
    made, missing = _isolation(namespaces=namespaces)
    refused = trial(lambda: _session(made))
    if refused:
        return plain([f"a process of its own for each session: {refused}"])
    return _setting(made, missing, confined=True)


def on_machine(hidden: Iterable[Path], nodes: Iterable[Path] = ()) -> Setting:
    """Sessions on a machine without a container; the parent leaves the machine before it returns, where it may.

    Args:
        hidden: folders to cover.
        nodes: device files to take along: those of the GPU that is lent.
    """
    hidden, nodes = list(hidden), list(nodes)
    others = of_linux.tasks_on_machine()

    def leave() -> None:
        kept = apart.enter(hidden, nodes)
        _session(_isolation(namespaces=True, others=others, kept=kept)[0])

    refused = trial(leave)
    if refused:
        return plain([f"namespaces: {refused}"])
    kept = apart.enter(hidden, nodes)
    made, missing = _isolation(namespaces=True, others=others, kept=kept)
    return _setting(made, missing, confined=False)


def _setting(made: Isolation, missing: list[str], *, confined: bool) -> Setting:
    name = "namespaces" if made.namespaces else "user"
    return Setting(partial(forked.start, made), name, missing, warm=True, confined=confined)


def trial(work: Callable[[], None], fork: Callable[[], int] = os.fork) -> str:
    """Why `work` fails, tried in a forked process; "" if it does not."""
    reading, writing = os.pipe()
    child = fork()
    if child == 0:
        try:
            work()
            os.write(writing, _FINE)
        except Exception as error:  # noqa: BLE001 - every reason is as good
            os.write(writing, isolation.reason(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as report:  # noqa: PTH123 - a descriptor
        told = report.read()
    os.waitpid(child, 0)
    return "" if told == _FINE else told.decode() or "the process that tried it died"


def _session(made: Isolation) -> None:
    """Set a child apart as each session is. Raises if that fails."""
    refused = trial(lambda: made.enter(_TRIAL), made.fork)
    if refused:
        raise RuntimeError(refused)


def _isolation(
    *, namespaces: bool, others: int = 0, kept: tuple[tuple[Path, Path], ...] = ()
) -> tuple[Isolation, list[str]]:
    try:
        from sandbox import calls  # noqa: PLC0415 - it needs libseccomp, which may be missing

        program, missing = calls.program(), []
    except (ImportError, OSError, RuntimeError) as error:
        program, missing = b"", [f"a filter on system calls: {isolation.reason(error)}"]
    return Isolation(namespaces, isolation.possible_uids(), others, program, kept), missing
