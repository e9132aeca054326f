"""A driver's first process, as the parent sees it."""

from collections.abc import Iterable
from typing import Protocol

from sandbox.pipes import End
from sandbox.processes import Process


class Child(Protocol):
    """A driver that was started, and the streams to it."""

    @property
    def connection(self) -> End:
        """Questions go out and answers come in."""

    @property
    def output(self) -> End:
        """Where what it prints can be read."""

    def status(self) -> int | None:
        """The exit code of a process that has ended, minus the signal that killed it; None while it lives."""

    def kill(self, known: Iterable[Process], *, reaped: bool) -> None:
        """Kill all of the session's processes and wait until they are gone.

        Args:
            known: of the session's processes, when they were last looked at.
            reaped: `status` has told how it ended.
        """

    def remove(self) -> None:
        """Let go of the streams and the folder."""
