"""Kinds of messages: those that differ in what was drawn only, counted in bounded memory."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from grader.model import Student

KINDS_MOST: Final = 100
"""Kinds of wrong answers to a check that are told apart; what comes after them is counted as others."""
NAMED_MOST: Final = 5
"""Students who are named for one kind of wrong answer."""
_READ_MOST: Final = 400
"""Characters of a message that decide its kind, and that are kept of an example."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Messages that differ in drawn numbers, shapes and quoted names only.

    Attributes:
        example: the first one that came, cut.
        who: those with whom it came first.
    """

    count: int
    example: str
    who: tuple[Student, ...]


class Kinds:
    """Counts messages in by their signatures: of each the first message and the first students are kept.

    Attributes:
        others: messages of kinds that came after `KINDS_MOST` others.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._examples: dict[str, tuple[str, list[Student]]] = {}
        self.others = 0

    def add(self, message: str, student: Student) -> None:
        """Count a message in."""
        kind = signature(message)
        if kind not in self._examples:
            if len(self._examples) == KINDS_MOST:
                self.others += 1
                return
            self._examples[kind] = (_cut(message), [])
        self._counts[kind] += 1
        who = self._examples[kind][1]
        if len(who) < NAMED_MOST:
            who.append(student)

    def found(self) -> tuple[Kind, ...]:
        """The commonest first; of those that are as common, what came first."""
        return tuple(
            Kind(count, self._examples[kind][0], tuple(self._examples[kind][1]))
            for kind, count in self._counts.most_common()
        )


def _cut(message: str) -> str:
    return message if len(message) <= _READ_MOST else message[: _READ_MOST - 1] + "…"


_QUOTED: Final = re.compile(r"“[^”\n]*”|‘[^’\n]*’|\"[^\"\n]*\"|`[^`\n]*`|(?<!\w)'[^'\n]*'(?!\w)")
_NUMBER: Final = re.compile(r"(?<![\w.])[+\-−]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])", re.IGNORECASE)
_BRACKETED: Final = re.compile(r"[\[(][#…,.;\s]*[\])]")
_ROW: Final = re.compile(r"#(?:(?:, | and | or | x |×| )#)+")
_DEPTH_MOST: Final = 4


def signature(message: str) -> str:
    """What is left of a message without what was drawn: quoted names and texts, numbers, shapes, white space.

    Numbers within names stay: float32 for int64 is another mistake than float32 for float64.
    """
    text = _NUMBER.sub("#", _QUOTED.sub("“…”", _cut(message)))
    for _ in range(_DEPTH_MOST):
        text = _BRACKETED.sub("#", text)
    return " ".join(_ROW.sub("#", text).split())
