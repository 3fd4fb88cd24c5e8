"""How the ventricle moves: a map of its material that preserves volume exactly.

In cylinder coordinates about the long axis the material point (R, A, Z) of end-diastole goes, at time t, to

    z = Z + L * integral over height of (stretch - 1)        angle = A + twist(Z)
    r^2 = rho(A, Z)^2 + (R^2 - R_endo(A, Z)^2) / J           J = dz/dZ - twist' dz/dA

where rho is the endocardium's new radius. The map's Jacobian determinant is (r/R)(dr/dR) J = 1 for any choice of
stretch, twist and rho: wall that is thinned along its length and round its ring thickens, as myocardium does. So
longitudinal and circumferential deformation are free, by region, and radial deformation follows.
"""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart.field import Basis, basis, field_values
from kinecor_phantoms.heart.shape import Shape

Array = NDArray[np.float64]

# Up to this height the apical cap's own deformation reaches.
_APEX = 0.2
APICAL_NARROWING = 0.3
"""How much narrower the apical cap becomes, as a share of what the ring next to it does."""


def _tip(height: Array) -> tuple[Array, Array]:
    u = np.clip(height / _APEX, 0, 1)
    value = 1 - u**3 * (10 - 15 * u + 6 * u * u)
    under = _APEX * (u - u**4 * (2.5 - 3 * u + u * u)) + np.minimum(height, 0)
    return value, under


def _twisting(height: Array) -> Array:
    """Slope of the twist over height, for a base that turns by 1 against the apex."""
    up = np.maximum(height, 0.0)
    return np.asarray((4 * up - 3 * up * up) * (up < 4 / 3))


@cache
def _everywhere() -> tuple[Basis, Array]:
    """The basis and the heights (n,) of places all over the wall, where it is looked for folds."""
    angle, height = (g.ravel() for g in np.meshgrid(np.linspace(0, 2 * np.pi, 25)[:-1], np.linspace(-0.05, 1.05, 23)))
    return basis(angle, height), height


