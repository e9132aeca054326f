"""Slots in containers."""

import contextlib
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from socket import SHUT_RDWR, socket
from typing import TYPE_CHECKING, Any, Final, Literal

from grader.errors import GraderError, IsolationUnavailable
from grader.examine.engine import owners
from grader.examine.engine.client import connect, connected, id_of, translated
from grader.examine.engine.engines import Engine, engine_of
from grader.examine.stream import Stream, fill_from, take
from grader.labs import LimitSpec
from grader.model import SandboxFacts
from sandbox.protocol.frames import Buffer
from sandbox.protocol.messages import FromParent, ToParent

if TYPE_CHECKING:
    from docker import APIClient

Isolation = Literal["warm", "container"]

PARENT_BYTES: Final = 2**30
"""Room for the parent and the pages that a session copies of it."""
PARENT_TASKS: Final = 32
_MEGABYTE: Final = 2**20
_INODE_BYTES: Final = 16_384
_WORDS_MOST: Final = 4000
_STREAM_HEADER: Final = struct.Struct(">BxxxI")
_STDOUT: Final = 1
_CAPABILITIES: Final = {"warm": ["SYS_ADMIN", "SETUID", "SETGID", "KILL"], "container": ["SETUID", "SETGID", "KILL"]}
_CALLS: Final = Path(__file__).with_name("seccomp.json")
"""The system calls that a container's processes may make, in Docker's format; some are for SYS_ADMIN alone."""
_SANDBOX_ISOLATION: Final = {"warm": "namespaces", "container": "user"}


@dataclass(frozen=True, slots=True)
class DockerLauncher:
    """Opens slots in containers of `image`.

    Args:
        isolation: "warm": one container for many sessions, each in namespaces of its own; "container": a container for
            each, so that it needs no SYS_ADMIN.
    """

    image: str
    limits: LimitSpec
    isolation: Isolation = "warm"

    def identity(self) -> str:
        """The image's id.

        Raises:
            EngineUnreachable, ImageMissing: no engine, no image.
        """
        with connected() as client:
            return id_of(client, self.image)

    def open(self) -> "DockerSlot":
        """A slot whose parent has said `Ready`. Leftovers of graders that died are removed on the way.

        Raises:
            EngineUnreachable, ImageMissing: no engine, no image.
            IsolationUnavailable: a limit or a namespace did not take.
            SandboxLost: it did not come up.
        """
        owners.remove_orphans()
        slot = DockerSlot(self)
        if slot.missing:
            slot.close()
            raise IsolationUnavailable(
                f"The container engine does not give what a sandbox needs: {'; '.join(slot.missing)}. "
                "`grader sandbox doctor` says more."
            )
        return slot

    def host_config(self, client: "APIClient") -> Any:
        """What the engine is asked for."""
        from docker.types import LogConfig  # noqa: PLC0415 - see client

        scratch = self.limits.scratch_mb * _MEGABYTE
        tmpfs = f"rw,nosuid,nodev,size={scratch},nr_inodes={max(scratch // _INODE_BYTES, 1024)},mode=1777"
        memory, tasks = self.bounds()
        return client.create_host_config(
            network_mode="none",
            ipc_mode="private",
            read_only=True,
            tmpfs={"/tmp": tmpfs, "/dev/shm": tmpfs},  # noqa: S108 - in the container
            cap_drop=["ALL"],
            cap_add=_CAPABILITIES[self.isolation],
            security_opt=self._security(engine_of(client)),
            mem_limit=memory,
            memswap_limit=memory,
            pids_limit=tasks,
            log_config=LogConfig(type="none"),
            auto_remove=True,
        )

    def bounds(self) -> tuple[int, int]:
        """(bytes of memory, processes) of the container: the lab's, files in memory, and room for the parent."""
        memory = (self.limits.memory_mb + 2 * self.limits.scratch_mb) * _MEGABYTE + PARENT_BYTES
        return memory, self.limits.processes + PARENT_TASKS

    def command(self) -> list[str]:
        """The parent's arguments."""
        return ["--isolation", _SANDBOX_ISOLATION[self.isolation], "--limits", *map(str, self.bounds())]

    def _security(self, engine: Engine) -> list[str]:
        options = ["no-new-privileges", f"seccomp={_calls(engine)}"]
        if self.isolation == "warm" and engine.apparmor:
            options.append("apparmor=unconfined")  # its default profile forbids mount(), which SYS_ADMIN is here for
        return options


def _calls(engine: Engine) -> str:
    """The profile as the engine takes it: Docker its text, Podman the name of a file that it reads itself."""
    return str(_CALLS) if engine.product == "Podman" else json.dumps(json.loads(_CALLS.read_text(encoding="utf-8")))


class DockerSlot:
    """A running container.

    Attributes:
        missing: what of the isolation and the limits did not take.
    """

    def __init__(self, launcher: DockerLauncher) -> None:
        with translated(), contextlib.ExitStack() as undo:
            self._client = connect()
            undo.callback(self._client.close)
            image = id_of(self._client, launcher.image)
            self._container = str(self._create(launcher, image))
            undo.callback(owners.remove, self._client, self._container)
            self._attached = self._client.attach_socket(
                self._container, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            )
            undo.callback(self._hang_up)
            self._connection: socket = getattr(self._attached, "_sock", self._attached)
            output = _Output(self._connection)
            self._stream = Stream(self._connection, output.last_words, output.fill)
            self._client.start(self._container)
            ready = self._stream.ready()
            undo.pop_all()
        self.missing = ready.missing
        self.facts = SandboxFacts("docker", launcher.isolation, image)

    def _create(self, launcher: DockerLauncher, image: str) -> str:
        made = self._client.create_container(
            image,
            command=launcher.command(),
            stdin_open=True,
            hostname="sandbox",
            labels={owners.LABEL: owners.owner()},
            host_config=launcher.host_config(self._client),
        )
        return str(made["Id"])

    def send(self, message: ToParent, body: Buffer = b"") -> None:
        """See `Slot.send`."""
        self._stream.send(message, body)

    def receive(self, timeout: float) -> tuple[FromParent, Buffer]:
        """See `Slot.receive`."""
        return self._stream.receive(timeout)

    def close(self) -> None:
        """Remove the container. An engine that has gone meanwhile is no error: the next start removes what it left."""
        self._hang_up()
        with contextlib.suppress(GraderError), translated():
            owners.remove(self._client, self._container)
        self._client.close()

    def _hang_up(self) -> None:
        """End the stream, which ends the parent."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(SHUT_RDWR)
        self._connection.close()
        self._attached.close()


class _Output:
    """The container's stdout, taken out of the stream that it shares with stderr."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._left = 0
        self._words = bytearray()

    def fill(self, view: memoryview, until: float) -> None:
        """Fill `view` from stdout, collecting stderr on the way."""
        while view:
            if not self._left:
                self._next_chunk(until)
                continue
            count = take(self._connection, view[: self._left], until)
            self._left -= count
            view = view[count:]

    def last_words(self) -> str:
        """The end of stderr."""
        return self._words.decode("utf-8", "replace")

    def _next_chunk(self, until: float) -> None:
        header = bytearray(_STREAM_HEADER.size)
        fill_from(self._connection, memoryview(header), until)
        stream, size = _STREAM_HEADER.unpack(header)
        if stream == _STDOUT:
            self._left = size
            return
        said = bytearray(size)
        fill_from(self._connection, memoryview(said), until)
        self._words = (self._words + said)[-_WORDS_MOST:]
