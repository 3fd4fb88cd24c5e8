"""Scenes with a known answer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.scene import Echoes, signs


@dataclass(frozen=True, eq=False)
class Still:
    """The same scatterers at every frame."""

    at: Echoes

    def echoes(self, frame: int) -> Echoes:
        return self.at


@dataclass(frozen=True, eq=False)
class Shifting:
    """Scatterers that move by the same step from frame to frame."""

    at: Echoes
    step_mm: tuple[float, float, float]

    def echoes(self, frame: int) -> Echoes:
        moved = self.at.points_mm + np.array(self.step_mm, np.float32) * np.float32(frame)
        return Echoes(moved, self.at.strength)


def tissue(probe: Probe, count: int, seed: int = 0, half_mm: float = 6.0) -> Echoes:
    """Uniform tissue that fills the sector and a little of the surroundings and below it."""
    rng = np.random.default_rng(seed)
    half = probe.sector_rad / 2 + 0.12
    radius = np.sqrt(rng.uniform(0, 1, count)) * (probe.depth_mm + 4)
    angle = rng.uniform(-half, half, count)
    points = np.stack((radius * np.sin(angle), radius * np.cos(angle), rng.uniform(-half_mm, half_mm, count)), axis=1)
    return Echoes(points.astype(np.float32), signs(rng, count))


def ring(probe: Probe, count: int, seed: int = 0) -> tuple[Echoes, NDArray[np.bool_]]:
    """Tissue with a disc of blood of 20 mm radius, 80 mm deep; and which scatterers are blood."""
    echoes = tissue(probe, count, seed)
    blood = np.hypot(echoes.points_mm[:, 0], echoes.points_mm[:, 1] - 80) < 20
    strength = np.where(blood, np.float32(0.05), np.float32(1)) * echoes.strength
    return Echoes(echoes.points_mm, strength), blood


def point(x_mm: float, y_mm: float, z_mm: float = 0.0) -> Echoes:
    """One scatterer of unit strength."""
    return Echoes(np.array([[x_mm, y_mm, z_mm]], np.float32), np.ones(1, np.float32))
