"""Which tissue is where: a heart at one time as a map from places to tissues.

The ventricle's surfaces are tabulated over angle and height once a time; every place is then one look-up, so that a
million places cost a fraction of a second. Contours that serve as truth are not taken from here (section.py).
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart import chambers
from kinecor_phantoms.heart.heart import Beating
from kinecor_phantoms.heart.motion import Material

Array = NDArray[np.float64]
_TURNS, _LEVELS = 96, 80


class Tissue(IntEnum):
    """Tissue at a place."""

    OUTSIDE = 0
    CAVITY = 1
    MYOCARDIUM = 2
    LEFT_ATRIUM = 3
    RIGHT_VENTRICLE = 4
    RIGHT_WALL = 5
    RIGHT_ATRIUM = 6
    AORTA = 7
    VESSEL_WALL = 8
    """Of atria and aorta."""
    PAPILLARY = 9
    PERICARDIUM = 10
    """With the fat about it."""


_WALL_MM = 2.0
_PERICARDIUM_MM = 3.0


class Anatomy:
    """A heart at one time.

    Args:
        beating: the heart at its times.
        frame: which of them.

    Attributes:
        rim_plane: (3,) c of z = c0 + c1 x + c2 y, the plane through the base, in the heart's own axes.

    """

    def __init__(self, beating: Beating, frame: int) -> None:
        self._beating, self._frame = beating, frame
        heart, shape = beating.heart, beating.heart.shape
        self._chambers = heart.chambers
        self._low, self._high = -shape.apical_wall_mm - 12.0, float(shape.rim_mm(np.array([chambers.AORTA]))[0]) + 24.0
        turns = np.arange(_TURNS) * 2 * np.pi / _TURNS
        levels = np.linspace(self._low, self._high, _LEVELS)
        angle, z = (grid.ravel() for grid in np.meshgrid(turns, levels, indexing="ij"))
        wide, z_mm = beating.motion.unturned(angle, z, frame, 1e-5)
        places = Material(shape, np.zeros_like(wide), wide, z_mm)
        _, spread, inner2 = beating.motion.local(places, frame)
        outer2 = inner2 + (shape.square_mm2_at(1.0, wide, z_mm) - places.inner_mm**2) / spread
        inner, outer = np.sqrt(inner2), np.sqrt(np.maximum(outer2, 0))
        gap = self._chambers.right_gap_mm(wide, places.height, float(beating.contraction[frame]))
        turn = np.exp(1j * (wide - angle))
        tables = (inner, outer, gap, places.height, turn.real, turn.imag, shape.rim_mm(wide) - z_mm)
        stacked = np.stack(tables, axis=-1).reshape(_TURNS, _LEVELS, len(tables)).astype(np.float32)
        self._table = np.concatenate([stacked, stacked[:1]])
        self._set_base()

    def _set_base(self) -> None:
        beating, shape = self._beating, self._beating.heart.shape
        rim = beating.motion.place(beating.rim, self._frame)
        columns = np.stack([np.ones(len(rim)), rim[:, 0], rim[:, 1]], axis=1)
        self.rim_plane: Array = np.asarray(np.linalg.lstsq(columns, rim[:, 2], rcond=None)[0], np.float64)
        turned, radius = np.arctan2(rim[:, 1], rim[:, 0]), np.hypot(rim[:, 0], rim[:, 1])
        order = np.argsort(turned)
        self._rim_angle, self._rim_mm = turned[order], radius[order]
        descent_mm = shape.length_mm - float(self.rim_plane[0])
        # The roof of the atrium hardly moves: it grows by what the annulus goes down, and empties as it comes back.
        self.atrium_mm = self._chambers.atrium_mm + 0.85 * descent_mm
        self.right_atrium_mm = self._chambers.right_atrium_mm + 0.85 * descent_mm
        # Above the annulus, which narrows with the ventricle, the atrium widens as it fills.
        swell = 1 + 0.4 * max(descent_mm, 0.0) / self._chambers.atrium_mm
        self._atrium_swell = float(beating.rim.radius_mm.mean() / radius.mean()) * swell

    def rim_mm(self, angle: Array) -> Array:
        """Radius of the base's rim at an angle (radians) in space, about the long axis."""
        return np.interp(angle, self._rim_angle, self._rim_mm, period=2 * np.pi)

    def looked_up(self, angle: Array, z: Array) -> Array:
        """(n, 7) float32 of what is tabulated over angles (radians) and heights (mm), (n,) each, in the heart's axes.

        Radius of endocardium, of epicardium, gap of the right ventricle, material height (1 at the base), cosine and
        sine of material less spatial angle, material distance below the rim in mm.
        """
        turn = np.mod(angle, 2 * np.pi) * (_TURNS / (2 * np.pi))
        level = np.clip((z - self._low) / (self._high - self._low), 0, 1) * (_LEVELS - 1)
        i, j = np.minimum(turn.astype(np.intp), _TURNS - 1), np.minimum(level.astype(np.intp), _LEVELS - 2)
        a, b = (turn - i).astype(np.float32)[:, None], (level - j).astype(np.float32)[:, None]
        flat, at = self._table.reshape(-1, self._table.shape[-1]), i * _LEVELS + j
        near, far = flat[at] * (1 - b) + flat[at + 1] * b, flat[at + _LEVELS] * (1 - b) + flat[at + _LEVELS + 1] * b
        return np.asarray(near * (1 - a) + far * a)

    def surfaces_mm(self, angle: Array, z_mm: Array) -> tuple[Array, Array, Array]:
        """Distance from the axis of endocardium, epicardium, right ventricle's endocardium at angles and heights.

        In space and in the heart's own axes; where the right ventricle is not, the last equals the second.
        """
        found = self.looked_up(np.ravel(angle), np.ravel(z_mm))
        return found[:, 0], found[:, 1], found[:, 1] + found[:, 2]

    @property
    def aorta(self) -> tuple[Array, Array]:
        """(3,) where the aortic root begins and (3,) its direction, in the heart's own axes.

        In front on the septal base, leaning to the right.
        """
        cos, sin = np.cos(chambers.AORTA), np.sin(chambers.AORTA)
        start = 0.72 * float(self._rim_mm.mean())
        x, y = start * cos, start * sin
        height = self.rim_plane[0] + self.rim_plane[1] * x + self.rim_plane[2] * y
        return np.array([x, y, height]), np.array([0.42 * cos, 0.42 * sin, 0.9]) / np.hypot(0.42, 0.9)

    def right_volume_ml(self) -> float:
        """Volume of the right ventricle, by summing the table over angle and height (within some 0.5 %)."""
        outer, gap = self._table[:-1, :, 1], self._table[:-1, :, 2]
        cell = (2 * np.pi / _TURNS) * (self._high - self._low) / (_LEVELS - 1)
        return float((((outer + gap) ** 2 - outer**2) * (gap > 0.5)).sum() / 2 * cell / 1000)

    def tissue(self, points_mm: NDArray[np.floating]) -> NDArray[np.uint8]:
        """(n,) Tissue at (n, 3) places in the chest, mm."""
        rotation, shift = self._beating.pose(self._frame)
        x, y, z = ((np.asarray(points_mm) - shift) @ rotation).astype(np.float32).T
        found = np.zeros(len(x), np.uint8)
        angle, r = np.arctan2(y, x), np.hypot(x, y)
        above = z - (self.rim_plane[0] + self.rim_plane[1] * x + self.rim_plane[2] * y)
        inner, outer, gap, height, c, s, _ = self.looked_up(angle, z).T
        below = above < 0
        sizes = self._chambers
        right = (gap > 0.5) & (r >= outer) & (r < outer + gap)
        shell = (gap > 0.5) & (r >= outer + gap) & (r < outer + gap + sizes.right_wall_mm)
        # The sac surrounds both ventricles.
        edge = outer + np.where(gap > 0.5, gap + sizes.right_wall_mm, 0)
        found[(r < edge + _PERICARDIUM_MM) & (above < 4) & (outer > 0)] = Tissue.PERICARDIUM
        high = np.flatnonzero(above > -8)
        for base, size, where in self.upper(x[high], y[high], above[high]):
            found[high[where < 1 + _WALL_MM / size]] = Tissue.VESSEL_WALL
            found[high[where < 1]] = base
        found[below & (r < outer) & (outer > 0)] = Tissue.MYOCARDIUM
        found[shell] = Tissue.RIGHT_WALL
        found[right] = Tissue.RIGHT_VENTRICLE
        cavity = np.flatnonzero(below & (r < inner))
        found[cavity] = Tissue.CAVITY
        turn = np.arctan2(s[cavity], c[cavity])
        found[cavity[self._papillary(r[cavity], angle[cavity] + turn, height[cavity], inner[cavity])]] = (
            Tissue.PAPILLARY
        )
        return found

    def _papillary(self, r: Array, angle: Array, height: Array, inner: Array) -> NDArray[np.bool_]:
        size = self._chambers.papillary * self._beating.heart.shape.radius_mm
        low, high = chambers.PAPILLARY_FROM, chambers.PAPILLARY_TO
        u = np.clip((height - low) / (high - low), 0, 1)
        thick = size * np.sqrt(np.clip(4 * u * (1 - u), 0, 1))
        inside = np.zeros(len(r), bool)
        out = np.maximum(inner - 0.9 * size, 0.3 * inner)
        for at in chambers.PAPILLARY_ANGLES:
            apart = np.mod(angle - at + np.pi, 2 * np.pi) - np.pi
            inside |= np.hypot(r - out, np.minimum(r, out) * apart) < thick
        return inside

    def upper(self, x: Array, y: Array, above: Array) -> list[tuple[Tissue, float, Array]]:
        """Atria and aorta in the order of drawing: tissue, size in mm, and a distance that is 1 on its wall.

        Places (n,) are given by x and y in the heart's own axes and their height `above` the base's plane, mm.
        """
        sizes = self._chambers
        base = float(self._rim_mm.mean())
        far = np.full(len(x), 9.0, np.float32)
        # Right atrium: above the right ventricle's base.
        out = float(self.surfaces_mm(np.array([np.pi]), np.array([self.rim_plane[0]]))[1][0])
        centre = out + 0.42 * sizes.right_mm
        at = np.deg2rad(198.0)
        u = (above + 6.0) / (self.right_atrium_mm + 6.0)
        bulge = np.sqrt(np.clip(1 - np.abs(2 * u - 0.9) ** 2.5 / 1.3, 0, 1))
        wide = np.hypot(
            (x * np.cos(at) + y * np.sin(at) - centre) / (0.62 * sizes.right_mm),
            (-x * np.sin(at) + y * np.cos(at)) / (0.8 * sizes.right_mm),
        )
        right = np.where((u > 0) & (bulge > 0.05), wide / np.maximum(bulge, 0.05), far)
        right = np.where((above < 0) & (np.hypot(x, y) < out + 1), far, right)
        # Left atrium: above the annulus.
        left = np.where(above > 0, self.atrial(x, y, above), far)
        origin, lean = self.aorta
        px, py, pz = x - origin[0], y - origin[1], above
        along = px * lean[0] + py * lean[1] + pz * lean[2]
        away = np.sqrt(np.maximum(px**2 + py**2 + pz**2 - along**2, 0))
        bulb = 1 + 0.12 * np.exp(-(((along - 0.8 * sizes.aorta_mm) / (0.7 * sizes.aorta_mm)) ** 2))
        tube = np.where((along > -2) & (along < 70) & (above > -1.5), away / (sizes.aorta_mm * bulb), far)
        return [
            (Tissue.RIGHT_ATRIUM, 0.6 * sizes.right_mm, right),
            (Tissue.LEFT_ATRIUM, base, left),
            (Tissue.AORTA, sizes.aorta_mm, tube),
        ]

    def atrial(self, x: Array, y: Array, above: Array) -> Array:
        """Left atrium: distance of places above the base (heart's own axes, mm) from its midline, 1 on its wall."""
        base = float(self._rim_mm.mean())
        # The atrium sits behind and lateral of the aorta.
        cx, cy = -0.2 * base * np.cos(chambers.AORTA), -0.2 * base * np.sin(chambers.AORTA)
        u = np.clip(above / self.atrium_mm, 0, 1.2)
        swell = self._chambers.atrium_wide - 1
        wide = (1 + swell * np.abs(np.sin(np.pi * np.clip(u, 0, 1))) ** 0.8) * np.sqrt(np.clip(1 - u**4, 1e-4, 1))
        up = np.clip(u / 0.4, 0, 1)
        wide = wide * (1 + (self._atrium_swell - 1) * up * up * (3 - 2 * up))
        px, py = (x - cx) / wide + cx, (y - cy) / wide + cy
        angle = np.arctan2(py, px)
        limit = self._chambers.annulus_mm(self.rim_mm(angle), angle)
        # Beyond the curtain the atrium stays clear of the aorta all the way up.
        ray = np.hypot(px - cx, py - cy)
        edge = np.hypot(limit * np.cos(angle) - cx, limit * np.sin(angle) - cy)
        inside = np.where(
            np.hypot(px, py) < limit,
            np.minimum(ray / np.maximum(edge, 1e-3), 0.999),
            np.maximum(np.hypot(px, py) / np.maximum(limit, 1e-3), 1.0),
        )
        return np.asarray(np.where(u >= 1, 9.0, inside))
