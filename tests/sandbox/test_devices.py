"""What NVML says of GPUs, with a library in its place that lists what a test wants."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from grader.examine import local
from grader.examine.local import LocalSlot
from sandbox import devices, parent
from sandbox.devices import Device, Failed, Listing
from sandbox.protocol.messages import Measure, Measured

H100 = "gpu 0 3 -1 85899345920 1048576 GPU-5a1b NVIDIA H100 80GB HBM3"
WORKS = Device("0", "GPU-5a1b", "NVIDIA H100 80GB HBM3", 80 * 2**30, 2**20, [*devices._CONTROLS, "/dev/nvidia3"])


@pytest.fixture
def nvml(stand_in_nvml, tmp_path, monkeypatch):
    """Has NVML list these lines; see `stand_in_nvml.c`."""

    def lists(*lines):
        path = tmp_path / "gpus"
        path.write_text("\n".join(("driver 570.86", *lines)) + "\n")
        monkeypatch.setenv("STAND_IN_GPUS", str(path))
        monkeypatch.setenv("LD_LIBRARY_PATH", str(stand_in_nvml.parent))
        return str(stand_in_nvml)

    return lists


def test_a_gpu_is_listed_with_its_memory_and_the_nodes_it_is_reached_by(nvml):
    assert devices.look(nvml(H100)) == Listing("570.86", [WORKS])


def test_the_program_prints_the_same_as_json_and_another_process_can_ask_it(nvml):
    nvml(H100)
    printed = subprocess.run([sys.executable, "-I", "-S", devices.__file__], capture_output=True, check=True).stdout
    assert json.loads(printed)["devices"][0]["uuid"] == "GPU-5a1b"
    assert devices.aside() == Listing("570.86", [WORKS])


def test_a_gpu_that_fails_is_told_and_hides_no_other(nvml):
    found = devices.look(nvml("gpu 15 0 -1 1 1 GPU-0 Old", H100, "gpu 999 1 -1 1 1 GPU-2 Older"))
    assert [one.uuid for one in found.devices] == ["GPU-5a1b"]
    assert found.devices[0].index == "1"
    assert found.failed == [Failed("0", "GPU is lost"), Failed("2", "Unknown Error")]
    assert found.trouble == ""


def test_a_gpu_that_is_split_is_listed_as_its_instances_each_with_its_own_nodes(nvml, tmp_path, monkeypatch):
    monkeypatch.setattr(devices, "_CAPABILITIES", tmp_path)
    for place, minor in (("gi7", 66), ("gi7/ci0", 67), ("gi9", 84), ("gi9/ci0", 85)):
        folder = tmp_path / "gpu0" / "mig" / place
        folder.mkdir(parents=True)
        (folder / "access").write_text(f"DeviceFileMinor: {minor}\nDeviceFileMode: 292\n")
    parts = ("part 0 0 9663676416 0 7 0 MIG-aa H100 MIG 1g.10gb", "part 0 3 9663676416 5 9 0 MIG-bb H100 MIG 1g.10gb")
    found = devices.look(nvml("gpu 0 0 1 85899345920 0 GPU-0 NVIDIA H100", *parts))
    assert [(one.index, one.uuid, one.name, one.used) for one in found.devices] == [
        ("0:0", "MIG-aa", "H100 MIG 1g.10gb", 0),
        ("0:3", "MIG-bb", "H100 MIG 1g.10gb", 5),
    ]
    assert [one.nodes[2:] for one in found.devices] == [
        ["/dev/nvidia0", "/dev/nvidia-caps/nvidia-cap66", "/dev/nvidia-caps/nvidia-cap67"],
        ["/dev/nvidia0", "/dev/nvidia-caps/nvidia-cap84", "/dev/nvidia-caps/nvidia-cap85"],
    ]


def test_a_gpu_that_could_be_split_and_is_not_is_one(nvml):
    (found,) = devices.look(nvml("gpu 0 0 0 85899345920 0 GPU-0 NVIDIA H100")).devices
    assert found.uuid == "GPU-0"


def test_a_guest_of_windows_reaches_its_gpus_by_the_node_that_all_of_them_have(nvml):
    (found,) = devices.look(nvml("gpu 0 -1 -1 85899345920 0 GPU-0 NVIDIA RTX")).devices
    assert found.nodes == ["/dev/dxg"]


def test_a_driver_that_does_not_work_is_told(nvml):
    assert devices.look(nvml("broken 9", H100)).trouble == "NVIDIA's driver does not work: Driver Not Loaded"


def test_a_machine_without_the_library_has_no_gpu():
    found = devices.look("libno-such-library.so.1")
    assert found.devices == []
    assert found.trouble.startswith("there is no driver of NVIDIA's (libno-such-library.so.1: cannot open")


@pytest.mark.parametrize(
    ("listing", "told"),
    [
        (Listing("1", [WORKS]), (2**20, "")),
        (Listing(trouble="it is gone"), (0, "it is gone")),
        (Listing("1", [], [Failed("0", "GPU is lost")]), (0, "GPU 0: GPU is lost")),
        (Listing("1"), (0, "it is no longer among the GPUs that NVIDIA's driver lists")),
    ],
)
def test_what_is_in_use_of_a_gpu_is_told_or_why_it_cannot_be(listing, told):
    assert devices.used("GPU-5a1b", listing) == told


@pytest.fixture
def stand_in_slot(nvml, monkeypatch):
    """A plain parent that has NVML list these lines."""
    slots = []

    def opened(*lines):
        nvml(*lines)
        passed = {name: os.environ[name] for name in ("STAND_IN_GPUS", "LD_LIBRARY_PATH")}
        before = local._environment
        monkeypatch.setattr(local, "_environment", lambda *, own: before(own=own) | passed)
        slots.append(LocalSlot(["--isolation", "plain"], "stand-in"))
        return slots[-1]

    yield opened
    for slot in slots:
        slot.close()


def test_the_parent_measures_a_gpus_memory_between_sessions(stand_in_slot):
    slot = stand_in_slot(H100)
    for device, told in (("GPU-5a1b", Measured(2**20)), ("GPU-other", None)):
        slot.send(Measure(device))
        answer, _ = slot.receive(120)
        assert answer == (told or Measured(0, "it is no longer among the GPUs that NVIDIA's driver lists"))


def test_the_parent_tells_what_torch_was_built_for():
    assert parent.torch_build() == torch.__version__


CUDA = """
#include <stdio.h>
#include <stdlib.h>
static int called(const char *name) {
    FILE *file = fopen(getenv("CUDA_CALLED"), "a");
    fprintf(file, "%s\\n", name);
    fclose(file);
    return 100;
}
int cuInit(unsigned flags) { return called("cuInit"); }
int cuDriverGetVersion(int *version) { *version = 13020; return 0; }
static int look_up(const char *name, void **found) { called(name); *found = 0; return 500; }
int cuGetProcAddress(const char *name, void **found, int version, unsigned long flags) { return look_up(name, found); }
int cuGetProcAddress_v2(const char *name, void **found, int v, unsigned long f, int *s) { return look_up(name, found); }
"""
PRELOADS = """
import os
import sys
from sandbox import parent
if sys.argv[1] == "as the parent does":
    parent.hide_gpus()
