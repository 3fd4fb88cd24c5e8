"""Smooth functions over the wall of a ventricle: the basis of regional deformation.

A field over (angle, height) is a sum of products of a harmonic of the angle and a power of the height. So its
derivatives and its integral along the height are exact, and the deformation of a million material points over a whole
recording is one matrix product. Harmonics other than 0 vanish at the apex with their slope, where all angles meet.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HARMONICS = 3
_FLAT_POWERS = (0, 1, 2, 3, 4)
_WAVY_POWERS = (2, 3, 4, 5)
SIZE = len(_FLAT_POWERS) + 2 * HARMONICS * len(_WAVY_POWERS)
"""Number of basis functions."""

# Above this height (1 is the mean base) fields are continued by their value there.
TOP = 1.2


@dataclass(frozen=True, eq=False)
class Basis:
    """All basis functions at some places, each (n, SIZE) float64.

    Attributes:
        value: the functions.
        integral: their integrals over height from 0.
        turned: derivatives of the integrals by angle (radians).

    """

    value: Array
    integral: Array
    turned: Array


def basis(angle: Array, height: Array) -> Basis:
    """The basis at angles (n,) in radians and heights (n,), 0 at the cavity's apex and 1 at its mean base.

    Below the apex functions are constant, so that the apical cap moves as one.
    """
    powers, sums = _powers(height)
    trig, slopes = _waves(angle)
    flat, wavy, summed = powers[:, : len(_FLAT_POWERS)], powers[:, _WAVY_POWERS], sums[:, _WAVY_POWERS]
    n, size = len(powers), 2 * HARMONICS * len(_WAVY_POWERS)
    return Basis(
        np.concatenate([flat, (trig[:, :, None] * wavy[:, None, :]).reshape(n, size)], axis=1),
        np.concatenate(
            [sums[:, : len(_FLAT_POWERS)], (trig[:, :, None] * summed[:, None, :]).reshape(n, size)], axis=1
        ),
        np.concatenate([np.zeros_like(flat), (slopes[:, :, None] * summed[:, None, :]).reshape(n, size)], axis=1),
    )


def field_values(coefficients: Array, angle: Array, height: Array) -> tuple[Array, Array, Array]:
    """Value, integral and turned derivative, (n,) each, of one field; cheaper than `basis` where places change.

    Args:
        coefficients: (SIZE,).
        angle: (n,) radians.
        height: (n,).

    """
    flat = coefficients[: len(_FLAT_POWERS)]
    wavy = coefficients[len(_FLAT_POWERS) :].reshape(2 * HARMONICS, len(_WAVY_POWERS)).T
    powers, sums = _powers(height)
    trig, slopes = _waves(angle)
    value, integral = powers[:, _WAVY_POWERS] @ wavy, sums[:, _WAVY_POWERS] @ wavy
    return (
        powers[:, : len(flat)] @ flat + (value * trig).sum(axis=1),
        sums[:, : len(flat)] @ flat + (integral * trig).sum(axis=1),
        (integral * slopes).sum(axis=1),
    )


def _powers(height: Array) -> tuple[Array, Array]:
    """(n, 6) powers 0..5 of the height, and their integrals from 0, continued beyond apex and top."""
    inside = np.clip(height, 0.0, TOP)
    beyond = height - inside
    powers: Array = np.ones((len(inside), max(_WAVY_POWERS) + 2))
    for p in range(1, powers.shape[1]):
        powers[:, p] = powers[:, p - 1] * inside
    kept = np.asarray(powers[:, :-1], np.float64)
    sums = powers[:, 1:] / np.arange(1.0, powers.shape[1]) + beyond[:, None] * kept
    return kept, np.asarray(sums, np.float64)


def _waves(angle: Array) -> tuple[Array, Array]:
    """(n, 2 HARMONICS) cosine and sine of each harmonic of the angle, and their derivatives."""
    turns = angle[:, None] * np.arange(1, HARMONICS + 1)
    cosine, sine = np.cos(turns), np.sin(turns)
    order = np.arange(1, HARMONICS + 1)
    waves, slopes = np.stack([cosine, sine], axis=2), np.stack([-order * sine, order * cosine], axis=2)
    return np.asarray(waves.reshape(len(angle), 2 * HARMONICS)), np.asarray(slopes.reshape(len(angle), 2 * HARMONICS))


SEGMENTS = 18
"""Basal, mid, apical rings of anterior, anteroseptal, inferoseptal, inferior, inferolateral, anterolateral."""
_CENTRES_DEG = (90.0, 150.0, 210.0, 270.0, 330.0, 30.0)
NAMES = tuple(
    f"{level} {wall}"
    for level in ("basal", "mid", "apical")
    for wall in ("anterior", "anteroseptal", "inferoseptal", "inferior", "inferolateral", "anterolateral")
)


def segment_of(angle: Array, height: Array) -> NDArray[np.intp]:
    """Which of the 18 segments each place is in, 0..17, in the order of NAMES.

    Thirds of the long axis and sixths of the turn; the anterior interventricular groove is at 120 degrees
    (Cerqueira et al., Circulation 105:539-542, 2002, for the 17; the 18 have six apical segments and no cap).
    """
    wall = np.floor(np.mod(np.rad2deg(angle) - 60.0, 360.0) / 60.0).astype(np.intp) % 6
    ring = np.where(height > 2 / 3, 0, np.where(height > 1 / 3, 1, 2))
    return np.asarray(ring * 6 + wall, np.intp)


def _fitting(taper: float, apex: float) -> Array:
    """Least squares on a grid; near the base fields fall by `taper`, 0..1, at the apex they are `apex` times more."""
    angle, height = (
        grid.ravel() for grid in np.meshgrid(np.deg2rad(np.arange(2.5, 360, 5)), np.linspace(0.02, 1.08, 40))
    )
    up = np.clip((height - 0.65) / 0.4, 0, 1)
    low = np.clip(1 - height / 0.6, 0, 1)
    profile = (1 - taper * up * up * (3 - 2 * up)) * (1 + (apex - 1) * low * low * (3 - 2 * low))
    wanted = np.eye(SEGMENTS)[segment_of(angle, height)] * profile[:, None]
    functions = basis(angle, height).value
    damping = 1e-4 * len(angle) * np.eye(SIZE)
    return np.linalg.solve(functions.T @ functions + damping, functions.T @ wanted)


# The fibrous annulus narrows less than the muscle below it.
_ANNULUS_STIFFNESS = 0.55
# Apical segments shorten more along their length, by about as much as the cap, which thickens, takes away.
_APICAL_EXCESS = 1.25
_ALONG, _AROUND = _fitting(0.0, _APICAL_EXCESS), _fitting(_ANNULUS_STIFFNESS, 1.0)


def from_segments(values: Array, *, around: bool = False) -> Array:
    """Coefficients (SIZE, ...) of the smooth field nearest to a value per segment, (18, ...).

    With `around`, the field of circumferential deformation, which the annulus resists.
    """
    return (_AROUND if around else _ALONG) @ np.asarray(values, np.float64)
