"""Borrowed looks: the speckle and the grey levels of one picture on the anatomy of another.

Classes of the view classifier come from different sources (four-chamber frames are simulated or real, all others
nearly only simulated). Without this, the look of a source would tell the class.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.datasets.samples import Picture
from kinecor_lab.tasks.views.samples import ViewSample

# Grey levels above which a pixel is lit; side of a patch of speckle; quantiles kept.
_LIT, _PATCH_PX, _LEVELS = 3, 40, 33
_CHANCE = 0.4


class Looks:
    """Speckle and grey levels of `samples`, to be put on other pictures.

    Args:
        samples: real and simulated frames.
        seed: of which are kept.
        kept: how many of them.

    """

    def __init__(self, samples: Sequence[ViewSample], seed: int, kept: int = 400) -> None:
        rng = np.random.default_rng(seed)
        chosen = rng.permutation(len(samples))[:kept]
        looks = [_look_of(samples[int(number)]) for number in chosen]
        self._speckle = [speckle for speckle, _ in looks if speckle is not None]
        self._levels = [levels for _, levels in looks]

    def lent(self, picture: Picture, rng: Generator, strength: float) -> Picture:
        """The picture with a random one's grey levels, its speckle, both or neither."""
        if self._levels and rng.random() < _CHANCE * strength:
            picture = _matched(picture, self._levels[int(rng.integers(len(self._levels)))], float(rng.uniform(0.5, 1)))
        if self._speckle and rng.random() < _CHANCE * strength:
            picture = _speckled(picture, self._speckle[int(rng.integers(len(self._speckle)))], rng)
        if rng.random() < 0.15 * strength:
            picture = swept(picture, float(rng.uniform(0.4, 2.2)))
        return picture


def _look_of(sample: ViewSample) -> tuple[NDArray[np.float32] | None, NDArray[np.float32]]:
    """Log of the speckle of a patch that lies in the sector, if there is one; and quantiles of the lit pixels."""
    x0, y0, x1, y1 = sample.box
    part = sample.image[y0:y1, x0:x1]
    scale = 128 / max(part.shape)
    part = np.asarray(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    lit = part > _LIT
    values = part[lit] if lit.any() else np.zeros(1, np.uint8)
    levels = np.quantile(values, np.linspace(0, 1, _LEVELS)).astype(np.float32)
    return _plainest(part.astype(np.float32), lit), levels


def _plainest(part: NDArray[np.float32], lit: NDArray[np.bool_]) -> NDArray[np.float32] | None:
    """Log of the speckle of the lit patch with the least anatomy in it, or None where none is lit."""
    smooth = cv2.GaussianBlur(part, (0, 0), 2.5)
    speckle = np.log((part + 8) / (smooth + 8)).clip(-1.2, 0.9)
    half, best, least = _PATCH_PX // 2, None, np.inf
    for y in range(half, part.shape[0] - half, 8):
        for x in range(half, part.shape[1] - half, 8):
            where = (slice(y - half, y + half), slice(x - half, x + half))
            uneven = float(np.log(smooth[where] + 8).std())
            if uneven < least and lit[where].mean() > 0.9:
                best, least = np.asarray(speckle[where], np.float32), uneven
    return best


def _matched(picture: Picture, levels: NDArray[np.float32], share: float) -> Picture:
    """Grey levels moved by `share` of the way to those of which `levels` are the quantiles; black stays black."""
    lit = picture[picture > _LIT]
    if lit.size < 100:
        return picture
    ours = np.quantile(lit, np.linspace(0, 1, _LEVELS))
    table = np.arange(256, dtype=np.float64)
    moved = np.interp(table, ours + np.arange(_LEVELS) * 1e-3, levels)
    table[_LIT + 1 :] = ((1 - share) * table + share * moved)[_LIT + 1 :]
    return np.asarray(cv2.LUT(picture, np.clip(table + 0.5, 0, 255).astype(np.uint8)), np.uint8)


def _speckled(picture: Picture, speckle: NDArray[np.float32], rng: Generator) -> Picture:
    """The picture's own speckle smoothed away, and another's in its place."""
    if rng.random() < 0.5:
        speckle = speckle[:, ::-1]
    rows, columns = picture.shape
    tile = np.concatenate([speckle, speckle[::-1]])
    tile = np.concatenate([tile, tile[:, ::-1]], axis=1)
    many = (-(-rows // tile.shape[0]), -(-columns // tile.shape[1]))
    field = np.tile(tile, many)[:rows, :columns]
    smooth = cv2.medianBlur(picture, 5).astype(np.float32)
    out = (smooth + 8) * np.exp(field * rng.uniform(0.6, 1.3)) - 8
    return np.asarray(np.where(picture > _LIT, np.clip(out + 0.5, 0, 255), picture), np.uint8)


def swept(picture: Picture, spread_deg: float) -> Picture:
    """Smeared along arcs about the middle of the upper edge: few beams, as of small or of volume probes."""
    rows, columns = picture.shape
    centre, reach = (columns / 2, 0.0), float(np.hypot(columns / 2, rows))
    size = (round(reach), 360)
    polar = cv2.warpPolar(picture, size, centre, reach, cv2.WARP_POLAR_LINEAR | cv2.WARP_FILL_OUTLIERS)
    polar = cv2.GaussianBlur(polar, (0, 0), sigmaX=0.4, sigmaY=spread_deg)
    flags = cv2.WARP_POLAR_LINEAR | cv2.WARP_INVERSE_MAP | cv2.WARP_FILL_OUTLIERS
    return np.asarray(cv2.warpPolar(polar, (columns, rows), centre, reach, flags), np.uint8)
