"""How long a submission waits in a warm slot, from Start to the first answer, a question's round trip, and memory.

    python benchmarks/slot_start.py [local|docker ...]

Prints medians in milliseconds; the memory of an idle slot, and what a submission adds that has answered its first
questions, not of files, in MB. No other container may run. GRADER_SANDBOX_IMAGE names another image than the one of
this version. Linux only.
"""

import contextlib
import os
import statistics
import sys
import time

from meters import containers, held, proportional

from grader.examine.engine import DockerLauncher, image_tag
from grader.examine.local import LocalLauncher
from grader.examine.slot import Slot
from grader.labs import LimitSpec
from sandbox import processes
from sandbox.protocol import messages
from sandbox.protocol.messages import Ask, Call, Ended, Limits, Reply, Start, Stop

SESSIONS = 30
QUESTIONS = 100
CODE = b"import torch\nfrom torch import nn\ndef f(x):\n    return x + 1\n"
LIMITS = Limits(2**30, 64, 65536, 2**26, 1)


def until(slot: Slot, kind: type) -> None:
    """Read until a message of that kind comes."""
    while not isinstance(slot.receive(60)[0], kind):
        pass


def question(session: int, number: int) -> tuple[Ask, bytes]:
    """f(1)."""
    return Ask(session, 10.0, 20.0), bytes(messages.frame(Call(number, "f", [1], [])))


def memory() -> float:
    """Megabytes that the sandbox's processes hold together."""
    inside = [held(path) for path, _ in containers()]
    return (sum(inside) or proportional(processes.descendants(os.getpid()))) / 2**20


def one_session(slot: Slot, number: int) -> tuple[float, float, float]:
    """(seconds from Start to the first answer, of one further question; megabytes that it holds)."""
    before = memory()
    begun = time.perf_counter()
    slot.send(Start(number, [("lab.py", len(CODE))], "lab.py", "all", LIMITS, 10.0, 20.0), CODE)
    until(slot, Reply)
    slot.send(*question(number, 1))
    until(slot, Reply)
    first = time.perf_counter()
    for each in range(QUESTIONS):
        slot.send(*question(number, each + 2))
        until(slot, Reply)
    last = time.perf_counter()
    added = memory() - before
    slot.send(Stop(number))
    until(slot, Ended)
    return first - begun, (last - first) / QUESTIONS, added


def measure(name: str) -> None:
    """Print one line."""
    limits = LimitSpec(call_seconds=10, memory_mb=1024, scratch_mb=64)
    image = os.environ.get("GRADER_SANDBOX_IMAGE") or image_tag()
    launcher = DockerLauncher(image, limits) if name == "docker" else LocalLauncher()
    begun = time.perf_counter()
    with contextlib.closing(launcher.open()) as slot:
        opened = time.perf_counter() - begun
        one_session(slot, 1)  # the first one pays for what a parent on this machine preloads later
        found = [one_session(slot, number) for number in range(2, SESSIONS + 2)]
        starts, rounds, added = (list(each) for each in zip(*found, strict=True))
        idle = memory()
        shown = f"{slot.facts.launcher} ({slot.facts.isolation})"
    print(
        f"{shown:22} opened in {opened:5.1f} s, start to first answer {statistics.median(starts) * 1000:6.1f} ms "
        f"(best {min(starts) * 1000:.1f}), a question {statistics.median(rounds) * 1000:5.2f} ms; "
        f"idle {idle:.0f} MB, a submission adds {statistics.median(added):.0f} MB"
    )


for wanted in sys.argv[1:] or ["local", "docker"]:
    measure(wanted)
