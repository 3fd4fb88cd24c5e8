"""What one short-axis sample becomes on its way to the network."""

import numpy as np
from numpy.random import Generator

from kinecor_lab.datasets.slices import Picture, SaxSample
from kinecor_lab.tasks.sax.pictures import varied, varied_a_little
from kinecor_lab.tasks.sax.placing import placed


def prepared(sample: SaxSample, size: int, rng: Generator, strength: float) -> tuple[Picture, Picture]:
    """Pictures (3, size, size) of the slice before, the slice and the slice after, and the slice's label (size, size).

    Each picture is varied for itself, neighbours less: a network must not lean on their grey levels being alike.
    """
    pictures, label = placed(sample, size, rng, strength)
    out = np.zeros_like(pictures)
    out[1] = varied(pictures[1], rng, strength)
    for channel in (0, 2):
        if pictures[channel].any():
            out[channel] = varied_a_little(pictures[channel], rng, strength)
    return out, label
