"""Headline values, how far off each may be before it is wrong, and what is true of a simulated heart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from kinecor_phantoms.heart.anatomy import Anatomy, Tissue
from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.heart.rhythm import Beat
from kinecor_phantoms.heart.strain import strains

Values = dict[str, float]
"""By the code of the measurement, in its unit (kinecor.core.table.measures)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How far off a value may be.

    Attributes:
        amount: largest error that is not wrong: a share of the true value, or in the unit itself.
        relative: which of the two.

    """

    amount: float
    relative: bool = True

    def wrong(self, measured: float, true: float) -> bool:
        """Whether a measured value is wrong."""
        return abs(measured - true) > self.amount * (abs(true) if self.relative else 1.0)


LIMITS: Final[Mapping[str, Limit]] = MappingProxyType(
    {
        "EDV": Limit(0.20),
        "ESV": Limit(0.25),
        "SV": Limit(0.30),
        "EF": Limit(10.0, relative=False),
        "CO": Limit(0.30),
        "HR": Limit(0.15),
        "GLS": Limit(5.0, relative=False),
        "LAV": Limit(0.20),
        "RVEDV": Limit(0.20),
        "RVESV": Limit(0.25),
        "RVEF": Limit(10.0, relative=False),
        "LVM": Limit(0.20),
        "GCS": Limit(5.0, relative=False),
    }
)
"""Headline values, in the order of the table."""

_GRID_MM = 2.5
_EXTREMES = 41


def left_heart(heart: Heart, beats: Sequence[Beat]) -> Values:
    """What is true of the left heart, the mean over some of its beats.

    EDV and ESV are the largest and smallest volume around mitral and aortic valve closure; strain is that of the whole
    mid-wall at aortic valve closure; the atrium's volume is that at aortic valve closure.

    Args:
        heart: what beats.
        beats: of its rhythm, one or more.

    """
    full: list[float] = []
    empty: list[float] = []
    atrium: list[float] = []
    gls: list[float] = []
    gcs: list[float] = []
    for beat in beats:
        around = np.linspace(beat.start_s - 0.08, beat.aortic_open_s + 0.06, _EXTREMES)
        full.append(float(heart.at(around).volume_ml.max()))
        around = np.linspace(beat.aortic_close_s - 0.12, beat.mitral_open_s + 0.1, _EXTREMES)
        empty.append(float(heart.at(around).volume_ml.min()))
        closed = heart.at([beat.aortic_close_s])
        whole, _ = strains(closed, beat.start_s)
        gls.append(float(whole["longitudinal"][0]))
        gcs.append(float(whole["circumferential"][0]))
        atrium.append(atrium_ml(Anatomy(closed, 0)))
    edv, esv = float(np.mean(full)), float(np.mean(empty))
    rate = 60 * len(beats) / sum(beat.end_s - beat.start_s for beat in beats)
    return {
        "EDV": edv,
        "ESV": esv,
        "SV": edv - esv,
        "EF": 100 * (1 - esv / edv),
        "CO": (edv - esv) * rate / 1000,
        "HR": rate,
        "GLS": float(np.mean(gls)),
        "GCS": float(np.mean(gcs)),
        "LAV": float(np.mean(atrium)),
        "LVM": heart.at([beats[0].start_s]).mass_g,
    }


def right_heart(anatomies: Sequence[Anatomy]) -> Values:
    """What is true of the right ventricle in one beat: its largest and smallest volume.

    Args:
        anatomies: of the beat's phases.

    """
    volumes = [anatomy.right_volume_ml() for anatomy in anatomies]
    full, empty = max(volumes), min(volumes)
    return {"RVEDV": full, "RVESV": empty, "RVEF": 100 * (1 - empty / full)}


def atrium_ml(anatomy: Anatomy) -> float:
    """Volume of the left atrium, counted on a grid of 2.5 mm (within some 1 %)."""
    across = np.arange(-60.0, 60.0, _GRID_MM)
    up = np.arange(20.0, 220.0, _GRID_MM)
    x, y, z = np.meshgrid(across, across, up, indexing="ij")
    places = np.stack([x.ravel(), y.ravel(), z.ravel()], axis=1)
    inside = 0
    for some in np.array_split(places, 8):
        inside += int((anatomy.tissue(some) == Tissue.LEFT_ATRIUM).sum())
    return inside * _GRID_MM**3 / 1000
