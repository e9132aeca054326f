"""What the doctor says, decided from facts, of engines that are not here too; and facts, read in real containers."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import docker
import msgspec
import pytest

from grader.errors import IsolationUnavailable
from grader.examine.engine import DockerLauncher, Level, doctor, findings, launcher, owners, probe
from grader.examine.engine.engines import Engine
from grader.examine.engine.findings import Asked, Facts
from grader.examine.engine.probe import Scratch, Seen
from grader.examine.gpus import Found
from grader.labs import LimitSpec

MEBI = 2**20
WARM = Asked("warm", 3584 * MEBI, 96, 256 * MEBI)
EACH = replace(WARM, isolation="container")
SCRATCH = Scratch(256 * MEBI, 16384, plain=True)
SEEN = Seen(
    user=0,
    machine_user=0,
    capabilities=0x2000E0,
    no_new_privileges=True,
    seccomp=2,
    open_doors=[],
    cgroup_version=2,
    limits={"memory": 3584 * MEBI, "swap": 0, "processes": 96},
    processors=2.0,
    machine_swap=2**30,
    read_only=True,
    scratch={"/tmp": SCRATCH, "/dev/shm": SCRATCH},
    elsewhere=[],
    apparmor="",
    interfaces=[],
    gpus=[],
)

EVERY_LIMIT = {"MemoryLimit": True, "SwapLimit": True, "PidsLimit": True, "CpuCfsQuota": True}
OLD_DOCKER = Engine.of(
    {"Version": "20.10.24", "ApiVersion": "1.41", "Components": [{"Name": "Engine"}]},
    {
        "SecurityOptions": ["name=seccomp,profile=default"],
        "CgroupVersion": "1",
        "CgroupDriver": "cgroupfs",
        "Driver": "overlay2",
    }
    | {"OperatingSystem": "Debian GNU/Linux 12", "KernelVersion": "6.1.0", "Architecture": "x86_64", **EVERY_LIMIT},
)
UBUNTU = Engine.of(
    {"Version": "29.1.0", "ApiVersion": "1.52", "Components": [{"Name": "Engine"}, {"Name": "containerd"}]},
    {
        "SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"],
        "CgroupVersion": "2",
        "CgroupDriver": "systemd",
        "Driver": "overlayfs",
        "OperatingSystem": "Ubuntu 24.04.2 LTS",
        "Runtimes": {"runc": {}, "nvidia": {}},
        **EVERY_LIMIT,
    },
)
DESKTOP = replace(UBUNTU, system="Docker Desktop", security=frozenset({"seccomp", "cgroupns"}))
ROOTLESS = Engine.of(
    {"Version": "28.0.1", "ApiVersion": "1.48", "Components": [{"Name": "Engine"}, {"Name": "rootlesskit"}]},
    {
        "SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"],
        "CgroupVersion": "2",
        "CgroupDriver": "systemd",
        "Driver": "fuse-overlayfs",
        **EVERY_LIMIT,
        "CpuCfsQuota": False,
    },
)
ROOTLESS_OLD = replace(
    ROOTLESS,
    cgroup_version=1,
    cgroup_driver="none",
    unlimited=("memory", "swap", "processes", "processors"),
)
PODMAN = Engine.of(
    {"Version": "4.9.3", "ApiVersion": "1.41", "Components": [{"Name": "Podman Engine"}, {"Name": "Conmon"}]},
    {
        "SecurityOptions": ["name=seccomp,profile=default", "name=rootless", "name=selinux"],
        "CgroupVersion": "2",
        "CgroupDriver": "systemd",
        "Driver": "vfs",
        "Runtimes": {"crun": {}, "runc": {}},
        **EVERY_LIMIT,
    },
)

PODMAN_4 = Engine.of(
    {"Version": "4.3.1", "ApiVersion": "1.41", "Components": [{"Name": "Podman Engine"}, {"Name": "Conmon"}]},
    {
        "SecurityOptions": ["name=seccomp,profile=default"],
        "Rootless": False,
        "CgroupVersion": "1",
        "CgroupDriver": "cgroupfs",
        "Driver": "overlay",
        "OperatingSystem": "debian",
        "Runtimes": {name: {} for name in ("crun", "kata", "krun", "runc", "runj", "runsc")},
        **EVERY_LIMIT,
    },
)
"""What Podman 4.3.1 of Debian 12 answers as root."""
PODMAN_4_ROOTLESS = Engine.of(
    {"Version": "4.3.1", "Components": [{"Name": "Podman Engine"}]},
    {
        "SecurityOptions": ["name=seccomp,profile=default"],
        "Rootless": True,
        "CgroupVersion": "1",
        "CgroupDriver": "cgroupfs",
        "Driver": "overlay",
        **EVERY_LIMIT,
    },
)
"""What the same answers as an ordinary user, control groups version 1: that it could limit everything. It cannot."""
SEEN_ROOTLESS = replace(
    SEEN,
    machine_user=1000,
    cgroup_version=1,
    limits={"memory": None, "swap": None, "processes": None},
    machine_swap=0,
    scratch=dict.fromkeys(("/tmp", "/dev/shm"), replace(SCRATCH, files=3_085_510)),
)
"""What a container of that engine shows."""


def told(engine, asked=WARM, seen=SEEN, **facts):
    """What is found: name -> finding."""
    return {each.name: each for each in findings.findings(Facts(asked, engine, "grader-sandbox:1", seen=seen, **facts))}


def bad(found):
    return {each.name for each in found.values() if each.level is Level.BAD}


@pytest.mark.parametrize("engine", [OLD_DOCKER, UBUNTU, DESKTOP, ROOTLESS, ROOTLESS_OLD, PODMAN, PODMAN_4])
def test_what_an_engine_says_decides_nothing_a_container_does(engine):
    found = told(engine, missing=[])
    assert bad(found) == set()
    assert findings.refusal(Facts(WARM, engine, seen=SEEN, missing=[])) == ""
    assert found["memory"].sentence == "3.5 GiB"
    assert found["submissions"].sentence == "each gets namespaces, a user and a filter of its own"


def test_an_engine_is_told_by_what_it_says():
    assert [each.product for each in (OLD_DOCKER, UBUNTU, DESKTOP, ROOTLESS, PODMAN)] == [*["Docker"] * 4, "Podman"]
    assert [each.rootless for each in (OLD_DOCKER, UBUNTU, ROOTLESS, PODMAN)] == [False, False, True, True]
    assert [each.apparmor for each in (OLD_DOCKER, UBUNTU, ROOTLESS)] == [False, True, False]
    assert told(OLD_DOCKER)["engine"].sentence == "Docker 20.10.24, API 1.41, on Debian GNU/Linux 12"
    assert told(OLD_DOCKER)["control groups"].sentence == "version 1, driver cgroupfs"
    assert told(OLD_DOCKER)["security"].sentence == "seccomp; AppArmor is not loaded"
    assert told(UBUNTU)["security"].sentence == "apparmor, cgroupns, seccomp"
    assert "virtual machine" in told(DESKTOP)["machine"].sentence
    assert told(PODMAN)["Podman"].level is Level.NOTE
    assert told(PODMAN)["storage"].level is Level.NOTE


def test_podman_without_root_says_so_in_a_key_of_its_own():
    assert (PODMAN_4.rootless, PODMAN_4_ROOTLESS.rootless) == (False, True)
    found = told(PODMAN_4_ROOTLESS, seen=SEEN_ROOTLESS)
    assert bad(found) == {"memory", "processes"}
    assert found["control groups"].sentence == "version 1, driver cgroupfs; nothing can be limited"
    assert "boot with systemd.unified_cgroup_hierarchy=1, or use an engine that runs as root" in found["memory"].advice
    assert found["parent"].sentence.startswith("root, user 1000 of the machine, with SYS_ADMIN")
    assert "how many files: they count against memory" in found["files"].sentence


def test_what_podman_cannot_bound_is_not_asked_for_and_what_it_opens_is_shut():
    docker_, podman = (launcher._folders(engine, WARM) for engine in (OLD_DOCKER, PODMAN_4))
    files = f"rw,nosuid,nodev,noexec,size={256 * MEBI},mode=1777"
    assert docker_ == dict.fromkeys(("/tmp", "/dev/shm"), f"{files},nr_inodes=16384")
    shut = dict.fromkeys(("/run", "/var/tmp"), "ro,nosuid,nodev,noexec,size=4k,mode=755")
    assert podman == dict.fromkeys(("/tmp", "/dev/shm"), files) | shut


@dataclass(frozen=True)
class Answered(DockerLauncher):
    """Knows its engine."""

    found: Engine = UBUNTU

    def engine(self):
        return self.found


@pytest.mark.parametrize(("engine", "asked"), [(UBUNTU, "private"), (OLD_DOCKER, None)])
def test_a_container_is_to_see_its_own_limits_where_that_is_not_so_anyway(engine, asked):
    client = docker.APIClient("unix:///nothing", version="1.41")
    assert Answered("image", LimitSpec(call_seconds=1), found=engine).host_config(client).get("CgroupnsMode") == asked
    client.close()


@pytest.mark.parametrize(("engine", "off"), [(UBUNTU, True), (OLD_DOCKER, False)])
def test_apparmor_is_asked_to_stay_off_where_it_is_loaded_and_for_a_warm_container_alone(engine, off):
    warm = Answered("image", LimitSpec(call_seconds=1), found=engine)
    assert ("apparmor=unconfined" in warm._security(engine)) is off
    assert "apparmor=unconfined" not in replace(warm, isolation="container")._security(engine)


def test_commands_are_those_of_the_engine():
    failed = Facts(WARM, PODMAN_4, "grader-sandbox:1", others=1, trouble="The container engine refused: no")
    _, others, container = findings.findings(failed)[-3:]
    assert "podman image rm NAME" in others.advice
    assert container.advice.endswith("podman run --rm --network none --entrypoint true grader-sandbox:1")


def test_an_engine_that_says_little_is_taken_for_an_old_docker():
    engine = Engine.of({}, {"SecurityOptions": ["apparmor", "seccomp"]})
    assert (engine.product, engine.cgroup_version, engine.unlimited) == ("Docker", 1, ())
    assert engine.apparmor
    assert bad(told(engine)) == set()


def test_apparmor_is_off_for_a_warm_container_alone_and_that_is_said():
    warm = told(UBUNTU, seen=replace(SEEN, apparmor="unconfined"))["AppArmor"]
    each = told(UBUNTU, EACH, replace(SEEN, capabilities=0xE0, apparmor="docker-default (enforce)"))["AppArmor"]
    assert (warm.level, warm.advice) == (Level.NOTE, "To have it on, grade with --isolation container.")
    assert (each.level, each.sentence) == (Level.FINE, "profile docker-default (enforce)")


def test_apparmor_that_a_rootless_engine_only_speaks_of_is_not_called_on():
    found = told(PODMAN_4_ROOTLESS, EACH, replace(SEEN, capabilities=0xE0, apparmor="unconfined"))["AppArmor"]
    assert (found.level, found.sentence) == (
        Level.NOTE,
        "loaded, and no profile is in force: a rootless engine may not set one",
    )
    assert "AppArmor" not in told(OLD_DOCKER)


LENT = replace(WARM, gpu=True)


def test_a_container_shows_as_many_gpus_as_were_lent():
    assert told(UBUNTU)["GPUs"].sentence == "none, as none is lent"
    one, none, two = (
        told(UBUNTU, LENT, replace(SEEN, gpus=gpus))["GPUs"] for gpus in (["nvidia3"], [], ["nvidia0", "nvidia1"])
    )
    assert (one.level, one.sentence) == (Level.FINE, "nvidia3")
    assert (none.level, none.sentence) == (Level.BAD, "the one that was lent cannot be seen")
    assert (two.level, two.sentence) == (Level.BAD, "nvidia0, nvidia1 can be seen, and one was lent")


def test_what_can_be_lent_is_told_gpu_by_gpu(gpu):
    here = Found((gpu(used=0), gpu("1:0", "MIG-1", used=3 * 2**30)), ("GPU 2 cannot be used: GPU is lost",))
    zero, one, two = findings.findings(Facts(WARM, gpus=here))
    assert (zero.group, zero.name, zero.level) == ("GPUs", "GPU 0", Level.FINE)
    assert zero.sentence == "NVIDIA H100, 80 GiB, GPU-5a1b, driver 570.86"
    assert (one.name, one.level, one.advice) == ("GPU 1:0", Level.NOTE, "Give it to the grader alone.")
    assert one.sentence.endswith("; 3 GiB in use already")
    assert (two.level, two.sentence) == (Level.NOTE, "GPU 2 cannot be used: GPU is lost")


def test_a_machine_without_gpus_is_fine_and_told_why():
    (only,) = findings.findings(Facts(WARM, gpus=Found(why="there is no driver")))
    assert (only.level, only.sentence) == (Level.FINE, "none can be lent, so labs run on the CPU: there is no driver")


def test_nodes_of_gpus_are_told_from_other_devices(tmp_path):
    (tmp_path / "dri").mkdir()
    for name in ("nvidia0", "nvidia12", "nvidiactl", "nvidia-uvm", "null", "dxg", "dri/renderD128", "dri/card0"):
        (tmp_path / name).touch()
    assert probe.gpus(tmp_path) == ["dxg", "nvidia0", "nvidia12", "dri/renderD128"]


def test_only_folders_that_everybody_may_write_to_are_told(tmp_path):
    """NVIDIA's runtime mounts the socket of its daemon, which everybody may write to, and which holds no files."""
    listener = socket.socket(socket.AF_UNIX)
    with listener:
        listener.bind(str(tmp_path / "socket"))
    (tmp_path / "open").mkdir()
    for name, mode in (("socket", 0o777), ("open", 0o777), ("", 0o755)):
        (tmp_path / name).chmod(mode)
    mounts = tmp_path / "mounts"
    mounts.write_text("".join(f"tmpfs {tmp_path / name} tmpfs rw,nosuid 0 0\n" for name in ("socket", "open", "")))
    assert probe._elsewhere(mounts) == [str(tmp_path / "open")]


