"""How a class did: scores, checks, wrong answers. Pure."""

from grader.stats.discrimination import shown, word
from grader.stats.kinds import Kind
from grader.stats.tally import (
    CALLED,
    CheckStatistics,
    ClassStatistics,
    Concern,
    Spread,
    Suspicion,
    Tally,
    advice,
    bin_labels,
    concerns,
    of,
    other_worth,
    scaled,
)

__all__ = [
    "CALLED",
    "CheckStatistics",
    "ClassStatistics",
    "Concern",
    "Kind",
    "Spread",
    "Suspicion",
    "Tally",
    "advice",
    "bin_labels",
    "concerns",
    "of",
    "other_worth",
    "scaled",
    "shown",
    "word",
]
