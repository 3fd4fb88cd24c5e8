"""Labels for the frames between annotated ones (paper 000, section II-C).

The paper interpolates the annotations of seven frames and does not say how. Ours passes each region evenly in time from
one outline to the next by signed distance: half-way, the outline lies half-way.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.clip import NOT_CAVITY, SequenceClip
from kinecor_lab.datasets.placing import IGNORE

Labels = NDArray[np.uint8]

# What lies in the heart, in neither structure, and this near to the atrium in pixels is atrium: the valve moves further
# than distances to a flat chamber's edge can tell, and no gap opens there.
_NEAR_PX = 8.0


def _depth(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Signed distance to a region's edge in pixels, positive inside; far outside everywhere where it is empty."""
    if not mask.any():
        return np.full(mask.shape, -float(sum(mask.shape)), np.float32)
    inside, outside = (cv2.distanceTransform(one.astype(np.uint8), cv2.DIST_L2, 5) for one in (mask, ~mask))
    return np.asarray(inside - outside, np.float32)


def between(one: Labels, other: Labels, share: float) -> Labels:
    """(rows, columns) labels `share` (0..1) of the way from one to the other.

    Pixels whose truth is not known in either stay so.
    """

    def depth(*values: int) -> NDArray[np.float32]:
        ends = [_depth(np.isin(label, values)) for label in (one, other)]
        return np.asarray((1 - share) * ends[0] + share * ends[1], np.float32)

    if (one == NOT_CAVITY).any() or (other == NOT_CAVITY).any():
        out = np.where(depth(1) > 0, 1, NOT_CAVITY).astype(np.uint8)
    else:
        atrium = depth(3)
        out = np.where((atrium > 0) | ((depth(1, 2, 3) > 0) & (atrium > -_NEAR_PX)), 3, 0).astype(np.uint8)
        out[depth(1, 2) > 0] = 2
        out[depth(1) > 0] = 1
    out[(one == IGNORE) | (other == IGNORE)] = IGNORE
    return out


def interpolated(annotated: Mapping[int, Labels], times_s: NDArray[np.float64]) -> Labels:
    """(t, rows, columns) labels of all frames; IGNORE before the first and after the last annotated one.

    Args:
        annotated: labels (rows, columns) by frame, at least one.
        times_s: (t,) of all frames.

    """
    frames = sorted(annotated)
    out = np.full((len(times_s), *annotated[frames[0]].shape), IGNORE, np.uint8)
    for first, last in pairwise(frames):
        for frame in range(first + 1, last):
            share = float((times_s[frame] - times_s[first]) / (times_s[last] - times_s[first]))
            out[frame] = between(annotated[first], annotated[last], share)
    for frame in frames:
        out[frame] = annotated[frame]
    return out


def as_if_drawn(clip: SequenceClip) -> SequenceClip:
    """A clip labelled as the paper's are: seven frames as they are, those between interpolated, the others open.

    A clip without any of the seven keeps its labels.
    """
    drawn = clip.annotated("seven")
    if not drawn:
        return clip
    return replace(clip, labels=interpolated({frame: clip.labels[frame] for frame in drawn}, clip.times_s))
