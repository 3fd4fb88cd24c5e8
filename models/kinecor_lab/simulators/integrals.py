"""Volumes of simulated hearts had another way than the simulator has them: from meshes and from slices.

A mesh is what the map of the material makes of a grid on a surface, its volume the divergence theorem's sum over
triangles. Slices go the other way: rings where horizontal planes cut the endocardium, found by the inverse map.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.heart import Beating
from kinecor_phantoms.heart.motion import Material
from kinecor_phantoms.heart.plane import short_axis
from kinecor_phantoms.heart.section import Section

Array = NDArray[np.float64]

_TURNS, _ALONG, _THROUGH = 96, 80, 4
_DIRECTIONS, _LEVELS, _BAND = 72, 48, 40


def mesh_volume_ml(beating: Beating, frame: int) -> float:
    """Volume of the cavity in ml, closed by a cone from the base's rim to the axis, as Beating.volume_ml has it."""
    return _extrapolated(lambda finer: _cavity_mm3(beating, frame, finer)) / 1000


def mesh_wall_ml(beating: Beating, frame: int) -> float:
    """Volume of the left ventricular wall in ml: the same at all times, and 1/1.05 of the mass in g."""
    return _extrapolated(lambda finer: _wall_mm3(beating, frame, finer)) / 1000


def sliced_volume_ml(beating: Beating, frame: int) -> float:
    """Volume of the cavity in ml by summing horizontal slices; needs a heart that does not breathe.

    Below the lowest point of the base slices are whole rings; above it, direction by direction, what is under the cone.
    """
    anatomy, tip_mm = Anatomy(beating, frame), _tip_mm(beating, frame)
    turns = np.arange(_DIRECTIONS) * 2 * np.pi / _DIRECTIONS
    edge_r, edge_z = _rim_by_direction(beating, frame, turns)
    middle_z = float(beating.motion.place(beating.rim, frame)[:, 2].mean())
    low, high = min(float(edge_z.min()), middle_z), max(float(edge_z.max()), middle_z)
    total = 0.0
    nodes, weights = np.polynomial.legendre.leggauss(_LEVELS)
    # Areas near the tip grow as a power of the height: its root is the smoother variable.
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        radius = _radii_mm(beating, frame, anatomy, tip_mm + (low - tip_mm) * node**2, turns)
        total += float((radius**2).mean() * np.pi * weight * 2 * node * (low - tip_mm))
    step = (high - low) / _BAND
    for z in low + (np.arange(_BAND) + 0.5) * step:
        radius = _radii_mm(beating, frame, anatomy, float(z), turns)
        cone = (z - middle_z) / np.where(edge_z == middle_z, 1e-9, edge_z - middle_z) * edge_r
        # Under the rim the cone rises to it or falls to it, and takes the middle or the outside away.
        rising = np.where(z < middle_z, radius**2, np.maximum(radius**2 - np.maximum(cone, 0) ** 2, 0) * (z < edge_z))
        falling = np.where(z < edge_z, radius**2, np.minimum(np.maximum(cone, 0), radius) ** 2 * (z < middle_z))
        total += float(np.where(edge_z > middle_z, rising, falling).mean() * np.pi * step)
    return total / 1000


def _extrapolated(volume: Callable[[int], float]) -> float:
    """Richardson's: the error of flat triangles falls with the square of their size."""
    return (4 * volume(2) - volume(1)) / 3


def _sheet(beating: Beating, frame: int, radius: Array, angle: Array, z_mm: Array, turns: int) -> Array:
    points = Material(beating.heart.shape, radius, angle, z_mm)
    return beating.motion.place(points, frame).reshape(turns, -1, 3)


def _surface(beating: Beating, frame: int, layer: float, finer: int) -> Array:
    turns, along = _TURNS * finer, _ALONG * finer
    angle = np.repeat(np.arange(turns) * 2 * np.pi / turns, along + 1)
    radius, z_mm = beating.heart.shape.meridian(layer, angle, np.tile(np.linspace(0, 1, along + 1), turns))
    return _sheet(beating, frame, radius, angle, z_mm, turns)


def _base(beating: Beating, frame: int, finer: int) -> Array:
    """The wall's upper face, from endocardium to epicardium."""
    shape, turns, through = beating.heart.shape, _TURNS * finer, _THROUGH * finer
    angle = np.arange(turns) * 2 * np.pi / turns
    level = shape.rim_mm(angle)
    inner, outer = shape.radius_mm_at(0.0, angle, level), shape.radius_mm_at(1.0, angle, level)
    radius = inner[:, None] + (outer - inner)[:, None] * np.linspace(0, 1, through + 1)
    each = np.repeat(angle, through + 1), np.repeat(level, through + 1)
    return _sheet(beating, frame, radius.ravel(), *each, turns)


def _flux(a: Array, b: Array, c: Array) -> float:
    return float((a * np.cross(b, c)).sum() / 6)


def _sheet_flux(grid: Array) -> float:
    """Sum over the triangles of a sheet that closes round the turn."""
    near, far = grid, np.roll(grid, -1, axis=0)
    a, b, c, d = near[:, :-1], far[:, :-1], far[:, 1:], near[:, 1:]
    return _flux(a, b, c) + _flux(a, c, d)


def _cavity_mm3(beating: Beating, frame: int, finer: int) -> float:
    grid = _surface(beating, frame, 0.0, finer)
    rim = grid[:, -1]
    centre = np.array([0.0, 0.0, rim[:, 2].mean()])
    return _sheet_flux(grid) + _flux(rim, np.roll(rim, -1, axis=0), np.broadcast_to(centre, rim.shape))


def _wall_mm3(beating: Beating, frame: int, finer: int) -> float:
    outer, inner = (_sheet_flux(_surface(beating, frame, layer, finer)) for layer in (1.0, 0.0))
    return outer - inner - _sheet_flux(_base(beating, frame, finer))


def _tip_mm(beating: Beating, frame: int) -> float:
    nothing = np.zeros(1)
    return float(beating.motion.place(Material(beating.heart.shape, nothing, nothing, nothing), frame)[0, 2])


def _rim_by_direction(beating: Beating, frame: int, turns: Array) -> tuple[Array, Array]:
    """Distance from the axis and height of the base's rim in given directions (radians)."""
    shape = beating.heart.shape
    angle = np.arange(2880) * 2 * np.pi / 2880
    level = shape.rim_mm(angle)
    x, y, z = beating.motion.place(Material(shape, shape.radius_mm_at(0.0, angle, level), angle, level), frame).T
    at = np.arctan2(y, x)
    return np.interp(turns, at, np.hypot(x, y), period=2 * np.pi), np.interp(turns, at, z, period=2 * np.pi)


def _radii_mm(beating: Beating, frame: int, anatomy: Anatomy, z_mm: float, turns: Array) -> Array:
    """Distance of the endocardium from the axis at a height, in given directions."""
    cut = Section(beating, frame, short_axis(z_mm), anatomy)
    ways = np.stack([np.cos(turns), -np.sin(turns)], axis=1)
    return np.asarray(np.linalg.norm(cut.crossings(0.0, np.zeros(2), ways), axis=1))
