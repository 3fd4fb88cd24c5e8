"""The patient around the heart: chest wall, lungs, mediastinum, diaphragm, liver, stomach, spleen, spine, arms.

Places are in patient coordinates (left, posterior, superior), mm, 0 in the middle of the left ventricle. Outlines are
simple shapes, irregular by smooth random functions; they need look right, no more.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.mri.waves import Mix, Numbers, Waves, cover

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


class Torso:
    """A random patient.

    Args:
        size: of the heart over that of a normal one; the patient grows with it.
        reach_mm: how far the heart reaches below (feet) and in front of the middle of the ventricle.
        rng: what the patient is drawn from.

    """

    def __init__(self, size: float, reach_mm: tuple[float, float], rng: Generator) -> None:
        scale = float(np.clip(size, 0.5, 1.15))
        self.scale = scale
        below_mm, front_mm = reach_mm
        self._half_mm = np.array([rng.uniform(145, 178), rng.uniform(96, 120)]) * scale
        self._fat_mm = float(rng.triangular(5, 10, 26)) * scale
        self._wall_mm = float(rng.uniform(13, 19)) * scale
        self._power = float(rng.uniform(2.2, 2.7))
        inner = self._half_mm[1] - self._fat_mm - self._wall_mm
        middle = (rng.uniform(32, 46) * scale, max(0.0, inner - front_mm - 4 * scale) * 1.0)
        # Where the middle of the chest is, seen from the ventricle: to the right and behind.
        self._middle = np.array([-middle[0], inner - front_mm - rng.uniform(-2, 6) * scale, 0.0], np.float32)
        self._dome_mm = -below_mm - rng.uniform(-3, 5) * scale
        self._liver_end_mm = float(rng.uniform(-5, 45)) * scale
        self._stomach_level = float(rng.choice([0.06, 0.5, 0.75, 1.1]))
        self._stomach = np.array([rng.uniform(25, 55), rng.uniform(-25, 5), -rng.uniform(32, 48)]) * scale
        self._stomach_mm = np.array([rng.uniform(32, 45), rng.uniform(28, 40), rng.uniform(24, 36)]) * scale
        self._spleen = np.array([rng.uniform(65, 85), rng.uniform(50, 70), -rng.uniform(25, 45)]) * scale
        self._arms = bool(rng.random() < 0.5)
        self._airy = float(rng.uniform(0.6, 2.1))
        self._marrow = float(rng.uniform(0.8, 1.2))
        self._rib_mm, self._rib_start = 27.0 * scale, float(rng.random())
        self._broad, self._middling, self._fine, self._grain = (
            [Waves(rng, length * scale, count) for _ in range(3)]
            for length, count in ((130.0, 7), (55.0, 7), (20.0, 14), (7.0, 24))
        )
        self._vessels = LungVessels(scale, rng)

    def signal(self, grid: Pixels, pixel_mm: float, level: dict[str, float]) -> Pixels:
        """(rows, columns) signal over that of blood; negative where fat is out of phase.

        Args:
            grid: (rows, columns, 3) places of an image's pixels.
            pixel_mm: their size.
            level: signal by tissue, see signals.levels.

        """
        points_mm = grid.reshape(-1, 3)
        p = points_mm - self._middle
        x, y = np.ascontiguousarray(p.T[:2])
        own = grid - self._middle
        broad, broad2 = self._broad[0](own), self._broad[1](own)
        middling, middling2 = self._middling[0](own), self._middling[1](own)
        fine, grain = self._fine[0](own), self._grain[0](own)
        a, b = self._half_mm
        round_ = (np.abs(x / a) ** self._power + np.abs(y / b) ** self._power) ** (1 / self._power)
        deep = (1 - round_) * np.hypot(x, y) / np.maximum(round_, 1e-3) + 4 * self.scale * broad
        found = np.zeros(len(p), np.float32)

        def paint(inside_mm: Numbers, value: Numbers | float) -> None:
            share = cover(inside_mm, pixel_mm)
            found[:] += share * (value - found)

        fat = level["fat"] * (1 + 0.04 * fine + 0.03 * grain)
        muscle = level["skeletal"] * (1 + 0.15 * fine + 0.15 * grain)
        if self._arms:
            self._paint_arms(paint, p, level, middling)
        paint(deep, 0.5 * level["skeletal"])
        paint(deep - 1.8, fat)
        sides = 1 + 0.35 * np.abs(x) / a
        skin = self._fat_mm * np.clip(sides + 0.3 * broad2, 0.3, 2.0)
        wall = deep - skin
        back = np.clip(y / b, 0, 1) ** 2
        thick = self._wall_mm * (1 + 1.3 * back * np.exp(-((x / (0.35 * a)) ** 2)) + 0.15 * middling)
        paint(wall, muscle)
        # Fat between the layers of muscle.
        paint(1.2 * self.scale * (1 + middling2) - np.abs(wall - 0.45 * thick - 2 * middling), fat)
        inner = wall - thick
        self._paint_ribs(paint, p, inner, level, fine)
        gravity = 1 + 0.4 * np.clip(y / b, -1, 1)
        lung = self._airy * level["lung"] * gravity * (1 + 0.15 * grain + 0.2 * fine) + 0.012
        paint(inner, lung)
        share = cover(inner - 4, pixel_mm) * self._vessels.share(grid, pixel_mm).ravel()
        found += share * (0.95 * level["blood"] - found)
        # Mediastinum: fat with vessels between the lungs, wider behind.
        wide = (20 + 10 * np.clip(y / b + 0.4, 0, 1)) * self.scale + 6 * middling
        paint(np.minimum(wide - np.abs(x - 6 - 5 * broad), inner), fat * 0.8)
        paint(np.minimum(np.minimum(wide - 5 - np.abs(x - 4), inner), 5 * (middling2 + 0.6 * fine)), level["muscle"])
        self._paint_abdomen(paint, p, own, inner, level, (broad, middling, fine, grain))
        self._paint_spine(paint, p, level, fine, grain)
        return found.reshape(grid.shape[:2])

    def _paint_ribs(self, paint: Mix, p: Pixels, inner: Pixels, level: dict[str, float], fine: Pixels) -> None:
        x, y, z = p.T
        b = self._half_mm[1]
        slant = z + 0.45 * (b - y) * 0.5 + 8 * fine * 0.2
        along = np.mod(slant / self._rib_mm + self._rib_start, 1.0)
        half = 0.22 * self._rib_mm
        from_middle = half - np.abs(along - 0.5) * self._rib_mm
        within = 5 * self.scale - np.abs(inner + 5.5 * self.scale)
        rib = np.minimum(from_middle, within)
        rib = np.where(np.abs(x) < 18 * self.scale, -5, rib)
        paint(rib, level["fibre"])
        paint(rib - 1.6, self._marrow * abs(level["marrow"]))
        sternum = np.minimum(16 * self.scale - np.abs(x), 6 * self.scale - np.abs(inner + 7.5 * self.scale))
        sternum = np.where(y < 0, sternum, -5)
        paint(sternum, level["fibre"])
        paint(sternum - 1.5, 1.15 * self._marrow * abs(level["marrow"]))

    def _paint_abdomen(
        self, paint: Mix, p: Pixels, own: Pixels, inner: Pixels, level: dict[str, float], waves: tuple[Pixels, ...]
    ) -> None:
        broad, middling, fine, grain = waves
        x, y, z = p.T
        s = self.scale
        right = 30 * s * np.exp(-(((x + 75 * s) / (55 * s)) ** 2) - ((y - 5 * s) / (75 * s)) ** 2)
        left = 18 * s * np.exp(-(((x - 85 * s) / (45 * s)) ** 2) - ((y - 15 * s) / (60 * s)) ** 2)
        rim = 55 * s * np.clip(1 - inner / (38 * s), 0, 1) ** 2
        dome = self._dome_mm + right + left - rim + 3 * broad
        under = np.minimum(0.85 * (dome - z), inner)
        paint(under, level["skeletal"] * 0.8)
        fat = level["fat"] * 0.85 * (1 + 0.1 * fine)
        paint(under - 1.6, fat)
        rel = p - np.array([0, 0, self._dome_mm], np.float32)
        bowel = np.minimum(under - 40 * s + 6 * middling, 7 * (np.abs(self._middling[2](own)) - 0.45))
        paint(bowel, level["muscle"] * (1.3 + 0.3 * fine))
        paint(bowel - 3, 0.6 * np.abs(self._fine[1](own)) * level["blood"])
        spleen = _ellipsoid(rel, self._spleen, np.array([24, 34, 38]) * s) + 3 * middling
        paint(np.minimum(spleen, under - 2), level["spleen"] * (1 + 0.05 * grain))
        stomach = _ellipsoid(rel, self._stomach, self._stomach_mm) + 4 * middling
        paint(np.minimum(stomach, under - 2), level["muscle"] * 1.2)
        content = self._stomach_level * (1 + 0.25 * fine * (self._stomach_level > 0.2) + 0.1 * grain)
        paint(np.minimum(stomach, under - 2) - 3.5, content)
        liver = np.minimum(self._liver_end_mm + 9 * middling - x - 0.25 * y, 110 * s + z - self._dome_mm)
        liver = np.minimum(liver, under - 2)
        paint(liver, level["liver"] * (1 + 0.07 * grain + 0.06 * fine))
        # Its veins: thin tubes where two random functions vanish together.
        vein = 2.2 * s - 9 * s * np.hypot(self._middling[2](own), self._middling[1](own))
        paint(np.minimum(vein, liver - 6), 0.85 * level["blood"])

    def _paint_spine(self, paint: Mix, p: Pixels, level: dict[str, float], fine: Pixels, grain: Pixels) -> None:
        x, y, z = p.T
        s, b = self.scale, self._half_mm[1]
        back = 0.42 * b
        body = 18 * s - np.hypot(x * 0.9, (y - back) * 1.05)
        paint(body, level["fibre"])
        disc = np.abs(np.mod(z / (30 * s), 1.0) - 0.5) > 0.42
        paint(body - 1.5, np.where(disc, 0.35 * level["marrow"], level["marrow"]) * (1 + 0.1 * grain) * self._marrow)
        canal = 9 * s - np.hypot(x * 0.85, y - back - 27 * s)
        paint(canal + 2, level["fibre"])
        paint(canal, level["fluid"] * 0.75)
        paint(canal - 4 * s, level["muscle"] * 1.6)
        aorta = 12.0 * s - np.hypot(x - 19 * s, y - back + 20 * s)
        paint(aorta + 1.5, level["muscle"])
        paint(aorta, level["blood"] * (1.05 + 0.05 * fine))
        gullet = 8 * s - np.hypot((x - 4 * s) * 0.8, y - back + 27 * s)
        paint(gullet, level["muscle"] * 1.1)
        high = z - self._dome_mm
        cava = 11 * s - np.hypot((x + 24 * s + 0.15 * high) * 0.8, y - back + 40 * s + 0.3 * high)
        cava = np.minimum(cava, 25 * s - high)
        paint(cava, level["blood"] * 0.9)

    def _paint_arms(self, paint: Mix, p: Pixels, level: dict[str, float], middling: Pixels) -> None:
        x, y, _ = p.T
        for side in (-1, 1):
            arm = 42 * self.scale - np.hypot(x - side * (self._half_mm[0] + 50 * self.scale), y - 15) + 2 * middling
            paint(arm, level["fat"])
            paint(arm - 9, level["skeletal"])
            paint(arm - 28 * self.scale, level["marrow"])


def _ellipsoid(points: Pixels, centre: NDArray[np.float64], half_mm: NDArray[np.float64]) -> Pixels:
    rel = np.asarray((points - centre) / half_mm, np.float32)
    round_ = np.sqrt(np.einsum("ij,ij->i", rel, rel))
    return np.asarray((1 - round_) * half_mm.min(), np.float32)
