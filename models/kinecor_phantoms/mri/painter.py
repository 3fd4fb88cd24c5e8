"""Paints the heart into a slice: signal of each pixel from the area of each tissue in it."""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart import chambers
from kinecor_phantoms.heart.anatomy import Anatomy, Tissue
from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.mri import lookup
from kinecor_phantoms.mri.lookup import Places
from kinecor_phantoms.mri.waves import Mix, Numbers, cover

Pixels = NDArray[np.float32]
Floats = NDArray[np.float64]

_VESSEL_WALL_MM = 1.0
_SAC_MM = 0.7
# Heads of the papillary muscles: which muscle, turn from it (radians), size, distance from the wall over size.
_HEADS = ((0, 0.0, 1.0, 1.35), (0, 0.36, 0.55, 0.8), (1, 0.0, 0.95, 1.5), (1, -0.4, 0.65, 1.2), (1, 0.33, 0.45, 0.8))


@dataclass(frozen=True, eq=False)
class Blood:
    """How bright blood is at one time, over resting blood: each a number or (n,).

    Attributes:
        left, right, upper: in the ventricles, and in atria and great vessels.
        filling, ejecting: strength of the jets through mitral and aortic valve, 0..1.
        mitral: how far the mitral leaflets are open, 0..1.
        uneven_mm: by how much outlines are farther out where nothing is measured: fat, right atrium, great vessels.

    """

    left: Pixels | float
    right: Pixels | float
    upper: Pixels | float
    filling: float
    ejecting: float
    mitral: float
    uneven_mm: Pixels | float = 0.0


def paint(
    picture: Pixels, at: Places, anatomy: Anatomy, heart: Heart, level: dict[str, float], blood: Blood, pixel_mm: float
) -> None:
    """Paint a heart over what is in `picture` (n,), in place.

    Args:
        picture: signal over that of blood, signed.
        at: where the pixels are.
        anatomy: the heart at the time.
        heart: it.
        level: signal by tissue, see signals.levels.
        blood: how bright blood is.
        pixel_mm: size of a pixel.

    """
    inside = at.inside

    def mix(share: Numbers, value: Numbers | float) -> None:
        picture[:] += share * (value - picture)

    below = np.clip(0.5 - at.above / at.soft_mm, 0, 1)
    sac = np.clip(1.5 - at.above / 6.0, 0, 1)
    sac_mm = inside[lookup.FAT] + 0.6 * blood.uneven_mm
    fat = cover(sac_mm, pixel_mm) * sac
    mix(cover(sac_mm + _SAC_MM, pixel_mm) * sac, level["fibre"])
    mix(fat, 0.95 * level["fat"])
    _paint_upper(mix, at, anatomy, heart, level, blood, pixel_mm)
    outer = cover(inside[lookup.EPICARDIUM], pixel_mm)
    # Where the left ventricle has ended, the right one has not yet.
    outside = (1 - outer * (1 - below)) * np.clip(at.gap_mm / 2, 0, 1)
    muscle = level["muscle"]
    shell = cover(inside[lookup.RIGHT_WALL], pixel_mm) * outside
    mix(shell, muscle)
    right = cover(inside[lookup.RIGHT], pixel_mm) * outside
    mix(right, 0.75 * muscle + 0.25)
    right_blood = cover(inside[lookup.RIGHT_TRABECULAE], pixel_mm) * outside
    mix(right_blood, blood.right)
    _paint_band(mix, right_blood, at, muscle, heart.shape.radius_mm, pixel_mm)
    mix(outer * below, muscle * at.wall)
    cavity = cover(inside[lookup.ENDOCARDIUM], pixel_mm) * below
    mix(cavity, muscle * 0.7 + 0.3)
    mix(cover(inside[lookup.TRABECULAE], pixel_mm) * below, _left_blood(at, blood, heart))
    _paint_papillaries(mix, cavity, at, heart, muscle, pixel_mm)
    _paint_leaflets(mix, at, anatomy, heart, muscle, blood.mitral, pixel_mm)


