"""What the machine adds to every image: electronic noise and clutter near the transducer."""

import math

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.scanner.beam_space import BeamSpace, Field, Floats
from kinecor_phantoms.scanner.probe import FWHM

# Noise is amplified with depth as echoes are: by this much, of sound lost going both ways.
_GAIN_DB_PER_MM_MHZ = 0.04
_POOL = 3  # frames' worth of noise drawn once, from which each frame cuts a piece
_DRIFT_S = 2.3  # of the clutter, as it turns with breathing and the hand


def noise_pool(space: BeamSpace, rng: Generator) -> Field:
    """(3 x samples, 2 x beams) complex noise of unit power, as wide as the receiver's band and one line."""
    probe = space.probe
    rows, lines = _POOL * probe.samples, probe.beams // 2 + 2
    white = rng.standard_normal((2, rows, lines), np.float32)
    pool = (white[0] + 1j * white[1]).astype(np.complex64)
    sigma = max(0.6 * probe.axial_mm / FWHM / space.step_mm, 0.3)
    reach = max(1, math.ceil(3 * sigma))
    taps = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma * sigma))
    filtered = np.zeros_like(pool)
    for lag, tap in zip(range(-reach, reach + 1), taps, strict=True):
        filtered += np.roll(pool, lag, axis=0) * np.float32(tap)
    wide = np.empty((rows, 2 * lines), np.complex64)
    wide[:, ::2] = filtered
    wide[:, 1::2] = (filtered + np.roll(filtered, -1, axis=1)) * np.float32(math.sqrt(0.5))
    wide /= np.float32(math.sqrt(float(np.mean(np.abs(wide) ** 2))))
    return wide


def noise_piece(pool: Field, shape: tuple[int, int], rng: Generator) -> Field:
    """A piece (samples, beams) of the pool, different for each draw."""
    rows, columns = pool.shape
    down, right = rng.integers(0, rows - shape[0] + 1), rng.integers(0, max(1, columns - shape[1] + 1))
    piece = pool[down : down + shape[0], right : right + shape[1]]
    turned = -1 if rng.random() < 0.5 else 1
    flipped: Field = piece[:, ::turned]
    return flipped


def noise_level(space: BeamSpace, noise_db: float) -> Floats:
    """(samples,) amplitude of the noise: `noise_db` below tissue at the image's depth, less above it."""
    probe = space.probe
    above = probe.depth_mm - space.ranges_mm
    fall = _GAIN_DB_PER_MM_MHZ * probe.frequency_mhz * above
    level: Floats = (10 ** ((noise_db - np.minimum(fall, 30)) / 20)).astype(np.float32)
    return level


class Clutter:
    """Haze and bright arcs near the transducer that stay with the probe, not with the heart."""

    def __init__(self, space: BeamSpace, speckle: tuple[Field, Field], db: float, reach_mm: float, rng: Generator):
        """Draw it.

        Args:
            space: the grid.
            speckle: two (samples, beams) fields of unit power.
            db: at the transducer, over tissue.
            reach_mm: over which it falls to 1/e.
            rng: draws the patches and the arcs.

        """
        ranges, angles = space.ranges_mm, space.angles_rad
        fall = 10 ** (db / 20) * np.exp(-ranges / reach_mm)
        patches = np.exp(0.45 * waves(space, rng, (3, 4)))
        arcs = np.zeros((len(ranges), len(angles)), np.float32)
        for _ in range(int(rng.integers(2, 7))):
            depth, thick = rng.uniform(3, 0.5 * reach_mm + 8), rng.uniform(0.5, 1.4)
            bow = rng.uniform(-1.5, 1.5) * np.cos(angles * rng.uniform(1, 4) + rng.uniform(0, 6))
            across = np.exp(-(((angles - rng.uniform(-0.25, 0.25)) / rng.uniform(0.15, 0.6)) ** 2))
            profile = np.exp(-(((ranges[:, None] - depth - bow) / thick) ** 2) / 2)
            arcs += (rng.uniform(0.5, 2.5) * math.exp(-depth / reach_mm) * profile * across).astype(np.float32)
        # Just before the elements there is only their own ringing, which the machine blanks.
        arcs *= (1 - np.exp(-((ranges / 3) ** 2)))[:, None]
        swing = np.exp(1j * rng.uniform(0, 2 * math.pi)).astype(np.complex64)
        weight = (fall[:, None] * patches).astype(np.float32)
        # Arcs are of the chest wall, and end with it.
        layers = weight * np.exp(-((ranges / (0.8 * reach_mm + 6)) ** 2)).astype(np.float32)[:, None]
        self._still = speckle[0] * layers + arcs * swing * np.float32(10 ** (db / 20))
        self._turning = speckle[1] * weight

    def at(self, time_s: float) -> Field:
        """(samples, beams) at a time: one half stays, the other turns slowly."""
        turn = np.complex64(np.exp(2j * math.pi * time_s / _DRIFT_S))
        out: Field = (self._still + self._turning * turn) * np.float32(math.sqrt(0.5))
        return out


def waves(space: BeamSpace, rng: Generator, rate: tuple[int, int]) -> NDArray[np.float32]:
    """(samples, beams) smooth random field of about unit variance.

    Args:
        space: the grid.
        rng: draws it.
        rate: most half waves over depth and over angle.

    """
    depth = np.linspace(0, 1, space.probe.samples, dtype=np.float32)
    angle = np.linspace(0, 1, space.probe.beams, dtype=np.float32)
    along = np.stack([np.cos(math.pi * k * depth) for k in range(rate[0] + 1)])
    across = np.stack([np.cos(math.pi * k * angle) for k in range(rate[1] + 1)])
    weight = rng.standard_normal((rate[0] + 1, rate[1] + 1)).astype(np.float32)
    weight[0, 0] = 0
    # A wave has a mean square of 1/2 along each axis it varies on.
    weight /= math.sqrt(sum(rate) / 2 + rate[0] * rate[1] / 4)
    field: NDArray[np.float32] = along.T @ weight @ across
    return field
