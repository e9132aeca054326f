"""How a parent starts its sessions."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox import fresh
from sandbox.child import Child
from sandbox.protocol.messages import Limits

if sys.platform == "linux":
    from sandbox import kernel


@dataclass(frozen=True, slots=True)
class Setting:
    """How sessions are started, and what the host is told about it.

    Attributes:
        name: "namespaces", "user" or "plain".
        missing: what was asked for and could not be had, in words.
        warm: sessions are forked from this process, so that what it imports is theirs.
        confined: whether a container around the parent counts the sessions' memory.
    """

    start: Callable[[Limits], Child]
    name: str
    missing: list[str]
    warm: bool
    confined: bool


def plain(missing: Sequence[str] = ()) -> Setting:
    """No isolation: the same on all systems, but that Linux lets no orphan escape."""
    if sys.platform == "linux":
        kernel.adopt_orphans()
    return Setting(fresh.start, "plain", list(missing), warm=False, confined=False)
