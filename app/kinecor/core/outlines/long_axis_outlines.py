"""First outlines of a long axis, to be pulled into shape: from hinge point over the apex to hinge point."""

import numpy as np

from kinecor.core.outlines.centreline import normals_of
from kinecor.core.outlines.heart_orientation import to_apex
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.contour import Contour, resampled
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure

POINTS = 96
# Of a usual adult heart at end-diastole; and a pixel where there is no scale.
_LENGTH_MM, _WIDTH_MM, _WALL_MM, _ATRIUM_MM = 85.0, 46.0, 9.0, 45.0
_PX_MM = 1.4


def first_long_axis(reading: Reading, structure: Structure, frame: int, at_px: tuple[float, float]) -> Contour:
    """An outline of usual size and lie.

    A ventricle's cavity goes around a place; the wall lies around the cavity, and the atrium below it, where that is
    outlined at this frame.

    Args:
        reading: of the loop.
        structure: LV_ENDO, LV_EPI or LA.
        frame: 0-based.
        at_px: (x, y) of the middle of the cavity.

    Raises:
        ValueError: another structure.

    """
    scale = reading.calibration or Calibration(_PX_MM * reading.aspect, _PX_MM, "a usual pixel")
    spacing = np.array([scale.col_mm, scale.row_mm])
    up = to_apex(reading.facts.plane if reading.kind.oriented_by_plane else None)
    cavity = _cavity(reading, frame, spacing)
    if cavity is None:
        cavity = _arch(np.array(at_px) * spacing - up * (_LENGTH_MM / 2), up, _LENGTH_MM, _WIDTH_MM)
    if structure is Structure.LV_ENDO:
        found = cavity
    elif structure is Structure.LV_EPI:
        found = _around(cavity)
    elif structure is Structure.LA:
        base, apex = (cavity[0] + cavity[-1]) / 2, cavity[len(cavity) // 2]
        away = (base - apex) / max(float(np.hypot(*(base - apex))), 1e-9)
        found = _arch(base, away, _ATRIUM_MM, float(np.hypot(*(cavity[-1] - cavity[0]))))
    else:
        raise ValueError(f"a long axis shows {', '.join(reading.kind.structures)}, got {structure}")
    return Contour(found / spacing)


def _cavity(reading: Reading, frame: int, spacing: FloatArray) -> FloatArray | None:
    track = reading.tracks.get(Structure.LV_ENDO)
    contour = track.contours[frame] if track else None
    return None if contour is None else resampled(contour, POINTS).points * spacing


def _arch(base: FloatArray, up: FloatArray, length_mm: float, width_mm: float) -> FloatArray:
    """(POINTS, 2) mm: an arch over `base`, with walls near parallel towards it."""
    turn = np.linspace(0, np.pi, POINTS)
    side = np.array([-up[1], up[0]])
    # A superellipse: fuller towards the base than an ellipse, as ventricles are.
    across = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.8
    along = np.sin(turn) ** 0.9
    return np.asarray(base + np.outer(across, side) * (width_mm / 2) + np.outer(along, up) * length_mm)


def _around(cavity: FloatArray) -> FloatArray:
    """The wall's outer line: as thick as usual, thinner at the hinge points, where it meets the cavity's."""
    share = np.linspace(0, 1, len(cavity))
    near = np.clip(np.minimum(share, 1 - share) / 0.15, 0, 1)
    thick = _WALL_MM * (0.2 + 0.8 * near * (2 - near))
    return np.asarray(cavity + thick[:, None] * normals_of(cavity))
