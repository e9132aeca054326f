"""Slots in containers."""

import contextlib
import functools
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from select import select
from socket import SHUT_RDWR, socket
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from grader.errors import EngineUnreachable, GraderError, ImageMissing, IsolationUnavailable, SandboxLost
from grader.examine import gpus
from grader.examine.engine import findings, inside, owners, probe
from grader.examine.engine.client import connect, connected, id_of, translated
from grader.examine.engine.engines import Engine, engine_of
from grader.examine.engine.findings import CAPABILITIES, Asked, Facts, Isolation
from grader.examine.engine.output import Output
from grader.examine.gpus import Found, Lent
from grader.examine.stream import READY_SECONDS, Stream
from grader.labs import LimitSpec
from grader.model import SandboxFacts
from sandbox import devices
from sandbox.protocol.frames import Buffer
from sandbox.protocol.messages import Ended, FromParent, Measure, ToParent

if TYPE_CHECKING:
    from docker import APIClient

PARENT_BYTES: Final = 2**30
"""Room for the parent and the pages that a session copies of it."""
PARENT_TASKS: Final = 32
_ASK_SECONDS: Final = 10
"""Wall time after which an engine is asked whether it still answers, while nothing comes from a container."""
_TOLD_SECONDS: Final = 2
"""How long the engine may take to learn that the kernel killed something."""
_MEGABYTE: Final = 2**20
_PLAIN: Final = "nosuid,nodev,noexec"
_CALLS: Final = Path(__file__).with_name("seccomp.json")
"""The system calls that a container's processes may make, in Docker's format; some are for SYS_ADMIN alone."""
_SANDBOX_ISOLATION: Final = {"warm": "namespaces", "container": "user"}


@dataclass(frozen=True, slots=True)
class DockerLauncher:
    """Opens slots in containers of `image`.

    Args:
        isolation: "warm": one container for many sessions, each in namespaces of its own; "container": a container for
            each, so that it needs no SYS_ADMIN.
        lent: the GPU that containers get, and no other; None for none.
    """

    image: str
    limits: LimitSpec
    isolation: Isolation = "warm"
    lent: Lent | Literal["all"] | None = None

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
        facts = self.look()
        if refused := findings.refusal(facts):
            raise IsolationUnavailable(refused)
        slot = DockerSlot(self)
        if refused := findings.refusal(replace(facts, missing=slot.missing)):
            slot.close()
            raise IsolationUnavailable(refused)
        return slot

    @functools.cache  # noqa: B019 - a launcher is a value, and there are few: what one is given does not change
    def look(self) -> Facts:
        """What the engine says and what a container of this launcher's shows; looked at once in a process.

        Raises:
            EngineUnreachable, ImageMissing: no engine, no image.
            SandboxLost: a container did not run.
        """
        printed = self.printed(probe.__file__)
        return Facts(self.asked(), self.engine(), seen=msgspec.json.decode(printed, type=probe.Seen))

    def gpus(self) -> Found:
        """The GPUs that the engine can lend, as a container shows them that gets all.

        Raises:
            EngineUnreachable, ImageMissing: no engine, no image.
        """
        try:
            printed = replace(self, lent="all").printed(devices.__file__)
        except (EngineUnreachable, ImageMissing):
            raise
        except GraderError as error:
            return Found(why=str(error).removesuffix("."))
        return gpus.found(msgspec.json.decode(printed, type=devices.Listing))

    def printed(self, program: str) -> bytes:
        """What a file that needs nothing but Python prints in a container of this launcher's.

        Raises:
            EngineUnreachable, ImageMissing: no engine, no image.
            SetupError: the engine refused.
            SandboxLost: it did not run to its end.
        """
        with connected() as client:
            return inside.output_of(client, self, Path(program).read_text(encoding="utf-8"))

    @functools.cache  # noqa: B019 - as above
    def engine(self) -> Engine:
        """What the engine says of itself; asked once in a process, and not for each container.

        Raises:
            EngineUnreachable: no engine answers.
        """
        with connected() as client:
            return engine_of(client)

    def host_config(self, client: "APIClient") -> Any:
        """What the engine is asked for."""
        from docker.types import LogConfig  # noqa: PLC0415 - see client

        asked = self.asked()
        engine = self.engine()
        return client.create_host_config(
            network_mode="none",
            ipc_mode="private",
            cgroupns="private" if engine.cgroup_version == 2 else None,  # else nothing shows a container's own limits
            read_only=True,
            tmpfs=_folders(engine, asked),
            cap_drop=["ALL"],
            cap_add=list(CAPABILITIES[self.isolation]),
            security_opt=self._security(engine),
            mem_limit=asked.memory,
            memswap_limit=asked.memory,
            pids_limit=asked.processes,
            log_config=LogConfig(type="none"),
            device_requests=self._requests(),
            auto_remove=True,
        )

    def environment(self) -> dict[str, str]:
        """A container's own. NVIDIA's runtime, where it is the engine's default, gives what it is not told to keep."""
        return {} if self.lent else {"NVIDIA_VISIBLE_DEVICES": "void"}

    def _requests(self) -> list[Any]:
        from docker.types import DeviceRequest  # noqa: PLC0415 - see client

        if self.lent is None:
            return []
        which = {"count": -1} if self.lent == "all" else {"device_ids": [self.lent.gpu.uuid]}
        return [DeviceRequest(driver="nvidia", capabilities=[["gpu", "compute", "utility"]], **which)]

    def asked(self) -> Asked:
        """What the container may use: what the lab allows, files in memory, and room for the parent."""
        scratch = self.limits.scratch_mb * _MEGABYTE
        memory = self.limits.memory_mb * _MEGABYTE + len(probe.FOLDERS) * scratch + PARENT_BYTES
        if self.lent:
            memory += gpus.HOST_BYTES
        return Asked(self.isolation, memory, self.limits.processes + PARENT_TASKS, scratch, gpu=self.lent is not None)

    def command(self) -> list[str]:
        """The parent's arguments."""
        return ["--isolation", _SANDBOX_ISOLATION[self.isolation]]

    def _security(self, engine: Engine) -> list[str]:
        options = ["no-new-privileges", f"seccomp={_calls(engine)}"]
        if self.isolation == "warm" and engine.apparmor:
            options.append("apparmor=unconfined")  # its default profile forbids mount(), which SYS_ADMIN is here for
        return options


