"""Small labelled clips of a drawn heart that beats."""

from functools import cache

import numpy as np

from kinecor_lab.datasets.clip import SequenceClip
from tests.models.warped_fields import apical

SIDE = 64


@cache
def beating(name="p0/0", view="A4C", source="drawn", frames=13, side=SIDE, seed=0):
    """One beat from ED (frame 0) by ES (frame 6 of 13) to ED; images cut and thinned to the side."""
    phase = (1 - np.cos(np.linspace(0, 2 * np.pi, frames))) / 2
    both = [apical(float(one), seed + number) for number, one in enumerate(phase)]
    step = 130 // side
    part = (slice(10, 10 + step * side, step), slice(1, 1 + step * side, step))
    return SequenceClip(
        name,
        source,
        view,
        np.stack([one.image[part] for one in both]),
        np.stack([one.label[part] for one in both]),
        np.arange(frames) / 25,
        (0, frames - 1),
        (frames // 2,),
        0.9 * step,
    )
