"""Scenes without a ventricle: the inferior vena cava, and views that are none of the heart.

They exist so that networks learn to say "not mine"; they carry no truth but their name.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.scene import Echoes, signs

Single = NDArray[np.float32]

_BLOOD, _WALL = 0.04, 2.2


class TissueScene:
    """Soft tissue with vessels or cysts in it, moved by breathing and pulse.

    Args:
        times_s: (t,) of the frames.
        probe: how deep and how wide it looks.
        rng: draws the scene.
        vein: whether a vein runs through, as the inferior vena cava does; else random cysts and layers.
        rate_per_min: of the pulse.
        scatterers: how many.

    """

    def __init__(
        self,
        times_s: NDArray[np.float64],
        probe: Probe,
        rng: Generator,
        *,
        vein: bool,
        rate_per_min: float = 70.0,
        scatterers: int = 60_000,
    ) -> None:
        self._times_s, self._vein, self._rate = times_s, vein, rate_per_min
        self._seed = int(rng.integers(2**31))
        depth = np.sqrt(rng.uniform(9, (probe.depth_mm + 4) ** 2, scatterers))
        half = probe.sector_rad / 2 + 0.05
        angle = rng.uniform(-half, half, scatterers)
        thick = 0.8 * probe.elevation_mm + 2
        out = rng.uniform(-thick, thick, scatterers)
        self._rest_mm = np.stack([depth * np.sin(angle), depth * np.cos(angle), out], axis=1).astype(np.float32)
        self._strength = signs(rng, scatterers)
        self._depth_mm = probe.depth_mm
        self._clouds = rng.normal(0, 1, (8, 3)) * (0.05, 0.06, 1.0)
        self._layers = rng.uniform(0.5, 1.4, 5)
        self._breath = rng.uniform(3, 5.5), rng.uniform(0, 1), rng.uniform(2, 9)
        self._tilt = float(rng.normal(0.12, 0.1))
        self._calibre_mm = float(rng.uniform(10, 24))
        self._collapse = float(rng.uniform(0.1, 0.7))
        self._cysts = [
            (rng.uniform(-0.5, 0.5) * probe.depth_mm, rng.uniform(0.25, 0.95) * probe.depth_mm, *rng.uniform(5, 28, 2))
            for _ in range(int(rng.integers(0, 5)))
        ]
        self._still = self._texture(self._rest_mm)

    def echoes(self, frame: int) -> Echoes:
        """The scatterers at a frame."""
        rng = np.random.default_rng((self._seed, frame))
        time_s = float(self._times_s[frame])
        length_s, start, sway_mm = self._breath
        breath = np.sin(2 * np.pi * (time_s / length_s + start))
        pulse = max(0.0, np.sin(2 * np.pi * time_s * self._rate / 60)) ** 4
        places = self._rest_mm + np.array([0.4 * sway_mm * breath, 0.5 * sway_mm * breath + 0.8 * pulse, 0], np.float32)
        x, y = self._rest_mm[:, 0], self._rest_mm[:, 1]
        strength = self._strength * self._still
        hollows = self._vessel(x, y, breath, pulse) if self._vein else self._hollows(x, y)
        for edge_mm in hollows:
            inside = edge_mm < 0
            strength[inside] = _BLOOD * signs(rng, int(inside.sum()))
            rim = (edge_mm >= 0) & (edge_mm < 1.6)
            strength[rim] = self._strength[rim] * _WALL
        return Echoes(places, strength.astype(np.float32))

    def _texture(self, places: Single) -> Single:
        x, y = places[:, 0], places[:, 1]
        cloud = np.zeros(len(x))
        for a, b, c in self._clouds:
            cloud += 0.25 * np.sin(a * x + b * y + 3 * c)
        layer = self._layers[np.clip((y / self._depth_mm * 5).astype(int), 0, 4)]
        near = 1.2 * np.exp(-((y / (0.1 * self._depth_mm)) ** 2))
        return np.asarray(np.exp(cloud + near) * (1.0 if self._vein else layer), np.float32)

    def _vessel(self, x: Single, y: Single, breath: float, pulse: float) -> list[Single]:
        """The vein, a hepatic vein that joins it, and the atrium it opens into: distance from each one's wall, mm."""
        calibre = self._calibre_mm * (1 - self._collapse * (0.5 + 0.5 * breath)) + 1.2 * pulse
        middle = 0.52 * self._depth_mm + self._tilt * x
        flare = 1 + 0.5 * np.exp(-(((x - 0.3 * self._depth_mm) / 14) ** 2))
        trunk = np.abs(y - middle) - calibre / 2 * flare
        branch_at = -0.05 * self._depth_mm
        along = (y - middle) * 0.8 + (x - branch_at) * 0.6
        branch = np.abs((x - branch_at) * 0.8 - (y - middle) * -0.6) - 0.3 * calibre
        branch = np.where((y < middle) & (along < 0), branch, 50.0)
        atrium = np.hypot((x - 0.42 * self._depth_mm) / 1.1, y - middle + 4) - (20 + 2.5 * pulse)
        return [branch.astype(np.float32), trunk.astype(np.float32), atrium.astype(np.float32)]

    def _hollows(self, x: Single, y: Single) -> list[Single]:
        return [
            np.asarray((np.hypot((x - cx) / a, (y - cy) / b) - 1) * min(a, b), np.float32)
            for cx, cy, a, b in self._cysts
        ]