def _folders(engine: Engine, asked: Asked) -> dict[str, str]:
    """Folders in memory. Podman cannot bound how many files they hold, and opens two more unless they are shut here."""
    files = dict.fromkeys(probe.FOLDERS, f"rw,{_PLAIN},size={asked.scratch},mode=1777")
    if engine.product == "Podman":
        return files | dict.fromkeys(("/run", "/var/tmp"), f"ro,{_PLAIN},size=4k,mode=755")  # noqa: S108 - shut
    return {name: f"{options},nr_inodes={asked.files}" for name, options in files.items()}


def _calls(engine: Engine) -> str:
    """The profile as the engine takes it: Docker its text, Podman the name of a file that it reads itself."""
    return str(_CALLS) if engine.product == "Podman" else json.dumps(json.loads(_CALLS.read_text(encoding="utf-8")))


class DockerSlot:
    """A running container.

    Attributes:
        missing: what of the isolation did not take.
    """

    def __init__(self, launcher: DockerLauncher) -> None:
        with translated(), contextlib.ExitStack() as undo:
            self._client = connect()
            undo.callback(self._client.close)
            image = id_of(self._client, launcher.image)
            self._container = str(self._create(launcher, image))
            undo.callback(self._remove)
            self._attached = self._client.attach_socket(
                self._container, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            )
            undo.callback(self._hang_up)
            self._connection: socket = getattr(self._attached, "_sock", self._attached)
            output = Output(self._connection)
            self._stream = Stream(self._connection, output.last_words, output.fill)
            self._client.start(self._container)
            self._await_output()
            ready = self._stream.ready()
            undo.pop_all()
        self._session = 0
        self.missing = ready.missing
        self.lent = launcher.lent if isinstance(launcher.lent, Lent) else None
        place = self.lent.place(ready.versions["torch build"]) if self.lent else "cpu"
        self.facts = SandboxFacts("docker", launcher.isolation, image, place)

    def _create(self, launcher: DockerLauncher, image: str) -> str:
        made = self._client.create_container(
            image,
            command=launcher.command(),
            stdin_open=True,
            hostname="sandbox",
            labels={owners.LABEL: owners.owner()},
            environment=launcher.environment(),
            host_config=launcher.host_config(self._client),
        )
        return str(made["Id"])

    def send(self, message: ToParent, *body: Buffer) -> None:
        """See `Slot.send`."""
        if not isinstance(message, Measure):
            self._session = message.session
        self._stream.send(message, *body)

    def receive(self, timeout: float) -> tuple[FromParent, Buffer]:
        """See `Slot.receive`.

        Where a container serves one session, memory that ran out in it is that session's, whichever process the kernel
        killed: student code there can make itself as dear to the kernel as the parent is.
        """
        try:
            return self._stream.receive(timeout)
        except SandboxLost:
            if self.facts.isolation != "container" or not self._ran_out_of_memory():
                raise
            return Ended(self._session, "memory"), b""

    def close(self) -> None:
        """Remove the container. An engine that has gone meanwhile is no error: the next start removes what it left."""
        self._hang_up()
        self._remove()
        self._client.close()

    def _ran_out_of_memory(self) -> bool:
        """Whether the engine saw the kernel kill something in the container for want of memory."""
        until = int(time.time()) + _TOLD_SECONDS
        with contextlib.suppress(GraderError), connected() as client:
            seen = client.events(since=0, until=until, filters={"container": self._container, "event": "oom"})
            return any(seen)
        return False

    def _remove(self) -> None:
        with contextlib.suppress(GraderError), connected() as client:  # a new one, on which a hung engine soon shows
            owners.remove(client, self._container)

    def _await_output(self) -> None:
        """Wait until something comes, as long as the engine answers: a parent takes its time on a cold disk."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and not select([self._connection], [], [], _ASK_SECONDS)[0]:
            with connected():
                pass

    def _hang_up(self) -> None:
        """End the stream, which ends the parent."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(SHUT_RDWR)
        self._connection.close()
        self._attached.close()
