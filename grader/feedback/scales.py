"""A measured figure on the scale from worst to best, between what is too little and what is enough."""

import math
from dataclasses import dataclass
from typing import Final

from grader.feedback import words
from grader.model import Metric

_BEGIN, _FULL, _STEP = 30.0, 70.0, 50.0
"""Percent of the scale's width where points begin, where all are given, and where both are one."""
_EDGE: Final = 2.0
_NEAR: Final = 0.25
"""What part of a threshold that is a step lies between it and the scale's end."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric, ready for the template.

    Attributes:
        asked: what it has to reach, in words.
        short, enough: what lies below the thresholds is called, and what lies beyond.
        begin, full: the thresholds; `begin` is "" where they are one.
        full_at: percent of the scale's width.
        at: where the value is; "" where it could not be measured.
        anchor: which end of the value's text stands there.
    """

    name: str
    value: str
    asked: str
    short: str
    enough: str
    begin: str
    full: str
    begin_at: str
    full_at: str
    at: str
    anchor: str


def reading(metric: Metric) -> Reading:
    """The metric with its place on the scale; the best end is at the right, also where less is better."""
    name, value, asked = words.metric(metric)
    begin, full = f"{metric.low:g}", f"{metric.high:g}"
    step = begin == full
    at = _place(metric, step=step)
    return Reading(
        name=name,
        value=value,
        asked=asked,
        short="too high" if metric.low > metric.high else "too low",
        enough="low enough" if metric.low > metric.high else "high enough",
        begin="" if step else begin,
        full=full,
        begin_at=_percent(_STEP if step else _BEGIN),
        full_at=_percent(_STEP if step else _FULL),
        at="" if at is None else _percent(at),
        anchor="middle" if at is None or 12 <= at <= 88 else "start" if at < 12 else "end",
    )


def _place(metric: Metric, *, step: bool) -> float | None:
    """Percent of the width; what is further off stands at the end. None where there is no place for it."""
    if not all(map(math.isfinite, (metric.low, metric.high))) or math.isnan(metric.value):
        return None
    if math.isinf(metric.value):
        better = (metric.value > 0) == (metric.high >= metric.low)
        return 100 - _EDGE if better else _EDGE
    if step:
        room = max(abs(metric.high) * _NEAR, abs(metric.value - metric.high)) or 1.0
        way = (metric.value - metric.high) / room * (-1 if metric.low > metric.high else 1)
        at = _STEP + (_STEP - _EDGE) * way
    else:
        at = _BEGIN + (_FULL - _BEGIN) * (metric.value - metric.low) / (metric.high - metric.low)
    return min(100 - _EDGE, max(_EDGE, at))


def _percent(number: float) -> str:
    return f"{number:.1f}%"
