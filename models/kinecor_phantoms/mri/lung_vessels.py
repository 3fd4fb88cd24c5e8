"""Vessels of the lungs: bright dots and streaks on black."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.mri.waves import cover

Pixels = NDArray[np.float32]


class LungVessels:
    """Branches from the roots of both lungs outwards.

    Args:
        scale: size of the patient.
        rng: what they are drawn from.

    """

    def __init__(self, scale: float, rng: Generator) -> None:
        starts, ends, thick_mm = [], [], []
        for side in (-1, 1):
            root = np.array([-40.0 + side * 35, 35.0, 45.0])
            for _ in range(11):
                way = np.array([side * abs(rng.normal(1, 0.6)), rng.normal(-0.2, 0.8), rng.normal(-0.1, 0.9)])
                way *= rng.uniform(35, 75) / np.linalg.norm(way)
                starts.append(root + 0.5 * way)
                ends.append(root + way)
                thick_mm.append(rng.uniform(2.0, 3.6))
                for _ in range(9):
                    at = root + way * rng.uniform(0.5, 1.3)
                    starts.append(at)
                    ends.append(at + way * rng.uniform(0.3, 0.8) + rng.normal(0, 30, 3))
                    thick_mm.append(rng.uniform(0.9, 2.4))
        self._starts, self._ends = np.array(starts) * scale, np.array(ends) * scale
        self._thick_mm = np.array(thick_mm) * scale

    def share(self, grid: Pixels, pixel_mm: float) -> Pixels:
        """(rows, columns) share of each pixel that is vessel; `grid` (rows, columns, 3) places of an image."""
        rows, columns = grid.shape[:2]
        found = np.zeros((rows, columns), np.float32)
        corner = grid[0, 0].astype(np.float64)
        across, down = (grid[0, -1] - corner) / (columns - 1), (grid[-1, 0] - corner) / (rows - 1)
        axes = np.stack([across, down, np.cross(across, down) / pixel_mm]) / pixel_mm**2
        # In pixels of the image, the last out of it.
        start, end = (self._starts - corner) @ axes.T, (self._ends - corner) @ axes.T
        thick = self._thick_mm / pixel_mm
        away = np.where(start[:, 2] * end[:, 2] < 0, 0, np.minimum(abs(start[:, 2]), abs(end[:, 2])))
        for i in np.flatnonzero(away < thick + 0.5):
            # Of a vessel that passes the image only the part near it is looked at.
            way = end[i] - start[i]
            slope = max(abs(float(way[2])), 1e-6)
            near, far = sorted(((-thick[i] - 1 - start[i, 2]) / slope, (thick[i] + 1 - start[i, 2]) / slope))
            if way[2] < 0:
                near, far = -far, -near
            ends = start[i] + np.clip([near, far], 0, 1)[:, None] * way
            low = np.floor(ends[:, :2].min(axis=0) - thick[i] - 1).astype(int)
            high = np.ceil(ends[:, :2].max(axis=0) + thick[i] + 2).astype(int)
            x0, y0, x1, y1 = max(low[0], 0), max(low[1], 0), min(high[0], columns), min(high[1], rows)
            if x0 >= x1 or y0 >= y1:
                continue
            dx, dy = np.arange(x0, x1)[None, :] - start[i, 0], np.arange(y0, y1)[:, None] - start[i, 1]
            dz = -start[i, 2]
            at = np.clip((dx * way[0] + dy * way[1] + dz * way[2]) / max(float(way @ way), 1e-9), 0, 1)
            gone = np.sqrt((dx - at * way[0]) ** 2 + (dy - at * way[1]) ** 2 + (dz - at * way[2]) ** 2)
            inside = cover(np.asarray(thick[i] * (1 - 0.4 * at) - gone, np.float32), 1.0)
            part = found[y0:y1, x0:x1]
            np.maximum(part, inside, out=part)
        return found
