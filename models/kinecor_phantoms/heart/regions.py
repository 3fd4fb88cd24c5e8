"""How regions of the wall differ in disease: contraction, timing and thickness by segment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.heart.field import SEGMENTS
from kinecor_phantoms.heart.motion import APICAL_NARROWING

Array = NDArray[np.float64]


def _ones() -> Array:
    return np.ones(SEGMENTS)


def _zeros() -> Array:
    return np.zeros(SEGMENTS)


@dataclass(frozen=True, eq=False)
class Regions:
    """Regional differences, (18,) each, in the order of field.NAMES.

    Attributes:
        amplitude: share of the contraction that each segment does; 0 akinetic, below 0 dyskinetic.
        along: share of it along the wall's length only.
        delay_s: how much later each segment contracts.
        flash: share of a contraction before the aortic valve opens, see Rhythm.flash.
        thickness: of the wall over that of a healthy one.
        apical_narrowing: of the apical cap, one number, see Motion.

    """

    amplitude: Array = field(default_factory=_ones)
    along: Array = field(default_factory=_ones)
    delay_s: Array = field(default_factory=_zeros)
    flash: Array = field(default_factory=_zeros)
    thickness: Array = field(default_factory=_ones)
    apical_narrowing: float = APICAL_NARROWING


def _rings(basal: float, mid: float, apical: float) -> Array:
    return np.repeat([basal, mid, apical], 6)


def _walls(*six: float) -> Array:
    """Anterior, anteroseptal, inferoseptal, inferior, inferolateral, anterolateral; equal at each level."""
    return np.tile(six, 3)


_TERRITORIES = {
    "anterior descending": (6, 7, 12, 13, 14, 15, 17),
    "right": (2, 3, 8, 9),
    "circumflex": (4, 5, 10, 11),
}


def _infarct(rng: Generator) -> Regions:
    """A scar in the territory of one coronary artery."""
    amplitude, thickness, delay_s = _ones(), _ones(), _zeros()
    scar = np.array(_TERRITORIES[str(rng.choice(list(_TERRITORIES)))])
    scar = scar[rng.random(len(scar)) < 0.9]
    amplitude[scar] = rng.uniform(-0.15, 0.3, len(scar))
    thickness[scar] = rng.uniform(0.6, 0.9)
    # Late enough to go on shortening after aortic valve closure, as ischaemic muscle does.
    delay_s[amplitude < 0.5] += rng.uniform(0.06, 0.14)
    return Regions(amplitude=amplitude, delay_s=delay_s, thickness=thickness)


def _dyssynchronous(rng: Generator) -> Regions:
    """A lateral wall that contracts late."""
    late_s = rng.uniform(0.05, 0.11)
    return Regions(
        amplitude=_walls(1.0, 0.75, 0.75, 1.0, 1.1, 1.1),
        delay_s=late_s * _walls(0.35, -0.3, -0.3, 0.35, 1.0, 1.0),
    )


def _amyloid(rng: Generator) -> Regions:
    """Loss of longitudinal shortening that spares the apex (Phelan et al., Heart 98:1442-1448, 2012)."""
    basal, apical = rng.uniform(0.38, 0.48), rng.uniform(2.0, 2.4)
    # A cap that narrowed would thicken along the axis, and lengthen the wall's middle line where it is to shorten.
    return Regions(
        amplitude=_rings(0.95, 0.95, 1.35), along=_rings(float(basal), 0.52, float(apical)), apical_narrowing=0.03
    )


def _aneurysm(rng: Generator) -> Regions:
    """A thin apex that bulges in systole, with a border that hardly moves."""
    amplitude = _rings(1.15, 0.55, 0.0)
    amplitude[[6, 7, 8]] = rng.uniform(0.1, 0.35, 3)
    amplitude[12:] = rng.uniform(-0.45, -0.2)
    thickness = _rings(1.0, 0.9, float(rng.uniform(0.5, 0.65)))
    return Regions(amplitude=amplitude, thickness=thickness)


def _bundle_branch_block(rng: Generator) -> Regions:
    """Left bundle branch block: the septum contracts before ejection and is then stretched, the lateral wall is late.

    The lateral wall is stretched by the early septum, so that the cavity's volume hardly changes before ejection
    (Smiseth and Aalen, Trends Cardiovasc Med 29:135-140, 2019).
    """
    late_s, flash = rng.uniform(0.05, 0.09), rng.uniform(0.35, 0.55)
    return Regions(
        amplitude=_walls(0.95, 0.4, 0.4, 0.9, 1.25, 1.25),
        delay_s=late_s * _walls(0.3, 0.0, 0.0, 0.35, 1.0, 0.9),
        flash=float(flash) * _walls(0.0, 1.0, 0.9, 0.0, -0.6, -0.65),
    )


def towards_apex(regions: Regions) -> Regions:
    """The same with longitudinal shortening that grows from base to apex, as speckle tracking has it in health.

    Of 200 healthy adults the lower limits of endocardial strain were -10, -12 and -14 % at base, middle and apex, and
    the apex exceeded base and middle together in one of ten (J Cardiovasc Dev Dis 11:102, 2024, doi
    10.3390/jcdd11040102).
    The shares are chosen so that the apex of a normal heart shortens more than its base at mid-wall, too.
    """
    return replace(regions, along=regions.along * _rings(0.8, 0.9, 1.9), apical_narrowing=0.0)


REGIONS: Mapping[str, Callable[[Generator], Regions]] = MappingProxyType(
    {
        "infarct": _infarct,
        "dyssynchronous": _dyssynchronous,
        "amyloid": _amyloid,
        "aneurysm": _aneurysm,
        "bundle-branch-block": _bundle_branch_block,
    }
)
"""Regional differences of the populations that have any, drawn at random."""
