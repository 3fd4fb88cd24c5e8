"""Which frame is due: the clock behind playing, without Qt and without drift."""

import math
from dataclasses import dataclass, replace

import numpy as np

from kinecor.core.values.arrays import FloatArray, frozen

SPEEDS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
STILL_S = 0.04  # how long the only frame of a single-frame recording lasts; nothing moves anyway


@dataclass(frozen=True, eq=False)
class PlaybackClock:
    """Maps the time on the wall to the frame due; a late caller gets a later frame, never a slower heart.

    Attributes:
        times_s: (frames,) seconds from the first frame, increasing.
        speed: times real speed, above 0.
        start_wall_s: a moment on the wall clock ...
        start_media_s: ... and the time in the loop (seconds) that belongs to it.

    """

    times_s: FloatArray
    speed: float = 1.0
    start_wall_s: float = 0.0
    start_media_s: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "times_s", frozen(self.times_s))
        if not self.speed > 0:
            raise ValueError(f"speed must be above 0, got {self.speed}")

    @property
    def loop_s(self) -> float:
        """Length of the loop in seconds: the last frame stays as long as the median one."""
        if len(self.times_s) < 2:
            return STILL_S
        return float(self.times_s[-1] + np.median(np.diff(self.times_s)))

    def started(self, frame: int, wall_s: float) -> "PlaybackClock":
        """The clock that shows `frame` from now on."""
        return replace(self, start_wall_s=wall_s, start_media_s=float(self.times_s[frame]))

    def at_speed(self, speed: float, wall_s: float) -> "PlaybackClock":
        """The clock that goes on from the same place at another speed."""
        return replace(self, speed=speed, start_wall_s=wall_s, start_media_s=self._media_s(wall_s))

    def _media_s(self, wall_s: float) -> float:
        return math.fmod(self.start_media_s + max(wall_s - self.start_wall_s, 0.0) * self.speed, self.loop_s)

    def frame_due(self, wall_s: float) -> int:
        """The frame (0-based) to show at this moment."""
        # A nanosecond of grace: sums of frame times must not fall just short of the next frame.
        return int(np.searchsorted(self.times_s, self._media_s(wall_s) + 1e-9, side="right")) - 1

    def wait_s(self, wall_s: float) -> float:
        """Seconds on the wall until the next frame is due."""
        media = self._media_s(wall_s)
        following = self.frame_due(wall_s) + 1
        end = float(self.times_s[following]) if following < len(self.times_s) else self.loop_s
        return max(end - media, 0.0) / self.speed
