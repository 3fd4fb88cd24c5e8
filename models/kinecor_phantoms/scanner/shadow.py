"""What stands between the transducer and the heart, or lets part of the sector fade."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.scanner.beam_space import Floats

_RANGES = {
    "angle_deg": (-60, 60),
    "width_deg": (0.5, 90),
    "onset_mm": (0, 300),
    "loss_db": (0, 60),
    "edge_deg": (0.2, 30),
    "swing_deg": (0, 20),
    "period_s": (1, 20),
}


@dataclass(frozen=True, slots=True)
class Shadow:
    """A wedge of the sector that is darker from some depth on: a rib, lung, or a wall that drops out.

    Attributes:
        angle_deg: of its middle, positive to the right of the probe, -60 to 60.
        width_deg: at half its loss, 0.5 to 90.
        onset_mm: depth at which half of the loss is reached, 0 to 300.
        loss_db: two-way, 0 to 60.
        edge_deg: softness of its sides, 0.2 to 30.
        swing_deg: to either side of `angle_deg` with breathing, 0 to 20.
        period_s: of a breath, 1 to 20.
        phase: of the breath at time 0, in turns.

    Raises:
        ValueError: a value is outside its range.

    """

    angle_deg: float
    width_deg: float
    onset_mm: float
    loss_db: float
    edge_deg: float = 1.5
    swing_deg: float = 0.0
    period_s: float = 4.0
    phase: float = 0.0

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"a shadow's {name} must be between {low} and {high}, got {getattr(self, name)}")

    def loss(self, ranges_mm: Floats, angles_rad: Floats, time_s: float) -> Floats:
        """(samples, beams) dB lost at a time."""
        breath = math.sin(2 * math.pi * (time_s / self.period_s + self.phase))
        off = np.abs(np.degrees(angles_rad) - (self.angle_deg + self.swing_deg * breath))
        wedge = 1 / (1 + np.exp(np.clip(4 * (off - self.width_deg / 2) / self.edge_deg, -40, 40)))
        # Reached over a fifth of the onset's depth, at least over 3 mm.
        reach = max(0.2 * self.onset_mm, 3.0)
        deep = 1 / (1 + np.exp(np.clip(-4 * (ranges_mm - self.onset_mm) / reach, -40, 40)))
        loss: Floats = (self.loss_db * deep[:, None] * wedge).astype(np.float32)
        return loss


def moving(shadows: tuple[Shadow, ...]) -> tuple[Shadow, ...]:
    """Those that breathing moves."""
    return tuple(shadow for shadow in shadows if shadow.swing_deg > 0)


def still(shadows: tuple[Shadow, ...]) -> tuple[Shadow, ...]:
    """Those that stay where they are."""
    return tuple(shadow for shadow in shadows if shadow.swing_deg == 0)


def gain(shadows: tuple[Shadow, ...], ranges_mm: Floats, angles_rad: Floats, time_s: float) -> NDArray[np.float32]:
    """(samples, beams) amplitude that the shadows let through, 0 to 1."""
    loss = np.zeros((len(ranges_mm), len(angles_rad)), np.float32)
    for shadow in shadows:
        loss += shadow.loss(ranges_mm, angles_rad, time_s)
    through: Floats = np.exp(loss * np.float32(-math.log(10) / 20))
    return through
