"""Slots on this machine, without a container engine: a student's laptop, or a machine that has none."""

import hashlib
import os
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import IO, Final, Literal

from grader.errors import IsolationUnavailable, SandboxLost
from grader.examine import gpus, sources
from grader.examine.gpus import Found, Lent
from grader.examine.stream import Stream
from grader.model import SandboxFacts
from sandbox import devices, links, scratch
from sandbox.protocol.frames import Buffer
from sandbox.protocol.messages import FromParent, ToParent

_PACKAGES: Final = ("torch", "torchvision", "numpy")
_ACCEPT: Final = "Use a container engine, or accept less with isolation “auto”."
_CLOSE_SECONDS: Final = 10.0
_WINDOWS: Final = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "NUMBER_OF_PROCESSORS")
"""What Windows' own libraries look for, sockets and random numbers among them."""


class LocalLauncher:
    """Opens slots on this machine.

    Args:
        isolation: "namespaces" refuses where they cannot be had, "auto" takes what there is, except that nobody else's
            code runs plainly as root.
        hide: folders that student code must not see even where they lie within Python's own; the rest of the machine
            is out of sight with namespaces anyway.
        own: the code is this user's, as in a student's pre-check.
        lent: the GPU that sessions get. Without namespaces, nothing hides others but a variable that code may set.
    """

    def __init__(
        self,
        isolation: Literal["auto", "namespaces", "plain"] = "auto",
        hide: Iterable[Path] = (),
        *,
        own: bool = False,
        lent: Lent | None = None,
    ) -> None:
        self._isolation = isolation
        self._lent = lent
        self._own = own
        package = Path(__file__).parents[1].resolve()
        beside = (path for path in hide if not path.resolve().is_relative_to(package))  # the bundled course is in it
        self._hide = (package, *beside)

    def identity(self) -> str:
        """The local versions and a digest that covers the sandbox's own code; torch is not imported for it."""
        versions = ["python " + sys.version.split()[0], *(f"{name} {metadata.version(name)}" for name in _PACKAGES)]
        software = "\n".join(versions).encode() + sources.labelled(sources.modules())
        return f"local:{hashlib.sha256(software).hexdigest()[:12]} {', '.join(versions)}"

    def gpus(self) -> Found:
        """The GPUs of this machine."""
        return gpus.found(devices.aside())

    def open(self) -> "LocalSlot":
        """A slot whose parent has said `Ready`. Leftovers of parents that were killed are removed on the way.

        Raises:
            IsolationUnavailable: what was asked for cannot be had, or student code would run as root.
            SandboxLost: it did not come up.
        """
        remove_orphans()
        slot = self._begun()
        as_root = _is_root() and slot.facts.isolation == "plain" and not self._own and self._isolation != "plain"
        if as_root or (self._isolation == "namespaces" and slot.missing):
            slot.close()
            raise IsolationUnavailable(
                f"This machine cannot set student code apart: {'; '.join(slot.missing)}. "
                + ("It would run as root: be another user, or use a container engine." if as_root else _ACCEPT)
            )
        return slot

    def _begun(self) -> "LocalSlot":
        """A slot; for one's own work a plain one where namespaces do not show all of Python's libraries.

        They show Python's own folders; libraries may lie elsewhere, behind PYTHONPATH or links that an installer made.
        """
        try:
            return LocalSlot(self._command(), self.identity(), self._lent, own=self._own)
        except SandboxLost:
            if not self._own or self._isolation == "plain":
                raise
            return LocalSlot(["--isolation", "plain"], self.identity(), self._lent, own=True)

    def _command(self) -> list[str]:
        if self._isolation == "plain":
            return ["--isolation", "plain"]
        hidden = [argument for path in self._hide for argument in ("--hide", str(path))]
        shown = [argument for node in (self._lent.gpu.nodes if self._lent else ()) for argument in ("--node", node)]
        return ["--isolation", "namespaces", "--machine", *hidden, *shown]


class LocalSlot:
    """A parent process of this one.

    Attributes:
        missing: what of the isolation asked for could not be had.
    """

    def __init__(self, options: list[str], identity: str, lent: Lent | None = None, *, own: bool = False) -> None:
        self._words: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        command = ["-m", "sandbox.parent", "--linked", *options]
        try:
            self._process, ours = links.start(command, output=self._words, cwd=os.sep, env=_environment(own=own))
        except OSError as error:
            told = self._last_words()
            self._words.close()
            raise SandboxLost(f"The sandbox's parent process did not start: {error}. {told[-800:]}".strip()) from error
        self._contained = False
        self._stream = Stream(ours, self._last_words)
        try:
            ready = self._stream.ready()
        except BaseException:  # whatever it is, a request to end for instance
            self._process.kill()  # no student's code runs in it yet, and it hears of its end only after its imports
            self.close()
            raise
        self.missing = ready.missing
        self._contained = ready.isolation != "plain"
        self.lent = lent
        place = lent.place(ready.versions["torch build"]) if lent else "cpu"
        self.facts = SandboxFacts("local", ready.isolation, identity, place)

    def send(self, message: ToParent, *body: Buffer) -> None:
        """See `Slot.send`."""
        self._stream.send(message, *body)

    def receive(self, timeout: float) -> tuple[FromParent, Buffer]:
        """See `Slot.receive`."""
        return self._stream.receive(timeout)

    def close(self) -> None:
        """End the parent. A plain one has to kill what runs in it first; else the kernel does that when it dies."""
        self._stream.close()
        if self._contained:
            self._process.kill()
        try:
            self._process.wait(_CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._words.close()

    def _last_words(self) -> str:
        self._words.seek(0)
        return self._words.read().decode("utf-8", "replace")


def remove_orphans() -> list[Path]:
    """Remove the folders of sessions whose parent was killed; returns where they lay."""
    return scratch.remove_orphans()


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _environment(*, own: bool) -> dict[str, str]:
    """All that student code may know of this process's environment. Each session gets a home of its own.

    Args:
        own: it is one's own work, which may have libraries where PYTHONPATH says.
    """
    libraries = [os.environ["PYTHONPATH"]] if own and os.environ.get("PYTHONPATH") else []
    kept = {name: os.environ[name] for name in _WINDOWS if name in os.environ}
    return kept | {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": os.pathsep.join([str(sources.FOLDER.parent), *libraries]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "PYTHONUSERBASE": site.getuserbase(),
        "TMPDIR": tempfile.gettempdir(),
        "HOME": "/nonexistent",
        "USER": "student",
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
