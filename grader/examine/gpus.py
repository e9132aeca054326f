"""GPUs: which there are, which of them the operator lets be lent, and what in a submission's words points at one.

Pure: gathered is by launchers, held by `holding`, lent by the pool, watched by `lending`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from grader.errors import GpuUnavailable, SetupError
from sandbox.devices import Listing
from sandbox.protocol import messages
from sandbox.protocol.messages import Raised

Need = Literal["none", "optional", "required"]
"""`gpu` in lab.toml."""

HOST_BYTES: Final = 2**31
"""Room in the machine's memory for what CUDA and its libraries hold for a process, which no student asked for."""
BUSY_BYTES: Final = 2**30
"""More than a driver and a desktop hold: somebody else is at work on a GPU."""
_NUMBER: Final = re.compile(r"\d+(:\d+)?")
_NAME_MOST: Final = 60
_WORDS: Final = {"none", "auto", "all"}
_SPOILT: Final = re.compile(r"^CUDA( driver)? error: ", re.MULTILINE)
"""What CUDA says once a process can do nothing more with its GPU, whoever's fault it is."""
_DEVICE_FAILS: Final = re.compile(
    r"^(CUDA( driver)?|cu[a-z]+) error: .*("
    r"uncorrectable|ECC error|device\(s\) is/are busy or unavailable|no CUDA-capable device|device lost|GPU is lost"
    r"|fallen off the bus|hardware stack error|initialization error|unknown error|system not yet initialized"
    r"|driver shutting down|launch timed out|unspecified launch failure|\bXid\b"
    r"|EXEC(UTION)?_FAILED|NOT_INITIALIZED|ALLOC_FAILED|INTERNAL_ERROR|MAPPING_ERROR)"
    r"|^CUDA driver initialization failed|^CUDA unknown error|^No CUDA GPUs are available"
    r"|^Unexpected error from cudaGetDeviceCount",
    re.IGNORECASE | re.MULTILINE,
)
"""What is said where a GPU or its driver fails; some of it also where a program does."""
_NO_MEMORY: Final = "out of memory"


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU that can be lent, or an instance of one that is split (MIG).

    Attributes:
        index: "0", or "0:1" for an instance.
        memory: bytes.
        used: bytes that were in use before anything was lent: by the driver, a desktop, somebody else.
        driver: the driver's version.
        nodes: the device files by which this one, and no other, can be reached.
    """

    index: str
    uuid: str
    name: str
    memory: int
    used: int
    driver: str
    nodes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.index} ({self.name}, {self.uuid})"


@dataclass(frozen=True, slots=True)
class Lent:
    """A GPU in the hands of a slot, alone or together with others.

    Attributes:
        share: how many slots have it at once.
    """

    gpu: Gpu
    share: int = 1

    @property
    def limit(self) -> messages.Gpu:
        """What a session may use of it."""
        return messages.Gpu(self.gpu.uuid, 1 / self.share)

    def place(self, torch: str) -> str:
        """Where a submission ran, for the record.

        Args:
            torch: its build, as the sandbox's parent told it.
        """
        gpu = self.gpu
        shared = f", shared by {self.share}" if self.share > 1 else ""
        names = (each[:_NAME_MOST] for each in (gpu.name, gpu.uuid, gpu.driver, torch))
        return "{} {}, driver {}, torch {}{}".format(*names, shared)


@dataclass(frozen=True, slots=True)
class Found:
    """The GPUs that a launcher can lend, or that are left of them.

    Attributes:
        failed: a clause for each that is there and cannot be lent.
        why: why there is none, a clause; "" if nothing hindered.
    """

    gpus: tuple[Gpu, ...] = ()
    failed: tuple[str, ...] = ()
    why: str = ""

    @property
    def lacking(self) -> str:
        """Why none of them can be lent, a clause."""
        return self.why or "; ".join(self.failed) or "NVIDIA's driver lists none"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator lets be lent: `--gpus` and `--gpu-share`.

    Attributes:
        which: "none", "auto", "all", or numbers and UUIDs with commas between them.
        share: how many submissions one GPU is lent to at once.

    Raises:
        SetupError: it cannot be read.
    """

    which: str = "auto"
    share: int = 1

    def __post_init__(self) -> None:
        if not all(self.named) or _WORDS & set(self.named):
            raise SetupError(
                f"--gpus {self.which} is no list of GPUs. Say none, auto or all; or numbers or UUIDs "
                "as `grader sandbox doctor` shows them, with commas between them."
            )

    @property
    def named(self) -> tuple[str, ...]:
        """The numbers and UUIDs, () where there are none."""
        return () if self.which in _WORDS else tuple(word.strip() for word in self.which.split(","))


AUTO: Final = Wanted()


@dataclass(frozen=True, slots=True)
class Lending:
    """Which GPUs submissions get.

    Attributes:
        notes: what the operator should know, a sentence each.
    """

    gpus: tuple[Gpu, ...] = ()
    share: int = 1
    notes: tuple[str, ...] = ()


def found(listing: Listing) -> Found:
    """What a listing says."""
    gpus = tuple(
        Gpu(one.index, one.uuid, one.name, one.memory, one.used, listing.driver, tuple(one.nodes))
        for one in listing.devices
    )
    failed = tuple(f"GPU {one.index} cannot be used: {one.why}" for one in listing.failed)
    return Found(gpus, failed, listing.trouble)


