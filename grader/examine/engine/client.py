"""The connection to the engine, and its errors in sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from grader.errors import EngineUnreachable, ImageMissing, SetupError

if TYPE_CHECKING:
    from docker import APIClient

TIMEOUT: Final = 60
"""Seconds of wall time for one request."""
_OR_LOCAL: Final = "or grade without one: --sandbox local"


@contextmanager
def connected(timeout: int = TIMEOUT) -> Iterator["APIClient"]:
    """A client for the engine that the environment names; what the engine objects to inside is translated.

    Raises:
        EngineUnreachable: nothing answers, or it may not be used.
        ImageMissing: an image is not there.
        SetupError: the engine refused.
    """
    with translated():
        client = connect(timeout)
        try:
            yield client
        finally:
            client.close()


def connect(timeout: int = TIMEOUT) -> "APIClient":
    """A client, to be closed; to be called inside `translated`."""
    import docker  # noqa: PLC0415 - a third of a second that a pre-check does not need

    return docker.from_env(timeout=timeout).api


def id_of(client: "APIClient", image: str) -> str:
    """The engine's id of an image. Raises docker's ImageNotFound, inside `translated` ImageMissing."""
    return str(client.inspect_image(image)["Id"])  # type: ignore[no-untyped-call]  # types-docker leaves it out


@contextmanager
def translated() -> Iterator[None]:
    """Turn docker's errors into the grader's. Raises as `connected`."""
    import requests  # noqa: PLC0415 - as docker
    from docker import errors  # noqa: PLC0415 - as above

    try:
        yield
    except errors.ImageNotFound as error:
        raise ImageMissing("The sandbox image is not on this machine. Run `grader sandbox build`.") from error
    except errors.APIError as error:
        raise SetupError(f"The container engine refused: {(error.explanation or str(error)).strip()}") from error
    except errors.DockerException as error:
        raise EngineUnreachable(_unreachable(str(error))) from error
    except requests.exceptions.Timeout as error:
        raise EngineUnreachable(f"The container engine did not answer within {TIMEOUT} s. Is it overloaded?") from error
    except (requests.exceptions.RequestException, OSError) as error:
        raise EngineUnreachable(_unreachable(str(error))) from error


def _unreachable(text: str) -> str:
    if "Permission denied" in text or "PermissionError" in text:
        return (
            "The container engine may not be used by this user. Add the user to the group that owns the engine's "
            f"socket (as a rule: `sudo usermod -aG docker $USER`, and log in again), {_OR_LOCAL}."
        )
    return f"No container engine answers. Start Docker (or Podman's Docker-compatible socket), {_OR_LOCAL}. ({text})"
