"""True strain: lengths of material lines of the wall, followed through time.

Lagrangian strain (L - L0) / L0 in percent with L0 at end-diastole, signed (Voigt et al. 2015, doi
10.1093/ehjci/jeu184). Longitudinal lines run from the apex to the base, circumferential ones round the wall, radial
ones through it, straight at end-diastole; they are lines of the tissue, whatever an image plane sees of them. The
strain of a region is the change of all its lines' lengths together: an integral over the region, taken by
Gauss-Legendre quadrature patch by patch, so that no line is on the border of two segments.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart.field import SEGMENTS, segment_of
from kinecor_phantoms.heart.heart import Beating
from kinecor_phantoms.heart.motion import Material, Motion
from kinecor_phantoms.heart.shape import Shape

Array = NDArray[np.float64]

CURVES = ("longitudinal", "circumferential", "radial", "longitudinal_endo", "circumferential_endo")

# Rings nearer to the apex than this share of a meridian are too small to have a circumference.
CAP = 1 / 6
# Nodes across a sixth of the turn, along a panel, and through the wall. Near the apex the wall bends most: there the
# cap and the apical segments are cut into more panels. Together within 0.01 points of a far finer integration.
_ANGLES, _ALONG, _THROUGH = 4, 6, 10
_PANELS = (3, 2, 5, 1, 1)
_STEP = 1e-4
_MIDDLE = 0.5


@dataclass(frozen=True, eq=False)
class _Patches:
    """Places on the wall to integrate over: angle (radians), share of the meridian, weight, segment, (n,) each."""

    angle: Array
    along: Array
    weight: Array
    segment: NDArray[np.intp]

    @property
    def around(self) -> Array:
        """Weights for circumferences: those of the cap are 0."""
        return np.asarray(self.weight * (self.along > CAP))


def _patches(shape: Shape) -> _Patches:
    """Six walls, each cut at the cap and at the thirds of the long axis, by the height of mid-wall."""
    nodes, weights = np.polynomial.legendre.leggauss(_ANGLES)
    wall = np.pi / 3
    angle = (np.arange(6)[:, None] * wall + (nodes + 1) / 2 * wall).ravel()
    angular = np.tile(weights / 2 * wall, 6)
    thirds = [shape.along_at(_MIDDLE, angle, np.full_like(angle, share * shape.length_mm)) for share in (1 / 3, 2 / 3)]
    # Below the cavity's tip the wall is a solid cap: where it begins, the deformation has a kink.
    tip = shape.along_at(_MIDDLE, angle, np.zeros_like(angle))
    low, high = np.minimum(tip, CAP), np.maximum(tip, CAP)
    cuts = [np.zeros_like(angle), low, high, *thirds, np.ones_like(angle)]
    nodes, weights = np.polynomial.legendre.leggauss(_ALONG)
    along, weight = [], []
    for part, panels in enumerate(_PANELS):
        step = (cuts[part + 1] - cuts[part])[:, None] / panels
        for panel in range(panels):
            along.append(cuts[part][:, None] + step * (panel + (nodes + 1) / 2))
            weight.append(angular[:, None] * step * weights / 2)
    across = np.repeat(np.tile(angle, len(along)), _ALONG)
    flat = np.concatenate(along).ravel()
    _, z_mm = shape.meridian(_MIDDLE, across, flat)
    return _Patches(across, flat, np.concatenate(weight).ravel(), segment_of(across, z_mm / shape.length_mm))


def _on(shape: Shape, layer: float, angle: Array, along: Array) -> Material:
    radius, z_mm = shape.meridian(layer, angle, along)
    return Material(shape, radius, angle, z_mm)


@dataclass(frozen=True, eq=False)
class _Lines:
    """Short pieces of material lines, whose lengths over `step` are what is integrated."""

    back: Material
    front: Material
    step: float

    def lengths(self, motion: Motion, frame: int) -> Array:
        """(n,) length of the line by its own parameter, at a time."""
        apart = motion.place(self.front, frame) - motion.place(self.back, frame)
        return np.asarray(np.linalg.norm(apart, axis=1) / self.step)


def _along_and_around(shape: Shape, layer: float, at: _Patches) -> dict[str, _Lines]:
    lines_list = {}
    for name, turn, rise in (("longitudinal", 0.0, _STEP), ("circumferential", _STEP, 0.0)):
        back, front = (_on(shape, layer, at.angle + way * turn, at.along + way * rise) for way in (-1, 1))
        lines_list[name] = _Lines(back, front, 2 * _STEP)
    return lines_list


def _through(shape: Shape, at: _Patches) -> tuple[_Lines, Array]:
    """Pieces of lines through the wall, _THROUGH a line, and the weight of each within its line, (n, _THROUGH).

    A line is cut in two, where it enters the solid cap if it does.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_THROUGH // 2)
    ends = []
    for layer in (0.0, 1.0):
        radius, z_mm = shape.meridian(layer, at.angle, at.along)
        ends.append(np.stack([radius, z_mm]))
    inner, outer = ends
    down_mm = np.minimum(outer[1] - inner[1], -1e-9)
    cut = np.where((inner[1] > 0) & (outer[1] < 0), -inner[1] / down_mm, 0.5)[:, None]
    half = (nodes + 1) / 2
    shares = np.concatenate([cut * half, cut + (1 - cut) * half], axis=1)

    def moved(by: float) -> Material:
        radius, z_mm = (inner[..., None] + (outer - inner)[..., None] * (shares + by)).reshape(2, -1)
        return Material(shape, radius, np.repeat(at.angle, _THROUGH), z_mm)

    weight = np.concatenate([cut * weights / 2, (1 - cut) * weights / 2], axis=1)
    return _Lines(moved(-_STEP), moved(_STEP), 2 * _STEP), weight


