"""Initial contours, to be pulled into shape: a circle in a short axis, an arch in a long axis, or a neighbour's."""

from collections.abc import Sequence

import numpy as np

from kinecor.core.outlines.cross_reference import to_apex
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.confidence import SINGLE_KEYFRAME
from kinecor.core.values.geometry import Contour, FloatArray, Outline, resampled
from kinecor.core.values.reading import Reading, contour_at
from kinecor.core.values.track import ContourTrack, Origin, Structure

# Of a usual adult heart, a long axis at end-diastole; and a pixel where there is no scale.
RADIUS_MM = {Structure.LV_ENDO: 22.0, Structure.LV_EPI: 31.0, Structure.RV: 26.0}
_LENGTH_MM, _WIDTH_MM, _WALL_MM, _ATRIUM_MM = 85.0, 46.0, 9.0, 45.0
_RIGHT_MM = (65.0, 33.0)  # length and width of the right ventricle in an apical four-chamber view
_PX_MM = 1.4
# Assumed height of an ultrasound image without a scale: an adult short axis is imaged at some 16 cm of depth.
_DEEP_MM = 160.0
POINTS = 96
# Slices farther away than this are of another part of the heart.
_FARTHEST = 2


def initial_circle(
    structure: Structure, centre_px: tuple[float, float], scale: Calibration | None, rows: int | None = None
) -> Contour:
    """A circle of usual size around a point (x, y) of the image, round in mm.

    Without a scale it has the usual size in an ultrasound image with `rows` rows, or in cine MRI where `rows` is None.
    """
    assumed_mm = _DEEP_MM / rows if rows else _PX_MM
    row_mm, col_mm = (scale.row_mm, scale.col_mm) if scale else (assumed_mm, assumed_mm)
    turn = np.arange(POINTS) * (2 * np.pi / POINTS)
    radius = RADIUS_MM[structure]
    x = centre_px[0] + radius / col_mm * np.cos(turn)
    y = centre_px[1] + radius / row_mm * np.sin(turn)
    return Contour(np.stack([x, y], axis=1))


def from_slice(reading: Reading, other: int, number: int, phase: int) -> dict[Structure, Contour]:
    """Contours of slice `other` at a phase, put at the same place of the body in slice `number`."""
    here, there = reading.slices[number], reading.slices[other]
    found = {}
    for structure, track in there.tracks.items():
        contour = track.contours[phase]
        if contour is not None:
            found[structure] = _moved(contour, there, here)
    return found


def between_slices(reading: Reading, number: int) -> dict[Structure, ContourTrack]:
    """Contours of a slice that has none at all phases, between those of the nearest slices on both sides.

    Where only one side has a contour, it is that one. Their confidence is that of contours that nothing confirms.

    Args:
        reading: of a stack.
        number: of the slice, 0-based.

    Returns:
        By structure; structures that this slice shows at any phase, or that no neighbour shows, are left out.

    """
    stack = reading.facts.stack
    if stack is None:
        return {}
    found = {}
    place_mm = stack.positions_mm
    for structure in (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV):
        own = reading.slices[number].tracks.get(structure)
        if own is not None and any(one is not None for one in own.contours):
            continue
        row: list[Contour | None] = []
        for phase in range(reading.facts.frames):
            sides = []
            for side in (range(number - 1, -1, -1), range(number + 1, len(reading.slices))):
                other = next((one for one in side if contour_at(reading, structure, one, phase) is not None), None)
                if other is not None and abs(other - number) <= _FARTHEST:
                    contour = contour_at(reading, structure, other, phase)
                    if contour is not None:
                        moved = _moved(contour, reading.slices[other], reading.slices[number])
                        sides.append((abs(float(place_mm[other] - place_mm[number])), moved))
            row.append(_mixed(sides, reading.slices[number].aspect) if sides else None)
        if any(one is not None for one in row):
            sure = np.array([0.0 if one is None else SINGLE_KEYFRAME for one in row])
            found[structure] = ContourTrack(structure, tuple(row), (Origin.TRACKED,) * len(row), sure)
    return found


def _mixed(sides: Sequence[tuple[float, Contour]], aspect: float) -> Contour:
    """One closed contour, or between two of them, each counting the more the nearer it is (distance, contour)."""
    if len(sides) == 1:
        return sides[0][1]
    (near_mm, one), (far_mm, other) = sides
    lines = [
        Outline(each.scaled_mm(aspect, 1.0), closed=True).oriented().resampled(POINTS).points for each in (one, other)
    ]
    share = near_mm / max(near_mm + far_mm, 1e-9)
    return Contour(((1 - share) * lines[0] + share * lines[1]) / (1.0, aspect))


def _moved(contour: Contour, there: Reading, here: Reading) -> Contour:
    a, b = there.calibration, here.calibration
    if a is None or b is None:
        return contour
    points_mm = contour.scaled_mm(a.row_mm, a.col_mm)
    if there.facts.plane is not None and here.facts.plane is not None:
        place = there.facts.plane.in_patient(points_mm) - here.facts.plane.origin_mm
        points_mm = here.facts.plane.seen(place)
    return Contour(points_mm / (b.col_mm, b.row_mm))


def initial_long_axis(reading: Reading, structure: Structure, frame: int, at_px: tuple[float, float]) -> Contour:
    """A contour of usual size and orientation.

    The ventricle's cavity is put around a place; wall and atrium are fitted to the cavity, where that is contoured at
    this frame.

    Args:
        reading: of the loop.
        structure: LV_ENDO, LV_EPI or LA.
        frame: 0-based.
        at_px: (x, y) of the centre of the cavity.

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


def initial_right_ventricle(reading: Reading, at_px: tuple[float, float]) -> Contour:
    """A contour of usual size of the right ventricle in an apical four-chamber view, around a place (x, y)."""
    scale = reading.calibration or Calibration(_PX_MM * reading.aspect, _PX_MM, "a usual pixel")
    spacing = np.array([scale.col_mm, scale.row_mm])
    up = to_apex(reading.facts.plane if reading.kind.oriented_by_plane else None)
    return Contour(_arch(np.array(at_px) * spacing - up * (_RIGHT_MM[0] / 2), up, *_RIGHT_MM) / spacing)


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
    """The epicardium around a cavity: usual thickness, less at the hinge points, where the two meet."""
    share = np.linspace(0, 1, len(cavity))
    near = np.clip(np.minimum(share, 1 - share) / 0.15, 0, 1)
    thick = _WALL_MM * (0.2 + 0.8 * near * (2 - near))
    return np.asarray(cavity + thick[:, None] * Outline(cavity, closed=False).normals())
