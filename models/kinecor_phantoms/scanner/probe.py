"""The transducer: what it sends, and how sharply it sees."""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

SPEED_MM_PER_US = 1.54  # of sound in soft tissue
FWHM = 2 * math.sqrt(2 * math.log(2))  # full width at half height of a Gaussian over its standard deviation

_RANGES = {
    "depth_mm": (40, 300),
    "sector_deg": (30, 110),
    "frequency_mhz": (1, 15),
    "cycles": (1, 8),
    "aperture_mm": (4, 60),
    "focus_mm": (10, 400),
    "elevation_mm": (0.5, 20),
    "beams": (16, 512),
    "samples": (64, 2048),
    "frames_per_s": (10, 200),
}
# One-way width of a focused beam over wavelength times f-number: a rectangular aperture's sinc at half height.
_DIFFRACTION = 1.21
# Receiving elements are switched on with depth, which holds the f-number and so the width in mm near the transducer.
_MIN_F_NUMBER = 1.2
# Half opening of the slice away from its focus: its standard deviation grows by this share of the way.
_SLICE_OPENING = 0.03
_NEAREST_MM = 3.0

Depth = TypeVar("Depth", float, NDArray[np.float32], NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class Probe:
    """A phased array and how it is set.

    Attributes:
        depth_mm: of the image, 40 to 300.
        sector_deg: opening of the sector, 30 to 110.
        frequency_mhz: centre of the received band, 1 to 15.
        cycles: length of the pulse, in periods at half height, 1 to 8.
        aperture_mm: width of the array, 4 to 60.
        focus_mm: depth of the transmit focus, 10 to 400.
        elevation_mm: thickness of the slice at its focus (full width at half height), 0.5 to 20; it grows away from it.
        beams: lines across the sector, 16 to 512.
        samples: points along a line, 64 to 2048.
        frames_per_s: 10 to 200.

    Raises:
        ValueError: a value is outside its range.

    """

    depth_mm: float = 150.0
    sector_deg: float = 75.0
    frequency_mhz: float = 2.9
    cycles: float = 3.2
    aperture_mm: float = 21.0
    focus_mm: float = 80.0
    elevation_mm: float = 6.0
    beams: int = 128
    samples: int = 512
    frames_per_s: float = 50.0

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"a probe's {name} must be between {low} and {high}, got {value}")

    @property
    def wavelength_mm(self) -> float:
        """In soft tissue."""
        return SPEED_MM_PER_US / self.frequency_mhz

    @property
    def sector_rad(self) -> float:
        """Opening of the sector."""
        return math.radians(self.sector_deg)

    @property
    def axial_mm(self) -> float:
        """Length of the pulse-echo response along the beam at half height: half the pulse, as sound goes both ways."""
        return self.cycles * self.wavelength_mm / 2

    def lateral_mm(self, depth_mm: NDArray[np.floating] | float) -> NDArray[np.float64]:
        """Width of the two-way beam at half height, by depth.

        Sending has one focus, receiving is focused at every depth; the two-way beam is their product. Diffraction at
        the f-number, and the geometric cone away from the transmit focus (Szabo, Diagnostic Ultrasound Imaging, 2nd
        ed., ch. 6-7, with Gaussians of equal width at half height).
        """
        depth = np.maximum(np.asarray(depth_mm, np.float64), _NEAREST_MM)
        f_number = np.maximum(depth / self.aperture_mm, _MIN_F_NUMBER)
        receive = _DIFFRACTION * self.wavelength_mm * f_number
        cone = self.aperture_mm * (1 - depth / self.focus_mm)
        send = np.hypot(_DIFFRACTION * self.wavelength_mm * depth / self.aperture_mm, cone)
        width: NDArray[np.float64] = 1 / np.hypot(1 / receive, 1 / send)
        return width

    def slice_mm(self, depth_mm: Depth) -> Depth:
        """Thickness of the slice at half height, by depth; as precise as the depths are."""
        off = (depth_mm - self.focus_mm) * (_SLICE_OPENING * FWHM)
        thickness: Depth = np.sqrt(off * off + self.elevation_mm**2)
        return thickness

    def cell_mm3(self, depth_mm: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Volume of the resolution cell by depth: the squared point response summed over space.

        With n unit scatterers a mm3 the mean power of the echo is n times this.
        """
        per_axis = math.sqrt(math.pi) / FWHM
        cell: NDArray[np.float64] = (
            per_axis**3 * self.axial_mm * self.lateral_mm(depth_mm) * self.slice_mm(np.asarray(depth_mm, np.float64))
        )
        return cell


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
