"""Baselines of the motion network: no motion, block matching, Farneback's and the demons' method.

All see the same square of the image and give motion at its nodes, like any FlowEngine.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.engines.engine import NODE_PX, Floats, FlowEngine, at_nodes, both_ways

Picture = NDArray[np.uint8]
# Block matching: half a side of a block, how far it is looked for each way, and the spread of the smoothing after it.
_BLOCK_PX, _SEARCH_PX, _SMOOTH_PX = 6, 7, 3.0
# Below this standard deviation in grey levels a block is flat, and matches anything.
_FLAT = 2.0
# Demons: levels of the pyramid, turns on each, and the spread of the smoothing of the whole field.
_LEVELS, _TURNS, _DEMONS_SMOOTH_PX = 3, 30, 1.5


def still() -> FlowEngine:
    """Nothing moves."""

    def one_way(first: Picture, second: Picture) -> Floats:  # noqa: ARG001
        return np.zeros((first.shape[0] // NODE_PX, first.shape[1] // NODE_PX, 2), np.float32)

    return both_ways(one_way)


def _mean(picture: Floats) -> Floats:
    side = 2 * _BLOCK_PX + 1
    return np.asarray(cv2.boxFilter(picture, -1, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)


def _parabola(before: Floats, here: Floats, after: Floats) -> Floats:
    """Where a parabola through three values has its summit, -0.5 to 0.5."""
    bend = before - 2 * here + after
    at = np.where(bend < -1e-6, 0.5 * (before - after) / np.where(bend < -1e-6, bend, -1), 0)
    return np.asarray(np.clip(at, -0.5, 0.5), np.float32)


def blocks() -> FlowEngine:
    """Block matching by normalised cross-correlation, to parts of a pixel by a parabola, then smoothed.

    Speckle tracking as in Bohs and Trahey, IEEE TBME 38:280-286 (1991), with the correlation for the sum of
    differences. Where a block is flat its motion is that of its surroundings.
    """

    def one_way(left: Picture, right: Picture) -> Floats:
        first, second = left.astype(np.float32), right.astype(np.float32)
        mean, mean_other = _mean(first), _mean(second)
        spread = np.maximum(_mean(first**2) - mean**2, 0)
        spread_other = np.maximum(_mean(second**2) - mean_other**2, 0)
        reach = range(-_SEARCH_PX, _SEARCH_PX + 1)
        like = np.empty((len(reach), len(reach), *left.shape), np.float32)
        for i, dy in enumerate(reach):
            for j, dx in enumerate(reach):
                shift = np.array([[1, 0, -dx], [0, 1, -dy]], np.float32)
                moved, mean_moved, spread_moved = (
                    cv2.warpAffine(
                        some, shift, left.shape[::-1], flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
                    )
                    for some in (second, mean_other, spread_other)
                )
                both = _mean(np.asarray(first * moved, np.float32)) - mean * mean_moved
                like[i, j] = both / np.sqrt(spread * spread_moved + 1.0)
        flat = like.reshape(-1, *left.shape).argmax(axis=0)
        i, j = np.clip(np.divmod(flat, len(reach)), 1, len(reach) - 2)
        y, x = np.mgrid[0 : left.shape[0], 0 : left.shape[1]]
        here = like[i, j, y, x]
        dx = j - _SEARCH_PX + _parabola(like[i, j - 1, y, x], here, like[i, j + 1, y, x])
        dy = i - _SEARCH_PX + _parabola(like[i - 1, j, y, x], here, like[i + 1, j, y, x])
        trust = np.clip(here, 0, 1) ** 4 * (spread > _FLAT**2) + 1e-4
        field = np.stack([dx, dy], axis=-1) * trust[..., None]
        total = cv2.GaussianBlur(trust.astype(np.float32), (0, 0), _SMOOTH_PX)
        smooth = cv2.GaussianBlur(field.astype(np.float32), (0, 0), _SMOOTH_PX) / total[..., None]
        return at_nodes(np.asarray(smooth, np.float32))

    return both_ways(one_way)


def farneback() -> FlowEngine:
    """Farnebäck's polynomial expansion (SCIA 2003) of OpenCV."""

    def one_way(first: Picture, second: Picture) -> Floats:
        field = cv2.calcOpticalFlowFarneback(first, second, None, 0.5, 3, 13, 5, 5, 1.1, 0)  # type: ignore[call-overload]
        return at_nodes(np.asarray(field, np.float32))

    return both_ways(one_way)


def demons() -> FlowEngine:
    """Thirion's demons (Med Image Anal 2:243-260, 1998) with forces of both images, coarse to fine.

    As SimpleITK's FastSymmetricForcesDemonsRegistrationFilter does it (tests hold the two against each other), which
    this package may not import.
    """

    def one_way(left: Picture, right: Picture) -> Floats:
        field = np.zeros((*(side >> (_LEVELS - 1) for side in left.shape), 2), np.float32)
        for level in reversed(range(_LEVELS)):
            size = left.shape[1] >> level, left.shape[0] >> level
            first, second = (
                cv2.resize(some.astype(np.float32), size, interpolation=cv2.INTER_AREA) for some in (left, right)
            )
            if field.shape[:2] != first.shape:
                field = 2 * np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_LINEAR), np.float32)
            field = _demons(np.asarray(first, np.float32), np.asarray(second, np.float32), field)
        return at_nodes(field)

    return both_ways(one_way)


def _slope(picture: Floats) -> Floats:
    """(rows, columns, 2) grey levels per pixel along x and y."""
    down, across = np.gradient(picture)
    return np.stack([across, down], axis=-1)


def _demons(first: Floats, second: Floats, field: Floats) -> Floats:
    y, x = np.mgrid[0 : first.shape[0], 0 : first.shape[1]].astype(np.float32)
    own = _slope(first)
    for _ in range(_TURNS):
        at = x + field[..., 0], y + field[..., 1]
        back = np.asarray(cv2.remap(second, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
        slope = (own + _slope(back)) / 2
        left = first - back
        force = slope * (left / ((slope**2).sum(axis=-1) + left**2 + 1e-3))[..., None]
        field = np.asarray(cv2.GaussianBlur((field + force).astype(np.float32), (0, 0), _DEMONS_SMOOTH_PX), np.float32)
    return field