def _left_blood(at: Places, blood: Blood, heart: Heart) -> Pixels:
    """Blood of the left ventricle with its jets: fast, turbulent blood loses signal."""
    lit = np.broadcast_to(np.asarray(blood.left, np.float32), at.x.shape)
    base = heart.shape.radius_mm
    if blood.filling > 0.02:
        core = np.exp(-((at.radius / (0.42 * base)) ** 2)) * np.exp(np.minimum(at.above, 0) / (1.1 * base))
        lit = lit * (1 - 0.4 * blood.filling * core)
    if blood.ejecting > 0.02:
        out = 0.6 * base
        away = np.hypot(at.x - out * np.cos(chambers.AORTA), at.y - out * np.sin(chambers.AORTA))
        core = np.exp(-((away / (0.4 * base)) ** 2)) * np.exp(np.minimum(at.above, 0) / (0.7 * base))
        lit = lit * (1 - 0.5 * blood.ejecting * core)
    return np.asarray(lit, np.float32)


def _paint_papillaries(mix: Mix, cavity: Pixels, at: Places, heart: Heart, muscle: float, pixel_mm: float) -> None:
    size = 0.95 * heart.chambers.papillary * heart.shape.radius_mm
    low, high = chambers.PAPILLARY_FROM - 0.1, chambers.PAPILLARY_TO + 0.12
    if at.height.max() < low or at.height.min() > high:
        return
    up = np.clip((at.height - low) / (high - low), 0, 1)
    stout = np.sqrt(4 * up * (1 - up))
    for angle, turn, share, off in _HEADS:
        to = chambers.PAPILLARY_ANGLES[angle] + turn
        thick = size * share
        out = np.maximum(at.inner_mm - off * thick, 0.3 * at.inner_mm)
        cosine = at.cosine * np.cos(to) + at.sine * np.sin(to)
        away = np.sqrt(np.maximum(at.radius**2 + out**2 - 2 * at.radius * out * cosine, 0))
        mix(cover(thick * stout - away, pixel_mm) * cavity * (stout > 0.05), muscle * 1.05)


def _paint_band(mix: Mix, right_blood: Pixels, at: Places, muscle: float, radius_mm: float, pixel_mm: float) -> None:
    """The moderator band across the right ventricle."""
    to = np.deg2rad(196.0)
    window = np.clip(1 - ((at.height - 0.42) / 0.09) ** 2, 0, 1)
    if window.max() <= 0:
        return
    off = at.radius * np.abs(at.sine * np.cos(to) - at.cosine * np.sin(to))
    mix(cover(0.075 * radius_mm * np.sqrt(window) - off, pixel_mm) * right_blood * (window > 0), muscle)


def _paint_upper(
    mix: Mix, at: Places, anatomy: Anatomy, heart: Heart, level: dict[str, float], blood: Blood, pixel_mm: float
) -> None:
    """Atria, aorta and pulmonary trunk."""
    near = np.flatnonzero(at.above > -10)
    if not len(near):
        return
    x, y, above = at.x[near], at.y[near], at.above[near]
    found = anatomy.upper(cast(Floats, x), cast(Floats, y), cast(Floats, above))
    lit = blood.upper if np.ndim(blood.upper) == 0 else np.asarray(blood.upper)[near]
    inside: list[Numbers] = [np.clip(1 - where, -2, 1) * size for _, size, where in found]
    inside[-1] = np.minimum(inside[-1], _aorta_end(x, y, above, anatomy, heart))
    inside.insert(1, _trunk(x, y, above, anatomy, heart))
    uneven_mm = np.broadcast_to(np.asarray(blood.uneven_mm, np.float32), at.x.shape)[near]
    for part, share_of in ((0, 1.0), (1, 0.6), (len(inside) - 1, 0.3)):
        inside[part] = inside[part] + share_of * uneven_mm
    share = np.zeros(at.x.shape, np.float32)
    value = np.zeros(at.x.shape, np.float32)
    dim = [0.94, 0.97] + [1.0 if tissue == Tissue.AORTA else 0.95 for tissue, _, _ in found[1:]]
    # Fat fills the gaps between them.
    gap = np.maximum.reduce(inside)
    share[near] = cover(gap + 7.0, 4.0)
    mix(share, 0.9 * level["fat"])
    for deep, tone in zip(inside, dim, strict=True):
        share[near] = cover(deep + _VESSEL_WALL_MM, pixel_mm)
        mix(share, level["muscle"])
        share[near], value[near] = cover(deep, pixel_mm), tone * lit
        mix(share, value)


