"""The frame on screen and playback: which frame is due, without drift."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from kinecor.core.values.geometry import FloatArray, frozen

SPEEDS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
STILL_S = 0.04  # duration of the only frame of a still


@dataclass(frozen=True, eq=False)
class PlaybackClock:
    """Maps wall-clock time to the frame due; a late caller gets a later frame, so that playback never slows down.

    Attributes:
        times_s: (frames,) seconds from the first frame, increasing.
        speed: times real speed, above 0.
        start_wall_s: a time of the wall clock ...
        start_media_s: ... and the corresponding time in the loop (seconds).

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
        """Length of the loop in seconds: the last frame lasts as long as the median one."""
        if len(self.times_s) < 2:
            return STILL_S
        return float(self.times_s[-1] + np.median(np.diff(self.times_s)))

    def started(self, frame: int, wall_s: float) -> "PlaybackClock":
        """A clock that starts at `frame` now."""
        return replace(self, start_wall_s=wall_s, start_media_s=float(self.times_s[frame]))

    def at_speed(self, speed: float, wall_s: float) -> "PlaybackClock":
        """A clock that continues from the same time at another speed."""
        return replace(self, speed=speed, start_wall_s=wall_s, start_media_s=self._media_s(wall_s))

    def _media_s(self, wall_s: float) -> float:
        return math.fmod(self.start_media_s + max(wall_s - self.start_wall_s, 0.0) * self.speed, self.loop_s)

    def frame_due(self, wall_s: float) -> int:
        """The frame (0-based) to show at this moment."""
        # A tolerance of 1 ns: sums of frame times must not fall just short of the next frame.
        return int(np.searchsorted(self.times_s, self._media_s(wall_s) + 1e-9, side="right")) - 1

    def wait_s(self, wall_s: float) -> float:
        """Wall-clock seconds until the next frame is due."""
        media = self._media_s(wall_s)
        following = self.frame_due(wall_s) + 1
        end = float(self.times_s[following]) if following < len(self.times_s) else self.loop_s
        return max(end - media, 0.0) / self.speed


class Player(QObject):
    """Holds the current frame and advances it by the clock.

    Signals:
        frame_changed(int): another frame is to be shown.
        playing_changed(bool): playing started or stopped.
    """

    frame_changed = Signal(int)
    playing_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None, now: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._now = now
        self._clock = PlaybackClock(np.zeros(1))
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tick)
        self._frame = 0
        self._playing = False

    @property
    def frame(self) -> int:
        """The frame on screen, 0-based."""
        return self._frame

    @property
    def frames(self) -> int:
        """How many frames the loop has."""
        return len(self._clock.times_s)

    @property
    def playing(self) -> bool:
        """Whether the loop is playing."""
        return self._playing

    @property
    def speed(self) -> float:
        """Times real speed."""
        return self._clock.speed

    def load(self, times_s: FloatArray, frame: int = 0) -> None:
        """Load another recording; stops playing."""
        self.pause()
        self._clock = PlaybackClock(times_s, self._clock.speed)
        self._frame = min(max(frame, 0), len(times_s) - 1)
        self.frame_changed.emit(self._frame)

    def play(self) -> None:
        """Play from the current frame."""
        if self._playing or self.frames < 2:
            return
        self._playing = True
        self._clock = self._clock.started(self._frame, self._now())
        self._wait()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stop at the current frame."""
        self._timer.stop()
        if self._playing:
            self._playing = False
            self.playing_changed.emit(False)

    def toggle(self) -> None:
        """Play or stop."""
        if self._playing:
            self.pause()
        else:
            self.play()

    def seek(self, frame: int) -> None:
        """Go to a frame, modulo the number of frames; a playing loop continues from there."""
        frame %= self.frames
        if self._playing:
            self._clock = self._clock.started(frame, self._now())
            self._wait()
        self._show(frame)

    def step(self, by: int) -> None:
        """Stop and move by a number of frames."""
        self.pause()
        self.seek(self._frame + by)

    def set_speed(self, speed: float) -> None:
        """Continue from the same frame at another speed (times real speed)."""
        self._clock = self._clock.at_speed(speed, self._now())
        if self._playing:
            self._wait()

    def _show(self, frame: int) -> None:
        if frame != self._frame:
            self._frame = frame
            self.frame_changed.emit(frame)

    def _tick(self) -> None:
        if self._playing:
            self._show(self._clock.frame_due(self._now()))
            # Computed after drawing, so that the time spent on drawing is subtracted from the wait.
            self._wait()

    def _wait(self) -> None:
        self._timer.start(max(1, round(self._clock.wait_s(self._now()) * 1000)))
