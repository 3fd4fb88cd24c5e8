"""What is around the left ventricle: right ventricle, atria, aorta, papillary muscles, leaflets.

Their sizes at end-diastole; where they are at a time follows from the ventricle's own motion (anatomy.py). They need
look right and move right, not be exact, apart from the right ventricle and left atrium, whose outlines are truth too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart.shape import check_range

Array = NDArray[np.floating]

RANGES: dict[str, tuple[float, float]] = {
    "right_mm": (5.0, 70.0),
    "right_deg": (30.0, 90.0),
    "right_wall_mm": (0.5, 15.0),
    "right_shortening": (0.0, 0.6),
    "atrium_mm": (5.0, 100.0),
    "atrium_wide": (0.8, 2.0),
    "right_atrium_mm": (5.0, 100.0),
    "aorta_mm": (2.0, 30.0),
    "papillary": (0.02, 0.35),
    "leaflet": (0.5, 1.5),
}
"""Ranges that the sizes must be in."""

SEPTUM = np.pi
AORTA = np.deg2rad(150.0)
PAPILLARY_ANGLES = (np.deg2rad(20.0), np.deg2rad(285.0))
"""Anterolateral and posteromedial."""
PAPILLARY_FROM, PAPILLARY_TO = 0.36, 0.64
RIGHT_APEX = 0.12


@dataclass(frozen=True, slots=True)
class Chambers:
    """Sizes of what surrounds the left ventricle.

    Attributes:
        right_mm: greatest distance of the right ventricle's free wall from the septum.
        right_deg: half the angle that the right ventricle spans at the base.
        right_wall_mm: thickness of its wall.
        right_shortening: how much of `right_mm` contraction takes.
        atrium_mm: height of the left atrium above the annulus at end-diastole.
        atrium_wide: its greatest width over that of the annulus.
        right_atrium_mm: height of the right atrium.
        aorta_mm: radius of the aortic root.
        papillary: radius of a papillary muscle over that of the cavity.
        leaflet: length of the anterior mitral leaflet over the annulus' radius.

    Raises:
        ValueError: a size out of RANGES.

    """

    right_mm: float = 28.0
    right_deg: float = 64.0
    right_wall_mm: float = 3.5
    right_shortening: float = 0.3
    atrium_mm: float = 36.0
    atrium_wide: float = 1.25
    right_atrium_mm: float = 38.0
    aorta_mm: float = 11.5
    papillary: float = 0.17
    leaflet: float = 1.05

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            check_range(name, getattr(self, name), low, high)

    def right_gap_mm(self, angle: Array, height: Array, contraction: float) -> Array:
        """Distance of the right ventricle's free wall from the septum at material angles and heights, 0 next to it."""
        up = np.clip((height - RIGHT_APEX) / (1 - RIGHT_APEX), 0, None)
        wide = np.deg2rad(self.right_deg) * np.clip(0.35 + 0.65 * np.sqrt(up / 0.6), 0.35, 1.0)
        across = np.abs(np.angle(np.exp(1j * (angle - SEPTUM)))) / wide
        profile = np.clip(1 - across**2, 0, None) ** 0.75 * np.sqrt(np.clip(up / 0.75, 0, 1))
        # In front it bulges at the base, towards the outflow; below, nearer to the apex.
        profile = profile * (1 + 0.4 * np.sin(angle) * (np.clip(up, 0, 1) - 0.45))
        closed = profile * (height < self.right_top(angle))
        return np.asarray(self.right_mm * (1 - self.right_shortening * contraction) * closed)

    def right_top(self, angle: Array) -> Array:
        """Height at which the right ventricle ends: the outflow tract, in front, reaches above the tricuspid valve."""
        return np.asarray(1.02 + 0.13 * np.cos(angle - np.deg2rad(120.0)))

    def annulus_mm(self, rim_mm: Array, angle: Array) -> Array:
        """Radius of the mitral annulus about the long axis, where the base's own radius is `rim_mm`.

        The annulus is the base itself, but for the aortic sector, where the mitral-aortic curtain cuts across.
        """
        facing = np.cos(angle - AORTA)
        curtain = 0.3 * rim_mm / np.maximum(facing, 0.05)
        return np.where(facing > 0.3, np.minimum(rim_mm, curtain), rim_mm)
