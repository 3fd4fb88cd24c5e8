"""How bright tissues are: the balanced steady state, from relaxation times of the literature.

Relaxation times in ms at 1.5 and 3 T: blood, myocardium, liver, muscle, marrow from Stanisz et al., MRM 54:507-512,
2005 (doi 10.1002/mrm.20605); fat, spleen, marrow of vertebrae from de Bazelaire et al., Radiology 230:652-659, 2004
(doi 10.1148/radiol.2303021331). Signal: Freeman and Hill, J Magn Reson 4:366-383, 1971; Scheffler and Lehnhardt, Eur
Radiol 13:2409-2418, 2003 (doi 10.1007/s00330-003-1957-x).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]

# (T1, T2) in ms by field strength in T, and proton density over that of blood.
_TISSUES: dict[str, tuple[dict[float, tuple[float, float]], float]] = {
    "blood": ({1.5: (1441.0, 290.0), 3.0: (1932.0, 275.0)}, 1.0),
    "muscle": ({1.5: (1030.0, 40.0), 3.0: (1471.0, 47.0)}, 0.95),
    "skeletal": ({1.5: (1008.0, 44.0), 3.0: (1412.0, 50.0)}, 0.9),
    "liver": ({1.5: (576.0, 46.0), 3.0: (812.0, 42.0)}, 0.62),
    "spleen": ({1.5: (1057.0, 79.0), 3.0: (1328.0, 61.0)}, 0.95),
    "fat": ({1.5: (343.0, 58.0), 3.0: (382.0, 68.0)}, 0.95),
    "marrow": ({1.5: (549.0, 49.0), 3.0: (586.0, 49.0)}, 0.7),
    "fluid": ({1.5: (4000.0, 2000.0), 3.0: (4000.0, 1900.0)}, 1.05),
    "lung": ({1.5: (1200.0, 45.0), 3.0: (1400.0, 40.0)}, 0.28),
    "fibre": ({1.5: (900.0, 20.0), 3.0: (1100.0, 18.0)}, 0.35),
}


@dataclass(frozen=True, slots=True)
class Vendor:
    """What comes with a make of scanner.

    Attributes:
        tesla: field strength, 1.5 or 3.
        flip_deg: flip angle.
        repetition_ms: repetition time; the echo is in its middle.
        fat_opposed: whether fat is out of phase with water, so that their common pixels are black.
        blood_level: grey level of blood at the heart.
        window: 0 a sharp end of k-space, 1 a Hann window over it.
        rounded: share of the image's half width beyond which the corrected field is cut off, 0 for not at all.

    """

    tesla: float
    flip_deg: float
    repetition_ms: float
    fat_opposed: bool
    blood_level: float
    window: float
    rounded: float


VENDORS: Mapping[str, Vendor] = MappingProxyType(
    {
        "A": Vendor(1.5, 55.0, 3.0, True, 220.0, 0.35, 0.0),
        "B": Vendor(1.5, 45.0, 3.4, True, 420.0, 0.5, 1.02),
        "C": Vendor(1.5, 60.0, 2.8, True, 900.0, 0.2, 0.0),
        "D": Vendor(3.0, 42.0, 3.1, False, 600.0, 0.4, 0.0),
        "E": Vendor(3.0, 38.0, 3.3, True, 300.0, 0.6, 1.2),
    }
)
"""Makes of scanner, by neutral names."""


def steady_state(t1_ms: float, t2_ms: float, flip_deg: float, repetition_ms: float, turn: float = 0.0) -> float:
    """Magnitude of the transverse magnetisation right in the middle between pulses, proton density 1.

    Args:
        t1_ms: longitudinal relaxation time.
        t2_ms: transverse relaxation time.
        flip_deg: flip angle; pulses alternate in sign.
        repetition_ms: repetition time.
        turn: precession off resonance within one repetition, radians; pi is in the middle of a dark band.

    """
    flip = np.deg2rad(flip_deg)
    one, two = np.exp(-repetition_ms / t1_ms), np.exp(-repetition_ms / t2_ms)
    beta = turn + np.pi
    below = (1 - one * np.cos(flip)) * (1 - two * np.cos(beta)) - two * (one - np.cos(flip)) * (two - np.cos(beta))
    size = (1 - one) * np.sin(flip) * abs(1 - two * np.exp(-1j * beta)) / below
    return float(size * np.exp(-repetition_ms / 2 / t2_ms))


def levels(vendor: Vendor) -> dict[str, float]:
    """Signal of each tissue over that of blood; fat is negative where it is out of phase."""
    found = {}
    for name, (times, density) in _TISSUES.items():
        found[name] = density * steady_state(*times[vendor.tesla], vendor.flip_deg, vendor.repetition_ms)
    blood = found["blood"]
    found = {name: value / blood for name, value in found.items()}
    found["fat"] *= -1 if vendor.fat_opposed else 1
    return found


def band_signal(vendor: Vendor, turn: Pixels) -> Pixels:
    """What off-resonance leaves of the signal, 1 on resonance; `turn` in radians per repetition, any shape.

    Taken for a tissue between blood and muscle; the sign shows where every second band is out of phase.
    """
    grid = np.linspace(0, 2 * np.pi, 181)
    profile = np.array([steady_state(1000.0, 90.0, vendor.flip_deg, vendor.repetition_ms, float(at)) for at in grid])
    signed = np.interp(np.mod(turn, 2 * np.pi), grid, profile / profile[0])
    flips = np.where(np.mod(turn + np.pi, 4 * np.pi) < 2 * np.pi, 1, -1)
    return np.asarray(signed * flips, np.float32)
