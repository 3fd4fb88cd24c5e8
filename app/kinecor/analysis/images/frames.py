"""What frames show one after the other: small cells, changes, repeats and gaps, damage, and the length of a beat.

A wrong bit in compressed data mostly changes the brightness of everything after it, or moves it sideways, down to the
end of the frame. So a frame is compared with those before and after it, strip by strip: what lies outside the range of
both, over most of a strip or where nothing ever moves, did not come from the heart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import BytesArray, FloatArray

CELL_PX = 4
"""Side of a cell: half a JPEG block, so that one block more or less is seen."""
MAX_CELLS = 1 << 14
Cells = NDArray[np.uint8]
"""(frames, rows, columns, 1 or 2): mean brightness of each cell; of colour recordings, also how colourful it is."""


def cell_px(rows: int, columns: int) -> int:
    """Side of a cell in an image of this size: larger in large images, so that their cost has a limit."""
    side = CELL_PX
    while (rows // side) * (columns // side) > MAX_CELLS:
        side *= 2
    return side


def cells_of(image: BytesArray) -> Cells:
    """(rows, columns, 1 or 2) of one frame, grey or RGB."""
    rows, columns = image.shape[:2]
    side = cell_px(rows, columns)
    size = max(1, columns // side), max(1, rows // side)
    small = np.asarray(cv2.resize(np.ascontiguousarray(image), size, interpolation=cv2.INTER_AREA), np.uint8)
    if small.ndim == 2:
        return small[..., None]
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    least = cv2.min(cv2.min(small[..., 0], small[..., 1]), small[..., 2])
    return np.stack([grey, most_of(small) - least], axis=2).astype(np.uint8)


def most_of(image: BytesArray) -> BytesArray:
    """(rows, columns) of the brightest channel of an RGB image; some times quicker than numpy over three channels."""
    return np.asarray(cv2.max(cv2.max(image[..., 0], image[..., 1]), image[..., 2]), np.uint8)


def brightness(cells: Cells) -> NDArray[np.float32]:
    """(frames, rows, columns)."""
    return cells[..., 0].astype(np.float32)


def join_frames(reduced: Sequence[Cells]) -> Cells:
    """The frames of one loop together."""
    return np.stack(reduced)


MIN_LEVELS = 0.7
"""Mean change of a cell, in grey levels, below which it does not move."""
_MOVING_SHARE = 0.4
# A frame that changes less than this share of what is usual repeats the one before. Sound frames (1,500 of simulated
# and real clips) change by 0.24 or more, repeated ones with noise of 2 grey levels added by 0.03 to 0.3, mostly 0.1. A
# large aneurysm, simulated, hardly moves at end-systole and went below 0.16; exact repeats are at 0.
REPEATS = 0.12
# A heart at rest slows down before; a repeated frame comes between two that change at least this share of the usual,
# or changes next to nothing.
SUDDEN, SAME = 0.4, 0.02
# A change this many times larger than those before and after it is a jump; sound frames reach 3.3, and 2.4 unsmoothed.
JUMPS, JUMPS_UNSMOOTHED = 3.6, 2.6
# A step in the frame times that is this many times the usual one is a gap.
GAP = 1.8
# Where more steps than this share are long, that is how the frames were chosen (40, 40, 80 ms in stress echo).
MAX_GAPS = 0.1
_BLUR = 1.5


@dataclass(frozen=True, slots=True)
class Changes:
    """Frames counted from 0; `moving` is (rows, columns) of cells, see ImageFacts for the rest."""

    moving: NDArray[np.bool_]
    repeated: tuple[int, ...]
    lost_after: tuple[int, ...]

    @property
    def still(self) -> bool:
        """Whether nothing moves."""
        return not self.moving.any()


def changes(cells: Cells, damaged: tuple[int, ...]) -> Changes:
    """How the picture of a loop changes.

    Args:
        cells: see there.
        damaged: frames that are not compared with others.

    """
    grey = brightness(cells)
    moving = moving_cells(grey)
    if not moving.any() or len(grey) < 4:
        return Changes(moving, (), ())
    steps = _steps(grey[:, moving])
    smooth = _steps(np.stack([cv2.GaussianBlur(image, (0, 0), _BLUR) for image in grey])[:, moving])
    near_damaged = set(damaged) | {frame + 1 for frame in damaged}
    repeated = tuple(at + 1 for at in _repeats(steps) if at + 1 not in near_damaged)
    lost = tuple(
        index
        for index in range(1, len(steps) - 1)
        if not {index, index + 1, index + 2} & (near_damaged | set(repeated))
        and smooth[index] > JUMPS * max(smooth[index - 1], smooth[index + 1])
        and steps[index] > JUMPS_UNSMOOTHED * max(steps[index - 1], steps[index + 1])
    )
    return Changes(moving, repeated, lost)


def moving_cells(grey: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(rows, columns) where the picture changes more than noise does; none in a still picture."""
    if len(grey) < 2:
        return np.zeros(grey.shape[1:], bool)
    change = np.abs(np.diff(grey, axis=0)).mean(axis=0)
    return np.asarray(change > max(MIN_LEVELS, _MOVING_SHARE * float(np.percentile(change, 95))))


