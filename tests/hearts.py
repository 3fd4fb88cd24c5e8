"""Simulated hearts that tests share, drawn once, and their contours as the program would have them."""

from functools import cache

import numpy as np

from kinecor.core.values.geometry import Contour
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.plane import apical
from kinecor_phantoms.heart.population import draw
from kinecor_phantoms.heart.section import Section

MM_PER_PX = 0.5
# Where the annulus' middle is in the image, approximately.
_CENTRE_PX = np.array([150.0, 60.0])


@cache
def heart(population="normal", seed=1, rhythm="sinus", beats=1, ef_percent=None, rate_per_min=None):
    """A heart that does not breathe."""
    return draw(
        population, seed, rhythm=rhythm, beats=beats, ef_percent=ef_percent, rate_per_min=rate_per_min, still=True
    )


@cache
def at_ed_and_es(population="normal", seed=1, **kind):
    """The same heart at end-diastole (frame 0) and end-systole (frame 1) of its first beat."""
    one = heart(population, seed, **kind)
    beat = one.rhythm.beats[0]
    return one.at([beat.start_s, beat.aortic_close_s])


@cache
def anatomy(beating, frame):
    return Anatomy(beating, frame)


def arch_mm(beating, frame, view="A4C", layer=0.0):
    """A layer's contour in an apical view, (n, 2) mm, from hinge point to hinge point."""
    return Section(beating, frame, apical(view, 0.0), anatomy(beating, frame)).arch(layer)


def contour(beating, frame, view="A4C", row_mm=MM_PER_PX, col_mm=MM_PER_PX, layer=0.0):
    """The same in pixels of an image."""
    return Contour(arch_mm(beating, frame, view, layer) / (col_mm, row_mm) + _CENTRE_PX)