@dataclass(frozen=True, eq=False)
class Motion:
    """The ventricle's deformation at some times.

    Attributes:
        shape: the ventricle at end-diastole.
        longitudinal: (times, SIZE) coefficients of the field of longitudinal stretch - 1.
        circumferential: (times, SIZE) of the endocardium's circumferential stretch - 1.
        apical_twist, basal_twist: (times,) rotations in radians, counted as angles are.
        apical_narrowing: how much narrower the apical cap becomes, as a share of what the ring next to it does; it
            thickens by that along the axis, which is its radial direction.

    Raises:
        ValueError: a deformation that would fold the wall (J or stretch not positive) at some time.

    """

    shape: Shape
    longitudinal: Array
    circumferential: Array
    apical_twist: Array
    basal_twist: Array
    apical_narrowing: float = APICAL_NARROWING

    def __post_init__(self) -> None:
        at, height = _everywhere()
        tip, up = _tip(height)[0], np.maximum(height, 0)
        slope = (4 * up - 3 * up * up)[:, None] * (self.basal_twist - self.apical_twist)
        spread = (
            1 + at.value @ self.longitudinal.T + tip[:, None] * self.cap - slope * (at.turned @ self.longitudinal.T)
        )
        around = 1 + at.value @ self.circumferential.T
        wrong = ~((spread.min(axis=0) > 0.2) & (around.min(axis=0) > 0.1))  # NaN too
        if wrong.any():
            raise ValueError(f"the wall would fold at time {int(np.argmax(wrong))}: choose a smaller deformation")

    def __len__(self) -> int:
        """How many times."""
        return len(self.apical_twist)

    @cached_property
    def cap(self) -> Array:
        """(times,) what the apical cap stretches along the axis beyond the field, so that its volume is preserved."""
        across = 1 + self.apical_narrowing * self.circumferential[:, 0]
        return np.asarray(1 / across**2 - 1 - self.longitudinal[:, 0])

    def place(self, points: "Material", frame: int) -> Array:
        """Where material points are at a time: (n, 3) float64, x lateral, y anterior, z towards the base, mm."""
        z, spread, rho2 = self.local(points, frame)
        inner2, radius2 = points.inner2_mm2, points.radius_mm**2
        # Inside the cavity in proportion, as `undo` has it.
        blood = radius2 * rho2 / np.maximum(inner2, 1e-12)
        r = np.sqrt(np.where(radius2 >= inner2, rho2 + np.maximum(radius2 - inner2, 0) / spread, blood))
        angle = points.angle + self._twist(points.height, frame)
        return np.stack([r * np.cos(angle), r * np.sin(angle), z], axis=-1)

    def undo(self, points_mm: Array, frame: int) -> "Material":
        """The material that is at (n, 3) places at a time, whether or not it is wall; the inverse of `place`."""
        points_mm = np.asarray(points_mm, np.float64)
        angle, z_mm = self.unturned(np.arctan2(points_mm[:, 1], points_mm[:, 0]), points_mm[:, 2], frame)
        material = Material(self.shape, np.zeros_like(angle), angle, z_mm)
        _, spread, rho2 = self.local(material, frame)
        r2 = points_mm[:, 0] ** 2 + points_mm[:, 1] ** 2
        # Inside the cavity the radius in proportion; there is no wall whose volume must be preserved.
        inner2 = material.inner2_mm2
        wall = inner2 + (r2 - rho2) * spread
        blood = r2 * inner2 / np.maximum(rho2, 1e-12)
        radius = np.sqrt(np.maximum(np.where(r2 >= rho2, wall, blood), 0))
        return Material(self.shape, radius, angle, z_mm, material.basis)

    def unturned(self, angle: Array, z_mm: Array, frame: int, tolerance: float = 1e-12) -> tuple[Array, Array]:
        """(material angle, material height in mm) of places given by angle and z (n,), by Newton's method.

        `tolerance` is a share of the ventricle's length.
        """
        length = self.shape.length_mm
        coefficients = self.longitudinal[frame]
        mean = 1 + float(basis(np.zeros(1), np.full(1, 0.5)).integral[0] @ coefficients) / 0.5
        shift = self.shift_mm(frame) / length
        there = (z_mm / length - shift) / mean
        for _ in range(12):
            turn, slope = self._twist(there, frame), self._twist_slope(there, frame)
            value, integral, turned = field_values(coefficients, angle - turn, there)
            tip, under = _tip(there)
            error = there + integral + self.cap[frame] * under + shift - z_mm / length
            spread = 1 + value + self.cap[frame] * tip - slope * turned
            step = error / np.maximum(spread, 0.2)
            there = there - step
            if np.abs(step).max(initial=0.0) < tolerance:
                break
        return angle - self._twist(there, frame), there * length

    def radii_mm(self, layer: float, points: "Material", frame: int) -> Array:
        """Distance from the axis, at a time, of a layer (0 endocardium, 1 epicardium) over the places of `points`."""
        return np.asarray(np.sqrt(np.maximum(self.squares_mm2(layer, points, frame), 0)))

    def squares_mm2(self, layer: float, points: "Material", frame: int) -> Array:
        """Square of `radii_mm`, below the layer's tip continued smoothly by negative numbers."""
        _, spread, rho2 = self.local(points, frame)
        square = self.shape.square_mm2_at(layer, points.angle, points.z_mm)
        return np.asarray(rho2 + (square - points.inner2_mm2) / spread)

    def local(self, points: "Material", frame: int) -> tuple[Array, Array, Array]:
        """(z_mm, J, squared radius of the endocardium in mm^2) over the places of `points` at a time."""
        at, length = points.basis, self.shape.length_mm
        stretch = 1 + at.value @ self.longitudinal[frame] + self.cap[frame] * points.tip
        slope = (self.basal_twist[frame] - self.apical_twist[frame]) * points.twisting
        spread = stretch - slope * (at.turned @ self.longitudinal[frame])
        risen = points.height + at.integral @ self.longitudinal[frame] + self.cap[frame] * points.under_tip
        z = length * risen + self.shift_mm(frame)
        round_ = 1 + at.value @ self.circumferential[frame]
        rho2 = points.inner2_mm2 * (points.tip / spread + (1 - points.tip) * round_**2)
        return z, spread, rho2

    def shift_mm(self, frame: int) -> float:
        """Shift that holds the epicardial apex in place."""
        return float(self.shape.apical_wall_mm * (self.longitudinal[frame, 0] + self.cap[frame]))

    def _twist(self, height: Array, frame: int) -> Array:
        up = np.maximum(height, 0.0)
        apex, base = self.apical_twist[frame], self.basal_twist[frame]
        return np.asarray(
            apex + (base - apex) * up * up * (2 - up) * (up < 4 / 3) + (base - apex) * (32 / 27) * (up >= 4 / 3)
        )

    def _twist_slope(self, height: Array, frame: int) -> Array:
        return np.asarray((self.basal_twist[frame] - self.apical_twist[frame]) * _twisting(height))


class Material:
    """Material points: cylinder coordinates at end-diastole, with what the motion needs of them ready.

    Args:
        shape: the ventricle.
        radius_mm, angle, z_mm: (n,) distance from the axis, angle in radians, height.
        at: the basis at these places, if it is known already.

    """

    def __init__(self, shape: Shape, radius_mm: Array, angle: Array, z_mm: Array, at: Basis | None = None) -> None:
        self.shape = shape
        self.radius_mm, self.angle, self.z_mm = radius_mm, angle, z_mm
        self.height = z_mm / shape.length_mm
        if at is not None:
            self.basis = at

    @cached_property
    def basis(self) -> Basis:
        """Basis functions at the points."""
        return basis(self.angle, self.height)

    @cached_property
    def inner_mm(self) -> Array:
        """The endocardium's radius at their angle and height."""
        return self.shape.radius_mm_at(0.0, self.angle, self.z_mm)

    @cached_property
    def inner2_mm2(self) -> Array:
        """Square of `inner_mm`."""
        return self.inner_mm**2

    @cached_property
    def twisting(self) -> Array:
        """Slope of the twist at their height, for a base that turns by 1 against the apex."""
        return _twisting(self.height)

    @cached_property
    def _tips(self) -> tuple[Array, Array]:
        return _tip(self.height)

    @property
    def tip(self) -> Array:
        """1 at the apex, 0 from a fifth of the length on, smooth between."""
        return self._tips[0]

    @property
    def under_tip(self) -> Array:
        """Integral of `tip` over height from 0."""
        return self._tips[1]

    def __len__(self) -> int:
        """How many points."""
        return len(self.radius_mm)
