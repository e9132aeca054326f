"""What the engine is asked for where a GPU is lent, and where none is; and a real engine that is asked.

The engine is one of the tests' own, with a stand-in for NVIDIA's hook on its path: Docker takes it for a GPU runtime.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import docker
import pytest
from docker import APIClient

from grader.errors import GpuUnavailable
from grader.examine.engine import DockerLauncher, findings, inside, probe
from grader.examine.engine.client import connected
from grader.examine.engine.engines import Engine
from grader.examine.gpus import HOST_BYTES, Lent
from grader.labs import LimitSpec

SMALL = LimitSpec(call_seconds=10, memory_mb=64, scratch_mb=24, processes=20)
OLD_DOCKER = Engine.of({"Version": "20.10.24"}, {"CgroupVersion": "1"})


@dataclass(frozen=True, slots=True)
class Answered(DockerLauncher):
    """A launcher whose engine has said what it is."""

    def engine(self):
        return OLD_DOCKER


@dataclass(frozen=True, slots=True)
class Generous(DockerLauncher):
    """A launcher whose engine gives each container all GPUs, as NVIDIA's runtime does where it is the default."""

    def host_config(self, client):
        everything = DockerLauncher(self.image, self.limits, self.isolation, "all")
        return DockerLauncher.host_config(self, client) | {"DeviceRequests": everything._requests()}


@pytest.fixture
def asked():
    """What an engine is asked for by a launcher, in the engine's own words."""
    with contextlib.closing(APIClient("unix:///nowhere", version="1.41")) as client:
        yield lambda launcher: launcher.host_config(client)


def test_a_container_gets_the_gpu_that_is_lent_by_its_uuid_and_no_other(asked, lent):
    launcher = Answered("image", SMALL, lent=lent())
    assert asked(launcher)["DeviceRequests"] == [
        {
            "Driver": "nvidia",
            "Count": 0,
            "DeviceIDs": ["GPU-5a1b"],
            "Capabilities": [["gpu", "compute", "utility"]],
            "Options": {},
        }
    ]
    assert launcher.environment() == {}


def test_a_container_that_looks_for_gpus_gets_all(asked):
    (request,) = asked(Answered("image", SMALL, lent="all"))["DeviceRequests"]
    assert (request["Count"], request["DeviceIDs"]) == (-1, [])


@pytest.mark.parametrize("isolation", ["warm", "container"])
def test_every_other_container_gets_none_whatever_the_engines_runtime_gives_by_itself(asked, isolation):
    launcher = Answered("image", SMALL, isolation)
    assert not asked(launcher).get("DeviceRequests")
    assert launcher.environment() == {"NVIDIA_VISIBLE_DEVICES": "void"}


@pytest.mark.parametrize("isolation", ["warm", "container"])
def test_a_gpu_changes_nothing_else_of_what_is_asked_but_room_for_what_cuda_holds(asked, lent, isolation):
    plain = Answered("image", SMALL, isolation)
    with_one, without = asked(replace(plain, lent=lent())), asked(plain)
    more = {name: with_one[name] - without[name] for name in ("Memory", "MemorySwap")}
    assert more == {"Memory": HOST_BYTES, "MemorySwap": HOST_BYTES}
    differing = {name for name in with_one.keys() | without.keys() if with_one.get(name) != without.get(name)}
    assert differing == {"Memory", "MemorySwap", "DeviceRequests"}


# ---------------------------------------------------------------- a real engine

HOOK = """#!/bin/sh
# In place of nvidia-container-runtime-hook: writes down what it is called with, and gives the container a GPU in name.
state=$(cat)
bundle=$(echo "$state" | sed 's/.*"bundle": *"\\([^"]*\\)".*/\\1/')
pid=$(echo "$state" | sed 's/.*"pid": *\\([0-9]*\\).*/\\1/')
echo "$1" > RECORD/called
cp "$bundle/config.json" RECORD/config.json
root=$(sed 's/.*"root": *{ *"path": *"\\([^"]*\\)".*/\\1/' RECORD/config.json)
nsenter --mount=/proc/$pid/ns/mnt sh -c "
  cp RECORD/libnvidia-ml.so.1 $root/usr/lib/ && cp RECORD/gpus $root/etc/stand-in-gpus
  mknod $root/dev/nvidia0 c 1 3 && chmod 666 $root/dev/nvidia0
"
"""
GPUS = """driver 570.86
gpu 0 0 -1 85899345920 1048576 GPU-5a1b NVIDIA H100 80GB HBM3
gpu 15 1 -1 1 1 GPU-6 NVIDIA H100 80GB HBM3
"""
BASES = ("grader-base", "python")


def _base():
    """The name of an image that has Python and little else; skips the test where there is none."""
    with contextlib.closing(docker.from_env().api) as client:
        names = sorted(name for each in client.images() for name in each["RepoTags"] or [])
    for name in names:
        if name.partition(":")[0] in BASES:
            return name
    pytest.skip(f"there is no image called {' or '.join(BASES)}, which the sandbox image is built from")


