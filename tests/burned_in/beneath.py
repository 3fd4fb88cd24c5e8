"""The pictures that text is planted in: simulated clips on a black screen, and real ones where there are any."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.phantom_make import PhantomRequest, make_echo
from kinecor.core.values.errors import KinecorError
from kinecor.io.open.recordings import open_path

FRAMES: Final = 8
_VIEWS: Final = ("A4C", "A2C", "PLAX", "PSAX mid")
SIMULATED: Final = 2 * len(_VIEWS)
_SCREEN: Final = (360, 480)


@dataclass(frozen=True, eq=False)
class Beneath:
    """A sound picture.

    Attributes:
        name: what it shows.
        frames: (t, rows, columns) or (t, rows, columns, 3), uint8.
        sector: (rows, columns) where tissue may be, by the simulator; of real ones, by its lit part.
        box: (x0, y0, x1, y1) around the sector with some room, as a calibrated region.

    """

    name: str
    frames: NDArray[np.uint8]
    sector: NDArray[np.bool_]
    box: tuple[int, int, int, int]


@cache
def simulated(number: int) -> Beneath:
    """Simulated clip `number`, 0 to SIMULATED - 1, on a screen that is larger than its picture."""
    view = _VIEWS[number // 2 % len(_VIEWS)]
    made = make_echo(view, PhantomRequest(seed=number, look="random" if number > 1 else None, frames=FRAMES,
                                          frames_per_s=20.0, beats=1, size=(256, 320)))  # fmt: skip
    picture = made.frames
    rng = np.random.default_rng((number, 5))
    top = int(rng.integers(20, _SCREEN[0] - 256 - 10))
    left = int(rng.integers(60, _SCREEN[1] - 320 - 10))
    frames = np.zeros((FRAMES, *_SCREEN), np.uint8)
    frames[:, top : top + 256, left : left + 320] = picture
    return _beneath(f"simulated {view} {number}", frames)


@cache
def real(path: Path) -> Beneath | None:
    """A recording of a patient without what is around its sector; None where it cannot be opened or shows none.

    The text that the machine wrote outside the sector is taken away, so that what is planted is the only text there.
    """
    try:
        cine = open_path(path).recordings[0].cines[0]
        frames = np.stack([np.asarray(cine.frames[at]) for at in range(min(len(cine.frames), FRAMES))])
    except (KinecorError, IndexError):
        return None
    found = _beneath(path.name, frames)
    frames = frames.copy()
    frames[:, ~found.sector] = 0
    return Beneath(found.name, frames, found.sector, found.box)


def _beneath(name: str, frames: NDArray[np.uint8]) -> Beneath:
    grey = frames.max(axis=3) if frames.ndim == 4 else frames
    lit = (grey.max(axis=0) > 8).astype(np.uint8)
    lit = cv2.morphologyEx(lit, cv2.MORPH_OPEN, np.ones((21, 21), np.uint8))
    outlines = cv2.findContours(lit, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    hull = np.zeros(lit.shape, np.uint8)
    if outlines:
        cv2.fillConvexPoly(hull, cv2.convexHull(max(outlines, key=cv2.contourArea)), (1,))
    y, x = np.nonzero(hull)
    rows, columns = hull.shape
    margin = columns // 12
    box = (max(int(x.min()) - margin, 0), max(int(y.min()) - margin, 0),
           min(int(x.max()) + margin, columns - 1), min(int(y.max()) + margin, rows - 1))  # fmt: skip
    return Beneath(name, frames, hull > 0, box)
