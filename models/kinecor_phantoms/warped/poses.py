"""Poses: the whole image turned, zoomed and shifted, as a hand on the probe or breathing does it."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.warped.motion import FloatArray

Poses = tuple[NDArray[np.complex128], NDArray[np.complex128]]

# A breath takes about four seconds.
BREATH_HZ = 0.25


def poses_about(
    centre_px: tuple[float, float], angles_deg: FloatArray, zooms: FloatArray, shifts_px: FloatArray
) -> Poses:
    """Poses that turn and zoom about a place and then shift.

    Args:
        centre_px: (x, y) of what turning and zooming leave in place.
        angles_deg: (t,) clockwise on the screen.
        zooms: (t,) above 0; 1 leaves sizes alone.
        shifts_px: (t, 2) along x and y.

    Returns:
        turns and shifts as Motion has them.

    """
    centre = complex(*centre_px)
    turns = np.asarray(zooms * np.exp(1j * np.radians(angles_deg)), np.complex128)
    return turns, centre + shifts_px[:, 0] + 1j * shifts_px[:, 1] - turns * centre


def swaying(times_s: FloatArray, centre_px: tuple[float, float], size_px: float, rng: Generator) -> Poses:
    """An image that sways slowly with breathing and an unsteady hand.

    Args:
        times_s: (t,).
        centre_px: (x, y) about which it turns, up to 0.2 degrees a pixel of size.
        size_px: how far it strays at most, roughly.
        rng: source of chance.

    """
    rates_hz = BREATH_HZ * np.array([1.0, 0.37, 1.9]) * rng.uniform(0.8, 1.25, 3)
    shares = np.array([0.6, 0.3, 0.1])
    waves = [
        (shares * np.sin(2 * np.pi * (rates_hz * times_s[:, None] + rng.uniform(0, 1, 3)))).sum(axis=1)
        for _ in range(3)
    ]
    way = rng.uniform(0, 2 * np.pi)
    along = np.array([[np.cos(way), np.sin(way)], [-0.4 * np.sin(way), 0.4 * np.cos(way)]])
    shifts_px = size_px * np.stack(waves[:2], axis=1) @ along
    return poses_about(centre_px, 0.2 * size_px * waves[2], np.ones(len(times_s)), shifts_px)