def test_a_controller_that_nobody_needs_is_not_missed():
    found = told(ROOTLESS)["control groups"]
    assert found.level is Level.FINE
    assert (
        found.sentence
        == "version 2, driver systemd; the engine says that it cannot limit processors, which are not limited anyway"
    )


def test_that_an_engine_denies_a_limit_on_swap_is_left_to_what_a_container_shows():
    found = told(replace(UBUNTU, unlimited=("swap",)))
    assert (found["control groups"].level, found["control groups"].advice) == (Level.NOTE, "")
    assert found["swap"].sentence == "none"


@pytest.mark.parametrize(
    ("engine", "advice"),
    [
        (ROOTLESS, "Delegate=cpu cpuset io memory pids"),
        (ROOTLESS_OLD, "systemd.unified_cgroup_hierarchy=1"),
        (OLD_DOCKER, "cgroup_enable=memory swapaccount=1"),
        (UBUNTU, "the controllers memory and pids"),
    ],
)
def test_limits_that_did_not_take_come_with_what_helps_that_engine(engine, advice):
    found = told(engine, seen=replace(SEEN, limits={}))
    assert bad(found) == {"memory", "processes"}
    assert found["memory"].sentence == "no limit is in force; 3.5 GiB was asked for"
    assert found["processes"].sentence == "no limit is in force; 96 was asked for"
    assert advice in found["memory"].advice


