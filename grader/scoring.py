"""Points: pure arithmetic."""

import math
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache


def linear(value: float, low: float, high: float) -> float:
    """The share of the points that `value` earns on the line between two thresholds, in 0..1.

    Nothing at or below `low`, everything from `high` on; NaN earns nothing. Where less is better, `low > high`.
    """
    share = (value - low) / (high - low)
    return min(1.0, share) if share > 0 else 0.0


@lru_cache
def written(points: float) -> str:
    """Points as every page, table and gradebook shows them: a plain decimal of at most two places, "8.5".

    Raises:
        ValueError: not a finite number.
    """
    if not math.isfinite(points):
        raise ValueError(f"{points} is not a number of points")
    exact = Decimal(repr(float(points))).quantize(Decimal("0.01"), ROUND_HALF_UP)
    text = f"{exact:f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
