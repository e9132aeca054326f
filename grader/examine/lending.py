"""Watching a GPU that was lent: whether it works, and whether what it was lent to has left it."""

import time
from collections.abc import Callable
from typing import Final

from grader.errors import SandboxLost
from grader.examine.child import Child
from grader.examine.gpus import Lent
from grader.examine.slot import Slot
from sandbox.protocol.messages import Ended, Limits, Measure, Measured, Start

TOLERANCE: Final = 64 * 2**20
"""Bytes in use beyond those before anything was lent that are nobody's; the smallest context of CUDA's holds more."""
BACK_SECONDS: Final = 20.0
"""Wall time that the driver gets to take back what a killed process held."""
ANSWER_SECONDS: Final = 90.0
"""Wall time for a measurement; a driver that sleeps takes some seconds to wake."""
_PAUSE: Final = 0.1
_TRIAL_SECONDS: Final = 60.0
_TRIAL: Final = "trial.py"


def is_free(
    slot: Slot,
    lent: Lent,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> bool:
    """Whether the GPU's memory is as it was before it was lent; waits for it. To be asked between sessions.

    Raises:
        SandboxLost: that cannot be told.
    """
    until = clock() + BACK_SECONDS
    while used(slot, lent) > lent.gpu.used + TOLERANCE:
        if clock() > until:
            return False
        pause(_PAUSE)
    return True


def used(slot: Slot, lent: Lent) -> int:
    """Bytes of the GPU's memory that are in use. To be asked between sessions.

    Raises:
        SandboxLost: the parent does not answer, or the driver does not.
    """
    slot.send(Measure(lent.gpu.uuid))
    message, _ = slot.receive(ANSWER_SECONDS)
    if not isinstance(message, Measured):
        raise SandboxLost("The sandbox's parent process spoke out of turn when it was asked about its GPU.")
    if message.trouble:
        raise SandboxLost(f"GPU {lent.gpu} cannot be used any more: {message.trouble}.")
    return message.used


def try_out(slot: Slot, number: int, lent: Lent) -> None:
    """Have the GPU used by a session that has no code of a student's.

    Args:
        number: of the session.

    Raises:
        SandboxLost: it does not work.
    """
    limits = Limits(2**30, processes=64, output_bytes=2**12, scratch_bytes=2**24, threads=1, gpu=lent.limit)
    child = Child(slot, number)
    start = Start(number, [(_TRIAL, 0)], _TRIAL, "all", limits, _TRIAL_SECONDS, _TRIAL_SECONDS)
    try:
        heard = child.start(start, b"")
    except SandboxLost as error:
        raise SandboxLost(f"GPU {lent.gpu} does not work. {error}") from error
    if isinstance(heard, Ended):
        raise SandboxLost(f"GPU {lent.gpu} does not work: a session that only tries it out ended ({heard.cause}).")
    child.stop()