parent.preload([*parent.FIRST, *parent.LATER])
import torch
print(torch.cuda.is_available(), os.path.exists(os.environ["CUDA_CALLED"]))
"""


@pytest.mark.skipif(torch.version.cuda is None, reason="torch is built without CUDA, and never asks for it")
def test_a_parent_that_has_a_gpu_in_sight_never_starts_cuda_while_it_imports(nvml, compiled, tmp_path, monkeypatch):
    """CUDA that is started cannot be used in a forked child. Else libraries that ask for a GPU would start it."""
    nvml(H100)
    compiled(CUDA, Path(os.environ["LD_LIBRARY_PATH"]) / "libcuda.so.1")
    monkeypatch.setenv("PYTHONPATH", str(Path(parent.__file__).parents[1]))

    def seen(how):
        monkeypatch.setenv("CUDA_CALLED", str(tmp_path / how))
        done = subprocess.run([sys.executable, "-P", "-c", PRELOADS, how], capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert seen("as the parent does") == ["False", "False"]
    assert seen("otherwise") == ["False", "True"]


def test_a_session_that_was_lent_no_gpu_sees_none(talk):
    one = talk(
        "import os\ndef f(): return [os.environ['CUDA_VISIBLE_DEVICES'], os.environ['PYTORCH_NVML_BASED_CUDA_CHECK']]\n"
    )
    assert one.call("f") == ["", "1"]
