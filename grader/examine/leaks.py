"""Whether the message of a check that failed tells what would have been right. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Final

from torch import Tensor

ENOUGH: Final = 3
"""Digits that count. With fewer, a number may be the right one by chance."""
DIGITS_MOST: Final = 6
"""More are no better: float32 and float64 agree in about as many."""
SMALL: Final = 16
"""Numbers of an answer that a number of three digits can be recognised among; ten times as many for each digit more."""
ASKED_MOST: Final = 1000
"""Numbers of a question that a message may sensibly repeat."""

_NUMBER: Final = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w)(?:\s?%)?")


@dataclass(frozen=True, slots=True)
class Written:
    """A number in a text.

    Attributes:
        half: half a unit of its last place, which is how far rounding can have moved it.
        digits: how many count; 0.0950 and 95 have two.
    """

    text: str
    value: float
    half: float
    digits: int

    @property
    def room(self) -> int:
        """Among how many numbers a match with this one says something."""
        return SMALL * 10 ** (self.digits - ENOUGH) if self.digits >= ENOUGH else 1

    def stands_for(self, values: Tensor) -> Tensor:
        """Which of `values`, float64 [n], may be written like this: bool [n]."""
        exact = self.digits < ENOUGH and self.half >= 0.5  # "3" need not mean 2.7
        reach = (0.0 if exact else self.half) + 2e-6 * values.abs()
        return (values - self.value).abs() <= reach


@dataclass(frozen=True, slots=True)
class Known:
    """What a check got to know before it failed; float64 [n] each.

    Attributes:
        truth: the answers that were falsified, as they should be.
        told: all answers, as the check got them.
        asked: the arguments of its questions.
    """

    truth: Sequence[Tensor]
    told: Sequence[Tensor]
    asked: Sequence[Tensor]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A right value in a message, as it is written there and to four digits; `weak` if that may be chance."""

    text: str
    value: str
    weak: bool


@dataclass(frozen=True, slots=True)
class Message:
    """What a check said of false answers.

    Attributes:
        place: which of the answers was false, and how; the same under each salt.
        salt: under which questions.
        sightings: the right values in it.
    """

    check: str
    place: str
    salt: str
    text: str
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Leak:
    """A check whose messages tell right values.

    Attributes:
        values: the right values, as they stand in `message`.
    """

    check: str
    message: str
    values: tuple[str, ...]


def written(text: str) -> list[Written]:
    """The numbers in a text, a percentage as the share that it is."""
    return [_written(match[0]) for match in _NUMBER.finditer(text)]


def _written(text: str) -> Written:
    exact = Decimal(text.rstrip(" %\xa0\u202f"))
    shift = -2 if text.endswith("%") else 0
    exponent = exact.as_tuple().exponent
    unit = 10.0 ** (int(exponent) + shift)
    digits = len(exact.normalize().as_tuple().digits) if exact else 0
    return Written(text, float(exact.scaleb(shift)), unit / 2, min(digits, DIGITS_MOST))


def sightings(message: str, known: Known, public: str) -> tuple[Sighting, ...]:
    """The right values in a message that its reader cannot have from elsewhere.

    That is, which are in no answer as the check got it, not in its questions, and not in `public`, what the check says
    of itself whatever happens.
    """
    said = written(public)
    return tuple(
        Sighting(number.text, f"{value:.4g}", weak=number.digits < ENOUGH)
        for number in written(message)
        if not any(number.stands_for(told).any() for told in known.told if len(told) <= max(number.room, SMALL))
        for value in _secret(number, known, said)
    )


def _secret(number: Written, known: Known, said: Sequence[Written]) -> list[float]:
    """The value that a number in a message gives away, if any."""
    for truth in known.truth:
        if len(truth) > number.room:
            continue
        for value in truth[number.stands_for(truth)]:
            near = 1e-6 * value.abs() + 1e-12
            asked = any(((asked - value).abs() <= near).any() for asked in known.asked if len(asked) <= ASKED_MOST)
            if not asked and not any(other.stands_for(value) for other in said):
                return [float(value)]
    return []


def leaks(messages: Iterable[Message]) -> list[Leak]:
    """The checks that tell right values, each with the first message that does.

    Chance is ruled out by asking several times: a place leaks if its message names a right value under every salt, and
    if these values are either precise or not the same each time.
    """
    ordered = sorted(messages, key=lambda message: (message.check, message.place, message.salt))
    found: dict[str, Leak] = {}
    for (check, _), group in groupby(ordered, key=lambda message: (message.check, message.place)):
        same_place = list(group)
        if check not in found and _tells(same_place):
            first = same_place[0]
            found[check] = Leak(check, first.text, tuple(sorted({each.text for each in first.sightings})))
    return list(found.values())


def _tells(same_place: Sequence[Message]) -> bool:
    if len(same_place) < 2:
        return False
    if all(any(not each.weak for each in message.sightings) for message in same_place):
        return True
    values = [{each.value for each in message.sightings} for message in same_place]
    return all(values) and not set.intersection(*values)
