"""What is said where there is no engine, or one that refuses. None of it needs an engine."""

import docker.errors
import pytest
import requests

from grader.errors import EngineUnreachable, GraderError, ImageMissing, SetupError
from grader.examine.engine import DockerLauncher, Level, diagnose, image_tag, owners
from grader.examine.engine.client import translated
from grader.labs import LimitSpec

forgets_its_socket = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@forgets_its_socket
def test_without_an_engine_one_is_told_to_start_it(no_engine):
    with pytest.raises(EngineUnreachable, match=r"Start Docker .* --sandbox local"):
        DockerLauncher("image", LimitSpec(call_seconds=1)).open()


@forgets_its_socket
def test_without_an_engine_the_doctor_says_so_and_nothing_else(no_engine):
    (only,) = diagnose("warm")
    assert (only.name, only.level) == ("engine", Level.BAD)
    assert only.sentence.startswith("No container engine answers.")


def test_an_engine_that_may_not_be_used_says_how_to_be_let_in():
    with pytest.raises(EngineUnreachable, match="usermod -aG docker"), translated():
        raise docker.errors.DockerException("Error: ('Connection aborted.', PermissionError(13, 'Permission denied'))")


@pytest.mark.parametrize(
    "error",
    [
        *(docker.errors.APIError("it is full"), docker.errors.NotFound("no"), docker.errors.ImageNotFound("no image")),
        *(docker.errors.DockerException("odd"), docker.errors.TLSParameterError("tls"), docker.errors.InvalidVersion()),
        *(
            requests.ConnectionError("gone"),
            requests.ReadTimeout("slow"),
            requests.exceptions.ChunkedEncodingError("cut"),
        ),
        *(ConnectionResetError("gone"), BrokenPipeError("gone")),
    ],
)
def test_no_error_of_the_library_comes_through(error):
    with pytest.raises(SetupError) as caught, translated():
        raise error
    assert str(caught.value).endswith((".", ")", "?", "full", "no"))
    assert caught.value.__cause__ is error


def test_a_missing_image_says_what_to_run():
    with pytest.raises(ImageMissing, match="grader sandbox build"), translated():
        raise docker.errors.ImageNotFound("no image")


def test_our_own_errors_pass_unchanged():
    mine = GraderError("mine")
    with pytest.raises(GraderError) as caught, translated():
        raise mine
    assert caught.value is mine


def test_the_images_name_depends_on_what_goes_into_it():
    assert image_tag() == image_tag()
    assert image_tag().startswith("grader-sandbox:")
    assert len(image_tag()) == len("grader-sandbox:") + 12


def test_an_owner_is_gone_when_the_pid_belongs_to_another_process():
    host, boot, pid, started = owners.owner().split(" ")
    assert not owners.is_gone(owners.owner())
    assert owners.is_gone(f"{host} {boot} {pid} {int(started) + 1}")
    assert owners.is_gone(f"{host} other {pid} {started}")
    assert not owners.is_gone(f"other {boot} {pid} {started}")
