"""Which engine answers, from what it says of itself: Docker or Podman, whose root, which control groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Self

if TYPE_CHECKING:
    from docker import APIClient

_LIMITS: Final = {"memory": "MemoryLimit", "swap": "SwapLimit", "processes": "PidsLimit", "processors": "CpuCfsQuota"}


@dataclass(frozen=True, slots=True)
class Engine:
    """What an engine says of itself. A container may still find it otherwise.

    Attributes:
        product: an engine that speaks Docker's language and is not Podman counts as Docker.
        system: the operating system that it runs on, which with Docker Desktop is a virtual machine.
        security: what it calls its security options: "seccomp", "apparmor", "rootless", "cgroupns", "selinux"…
        cgroup_version, cgroup_driver: of control groups; the driver "none" can limit nothing.
        unlimited: what it says it cannot limit.
        storage: the driver that stacks the layers of images.
    """

    product: Literal["Docker", "Podman"]
    version: str
    api: str
    system: str
    kernel: str
    architecture: str
    security: frozenset[str]
    cgroup_version: int
    cgroup_driver: str
    unlimited: tuple[str, ...]
    storage: str

    @classmethod
    def of(cls, version: Mapping[str, Any], info: Mapping[str, Any]) -> Self:
        """Read the engine's answers to `/version` and `/info`; what an old one leaves out is as it was then."""
        components = {each.get("Name") for each in version.get("Components") or []}
        options = [option.split(",")[0].removeprefix("name=") for option in info.get("SecurityOptions") or []]
        if info.get("Rootless"):  # Podman's own key
            options.append("rootless")
        return cls(
            product="Podman" if "Podman Engine" in components else "Docker",
            version=str(version.get("Version", "?")),
            api=str(version.get("ApiVersion", "?")),
            system=str(info.get("OperatingSystem", "?")),
            kernel=str(info.get("KernelVersion", "?")),
            architecture=str(info.get("Architecture", "?")),
            security=frozenset(options),
            cgroup_version=int(info.get("CgroupVersion") or 1),
            cgroup_driver=str(info.get("CgroupDriver", "?")),
            unlimited=tuple(name for name, key in _LIMITS.items() if not info.get(key, True)),
            storage=str(info.get("Driver", "?")),
        )

    @property
    def command(self) -> str:
        """What its users type."""
        return self.product.lower()

    @property
    def rootless(self) -> bool:
        """Whether its root is an ordinary user of the machine."""
        return "rootless" in self.security

    @property
    def apparmor(self) -> bool:
        """Whether AppArmor is loaded, which gives a container a profile unless told otherwise."""
        return "apparmor" in self.security


def engine_of(client: "APIClient") -> Engine:
    """The engine that `client` talks to."""
    return Engine.of(client.version(), client.info())
