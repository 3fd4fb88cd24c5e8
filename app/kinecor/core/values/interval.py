"""Where a value lies with a probability of 95 %, and whose errors say so."""

import math
from dataclasses import dataclass
from enum import StrEnum


class ErrorSource(StrEnum):
    """Whose errors an interval is fitted to."""

    NETWORK = "network"
    """Those of networks' contours, on patients that no network has learnt from."""
    READERS = "readers"
    """Differences between readers: a reader drew, accepted or entered what the value rests on."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of 95 %.

    Attributes:
        low, high: its ends, in the unit of the value; both are possible values.
        source: see ErrorSource.

    Raises:
        ValueError: an end is not finite, or `high` is below `low`.

    """

    low: float
    high: float
    source: ErrorSource = ErrorSource.NETWORK

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise ValueError(f"an interval has finite ends, got {self.low} to {self.high}")
        if self.high < self.low:
            raise ValueError(f"an interval ends at or above its beginning, got {self.low} to {self.high}")

    @property
    def half_width(self) -> float:
        """Half of the distance between its ends."""
        return (self.high - self.low) / 2

    def contains(self, value: float) -> bool:
        """Whether a value is in it, its ends included.

        Args:
            value: in the unit of the interval.

        """
        return self.low <= value <= self.high

    def scaled(self, factor: float) -> "Interval":
        """The interval of a positive multiple of the value, such as of its index by body surface area.

        Args:
            factor: over 0.

        """
        return Interval(factor * self.low, factor * self.high, self.source)
