"""Small hearts drawn by hand, with speckle, as frames that could have been labelled by an expert."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.warped.frame import APICAL, SHORT_AXIS, Anatomy, LabelledFrame
from kinecor_phantoms.warped.path import Path2D, find_path
from kinecor_phantoms.warped.sampling import blur_image

ANATOMIES = {"apical": APICAL, "short axis": SHORT_AXIS}


def _speckled(label: NDArray[np.uint8], levels: dict[int, float], seed: int) -> NDArray[np.uint8]:
    """Levels by label, softened, times speckle of about two pixels."""
    rng = np.random.default_rng(seed)
    speckle = blur_image(rng.standard_normal(label.shape, np.float32), 1.2)
    level = np.choose(label, [levels[k] for k in range(4)]).astype(np.float32)
    image = blur_image(level, 1.5) * (1 + 0.35 * speckle / speckle.std())
    return np.clip(image, 0, 255).astype(np.uint8)


def apical(contraction: float, seed: int = 1) -> LabelledFrame:
    """An apical four-chamber frame of 150 x 130 pixels in a sector; contraction 0 is ED, 1 is ES."""
    y, x = np.mgrid[:150, :130].astype(float)
    base = 105 - 12 * contraction
    half, thick = 24 - 8 * contraction, 9 + 4 * contraction
    tip = 26 + 4 * contraction
    cavity = ((x - 65) / half) ** 2 + ((y - base) / (base - tip)) ** 2 < 1
    heart = ((x - 65) / (half + thick)) ** 2 + ((y - base) / (base - tip + thick)) ** 2 < 1
    atrium = ((x - 65) / (half + 1)) ** 2 + ((y - base) / (22 + 10 * contraction)) ** 2 < 1
    label = np.where(y <= base, np.where(cavity, 1, np.where(heart, 2, 0)), np.where(atrium, 3, 0)).astype(np.uint8)
    image = _speckled(label, {0: 70, 1: 25, 2: 150, 3: 30}, seed)
    sector = (abs(x - 65) < 0.75 * (y + 8)) & (np.hypot(x - 65, y + 8) < 152)
    return LabelledFrame((np.maximum(image, 6) * sector).astype(np.uint8), label)


def short_axis(contraction: float, seed: int = 1) -> LabelledFrame:
    """A short-axis frame of 120 x 130 pixels; contraction 0 is ED, 1 is ES."""
    y, x = np.mgrid[:120, :130].astype(float)
    radius, thick = 21 - 9 * contraction, 8 + 5 * contraction
    r = np.hypot(x - 74, y - 60)
    outer = radius + thick
    right = ((x - 52 - 3 * contraction) / (25 - 5 * contraction)) ** 2 + ((y - 60) / (29 - 3 * contraction)) ** 2 < 1
    label = np.where(r < radius, 3, np.where(r < outer, 2, np.where(right, 1, 0))).astype(np.uint8)
    return LabelledFrame(_speckled(label, {0: 60, 1: 170, 2: 50, 3: 190}, seed), label)


def pair(view: str) -> tuple[LabelledFrame, LabelledFrame, Anatomy]:
    """ED frame, ES frame with independent speckle, and the anatomy of a view of ANATOMIES."""
    draw = apical if view == "apical" else short_axis
    return draw(0.0, 1), draw(1.0, 2), ANATOMIES[view]


@cache
def path(view: str) -> Path2D:
    """The path of `pair(view)`, found once."""
    ed, es, anatomy = pair(view)
    return find_path(ed, es, anatomy)
