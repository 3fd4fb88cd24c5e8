"""The left ventricle at rest (end-diastole): endocardium, epicardium, base, as surfaces of the angle and the height.

Lengths are in millimetres. The axis z runs from the cavity's apex (0) towards the base; angles are counted in the
short axis seen from the apex, 0 lateral, 90 anterior, 180 septal, 270 inferior. Surfaces are generalised truncated
ellipsoids: in the meridian of angle A the radius is b(A) sin(p)^n at height a(A) (1 - cos(p)) above the surface's own
tip. Depth in the wall (`layer`) is 0 at the endocardium and 1 at the epicardium.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart.field import SIZE, basis

Array = NDArray[np.float64]

RANGES: dict[str, tuple[float, float]] = {
    "length_mm": (30.0, 130.0),
    "radius_mm": (8.0, 50.0),
    "wall_mm": (3.0, 30.0),
    "apical_wall_mm": (2.0, 20.0),
    "base_deg": (95.0, 140.0),
    "apex_power": (0.8, 1.3),
    "ellipticity": (-0.25, 0.25),
    "septal_share": (0.6, 2.2),
    "tilt_deg": (-25.0, 25.0),
    "saddle_mm": (0.0, 4.0),
}
"""Ranges that a shape's numbers must be in."""
# Up to this height thinning fades out.
_CAP = 0.25


def check_range(what: str, value: float, low: float, high: float) -> float:
    """`value`, if it is in a range.

    Raises:
        ValueError: it is not; the message names the range.

    """
    if not low <= value <= high:
        raise ValueError(f"{what} must be {low:g} to {high:g}, got {value:g}")
    return value


