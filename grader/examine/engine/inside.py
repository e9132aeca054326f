"""A program run in a container like that of a slot, where no student's code ever was."""

from contextlib import closing
from typing import TYPE_CHECKING, Final

from grader.errors import SandboxLost
from grader.examine.engine import owners
from grader.examine.engine.client import id_of

if TYPE_CHECKING:
    from docker import APIClient

    from grader.examine.engine.launcher import DockerLauncher

_WORDS_MOST: Final = 500


def output_of(client: "APIClient", launcher: "DockerLauncher", program: str) -> bytes:
    """What the Python program prints, run where and as the parent of a slot would be. To be called inside `translated`.

    Raises:
        SandboxLost: it did not run to its end.
    """
    made = client.create_container(
        id_of(client, launcher.image),
        entrypoint=["python3", "-P", "-c", program],
        labels={owners.LABEL: owners.owner()},
        host_config=launcher.host_config(client),
    )
    container = str(made["Id"])
    try:
        printed, said = _run(client, container)
    finally:
        owners.remove(client, container)
    if not printed:
        words = said.decode("utf-8", "replace")[-_WORDS_MOST:]
        raise SandboxLost(f"A container that only looks around ended before it had seen all. {words}".strip())
    return printed


def _run(client: "APIClient", container: str) -> tuple[bytes, bytes]:
    """Start a container and wait for its end: what it wrote on stdout and stderr."""
    from docker.utils.socket import frames_iter  # noqa: PLC0415 - see client

    attached = client.attach_socket(container, params={"stdout": 1, "stderr": 1, "stream": 1})
    with closing(attached), closing(getattr(attached, "_sock", attached)):
        client.start(container)
        written = list(frames_iter(attached, tty=False))  # type: ignore[no-untyped-call]  # types-docker leaves it out
    printed, said = (b"".join(data for stream, data in written if stream == wanted) for wanted in (1, 2))
    return printed, said