@contextlib.contextmanager
def _engine(folder, path):
    """The address of an engine of its own, which finds programs on `path`."""
    address = f"unix://{folder}/docker.sock"
    command = [
        *("dockerd", "--iptables=false", "--ip6tables=false", "--bridge=none", "--host", address),
        *("--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/docker.pid"),
    ]
    with Path(folder, "log").open("wb") as log:
        engine = subprocess.Popen(
            command, stdout=log, stderr=log, env=os.environ | {"PATH": path}, start_new_session=True
        )
    try:
        until = time.monotonic() + 120
        while subprocess.run(["docker", "--host", address, "info"], capture_output=True, check=False).returncode:
            if engine.poll() is not None or time.monotonic() > until:
                pytest.skip(f"no second engine comes up: {Path(folder, 'log').read_text()[-500:]}")
            time.sleep(0.2)
        yield address
    finally:
        engine.send_signal(signal.SIGTERM)
        engine.wait(120)


@pytest.fixture(scope="module")
def place():
    """A short folder: the path of a socket may not be long."""
    folder = Path(tempfile.mkdtemp(prefix="gpu-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def engine_with_gpus(place, stand_in_nvml, docker_image):
    """A second engine that takes itself to have a GPU runtime, an image that it has, and where the hook writes to."""
    if os.geteuid() != 0 or not shutil.which("dockerd"):
        pytest.skip("only root can start a second engine")
    name = _base()
    tools, record = place / "tools", place / "record"
    tools.mkdir()
    record.mkdir()
    shutil.copy(stand_in_nvml, record / "libnvidia-ml.so.1")
    (record / "gpus").write_text(GPUS)
    (tools / "nvidia-container-runtime-hook").write_text(HOOK.replace("RECORD", str(record)))
    (tools / "nvidia-container-runtime-hook").chmod(0o755)
    with _engine(place, f"{tools}:{os.environ['PATH']}") as address:
        with subprocess.Popen(["docker", "save", name], stdout=subprocess.PIPE) as saved:
            subprocess.run(["docker", "--host", address, "load"], stdin=saved.stdout, capture_output=True, check=True)
        yield address, name, record


@pytest.fixture
def with_gpus(engine_with_gpus, monkeypatch):
    """The image's name, and where the hook writes to; the engine is the one that is asked."""
    address, image, record = engine_with_gpus
    monkeypatch.setenv("DOCKER_HOST", address)
    for name in ("called", "config.json"):
        (record / name).unlink(missing_ok=True)
    return image, record


def environment(record):
    entries = json.loads((record / "config.json").read_text())["process"]["env"]
    return [entry for entry in entries if entry.startswith("NVIDIA_")]


@pytest.mark.docker
def test_gpus_are_found_in_a_container_that_gets_all(with_gpus, gpu):
    image, record = with_gpus
    found = DockerLauncher(image, SMALL).gpus()
    assert (record / "called").read_text() == "prestart\n"
    assert environment(record) == ["NVIDIA_VISIBLE_DEVICES=all", "NVIDIA_DRIVER_CAPABILITIES=compute,utility"]
    nodes = ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia0")
    assert found.gpus == (gpu(name="NVIDIA H100 80GB HBM3", used=2**20, nodes=nodes),)
    assert found.failed == ("GPU 1 cannot be used: GPU is lost",)


@pytest.mark.docker
def test_the_gpu_that_is_lent_reaches_the_runtime_by_its_uuid_and_the_container_shows_it(with_gpus, gpu):
    image, record = with_gpus
    launcher = DockerLauncher(image, SMALL, "container", Lent(gpu()))
    facts = launcher.look()
    assert environment(record) == ["NVIDIA_VISIBLE_DEVICES=GPU-5a1b", "NVIDIA_DRIVER_CAPABILITIES=compute,utility"]
    assert facts.seen.gpus == ["nvidia0"]
    assert findings.refusal(facts) == ""


@pytest.mark.docker
def test_where_none_is_lent_the_runtime_is_not_asked_and_the_container_shows_none(with_gpus):
    image, record = with_gpus
    facts = DockerLauncher(image, SMALL, "container").look()
    assert not (record / "called").exists()
    assert facts.seen.gpus == []
    program = "import os; print(os.environ['NVIDIA_VISIBLE_DEVICES'])"
    with connected() as client:
        assert inside.output_of(client, DockerLauncher(image, SMALL), program) == b"void\n"


@pytest.mark.docker
def test_grading_is_refused_where_a_container_shows_a_gpu_that_was_not_lent(with_gpus):
    image, _ = with_gpus
    refused = findings.refusal(Generous(image, SMALL, "container").look())
    assert "GPUs: nvidia0 can be seen, and none was lent" in refused


@pytest.mark.docker
def test_an_engine_without_a_gpu_runtime_says_so_and_lends_none(docker_image, gpu):
    if shutil.which("nvidia-container-runtime-hook"):
        pytest.skip("this machine's engine has one")
    launcher = DockerLauncher(docker_image, SMALL)
    assert launcher.gpus().gpus == ()
    assert launcher.gpus().why.startswith("The container engine can give no GPU to a container: it has no runtime")
    with pytest.raises(GpuUnavailable, match="could not select device driver"):
        replace(launcher, lent=Lent(gpu())).printed(probe.__file__)
