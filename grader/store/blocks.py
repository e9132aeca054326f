"""A class a block at a time: what is in memory, and in one statement, does not grow with the class."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

BLOCK: Final = 100

Key = TypeVar("Key")


def in_blocks(keys: Iterable[Key]) -> Iterator[list[Key]]:
    """`keys`, at most `BLOCK` at a time."""
    rest = iter(keys)
    while block := list(islice(rest, BLOCK)):
        yield block
