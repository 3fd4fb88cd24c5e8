"""Where the heart is in the patient, and which planes the scanner cuts.

The heart's own axes (lateral, anterior, towards the base) are left-handed, patient coordinates (LPS: left, posterior,
superior) right-handed: the matrix between them mirrors. So across x down of a short axis points from base to apex in
the heart's numbers and from apex to base in the patient, as on every scanner.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.heart.plane import Plane, long_axis, short_axis
from kinecor_phantoms.mri.scan import Scan

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Placing:
    """The heart in the patient.

    Attributes:
        axes: (3, 3); columns are the heart's x, y, z in patient coordinates.
        origin_mm: (3,) where the heart's origin is, patient coordinates; the middle of the ventricle is at 0.

    """

    axes: Array
    origin_mm: Array

    def to_patient(self, points_mm: Array) -> Array:
        """(n, 3) patient coordinates of (n, 3) places in the chest of the simulated heart."""
        return np.asarray(points_mm @ self.axes.T + self.origin_mm)


def lying(heart: Heart, rng: Generator) -> Placing:
    """A heart put into a patient: apex to the left, front and down, as varied as patients are."""
    turn, dip, roll = np.deg2rad([rng.normal(48, 8), rng.normal(32, 8), rng.normal(0, 8)])
    apex = np.array([np.cos(dip) * np.cos(turn), -np.cos(dip) * np.sin(turn), -np.sin(dip)])
    level = np.array([np.sin(turn), np.cos(turn), 0.0])
    up = np.cross(level, -apex)
    lateral = np.cos(roll) * level + np.sin(roll) * up
    anterior = np.cos(roll) * up - np.sin(roll) * level
    axes = np.stack([lateral, anterior, -apex], axis=1)
    return Placing(axes, axes @ np.array([0.0, 0.0, -0.5 * heart.shape.length_mm]))


def stack_heights_mm(heart: Heart, scan: Scan, rng: Generator) -> Array:
    """(slices,) heights of the middles of short-axis slices, from apex to base."""
    shape = heart.shape
    rim_mm = shape.rim_mm(np.linspace(0, 2 * np.pi, 37))
    low, high, step = -shape.apical_wall_mm, float(rim_mm.max()), scan.spacing_mm
    # By default the ventricle and one more at either end, and no slice where the technician happens to want it.
    count = int(np.ceil((high - low) / step)) + 2 if scan.slices is None else scan.slices
    middle = (low + high) / 2 + step * rng.uniform(-0.25, 0.25)
    return np.asarray(middle + step * (np.arange(count) - (count - 1) / 2))


def short_planes(heart: Heart, scan: Scan, rng: Generator) -> list[Plane]:
    """Short-axis planes from apex to base; their origins are the middles of the images."""
    about = _direction(rng.uniform(0, 360))
    pivot = np.array([0.0, 0.0, 0.5 * heart.shape.length_mm])
    planes = []
    for height_mm in stack_heights_mm(heart, scan, rng):
        plane = short_axis(float(height_mm)).turned(about, scan.tilt_deg, pivot)
        plane = plane.turned(plane.out, scan.rotation_deg)
        planes.append(Plane(plane.to_chest(-np.array([scan.offset_mm]))[0], plane.across, plane.down))
    return planes


def long_planes(heart: Heart, placing: Placing) -> dict[str, Plane]:
    """Long-axis planes by view, turned in their plane as scanners show them: left or front first, then head on top."""
    planes = {}
    for view in ("A2C", "A3C", "A4C"):
        plane = long_axis(view, 0.55 * heart.shape.length_mm)
        across, down = placing.axes @ plane.across, placing.axes @ plane.down
        normal = np.cross(across, down)
        # Sagittal images have the back on the right, others the patient's left; transverse ones the front on top.
        side = int(np.argmax(np.abs(normal)))
        right = np.array([0.0, 1.0, 0.0]) if side == 0 else np.array([1.0, 0.0, 0.0])
        below = np.array([0.0, 1.0, 0.0]) if side == 2 else np.array([0.0, 0.0, -1.0])
        turn = np.arctan2(down @ right - across @ below, across @ right + down @ below)
        c, s = np.cos(turn), np.sin(turn)
        planes[view] = Plane(plane.origin_mm, c * plane.across + s * plane.down, c * plane.down - s * plane.across)
    return planes


def _direction(degrees: float) -> Array:
    return np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees)), 0.0])