def available(named: Sequence[str], here: Found, hold: Callable[[Gpu], str]) -> Found:
    """What is left of the GPUs that were found: those that may be lent, and that nobody else uses.

    Args:
        named: see `Wanted`; where none is, all may be.
        hold: takes a GPU for this grader alone, or says in a clause why that cannot be.

    Raises:
        GpuUnavailable: one that was named is not there, or another grader's.
    """
    used = {gpu: (not named and _busy(gpu)) or hold(gpu) for gpu in choose(named, here)}
    others = tuple(filter(None, used.values()))
    if named and others:
        raise GpuUnavailable(f"--gpus: {'; '.join(others)}. Wait until it is done, or name others.")
    return Found(tuple(gpu for gpu in used if not used[gpu]), (*here.failed, *others), here.why)


def lend(lab: str, need: Need, wanted: Wanted, find: Callable[[], Found]) -> Lending:
    """Decide which GPUs submissions to a lab get.

    Args:
        lab: its name.
        find: looks for those that may be lent, which takes a moment; not called where none would be.

    Raises:
        GpuUnavailable: the lab needs one, or the operator wants some lent, and there is none.
    """
    if need == "none":
        told = f"The lab {lab} asks for no GPU (gpu in lab.toml), so --gpus {wanted.which} lends it none."
        return Lending(notes=() if wanted.which in {"auto", "none"} else (told,))
    if wanted.which == "none":
        if need == "required":
            raise _lacking(lab, "--gpus none lets none be lent")
        return Lending()
    here = find()
    if here.gpus:
        return Lending(here.gpus, wanted.share, (*_notes(here.failed), *_told(here.gpus, wanted.share)))
    if need == "required":
        raise _lacking(lab, here.lacking)
    if wanted.which == "all":
        raise GpuUnavailable(f"--gpus all: there is no GPU to lend: {here.lacking}. To grade without one: --gpus none.")
    told = f"No GPU can be lent, so the lab {lab}, which would use one, runs on the CPU: {here.lacking}."
    return Lending(notes=(told,))


def _busy(gpu: Gpu) -> str:
    if gpu.used <= BUSY_BYTES:
        return ""
    return (
        f"{gpu.used / 2**30:.1f} GiB of GPU {gpu} are in use by others, so it is left to them; ask them to end what "
        f"`nvidia-smi` shows, or name it (--gpus {gpu.index}) to lend it all the same"
    )


def choose(named: Sequence[str], here: Found) -> tuple[Gpu, ...]:
    """The GPUs named by numbers and UUIDs or their beginnings, in that order; all where none is named.

    Raises:
        GpuUnavailable: there is none such, there are several, or one is named twice.
    """
    if not named:
        return here.gpus
    chosen: dict[str, str] = {}
    gpus = []
    for word in named:
        gpu = _one(word, here)
        if gpu.uuid in chosen:
            raise GpuUnavailable(f"--gpus names GPU {gpu} twice: as {chosen[gpu.uuid]} and as {word}. Name it once.")
        chosen[gpu.uuid] = word
        gpus.append(gpu)
    return tuple(gpus)


def _one(word: str, here: Found) -> Gpu:
    if _NUMBER.fullmatch(word):
        same = [gpu for gpu in here.gpus if gpu.index == word]
        parts = [gpu for gpu in here.gpus if gpu.index.startswith(f"{word}:")]
        if parts:
            told = ", ".join(map(str, parts))
            raise GpuUnavailable(f"GPU {word} is split into instances. Name those that are meant: {told}.")
    else:
        begun = [gpu for gpu in here.gpus if gpu.uuid.lower().startswith(word.lower())]
        same = [gpu for gpu in begun if gpu.uuid.lower() == word.lower()] or begun
    if not same:
        there = f"There are: {', '.join(map(str, here.gpus))}" if here.gpus else "There is none"
        why = "; ".join((*here.failed, *filter(None, [here.why])))
        raise GpuUnavailable(f"There is no GPU {word} to lend. {there}{f' ({why})' if why else ''}.")
    if len(same) > 1:
        raise GpuUnavailable(f"Several GPUs' UUIDs begin with {word}: {', '.join(map(str, same))}. Write more of it.")
    return same[0]


def _lacking(lab: str, why: str) -> GpuUnavailable:
    return GpuUnavailable(
        f"The lab {lab} needs a GPU (gpu in lab.toml), and none can be lent: {why}. Nothing was graded. "
        "Grade it on a machine that has one; `grader sandbox doctor` shows what this one can lend."
    )


def _notes(clauses: Sequence[str]) -> list[str]:
    return [f"{clause[0].upper()}{clause[1:]}." for clause in clauses]


def _told(gpus: Sequence[Gpu], share: int) -> list[str]:
    busy = [
        f"{gpu.used / 2**30:.1f} GiB of GPU {gpu} are in use already. What else uses it takes memory and time from "
        "submissions: give it to the grader alone."
        for gpu in gpus
        if gpu.used > BUSY_BYTES
    ]
    if share == 1:
        return busy
    shared = (
        f"--gpu-share {share}: {share} submissions share a GPU. Nothing but the driver keeps them apart there: one "
        "that takes more than its share of memory takes it from others, and nobody looks whether one left some behind."
    )
    return [*busy, shared]


# ---------------------------------------------------------------- what a submission says


def is_spoilt(raised: Raised) -> bool:
    """Whether its process can do nothing more on its GPU; more memory than there is, for one, spoils nothing."""
    return bool(_SPOILT.search(raised.text))


def may_be_ours(raised: Raised, lent: Lent) -> bool:
    """Whether it is what a GPU's failing would look like; or a neighbour's taking too much, where it is shared."""
    return bool(_DEVICE_FAILS.search(raised.text)) or (lent.share > 1 and _NO_MEMORY in raised.text)
