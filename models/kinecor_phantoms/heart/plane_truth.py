"""What is true in one image plane: contours, label maps, points of the wall, displacement."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart.anatomy import Anatomy, Tissue
from kinecor_phantoms.heart.heart import Beating
from kinecor_phantoms.heart.motion import Material
from kinecor_phantoms.heart.plane import Plane
from kinecor_phantoms.heart.section import Section
from kinecor_phantoms.lines import space_evenly
from kinecor_phantoms.raster import pixels_inside
from kinecor_phantoms.recording import LEFT_ATRIUM, LV_CAVITY, LV_MYOCARDIUM, RV_CAVITY, PlaneTruth

Array = NDArray[np.float64]
ToPixels = Callable[[Array], Array]

LAYERS = (0.0, 0.25, 0.5, 0.75, 1.0)
POINTS = 61


def wall_material(beating: Beating, frame: int, plane: Plane, anatomy: Anatomy) -> tuple[Material, bool] | None:
    """Material points of the wall that are in a plane at a time: (LAYERS x POINTS points, whether they close a ring).

    None where the plane does not cut the whole thickness of the wall.
    """
    cut = Section(beating, frame, plane, anatomy)
    closed = cut.is_short_axis
    lines = [cut.ring(layer) if closed else cut.arch(layer) for layer in LAYERS]
    if any(line is None for line in lines):
        return None
    places = np.concatenate([space_evenly(line, POINTS, around=closed) for line in lines if line is not None])
    return beating.undo(plane.to_chest(places), frame), closed


def labels(
    contours_px: dict[str, Array | None], shape: tuple[int, int], right: NDArray[np.bool_] | None = None
) -> NDArray[np.uint8]:
    """(rows, columns) uint8 label map from contours in pixels; `right` marks the right ventricle if it has none."""
    found = np.zeros(shape, np.uint8)
    if right is not None:
        found[right] = RV_CAVITY
    for name, number in (("rv", RV_CAVITY), ("la", LEFT_ATRIUM), ("lv_epi", LV_MYOCARDIUM), ("lv_endo", LV_CAVITY)):
        outline = contours_px.get(name)
        if outline is not None:
            found[pixels_inside([outline], shape)] = number
    return found


def plane_truth(
    beating: Beating,
    anatomies: Sequence[Anatomy],
    plane: Plane,
    to_px: ToPixels,
    shape: tuple[int, int],
    pixels_mm: Array | None = None,
) -> PlaneTruth:
    """Truth in a plane that is fixed in the chest.

    Args:
        beating: the heart at its times.
        anatomies: one a time.
        plane: where.
        to_px: (n, 2) mm in the plane to (n, 2) pixels (x, y).
        shape: (rows, columns) of the image.
        pixels_mm: (rows * columns, 2) places of the pixels; with them, long axes have the right ventricle in their
            label maps.

    """
    names = ("lv_endo", "lv_epi", "la", "rv")
    contours: dict[str, list[Array | None]] = {name: [] for name in names}
    maps, points, out, lengths, shares = [], [], [], [], []
    followed = wall_material(beating, 0, plane, anatomies[0])
    for frame, anatomy in enumerate(anatomies):
        cut = Section(beating, frame, plane, anatomy)
        pixels = {name: None if line is None else to_px(line) for name, line in cut.contours().items()}
        if cut.is_short_axis:
            shares.append(cut.wall_share)
        for name in names:
            contours[name].append(pixels[name])
        right = None
        if pixels_mm is not None and pixels["rv"] is None:
            right = (anatomy.tissue(plane.to_chest(pixels_mm)) == Tissue.RIGHT_VENTRICLE).reshape(shape)
        maps.append(labels(pixels, shape, right))
        if followed is not None:
            chest = beating.place(followed[0], frame)
            places = plane.to_plane(chest)
            points.append(to_px(places[:, :2]).reshape(len(LAYERS), POINTS, 2))
            out.append(places[:, 2].reshape(len(LAYERS), POINTS))
            lengths.append(_lengths(chest.reshape(len(LAYERS), POINTS, 3), closed=followed[1]))
    numbered = np.stack(maps)
    return PlaneTruth(
        contours={name: tuple(lines) for name, lines in contours.items()},
        labels=numbered,
        wall_points=np.asarray(points, np.float32).reshape(-1, len(LAYERS), POINTS, 2),
        wall_points_out_mm=np.asarray(out, np.float32).reshape(-1, len(LAYERS), POINTS),
        displacement_mm=DenseMotion(beating, plane, numbered, to_px),
        strain_percent=_strain(np.array(lengths), closed=followed[1]) if followed is not None else {},
        wall_share=np.array(shares),
    )


def _lengths(points: Array, *, closed: bool) -> Array:
    """(LAYERS,) lengths of material lines (LAYERS, POINTS, 3)."""
    if closed:
        points = np.concatenate([points, points[:, :1]], axis=1)
    return np.asarray(np.linalg.norm(np.diff(points, axis=1), axis=2).sum(axis=1))


def _strain(lengths: Array, *, closed: bool) -> dict[str, Array]:
    """Strain since the first frame of the lines at the endocardium and at mid-wall."""
    name = "circumferential" if closed else "longitudinal"
    percent = 100 * (lengths / lengths[0] - 1)
    return {name: percent[:, LAYERS.index(0.5)], f"{name}_endo": percent[:, 0]}


def displacement_mm(beating: Beating, start: int, to: int, plane: Plane, points_mm: Array) -> NDArray[np.float32]:
    """(n, 3) where the wall's material at places of the plane at `start` is at `to`, less where it was, mm.

    Right, down and out of the plane.

    Args:
        beating: the heart at its times.
        start: frame at which the places are looked at.
        to: frame that their material is followed to.
        plane: where.
        points_mm: (n, 2) places in the plane, in the wall.

    """
    chest = plane.to_chest(points_mm)
    there = beating.place(beating.undo(chest, start), to)
    return np.asarray(plane.to_plane(there) - plane.to_plane(chest), np.float32)


class DenseMotion:
    """Where the wall's material at each pixel of a plane goes.

    Args:
        beating: the heart at its times.
        plane: where.
        labels: (t, rows, columns) of the plane; displacement is known where they are myocardium.
        to_px: (n, 2) mm in the plane to (n, 2) pixels (x, y); an affine map.

    """

    def __init__(self, beating: Beating, plane: Plane, labels: NDArray[np.uint8], to_px: ToPixels) -> None:
        self._beating, self._plane, self._labels = beating, plane, labels
        corner, right, down = to_px(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
        self._corner, self._to_mm = corner, np.linalg.inv(np.stack([right - corner, down - corner]))

    def __call__(self, start: int, to: int) -> NDArray[np.float32]:
        """(rows, columns, 3) mm right, down and out of the plane from frame `start` to frame `to`.

        Of the material that is at each pixel at `start`; NaN outside the left ventricle's wall.
        """
        wall = self._labels[start] == LV_MYOCARDIUM
        found = np.full((*wall.shape, 3), np.nan, np.float32)
        if wall.any():
            y, x = np.nonzero(wall)
            places = (np.stack([x, y], axis=1) - self._corner) @ self._to_mm
            found[wall] = displacement_mm(self._beating, start, to, self._plane, places)
        return found
