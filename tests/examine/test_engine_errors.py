"""What is said where there is no engine, one that refuses, or something else. None of it needs an engine."""

import gc
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingUnixStreamServer
from threading import Event, Thread

import docker.errors
import pytest
import requests

from grader.errors import EngineUnreachable, GpuUnavailable, GraderError, ImageMissing, SetupError
from grader.examine.engine import DockerLauncher, Level, client, diagnose, image_tag, inside, launcher, owners
from grader.examine.engine.client import translated
from grader.examine.engine.findings import Facts
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


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            'could not select device driver "nvidia" with capabilities: [[gpu compute utility]]',
            "The container engine can give no GPU to a container: it has no runtime for them. Install the NVIDIA",
        ),
        (
            "OCI runtime create failed: nvidia-container-cli: device error: GPU-1: unknown device",
            "The container engine's GPU runtime failed: OCI runtime create failed: nvidia-container-cli: device error",
        ),
        (
            "failed to inject CDI devices: unresolvable CDI devices nvidia.com/gpu=0",
            "The container engine's GPU runtime failed: failed to inject CDI devices",
        ),
    ],
)
def test_a_gpu_that_an_engine_cannot_give_is_told_from_other_refusals(answer, sentence):
    with pytest.raises(GpuUnavailable) as caught, translated():
        raise docker.errors.APIError("500 Server Error", explanation=answer)
    assert str(caught.value).startswith(sentence)


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


def test_a_process_of_a_container_that_is_called_like_this_machine_is_not_taken_for_one_that_is_gone(
    monkeypatch, tmp_path
):
    host, boot, pid, started = owners.owner().split(" ")
    monkeypatch.setattr(owners, "_PROCESSES", tmp_path)  # another namespace of processes has another number
    assert not owners.is_gone(f"{host} {boot} {pid} {int(started) + 1}")
    assert owners.is_gone(owners.owner()) is False


@pytest.mark.parametrize("label", ["", "me", "a b c d e", f"{owners._machine()} boot nobody 5"])
def test_a_label_that_is_not_ours_names_nobody_who_is_gone(label):
    assert not owners.is_gone(label)


ROOT = Path(__file__).parents[2]
VERSION = {"Version": "28.0.1", "ApiVersion": "1.48", "MinAPIVersion": "1.24", "Components": [{"Name": "Engine"}]}
INFO = {"SecurityOptions": ["name=seccomp"], "CgroupVersion": "2", "OperatingSystem": "Linux", "Driver": "overlay2"}


def said(value, status="200 OK"):
    """An answer in HTTP; of a text, of which no more comes than is there."""
    body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


HALF = b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"Version": "28.0.1", "Api'
STREAM = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
ENGINE = {"/version": said(VERSION), "/info": said(INFO), "/containers/json": said([]), "/images/json": said([])}
WITH_IMAGE = ENGINE | {"/json": said({"Id": "sha256:1"})}
WITH_CONTAINER = WITH_IMAGE | {"/create": said({"Id": "c" * 64}), "/attach": STREAM, "/start": said("", "204 None")}


