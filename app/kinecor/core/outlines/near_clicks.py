"""The automatic contour of a frame, brought to the three clicks of a person who traces."""

import numpy as np

from kinecor.core.outlines.reshaping import POINTS, crosses_itself
from kinecor.core.values.geometry import Contour, FloatArray, Outline, frozen_array
from kinecor.core.values.track import ContourTrack

# As shares of the outline's length: how far a click may be from the automatic contour for that to be the same outline,
# and how far apart along it the clicks are.
_FARTHEST, _APART = 0.15, 0.1


def automatic_near(track: ContourTrack | None, frame: int) -> Contour | None:
    """The contour of a network at a frame, or at the nearest one that has any, below what a person drew since.

    Args:
        track: of a structure; None without one.
        frame: from 0.

    """
    known = [index for index, contour in enumerate(track.automatic) if contour is not None] if track else []
    return track.automatic[min(known, key=lambda near_frame: abs(near_frame - frame))] if track and known else None


def near_clicks(automatic: Contour, clicks: FloatArray, *, closed: bool, aspect: float = 1.0) -> Contour | None:
    """A contour through three clicks that follows the automatic one between them; None where the two disagree.

    The automatic contour is moved at each click to it, and in between as its neighbours are: the clicks always win.

    Args:
        automatic: by a network.
        clicks: (3, 2) x, y in pixels; of an open outline both ends, then the apex.
        closed: whether the outline is closed.
        aspect: height of a pixel over its width.

    """
    scale = np.array([1.0, aspect])
    wanted = clicks * scale
    line = Outline(automatic.points * scale, closed).resampled(POINTS)
    ends = line.points[[0, -1]]
    if not closed and np.hypot(*(ends - wanted[:2]).T).sum() > np.hypot(*(ends[::-1] - wanted[:2]).T).sum():
        line = Outline(line.points[::-1], closed=False)
    at = np.array([line.nearest((float(x), float(y)))[0] for x, y in wanted])
    if not closed:
        at[:2] = 0.0, 1.0
    missed = wanted - line.place(at)
    order = np.argsort(at)
    gaps = np.diff(at[order], append=at[order[0]] + 1.0) if closed else np.diff(at[order])
    if np.hypot(*missed.T).max() > _FARTHEST * line.length or gaps.min() < _APART:
        return None
    places = np.linspace(0, 1, POINTS, endpoint=not closed)
    period = 1.0 if closed else None
    move = np.stack([np.interp(places, at[order], missed[order, axis], period=period) for axis in (0, 1)], axis=1)
    contour = Contour(frozen_array(Outline(line.points + move, closed).resampled(POINTS).points / scale))
    return None if crosses_itself(contour) else contour