def _by_segment(lengths: Array, segment: NDArray[np.intp]) -> Array:
    """(t, 18) sums of (t, n) over segments."""
    return np.asarray(np.stack([np.bincount(segment, weights=row, minlength=SEGMENTS) for row in lengths]))


def _percent(lengths: Array) -> Array:
    return np.asarray(100 * (lengths[1:] / lengths[0] - 1))


def strains(beating: Beating, ed_s: float) -> tuple[dict[str, Array], dict[str, Array]]:
    """({name: (t,)}, {name: (t, 18)}) strain in percent of the whole wall and by segment, names as CURVES.

    Args:
        beating: the heart at its times.
        ed_s: end-diastole that strain counts from.

    """
    shape = beating.heart.shape
    motion = beating.heart.at(np.concatenate([[ed_s], beating.times_s])).motion
    at = _patches(shape)
    lines = _along_and_around(shape, _MIDDLE, at)
    lines |= {f"{name}_endo": lines for name, lines in _along_and_around(shape, 0.0, at).items()}
    through, shares = _through(shape, at)
    whole, parts = {}, {}
    for name in CURVES:
        if name == "radial":
            each = (through.lengths(motion, frame).reshape(shares.shape) for frame in range(len(motion)))
            pieces = [(parts_of * shares).sum(axis=1) for parts_of in each]
        else:
            pieces = [lines[name].lengths(motion, frame) for frame in range(len(motion))]
        lengths = np.stack(pieces) * (at.around if name.startswith("circumferential") else at.weight)
        whole[name] = _percent(lengths.sum(axis=1))
        parts[name] = _percent(_by_segment(lengths, at.segment))
    return whole, parts


# Which of the 18 segments make up each of the 16 and 17 (Cerqueira et al. 2002): four apical segments and, in the 17,
# a cap, which is not contracting muscle and is given the mean of the apical ones.
_FOUR = ((12,), (13, 14), (15,), (16, 17))


def sixteen(segments: Array) -> Array:
    """(..., 16) of (..., 18): apical anterior, septal, inferior and lateral as means."""
    apical = [segments[..., list(part)].mean(axis=-1) for part in _FOUR]
    return np.concatenate([segments[..., :12], np.stack(apical, axis=-1)], axis=-1)


def seventeen(segments: Array) -> Array:
    """(..., 17) of (..., 18): the 16, and the cap as the mean of the apical ones."""
    found = sixteen(segments)
    return np.concatenate([found, found[..., 12:].mean(axis=-1, keepdims=True)], axis=-1)


def strain_rate_per_s(strain_percent: Array, times_s: Array) -> Array:
    """Time derivative of strain, 1/s, by central differences along the first axis."""
    return np.asarray(np.gradient(strain_percent / 100, times_s, axis=0))


def time_to_peak_s(strain_percent: Array, times_s: Array) -> Array:
    """Time of the most negative strain along the first axis, by a parabola through its neighbours."""
    at = np.argmin(strain_percent, axis=0)
    inner = np.clip(at, 1, len(times_s) - 2)
    before, here, after = (np.take_along_axis(strain_percent, (inner + k)[None], axis=0)[0] for k in (-1, 0, 1))
    bend = before - 2 * here + after
    offset = np.where(np.abs(bend) > 1e-9, 0.5 * (before - after) / np.where(bend == 0, 1, bend), 0.0)
    step = np.gradient(times_s)[inner]
    return np.asarray(np.where(inner == at, times_s[inner] + np.clip(offset, -1, 1) * step, times_s[at]))
