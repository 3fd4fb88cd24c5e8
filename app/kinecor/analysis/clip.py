"""A loop as the models take it."""

import numpy as np

from kinecor.core.values.cine import CineSequence
from kinecor_models.contract import ClipInput


def clip_of(cine: CineSequence, aspect: float) -> ClipInput:
    """A loop with its ultrasound region, and the median time from frame to frame; 1 s where there is one frame.

    Args:
        cine: the loop.
        aspect: height of a pixel over its width, as the reading has it.

    """
    region = cine.region
    box = (region.x0, region.y0, region.x1, region.y1) if region else None
    interval_s = float(np.median(np.diff(cine.times_s))) if len(cine) > 1 else 1.0
    return ClipInput(cine.frames, box, aspect, interval_s)