@pytest.mark.parametrize(
    ("swap", "machine", "level"),
    [
        ({"swap": 0}, 2**30, Level.FINE),
        ({"swap": None}, 2**30, Level.BAD),
        ({"swap": 2**20}, 2**30, Level.BAD),
        ({"swap": None}, 0, Level.FINE),
        ({}, 0, Level.FINE),
        ({}, 2**30, Level.NOTE),
    ],
)
def test_swap_is_bad_where_it_was_limited_and_is_not(swap, machine, level):
    limits = {"memory": 3584 * MEBI, "processes": 96, **swap}
    assert told(UBUNTU, seen=replace(SEEN, limits=limits, machine_swap=machine))["swap"].level is level


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"limits": {**SEEN.limits, "memory": 4096 * MEBI}}, "memory"),
        ({"limits": {**SEEN.limits, "processes": 97}}, "processes"),
        ({"read_only": False}, "root folder"),
        ({"elsewhere": ["/var/tmp"]}, "other folders"),
        ({"interfaces": ["eth0"]}, "network"),
        ({"gpus": ["nvidia0"]}, "GPUs"),
        ({"no_new_privileges": False}, "new privileges"),
        ({"seccomp": 0}, "system calls"),
        ({"open_doors": ["io_uring"]}, "system calls"),
        ({"capabilities": 0x2000E1}, "parent"),
        ({"capabilities": 0xE0}, "parent"),
        ({"user": 1000}, "parent"),
        ({"scratch": {"/tmp": SCRATCH, "/dev/shm": replace(SCRATCH, size=2**40)}}, "files"),
        ({"scratch": {"/tmp": replace(SCRATCH, plain=False), "/dev/shm": SCRATCH}}, "files"),
        ({"scratch": {"/tmp": replace(SCRATCH, size=0), "/dev/shm": SCRATCH}}, "files"),
    ],
)
def test_one_thing_that_is_not_as_asked_is_bad_and_grading_refuses_by_it(change, name):
    seen = replace(SEEN, **change)
    found = told(UBUNTU, seen=seen)
    assert bad(found) == {name}
    assert found[name].advice
    refused = findings.refusal(Facts(WARM, UBUNTU, seen=seen, missing=[]))
    assert refused == (
        f"The container engine does not give what a sandbox needs: {name}: {found[name].sentence}. "
        "`grader sandbox doctor` says what to do."
    )


