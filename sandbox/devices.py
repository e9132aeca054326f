"""The GPUs in sight, as NVML tells: the library that comes with NVIDIA's driver. Needs nothing but Python.

    python -I -S sandbox/devices.py

prints a `Listing` as JSON. NVML is no part of CUDA: asking it starts nothing on a GPU. It is asked in a process of its
own all the same (`aside`), because a parent that holds its descriptors could not fork children without them.
"""

import ctypes
import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, Self

SECONDS: Final = 60.0
"""Wall time for an answer: a driver that no process keeps awake takes some seconds for each GPU."""
_LIBRARY: Final = "libnvidia-ml.so.1"
_TEXT_MOST: Final = 96
_NOT_SUPPORTED: Final = 3
_NOT_FOUND: Final = 6
_CONTROLS: Final = ("/dev/nvidiactl", "/dev/nvidia-uvm")
"""What every process that computes on a GPU opens beside the GPU's own node."""
_IN_A_GUEST: Final = "/dev/dxg"
"""All GPUs of a Windows machine, as its Linux guest sees them; they have no nodes of their own."""
_CAPABILITIES: Final = Path("/proc/driver/nvidia/capabilities")


@dataclasses.dataclass(frozen=True)
class Device:
    """A GPU, or an instance of one that is split (MIG).

    Attributes:
        index: "0", or "0:1" for an instance; as NVIDIA's own tools count.
        memory, used: bytes.
        nodes: the device files by which this one, and no other, can be reached.
    """

    index: str
    uuid: str
    name: str
    memory: int
    used: int
    nodes: list[str]


@dataclasses.dataclass(frozen=True)
class Failed:
    """A GPU that is there and does not answer."""

    index: str
    why: str


@dataclasses.dataclass(frozen=True)
class Listing:
    """What was found.

    Attributes:
        trouble: why nothing could be asked; "" if it could.
    """

    driver: str = ""
    devices: list[Device] = dataclasses.field(default_factory=list)
    failed: list[Failed] = dataclasses.field(default_factory=list)
    trouble: str = ""