def _trunk(x: Pixels, y: Pixels, above: Pixels, anatomy: Anatomy, heart: Heart) -> Pixels:
    """Distance within the pulmonary trunk: from the right ventricle's outflow up, and over to the left."""
    size = heart.chambers.aorta_mm * 1.05
    at = np.deg2rad(112.0)
    start = float(anatomy.surfaces_mm(np.array([at]), np.array([anatomy.rim_plane[0]]))[1][0]) + 0.8 * size
    places = (x - start * np.cos(at), y - start * np.sin(at), above)
    bend = np.array([0.2, 0.1, 2.4]) * size
    return np.maximum(
        _capsule(places, np.array([0, 0, 0.7]) * size, bend, size),
        _capsule(places, bend, bend + np.array([-0.4, -2.6, 1.4]) * size, 0.85 * size),
    )


def _capsule(places: tuple[Pixels, Pixels, Pixels], start: Floats, end: Floats, radius_mm: float) -> Pixels:
    """Distance of places (x, y, above) within a tube with round ends."""
    way = [float(step) for step in end - start]
    rel = [place - np.float32(from_) for place, from_ in zip(places, start, strict=True)]
    along = np.clip((rel[0] * way[0] + rel[1] * way[1] + rel[2] * way[2]) / sum(step * step for step in way), 0, 1)
    x, y, z = (offset - along * step for offset, step in zip(rel, way, strict=True))
    return np.asarray(radius_mm - np.sqrt(x * x + y * y + z * z), np.float32)


def _aorta_end(x: Pixels, y: Pixels, above: Pixels, anatomy: Anatomy, heart: Heart) -> Pixels:
    """Distance within where the ascending aorta may be: the part up to its arch, with a round end."""
    base = float(anatomy.rim_mm(np.linspace(0, 2 * np.pi, 36)).mean())
    size = heart.chambers.aorta_mm
    root = 0.72 * base * np.array([np.cos(chambers.AORTA), np.sin(chambers.AORTA), 0.0])
    lean = np.array([0.42 * np.cos(chambers.AORTA), 0.42 * np.sin(chambers.AORTA), 0.9])
    return _capsule((x, y, above), root - lean * 3 * size, root + lean * 3.6 * size, 1.25 * size)


def _paint_leaflets(
    mix: Mix, at: Places, anatomy: Anatomy, heart: Heart, muscle: float, opened: float, pixel_mm: float
) -> None:
    reach = heart.chambers.leaflet * 0.95
    near = np.flatnonzero((at.above < 3) & (at.above > -1.2 * at.inner_mm - 8) & (at.radius < 60))
    if not len(near):
        return
    x, y, down = at.x[near], at.y[near], -at.above[near]
    angle = np.arctan2(y, x)
    ring = np.asarray(heart.chambers.annulus_mm(anatomy.rim_mm(angle), angle), np.float32)
    swing = np.deg2rad(8 + 62 * opened)
    into = ring - at.radius[near]
    along = into * np.cos(swing) + down * np.sin(swing)
    away = np.abs(down * np.cos(swing) - into * np.sin(swing))
    thin = np.where((along > 0) & (along < reach * ring), 0.8 - away, -9)
    share = np.zeros(at.x.shape, np.float32)
    share[near] = cover(np.asarray(thin, np.float32), pixel_mm)
    mix(0.75 * share, muscle)
