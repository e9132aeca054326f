"""Points: pure arithmetic."""


def linear(value: float, low: float, high: float) -> float:
    """The share of the points that `value` earns on the line between two thresholds, in 0..1.

    Nothing at or below `low`, everything from `high` on; NaN earns nothing. `low > high` is for figures where less is better.
    """
    share = (value - low) / (high - low)
    return min(1.0, share) if share > 0 else 0.0
