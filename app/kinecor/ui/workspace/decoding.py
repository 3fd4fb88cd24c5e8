"""Decode frames for the screen, on a worker where decoding is slow."""

import time
from collections import OrderedDict
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.recording import RealFrames, Stack
from kinecor.ui.workspace.jobs import Jobs

SLOW_S = 0.03  # a source that took longer than about one frame's time is decoded on a worker from then on
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
    failed = Signal(int, str)

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
            pixels = frames[frame]
        except KinecorError as error:
            self.failed.emit(frame, str(error))
            return
        finally:
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


MOST_BYTES = 400 << 20  # a study of 30 slices, 30 phases and 512 x 512 pixels takes 236 MB
Images = tuple[NDArray[Any] | None, ...]


class StackDecoder(QObject):
    """Decodes the phase requested last, then the others; None stands for a slice that cannot be decoded.

    Signals:
        decoded(int): the images of a phase (0-based) are available.
        failed(str): a slice cannot be decoded, and why in one sentence; once per stack.
    """

    decoded = Signal(int)
    failed = Signal(str)

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
        size = sum(one.nbytes for one in images if one is not None)
        while len(self._cache) > 1 and size * len(self._cache) > MOST_BYTES:
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
        if size * (len(self._cache) + 1) > MOST_BYTES:
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
            why = why or str(error)
    return tuple(images), why
