"""What the ultrasound machine looks at."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Echoes:
    """Point scatterers at one moment, in the probe's coordinates.

    Attributes:
        points_mm: (n, 3) float32; x to the right of the image, y depth, z out of the image's plane; the origin is
            the centre of the transducer.
        strength: (n,) float32, signed amplitude; myocardium about 1 root mean square, blood 0.03 to 0.06, pericardium
            4 to 8.

    Raises:
        ValueError: the shapes do not fit each other.

    """

    points_mm: NDArray[np.float32]
    strength: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.points_mm.ndim != 2 or self.points_mm.shape[1] != 3:
            raise ValueError(f"scatterers need points of shape (n, 3), got {self.points_mm.shape}")
        if self.strength.shape != self.points_mm.shape[:1]:
            raise ValueError(f"{len(self.points_mm)} scatterers need as many strengths, got {self.strength.shape}")


def signs(rng: Generator, count: int) -> NDArray[np.float32]:
    """(count,) strengths of +1 or -1, for scatterers of one tissue.

    Sums of them come near to full speckle with a third of the scatterers that normal strengths need: what is left of
    the fourth moment with n in a cell goes with E[a**4] / n, 1 for signs and 3 for a normal distribution.
    """
    return np.where(rng.random(count, np.float32) < 0.5, np.float32(-1), np.float32(1))


class Scene(Protocol):
    """Scatterers that move.

    Speckle is fully developed where about ten scatterers share a resolution cell (`Probe.cell_mm3`); scatterers
    farther from the plane than the slice is thick cost time and show nothing.
    """

    def echoes(self, frame: int) -> Echoes:
        """The scatterers at a frame; the same ones in the same order at each. May be called from several threads."""
        ...
