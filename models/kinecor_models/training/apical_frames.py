"""Simulated frames of every apical view, beside real ones of which only two views are labelled."""

from itertools import islice

import numpy as np

from kinecor_models.phantoms.echo.stream import echo_clips
from kinecor_models.training.samples import Sample

SIDE_PX = 276
"""As high as CAMUS' pictures are."""


def simulated_frames(count: int, seed: int) -> list[Sample]:
    """One frame each of random hearts, in apical two-, three- and four-chamber views in equal shares.

    Args:
        count: of frames; each takes about half a second.
        seed: the same one gives the same frames.

    """
    return [
        Sample(
            f"sim{seed}-{number}",
            "ES" if clip.contraction[0] > 0.5 else "ED",
            clip.frames[0],
            np.where(clip.labels[0] > 3, 0, clip.labels[0]).astype(np.uint8),
            clip.mm_per_px,
            clip.view,
        )
        for number, clip in enumerate(islice(echo_clips(seed, frames=1, side_px=SIDE_PX), count))
    ]