def test_what_a_parent_could_not_have_is_bad_and_another_way_is_named():
    found = told(PODMAN, missing=["namespaces: this system does not permit it"])
    assert bad(found) == {"missing"}
    assert found["missing"].advice.endswith("grader sandbox doctor --isolation container")
    assert "submissions" not in found


def test_one_is_told_how_far_it_came():
    reached = [Facts(WARM, trouble="x"), Facts(WARM, UBUNTU, trouble="x"), Facts(WARM, UBUNTU, "image", trouble="x")]
    last = [findings.findings(facts)[-1] for facts in reached]
    assert [(each.group, each.level, each.sentence) for each in last] == [
        ("Engine", Level.BAD, "x"),
        ("Image", Level.BAD, "x"),
        ("Container", Level.BAD, "x"),
    ]


def groups(folder, files):
    """A tree of control groups as a kernel shows it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{text}\n")
    return folder


V1 = {
    "memory/memory.limit_in_bytes": 2**31,
    "pids/pids.max": 96,
    "cpu/cpu.cfs_quota_us": -1,
    "cpu/cpu.cfs_period_us": 10**5,
}
V2 = {"cgroup.controllers": "memory pids", "memory.max": 2**31, "memory.swap.max": 0, "pids.max": 96}
FREE = 0x7FFFFFFFFFFFF000


@pytest.mark.parametrize(
    ("files", "version", "limits", "processors"),
    [
        (V1 | {"memory/memory.memsw.limit_in_bytes": 2**31}, 1, {"memory": 2**31, "swap": 0, "processes": 96}, None),
        (
            V1 | {"memory/memory.memsw.limit_in_bytes": 2**32},
            1,
            {"memory": 2**31, "swap": 2**31, "processes": 96},
            None,
        ),
        (V1 | {"memory/memory.memsw.limit_in_bytes": FREE}, 1, {"memory": 2**31, "swap": None, "processes": 96}, None),
        (V1, 1, {"memory": 2**31, "processes": 96}, None),
        (
            V1 | {"memory/memory.limit_in_bytes": FREE, "pids/pids.max": "max"},
            1,
            {"memory": None, "processes": None},
            None,
        ),
        (V1 | {"cpu/cpu.cfs_quota_us": 150000}, 1, {"memory": 2**31, "processes": 96}, 1.5),
        (V2, 2, {"memory": 2**31, "swap": 0, "processes": 96}, None),
        (V2 | {"memory.max": "max", "cpu.max": "max 100000"}, 2, {"memory": None, "swap": 0, "processes": 96}, None),
        (V2 | {"cpu.max": "50000 100000"}, 2, {"memory": 2**31, "swap": 0, "processes": 96}, 0.5),
        ({"cgroup.controllers": ""}, 2, {}, None),
        ({}, 0, {}, None),
    ],
)
def test_limits_are_read_of_both_versions_of_control_groups(tmp_path, files, version, limits, processors):
    folder = groups(tmp_path, files)
    assert probe.cgroup_version(folder) == version
    assert probe.limits(folder, version) == limits
    assert probe.processors(folder, version) == (float("inf") if processors is None else processors)


def test_a_folder_that_all_may_write_to_is_found_among_the_mounts(tmp_path):
    for name, mode in (("open", 0o1777), ("shut", 0o755), ("read-only", 0o777), ("queue", 0o1777)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    (tmp_path / "file").touch()
    (tmp_path / "file").chmod(0o666)
    table = [("open", "tmpfs", "ro"), ("open", "tmpfs", "rw,nosuid"), ("shut", "tmpfs", "rw")]
    table += [("read-only", "ext4", "ro"), ("queue", "mqueue", "rw"), ("file", "tmpfs", "rw")]
    mounts = tmp_path / "mounts"
    mounts.write_text("".join(f"none {tmp_path / name} {kind} {options} 0 0\n" for name, kind, options in table))
    assert probe._elsewhere(mounts) == [str(tmp_path / "open")]


def test_the_probe_needs_nothing_but_python():
    source = Path(probe.__file__).read_text("utf-8")
    done = subprocess.run([sys.executable, "-I", "-S", "-c", source], capture_output=True, check=True)
    assert msgspec.json.decode(done.stdout, type=Seen).user == os.geteuid()


SMALL = LimitSpec(call_seconds=10, memory_mb=64, scratch_mb=16, processes=20)


@dataclass(frozen=True)
class Altered(DockerLauncher):
    """Asks the engine for something else: JSON of the keys of its HostConfig."""

    change: str = "{}"

    def host_config(self, client):
        return {**super().host_config(client), **json.loads(self.change)}


@pytest.fixture
def mine(docker_image):
    """The containers that this process has open: `mine()`."""
    client = docker.from_env().api
    label = f"{owners.LABEL}={owners.owner()}"
    yield lambda: {each["Id"] for each in client.containers(all=True, filters={"label": label})}
    client.close()


def altered(image_, **change):
    return Altered(image_, SMALL, change=json.dumps(change))


@pytest.mark.docker
@pytest.mark.parametrize("isolation", ["warm", "container"])
def test_a_real_container_has_what_was_asked_for(docker_image, isolation):
    launcher = DockerLauncher(docker_image, SMALL, isolation)
    facts = launcher.look()
    assert findings.refusal(facts) == ""
    seen = facts.seen
    assert seen.limits["memory"] == launcher.asked().memory == (64 + 2 * 16 + 1024) * MEBI
    assert seen.limits["processes"] == launcher.asked().processes
    assert seen.scratch == dict.fromkeys(("/tmp", "/dev/shm"), Scratch(16 * MEBI, 1024, plain=True))
    assert (seen.user, seen.seccomp, seen.interfaces, seen.open_doors) == (0, 2, [], [])
    assert seen.cgroup_version == facts.engine.cgroup_version
    assert 0 < seen.processors <= 1024


@pytest.mark.docker
@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"Memory": 0, "MemorySwap": 0}, "memory"),
        ({"PidsLimit": 0}, "processes"),
        ({"ReadonlyRootfs": False}, "root folder"),
        ({"NetworkMode": "host"}, "network"),
        ({"CapAdd": ["SYS_ADMIN", "SETUID", "SETGID", "KILL", "NET_RAW"]}, "parent"),
        ({"CapAdd": []}, "parent"),
        ({"Tmpfs": {"/tmp": "size=1g,mode=1777", "/dev/shm": "size=16m"}}, "files"),
        ({"Tmpfs": {"/tmp": "dev,suid,size=16m", "/dev/shm": "size=16m"}}, "files"),
        ({"Tmpfs": {"/tmp": "size=16m", "/dev/shm": "size=16m", "/var/tmp": "size=16m,mode=1777"}}, "other folders"),
    ],
)
def test_what_is_taken_away_from_a_real_container_is_found_to_be_missing(docker_image, change, name):
    facts = altered(docker_image, **change).look()
    assert name in {each.name for each in findings.findings(facts) if each.level is Level.BAD}


@pytest.mark.docker
def test_without_its_security_options_a_real_container_is_found_to_lack_them(docker_image):
    seen = altered(docker_image, SecurityOpt=["seccomp=unconfined"]).look().seen
    assert (seen.no_new_privileges, seen.seccomp) == (False, 0)
    assert {"user namespaces", "network namespaces", "mounts that bind", "tracing", "netlink sockets"} <= set(
        seen.open_doors
    )


@pytest.mark.docker
def test_under_the_engines_own_profile_the_list_is_found_not_to_be_in_force(docker_image):
    facts = altered(docker_image, SecurityOpt=["no-new-privileges"]).look()
    assert facts.seen.seccomp == 2
    assert "system calls: the grader's list is not in force: user namespaces" in findings.refusal(facts)


@pytest.mark.docker
def test_grading_refuses_where_a_limit_did_not_take_and_leaves_no_container(docker_image, mine):
    before = mine()
    with pytest.raises(IsolationUnavailable) as refused:
        altered(docker_image, PidsLimit=0).open()
    assert str(refused.value) == (
        "The container engine does not give what a sandbox needs: processes: no limit is in force; 52 was asked for. "
        "`grader sandbox doctor` says what to do."
    )
    assert mine() == before


@pytest.mark.docker
def test_the_doctor_looks_at_a_slot_too(docker_image):
    facts = doctor.gather(DockerLauncher(docker_image, SMALL))
    assert (facts.image, facts.trouble, list(facts.missing)) == (docker_image, "", [])
    assert facts.seen


@pytest.mark.docker
def test_the_doctor_says_which_image_is_missing(docker_image):
    facts = doctor.gather(DockerLauncher("grader-sandbox:none", SMALL))
    assert facts.trouble.endswith("Run `grader sandbox build`.")
    assert (facts.image, facts.seen) == ("", None)
