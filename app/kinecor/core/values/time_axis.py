"""When the frames of a recording were taken, and how near in time they are to each other."""

from dataclasses import dataclass

import numpy as np

from kinecor.core.values.arrays import FloatArray, frozen

_LONGEST_GAP = 0.35
"""A gated cine leaves out at most this share of the cycle at its end."""


@dataclass(frozen=True, eq=False)
class TimeAxis:
    """The times of the frames; where they are the phases of one gated cycle, the last is followed by the first.

    Attributes:
        times_s: (frames,) increasing.
        period_s: length of the cycle, more than the last time; None where frames do not come round again.

    Raises:
        ValueError: times that do not increase, or a period that ends before the last frame.

    """

    times_s: FloatArray
    period_s: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "times_s", frozen(self.times_s))
        if self.times_s.ndim != 1 or (np.diff(self.times_s) <= 0).any():
            raise ValueError(f"(frames,) increasing times were expected, got shape {self.times_s.shape}")
        if self.period_s is not None and len(self) and self.period_s <= self.times_s[-1] - self.times_s[0]:
            raise ValueError(f"a cycle of {self.period_s} s ends before its last frame, at {self.times_s[-1]} s")

    def __len__(self) -> int:
        return len(self.times_s)

    @property
    def periodic(self) -> bool:
        """Whether the last frame is followed by the first."""
        return self.period_s is not None

    def at_s(self, frame: int) -> float:
        """Time of a frame; numbers beyond the last go on round the cycle, where it is periodic."""
        turns, within = divmod(frame, len(self))
        return float(self.times_s[within]) + turns * (self.period_s or 0.0)

    def distance_s(self, frame: int) -> FloatArray:
        """(frames,) time between each frame and `frame`, the shorter way round where it is periodic."""
        gap = np.abs(self.times_s - self.times_s[frame])
        return np.asarray(gap if self.period_s is None else np.minimum(gap, self.period_s - gap))

    def weights(self, frame: int, reach_s: float, least: float = 0.0) -> FloatArray:
        """(frames,) from 0 to 1: exp(-(time to `frame` / reach)^2); below `least` it is 0.

        A reach of 0 s is this frame only, infinity all frames alike.
        """
        if reach_s <= 0:
            weights = np.zeros(len(self))
            weights[frame] = 1.0
            return weights
        weights = np.exp(-((self.distance_s(frame) / reach_s) ** 2))
        return np.where(weights < least, 0.0, weights)

    def share(self, first: int, frame: int, last: int) -> float:
        """Which share of the time from `first` to `last` has passed at `frame`; numbers as in `at_s`."""
        return (self.at_s(frame) - self.at_s(first)) / max(self.at_s(last) - self.at_s(first), 1e-9)


def cycle_length_s(times_s: FloatArray, heart_rate_per_min: float | None) -> float:
    """Length of a gated cycle: by the heart rate where that fits the phases, else the phases and one step more."""
    step_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 1.0
    whole_s = float(times_s[-1]) + step_s
    header_s = 60 / heart_rate_per_min if heart_rate_per_min else 0.0
    return header_s if whole_s - step_s / 2 <= header_s <= whole_s / (1 - _LONGEST_GAP) else whole_s
