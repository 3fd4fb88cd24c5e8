"""Frames for the screen: at once where they decode quickly, from a worker where they do not."""

import time

from PySide6.QtCore import QObject, Signal

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.grey import RealFrames
from kinecor.ui.workspace.jobs import Jobs

SLOW_S = 0.03  # a source that once took longer than about one frame's time is asked on a worker from then on
_KEY = "frame"


class FrameFeed(QObject):
    """Decodes the frame asked for last.

    While a worker is busy, frames asked for in between are passed over; every frame it finishes is handed out, so
    that a loop that decodes slower than it plays still moves.

    Signals:
        came(int, object): a frame (0-based) and its pixels.
        failed(int, str): a frame that cannot be decoded, and why in one sentence.
    """

    came = Signal(int, object)
    failed = Signal(int, str)

    def __init__(self, parent: QObject | None = None, *, aside: bool = False) -> None:
        """`aside` asks a worker from the first frame on, however quick the source is."""
        super().__init__(parent)
        self._jobs = Jobs(1, "frames", self)
        self._frames: RealFrames | None = None
        self._aside = self._slow = aside
        self._wanted = 0
        self._given: int | None = None

    @property
    def busy(self) -> bool:
        """Whether a frame is still to come."""
        return bool(self._jobs.keys)

    def load(self, frames: RealFrames | None) -> None:
        """Take another source; nothing of the one before comes any more."""
        self._jobs.cancel_all()
        self._frames, self._slow, self._given = frames, self._aside, None

    def ask(self, frame: int) -> None:
        """Have `came` or `failed` emitted for a frame (0-based): before this returns, or later."""
        self._wanted = frame
        if self._frames is None:
            return
        if not self._slow:
            self._decode(self._frames, frame)
        elif frame == self._given:
            self._jobs.cancel(_KEY)  # it is on screen already, and stays there
        elif not self.busy:
            self._start(self._frames, frame)

    def shutdown(self) -> None:
        """Stop and leave no thread behind."""
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
        self._give(frame, pixels)

    def _start(self, frames: RealFrames, frame: int) -> None:
        self._jobs.start(
            _KEY,
            lambda _: frames[frame],
            done=lambda pixels: self._finish(frames, frame, pixels, None),
            failed=lambda why: self._finish(frames, frame, None, why),
        )

    def _finish(self, frames: RealFrames, frame: int, pixels: object, why: str | None) -> None:
        if why is None:
            self._give(frame, pixels)
        else:
            self._given = frame
            self.failed.emit(frame, why)
        if self._wanted != frame and self._frames is frames and not self.busy:
            self._start(frames, self._wanted)

    def _give(self, frame: int, pixels: object) -> None:
        self._given = frame
        self.came.emit(frame, pixels)
