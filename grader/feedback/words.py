"""How pages call outcomes, endings, flags and moments."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from grader.model import Ending, Flag, Metric, Outcome
from grader.stats import Concern, Suspicion

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

ADVICE: Final[Mapping[Concern, str]] = {
    Concern.FLAGGED: "A flag takes no points away, and students do not see it. Look at the file before you conclude.",
    Concern.UNGRADED: (
        "Not reached yet, or something went wrong on our side; nobody lost points. Run the same command again: only"
        " these are graded."
    ),
    Concern.REFUSED: "These submissions have no score. The students’ pages say why and what to do.",
    Concern.SUPERSEDED: "A run came into effect after a person set the score. What the person set counts.",
}
"""What to do about it, where that is not plain."""

SUSPICIONS: Final[Mapping[Suspicion, str]] = {
    Suspicion.NOBODY: "nobody passes",
    Suspicion.EVERYBODY: "everybody passes",
    Suspicion.NEGATIVE: "negative discrimination",
}
"""What is odd about a check, in two words."""


def moment(when: datetime) -> str:
    """A moment for people, in UTC."""
    utc = when.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"


def count(number: int, one: str) -> str:
    """A number of things: "1 check", "2 checks"."""
    return f"{number} {one if number == 1 else one + 's'}"


def shortened(text: str, most: int) -> str:
    """`text` with at most so many characters, the last "…" where some are left out, between two words where it can."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    whole = kept.rpartition(" ")[0] if not text[most - 1].isspace() else kept
    return (whole if len(whole) > most // 2 else kept).rstrip() + "…"


def metric(found: Metric) -> tuple[str, str, str]:
    """(name, value, what it has to reach) of a measured figure; thresholds that read alike are a step.

    Of points it says nothing: they may hang on other figures, too.
    """
    low, high = f"{found.low:g}", f"{found.high:g}"
    if found.low > found.high:
        bad, enough = f"{low} or more is too high", f"{high} or less is low enough"
    else:
        bad, enough = f"{low} or less is too low", f"{high} or more is high enough"
    return found.name, _value(found), enough if low == high else f"{bad}, {enough}"


def _value(found: Metric) -> str:
    """In three digits, or in more where these would stand beyond a threshold that it missed."""
    if math.isnan(found.value):
        return "not measurable"
    texts = [f"{found.value:.{digits}g}" for digits in range(3, 18)]  # 17 tell all floats apart
    return next(text for text in texts if _side(float(text), found) == _side(found.value, found))


def _side(value: float, found: Metric) -> tuple[bool, bool]:
    """Whether it is beyond the threshold for some of the points, and whether it is at the one for all."""
    sign = -1 if found.low > found.high else 1
    return sign * value > sign * found.low, sign * value >= sign * found.high
