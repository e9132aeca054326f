"""A driver's use of the GPU that was lent to its session, from before the student's code runs."""

import contextlib
import os
from typing import Final

import torch

from sandbox.protocol.messages import Gpu

_SUM: Final = 6.0
"""Of 0 to 3."""


def begin(gpu: Gpu) -> None:
    """Take the GPU into use: set so that it computes the same twice where CUDA can, and seen to work.

    What loads and starts here is start-up: it counts for no limit. A GPU that does not work is found here, before any
    code of a student's that could be blamed for it.

    Raises:
        RuntimeError: there is none, or it does not work.
    """
    os.environ["CUDA_VISIBLE_DEVICES"] = gpu.device  # the parent saw none; see `parent.hide_gpus`
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.cuda.init()  # type: ignore[no-untyped-call]
    if gpu.share < 1:  # a promise of honest code: it can be undone
        torch.cuda.set_per_process_memory_fraction(gpu.share)
    found = torch.arange(4.0, device="cuda").sum().item()
    if found != _SUM:
        raise RuntimeError(f"the GPU adds 0 to 3 up to {found}")


def trouble() -> str:
    """What CUDA has to complain of where something else was raised, in a line; "" if it can go on.

    Code that catches what CUDA raises, and raises in its own words, would hide that nothing more works.
    """
    with contextlib.suppress(BaseException):  # the student may have replaced any of it
        try:
            finish()
        except RuntimeError as error:
            return str(error).partition("\n")[0]
    return ""


def finish() -> None:
    """Wait until the GPU has done all it was asked for, so that what went wrong is raised by who asked.

    Raises:
        RuntimeError: something went wrong.
    """
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.synchronize()
