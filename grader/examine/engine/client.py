"""The connection to the engine, and its errors in sentences."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from grader.errors import EngineUnreachable, GpuUnavailable, ImageMissing, SetupError

if TYPE_CHECKING:
    from docker import APIClient

TIMEOUT: Final = 60
"""Seconds of wall time for one request."""
HELLO: Final = 30
"""Seconds of wall time for the first request of a connection, which asks for nothing but the engine's version."""
_NO_GPU_RUNTIME: Final = "could not select device driver"
"""What an engine answers that has nothing to give GPUs to containers with."""
_GPU_RUNTIME: Final = ("nvidia-container", "nvidia-cdi", "nvidia.com/gpu", "libnvidia")
"""What the answer holds where the runtime is there and fails."""
_OR_LOCAL: Final = "or grade without one: --sandbox local"


@contextmanager
def connected(timeout: int | None = None) -> Iterator["APIClient"]:
    """A client for the engine that the environment names; what the engine objects to inside is translated.

    Raises:
        EngineUnreachable: nothing answers, or it may not be used.
        ImageMissing: an image is not there.
        GpuUnavailable: a container was to get a GPU and cannot.
        SetupError: the engine refused.
    """
    with translated():
        client = connect(timeout)
        try:
            yield client
        finally:
            client.close()


def connect(timeout: int | None = None) -> "APIClient":
    """A client, to be closed; to be called inside `translated`. Its requests may take `timeout`, or else `TIMEOUT`."""
    import docker  # noqa: PLC0415 - a third of a second that a pre-check does not need

    client = docker.from_env(timeout=HELLO).api
    client.timeout = timeout or TIMEOUT
    return client


def id_of(client: "APIClient", image: str) -> str:
    """The engine's id of an image. Raises docker's ImageNotFound, inside `translated` ImageMissing."""
    return str(client.inspect_image(image)["Id"])  # type: ignore[no-untyped-call]  # types-docker leaves it out


@contextmanager
def translated() -> Iterator[None]:
    """Turn docker's errors into the grader's. Raises as `connected`."""
    from docker import errors  # noqa: PLC0415 - as docker
    from requests.exceptions import RequestException  # noqa: PLC0415 - as above

    try:
        yield
    except errors.ImageNotFound as error:
        raise ImageMissing("The sandbox image is not on this machine. Run `grader sandbox build`.") from error
    except errors.APIError as error:
        raise _refusal((error.explanation or str(error)).strip()) from error
    except errors.InvalidVersion as error:
        raise EngineUnreachable(f"The container engine is too old: {error} Update it, {_OR_LOCAL}.") from error
    except errors.DockerException as error:
        raise EngineUnreachable(_unreachable(error.__cause__ or error)) from error
    except (RequestException, OSError) as error:
        raise EngineUnreachable(_unreachable(error)) from error


def _refusal(text: str) -> SetupError:
    if _NO_GPU_RUNTIME in text:
        return GpuUnavailable(
            "The container engine can give no GPU to a container: it has no runtime for them. Install the NVIDIA "
            f"Container Toolkit, and restart the engine. ({text})"
        )
    if any(name in text for name in _GPU_RUNTIME):
        return GpuUnavailable(f"The container engine's GPU runtime failed: {text}")
    return SetupError(f"The container engine refused: {text}")


def _unreachable(error: BaseException) -> str:
    from docker import errors  # noqa: PLC0415 - as above
    from requests.exceptions import Timeout  # noqa: PLC0415 - as above

    text = str(error)
    if isinstance(error, Timeout | TimeoutError) or "timed out" in text:  # as requests says in the midst of an answer
        return (
            f"Something listens at {_where()}, and has not answered in time. Restart the container engine if it hangs, "
            f"or wait until the machine has less to do, {_OR_LOCAL}."
        )
    if isinstance(error, LookupError | TypeError | ValueError | errors.APIError):
        return (
            f"What answers at {_where()} is no container engine, or is not ready yet. Set DOCKER_HOST to the socket of "
            f"Docker or Podman, {_OR_LOCAL}. ({text})"
        )
    if "Permission denied" in text or "PermissionError" in text:
        return (
            "The container engine may not be used by this user. Add the user to the group that owns the engine's "
            f"socket (as a rule: `sudo usermod -aG docker $USER`, and log in again), {_OR_LOCAL}."
        )
    return f"No container engine answers. Start Docker (or Podman's Docker-compatible socket), {_OR_LOCAL}. ({text})"


def _where() -> str:
    """Where the environment says that the engine is."""
    return os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