class Refused(Exception):
    """NVML answered with an error; str() is what it calls it."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


class Nvml:
    """The few functions of NVML that are needed. A context manager: NVML is open inside.

    Raises:
        OSError: the library is not there.
        Refused: in everything but the constructor.
    """

    def __init__(self, library: str = _LIBRARY) -> None:
        self._library = ctypes.CDLL(library)
        self._library.nvmlErrorString.restype = ctypes.c_char_p

    def __enter__(self) -> Self:
        self.call("nvmlInit_v2")
        return self

    def __exit__(self, *_: object) -> None:
        self.call("nvmlShutdown")

    def call(self, name: str, *arguments: Any) -> None:
        """Call a function that answers with a code."""
        function = getattr(self._library, name, None)
        code = _NOT_SUPPORTED if function is None else int(function(*arguments))
        if code:
            words: bytes = self._library.nvmlErrorString(code)
            raise Refused(code, words.decode("ascii", "replace"))

    def text(self, name: str, *arguments: Any) -> str:
        """What a function writes into a buffer."""
        buffer = ctypes.create_string_buffer(_TEXT_MOST)
        self.call(name, *arguments, buffer, ctypes.c_uint(_TEXT_MOST))
        return buffer.value.decode("utf-8", "replace")

    def number(self, name: str, *arguments: Any) -> int:
        """What a function writes into an unsigned int."""
        number = ctypes.c_uint()
        self.call(name, *arguments, ctypes.byref(number))
        return number.value

    def handle(self, name: str, *arguments: Any) -> ctypes.c_void_p:
        """A device."""
        handle = ctypes.c_void_p()
        self.call(name, *arguments, ctypes.byref(handle))
        return handle

    def memory(self, device: ctypes.c_void_p) -> "tuple[int, int]":
        """Bytes in all, and in use."""
        total_free_used = (ctypes.c_ulonglong * 3)()
        self.call("nvmlDeviceGetMemoryInfo", device, ctypes.byref(total_free_used))
        return total_free_used[0], total_free_used[2]


def look(library: str = _LIBRARY) -> Listing:
    """Ask NVML. One GPU that fails hides no other."""
    devices: list[Device] = []
    failed: list[Failed] = []
    try:
        with Nvml(library) as nvml:
            driver = nvml.text("nvmlSystemGetDriverVersion")
            for index in range(nvml.number("nvmlDeviceGetCount_v2")):
                try:
                    devices += _at(nvml, index)
                except Refused as refused:
                    failed.append(Failed(str(index), str(refused)))
    except OSError as error:
        return Listing(trouble=f"there is no driver of NVIDIA's ({error})")
    except Refused as refused:
        return Listing(trouble=f"NVIDIA's driver does not work: {refused}")
    return Listing(driver, devices, failed)


def _at(nvml: Nvml, index: int) -> list[Device]:
    """The GPU with this number, or its instances where it is split."""
    gpu = nvml.handle("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(index))
    nodes = _nodes(nvml, gpu)
    if not _is_split(nvml, gpu):
        return [_device(nvml, gpu, str(index), nodes)]
    found = []
    for place in range(nvml.number("nvmlDeviceGetMaxMigDeviceCount", gpu)):
        try:
            part = nvml.handle("nvmlDeviceGetMigDeviceHandleByIndex", gpu, ctypes.c_uint(place))
        except Refused as refused:
            if refused.code == _NOT_FOUND:  # nothing is at this place
                continue
            raise
        found.append(_device(nvml, part, f"{index}:{place}", [*nodes, *_rights(nvml, gpu, part)]))
    return found


def _is_split(nvml: Nvml, gpu: ctypes.c_void_p) -> bool:
    """Whether MIG is on; most GPUs do not have it."""
    now, after_reset = ctypes.c_uint(), ctypes.c_uint()
    try:
        nvml.call("nvmlDeviceGetMigMode", gpu, ctypes.byref(now), ctypes.byref(after_reset))
    except Refused as refused:
        if refused.code == _NOT_SUPPORTED:
            return False
        raise
    return now.value == 1


def _device(nvml: Nvml, device: ctypes.c_void_p, index: str, nodes: list[str]) -> Device:
    memory, used = nvml.memory(device)
    uuid, name = nvml.text("nvmlDeviceGetUUID", device), nvml.text("nvmlDeviceGetName", device)
    return Device(index, uuid, name, memory, used, nodes)


def _nodes(nvml: Nvml, gpu: ctypes.c_void_p) -> list[str]:
    try:
        return [*_CONTROLS, f"/dev/nvidia{nvml.number('nvmlDeviceGetMinorNumber', gpu)}"]
    except Refused as refused:
        if refused.code == _NOT_SUPPORTED:
            return [_IN_A_GUEST]
        raise


def _rights(nvml: Nvml, gpu: ctypes.c_void_p, part: ctypes.c_void_p) -> list[str]:
    """The nodes that give access to an instance: of its part of the GPU, and of its share of that part."""
    minor = nvml.number("nvmlDeviceGetMinorNumber", gpu)
    place = _CAPABILITIES / f"gpu{minor}" / "mig" / f"gi{nvml.number('nvmlDeviceGetGpuInstanceId', part)}"
    share = place / f"ci{nvml.number('nvmlDeviceGetComputeInstanceId', part)}"
    files = (folder / "access" for folder in (place, share))
    found = (re.search(r"DeviceFileMinor:\s*(\d+)", file.read_text("utf-8")) for file in files if file.is_file())
    return [f"/dev/nvidia-caps/nvidia-cap{match[1]}" for match in found if match]


def aside() -> Listing:
    """What `look` finds, asked in a process of its own; this one may go on to fork."""
    command = [sys.executable, "-I", "-S", __file__]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 - our own file
    except subprocess.TimeoutExpired:
        return Listing(trouble=f"NVIDIA's driver did not answer within {SECONDS:.0f} s")
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return Listing(trouble=f"asking NVIDIA's driver ended with status {done.returncode} ({words})")
    found = json.loads(done.stdout)
    return Listing(
        found["driver"],
        [Device(**each) for each in found["devices"]],
        [Failed(**each) for each in found["failed"]],
        found["trouble"],
    )


def used(uuid: str, listing: Listing) -> "tuple[int, str]":
    """How many bytes of a GPU's memory are in use, or why that cannot be told."""
    for device in listing.devices:
        if device.uuid == uuid:
            return device.used, ""
    failed = "; ".join(f"GPU {each.index}: {each.why}" for each in listing.failed)
    return 0, listing.trouble or failed or "it is no longer among the GPUs that NVIDIA's driver lists"


if __name__ == "__main__":
    print(json.dumps(dataclasses.asdict(look())))
