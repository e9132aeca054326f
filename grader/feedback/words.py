"""How pages call outcomes, endings, flags and moments."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from grader.model import Ending, Flag, Metric, Outcome

OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.PASSED: "Passed",
    Outcome.PARTIAL: "Partly",
    Outcome.FAILED: "Failed",
    Outcome.ERROR: "Error",
    Outcome.SKIPPED: "Skipped",
}

TALLY: Final[Mapping[Outcome, str]] = {
    Outcome.PASSED: "passed",
    Outcome.PARTIAL: "partly right",
    Outcome.FAILED: "failed",
    Outcome.ERROR: "with an error",
    Outcome.SKIPPED: "skipped",
}
"""What follows the number of checks that ended so."""

ENDINGS: Final[Mapping[Ending, str]] = {
    Ending.COMPLETED: "completed",
    Ending.TIMEOUT: "ran out of time",
    Ending.MEMORY: "ran out of memory",
    Ending.CRASHED: "crashed",
    Ending.REJECTED: "not taken in",
    Ending.BROKEN: "ungraded",
}
"""What a class page says of a run."""

FLAGS: Final[Mapping[Flag, str]] = {
    Flag.TAMPERING: "tampering: the code did something that looks like reaching for the grader",
    Flag.MEMORISED: "memorised: answers look stored rather than computed",
    Flag.REPLAYED: "replayed: generated images repeat training images",
    Flag.PUBLIC_LABELS: "public labels: answers follow published labels instead of the data",
    Flag.CONTROL_FAILED: "control failed: the training that shows where answers come from raised or took too long",
    Flag.DEFINES_NOTHING: "defines nothing: none of what the lab asks for is in the file; it may be another lab’s",
    Flag.NOT_JUDGED: "not judged: a check that judges the reference failed over an answer; its row gave no points",
}
"""What a class page says of a flag; a student's page says nothing."""


def moment(when: datetime) -> str:
    """A moment for people, in UTC."""
    utc = when.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"


def count(number: int, one: str) -> str:
    """A number of things: "1 check", "2 checks"."""
    return f"{number} {one if number == 1 else one + 's'}"


def metric(found: Metric) -> tuple[str, str, str]:
    """(name, value, how its points are given) of a measured figure; thresholds that read alike are a step."""
    less = found.low > found.high
    low, high = f"{found.low:g}", f"{found.high:g}"
    all_points = f"all {'up to' if less else 'from'} {high}"
    line = f"{all_points}, else none" if low == high else f"none at {low} or {'more' if less else 'less'}, {all_points}"
    return found.name, "not measurable" if math.isnan(found.value) else f"{found.value:.3g}", line
