"""All slices of a stack for the screen, decoded phase by phase on a worker."""

from collections import OrderedDict
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.stack import Stack
from kinecor.ui.workspace.jobs import Jobs

MOST_BYTES = 400 << 20  # a study of 30 slices, 30 phases and 512 x 512 pixels takes 236 MB
_KEY = "phase"
Pictures = tuple[NDArray[Any] | None, ...]


class GridFeed(QObject):
    """Decodes the phase asked for last, then the others; None stands for a slice that cannot be decoded.

    Signals:
        came(int): the pictures of a phase (0-based) are there.
        failed(str): a slice cannot be decoded, and why in one sentence; told once per stack.
    """

    came = Signal(int)
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
        self.came.emit(phase)
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
