"""Probes drawn at random."""

import numpy as np
from numpy.random import Generator

from kinecor_phantoms.scanner.probe import SPEED_MM_PER_US, Probe

_WIDEST_MM = 28.0  # what fits between two ribs


def fitting_probe(
    rng: Generator, needed_mm: float, *, beams: int = 128, samples: int = 512, frames_per_s: float = 50.0
) -> Probe:
    """A random probe set to show a view, as hands set it: mostly deeper than the view needs, at times not as deep.

    Args:
        rng: draws it.
        needed_mm: depth that the view needs; 50 to 280 are shown at most.
        beams: lines across the sector.
        samples: points along a line.
        frames_per_s: 10 to 200.

    """
    shown_mm = float(np.clip(needed_mm * rng.uniform(0.9, 1.25), 50, 280))
    return random_probe(rng, shown_mm, beams=beams, samples=samples, frames_per_s=frames_per_s)


def random_probe(
    rng: Generator, depth_mm: float, *, beams: int = 128, samples: int = 512, frames_per_s: float = 50.0
) -> Probe:
    """A cardiac probe as another maker might build and another hand set it, for an image of a given depth.

    Args:
        rng: draws it.
        depth_mm: of the image, 40 to 300.
        beams: lines across the sector.
        samples: points along a line.
        frames_per_s: 10 to 200.

    Raises:
        ValueError: a number is outside its range.

    """
    frequency_mhz = float(rng.uniform(2.0, 4.2))
    axial_mm = float(rng.uniform(0.6, 1.15))  # grains of real clips are 0.7 to 1 mm long
    return Probe(
        depth_mm=depth_mm,
        sector_deg=float(rng.uniform(60, 95)),
        frequency_mhz=frequency_mhz,
        cycles=2 * axial_mm * frequency_mhz / SPEED_MM_PER_US,
        # Large apertures go with low frequencies: makers aim at the same width of beam.
        aperture_mm=float(min(rng.uniform(0.75, 1.25) * 60 / frequency_mhz, _WIDEST_MM)),
        focus_mm=float(depth_mm * rng.uniform(0.4, 0.8)),
        elevation_mm=float(rng.uniform(4, 8)),
        beams=beams,
        samples=samples,
        frames_per_s=frames_per_s,
    )
