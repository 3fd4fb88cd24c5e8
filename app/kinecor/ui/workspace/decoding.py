"""Decode frames for the screen, on a worker where decoding is slow."""

import time
from collections import OrderedDict
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.grey import RealFrames
from kinecor.core.values.stack import Stack
from kinecor.ui.workspace.jobs import Jobs

SLOW_S = 0.03  # a source that once took longer than about one frame's time is asked on a worker from then on
_KEY = "decode"


class FrameDecoder(QObject):
    """Decodes the frame asked for last.

    While a worker is busy, frames asked for in between are passed over; every frame it finishes is handed out, so
    that a loop that decodes slower than it plays still moves.

    Signals:
        decoded(int, object): a frame (0-based) and its pixels.
        failed(int, str): a frame that cannot be decoded, and why in one sentence.
    """

    decoded = Signal(int, object)
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
        self.decoded.emit(frame, pixels)


MOST_BYTES = 400 << 20  # a study of 30 slices, 30 phases and 512 x 512 pixels takes 236 MB
Pictures = tuple[NDArray[Any] | None, ...]


class StackDecoder(QObject):
    """Decodes the phase asked for last, then the others; None stands for a slice that cannot be decoded.

    Signals:
        decoded(int): the pictures of a phase (0-based) are there.
        failed(str): a slice cannot be decoded, and why in one sentence; told once per stack.
    """

    decoded = Signal(int)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = Jobs(1, "grid", self)
        self._stack: Stack | None = None
        self._held: OrderedDict[int, Pictures] = OrderedDict()
        self._wanted = 0
        self._told = False

    @property
    def busy(self) -> bool:
        """Whether a phase is still to come."""
        return bool(self._jobs.keys)

    def load(self, stack: Stack | None) -> None:
        """Take another stack; nothing of the one before comes any more."""
        self._jobs.cancel_all()
        self._stack, self._told = stack, False
        self._held.clear()

    def pictures(self, phase: int) -> Pictures | None:
        """The slices' pixels at a phase, or None while they are not there: `came` follows."""
        self._wanted = phase
        held = self._held.get(phase)
        if held is None and not self.busy:
            self._start(phase)
        return held

    def shutdown(self) -> None:
        """Stop and leave no thread behind."""
        self._jobs.shutdown()

    def _start(self, phase: int) -> None:
        stack = self._stack
        if stack is None or not 0 <= phase < stack.phases:
            return

        def work(tick: Tick) -> tuple[Pictures, str]:
            return _decoded(stack, phase, tick)

        self._jobs.start(_KEY, work, done=lambda found: self._finish(phase, *found), failed=self.failed.emit)

    def _finish(self, phase: int, pictures: Pictures, why: str) -> None:
        self._held[phase] = pictures
        size = sum(one.nbytes for one in pictures if one is not None)
        while len(self._held) > 1 and size * len(self._held) > MOST_BYTES:
            self._held.popitem(last=False)
        if why and not self._told:
            self._told = True
            self.failed.emit(why)
        self.decoded.emit(phase)
        following = self._next(size)
        if following is not None:
            self._start(following)

    def _next(self, size: int) -> int | None:
        """The phase to decode next: the one on screen, else the next that is lacking, while there is room."""
        if self._stack is None:
            return None
        if self._wanted not in self._held:
            return self._wanted
        if size * (len(self._held) + 1) > MOST_BYTES:
            return None
        phases = self._stack.phases
        ahead = ((self._wanted + step) % phases for step in range(phases))
        return next((phase for phase in ahead if phase not in self._held), None)


def _decoded(stack: Stack, phase: int, tick: Tick) -> tuple[Pictures, str]:
    pictures: list[NDArray[Any] | None] = []
    why = ""
    for number, cine in enumerate(stack.slices):
        tick(number, len(stack.slices))
        try:
            pictures.append(cine.seen[phase])
        except KinecorError as error:
            pictures.append(None)
            why = why or str(error)
    return tuple(pictures), why
