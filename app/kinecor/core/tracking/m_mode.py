"""Anatomical M-mode: the grey of every frame along one line that a reader places anywhere in the image.

Unlike the M-mode of the probe, the line need not be a beam, so that it can lie across the septum and the posterior wall
(Lang et al., ASE/EACVI 2015, doi 10.1016/j.echo.2014.10.003, section I.A: linear measurements are perpendicular to the
long axis). Its resolution in time is that of the loop, some 50 frames a second in place of 1000.
"""

import math

import numpy as np
from numpy.typing import NDArray

from kinecor.core.tracking.wall_image import grey_at
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.recording import FrameSource

Point = tuple[float, float]
"""x, y in pixels of the image."""
MIN_SAMPLES, MAX_SAMPLES = 16, 1024


def m_mode(
    frames: FrameSource, start: Point, end: Point, aspect: float = 1.0, tick: Tick = no_tick
) -> NDArray[np.uint8]:
    """(samples, frames) grey along a line from its start (row 0) to its end, about one sample a pixel.

    Args:
        frames: of the loop.
        start: of the line, the first row.
        end: of the line, the last row.
        aspect: height of a pixel over its width.
        tick: called after each frame; raises Cancelled to end the work.

    Raises:
        KinecorError: a frame cannot be decoded.

    """
    long_px = math.hypot(end[0] - start[0], (end[1] - start[1]) * aspect)
    shares = np.linspace(0, 1, min(max(math.ceil(long_px) + 1, MIN_SAMPLES), MAX_SAMPLES))
    places = np.array(start) + shares[:, None] * (np.array(end) - np.array(start))
    out = np.zeros((len(shares), len(frames)), np.uint8)
    for frame in range(len(frames)):
        out[:, frame] = np.round(grey_at(np.asarray(frames[frame]), places))
        tick(frame + 1, len(frames))
    return out


def share_of(point: Point, start: Point, end: Point, within_px: float = 1.5) -> float | None:
    """How far along a line a point is, from 0 to 1; None where it is not on the line to within some pixels.

    Args:
        point: (x, y) in pixels.
        start: of the line.
        end: of the line.
        within_px: how far off it may be.

    """
    way = end[0] - start[0], end[1] - start[1]
    square = way[0] ** 2 + way[1] ** 2
    if not square:
        return None
    from_start = point[0] - start[0], point[1] - start[1]
    share = (from_start[0] * way[0] + from_start[1] * way[1]) / square
    off = math.hypot(from_start[0] - share * way[0], from_start[1] - share * way[1])
    beyond_px = max(-share, share - 1, 0.0) * math.sqrt(square)
    return min(max(share, 0.0), 1.0) if max(off, beyond_px) <= within_px else None


def at_share(share: float, start: Point, end: Point) -> Point:
    """The point of a line at a share of it.

    Args:
        share: 0 to 1.
        start: of the line, (x, y) in pixels.
        end: of the line.

    """
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
