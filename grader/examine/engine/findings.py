"""From facts to what is safe and what is not. Pure; `grader sandbox doctor` shows it, and grading refuses by it.

What an engine says of itself explains; what a container shows decides.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from grader.examine.engine.engines import Engine
from grader.examine.engine.probe import FOLDERS, Seen
from grader.examine.gpus import BUSY_BYTES, Found

Isolation = Literal["warm", "container"]

CAPABILITIES: Final[dict[Isolation, tuple[str, ...]]] = {
    "warm": ("SYS_ADMIN", "SETUID", "SETGID", "KILL"),
    "container": ("SETUID", "SETGID", "KILL"),
}
"""What a container's parent may do as root, and no more."""
_BITS: Final = {"KILL": 5, "SETGID": 6, "SETUID": 7, "SYS_ADMIN": 21}
_FILE_BYTES: Final = 16_384
_UNITS: Final = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
_OTHER_WAY: Final = "See whether a container for each submission works: grader sandbox doctor --isolation container"
_NEWER: Final = "Update the engine; where it stays so, use another one."


class Level(StrEnum):
    """How a finding is to be taken: grading refuses where one is BAD."""

    FINE = "ok"
    NOTE = "note"
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `grader sandbox doctor`.

    Attributes:
        group: the heading that it stands under.
        advice: what to do, where something is to be done.
    """

    group: str
    name: str
    level: Level
    sentence: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the engine is asked for: bytes of memory, processes, bytes of each folder for files, a GPU or none."""

    isolation: Isolation
    memory: int
    processes: int
    scratch: int
    gpu: bool = False

    @property
    def files(self) -> int:
        """How many files each folder may hold."""
        return max(self.scratch // _FILE_BYTES, 1024)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known, as far as one came.

    Attributes:
        image: the sandbox image's name; others: how many of other versions there are.
        seen: what a container showed from inside.
        missing: what a slot's parent could not have, in its words; None where none was opened.
        trouble: what ended the look around.
        leftovers: containers whose owner is gone.
        gpus: what can be lent; None where that was not asked.
    """

    asked: Asked
    engine: Engine | None = None
    image: str = ""
    others: int = 0
    seen: Seen | None = None
    missing: Sequence[str] | None = None
    trouble: str = ""
    leftovers: int = 0
    gpus: Found | None = None


def findings(facts: Facts) -> list[Finding]:
    """Everything that is to be said about `facts`, in the order of reading."""
    found: list[Finding] = []
    command = facts.engine.command if facts.engine else "docker"
    if facts.engine:
        found += _engine(facts.engine)
        found.append(_leftovers(facts.leftovers))
    if facts.image:
        found += _image(facts.image, facts.others, command)
    if facts.seen:
        found += _container(facts.asked, facts.seen, facts.engine)
    if facts.missing is not None:
        found += _sessions(facts.asked.isolation, facts.missing)
    if facts.gpus:
        found += _lendable(facts.gpus)
    if facts.trouble:
        group = "Container" if facts.image else "Image" if facts.engine else "Engine"
        plain = f"{command} run --rm --network none --entrypoint true {facts.image}"
        advice = f"See whether a container without limits runs: {plain}" if facts.image else ""
        found.append(Finding(group, group.lower(), Level.BAD, facts.trouble, advice))
    return found


def refusal(facts: Facts) -> str:
    """Why nothing may be graded; "" if it may."""
    bad = [f"{each.name}: {each.sentence}" for each in findings(facts) if each.level is Level.BAD]
    if not bad:
        return ""
    told = "; ".join(bad)
    return f"The container engine does not give what a sandbox needs: {told}. `grader sandbox doctor` says what to do."


def _engine(engine: Engine) -> Iterator[Finding]:
    def say(name: str, sentence: str, advice: str = "", level: Level = Level.FINE) -> Finding:
        return Finding("Engine", name, level, sentence, advice)

    yield say("engine", f"{engine.product} {engine.version}, API {engine.api}, on {engine.system}")
    yield say("kernel", f"{engine.kernel}, {engine.architecture}")
    if engine.product == "Podman":
        yield say("Podman", "the grader's own tests use Docker; what a container shows below counts", level=Level.NOTE)
    if engine.system == "Docker Desktop":
        yield say("machine", "memory and processors are those of Docker Desktop's virtual machine", level=Level.NOTE)
    if engine.rootless:
        yield say("rootless", "its root is an ordinary user of this machine", level=Level.NOTE)
    yield _groups(engine)
    told = ", ".join(sorted(engine.security & {"seccomp", "selinux", "cgroupns", "apparmor"})) or "nothing"
    yield say("security", told if engine.apparmor else f"{told}; AppArmor is not loaded")
    if engine.storage == "vfs":
        told = "vfs copies the whole image, some gigabytes, for every container"
        yield say("storage", told, "Give the engine overlay2 or fuse-overlayfs as its storage driver.", Level.NOTE)
    else:
        yield say("storage", engine.storage)


def _groups(engine: Engine) -> Finding:
    told = f"version {engine.cgroup_version}, driver {engine.cgroup_driver}"
    if engine.rootless and engine.cgroup_version == 1:
        return Finding("Engine", "control groups", Level.NOTE, f"{told}; nothing can be limited", _how_to_limit(engine))
    if not engine.unlimited:
        return Finding("Engine", "control groups", Level.FINE, told)
    told += f"; the engine says that it cannot limit {', '.join(engine.unlimited)}"
    if set(engine.unlimited) == {"processors"}:
        return Finding("Engine", "control groups", Level.FINE, f"{told}, which are not limited anyway")
    if not {"memory", "processes"} & set(engine.unlimited):
        return Finding("Engine", "control groups", Level.NOTE, f"{told}; what a container shows below counts")
    return Finding("Engine", "control groups", Level.NOTE, told, _how_to_limit(engine))


def _armour(isolation: Isolation, profile: str) -> Finding:
    if isolation == "container" and profile != "unconfined":
        return Finding("Container", "AppArmor", Level.FINE, f"profile {profile}")
    if isolation == "container":
        told = "loaded, and no profile is in force: a rootless engine may not set one"
        return Finding("Container", "AppArmor", Level.NOTE, told)
    told = "off for a warm container: the engine's default profile forbids it to mount"
    return Finding("Container", "AppArmor", Level.NOTE, told, "To have it on, grade with --isolation container.")


def _leftovers(count: int) -> Finding:
    if not count:
        return Finding("Engine", "leftovers", Level.FINE, "no containers")
    told = f"containers of graders that died: {count}; the next batch removes them"
    return Finding("Engine", "leftovers", Level.NOTE, told, "To remove them now: grader sandbox doctor --clean")


def _image(name: str, others: int, command: str) -> Iterator[Finding]:
    yield Finding("Image", "image", Level.FINE, name)
    if others:
        told = f"{others} of other versions of the grader; they share most of their layers"
        advice = f"To remove one: {command} image rm NAME ({command} images grader-sandbox lists them)"
        yield Finding("Image", "others", Level.NOTE, told, advice)


def _container(asked: Asked, seen: Seen, engine: Engine | None) -> Iterator[Finding]:
    how = _how_to_limit(engine) if engine else ""
    yield _limited("memory", seen.limits, asked.memory, _size, how)
    yield _swap(seen, how)
    yield _limited("processes", seen.limits, asked.processes, str, how)
    told = f"{seen.processors:g}, none set apart: limits of labs count CPU seconds"
    yield Finding("Container", "processors", Level.FINE, told)
    yield _either("root folder", seen.read_only, "read-only", "can be written to", _NEWER)
    yield _scratch(asked, seen)
    if seen.elsewhere:
        told = f"{', '.join(seen.elsewhere)} can be written to, which was not asked for"
        yield Finding("Container", "other folders", Level.BAD, told, _NEWER)
    reach = f"{', '.join(seen.interfaces)} can be reached from inside"
    yield _either("network", not seen.interfaces, "none", reach, _NEWER)
    yield _gpus(asked, seen.gpus)
    yield _rights(asked.isolation, seen)
    yield _either("new privileges", seen.no_new_privileges, "none can be had", "programs can give them", _NEWER)
    yield _calls(seen)
    if seen.apparmor:
        yield _armour(asked.isolation, seen.apparmor)


def _limited(name: str, limits: dict[str, int | None], most: int, shown: Callable[[int], str], how: str) -> Finding:
    found = limits.get(name)
    if found is None:
        return Finding("Container", name, Level.BAD, f"no limit is in force; {shown(most)} was asked for", how)
    if found > most:
        return Finding("Container", name, Level.BAD, f"{shown(found)}, and {shown(most)} was asked for", how)
    return Finding("Container", name, Level.FINE, shown(found))


def _swap(seen: Seen, how: str) -> Finding:
    if seen.limits.get("swap", -1) == 0:
        return Finding("Container", "swap", Level.FINE, "none")
    if not seen.machine_swap:
        return Finding("Container", "swap", Level.FINE, "none on this machine")
    if "swap" in seen.limits:
        return Finding("Container", "swap", Level.BAD, "a container may swap; none was asked for", how)
    told = "not counted here: what a container swaps slows down the machine"
    return Finding("Container", "swap", Level.NOTE, told, "Boot with swapaccount=1, or without swap.")


def _scratch(asked: Asked, seen: Seen) -> Finding:
    most = asked.scratch
    wrong = [name for name in FOLDERS if not (0 < seen.scratch[name].size <= most and seen.scratch[name].plain)]
    if wrong:
        told = f"{' and '.join(wrong)} larger than {_size(most)}, or with devices or setuid programs"
        return Finding("Container", "files", Level.BAD, told, _NEWER)
    told = " and ".join(f"{_size(seen.scratch[name].size)} in {name}" for name in FOLDERS) + ", nosuid and nodev"
    if any(seen.scratch[name].files > asked.files for name in FOLDERS):
        told += "; the engine cannot bound how many files: they count against memory"
    return Finding("Container", "files", Level.FINE, told)


def _gpus(asked: Asked, seen: Sequence[str]) -> Finding:
    """Whether as many GPUs are in sight as were lent."""
    told = ", ".join(seen)
    if not asked.gpu:
        return _either("GPUs", not seen, "none, as none is lent", f"{told} can be seen, and none was lent", _NEWER)
    if not seen:
        advice = "Update the engine and its GPU runtime: what does not know the request may pass over it."
        return Finding("Container", "GPUs", Level.BAD, "the one that was lent cannot be seen", advice)
    return _either("GPUs", len(seen) == 1, told, f"{told} can be seen, and one was lent", _NEWER)


def _lendable(here: Found) -> Iterator[Finding]:
    """What “grader batch” could lend to submissions of labs that ask for a GPU."""
    for gpu in here.gpus:
        told = f"{gpu.name}, {_size(gpu.memory)}, {gpu.uuid}, driver {gpu.driver}"
        if gpu.used > BUSY_BYTES:
            told += f"; {_size(gpu.used)} in use already"
            yield Finding("GPUs", f"GPU {gpu.index}", Level.NOTE, told, "Give it to the grader alone.")
        else:
            yield Finding("GPUs", f"GPU {gpu.index}", Level.FINE, told)
    for each in here.failed:
        yield Finding("GPUs", "failing", Level.NOTE, each)
    if not here.gpus:
        told = here.why or "NVIDIA's driver lists none"
        yield Finding("GPUs", "GPUs", Level.FINE, f"none can be lent, so labs run on the CPU: {told}")


def _rights(isolation: Isolation, seen: Seen) -> Finding:
    wanted = CAPABILITIES[isolation]
    asked = sum(1 << _BITS[name] for name in wanted)
    held = ", ".join(wanted)
    if seen.user != 0 or asked & ~seen.capabilities:
        told = f"user {seen.user}, not with all of {held}"
        return Finding("Container", "parent", Level.BAD, told, "Let the engine give what it is asked to (cap_add).")
    if seen.capabilities & ~asked:
        told = f"capabilities beyond {held}: mask {seen.capabilities:x}"
        return Finding("Container", "parent", Level.BAD, told, "Let the engine drop what it is asked to (cap_drop).")
    mapped = f", user {seen.machine_user} of the machine" if seen.machine_user else ""
    return Finding("Container", "parent", Level.FINE, f"root{mapped}, with {held} alone; student code has none of it")


def _calls(seen: Seen) -> Finding:
    advice = "Use an engine and a kernel with seccomp; docker info, or podman info, shows whether they have it."
    if seen.seccomp != 2:
        return Finding("Container", "system calls", Level.BAD, "no filter is in force", advice)
    doors = f"the grader's list is not in force: {', '.join(seen.open_doors)}"
    return _either("system calls", not seen.open_doors, "those of the grader's list alone", doors, advice)


def _sessions(isolation: Isolation, missing: Sequence[str]) -> Iterator[Finding]:
    if not missing:
        own = "namespaces, a user and a filter" if isolation == "warm" else "a container, a user and a filter"
        yield Finding("Container", "submissions", Level.FINE, f"each gets {own} of its own")
    for each in missing:
        yield Finding("Container", "missing", Level.BAD, each, _OTHER_WAY if isolation == "warm" else _NEWER)


def _either(name: str, fine: bool, good: str, bad: str, advice: str) -> Finding:  # noqa: FBT001 - a row of a table
    return Finding("Container", name, Level.FINE, good) if fine else Finding("Container", name, Level.BAD, bad, advice)


def _how_to_limit(engine: Engine) -> str:
    """What makes limits take, for this kind of engine."""
    if engine.rootless and engine.cgroup_version == 1:
        return (
            "A rootless engine can limit with control groups version 2 only: boot with "
            "systemd.unified_cgroup_hierarchy=1, or use an engine that runs as root."
        )
    if engine.rootless:
        return (
            "Let users have the controllers: “[Service] Delegate=cpu cpuset io memory pids” in "
            "/etc/systemd/system/user@.service.d/delegate.conf; log in again; start the engine by systemd."
        )
    if engine.cgroup_version == 1:
        return "Boot with cgroup_enable=memory swapaccount=1, and restart the engine."
    return f"Give the engine the controllers memory and pids; {engine.command} info says what it lacks."


def _size(count: int) -> str:
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count} bytes"
