"""Where the heart is in a stack's images: the region to enlarge."""

from dataclasses import dataclass

import numpy as np

from kinecor.core.values.reading import Reading

# Around all outlines, as a share of the larger side of what they fill: enough to see what surrounds the wall.
RIM = 0.45


@dataclass(frozen=True, slots=True)
class HeartView:
    """A square of the image: centre (x, y) and side, in pixels."""

    x: float
    y: float
    side_px: float


def heart_view(reading: Reading) -> HeartView | None:
    """The square that holds all outlines of all slices and phases with a rim, or None where there are none."""
    points = [
        contour.points
        for one in reading.slices
        for track in one.tracks.values()
        for contour in track.contours
        if contour is not None
    ]
    if not points:
        return None
    every = np.concatenate(points)
    low, high = every.min(axis=0), every.max(axis=0)
    x, y = (low + high) / 2
    return HeartView(float(x), float(y), float((high - low).max()) * (1 + RIM))
