"""A right ventricle that pumps what the left one does: both stroke volumes are equal in a heart without a leak."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart import chambers
from kinecor_phantoms.heart.chambers import RIGHT_APEX
from kinecor_phantoms.heart.heart import Beating, Heart
from kinecor_phantoms.heart.motion import Material

Array = NDArray[np.float64]

EJECTION_FRACTIONS = (0.40, 0.65)
"""Of the right ventricle; one that would need more or less is made larger or smaller."""
_TURNS, _LEVELS = 48, 40
_TOP = 1.15


def match_right_ventricle(heart: Heart, regurgitation: float = 0.0) -> Heart:
    """The heart with a right ventricle whose stroke volume is the left one's forward stroke volume, in its first beat.

    Args:
        heart: any.
        regurgitation: share of the left ventricle's stroke volume that does not leave by the aorta, 0..1.

    """
    beat = heart.rhythm.beats[0]
    beating = heart.at(np.array([beat.start_s, beat.aortic_close_s]))
    full_ml, empty_ml = beating.volume_ml
    stroke_ml = (1 - regurgitation) * float(full_ml - empty_ml)
    sizes = heart.chambers
    # Volume is even * width + bulging * width^2 of the gap's width.
    (even, bulging), (even_es, bulging_es) = (_terms(beating, frame) for frame in (0, 1))
    before_ml = even * sizes.right_mm + bulging * sizes.right_mm**2
    low, high = EJECTION_FRACTIONS
    full_right_ml = float(np.clip(before_ml, stroke_ml / high, stroke_ml / low))
    right_mm = float(np.clip(_width(even, bulging, full_right_ml), *chambers.RANGES["right_mm"]))
    full_right_ml = even * right_mm + bulging * right_mm**2
    left_mm = _width(even_es, bulging_es, max(full_right_ml - stroke_ml, 0.05 * full_right_ml))
    contraction = float(beating.contraction[1])
    shortening = float(np.clip((1 - left_mm / right_mm) / contraction, *chambers.RANGES["right_shortening"]))
    return replace(heart, chambers=replace(sizes, right_mm=right_mm, right_shortening=shortening))


def _width(even: float, bulging: float, volume_ml: float) -> float:
    return float((np.sqrt(even**2 + 4 * bulging * volume_ml) - even) / (2 * bulging))


def _terms(beating: Beating, frame: int) -> tuple[float, float]:
    """(even, bulging) in ml/mm and ml/mm^2, of a gap that is 1 mm wide where it is widest and does not contract.

    The volume between the septum at `outer` and the free wall at `outer + gap`, integrated over the material's angle
    and height, in which the area of the ventricle's side is J of motion.py.
    """
    shape, motion = beating.heart.shape, beating.motion
    turns = np.arange(_TURNS) * 2 * np.pi / _TURNS
    step = (_TOP - RIGHT_APEX) / _LEVELS
    levels = RIGHT_APEX + (np.arange(_LEVELS) + 0.5) * step
    angle, height = (grid.ravel() for grid in np.meshgrid(turns, levels))
    places = Material(shape, np.zeros_like(angle), angle, height * shape.length_mm)
    _, spread, _ = motion.local(places, frame)
    outer = motion.radii_mm(1.0, places, frame)
    gap = replace(beating.heart.chambers, right_mm=chambers.RANGES["right_mm"][1]).right_gap_mm(angle, height, 0.0)
    gap = gap / chambers.RANGES["right_mm"][1]
    cell = spread * step * shape.length_mm * (2 * np.pi / _TURNS) / 1000
    return float((outer * gap * cell).sum()), float((gap**2 / 2 * cell).sum())
