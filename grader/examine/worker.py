"""A process on the trusted side that owns a slot and examines submissions by one suite.

Importing this module costs little: torch and pytest are imported in the worker's own process.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from dataclasses import dataclass, replace
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias

import msgspec

from grader.errors import InvalidLab, SandboxLost, SetupError
from grader.examine.engine import DockerLauncher
from grader.examine.gpus import Found, Gpu, Lent
from grader.examine.libraries import imported_for_good
from grader.examine.local import LocalLauncher
from grader.examine.slot import Launcher
from grader.labs import Course, Lab
from grader.model import Run, Submission

if TYPE_CHECKING:
    from grader.examine.examination import Examiner
    from grader.examine.slot import Slot
    from grader.examine.slots import Slots

PATIENCE: Final = 30.0
"""Seconds in which a machine that has lost a slot may give another: an engine that is restarted needs some."""
PAUSE: Final = 1.0
_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """All that a worker needs to know; travels to its process.

    Attributes:
        course: the course's folder.
        dataset: its name, see `datasets.named`.
        data: the folder that MNIST and Fashion-MNIST lie in.
        own: the code to examine is the operator's, as the bundled sample class is; see `LocalLauncher`.
        digest: the `suite_digest` that results are recorded under; "" where they are not.
        gpus: which are lent to submissions, one to each worker; a worker's own setup has one, or none.
        gpu_share: how many workers each is lent to.
        notes: what the operator should know of this setup, a sentence each.
    """

    course: Path
    lab: str
    suite: Literal["hidden", "public"]
    launcher: Literal["docker", "local"]
    isolation: Literal["warm", "container"]
    image: str
    dataset: str
    data: Path | None = None
    own: bool = False
    digest: str = ""
    gpus: tuple[Gpu, ...] = ()
    gpu_share: int = 1
    notes: tuple[str, ...] = ()

    def identity(self) -> str:
        """What student code runs with, for the run key.

        Raises:
            SetupError: no engine, no image.
        """
        return self.open_launcher().identity()

    def at_once(self, jobs: int) -> int:
        """How many of `jobs` workers there can be: where GPUs are lent, no more than have one."""
        return min(jobs, len(self.gpus) * self.gpu_share) if self.gpus else jobs

    def on(self, gpu: Gpu) -> Self:
        """The setup of a worker that has this GPU."""
        return replace(self, gpus=(gpu,))

    def open_launcher(self) -> Launcher:
        """What opens a worker's slots."""
        return self._launcher()

    def find_gpus(self) -> Found:
        """The GPUs that could be lent.

        Raises:
            SetupError: no engine, no image.
        """
        return self._launcher().gpus()

    def _launcher(self) -> LocalLauncher | DockerLauncher:
        lent = Lent(self.gpus[0], self.gpu_share) if self.gpus else None
        if self.launcher == "local":
            return LocalLauncher(hide=(self.course,), own=self.own, lent=lent)
        limits = Course(self.course).lab(self.lab).spec.limits
        return DockerLauncher(self.image, limits, self.isolation, lent)


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is asked for: to examine a submission.

    Attributes:
        salt: makes other questions of the same submission; "" for grading.
        last: it will not be tried again: what killed it within its limits each time is its own doing.
    """

    submission: Submission
    salt: str = ""
    last: bool = False


# ---------------------------------------------------------------- what a worker says


class Ready(msgspec.Struct, tag="ready", frozen=True):
    """The suite is loaded and a slot is open, the first or another after a loss; submissions may come.

    Attributes:
        missing: what of the isolation could not be had, in words.
    """

    missing: tuple[str, ...] = ()


class Done(msgspec.Struct, tag="done", frozen=True):
    """A submission has been examined."""

    run: Run


class Lost(msgspec.Struct, tag="lost", frozen=True):
    """Examining a submission, or opening a slot, failed on our side; it may be tried again."""

    why: str


class Unable(msgspec.Struct, tag="unable", frozen=True):
    """No submission can be examined, because of a `SetupError` of class `kind`."""

    kind: str
    text: str


FromWorker: TypeAlias = Ready | Done | Lost | Unable

encode: Final = msgspec.msgpack.Encoder().encode
from_worker: Final = msgspec.msgpack.Decoder(FromWorker)
_to_worker: Final = msgspec.msgpack.Decoder(Task)


# ---------------------------------------------------------------- a worker's life


def work(setup: WorkerSetup, pipe: Connection) -> None:
    """Examine what comes through `pipe`, until that or the main process ends."""
    _leave_interrupts_to_parent()
    _end_with_parent()
    with contextlib.suppress(EOFError, ConnectionError):
        try:
            _examine_all(setup, pipe)
        except SetupError as error:
            pipe.send_bytes(encode(Unable(type(error).__name__, str(error))))
        except Exception as error:  # noqa: BLE001  no memory for torch, for instance: ours, and not worth a traceback
            pipe.send_bytes(encode(_lost(error)))
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)  # there is nothing to close any more


def _examine_all(setup: WorkerSetup, pipe: Connection) -> None:
    with imported_for_good():
        import torch  # noqa: PLC0415  seconds; the main process does without

        from grader.examine.examination import with_suite  # noqa: PLC0415  as above
        from grader.examine.plugin import Dataset  # noqa: PLC0415  as above
        from grader.examine.slots import Slots  # noqa: PLC0415  as above

    torch.set_num_threads(1)
    lab = Course(setup.course).lab(setup.lab)
    suite = lab.hidden_suite if setup.suite == "hidden" else lab.public_suite

    def serve(examine: "Examiner") -> None:
        _check_unchanged(lab, setup)
        signal.signal(signal.SIGTERM, _leave)  # from here on there is something to close
        slots.open()
        said: Done | Lost | None = None
        while True:
            if not isinstance(said, Done):
                pipe.send_bytes(encode(Ready(tuple(_awaited(slots).missing))))
            said = _examined(examine, _to_worker.decode(pipe.recv_bytes()), slots)
            pipe.send_bytes(encode(said))

    with Slots(setup.open_launcher(), fresh=setup.isolation == "container") as slots:
        with_suite(lab, suite, serve, dataset=Dataset(setup.dataset, setup.data))


def _check_unchanged(lab: Lab, setup: WorkerSetup) -> None:
    """Compare the lab with what results are recorded under, now that the suite is loaded.

    Raises:
        InvalidLab: it was edited meanwhile, and no worker may grade by what others did not.
    """
    if setup.digest and lab.suite_digest(setup.dataset) != setup.digest:
        raise InvalidLab(
            f"The lab {lab.name} was changed while it was being graded. Run the same command again: it grades "
            "everybody by what the lab is now."
        )


def _awaited(slots: "Slots") -> "Slot":
    """The open slot, waiting for a machine that has lost it.

    Raises:
        SandboxLost: it gives no other.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return slots.open()
        except SandboxLost:
            if time.monotonic() > until:
                raise
        time.sleep(PAUSE)


def _examined(examine: "Examiner", task: Task, slots: "Slots") -> Done | Lost:
    try:
        return Done(examine(task.submission, slots, task.salt, may_be_ours=not task.last))
    except SetupError:
        raise
    except SandboxLost as error:
        return _lost(error)
    except Exception as error:  # noqa: BLE001  whatever it is, it is ours and not the student's
        slots.close()
        return _lost(error)


def _lost(error: Exception) -> Lost:
    return Lost(str(error) if isinstance(error, SandboxLost) else f"{type(error).__name__}: {error}")


def _leave(_signal: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: closing is not to be cut short
    sys.exit(0)  # unwinds, so that the slot is closed


def _leave_interrupts_to_parent() -> None:
    """The main process decides what Ctrl-C means; it is ignored here, and by what is started from here."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # `Pool` blocks it until it is ignored


def _end_with_parent() -> None:
    """Ask Linux for a SIGTERM when the main process dies; elsewhere the end of the pipe has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    parent = parent_process()
    if parent is not None and os.getppid() != parent.pid and sys.platform != "win32":
        sys.exit(0)  # it died before it was asked for
