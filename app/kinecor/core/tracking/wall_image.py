"""The image along a wall, straightened; and contours that follow anchors, refined on it.

At an anchor a person says where the line is, and so what the image looks like across it there: how grey changes from
the cavity through the wall. The same course of grey is looked for near the line in the frames that follow, by
normalised correlation. The whole line is chosen at once by dynamic programming (Amini, Weymouth and Jain 1990), so that
a stretch that shows nothing goes with its neighbours, and a move costs the more, the better the anchors say where the
line is: at an anchor itself nothing moves.

Where a network that listens is there (kinecor_models.contours.listener, apical views), it says instead how far each
place is to move; it sees the same strips.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kinecor.core.outlines.initial_contours import cheapest
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.recording import FrameSource

STEPS, CLOSED_STEPS = 160, 100
"""Places across the wall per length of an open and of a closed one: 1 and 1.5 mm in an adult, so that as much is looked
through in a short axis as in a long one; its pixels are about as large."""
THINNED = 3
"""Every third place along the line is compared: what is found is smooth along it."""
_DEPTH = 22
# Images are sampled this many times as densely across the wall, and averaged.
_FINER = 2
# In steps: half the stretch whose course of grey is compared, and how far a line may move.
_HALF, _CLOSED_HALF, _REACH = 8, 5, 5
# Contrast below this share of the usual one says little.
_FLOOR = 0.5
# Chosen on simulated clips and stacks, and on experts' contours of CAMUS (ED to ES) and of York University's cine MRI,
# damaged in the same ways: a shorter stretch or less of a floor is better on simulated and worse on real ultrasound.
# What a move by the whole reach costs where anchors say least, and a step between neighbours; correlation is 1 at best.
_AWAY, _BEND = 0.5, 0.3
# Time and compared places over which costs, and what was found, are smoothed.
_SMOOTH_S, _PLACES = 0.045, 0.7
# The nearer anchor's course of grey counts more: by this time constant.
_LOOKS_S = 0.3
# An anchor that counts less than this share of the nearest is not listened to, and no frame that anchors say so well.
_FAINT, _KNOWN = 0.2, 0.02
# Where the automatic contour's confidence is below the first, the image is not trusted; above the second it is in full.
_UNSURE, _SURE = 0.5, 0.75


@dataclass(frozen=True, eq=False)
class WallImage:
    """Grey around the lines of one structure.

    Attributes:
        frames: (t,) numbers of the frames.
        grey: (t, places / THINNED, 2 * _DEPTH + 1) across each line, from the side of negative differences on; averaged
            along and across it between the places compared.
        step_px: between neighbours across the wall, pixels as wide as high.

    """

    frames: tuple[int, ...]
    grey: NDArray[np.float32]
    step_px: float


def wall_image(
    images: FrameSource,
    frames: Sequence[int],
    lines: FloatArray,
    normals: FloatArray,
    aspect: float = 1.0,
    tick: Tick = no_tick,
    *,
    closed: bool = False,
) -> WallImage:
    """Sample the images across lines.

    Args:
        images: of the loop or slice, grey or RGB.
        frames: numbers (t,) of those that have a line.
        lines: (t, places, 2) x, y, pixels as wide as high.
        normals: (t, places, 2) unit vectors across them.
        aspect: height of a pixel over its width.
        tick: called after each frame; raises Cancelled to end the work.
        closed: whether lines are closed.

    """
    length = float(np.linalg.norm(np.diff(lines, axis=1), axis=2).sum(axis=1).mean())
    step = max(length / (CLOSED_STEPS if closed else STEPS), 1e-3)
    grey = np.empty((len(frames), lines.shape[1] // THINNED, 2 * _DEPTH + 1), np.float32)
    for row, frame in enumerate(frames):
        grey[row] = straighten_wall(np.asarray(images[frame]), lines[row], normals[row], step, _DEPTH, aspect)[
            ::THINNED
        ]
        tick(row + 1, len(frames))
    return WallImage(tuple(frames), grey, step)


def straighten_wall(
    image: NDArray[np.uint8], line: FloatArray, normals: FloatArray, step_px: float, depth: int, aspect: float = 1.0
) -> NDArray[np.float32]:
    """(places, 2 * depth + 1) grey across a line (places, 2), averaged over a step and over three places.

    Of lines in pixels as wide as high, as in `wall_image`; the n-th place is the mean of those from n - 1 to n + 1.

    Args:
        image: (rows, columns), grey.
        line: of the wall.
        normals: (places, 2) unit vectors across it.
        step_px: between places across the line.
        depth: steps to each side.
        aspect: height of a pixel over its width.

    """
    offset = np.arange(-depth * _FINER, depth * _FINER + _FINER) * (step_px / _FINER)
    fine = grey_at(image, (line[:, None] + offset[:, None] * normals[:, None]) / (1.0, aspect))
    fine = fine.reshape(fine.shape[0], -1, _FINER).mean(axis=2)
    around = np.concatenate([fine[:1], fine, fine[-1:]])
    return np.asarray(sum(around[k : k + len(fine)] for k in range(THINNED)) / THINNED, np.float32)


def grey_at(image: NDArray[np.uint8], place: FloatArray) -> NDArray[np.float32]:
    """Grey of an image at places (..., 2), bilinearly; the nearest pixel beyond its edge.

    Args:
        image: (rows, columns), grey.
        place: (x, y) in pixels.

    """
    rows, columns = image.shape[:2]
    x = np.clip(place[..., 0], 0, columns - 1.001).astype(np.float32)
    y = np.clip(place[..., 1], 0, rows - 1.001).astype(np.float32)
    left, top = x.astype(np.intp), y.astype(np.intp)
    right_share, low_share = x - left, y - top
    out = np.zeros(x.shape, np.float32)
    for down, across in ((0, 0), (0, 1), (1, 0), (1, 1)):
        found = image[np.minimum(top + down, rows - 1), np.minimum(left + across, columns - 1)]
        grey = found.mean(axis=-1, dtype=np.float32) if image.ndim == 3 else found.astype(np.float32)
        out += grey * (low_share if down else 1 - low_share) * (right_share if across else 1 - right_share)
    return out


@dataclass(frozen=True, eq=False)
class Followed:
    """Lines that follow anchors, as far as anchors say.

    Attributes:
        across: (t, places) by how much each line of the wall's image is to move across itself, pixels as wide as high.
        anchors: rows of the anchors among the t.
        apart_s: (t, anchors) time to each.
        unknown: (t,) 0..1, how little the anchors say about a frame: 0 at an anchor, 1 far from all.
        sure: (t,) 0..1, confidence of the automatic contours.
        step_s: time from frame to frame.
        closed: whether lines are closed.
        periodic: whether the last frame is followed by the first.

    """

    across: FloatArray
    anchors: tuple[int, ...]
    apart_s: FloatArray
    unknown: FloatArray
    sure: FloatArray
    step_s: float
    closed: bool
    periodic: bool


class Listener(Protocol):
    """A network that listens to a person's contours: see kinecor_models.contours.listener."""

    @property
    def half(self) -> int:
        """Steps to either side of a line at which it looks."""

    def __call__(
        self, drawn: NDArray[np.float32], seen: NDArray[np.float32], unknown: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """(n, places) by how many steps lines with the image `seen` (n, places, 2 * half + 1) are to move.

        Args:
            drawn: (places, 2 * half + 1) the image across a person's line.
            seen: across the lines that follow.
            unknown: (n,), see Followed.

        """


def refine_shifts(seen: WallImage, line: Followed, listener: Listener | None = None) -> FloatArray:
    """(t, places) by how much more each line is to move across itself to where the image looks as at the anchors.

    By a network that was trained to say so, where one is given, and by correlation otherwise.

    Args:
        seen: the wall straightened in each frame.
        line: that is followed.
        listener: the network; None without one.

    """
    from scipy.ndimage import gaussian_filter1d  # takes long to import

    if listener is not None:
        return _heard(seen, line, listener)
    around = "wrap" if line.closed else "nearest"
    through = "wrap" if line.periodic else "nearest"
    width = _SMOOTH_S / max(line.step_s, 1e-6)
    middle = line.across[:, ::THINNED] / seen.step_px
    cost = gaussian_filter1d(_unlike(seen.grey, middle, line), width, axis=0, mode=through)
    free = np.clip(line.unknown, 1e-3, 1.0) * np.maximum(_trusted(line), 1e-3)
    offset = np.arange(-_REACH, _REACH + 1) / _REACH
    cost += (_AWAY / free)[:, None, None] * offset**2
    found = (_between(cost, cheapest(cost, _BEND, closed=line.closed)) - _REACH) * seen.step_px
    found = gaussian_filter1d(found, _PLACES, axis=1, mode=around)
    found = gaussian_filter1d(found, width, axis=0, mode=through)
    found[list(line.anchors)] = 0.0
    return _at_all(found, line.across.shape[1], closed=line.closed)


def _trusted(line: Followed) -> FloatArray:
    """(t,) 0..1, how far the image of each frame is trusted."""
    return np.asarray(np.clip((line.sure - _UNSURE) / (_SURE - _UNSURE), 0.0, 1.0))


def _heard(seen: WallImage, line: Followed, listener: Listener) -> FloatArray:
    """(t, places) what a network says, of several anchors the nearer ones the more."""
    from scipy.ndimage import gaussian_filter1d  # takes long to import

    strips = _taken(seen.grey, line.across[:, ::THINNED] / seen.step_px, listener.half)
    near = np.exp(-line.apart_s / _LOOKS_S)
    near = np.where(near < _FAINT * near.max(axis=1, keepdims=True), 0.0, near)
    near = near / np.maximum(near.sum(axis=1, keepdims=True), 1e-12)
    found = np.zeros(strips.shape[:2])
    for column, row in enumerate(line.anchors):
        felt = np.flatnonzero(near[:, column] * (line.unknown > _KNOWN) * (_trusted(line) > 0))
        if len(felt):
            found[felt] += near[felt, column, None] * listener(strips[row], strips[felt], line.unknown[felt])
    found = np.clip(found, -_REACH, _REACH) * _trusted(line)[:, None] * seen.step_px
    width = _SMOOTH_S / max(line.step_s, 1e-6)
    found = gaussian_filter1d(found, width, axis=0, mode="wrap" if line.periodic else "nearest")
    found[list(line.anchors)] = 0.0
    return _at_all(found, line.across.shape[1], closed=line.closed)


def _between(cost: FloatArray, chosen: NDArray[np.intp]) -> FloatArray:
    """(t, places) chosen offsets, to a part of one: the vertex of the parabola through the costs about each."""
    last = cost.shape[2] - 1
    inner = np.clip(chosen, 1, last - 1)
    before, here, after = (np.take_along_axis(cost, (inner + by)[..., None], -1)[..., 0] for by in (-1, 0, 1))
    bend = before - 2 * here + after
    part = np.where(bend > 1e-9, (before - after) / (2 * np.maximum(bend, 1e-9)), 0.0)
    return np.asarray(chosen + np.where((chosen > 0) & (chosen < last), np.clip(part, -0.5, 0.5), 0.0))


def _at_all(found: FloatArray, places: int, *, closed: bool) -> FloatArray:
    """(t, places) of values at every third place."""
    known = np.arange(found.shape[1]) * THINNED
    if closed:
        known, found = np.append(known, places), np.concatenate([found, found[:, :1]], axis=1)
    at = np.clip(np.arange(places), 0, known[-1])
    low = np.minimum(np.searchsorted(known, at, side="right") - 1, len(known) - 2)
    share = (at - known[low]) / THINNED
    return np.asarray(found[:, low] * (1 - share) + found[:, low + 1] * share)


def _unlike(grey: NDArray[np.float32], middle: FloatArray, line: Followed) -> FloatArray:
    """(t, places, offsets) 0 where the course of grey about a moved line is that of the anchors, 2 at worst."""
    half = _CLOSED_HALF if line.closed else _HALF
    around = np.lib.stride_tricks.sliding_window_view(
        _taken(grey, middle, half + _REACH), 2 * half + 1, axis=-1
    )  # (t, places, offsets, window)
    mean = around.mean(axis=-1)
    varied = np.maximum(np.einsum("fpsw,fpsw->fps", around, around) / around.shape[-1] - mean**2, 0.0)
    near = np.exp(-line.apart_s / _LOOKS_S)
    near = near / np.maximum(near.sum(axis=1, keepdims=True), 1e-12)
    cost = np.zeros(mean.shape)
    for column, row in enumerate(line.anchors):
        wanted = _taken(grey[row : row + 1], middle[row : row + 1], half)[0]
        wanted = wanted - wanted.mean(axis=-1, keepdims=True)
        own = (wanted**2).mean(axis=-1)
        alike = np.einsum("fpsw,pw->fps", around, wanted, optimize=True) / around.shape[-1]
        alike /= np.sqrt(varied * own[None, :, None] + (_FLOOR * own.mean() + 1e-6) ** 2)
        cost += near[:, column, None, None] * (1 - alike)
    return cost


def _taken(grey: NDArray[np.float32], middle: FloatArray, half: int) -> NDArray[np.float32]:
    """(t, places, 2 * half + 1) grey about places `middle` (t, places) steps off the lines."""
    at = np.clip(middle[..., None] + _DEPTH + np.arange(-half, half + 1), 0, grey.shape[-1] - 1.001)
    low = at.astype(np.intp)
    share = (at - low).astype(np.float32)
    found = np.take_along_axis(grey, low, -1) * (1 - share) + np.take_along_axis(grey, low + 1, -1) * share
    return np.asarray(found, np.float32)
