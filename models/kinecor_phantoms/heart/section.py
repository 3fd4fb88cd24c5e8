"""Where an image plane cuts the heart: exact contours.

A surface is cut along rays from a point inside it; each crossing is found on the tabulated anatomy and then brought
onto the true surface by Newton's method, to a millionth of a millimetre.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.heart import Beating
from kinecor_phantoms.heart.motion import Material
from kinecor_phantoms.heart.plane import Plane

Array = NDArray[np.float64]

_RAYS = 145
_ROUND = 120
_REACH_MM = 90.0
# A slice whose plane is at more than this (cosine) to the long axis is a short axis.
_SHORT = 0.7
# A slice belongs to the ventricle where at least this share of its circumference is wall (SCMR post-processing, 2020).
MIN_CIRCUMFERENCE = 0.5


@dataclass(frozen=True, eq=False)
class Section:
    """One plane through the heart at one time.

    Args:
        beating: the heart at its times.
        frame: which of them.
        plane: where.
        anatomy: of that time.
        exact: whether crossings are brought onto the true surface, or left where the tabulated anatomy has them, some
            0.1 mm off.

    """

    beating: Beating
    frame: int
    plane: Plane
    anatomy: Anatomy
    exact: bool = True
    _ends: dict[float, Array | None] = field(default_factory=dict, init=False, repr=False)
    _turns: dict[float, tuple[Array, NDArray[np.bool_]]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def _axes(self) -> tuple[Array, Array]:
        """(3, 3) rotation and (3,) shift that bring (right, down, out) of the plane into the heart's own axes."""
        rotation, shift = self.beating.pose(self.frame)
        axes = np.stack([self.plane.across, self.plane.down, self.plane.out])
        return axes @ rotation, (self.plane.origin_mm - shift) @ rotation

    def to_heart(self, points_mm: Array) -> Array:
        """(n, 3) in the heart's own axes of (n, 2) places in the plane."""
        axes, origin = self._axes
        return np.asarray(origin + points_mm @ axes[: points_mm.shape[1]])

    @property
    def is_short_axis(self) -> bool:
        """Whether the plane cuts across the long axis rather than along it."""
        return abs(float(self._axes[0][2, 2])) > _SHORT

    def outside_mm2(self, layer: float, points_mm: Array) -> Array:
        """Squared distance of (n, 2) places of the plane from the axis, less that of a layer: negative inside it."""
        x, y, z = self.to_heart(points_mm).T
        motion, frame = self.beating.motion, self.frame
        angle, z_mm = motion.unturned(np.arctan2(y, x), z, frame, 1e-10)
        places = Material(motion.shape, np.zeros_like(angle), angle, z_mm)
        return np.asarray(x * x + y * y - motion.squares_mm2(layer, places, frame))

    def _roughly_outside_mm(self, layer: float, points_mm: Array) -> Array:
        x, y, z = self.to_heart(points_mm).T
        inner, outer, _ = self.anatomy.surfaces_mm(np.arctan2(y, x), z)
        out = np.hypot(x, y) - (inner + layer * (outer - inner))
        return np.asarray(np.where(outer > 0.05, out, np.maximum(out, 1.0)))

    def crossings(self, layer: float, middle: Array, directions: Array) -> Array:
        """(n, 2) where rays from `middle` (2,) along unit `directions` (n, 2) first leave a layer's surface."""
        steps = np.linspace(0, _REACH_MM, 46)
        along = middle + steps[None, :, None] * directions[:, None, :]
        out = self._roughly_outside_mm(layer, along.reshape(-1, 2)).reshape(len(directions), -1)
        first = np.argmax(out > 0, axis=1)
        first = np.where((out > 0).any(axis=1), np.maximum(first, 1), len(steps) - 1)
        rows = np.arange(len(directions))
        before, after = out[rows, first - 1], out[rows, first]
        at = steps[first - 1] + (steps[1] - steps[0]) * np.clip(-before / np.maximum(after - before, 1e-6), 0, 1)
        near = 0.02
        # One step even in a hurry: the tables cut some 2 mm off the cavity's tip.
        for _ in range(8 if self.exact else 1):
            both = np.concatenate([at, at + near])
            places = middle + both[:, None] * np.concatenate([directions, directions])
            here, there = self.outside_mm2(layer, places).reshape(2, -1)
            slope = (there - here) / near
            step = np.clip(here / np.where(slope > 0.1, slope, 0.1), -2, 2)
            at = np.maximum(at - step, 0)
            if np.abs(step).max() < 1e-4:  # the next step would be some 1e-7
                break
            near = 1e-4
        return np.asarray(middle + at[:, None] * directions)

    def ends(self, layer: float) -> Array | None:
        """(2, 2) where the plane cuts the base's rim at a depth in the wall, left one first; None if it does not."""
        if layer not in self._ends:
            self._ends[layer] = self._rim_cut(layer)
        return self._ends[layer]

    def _rim_cut(self, layer: float) -> Array | None:
        shape, motion = self.beating.heart.shape, self.beating.motion
        axes, origin = self._axes

        def rim(angle: Array) -> Array:
            level = shape.rim_mm(angle)
            points = Material(shape, shape.radius_mm_at(layer, angle, level), angle, level)
            return (motion.place(points, self.frame) - origin) @ axes.T

        angle = np.arange(121) * 2 * np.pi / 120
        away = rim(angle)[:, 2]
        indices = np.flatnonzero((away[:-1] > 0) != (away[1:] > 0))
        if len(indices) != 2:
            return None
        first, second, here, there = angle[indices], angle[indices + 1], away[indices], away[indices + 1]
        for _ in range(8):  # secants; each takes the error to about its power of 1.6
            step = np.where(second == first, 1, second - first)
            slope = np.where(np.abs(there - here) > 1e-13, (there - here) / step, 1e9)
            first, second, here = second, second - there / slope, there
            there = rim(second)[:, 2]
            if np.abs(there).max() < 1e-9:
                break
        crossing_points = rim(second)[:, :2]
        return np.asarray(crossing_points[np.argsort(crossing_points[:, 0])])

    def contours(self) -> dict[str, Array | None]:
        """Contours of "lv_endo", "lv_epi", "la", "rv" as (n, 2) mm in the plane (right, down), None where not cut.

        Long axes: from hinge point to hinge point, left one first; the epicardium's contour begins and ends at the
        same hinge points. Short axes: closed, first point lateral, not repeated.
        """
        if self.is_short_axis:
            return {"lv_endo": self.ring(0.0), "lv_epi": self.ring(1.0), "la": None, "rv": self._right()}
        hinges = self.ends(0.0)
        endo = self.arch(0.0)
        if hinges is None or endo is None:
            return dict.fromkeys(("lv_endo", "lv_epi", "la", "rv"))
        epi = self.arch(1.0)
        whole = None if epi is None else np.concatenate([hinges[:1], epi, hinges[1:]])
        return {"lv_endo": endo, "lv_epi": whole, "la": self._atrium(hinges), "rv": None}

    def _towards_apex(self) -> Array:
        down = -self._axes[0][:2, 2]
        return np.asarray(down / max(float(np.linalg.norm(down)), 1e-9))

    def arch(self, layer: float) -> Array | None:
        """(n, 2) mm: a layer's contour in a long axis, from base to base by way of the apex; None if it has none."""
        hinges, ends = self.ends(0.0), self.ends(layer)
        if hinges is None or ends is None:
            return None
        towards, base = self._towards_apex(), hinges.mean(axis=0)
        apex = self.crossings(0.0, base + 0.5 * towards, towards[None])[0]
        if float(np.dot(apex - base, towards)) < 8.0:
            return None
        middle = base + 0.55 * (apex - base)
        first, last = (np.arctan2(*(end - middle)[::-1]) for end in ends)
        facing = np.arctan2(towards[1], towards[0])
        # Both ends as turns from the direction of the apex, one to each side.
        a, b = (float(np.angle(np.exp(1j * (turn - facing)))) for turn in (first, last))
        if a * b > 0:
            return None
        turns = facing + np.linspace(a, b, _RAYS)[1:-1]
        line = self.crossings(layer, middle, np.stack([np.cos(turns), np.sin(turns)], axis=1))
        return np.concatenate([ends[:1], line, ends[1:]])

    def _centre(self) -> Array | None:
        """(2,) where the long axis meets the plane; None if that is beyond the ventricle."""
        axes, origin = self._axes
        if abs(axes[2, 2]) < 1e-9:
            return None
        # The axis (0, 0, z) is in the plane where (0, 0, z) - origin is at right angles to its normal.
        height = float(origin @ axes[2]) / float(axes[2, 2])
        shape, motion = self.beating.heart.shape, self.beating.motion
        tip = Material(shape, np.zeros(1), np.zeros(1), np.array([-shape.apical_wall_mm]))
        low = float(motion.place(tip, self.frame)[0, 2])
        if not low < height < float(self.anatomy.rim_plane[0]) + 12.0:
            return None
        return np.asarray((np.array([0.0, 0.0, height]) - origin) @ axes[:2].T)

    def ring(self, layer: float) -> Array | None:
        """(n, 2) mm: a layer's closed contour in a short axis; None where less than half its turn is ventricle."""
        line, is_wall = self._turn(layer)
        return np.asarray(line[is_wall]) if is_wall.mean() >= MIN_CIRCUMFERENCE else None

    @property
    def wall_share(self) -> float:
        """Share of the turn round the cavity that is ventricular wall, 0..1; 0 in a slice that misses the cavity."""
        return float(self._turn(0.0)[1].mean())

    def _turn(self, layer: float) -> tuple[Array, NDArray[np.bool_]]:
        """(n, 2) mm of a layer all round, and (n,) whether the ventricle is there; the layer has no cavity: all not."""
        if layer not in self._turns:
            self._turns[layer] = self._around(layer)
        return self._turns[layer]

    def _around(self, layer: float) -> tuple[Array, NDArray[np.bool_]]:
        centre = self._centre()
        if centre is None or self._roughly_outside_mm(layer, centre[None])[0] > -0.7:
            return np.zeros((1, 2)), np.zeros(1, bool)
        axes = self._axes[0]
        turns = np.arange(_ROUND) * 2 * np.pi / _ROUND
        # The first ray points lateral, and the others go on towards anterior.
        ways = np.stack([np.cos(turns), np.sin(turns), np.zeros(_ROUND)], axis=1) @ axes[:2].T
        line = self.crossings(layer, centre, ways / np.linalg.norm(ways, axis=1, keepdims=True))
        x, y, z = self.to_heart(line).T
        angle, z_mm = self.beating.motion.unturned(np.arctan2(y, x), z, self.frame, 1e-8)
        return line, np.asarray(z_mm <= self.beating.heart.shape.rim_mm(angle))

    def _right(self) -> Array | None:
        """The right ventricle's closed contour in a short axis: the septum up, the free wall back."""
        axes, origin = self._axes
        turns = np.deg2rad(np.arange(100.0, 262.0, 1.5))
        across, middle = axes[:2, :2], origin[:2]
        lines = []
        level = np.full(len(turns), origin[2])
        for _ in range(3):  # a slice may lean: heights follow from where its points are
            _, epi, right = self.anatomy.surfaces_mm(turns, level)
            lines = [np.stack([r * np.cos(turns), r * np.sin(turns)], axis=1) for r in (epi, right)]
            flat = np.linalg.solve(across.T, (lines[0] - middle).T).T
            level = origin[2] + flat @ axes[:2, 2]
        open_ = right - epi > 0.5
        if open_.sum() < 8:
            return None
        inner, outer = (np.linalg.solve(across.T, (line[open_] - middle).T).T for line in lines)
        return np.concatenate([inner, outer[::-1]])

    def _atrium(self, hinges: Array) -> Array | None:
        """The left atrium's contour in a long axis, from valve to valve."""
        plane = self.anatomy.rim_plane

        def outside(points: Array) -> Array:
            x, y, z = self.to_heart(points).T
            return self.anatomy.atrial(x, y, z - plane[0] - plane[1] * x - plane[2] * y) - 1

        base, up = hinges.mean(axis=0), -self._towards_apex()
        if outside((base + 2 * up)[None])[0] > 0:
            return None
        ends = []
        for hinge in hinges:
            share = np.linspace(0, 1, 101)
            out = outside(base + share[:, None] * (hinge - base) + 0.3 * up) > 0
            reach = share[np.argmax(out)] if out.any() else 1.0
            ends.append(hinge if reach > 0.9 else base + reach * (hinge - base))
        middle = base + 0.4 * self.anatomy.atrium_mm * up
        facing = np.arctan2(up[1], up[0])
        a, b = (float(np.angle(np.exp(1j * (np.arctan2(*(end - middle)[::-1]) - facing)))) for end in ends)
        if a * b > 0 or outside(middle[None])[0] > 0:
            return None
        turns = facing + np.linspace(a, b, 97)[1:-1]
        ways = np.stack([np.cos(turns), np.sin(turns)], axis=1)
        low, high = np.zeros(len(turns)), np.full(len(turns), _REACH_MM)
        steps = np.linspace(0, _REACH_MM, 46)
        out = outside((middle + steps[None, :, None] * ways[:, None]).reshape(-1, 2)).reshape(len(turns), -1) > 0
        high = steps[np.maximum(np.argmax(out, axis=1), 1)]
        low = high - steps[1]
        for _ in range(24 if self.exact else 7):
            half = (low + high) / 2
            is_out = outside(middle + half[:, None] * ways) > 0
            low, high = np.where(is_out, low, half), np.where(is_out, half, high)
        return np.concatenate([ends[0][None], middle + low[:, None] * ways, ends[1][None]])


def section(beating: Beating, frame: int, plane: Plane, anatomy: Anatomy | None = None) -> dict[str, Array | None]:
    """Contours in a plane at a time; see Section.contours."""
    return Section(beating, frame, plane, anatomy or Anatomy(beating, frame)).contours()
