"""Initial contours, to be pulled into shape: a circle in a short axis, an arch in a long axis, or a neighbour's.

Tracing from three clicks starts from the usual shape through them: an open outline is given by the two hinge points of
the mitral valve and the apex, a closed one by three places on it. The shape is then moved across itself, within a
margin, to where the image has the greatest contrast between inside and outside; the whole line is chosen at once by
dynamic programming, so that it neither jumps nor leaves the shape without a reason (Amini, Weymouth and Jain, IEEE
Trans Pattern Anal Mach Intell 1990;12:855).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kinecor.core.outlines.cross_reference import to_apex
from kinecor.core.outlines.reshaping import POINTS
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.confidence import SINGLE_KEYFRAME
from kinecor.core.values.geometry import Contour, FloatArray, Outline, frozen_array, resample_line
from kinecor.core.values.message import message
from kinecor.core.values.reading import Reading, contour_at
from kinecor.core.values.track import ContourTrack, Origin, Structure

# Of a usual adult heart, a long axis at end-diastole; and a pixel where there is no scale.
RADIUS_MM = {Structure.LV_ENDO: 22.0, Structure.LV_EPI: 31.0, Structure.RV: 26.0}
_LENGTH_MM, _WIDTH_MM, _WALL_MM, _ATRIUM_MM = 85.0, 46.0, 9.0, 45.0
_RIGHT_MM = (65.0, 33.0)  # length and width of the right ventricle in an apical four-chamber view
_PX_MM = 1.4
# Assumed height of an ultrasound image without a scale: an adult short axis is imaged at some 16 cm of depth.
_DEEP_MM = 160.0
# Slices farther away than this are of another part of the heart.
_FARTHEST = 2


def initial_circle(
    structure: Structure, centre_px: tuple[float, float], scale: Calibration | None, rows: int | None = None
) -> Contour:
    """A circle of usual size around a point (x, y) of the image, round in mm.

    Without a scale it has the usual size in an ultrasound image with `rows` rows, or in cine MRI where `rows` is None.

    Args:
        structure: which says the size.
        centre_px: (x, y).
        scale: of the image; None without one.
        rows: of an ultrasound image; None for cine MRI.

    """
    assumed_mm = _DEEP_MM / rows if rows else _PX_MM
    row_mm, col_mm = (scale.row_mm, scale.col_mm) if scale else (assumed_mm, assumed_mm)
    turn = np.arange(POINTS) * (2 * np.pi / POINTS)
    radius = RADIUS_MM[structure]
    x = centre_px[0] + radius / col_mm * np.cos(turn)
    y = centre_px[1] + radius / row_mm * np.sin(turn)
    return Contour(np.stack([x, y], axis=1))


def from_slice(reading: Reading, other: int, number: int, phase: int) -> dict[Structure, Contour]:
    """Contours of slice `other` at a phase, put at the same place of the body in slice `number`.

    Args:
        reading: of the stack.
        other: number of the slice with contours, from 0.
        number: of the slice that gets them, from 0.
        phase: from 0.

    """
    here, there = reading.slices[number], reading.slices[other]
    contours = {}
    for structure, track in there.tracks.items():
        contour = track.contours[phase]
        if contour is not None:
            contours[structure] = _moved(contour, there, here)
    return contours


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
    tracks = {}
    place_mm = stack.positions_mm
    for structure in (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV):
        own = reading.slices[number].tracks.get(structure)
        if own is not None and any(contour is not None for contour in own.contours):
            continue
        row: list[Contour | None] = []
        for phase in range(reading.facts.frames):
            sides = []
            for side in (range(number - 1, -1, -1), range(number + 1, len(reading.slices))):
                other = next(
                    (
                        slice_number
                        for slice_number in side
                        if contour_at(reading, structure, slice_number, phase) is not None
                    ),
                    None,
                )
                if other is not None and abs(other - number) <= _FARTHEST:
                    contour = contour_at(reading, structure, other, phase)
                    if contour is not None:
                        moved = _moved(contour, reading.slices[other], reading.slices[number])
                        sides.append((abs(float(place_mm[other] - place_mm[number])), moved))
            row.append(_mixed(sides, reading.slices[number].aspect) if sides else None)
        if any(contour is not None for contour in row):
            sure = np.array([0.0 if contour is None else SINGLE_KEYFRAME for contour in row])
            tracks[structure] = ContourTrack(structure, tuple(row), (Origin.TRACKED,) * len(row), sure)
    return tracks


def _mixed(sides: Sequence[tuple[float, Contour]], aspect: float) -> Contour:
    """One closed contour, or between two of them, each counting the more the nearer it is (distance, contour)."""
    if len(sides) == 1:
        return sides[0][1]
    (near_mm, contour), (far_mm, other) = sides
    lines = [
        Outline(each.scaled_mm(aspect, 1.0), closed=True).oriented().resampled(POINTS).points
        for each in (contour, other)
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
    scale = reading.calibration or Calibration(_PX_MM * reading.aspect, _PX_MM, message("a usual pixel"))
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
    """A contour of usual size of the right ventricle in an apical four-chamber view, around a place (x, y).

    Args:
        reading: of the loop.
        at_px: (x, y).

    """
    scale = reading.calibration or Calibration(_PX_MM * reading.aspect, _PX_MM, message("a usual pixel"))
    spacing = np.array([scale.col_mm, scale.row_mm])
    up = to_apex(reading.facts.plane if reading.kind.oriented_by_plane else None)
    return Contour(_arch(np.array(at_px) * spacing - up * (_RIGHT_MM[0] / 2), up, *_RIGHT_MM) / spacing)


def _cavity(reading: Reading, frame: int, spacing: FloatArray) -> FloatArray | None:
    track = reading.tracks.get(Structure.LV_ENDO)
    contour = track.contours[frame] if track else None
    return None if contour is None else resample_line(contour, POINTS).points * spacing


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


# Half the width of a cavity by the height above the annulus, in widths of the annulus and heights: mean of 36 simulated
# hearts at ED and ES.
_HALF_WIDTHS = (0.5, 0.516, 0.521, 0.518, 0.506, 0.485, 0.453, 0.407, 0.346, 0.271, 0.0)
_HEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
# As shares of the outline's length: how far a line of the usual shape may move, and one of a network's; the band whose
# brightness is compared, the blur.
USUAL_MARGIN, NARROW_MARGIN, _BAND, _BLUR = 0.03, 0.015, 0.02, 0.004
_OFFSETS = 31
# What a move of the whole margin, and a step of one offset between neighbours, cost; contrast is in deviations.
_AWAY, _STEP = 2.0, 0.3


def arch_through(first: FloatArray, second: FloatArray, apex: FloatArray) -> Contour:
    """The usual cavity of an apical view, from hinge point to hinge point; all (x, y) in pixels.

    Args:
        first: hinge point.
        second: hinge point.
        apex: of the cavity.

    Raises:
        ValueError: the three places are on one line, or two of them are one.

    """
    base, across = (first + second) / 2, second - first
    up = apex - base
    if abs(across[0] * up[1] - across[1] * up[0]) < 1e-3 * np.hypot(*across) * np.hypot(*up) + 1e-6:
        raise ValueError(
            message("the apex is on the line of the annulus: click on both hinge points, then on the apex")
        )
    height = np.sin(np.linspace(0, np.pi / 2, POINTS // 2 + 1))
    # Between the heights given, the square of the width is interpolated: the apex is round.
    half = np.sqrt(np.interp(height, _HEIGHTS, np.square(_HALF_WIDTHS)))
    left = base + np.outer(-half, across) + np.outer(height, up)
    right = base + np.outer(half, across) + np.outer(height, up)
    return Contour(Outline(np.concatenate([left, right[-2::-1]]), closed=False).resampled(POINTS).points)


def circle_through(first: FloatArray, second: FloatArray, third: FloatArray, aspect: float = 1.0) -> Contour:
    """The circle through three places (x, y) in pixels; round where pixels are as wide as high.

    Args:
        first: a place on it.
        second: another one.
        third: another one.
        aspect: height of a pixel over its width.

    Raises:
        ValueError: the three places are on one line.

    """
    scale = np.array([1.0, aspect])
    a, b, c = first * scale, second * scale, third * scale
    rows = 2 * np.array([b - a, c - a])
    if abs(np.linalg.det(rows)) < 1e-6:
        raise ValueError(message("the three places are on one line: click around the cavity"))
    centre = np.linalg.solve(rows, np.array([b @ b - a @ a, c @ c - a @ a]))
    turn = np.arange(POINTS) * (2 * np.pi / POINTS)
    unit = np.stack([np.cos(turn), -np.sin(turn)], axis=1)
    return Contour((centre + np.hypot(*(a - centre)) * unit) / scale)


def snap_to_edges(
    contour: Contour,
    image: NDArray[np.floating],
    *,
    closed: bool,
    bright_inside: bool,
    aspect: float = 1.0,
    margin: float = USUAL_MARGIN,
) -> Contour:
    """A contour drawn to the edges of the image.

    Args:
        contour: where the outline roughly is; the ends of an open one stay.
        image: (rows, columns) grey.
        closed: whether the outline is closed.
        bright_inside: whether blood is brighter than muscle, as in cine MRI; else darker, as in ultrasound.
        aspect: height of a pixel over its width.
        margin: how far the line may move, as a share of its length.

    """
    from scipy.ndimage import gaussian_filter, map_coordinates  # takes long to import

    scale = np.array([1.0, aspect])
    line = Outline(contour.points * scale, closed).resampled(POINTS)
    margin_px, band = margin * line.length, _BAND * line.length
    blur = _BLUR * line.length
    soft = gaussian_filter(np.asarray(image, np.float64), (blur / aspect, blur))
    step = 2 * margin_px / (_OFFSETS - 1)
    reach = max(round(band / step), 1)
    depth = np.arange(-reach - _OFFSETS // 2, reach + _OFFSETS // 2 + 1) * step
    normals = line.normals()
    places = (line.points[:, None] + depth[:, None] * normals[:, None]) / scale
    seen = map_coordinates(soft, [places[..., 1], places[..., 0]], order=1, mode="nearest")
    total = np.concatenate([np.zeros((POINTS, 1)), np.cumsum(seen, axis=1)], axis=1)
    middle = np.arange(_OFFSETS) + reach
    inside = (total[:, middle] - total[:, middle - reach]) / reach
    outside = (total[:, middle + 1 + reach] - total[:, middle + 1]) / reach
    contrast = (inside - outside) if bright_inside else (outside - inside)
    offset = np.linspace(-1, 1, _OFFSETS)
    cost = -contrast / max(float(contrast.std()), 1e-9) + _AWAY * offset**2
    if not closed:
        cost[[0, -1]] += 1e3 * np.abs(offset)
    chosen = offset[cheapest(cost[None], _STEP, closed=closed)[0]] * margin_px
    kernel = np.exp(-((np.arange(-6, 7) / 2.5) ** 2) / 2)
    padded = np.pad(chosen, 6, mode="wrap" if closed else "edge")
    chosen = np.convolve(padded, kernel / kernel.sum(), "valid")
    if not closed:
        chosen *= np.clip(np.minimum(np.arange(POINTS), np.arange(POINTS)[::-1]) / 5, 0, 1)
    return Contour(frozen_array((line.points + chosen[:, None] * normals) / scale))


def cheapest(cost: FloatArray, step: float, *, closed: bool) -> NDArray[np.intp]:
    """Which offset the cheapest line takes at each place, of each of some frames at once.

    Args:
        cost: (t, places, offsets).
        step: cost of a step of one offset between neighbours; it grows with the square.
        closed: whether the last place is followed by the first.

    Returns:
        (t, places) from 0 to offsets - 1.

    """
    t, count, offsets = cost.shape
    change = step * np.subtract.outer(np.arange(offsets), np.arange(offsets)) ** 2
    # A closed line is gone round twice, and the middle is taken: there it does not know where it began.
    order = np.arange(2 * count if closed else count) % count
    best = cost[:, order[0]]
    came = np.zeros((len(order), t, offsets), np.intp)
    for row, at in enumerate(order[1:], start=1):
        whole = best[:, :, None] + change
        came[row] = whole.argmin(axis=1)
        best = whole.min(axis=1) + cost[:, at]
    path = np.zeros((t, len(order)), np.intp)
    path[:, -1] = best.argmin(axis=1)
    every = np.arange(t)
    for row in range(len(order) - 1, 0, -1):
        path[:, row - 1] = came[row, every, path[:, row]]
    return np.roll(path[:, count // 2 : count // 2 + count], count // 2, axis=1) if closed else path
