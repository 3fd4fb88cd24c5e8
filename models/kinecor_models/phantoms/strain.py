"""True strain: lengths of material lines of the wall, followed through time.

Lagrangian strain (L - L0) / L0 in percent with L0 at end-diastole, sign kept (Voigt et al. 2015, doi
10.1093/ehjci/jeu184). Longitudinal lines run from the apex to the base, circumferential ones round the wall, radial
ones through it; they are lines of the tissue, whatever a picture plane sees of them.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from kinecor_models.phantoms.field import SEGMENTS, segment_of
from kinecor_models.phantoms.heart import Beating
from kinecor_models.phantoms.motion import Material
from kinecor_models.phantoms.shape import Shape

Array = NDArray[np.float64]

TURNS, ALONG = 36, 49
"""Meridians, and points along each, that lengths are measured on: 0.01 points of strain from twice as many."""
# Rings nearer to the apex than this share of a meridian are too small to have a circumference.
_FIRST_RING = 8

CURVES = ("longitudinal", "circumferential", "radial", "longitudinal_endo", "circumferential_endo")


def _grid(shape: Shape, layer: float) -> Material:
    angle = np.repeat(np.arange(TURNS) * 2 * np.pi / TURNS, ALONG)
    radius, z_mm = shape.meridian(layer, angle, np.tile(np.linspace(0, 1, ALONG), TURNS))
    return Material(shape, radius, angle, z_mm)


def _lengths(points: Array) -> Mapping[str, Array]:
    along = np.linalg.norm(np.diff(points, axis=1), axis=2)
    around = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=2)[:, _FIRST_RING:]
    return {"longitudinal": along, "circumferential": around}


def _by_segment(lengths: Array, segment: NDArray[np.intp]) -> Array:
    """(t, 18) sums of lengths (t, ...) over segments."""
    flat = lengths.reshape(len(lengths), -1)
    return np.asarray(np.stack([np.bincount(segment.ravel(), weights=row, minlength=SEGMENTS) for row in flat]))


def _percent(lengths: Array) -> Array:
    return np.asarray(100 * (lengths[1:] / lengths[0] - 1))


def strains(beating: Beating, ed_s: float) -> tuple[dict[str, Array], dict[str, Array]]:
    """({name: (t,)}, {name: (t, 18)}) strain in percent of the whole wall and by segment, names as CURVES.

    Args:
        beating: the heart at its times.
        ed_s: end-diastole that strain counts from.

    """
    heart = beating.heart
    timed = heart.at(np.concatenate([[ed_s], beating.times_s]))
    layers = {layer: _grid(heart.shape, layer) for layer in (0.0, 0.5, 1.0)}
    measured: dict[str, list[Array]] = {name: [] for name in CURVES}
    for frame in range(len(timed)):
        places = {k: timed.motion.place(grid, frame).reshape(TURNS, ALONG, 3) for k, grid in layers.items()}
        for layer, tail in ((0.5, ""), (0.0, "_endo")):
            for name, lengths in _lengths(places[layer]).items():
                measured[name + tail].append(lengths)
        measured["radial"].append(np.linalg.norm(places[1.0] - places[0.0], axis=2))
    middle = layers[0.5]
    segment = segment_of(middle.angle, middle.height).reshape(TURNS, ALONG)
    # An interval belongs to the segment that its middle lies in.
    half = middle.height.reshape(TURNS, ALONG)
    along = segment_of(
        np.repeat(middle.angle.reshape(TURNS, ALONG)[:, :1], ALONG - 1, 1), (half[:, 1:] + half[:, :-1]) / 2
    )
    around = segment_of(middle.angle.reshape(TURNS, ALONG) + np.pi / TURNS, half)[:, _FIRST_RING:]
    where = {"longitudinal": along, "circumferential": around, "radial": segment}
    whole, parts = {}, {}
    for name in CURVES:
        lengths = np.stack(measured[name])
        whole[name] = _percent(lengths.reshape(len(lengths), -1).sum(axis=1))
        parts[name] = _percent(_by_segment(lengths, where[name.removesuffix("_endo")]))
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
