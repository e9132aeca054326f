"""Where sessions come from: one slot at a time, used again or replaced."""

from itertools import count
from typing import Self

from grader.errors import EngineUnreachable, GpuUnavailable, SandboxLost, SetupError
from grader.examine import lending
from grader.examine.gpus import Lent
from grader.examine.slot import Launcher, Slot


class Slots:
    """Keeps one slot open and hands it to one session after the other.

    Where the slot has a GPU, that is seen to work, with its memory free, before the first session, and again after a
    loss; and each session gets it with its memory free.

    Args:
        fresh: every session gets a slot of its own (isolation "container"), instead of the next child of a warm one.
    """

    def __init__(self, launcher: Launcher, *, fresh: bool = False) -> None:
        self._launcher = launcher
        self._fresh = fresh
        self._slot: Slot | None = None
        self._had_one = self._used = self._works = False
        self._numbers = count(1)

    def open(self) -> Slot:
        """The slot that the next session gets, if it is not to be a fresh one; opens it if none is.

        Raises:
            SetupError: no engine, no image, a limit that did not take.
            SandboxLost: the slot did not come up, or its GPU does not work or is used by somebody else; or there is no
                other, where there was one, or no engine or GPU, which was there when it was asked for: that is no
                wrong set-up.
        """
        if self._slot is None:
            try:
                self._slot = self._launcher.open()
            except SetupError as error:
                if self._had_one or isinstance(error, EngineUnreachable | GpuUnavailable):
                    raise SandboxLost(str(error)) from error
                raise
            self._had_one, self._used = True, False
        if not self._works:
            self._try_out(self._slot)
        return self._slot

    def take(self) -> tuple[Slot, int]:
        """A slot in which nothing runs, and a number that no session of it has had.

        Raises:
            SetupError, SandboxLost: as `open`.
        """
        if self._fresh and self._used:
            self._remove()
        slot = self.open()
        if slot.lent and not self._is_free(slot, slot.lent):
            self._remove()
            slot = self.open()
            if slot.lent:
                self._check_free(slot, slot.lent)
        self._used = True
        return slot, next(self._numbers)

    def prove(self) -> None:
        """See whether the GPU still works, for what is no student's; does nothing where there is none.

        Raises:
            SandboxLost: it does not.
        """
        self._works = False
        if self._fresh and self._used:
            self._remove()  # nothing that the submission did to its container is to be taken for the GPU's failing
        self.open()

    def close(self) -> None:
        """Remove the open slot, if any; the next `take` opens another, and trusts no GPU that this one had."""
        self._works = False
        self._remove()

    def _try_out(self, slot: Slot) -> None:
        if slot.lent:
            self._check_free(slot, slot.lent)  # waits for what a session that was just killed gives back
            try:
                lending.try_out(slot, next(self._numbers), slot.lent)
            except SandboxLost:
                self.close()
                raise
        self._works = True

    def _is_free(self, slot: Slot, lent: Lent) -> bool:
        """Whether nobody holds memory of the GPU; where several share it, that cannot be told."""
        try:
            return lent.share > 1 or lending.is_free(slot, lent)
        except SandboxLost:
            self.close()
            raise

    def _check_free(self, slot: Slot, lent: Lent) -> None:
        if not self._is_free(slot, lent):
            self.close()
            raise SandboxLost(f"The memory of GPU {lent.gpu} is in use and does not become free.")

    def _remove(self) -> None:
        slot, self._slot = self._slot, None
        if slot is not None:
            slot.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
