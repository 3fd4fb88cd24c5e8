"""Frames a part of which is out of place: what a damaged stream leaves in a picture where its decoder noticed nothing.

A wrong bit in compressed data mostly changes the brightness of everything after it, or moves it sideways, down to the
end of the frame. So a frame is compared with those before and after it, strip by strip: what lies outside the range of
both, over most of a strip or where nothing ever moves, did not come from the heart.
"""

import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.images.cells import Cells

Scores = NDArray[np.float32]
STRIP = 4
"""Rows of cells of a strip: 16 px, the height of the largest JPEG block."""
_LEVELS, _COLOUR_LEVELS = 4, 6
_STATIC_LEVELS, _MOSTLY = 1.5, 0.75
_LEAST_STATIC = 0.03
_DARK = 12
_FEW = 20
LIMITS = np.array([0.06, 0.7, 0.3, 0.35], np.float32)
"""From where on a score counts as damage, in the order of `damage_scores`. Of 1,500 frames of sound recordings
(simulated looks, stress echo, four makers' clips), coded as JPEG of quality 75 to 92, none came nearer than two
thirds of a limit."""


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
    if static.mean() < _LEAST_STATIC:
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
