"""Differences between two methods of measurement: bias, limits of agreement and what is uncertain of both; shares."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from kinecor.core.values.geometry import FloatArray

_NORMAL_95: Final = 1.96
"""Standard deviations within which 95 % of a normal distribution lie."""


@dataclass(frozen=True, eq=False)
class Differences:
    """Differences of pairs of values (Bland and Altman 1986, doi 10.1016/S0140-6736(86)90837-8).

    Attributes:
        values: (pairs,) one method less the other, in the unit of both; at least one.

    """

    values: FloatArray

    @property
    def bias(self) -> float:
        """Mean difference."""
        return float(self.values.mean())

    @property
    def sd(self) -> float:
        """Standard deviation of the differences; NaN of fewer than two."""
        return float(self.values.std(ddof=1)) if len(self.values) > 1 else math.nan

    @property
    def limits(self) -> tuple[float, float]:
        """Limits of agreement: bias -+ 1.96 SD."""
        return self.bias - _NORMAL_95 * self.sd, self.bias + _NORMAL_95 * self.sd

    @property
    def half_widths(self) -> tuple[float, float]:
        """Half of the 95 % confidence interval of the bias, and of a limit of agreement; NaN of fewer than two.

        By Student's t; the variance of a limit is that of the bias and that of 1.96 SD together (Bland and Altman
        1999, which 1986 gives as about 3 SD^2 / n).
        """
        from scipy.stats import t

        count = len(self.values)
        if count < 2:
            return math.nan, math.nan
        factor = float(t.ppf(0.975, count - 1)) * self.sd
        return factor / math.sqrt(count), factor * math.sqrt(1 / count + _NORMAL_95**2 / (2 * (count - 1)))


def share_limits(hits: int, total: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share, by the score method (Wilson 1927); 0 to 1 of nothing.

    Args:
        hits: how many have what is counted.
        total: of how many.

    """
    if not total:
        return 0.0, 1.0
    share, square = hits / total, _NORMAL_95**2
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = _NORMAL_95 * math.sqrt(share * (1 - share) / total + square / (4 * total**2)) / (1 + square / total)
    # Of none or all, rounding would leave an end beside 0 or 1.
    return (0.0 if not hits else middle - half), (1.0 if hits == total else middle + half)


def count_within_intervals(values: FloatArray, low: FloatArray, high: FloatArray) -> tuple[int, int]:
    """How many values lie in their intervals, and how many have one.

    Args:
        values: (n,).
        low: (n,) lower ends of the intervals; NaN where there is none.
        high: (n,) upper ends.

    """
    known = np.isfinite(low) & np.isfinite(high)
    inside = known & (values >= low) & (values <= high)
    return int(inside.sum()), int(known.sum())