@contextmanager
def answering(answers, path, last=""):
    """What listens at `path`: a request that ends like a key of `answers` gets that answer, and any other one none.

    After a request that ends like `last`, nothing is answered any more.
    """
    closing, silent = Event(), Event()

    class Handler(StreamRequestHandler):
        def handle(self):
            while line := self.rfile.readline():
                length = 0
                while (header := self.rfile.readline()) not in {b"\r\n", b""}:
                    if header.lower().startswith(b"content-length:"):
                        length = int(header.split(b":")[1])
                self.rfile.read(length)
                asked = line.split(b" ")[1].partition(b"?")[0].decode()
                answer = next((answers[end] for end in answers if asked.endswith(end) and not silent.is_set()), b"")
                self.wfile.write(answer)
                if last and asked.endswith(last):
                    silent.set()
                if answer in {b"", HALF, STREAM}:
                    closing.wait()

    with ThreadingUnixStreamServer(str(path), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield
        finally:
            closing.set()
            server.shutdown()


@pytest.fixture
def engine_that(monkeypatch, tmp_path):
    """`engine_that(answers, last)` listens where DOCKER_HOST says, and patience with it is short."""
    monkeypatch.setattr(client, "HELLO", 0.5)
    monkeypatch.setattr(launcher, "_ASK_SECONDS", 0.5)
    monkeypatch.setattr(client, "TIMEOUT", 0.5)
    monkeypatch.setattr(inside, "SECONDS", 0.5)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/engine")
    yield lambda answers, last="": answering(answers, tmp_path / "engine", last)
    gc.collect()  # see `no_engine`


def grading_says(launcher_=None):
    with pytest.raises(SetupError) as refused:
        (launcher_ or DockerLauncher("grader-sandbox:1", LimitSpec(call_seconds=1))).open()
    return str(refused.value)


@forgets_its_socket
@pytest.mark.parametrize("answers", [{}, {"/version": HALF}], ids=["nothing", "half of an answer"])
def test_what_listens_and_does_not_answer_is_named(engine_that, tmp_path, answers):
    with engine_that(answers):
        assert grading_says() == (
            f"Something listens at unix://{tmp_path}/engine, and has not answered in time. Restart the container "
            "engine if it hangs, or wait until the machine has less to do, or grade without one: --sandbox local."
        )
        assert [(each.name, each.level) for each in diagnose("warm")] == [("engine", Level.BAD)]


@forgets_its_socket
@pytest.mark.parametrize(
    "answer",
    [
        said("<html>It works!</html>"),
        said("<html>Not found</html>", "404 Not Found"),
        said("Docker Desktop is starting", "503 Service Unavailable"),
        said([]),
        said({}),
    ],
    ids=["a page", "not found", "not ready", "a list", "nothing in it"],
)
def test_what_answers_otherwise_than_an_engine_is_called_none(engine_that, answer):
    with engine_that({"/version": answer}):
        assert "is no container engine, or is not ready yet. Set DOCKER_HOST" in grading_says()


@forgets_its_socket
def test_what_speaks_another_language_is_no_engine(engine_that):
    with engine_that({"/version": b"SSH-2.0-OpenSSH_9.2\r\n"}):
        assert grading_says().startswith("No container engine answers. Start Docker")


@forgets_its_socket
def test_an_engine_of_long_ago_is_called_too_old(engine_that):
    with engine_that({"/version": said(VERSION | {"ApiVersion": "1.20"})}):
        assert grading_says().startswith("The container engine is too old: API versions below ")


@forgets_its_socket
def test_an_engine_without_the_image_says_what_to_run(engine_that):
    with engine_that(ENGINE | {"/json": said({"message": "No such image"}, "404 Not Found")}):
        assert grading_says() == "The sandbox image is not on this machine. Run `grader sandbox build`."


@forgets_its_socket
@pytest.mark.parametrize("answers", [ENGINE, WITH_IMAGE, WITH_CONTAINER], ids=["image", "container", "output"])
def test_an_engine_that_falls_silent_ends_the_wait_and_not_in_a_retry(engine_that, answers):
    with engine_that(answers):
        assert "has not answered in time. Restart the container engine" in grading_says()
        assert [each.name for each in diagnose("warm") if each.level is Level.BAD] in (["image"], ["container"])


class Looked(DockerLauncher):
    """Has looked around before, and found nothing wrong."""

    def look(self):
        return Facts(self.asked())


@forgets_its_socket
def test_an_engine_that_falls_silent_while_a_parent_is_awaited_is_found_out(engine_that):
    with engine_that(WITH_CONTAINER, last="/start"):
        said_ = grading_says(Looked("grader-sandbox:1", LimitSpec(call_seconds=1)))
    assert "has not answered in time. Restart the container engine" in said_


@forgets_its_socket
@pytest.mark.parametrize("command", [("sandbox", "doctor"), ("sandbox", "doctor", "--clean")])
def test_a_command_ends_with_a_sentence_and_status_2(tmp_path, command):
    program = "from grader.cli import main; main()"
    with answering({"/version": said("<html>It works!</html>")}, tmp_path / "engine"):
        environment = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/engine"}
        asked = [sys.executable, "-c", program, *command]
        done = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    assert done.returncode == 2
    assert "Traceback" not in told
    assert "no container engine" in " ".join(told.split())
