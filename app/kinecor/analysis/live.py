"""Contours of a live source, frame by frame, from the frames so far: for looking, nothing is measured.

The network runs at the largest side at which a frame takes less than the time between frames on this machine; where
that is not enough, frames are passed over, and the newest is contoured.
"""

import statistics
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event, Thread
from typing import Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.devices import resolve_device
from kinecor.core.values.confidence import LOOP_CONTOURS
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import BytesArray, FloatArray
from kinecor.core.values.message import Message, verbatim
from kinecor.io.open.live import Newest, Source
from kinecor_models.contours.apical import open_live
from kinecor_models.contours.outlines import Outlines
from kinecor_models.contract import ClipInput, Grid, WeightsError, fit_grid
from kinecor_models.engines.engine import Device, DeviceError
from kinecor_models.localisation.framing import sector_box
from kinecor_models.registry import DEFAULT_APICAL

SIDES: Final = (160, 128)
"""Sides of the network's square, best first; at 96 LV Dice on CAMUS valid falls from 0.942 to 0.919 (SD 0.085)."""
INTERVAL_S: Final = 1 / 30
_SHARE = 0.85
"""Of the interval that contouring may take, so that the image is shown in time, too."""
_TIMED = 45  # frames; what another program takes at the start is soon over
_SECTOR_FRAMES = 8


class _Stepper(Protocol):
    def __call__(self, frame: NDArray[np.uint8]) -> Outlines: ...


@dataclass(frozen=True, eq=False)
class LiveFrame:
    """A frame with its contours.

    Attributes:
        number: of the frame in its source, from 0.
        image: the frame.
        contours: (n, 2) x, y in pixels by structure ("lv_endo", "lv_epi", "la"); absent where none was found.
        doubtful: structures whose contour is below the confidence from which values of loops need no check.
        took_s: time the contours took.
        latency_s: from the frame's arrival to its contours.
        passed_over: frames of the source that were not contoured, so far.
        side: of the network's square, in pixels.

    """

    number: int
    image: BytesArray
    contours: Mapping[str, FloatArray]
    doubtful: frozenset[str]
    took_s: float
    latency_s: float
    passed_over: int
    side: int


def _opened(side: int, device: str) -> Callable[[Grid, float], _Stepper]:
    try:
        return open_live(DEFAULT_APICAL, side, cast("Device", resolve_device(device))).live
    except (WeightsError, DeviceError, FileNotFoundError) as wrong:
        raise KinecorError(verbatim(str(wrong))) from wrong


class LiveContouring:
    """Contours the frames of one source.

    Args:
        device: "auto", "cpu" or "cuda".
        sides: to choose from, best first.
        clock: seconds; for tests.

    Raises:
        KinecorError: the model cannot be opened.

    """

    def __init__(
        self,
        device: str = "auto",
        sides: tuple[int, ...] = SIDES,
        clock: Callable[[], float] = time.monotonic,
        opener: Callable[[int, str], Callable[[Grid, float], _Stepper]] | None = None,
    ) -> None:
        self._device, self._sides, self._clock = device, sides, clock
        self._open = opener or _opened
        self._place = 0
        self._live = self._open(sides[0], device)
        self._step: _Stepper | None = None
        self._grid: Grid | None = None
        self._shape: tuple[int, ...] = ()
        self._early: list[BytesArray] = []
        self._took: deque[float] = deque(maxlen=_TIMED)
        self._first = self._last = -1
        self._contoured = 0

    @property
    def side(self) -> int:
        """Side of the network's square at present, in pixels."""
        return self._sides[self._place]

    def __call__(self, number: int, image: BytesArray, arrived_s: float, interval_s: float) -> LiveFrame:
        """Contours of the next frame.

        Args:
            number: of the frame in its source, increasing.
            image: (rows, columns) or (rows, columns, 3) RGB uint8.
            arrived_s: when it arrived, by the clock.
            interval_s: usual time between frames; 0 where not known yet.

        """
        began_s = self._clock()
        interval_s = interval_s or INTERVAL_S
        if image.shape != self._shape:
            self._shape, self._early, self._grid = image.shape, [], None
        if self._grid is None or 0 < len(self._early) < _SECTOR_FRAMES:
            self._locate(image, interval_s)
        assert self._step is not None
        assert self._grid is not None
        outlines = self._step(image)
        contours = {
            name: self._grid.to_image(points) for name, points in outlines.contours.items() if points is not None
        }
        doubtful = frozenset(name for name in contours if outlines.confidence[name] < LOOP_CONTOURS.check)
        done_s, side = self._clock(), self._grid.size
        self._first = number if self._first < 0 else self._first
        self._last, self._contoured = number, self._contoured + 1
        self._pace(done_s - began_s, interval_s)
        passed = self._last - self._first + 1 - self._contoured
        return LiveFrame(number, image, contours, doubtful, done_s - began_s, done_s - arrived_s, passed, side)

    def _locate(self, image: BytesArray, interval_s: float) -> None:
        """Find the ultrasound sector on the first frames; the moving heart shows all of it."""
        self._early.append(image)
        if len(self._early) in (1, _SECTOR_FRAMES):
            grid = fit_grid(sector_box(ClipInput(self._early)), self.side)
            if grid != self._grid:
                self._grid, self._step = grid, self._live(grid, interval_s)
        if len(self._early) == _SECTOR_FRAMES:
            self._early = []

    def _pace(self, took_s: float, interval_s: float) -> None:
        """Go to a smaller network where frames take too long; not back: a change of the contours would be seen."""
        self._took.append(took_s)
        late = len(self._took) == _TIMED and statistics.median(self._took) > _SHARE * interval_s
        if late and self._place + 1 < len(self._sides) and self._grid is not None:
            self._place += 1
            self._took.clear()
            self._live = self._open(self.side, self._device)
            old = self._grid
            self._grid = fit_grid((old.x0, old.y0, old.x1, old.y1), self.side)
            self._step = self._live(self._grid, interval_s)


class LiveSession:
    """Reads and contours a source on threads of its own, until it ends or is closed; `newest` is the last result.

    Args:
        source: see io.open.live.
        device: "auto", "cpu" or "cuda".
        each: gets every frame that was contoured, on the session's thread.
        contouring: opens what contours; by default LiveContouring.

    """

    def __init__(
        self,
        source: Source,
        device: str = "auto",
        each: Callable[[LiveFrame], None] | None = None,
        contouring: Callable[[str], LiveContouring] = LiveContouring,
    ) -> None:
        self._source, self._device, self._each, self._contouring = source, device, each, contouring
        self._stop = Event()
        self.newest: LiveFrame | None = None
        self.error: Message | None = None
        self.latencies_s: deque[float] = deque(maxlen=150)
        self._thread = Thread(target=self._run, name="kinecor-live", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether no more frames come: the source has ended or failed, or the session was closed."""
        return not self._thread.is_alive()

    def close(self) -> None:
        """Stop, at the end of the present frame."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        source: Newest | None = None
        try:
            contour = self._contouring(self._device)
            source = Newest(self._source)
            number = -1
            while not self._stop.is_set():
                frame = source.next(number)
                if frame is None:
                    if source.ended:
                        return
                    continue
                number = frame.number
                live_frame = contour(frame.number, frame.image, frame.at_s, frame.interval_s)
                self.latencies_s.append(live_frame.latency_s)
                self.newest = live_frame
                if self._each is not None:
                    self._each(live_frame)
        except KinecorError as error:
            self.error = error.message
        finally:
            if source is not None:
                source.close()
