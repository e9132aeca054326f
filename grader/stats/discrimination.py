"""How well a check tells those who know the rest from those who do not."""

import math
from typing import Final

ASKED_LEAST: Final = 10
"""Fewer tell nothing of a check's discrimination: by chance alone it lies within 0.65 of 0 for ten of them."""


class Rest:
    """Correlates passing a check with the rest of the score, from running sums alone.

    The point-biserial correlation is Pearson's with a variable that is 0 or 1 (F. M. Lord, M. R. Novick, Statistical
    Theories of Mental Test Scores, chapter 15). Of n students n1 pass, so p = n1/n and q = 1 - p; with M1 the mean
    of their rest scores, M and s the mean and the (population) standard deviation of everybody's:

        r = (M1 - M) / s * sqrt(p / q)

    The rest of the score is without the check's own points: they would correlate with themselves (S. Henrysson,
    Correction of item-total correlations in item analysis, Psychometrika 28, 1963). Means and squares are summed up as
    B. P. Welford does (Technometrics 4, 1962), which loses no digits where scores are large and close together.
    """

    def __init__(self) -> None:
        self.count = self._passed = 0
        self._mean = self._squares = self._passed_mean = 0.0

    def add(self, rest: float, *, passed: bool) -> None:
        """Count a student in."""
        self.count += 1
        off = rest - self._mean
        self._mean += off / self.count
        self._squares += off * (rest - self._mean)
        if passed:
            self._passed += 1
            self._passed_mean += (rest - self._passed_mean) / self._passed

    def undefined(self) -> str:
        """Why there is no correlation; "" where there is one."""
        if self.count < ASKED_LEAST:
            return f"fewer than {ASKED_LEAST} were asked"
        if self._passed in {0, self.count}:
            return "all who were asked pass" if self._passed else "nobody passes"
        return "" if self._squares > 0 else "all have the same in the rest"

    def correlation(self) -> float | None:
        """In -1..1; None where it is not defined."""
        if self.undefined():
            return None
        deviation = math.sqrt(self._squares / self.count)
        odds = self._passed / (self.count - self._passed)
        return max(-1.0, min(1.0, (self._passed_mean - self._mean) / deviation * math.sqrt(odds)))


def shown(discrimination: float) -> float:
    """In the two places that are shown; never −0."""
    return round(discrimination, 2) + 0.0


def word(discrimination: float) -> str:
    """How well a check tells those who know the rest from those who do not.

    The borders are Ebel's (R. L. Ebel, D. A. Frisbie, Essentials of Educational Measurement, on item analysis), who
    gives them for a rule of thumb.
    """
    value = shown(discrimination)
    if value < 0:
        return "negative"
    return "good" if value >= 0.3 else "fair" if value >= 0.2 else "weak"


def by_chance(asked: int) -> float:
    """The standard deviation of a correlation over so many, where in truth there is none: 1/sqrt(n-1), exactly."""
    return 1 / math.sqrt(asked - 1)
