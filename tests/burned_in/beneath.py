"""The pictures that text is planted in: simulated clips on a black screen, some with a colour box, and real ones where
there are any.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

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
def flowing(number: int) -> Beneath:
    """Simulated clip `number` with a colour box: flow that flickers, aliases and breaks into a mosaic, and its outline.

    Args:
        number: see `simulated`.

    """
    grey = simulated(number)
    rng = np.random.default_rng((number, 11))
    y, x = np.nonzero(grey.sector)
    top, bottom = (int(np.quantile(y, share)) for share in (rng.uniform(0.05, 0.3), rng.uniform(0.6, 0.95)))
    left, right = sorted(int(np.quantile(x, share)) for share in (rng.uniform(0.1, 0.35), rng.uniform(0.6, 0.9)))
    inset = int(rng.uniform(0.1, 0.35) * (right - left))
    corners = np.array([(left + inset, top), (right - inset, top), (right, bottom), (left, bottom)], np.int32)
    box = np.zeros(grey.sector.shape, np.uint8)
    cv2.fillConvexPoly(box, corners, (1,))
    inside = (box > 0) & grey.sector
    cell_px, noise = int(rng.integers(1, 5)), rng.uniform(0.1, 0.8)
    frames = np.repeat(grey.frames[..., None], 3, axis=3)
    still = _smooth(rng, box.shape, 40)
    for frame in frames:
        jet = still + 0.8 * _smooth(rng, box.shape, 30)
        velocity = 1.3 * jet + noise * _smooth(rng, box.shape, 2.5)
        velocity = (velocity + 1) % 2 - 1  # it aliases
        shown = inside & (jet + 0.5 * _smooth(rng, box.shape, 8) > 0.3)
        velocity, shown = (_in_cells(values, cell_px) for values in (velocity, shown))
        speed = np.abs(velocity)[..., None]
        towards = np.concatenate([120 + 135 * speed, 255 * speed**2, 40 * speed], axis=2)
        away = np.concatenate([40 * speed, 255 * speed**2, 120 + 135 * speed], axis=2)
        colours = np.where(velocity[..., None] > 0, towards, away)
        visible = shown & inside
        frame[visible] = np.clip(colours[visible], 0, 255)
        cv2.polylines(frame, [corners], True, (230, 230, 230), 1)
    return Beneath(f"{grey.name} with colour", frames, grey.sector | (box > 0), grey.box)


def _smooth(rng: np.random.Generator, shape: tuple[int, ...], width_px: float) -> NDArray[np.float64]:
    """Noise of this width and of standard deviation 1."""
    blurred = cv2.GaussianBlur(rng.normal(size=shape), (0, 0), width_px)
    return np.asarray(blurred / blurred.std())


def _in_cells(values: NDArray[Any], cell_px: int) -> NDArray[Any]:
    """Values that are the same within cells, as colour is computed more coarsely than tissue."""
    rows, columns = values.shape
    coarse = values[::cell_px, ::cell_px]
    return np.repeat(np.repeat(coarse, cell_px, axis=0), cell_px, axis=1)[:rows, :columns]


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