def gaps(times_s: FloatArray) -> tuple[int, ...]:
    """Frames after which the times step more than `GAP` times the usual step."""
    steps_s = np.diff(times_s)
    if len(steps_s) < 3:
        return ()
    found = np.flatnonzero(steps_s > GAP * np.median(steps_s))
    return tuple(int(at) for at in found) if len(found) <= max(1, MAX_GAPS * len(steps_s)) else ()


def _repeats(steps: NDArray[np.float32]) -> list[int]:
    """Steps over which the picture does not change at all, or stops between two frames that move, and goes on."""
    usual = float(np.percentile(steps, 80))
    repeats: list[int] = []
    at = 0
    while at < len(steps):
        end = at
        while end < len(steps) and steps[end] < REPEATS * usual:
            end += 1
        if end > at:
            sudden = at > 0 and end < len(steps) and min(steps[at - 1], steps[end]) > SUDDEN * usual
            repeats += [index for index in range(at, end) if sudden or steps[index] < SAME * usual]
        at = end + 1
    return repeats


def _steps(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(frames - 1,) mean change of (frames, cells) from each frame to the next."""
    return np.asarray(np.abs(np.diff(values, axis=0)).mean(axis=1))


Scores = NDArray[np.float32]
STRIP = 4
"""Rows of cells of a strip: 16 px, the height of the largest JPEG block."""
_LEVELS, _COLOUR_LEVELS = 4, 6
_STATIC_LEVELS, _MOSTLY = 1.5, 0.75
_MIN_STATIC = 0.03
_DARK = 12
_FEW = 20
LIMITS = np.array([0.06, 0.7, 0.45, 0.35], np.float32)
"""From where on a score counts as damage, in the order of `damage_scores`. 3,600 frames of sound recordings (33
simulated and 30 real clips) reach 0.04, 0.59, 0.39 and 0.13; a gain that flickers reaches most."""


def damaged_frames(cells: Cells) -> tuple[int, ...]:
    """Frames (0-based) with a part out of place; none where there are fewer than four frames to compare.

    Args:
        cells: see there.

    """
    if len(cells) < 4:
        return ()
    return tuple(int(frame) for frame in np.flatnonzero((damage_scores(cells) > LIMITS).any(axis=1)))


def damage_scores(cells: Cells) -> Scores:
    """(frames, 4) shares, each about 0 in a sound frame.

    Of what never moves, how much is changed; of two neighbouring strips, how much is brighter or darker than before
    and after, how much more is changed than is usual there, and how much has another colour.
    """
    values = cells.astype(np.int16)
    beyond = _beyond_neighbours(values)
    light, size = beyond[..., 0], np.abs(beyond).max(axis=-1)
    steps = np.abs(np.diff(values, axis=0)).max(axis=-1)
    static = (steps < _STATIC_LEVELS).mean(axis=0) >= _MOSTLY
    still = ((size > _LEVELS) & static).sum(axis=(1, 2)) / max(1, int(static.sum()))
    if static.mean() < _MIN_STATIC:
        still[:] = 0
    lit = np.maximum(*_neighbours(values[..., 0])) > _DARK
    brighter = np.maximum(_share(light > _LEVELS, lit), _share(light > _LEVELS, ~lit))
    darker = _share(light < -_LEVELS, lit)
    changed = _share(size > _LEVELS, np.ones_like(lit))
    unusual = changed - np.percentile(changed, 80, axis=0)
    scores = [still, _two(np.maximum(brighter, darker)), _two(unusual)]
    if cells.shape[-1] > 1:
        scores.append(_two(_share(np.abs(beyond[..., 1]) > _COLOUR_LEVELS, np.ones_like(lit))))
    else:
        scores.append(np.zeros(len(cells)))
    return np.stack(scores, axis=1).astype(np.float32)


def _neighbours(values: NDArray[np.int16]) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """What comes before and after each frame; at the ends, the nearest two."""
    before = np.concatenate([values[2:3], values[:-1]])
    after = np.concatenate([values[1:], values[-3:-2]])
    return before, after


def _beyond_neighbours(values: NDArray[np.int16]) -> NDArray[np.int16]:
    """How far each value lies above (positive) or below the range of the frames before and after."""
    before, after = _neighbours(values)
    return np.asarray(values - np.clip(values, np.minimum(before, after), np.maximum(before, after)), np.int16)


def _share(found: NDArray[np.bool_], among: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(frames, strips) share of the cells `among` that are `found`; 0 where a strip has few of them."""
    strips = found.shape[1] // STRIP

    def counted(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        per_row = mask.sum(axis=2)[:, : strips * STRIP]
        return np.asarray(per_row.reshape(len(mask), strips, STRIP).sum(axis=2))

    some = counted(among)
    return np.where(some >= _FEW, counted(found & among) / np.maximum(some, 1), 0.0)


def _two(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """(frames,) the largest share that two neighbouring strips both reach."""
    if shares.shape[1] < 2:
        return np.asarray(shares.max(axis=1, initial=0.0))
    return np.asarray(np.minimum(shares[:, 1:], shares[:, :-1]).max(axis=1))


# Blur in cells: walls remain, speckle does not.
_BEAT_BLUR = 2.0
# So many frames are compared over a lag, as a share of the loop: a beat is found where 1.2 of them or more are seen.
MIN_COMPARED = 1 / 6
_MIN_FRAMES, _SHORTEST = 12, 6
# After one beat, frames differ by less than this share of how much they differ before it and after it. In simulated
# and real clips they differ by 0.18 to 0.75; half a beat on, by 0.9 or more.
DEPTH = 0.78
# Of several such lags the shortest that is about as good: the others are two and three beats.
_AS_GOOD = 0.15


def period_frames(cells: Cells, moving: NDArray[np.bool_]) -> float | None:
    """Length of a beat in frames, to a part of a frame; None where too little is seen of it.

    Args:
        cells: of the loop, see there.
        moving: (rows, columns) cells that move.

    """
    if len(cells) < _MIN_FRAMES or not moving.any():
        return None
    curve = _differences(cells, moving)
    found: list[tuple[float, int]] = []
    for lag in range(_SHORTEST, len(curve) - 1):
        if not (curve[lag] <= curve[lag - 1] and curve[lag] < curve[lag + 1]):
            continue
        around = min(curve[:lag].max(), curve[lag:].max())
        if around > 0 and curve[lag] < DEPTH * around:
            found.append((float(curve[lag] / around), lag))
    if not found:
        return None
    best = min(found)[0]
    lag = min(lag for depth, lag in found if depth < best + _AS_GOOD)
    left, here, right = curve[lag - 1 : lag + 2]
    bend = float(left - 2 * here + right)
    return lag + (float(left - right) / (2 * bend) if bend > 0 else 0.0)


def _differences(cells: Cells, moving: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(lags,) mean difference between frames that are 1, 2, ... `lags` frames apart."""
    smooth = np.stack([cv2.GaussianBlur(image, (0, 0), _BEAT_BLUR) for image in brightness(cells)])[:, moving]
    smooth -= smooth.mean(axis=1, keepdims=True)
    power = (smooth * smooth).sum(axis=1)
    apart = np.sqrt(np.maximum(power[:, None] + power[None] - 2 * (smooth @ smooth.T), 0))
    most = len(apart) - max(3, round(MIN_COMPARED * len(apart)))
    return np.array([np.diagonal(apart, lag).mean() for lag in range(most + 1)], np.float64)
