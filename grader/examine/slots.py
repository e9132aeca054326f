"""Where sessions come from: one slot at a time, used again or replaced."""

from itertools import count
from typing import Self

from grader.errors import EngineUnreachable, SandboxLost, SetupError
from grader.examine.slot import Launcher, Slot


class Slots:
    """Keeps one slot open and hands it to one session after the other.

    Args:
        fresh: every session gets a slot of its own (isolation "container"), instead of the next child of a warm one.
    """

    def __init__(self, launcher: Launcher, *, fresh: bool = False) -> None:
        self._launcher = launcher
        self._fresh = fresh
        self._slot: Slot | None = None
        self._had_one = self._used = False
        self._numbers = count(1)

    def open(self) -> Slot:
        """The slot that the next session gets, if it is not to be a fresh one; opens it if none is.

        Raises:
            SetupError: no engine, no image, a limit that did not take.
            SandboxLost: the slot did not come up; or there is no other, where there was one, or no engine, which was
                there when its image was asked for: that is no wrong set-up.
        """
        if self._slot is None:
            try:
                self._slot = self._launcher.open()
            except SetupError as error:
                if self._had_one or isinstance(error, EngineUnreachable):
                    raise SandboxLost(str(error)) from error
                raise
            self._had_one, self._used = True, False
        return self._slot

    def take(self) -> tuple[Slot, int]:
        """A slot in which nothing runs, and a number that no session of it has had.

        Raises:
            SetupError, SandboxLost: as `open`.
        """
        if self._fresh and self._used:
            self.close()
        slot = self.open()
        self._used = True
        return slot, next(self._numbers)

    def close(self) -> None:
        """Remove the open slot, if any; the next `take` opens another."""
        slot, self._slot = self._slot, None
        if slot is not None:
            slot.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
