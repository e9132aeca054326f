"""What this machine's engine gives a sandbox."""

from typing import TYPE_CHECKING, Any, NamedTuple

from grader.errors import GraderError, ImageMissing
from grader.examine.engine import owners
from grader.examine.engine.client import connected
from grader.examine.engine.image import image_id, image_tag
from grader.examine.engine.launcher import DockerLauncher
from grader.labs import LimitSpec

if TYPE_CHECKING:
    from docker import APIClient


class Finding(NamedTuple):
    """One line of `grader sandbox doctor`."""

    name: str
    fine: bool
    sentence: str


def diagnose() -> list[Finding]:
    """What there is, and what is missing. Opens a real slot where it can."""
    try:
        with connected() as client:
            found = [*_engine(client.version(), client.info()), _leftovers(client)]
    except GraderError as error:
        return [Finding("engine", False, str(error))]  # noqa: FBT003 - a row of a table
    try:
        found.append(Finding("image", True, f"{image_tag()} is {image_id().removeprefix('sha256:')[:12]}"))  # noqa: FBT003 - as above
    except ImageMissing as error:
        return [*found, Finding("image", False, str(error))]  # noqa: FBT003 - as above
    return [*found, _slot()]


def _engine(version: dict[str, Any], info: dict[str, Any]) -> list[Finding]:
    limits = {"memory": "MemoryLimit", "swap": "SwapLimit", "processes": "PidsLimit", "processors": "CpuCfsQuota"}
    lacking = [name for name, key in limits.items() if not info.get(key, True)]
    groups = f"version {info.get('CgroupVersion', '1')}"
    runtimes = sorted(info.get("Runtimes") or {})
    gpu = "GPUs can be given" if "nvidia" in runtimes else "no GPU can be given"
    system = f"API {version.get('ApiVersion')}, kernel {info.get('KernelVersion')}, {info.get('Architecture')}"
    return [
        Finding("engine", True, f"{version.get('Version')}, {system}"),  # noqa: FBT003 - a row of a table
        Finding("control groups", not lacking, f"{groups}; no limit on {', '.join(lacking)}" if lacking else groups),
        Finding("storage", True, str(info.get("Driver"))),  # noqa: FBT003 - as above
        Finding("runtimes", True, f"{', '.join(runtimes)}: {gpu}"),  # noqa: FBT003 - as above
    ]


def _leftovers(client: "APIClient") -> Finding:
    count = len(owners.orphans(client))
    told = f"{count} containers of graders that died; the next batch removes them" if count else "none"
    return Finding("leftovers", True, told)  # noqa: FBT003 - as above


def _slot() -> Finding:
    try:
        slot = DockerLauncher(image_tag(), LimitSpec(call_seconds=10)).open()
    except GraderError as error:
        return Finding("sandbox", False, str(error))  # noqa: FBT003 - as above
    slot.close()
    return Finding("sandbox", True, "started; namespaces, the filter on system calls and all limits took")  # noqa: FBT003 - as above