@dataclass(frozen=True, eq=False)
class Shape:
    """A left ventricle at end-diastole.

    Attributes:
        length_mm: cavity's apex to the middle of the base.
        radius_mm: greatest radius of the cavity, mean over angles.
        wall_mm: thickness of the wall at its widest, mean over angles.
        apical_wall_mm: thickness of the apical cap.
        base_deg: how far round the ellipsoid the base is; 90 would be its widest place, more closes in on it.
        apex_power: 1 an ellipsoid, less a blunter apex, more a more pointed one.
        ellipticity: how much wider than high the short axis is, as a share of its radius.
        septal_share: thickness of the septum over that of the free wall.
        tilt_deg: of the base against the axis, towards the aorta (150 degrees) when positive.
        saddle_mm: half the height of the annulus' saddle.
        thinning: (SIZE,) coefficients of a field that is added to 1 to scale the wall's thickness, but for the cap.

    Raises:
        ValueError: a number out of RANGES, or a wall that would be thinner than 1 mm somewhere.

    """

    length_mm: float = 85.0
    radius_mm: float = 25.0
    wall_mm: float = 9.0
    apical_wall_mm: float = 6.0
    base_deg: float = 115.0
    apex_power: float = 1.0
    ellipticity: float = 0.04
    septal_share: float = 1.05
    tilt_deg: float = 4.0
    saddle_mm: float = 1.5
    thinning: Array = field(default_factory=lambda: np.zeros(SIZE))

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            check_range(name, getattr(self, name), low, high)
        if self.thinning.shape != (SIZE,):
            raise ValueError(f"thinning needs {SIZE} coefficients, got shape {self.thinning.shape}")
        angle, height = (g.ravel() for g in np.meshgrid(np.linspace(0, 2 * np.pi, 48), np.linspace(0.0, 1.0, 24)))
        z_mm = height * self.length_mm
        thickness_mm = self.radius_mm_at(1.0, angle, z_mm) - self.radius_mm_at(0.0, angle, z_mm)
        if not thickness_mm.min() >= 1.0:  # nor NaN
            raise ValueError(f"the wall must be 1 mm or thicker everywhere, got {thickness_mm.min():.2f}")

    def rim_mm(self, angle: Array) -> Array:
        """Height of the base at angles (radians), where the ventricle ends and the annulus is."""
        lean = np.tan(np.deg2rad(self.tilt_deg)) * self._base_radius_mm * np.cos(angle - np.deg2rad(150.0))
        return np.asarray(self.length_mm + lean + self.saddle_mm * np.cos(2 * (angle - np.deg2rad(150.0))))

    def radius_mm_at(self, layer: float | Array, angle: Array, z_mm: Array) -> Array:
        """Distance from the axis of the surface at a depth in the wall, 0 below its tip.

        Args:
            layer: 0 endocardium .. 1 epicardium.
            angle: radians.
            z_mm: heights.

        """
        return np.asarray(np.sqrt(np.maximum(self.square_mm2_at(layer, angle, z_mm), 0)))

    def square_mm2_at(self, layer: float | Array, angle: Array, z_mm: Array) -> Array:
        """Square of `radius_mm_at`, below the surface's tip continued smoothly by negative numbers."""
        inner2 = self._square(0.0, angle, z_mm)
        if np.ndim(layer) == 0 and layer == 0:
            return inner2
        outer2 = self._square(layer, angle, z_mm)
        if not self.thinning.any():
            return outer2
        inner, outer = np.sqrt(np.maximum(inner2, 0)), np.sqrt(np.maximum(outer2, 0))
        return np.where(outer2 > 0, (inner + (outer - inner) * (1 + self._scale(angle, z_mm))) ** 2, outer2)

    def meridian(self, layer: float, angle: Array, along: Array) -> tuple[Array, Array]:
        """(radius_mm, z_mm) of points of a layer, `along` 0 (its tip) to 1 (the base); `angle` in radians."""
        tip, high, last = self._turned(layer, angle)
        z_mm = tip + high * (1 - np.cos(along * last))
        return self.radius_mm_at(layer, angle, z_mm), z_mm

    def along_at(self, layer: float, angle: Array, z_mm: Array) -> Array:
        """How far along its meridian a layer reaches a height, 0 (its tip) to 1 (the base); see `meridian`."""
        tip, high, last = self._turned(layer, angle)
        return np.asarray(np.arccos(np.clip(1 - (z_mm - tip) / high, -1, 1)) / last)

    def _turned(self, layer: float, angle: Array) -> tuple[float, Array, Array]:
        """Height of a layer's tip, half-length of its ellipsoid, and how far round that its base is (radians)."""
        tip = -self.apical_wall_mm * layer
        _, high = self._axes(layer, angle)
        return tip, high, np.asarray(np.arccos(np.clip(1 - (self.rim_mm(angle) - tip) / high, -1, 1)))

    @cached_property
    def _base_radius_mm(self) -> float:
        return float(self.radius_mm * np.sin(np.deg2rad(self.base_deg)) ** self.apex_power)

    def _scale(self, angle: Array, z_mm: Array) -> Array:
        wide, height = np.broadcast_arrays(angle, z_mm / self.length_mm)
        # The cap's thickness is constant: else the adjacent wall would begin with a kink, where the cavity's radius has
        # infinite slope.
        up = np.clip(height / _CAP, 0, 1)
        field = (basis(wide.ravel(), height.ravel()).value @ self.thinning).reshape(wide.shape)
        return np.asarray(field * up * up * (3 - 2 * up))

    def _thickness_mm(self, angle: Array) -> Array:
        septal = 0.5 * (1 + np.cos(angle - np.pi))
        share = 1 + (self.septal_share - 1) * septal**1.5
        return np.asarray(self.wall_mm * share / (1 + 0.35 * (self.septal_share - 1)))

    def _axes(self, layer: float | Array, angle: Array) -> tuple[Array, Array]:
        """Radius at the widest place and half-length of a layer's ellipsoid, by angle."""
        inner = self.radius_mm * (1 + self.ellipticity * np.cos(2 * angle))
        wall = self._thickness_mm(angle) * layer
        base = np.sin(np.deg2rad(self.base_deg)) ** self.apex_power * inner + 0.85 * wall
        turn = np.pi - np.arcsin((base / (inner + wall)) ** (1 / self.apex_power))
        return inner + wall, (self.length_mm + self.apical_wall_mm * layer) / (1 - np.cos(turn))

    def _square(self, layer: float | Array, angle: Array, z_mm: Array) -> Array:
        wide, high = self._axes(layer, angle)
        cosine = 1 - (z_mm + self.apical_wall_mm * layer) / high
        share = 1 - cosine * cosine
        return np.asarray(wide**2 * np.sign(share) * np.abs(share) ** self.apex_power)
