"""Which part of a closed wall belongs to which segment of the left ventricle, and how long each part is.

Segments are counted from the anterior insertion of the right ventricle, as `segments.segments_of` has them (Cerqueira
et al., AHA 2002, Circulation 105:539): six of 60 degrees at base and mid level, four of 90 near the apex.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.short_axis import APICAL, BASAL, MID, Insertion
from kinecor.core.volumes.segments import segments_of

SHORT_AXIS_SEGMENTS = 16
"""Segments that short axes show: the seventeenth, the apical cap, is beyond the cavity."""
NUMBERS = {BASAL: (1, 2, 3, 4, 5, 6), MID: (7, 8, 9, 10, 11, 12), APICAL: (13, 14, 15, 16)}
"""Segments of each level, in order."""


@dataclass(frozen=True, eq=False)
class ShortAxisParts:
    """A closed wall divided into segments.

    Attributes:
        numbers: 1 to 16, of the level's segments in order.
        ends: (segments, 2) where each begins and ends, counted in points from the first, in the order in which points
            run; an end below its beginning is beyond the last point.
        of_point: (n,) which of `numbers` (from 0) each point belongs to.

    """

    numbers: tuple[int, ...]
    ends: FloatArray
    of_point: NDArray[np.intp]

    def sums(self, values: FloatArray) -> FloatArray:
        """(t, segments) sums over each segment of (t, n) values of the steps from each point to the next."""
        n = values.shape[1]
        along = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
        low = np.floor(self.ends).astype(np.intp) % n
        share = self.ends - np.floor(self.ends)
        # A step that a border runs through counts for both sides by its shares.
        at = along[:, low] + share * values[:, low]
        begin, end = at[..., 0], at[..., 1]
        return np.asarray(np.where(end > begin, end - begin, end - begin + along[:, -1:]))

    def lengths(self, points: FloatArray) -> FloatArray:
        """(t, segments) of closed lines (t, n, 2)."""
        return self.sums(np.linalg.norm(np.roll(points, -1, axis=1) - points, axis=2))

    def means(self, values: FloatArray) -> FloatArray:
        """(t, segments) means over each segment of (t, n) values at the points."""
        return self.sums(values) / self.sums(np.ones((1, values.shape[1])))


def short_axis_parts(ring: FloatArray, level: int, origin: Insertion) -> ShortAxisParts:
    """Divide a closed wall as it is at end-diastole.

    Args:
        ring: (n, 2) points that run counter-clockwise on the image, pixels as wide as high.
        level: BASAL, MID or APICAL.
        origin: where segments are counted from.

    """
    n = len(ring)
    off = ring - ring.mean(axis=0)
    angle = np.degrees(np.arctan2(-off[:, 1], off[:, 0]))
    numbers = NUMBERS[level]
    of_point = np.array([numbers.index(one) for one in segments_of(angle, level, origin).tolist()], np.intp)
    # Angles of the points, which rise along the ring; a kink must not turn them back.
    rising = np.maximum.accumulate(np.degrees(np.unwrap(np.radians(angle))))
    steps = np.arange(n + 1)
    around = np.append(rising, rising[0] + 360)
    first, span = (15.0, 90.0) if level == APICAL else (0.0, 60.0)
    ends = np.empty((len(numbers), 2))
    for part in range(len(numbers)):
        turned = first + span * (part + np.arange(2))
        middle = origin.angle_deg + origin.turn * turned.mean()
        borders = np.sort(origin.angle_deg + origin.turn * turned)
        number = int(segments_of(np.array([middle]), level, origin)[0])
        ends[numbers.index(number)] = np.interp((borders - around[0]) % 360 + around[0], around, steps) % n
    return ShortAxisParts(numbers, frozen(ends), frozen(of_point, np.intp))
