"""A program run in a container like that of a slot, where no student's code ever was."""

import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from grader.errors import SandboxLost
from grader.examine.engine import owners
from grader.examine.engine.client import id_of
from grader.examine.engine.output import Output

if TYPE_CHECKING:
    from docker import APIClient

    from grader.examine.engine.launcher import DockerLauncher

SECONDS: Final = 60
"""Wall time in which the program is to have ended; an engine that has not sent its output by then has failed."""
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
        environment=launcher.environment(),
        host_config=launcher.host_config(client),
    )
    container = str(made["Id"])
    try:
        printed, said = _run(client, container)
    finally:
        owners.remove(client, container)
    if not printed:
        words = said[-_WORDS_MOST:]
        raise SandboxLost(f"A container that only looks around ended before it had seen all. {words}".strip())
    return printed


def _run(client: "APIClient", container: str) -> tuple[bytes, str]:
    """Start a container and wait for its end: what it wrote on stdout and stderr."""
    attached = client.attach_socket(container, params={"stdout": 1, "stderr": 1, "stream": 1})
    connection = getattr(attached, "_sock", attached)
    with closing(attached), closing(connection):
        client.start(container)
        output = Output(connection)
        printed = output.rest(time.monotonic() + SECONDS)
    return printed, output.last_words()
