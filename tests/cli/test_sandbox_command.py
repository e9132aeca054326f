"""`grader sandbox doctor` as people see it."""

import contextlib
import os
import subprocess
import sys
import uuid
from pathlib import Path

import docker
import pytest
from click.testing import CliRunner

from grader.cli import sandbox
from grader.examine.engine import DockerLauncher, Finding, Level, owners
from grader.labs import LimitSpec

ROOT = Path(__file__).parents[2]


def doctor(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from grader.cli import main; main()", "sandbox", "doctor", *options]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.docker
@pytest.mark.parametrize(
    ("options", "heading", "command"),
    [
        ((), "A warm container", "grader batch"),
        (("--isolation", "container"), "A container for each submission", "grader batch --isolation container"),
    ],
)
def test_a_machine_that_is_fit_is_called_so(options, heading, command):
    done = doctor(*options)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in lines if not line.startswith(" ")] == [
        "Engine",
        "Image",
        heading,
        "GPUs",
        f"{command} can grade here.",
    ]
    assert max(map(len, lines)) <= 80


def test_without_an_engine_one_is_told_what_to_do_and_that_grading_would_refuse(tmp_path):
    done = doctor(DOCKER_HOST=f"unix://{tmp_path}/none.sock")
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (2, "")
    assert lines[0] == "Engine"
    assert lines[1].startswith("  BAD   engine          No container engine answers. Start Docker")
    assert lines[-1] == "grader batch would refuse to grade here: see BAD."


def test_a_finding_stands_in_columns_with_what_to_do_below(capsys):
    advice = "Boot with systemd.unified_cgroup_hierarchy=1, which is a word that no line may break."
    sandbox._show(Finding("Container", "memory", Level.BAD, "no limit is in force; 3.5 GiB was asked for", advice))
    sandbox._show(Finding("Container", "network", Level.FINE, "none"))
    assert capsys.readouterr().out == (
        "  BAD   memory          no limit is in force; 3.5 GiB was asked for\n"
        "                        → Boot with systemd.unified_cgroup_hierarchy=1, which is\n"
        "                        a word that no line may break.\n"
        "  ok    network         none\n"
    )


OPENS_A_CONTAINER = """
import sys, time
from grader.examine.engine import DockerLauncher, owners
from grader.examine.engine.client import connected
from grader.labs import LimitSpec
image, owners.LABEL = sys.argv[1:]
with connected() as client:
    made = client.create_container(
        image,
        entrypoint=['sleep', '1000'],
        labels={owners.LABEL: owners.owner()},
        host_config=DockerLauncher(image, LimitSpec(call_seconds=10)).host_config(client) | {'AutoRemove': False},
    )
    client.start(made['Id'])
print(made['Id'], flush=True)
time.sleep(1000)
"""


@pytest.fixture
def engine(docker_image, monkeypatch):
    """A client; for the time of a test, graders elsewhere on this machine do not see its containers."""
    monkeypatch.setattr(owners, "LABEL", f"grader.test.{uuid.uuid4().hex}")
    client = docker.from_env().api
    yield client
    for each in client.containers(all=True, filters={"label": owners.LABEL}):
        owners.remove(client, each["Id"])
    client.close()


@pytest.fixture
def grader_with_a_container(engine, docker_image):
    """Starts a process that holds a container which does not end by itself: (process, the container's id)."""
    with contextlib.ExitStack() as ends:

        def start():
            command = [sys.executable, "-c", OPENS_A_CONTAINER, docker_image, owners.LABEL]
            process = ends.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
            ends.callback(process.kill)
            return process, process.stdout.readline().strip()

        yield start


def open_(engine):
    return {each["Id"] for each in engine.containers(all=True, filters={"label": owners.LABEL})}


@pytest.mark.docker
def test_clean_removes_what_a_killed_grader_left_and_says_so_and_leaves_the_rest_alone(engine, grader_with_a_container):
    (dead, left), (_, kept) = grader_with_a_container(), grader_with_a_container()
    dead.kill()
    dead.wait()
    assert [each.container for each in owners.orphans(engine)] == [left]
    first, second = (CliRunner().invoke(sandbox.sandbox, ["doctor", "--clean"]) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output == f"Removed container {left[:12]}, left by process {dead.pid}, which has ended.\n"
    assert second.output == "Nothing to remove: no grader that died left a container or a folder on this machine.\n"
    assert open_(engine) == {kept}


@pytest.mark.docker
def test_the_next_start_removes_what_a_killed_grader_left_and_leaves_the_rest_alone(
    engine, docker_image, grader_with_a_container
):
    (dead, left), (_, kept) = grader_with_a_container(), grader_with_a_container()
    dead.kill()
    dead.wait()
    assert open_(engine) == {left, kept}
    DockerLauncher(docker_image, LimitSpec(call_seconds=10)).open().close()
    assert open_(engine) == {kept}


def test_clean_without_an_engine_says_what_to_do(tmp_path):
    done = doctor("--clean", DOCKER_HOST=f"unix://{tmp_path}/none.sock")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: No container engine answers. Start Docker")
