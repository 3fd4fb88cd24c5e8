"""Playback: which frame is due, without drift, and its decoding, on a worker where that is slow."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from kinecor.core.values.errors import Cancelled, KinecorError, Tick, error_message
from kinecor.core.values.geometry import FloatArray, frozen_array
from kinecor.core.values.recording import RealFrames, Stack
from kinecor.io.files import isolated
from kinecor.ui.workspace.jobs import Jobs

SPEEDS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0)
STILL_S = 0.04  # duration of the only frame of a still


@dataclass(frozen=True, eq=False)
class PlaybackClock:
    """Maps wall-clock time to the frame due; a late caller gets a later frame, so that playback never slows down.

    Attributes:
        times_s: (frames,) seconds from the first frame, increasing.
        speed: times real speed, above 0.
        start_wall_s: a time of the wall clock ...
        start_media_s: ... and the corresponding time in the loop (seconds).
        span: first and last frame that are played; None for the whole loop. It may be any part of it.
        sweep: whether it is played forth and back; else again and again from the beginning.

    """

    times_s: FloatArray
    speed: float = 1.0
    start_wall_s: float = 0.0
    start_media_s: float = 0.0
    span: tuple[int, int] | None = None
    sweep: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "times_s", frozen_array(self.times_s))
        if not self.speed > 0:
            raise ValueError(f"speed must be above 0, got {self.speed}")
        if self.span is not None and not 0 <= self.span[0] <= self.span[1] < len(self.times_s):
            raise ValueError(f"a part of {len(self.times_s)} frames was expected, got {self.span}")

    @property
    def _begins_s(self) -> float:
        """Time of the first frame that is played."""
        return 0.0 if self.span is None else float(self.times_s[self.span[0]])

    @property
    def _played_s(self) -> float:
        """How long what is played lasts; its last frame as long as the median one, if the loop ends there."""
        if self.span is None or self.span[1] + 1 == len(self.times_s):
            return self.loop_s - self._begins_s
        return float(self.times_s[self.span[1] + 1]) - self._begins_s

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
        return replace(self, speed=speed, start_wall_s=wall_s, start_media_s=self._begins_s + self._passed_s(wall_s))

    def _passed_s(self, wall_s: float) -> float:
        """Time since what is played began; in a sweep that of the way back comes after that of the way forth."""
        passed = self.start_media_s - self._begins_s + max(wall_s - self.start_wall_s, 0.0) * self.speed
        return passed % (2 * self._played_s if self.sweep else self._played_s)

    def _media_s(self, wall_s: float) -> float:
        passed = self._passed_s(wall_s)
        back = self.sweep and passed > self._played_s
        return self._begins_s + (2 * self._played_s - passed if back else passed)

    def frame_due(self, wall_s: float) -> int:
        """The frame (0-based) to show at this moment."""
        # A tolerance of 1 ns: sums of frame times must not fall just short of the next frame.
        found = int(np.searchsorted(self.times_s, self._media_s(wall_s) + 1e-9, side="right")) - 1
        return found if self.span is None else min(max(found, self.span[0]), self.span[1])

    def wait_s(self, wall_s: float) -> float:
        """Wall-clock seconds until the next frame is due."""
        media = self._media_s(wall_s)
        if self.sweep and self._passed_s(wall_s) > self._played_s:
            return max(media - max(float(self.times_s[self.frame_due(wall_s)]), self._begins_s), 0.0) / self.speed
        following = self.frame_due(wall_s) + 1
        last = self._begins_s + self._played_s
        end = min(float(self.times_s[following]), last) if following < len(self.times_s) else last
        return max(end - media, 0.0) / self.speed


class Player(QObject):
    """Holds the current frame and advances it by the clock.

    Signals:
        frame_changed(int): another frame is to be shown.
        playing_changed(bool): playing started or stopped.
        span_changed(): another part of the loop is played.
    """

    frame_changed = Signal(int)
    span_changed = Signal()
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
        self._clock = PlaybackClock(times_s, self._clock.speed, sweep=self._clock.sweep)
        self.span_changed.emit()
        self._frame = min(max(frame, 0), len(times_s) - 1)
        self.frame_changed.emit(self._frame)

    @property
    def span(self) -> tuple[int, int] | None:
        """First and last frame of the part that is played; None for the whole loop."""
        return self._clock.span

    def play_only(self, span: tuple[int, int] | None) -> None:
        """Play the frames from the first to the last of a part only, such as one beat; None for the whole loop."""
        self._clock = replace(self._clock, span=span).started(self._frame, self._now())
        if self._playing:
            self._wait()
        self.span_changed.emit()

    def play_forth_and_back(self, sweep: bool) -> None:
        """Play forth and back, or again and again from the beginning; plays."""
        self._clock = replace(self._clock, sweep=sweep).started(self._frame, self._now())
        if self._playing:
            self._wait()
        else:
            self.play()

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


SLOW_S = 0.03  # a source that took longer than about one frame's time is decoded on a worker from then on
PATIENCE_S = 0.15  # that the GUI thread waits for a decoder
_KEY = "decode"


class FrameDecoder(QObject):
    """Decodes the frame requested last.

    Requests made while a worker is busy replace each other; every decoded frame is emitted, so that a loop that
    decodes slower than it plays still moves.

    Signals:
        decoded(int, object): a frame (0-based) and its pixels.
        failed(int, str): a frame that cannot be decoded, and why in one sentence.
    """

    decoded = Signal(int, object)
    failed = Signal(int, object)

    def __init__(self, parent: QObject | None = None, *, on_worker: bool = False) -> None:
        """`on_worker` decodes on a worker from the first frame on, however fast the source is."""
        super().__init__(parent)
        self._jobs = Jobs(1, "frames", self)
        self._frames: RealFrames | None = None
        self._on_worker = self._slow = on_worker
        self._wanted = 0
        self._delivered: int | None = None

    @property
    def busy(self) -> bool:
        """Whether a frame is being decoded."""
        return bool(self._jobs.keys)

    def load(self, frames: RealFrames | None) -> None:
        """Load another source; pending frames of the previous one are dropped."""
        self._jobs.cancel_all()
        self._frames, self._slow, self._delivered = frames, self._on_worker, None

    def request(self, frame: int) -> None:
        """Have `came` or `failed` emitted for a frame (0-based): before this returns, or later."""
        self._wanted = frame
        if self._frames is None:
            return
        if not self._slow:
            self._decode(self._frames, frame)
        elif frame == self._delivered:
            self._jobs.cancel(_KEY)  # it is on screen already, and stays there
        elif not self.busy:
            self._start(self._frames, frame)

    def shutdown(self) -> None:
        """Stop; no thread remains."""
        self._jobs.shutdown()

    def _decode(self, frames: RealFrames, frame: int) -> None:
        began_s = time.perf_counter()
        try:
            with isolated.cancellable(lambda: time.perf_counter() - began_s > PATIENCE_S):
                pixels = frames[frame]
        except Cancelled:  # from now on without the GUI thread
            self._slow = True
            self._start(frames, frame)
            return
        except KinecorError as error:
            self._slow = True  # the next frame may have to wait for a decoder that is started again
            self.failed.emit(frame, error_message(error))
            return
        self._slow = time.perf_counter() - began_s > SLOW_S
        self._deliver(frame, pixels)

    def _start(self, frames: RealFrames, frame: int) -> None:
        self._jobs.start(
            _KEY,
            lambda _: frames[frame],
            done=lambda pixels: self._finish(frames, frame, pixels, None),
            failed=lambda why: self._finish(frames, frame, None, why),
        )

    def _finish(self, frames: RealFrames, frame: int, pixels: object, why: str | None) -> None:
        if why is None:
            self._deliver(frame, pixels)
        else:
            self._delivered = frame
            self.failed.emit(frame, why)
        if self._wanted != frame and self._frames is frames and not self.busy:
            self._start(frames, self._wanted)

    def _deliver(self, frame: int, pixels: object) -> None:
        self._delivered = frame
        self.decoded.emit(frame, pixels)


AHEAD = 6
"""Frames that are decoded before they are due."""


class AheadDecoder:
    """Decodes frames that are due soon on workers, so that the GUI thread finds them in the cache of decoded frames.

    At most one batch per source is pending; the cache bounds what is held.
    """

    def __init__(self, workers: int = 2) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="kinecor-ahead")
        self._pending: dict[int, Future[None]] = {}
        self._forgotten = Event()  # of the recordings that are shown

    def want(self, source: RealFrames, due: Sequence[int]) -> None:
        """Decode these frames (0-based) in order, unless a batch of this source is still being decoded."""
        pending = self._pending.get(id(source))
        if due and (pending is None or pending.done()):
            self._pending[id(source)] = self._pool.submit(
                _decode_all, source, tuple(dict.fromkeys(due)), self._forgotten
            )

    def forget(self) -> None:
        """Other recordings are shown: drop what has not begun or takes long."""
        self._forgotten.set()
        self._forgotten = Event()
        for one in self._pending.values():
            one.cancel()
        self._pending.clear()

    def shutdown(self) -> None:
        """Stop; no thread remains."""
        self._forgotten.set()
        self._pool.shutdown(wait=True, cancel_futures=True)


def _decode_all(source: RealFrames, due: tuple[int, ...], forgotten: Event) -> None:
    with isolated.cancellable(forgotten.is_set):
        for frame in due:
            try:
                source[frame]
            except (Cancelled, KinecorError):  # said when the frame itself is to be drawn
                return


MAX_BYTES = 400 << 20  # a study of 30 slices, 30 phases and 512 x 512 pixels takes 236 MB
Images = tuple[NDArray[Any] | None, ...]


class StackDecoder(QObject):
    """Decodes the phase requested last, then the others; None stands for a slice that cannot be decoded.

    Signals:
        decoded(int): the images of a phase (0-based) are available.
        failed(str): a slice cannot be decoded, and why in one sentence; once per stack.
    """

    decoded = Signal(int)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = Jobs(1, "grid", self)
        self._stack: Stack | None = None
        self._cache: OrderedDict[int, Images] = OrderedDict()
        self._wanted = 0
        self._reported = False

    @property
    def busy(self) -> bool:
        """Whether a phase is being decoded."""
        return bool(self._jobs.keys)

    def load(self, stack: Stack | None) -> None:
        """Load another stack; pending phases of the previous one are dropped."""
        self._jobs.cancel_all()
        self._stack, self._reported = stack, False
        self._cache.clear()

    def images(self, phase: int) -> Images | None:
        """The slices' pixels at a phase, or None while they are not there: `came` follows."""
        self._wanted = phase
        cached = self._cache.get(phase)
        if cached is None and not self.busy:
            self._start(phase)
        return cached

    def shutdown(self) -> None:
        """Stop; no thread remains."""
        self._jobs.shutdown()

    def _start(self, phase: int) -> None:
        stack = self._stack
        if stack is None or not 0 <= phase < stack.phases:
            return

        def work(tick: Tick) -> tuple[Images, str]:
            return _decoded(stack, phase, tick)

        self._jobs.start(_KEY, work, done=lambda found: self._finish(phase, *found), failed=self.failed.emit)

    def _finish(self, phase: int, images: Images, why: str) -> None:
        self._cache[phase] = images
        size = sum(image.nbytes for image in images if image is not None)
        while len(self._cache) > 1 and size * len(self._cache) > MAX_BYTES:
            self._cache.popitem(last=False)
        if why and not self._reported:
            self._reported = True
            self.failed.emit(why)
        self.decoded.emit(phase)
        following = self._next(size)
        if following is not None:
            self._start(following)

    def _next(self, size: int) -> int | None:
        """The phase to decode next: the one on screen, else the next missing one, while there is room."""
        if self._stack is None:
            return None
        if self._wanted not in self._cache:
            return self._wanted
        if size * (len(self._cache) + 1) > MAX_BYTES:
            return None
        phases = self._stack.phases
        ahead = ((self._wanted + step) % phases for step in range(phases))
        return next((phase for phase in ahead if phase not in self._cache), None)


def _decoded(stack: Stack, phase: int, tick: Tick) -> tuple[Images, str]:
    images: list[NDArray[Any] | None] = []
    why = ""
    for number, cine in enumerate(stack.slices):
        tick(number, len(stack.slices))
        try:
            images.append(cine.seen[phase])
        except KinecorError as error:
            images.append(None)
            why = why or error_message(error)
    return tuple(images), why
