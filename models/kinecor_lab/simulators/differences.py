"""Deformation of simulated hearts by finite differences of the map of their material, whatever the simulator says.

All is done in Cartesian places: the map's gradient F at a point of the wall comes from moving it by a little along
three axes, its length along a line from |F t|, and the divergence from where moved neighbours are a moment later.
"""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.heart.field import SEGMENTS, segment_of
from kinecor_phantoms.heart.heart import Beating
from kinecor_phantoms.heart.motion import Material
from kinecor_phantoms.heart.shape import Shape
from kinecor_phantoms.heart.strain import CAP, CURVES

Array = NDArray[np.float64]

_STEP_MM = 1e-4
_MIDDLE = 0.5
# Panels of two Gauss points each: across a sixth of the turn, along each part of a meridian, through the wall.
_ACROSS, _ALONG, _THROUGH = 4, (10, 8, 20, 8, 8), 10
_PAIR = np.array([0.5 - 0.5 / np.sqrt(3), 0.5 + 0.5 / np.sqrt(3)])


def cartesian(points: Material) -> Array:
    """(n, 3) where material is at end-diastole, in the heart's own axes, mm."""
    return np.stack([points.radius_mm * np.cos(points.angle), points.radius_mm * np.sin(points.angle), points.z_mm], 1)


def material(shape: Shape, places_mm: Array) -> Material:
    """The material that is at (n, 3) places at end-diastole."""
    x, y, z = places_mm.T
    return Material(shape, np.hypot(x, y), np.arctan2(y, x), z)


def wall_points(shape: Shape, count: int, rng: Generator) -> Material:
    """`count` points of the wall, evenly over angle, meridian and depth, a little within its faces."""
    angle, along, depth = (
        rng.uniform(0, 2 * np.pi, count),
        rng.uniform(0.02, 0.98, count),
        rng.uniform(0.02, 0.98, count),
    )
    r0, z0 = shape.meridian(0.0, angle, along)
    r1, z1 = shape.meridian(1.0, angle, along)
    return Material(shape, r0 + depth * (r1 - r0), angle, z0 + depth * (z1 - z0))


def gradients(beating: Beating, frame: int, places_mm: Array) -> Array:
    """(n, 3, 3) deformation gradient F = dx/dX at (n, 3) places of end-diastole, by central differences."""
    columns = []
    for axis in np.eye(3) * _STEP_MM:
        ahead, behind = (
            beating.motion.place(material(beating.heart.shape, places_mm + way * axis), frame) for way in (1, -1)
        )
        columns.append((ahead - behind) / (2 * _STEP_MM))
    return np.stack(columns, axis=-1)


def divergence(beating: Beating, start: int, to: int, points: Material, step_mm: float = 1e-3) -> tuple[Array, Array]:
    """(n,) divergence of the displacement from one frame to another near by, and the norm of its gradient.

    By the inverse map: neighbours in space at `start` are followed to `to`. For frames a moment apart, the first over
    the second is how far the motion is from incompressible.
    """
    places = beating.motion.place(points, start)
    columns = []
    for axis in np.eye(3) * step_mm:
        ahead, behind = (
            beating.motion.place(beating.motion.undo(places + way * axis, start), to) - places - way * axis
            for way in (1, -1)
        )
        columns.append((ahead - behind) / (2 * step_mm))
    gradient = np.stack(columns, axis=-1)
    return np.trace(gradient, axis1=1, axis2=2), np.linalg.norm(gradient, axis=(1, 2))


def strains_by_differences(beating: Beating, ed: int, frame: int) -> tuple[dict[str, float], dict[str, Array]]:
    """Strain in percent from one frame to another: of the whole wall, and (18,) by segment; names as strain.CURVES.

    By |F t| of two frames, integrated along lines by composite two-point Gauss rules.
    """
    shape = beating.heart.shape
    angle, along, weight, segment = _grid(shape)
    whole, parts = {}, {}
    for name in CURVES:
        layer = 0.0 if name.endswith("_endo") else _MIDDLE
        if name == "radial":
            lengths = [_thickness(beating, at, angle, along) for at in (ed, frame)]
        else:
            lengths = [_stretched(beating, at, layer, angle, along, name) for at in (ed, frame)]
        used = weight * (along > CAP) if name.startswith("circumferential") else weight
        before, after = (np.asarray(length) * used for length in lengths)
        whole[name] = float(100 * (after.sum() / before.sum() - 1))
        sums = [np.bincount(segment, weights=each, minlength=SEGMENTS) for each in (before, after)]
        parts[name] = 100 * (sums[1] / sums[0] - 1)
    return whole, parts


def _grid(shape: Shape) -> tuple[Array, Array, Array, NDArray[np.intp]]:
    """Angles, shares of the meridian, weights and segments of the places that strain is integrated over."""
    sixth = np.pi / 3
    angle = ((np.arange(6 * _ACROSS)[:, None] + _PAIR) * sixth / _ACROSS).ravel()
    heights = [np.full_like(angle, share * shape.length_mm) for share in (1 / 3, 2 / 3)]
    # The solid cap below the cavity's tip and the tube above it meet with a kink in the deformation.
    tip = shape.along_at(_MIDDLE, angle, np.zeros_like(angle))
    cuts = [np.zeros_like(angle), np.minimum(tip, CAP), np.maximum(tip, CAP)]
    cuts += [shape.along_at(_MIDDLE, angle, height) for height in heights] + [np.ones_like(angle)]
    along, weight = [], []
    for low, up, panels in zip(cuts[:-1], cuts[1:], _ALONG, strict=True):
        share = ((np.arange(panels)[:, None] + _PAIR) / panels).ravel()
        along.append(low[:, None] + (up - low)[:, None] * share)
        weight.append((up - low)[:, None] * np.full(len(share), 1 / panels))
    flat, wide = np.concatenate(along, axis=1).ravel(), np.repeat(angle, 2 * sum(_ALONG))
    _, z_mm = shape.meridian(_MIDDLE, wide, flat)
    return wide, flat, np.concatenate(weight, axis=1).ravel(), segment_of(wide, z_mm / shape.length_mm)


def _tangents(line: Callable[[float], Array]) -> tuple[Array, Array]:
    """Places of a family of lines at their parameter 0, and derivatives by it, (n, 3) each."""
    step = 1e-5
    return line(0.0), (line(step) - line(-step)) / (2 * step)


def _stretched(beating: Beating, frame: int, layer: float, angle: Array, along: Array, name: str) -> Array:
    shape, lengthwise = beating.heart.shape, name.startswith("longitudinal")

    def line(by: float) -> Array:
        turned, risen = (angle, along + by) if lengthwise else (angle + by, along)
        radius, z_mm = shape.meridian(layer, turned, risen)
        return cartesian(Material(shape, radius, turned, z_mm))

    places, tangent = _tangents(line)
    return np.asarray(np.linalg.norm((gradients(beating, frame, places) @ tangent[..., None])[..., 0], axis=1))


def _thickness(beating: Beating, frame: int, angle: Array, along: Array) -> Array:
    shape = beating.heart.shape
    faces = []
    for layer in (0.0, 1.0):
        radius, z_mm = shape.meridian(layer, angle, along)
        faces.append(cartesian(Material(shape, radius, angle, z_mm)))
    inner, across = faces[0], faces[1] - faces[0]
    total = np.zeros(len(angle))
    for share in ((np.arange(_THROUGH)[:, None] + _PAIR) / _THROUGH).ravel():
        gradient = gradients(beating, frame, inner + share * across)
        total += np.linalg.norm((gradient @ across[..., None])[..., 0], axis=1)
    return total
