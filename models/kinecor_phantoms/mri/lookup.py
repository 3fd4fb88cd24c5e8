"""Where an image's pixels are in the heart: distances from its surfaces, by which tissues are painted."""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.mri.texture import Texture
from kinecor_phantoms.mri.waves import Numbers

Array = NDArray[np.float64]
Pixels = NDArray[np.float32]

_TURNS, _FINE = 192, 8
# An image whose normal is within this cosine of the long axis is looked up by angle alone.
_ACROSS = 0.8


@dataclass(frozen=True, eq=False)
class Places:
    """Pixels of one sub-slice, all (n,) float32, in the heart's own axes.

    Attributes:
        x, y, z: where they are, mm.
        radius: their distance from the long axis, mm.
        inside: distance within endocardium, trabeculae, epicardium, the right ventricle's blood and its trabeculae,
            its wall, and the epicardial fat, mm, positive inside: (7, n).
        inner_mm: radius of the endocardium there.
        height: material height, 1 at the base.
        cosine, sine: of the material angle.
        wall: signal of the wall over that of muscle.
        soft_mm: width over which the base cuts the ventricle off in this sub-slice.
        gap_mm: width of the right ventricle there.
        above: height above the plane through the base, mm.

    """

    x: Pixels
    y: Pixels
    z: Pixels
    radius: Pixels
    inside: Pixels
    inner_mm: Pixels
    height: Pixels
    cosine: Pixels
    sine: Pixels
    wall: Pixels
    gap_mm: Pixels
    above: Pixels
    soft_mm: float


ENDOCARDIUM, TRABECULAE, EPICARDIUM, RIGHT, RIGHT_TRABECULAE, RIGHT_WALL, FAT = range(7)
_SURFACES = 7
_NOWHERE = 0.05


def _columns(anatomy: Anatomy, texture: Texture, angle: Numbers, z: Numbers, wall_mm: float) -> Pixels:
    """(n, 12): radii of the surfaces in order, material height, cosine and sine of material angle, wall, gap."""
    found = anatomy.looked_up(cast(Array, angle), cast(Array, z))
    inner, outer, gap, height, c, s, _ = found.T
    cosine, sine = np.cos(angle), np.sin(angle)
    cosine, sine = c * cosine - s * sine, s * cosine + c * sine
    fat, depth, right_depth, wall = texture.at(np.arctan2(sine, cosine), height).T
    right = outer + gap
    is_right = np.clip(gap / 3, 0, 1)
    shell = right + wall_mm * is_right
    trabecular = np.maximum(inner - depth, 0.5 * inner)
    right_trabecular = np.maximum(right - right_depth * np.clip(gap / 12, 0, 1), outer)
    epicardial = np.where(outer > _NOWHERE, shell + fat, 0)
    return np.stack(
        [inner, trabecular, outer, right, right_trabecular, shell, epicardial, height, cosine, sine, wall, gap], axis=-1
    ).astype(np.float32)


def places(anatomy: Anatomy, texture: Texture, grid: Array, pixel_mm: float, step_mm: float, wall_mm: float) -> Places:
    """What the painter needs of a sub-slice.

    Args:
        anatomy: the heart at the time.
        texture: what is irregular about it.
        grid: (rows, columns, 3) places of pixels in the heart's own axes; a regular plane grid.
        pixel_mm: their size.
        step_mm: distance to the next sub-slice.
        wall_mm: thickness of the right ventricle's wall.

    """
    rows, columns = grid.shape[:2]
    x, y, z = np.ascontiguousarray(grid.reshape(-1, 3).T, np.float32)
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    across, down = (grid[0, -1] - grid[0, 0]) / (columns - 1), (grid[-1, 0] - grid[0, 0]) / (rows - 1)
    normal = np.cross(across, down) / pixel_mm**2
    slope = np.array([-anatomy.rim_plane[1], -anatomy.rim_plane[2], 1.0])
    above = np.asarray(grid.reshape(-1, 3) @ slope - anatomy.rim_plane[0], np.float32)
    soft_mm = float(np.sqrt((slope @ across) ** 2 + (slope @ down) ** 2 + (step_mm * (slope @ normal)) ** 2))
    if abs(normal[2]) > _ACROSS:
        table, steepness = _by_angle(anatomy, texture, grid[0, 0], normal, wall_mm)
        at = (np.mod(angle, 2 * np.pi) * (_TURNS * _FINE / (2 * np.pi))).astype(np.intp) % (_TURNS * _FINE)
        found = np.take(_finer(np.concatenate([table, steepness], axis=1)), at, axis=1)
        inside = (found[:_SURFACES] - radius) * found[-_SURFACES:]
    else:
        found = np.ascontiguousarray(_columns(anatomy, texture, angle, z, wall_mm).T)
        inside = found[:_SURFACES] - radius
        # Distance from a surface: the difference of radii over its slope in the image.
        shaped = inside.reshape(_SURFACES, rows, columns)
        steep = np.hypot(np.gradient(shaped, axis=1), np.gradient(shaped, axis=2)) / pixel_mm
        inside /= np.clip(steep, 0.7, 4.0).reshape(_SURFACES, -1)
    inside = np.where(found[:_SURFACES] > _NOWHERE, inside, -9)
    return Places(x, y, z, radius, inside, found[0], found[7], found[8], found[9], found[10], found[11], above, soft_mm)


def _finer(table: Pixels) -> Pixels:
    """(columns, turns x _FINE) in between the rows of a table (turns + 1, columns), at the middles of as many parts."""
    share = ((np.arange(_FINE) + 0.5) / _FINE).astype(np.float32)
    between = table.T[:, :-1, None] + share * np.diff(table.T, axis=1)[:, :, None]
    return np.asarray(between.reshape(table.shape[1], -1))


def _by_angle(
    anatomy: Anatomy, texture: Texture, corner: Array, normal: Array, wall_mm: float
) -> tuple[Pixels, Pixels]:
    """Columns by angle in an image across the long axis, and by how much distances from surfaces are shorter."""
    angle = np.arange(_TURNS) * 2 * np.pi / _TURNS
    # The image's height at an angle and a radius: it may lean.
    middle = float(corner @ normal) / float(normal[2])
    lean = -(normal[0] * np.cos(angle) + normal[1] * np.sin(angle)) / normal[2]
    # Endocardium, epicardium and right ventricle are each met at different heights.
    angles, leans = np.tile(angle, 3), np.tile(lean, 3)
    radius = np.zeros(3 * _TURNS)
    for _ in range(2 if np.abs(lean).max() > 1e-3 else 0):
        surfaces = anatomy.surfaces_mm(angles, middle + leans * radius)
        radius = np.concatenate([surfaces[i][i * _TURNS : (i + 1) * _TURNS] for i in range(3)])
    each = _columns(anatomy, texture, angles, middle + leans * radius, wall_mm).reshape(3, _TURNS, -1)
    found = each[1].copy()
    found[:, :EPICARDIUM], found[:, RIGHT:_SURFACES] = each[0, :, :EPICARDIUM], each[2, :, RIGHT:_SURFACES]
    radii = np.maximum(found[:, :_SURFACES], 0.5)
    slope = (np.roll(radii, -1, axis=0) - np.roll(radii, 1, axis=0)) * (_TURNS / (4 * np.pi)) / radii
    steepness = np.asarray(1 / np.sqrt(1 + slope**2), np.float32)
    return np.concatenate([found, found[:1]]), np.concatenate([steepness, steepness[:1]])
