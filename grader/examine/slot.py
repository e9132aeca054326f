"""What an examination asks of a launcher: a place to run student code in, and a stream to it."""

from typing import Protocol

from grader.examine.gpus import Lent
from grader.model import SandboxFacts
from sandbox.protocol.frames import Buffer
from sandbox.protocol.messages import FromParent, ToParent


class Slot(Protocol):
    """One warm parent, in a container or on this machine. Serves one session at a time.

    Attributes:
        missing: what of the isolation asked for could not be had, in words.
        lent: the GPU that its sessions have; None for none.
    """

    facts: SandboxFacts
    lent: Lent | None
    missing: list[str]

    def send(self, message: ToParent, *body: Buffer) -> None:
        """Send one frame.

        Args:
            body: its bulk, in parts: hundreds of megabytes are not copied to be put together.

        Raises:
            SandboxLost: the stream is gone.
        """

    def receive(self, timeout: float) -> tuple[FromParent, Buffer]:
        """The next frame, waiting at most `timeout` seconds of wall time.

        Raises:
            SandboxLost: nothing came, the stream ended, or it broke the protocol.
        """

    def close(self) -> None:
        """Remove the slot and all that ran in it. May be called twice."""


class Launcher(Protocol):
    """Opens slots."""

    def identity(self) -> str:
        """What student code will run with, for the run key: an image id, or the local versions.

        Raises:
            SetupError: no engine, no image.
        """

    def open(self) -> Slot:
        """A slot whose parent has said `Ready`.

        Raises:
            SetupError: no engine, no image, a limit that did not take.
            SandboxLost: it did not come up.
        """
