"""A beating heart as moving point scatterers before the probe.

Scatterers of the wall are fixed to its material, in three dimensions: speckle moves with it, and decorrelates where
tissue leaves the plane, turns or deforms, as it does in life. Tissue around the heart is dragged along, less with
distance; blood is new at every frame. Muscle is brighter where its fibres are across the beam than along it, which is
why lateral walls of apical views drop out (Madaras et al., J Acoust Soc Am 83:762-769, 1988).
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.echo.parts import Leaflets, Papillaries, RightWall
from kinecor_phantoms.echo.patches import Patches
from kinecor_phantoms.heart.anatomy import Anatomy, Tissue
from kinecor_phantoms.heart.heart import Beating
from kinecor_phantoms.heart.motion import Material
from kinecor_phantoms.heart.paths import Paths, Single
from kinecor_phantoms.heart.plane import Plane
from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.scene import Echoes, signs

Array = NDArray[np.float64]

# Signed amplitude of a scatterer by tissue, over that of muscle seen across its fibres.
_STRENGTH = {
    Tissue.OUTSIDE: 0.42,
    Tissue.LEFT_ATRIUM: 0.035,
    Tissue.RIGHT_VENTRICLE: 0.09,
    Tissue.RIGHT_ATRIUM: 0.04,
    Tissue.CAVITY: 0.04,
    Tissue.AORTA: 0.04,
    Tissue.VESSEL_WALL: 0.8,
    Tissue.PERICARDIUM: 2.2,
}
_TABLE = np.array([_STRENGTH.get(Tissue(number), 0.0) for number in range(len(Tissue))], np.float32)
# Distance over which the surroundings cease to follow the heart.
_DRAG_MM = 22.0
# Depth of the endocardial interface, a brighter lining.
_LINING_MM = 1.2
# Farthest from the plane that scatterers are placed.
_FURTHEST_MM = 30.0


class HeartScene:
    """Scatterers of a heart in an image plane.

    Args:
        beating: the heart at the times of the frames.
        anatomies: one a frame.
        plane: the image; its origin is the middle of the transducer.
        probe: how deep and how wide it looks.
        rng: places the scatterers.
        scatterers: how many, about; 5,000 to 400,000.

    Raises:
        ValueError: too few or too many scatterers.

    """

    def __init__(
        self,
        beating: Beating,
        anatomies: Sequence[Anatomy],
        plane: Plane,
        probe: Probe,
        rng: Generator,
        scatterers: int = 60_000,
    ) -> None:
        if not 5_000 <= scatterers <= 400_000:
            raise ValueError(f"a scene has 5000 to 400000 scatterers, got {scatterers}")
        self._beating, self._anatomies, self._plane = beating, anatomies, plane
        self._seed = int(rng.integers(2**31))
        self._half_mm = float(probe.elevation_mm) * 0.8 + 2.0
        self._probe = probe
        low_mm, high_mm = self._reach_mm()
        wanted = round(scatterers * (high_mm - low_mm) / (2 * self._half_mm))
        places = self._spread(rng, wanted, low_mm, high_mm)
        chest = plane.to_chest(places)
        tissue = anatomies[0].tissue(chest)
        material = beating.undo(chest, 0)
        wall = self._points(material, tissue == Tissue.MYOCARDIUM)
        self._wall = wall.chosen(self._near(lambda frame: self._to_probe(wall.places_mm(frame), frame)))
        self._wall_strength = self._muscle(rng, self._wall)
        around = ~np.isin(tissue, [Tissue.MYOCARDIUM, Tissue.CAVITY, Tissue.PAPILLARY, Tissue.RIGHT_WALL])
        self._around = self._points(material, around)
        self._rest_mm = chest[around].astype(np.float32)
        outer = beating.heart.shape.radius_mm_at(1.0, material.angle[around], material.z_mm[around])
        away = np.maximum(material.radius_mm[around] - outer, 0)
        height = material.height[around]
        beyond = np.maximum(height - 1.05, 0) * beating.heart.shape.length_mm
        self._follow = np.exp(-(((away + 0.6 * beyond) / _DRAG_MM) ** 2)).astype(np.float32)[:, None]
        near = self._near(lambda frame: self._in_picture(self._around_chest(frame)))
        self._around, self._rest_mm, self._follow = self._around.chosen(near), self._rest_mm[near], self._follow[near]
        self._around_strength = signs(rng, len(self._rest_mm))
        self._inner_patches = Patches(rng, 5.0, 10, 40).at(self._rest_mm)
        self._surroundings = self._unevenness(rng, chest[around][near], places[around][near])
        self._blood = max(2000, scatterers // 5)
        slab_mm3 = 2 * self._half_mm * probe.sector_rad / 2 * probe.depth_mm**2
        self._hung = [kind(beating, rng, scatterers / slab_mm3) for kind in (RightWall, Papillaries)]
        for part in self._hung:
            part.keep(self._near(partial(self._part_now, part)))
        self._leaflets = Leaflets(beating, rng)

    def _part_now(self, part: RightWall | Papillaries, frame: int) -> Single:
        return self._to_probe(part.at(frame), frame)

    @property
    def _looked_at(self) -> list[int]:
        """Frames spread over the clip, by which scatterers are chosen."""
        return [int(frame) for frame in np.unique(np.linspace(0, len(self._beating) - 1, 7).round())]

    def _near(self, places: Callable[[int], Single]) -> NDArray[np.bool_]:
        """Which of the scatterers at `places(frame)`, (n, 3) in the image, come near the plane at some time."""
        out = [np.abs(places(frame)[:, 2]) for frame in self._looked_at]
        return np.asarray(np.min(out, axis=0) < self._half_mm)

    def _reach_mm(self) -> tuple[float, float]:
        """How far out of the plane, at the first frame, the wall is that comes into it later.

        In short axes the base descends through the plane: what is there at end-systole began above it.
        """
        shape = self._beating.heart.shape
        angle = np.repeat(np.arange(24) * 2 * np.pi / 24, 16)
        radius, z_mm = shape.meridian(0.5, angle, np.tile(np.linspace(0, 1, 16), 24))
        paths = Paths(self._beating, Material(shape, radius, angle, z_mm))
        out = [self._to_probe(paths.places_mm(frame), frame)[:, 2] for frame in self._looked_at]
        comes = np.min(np.abs(out), axis=0) < self._half_mm
        first = out[0][comes] if comes.any() else np.zeros(1)
        low, high = float(first.min()) - 2, float(first.max()) + 2
        return max(min(low, -self._half_mm), -_FURTHEST_MM), min(max(high, self._half_mm), _FURTHEST_MM)

    def echoes(self, frame: int) -> Echoes:
        """The scatterers at a frame."""
        rng = np.random.default_rng((self._seed, frame))
        wall, wall_strength = self._wall_now(frame)
        parts = [
            (wall, wall_strength),
            self._around_now(frame, rng),
            self._blood_now(frame, rng),
            *((self._part_now(part, frame), part.strength) for part in self._hung),
            (self._to_probe(self._leaflets.at(self._anatomies[frame], frame), frame), self._leaflets.strength),
        ]
        points = np.concatenate([part[0] for part in parts])
        return Echoes(points, np.concatenate([part[1] for part in parts]).astype(np.float32))

    def _spread(self, rng: Generator, count: int, low_mm: float, high_mm: float) -> Array:
        """(count, 3) places evenly before the probe, from one distance out of the plane to another.

        A little wider than the sector.
        """
        near, far = 2.0, self._probe.depth_mm + 2
        depth = np.sqrt(rng.uniform(near**2, far**2, count))
        half = self._probe.sector_rad / 2 + 0.03
        angle = rng.uniform(-half, half, count)
        out = rng.uniform(low_mm, high_mm, count)
        return np.stack([depth * np.sin(angle), depth * np.cos(angle), out], axis=1)

    def _points(self, material: Material, chosen: NDArray[np.bool_]) -> Paths:
        return Paths(
            self._beating,
            Material(material.shape, material.radius_mm[chosen], material.angle[chosen], material.z_mm[chosen]),
        )

    def _to_probe(self, heart_mm: Single, frame: int) -> Single:
        """From the heart's own axes to the probe's, at a time."""
        rotation, shift = self._beating.pose(frame)
        axes = np.stack([self._plane.across, self._plane.down, self._plane.out])
        turn = (axes @ rotation).T.astype(np.float32)
        return np.asarray(heart_mm @ turn + (axes @ (shift - self._plane.origin_mm)).astype(np.float32))

    def _muscle(self, rng: Generator, wall: Paths) -> Single:
        """Strength of each scatterer of the wall before its direction counts: sheets of fibres, patches, dim walls."""
        height, angle = wall.height, wall.angle
        sheets = 1 + 0.22 * np.sin(9 * angle + 14 * height + rng.uniform(0, 6)) * np.sin(
            23 * height + rng.uniform(0, 6)
        )
        length = self._beating.heart.shape.length_mm
        rest = np.stack([25 * np.cos(angle), 25 * np.sin(angle), length * height], axis=1)
        patches = Patches(rng, float(rng.uniform(2.5, 6)), 14, 60).at(rest)
        # Through chest and lung one wall is seen worse than the other, and the apex through the near field worst.
        dim = float(rng.uniform(0.25, 1.0))
        side = 1 - (1 - dim) * np.clip(np.cos(angle - rng.uniform(-0.6, 1.2)), 0, 1) ** 2
        apex = 1 - float(rng.uniform(0.0, 0.7)) * np.exp(-np.maximum(height, 0) / 0.15)
        return np.asarray(signs(rng, len(wall)) * sheets * patches * side * apex, np.float32)

    def _wall_now(self, frame: int) -> tuple[Single, Single]:
        course = self._wall.course(frame)
        r2 = course.inner2_mm2 + self._wall.beyond2_mm2 / course.spread
        r = np.sqrt(np.maximum(r2, 0))
        places = self._to_probe(course.at_radius(r), frame)
        # The wall's normal leans towards the apex where the ventricle narrows.
        lean = np.clip(1.5 * (0.45 - self._wall.height), -0.2, 1.2).astype(np.float32)
        normal = np.stack([course.cosine, course.sine, -lean], axis=1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        rotation, _ = self._beating.pose(frame)
        axes = np.stack([self._plane.across, self._plane.down, self._plane.out])
        normal = normal @ (axes @ rotation).T.astype(np.float32)
        ray = places / np.maximum(np.linalg.norm(places, axis=1, keepdims=True), 1e-3)
        facing = np.abs((normal * ray).sum(axis=1))
        lining = np.exp(-((r - np.sqrt(course.inner2_mm2)) / _LINING_MM))
        return places, self._wall_strength * (0.45 + 0.7 * facing + (0.15 + 1.2 * facing**3) * lining)

    def _around_now(self, frame: int, rng: Generator) -> tuple[Single, Single]:
        chest = self._around_chest(frame)
        tissue = self._anatomies[frame].tissue(chest)
        strength = self._around_strength * _TABLE[tissue]
        strength = np.where(tissue == Tissue.OUTSIDE, strength * self._surroundings, strength)
        lines = (tissue == Tissue.VESSEL_WALL) | (tissue == Tissue.PERICARDIUM) | (tissue == Tissue.RIGHT_VENTRICLE)
        strength[lines] *= self._inner_patches[lines]
        blood = (tissue == Tissue.RIGHT_VENTRICLE) | (tissue == Tissue.LEFT_ATRIUM) | (tissue == Tissue.RIGHT_ATRIUM)
        blood |= (tissue == Tissue.AORTA) | (tissue == Tissue.CAVITY)
        strength[blood] *= signs(rng, int(blood.sum()))
        places = self._in_picture(chest)
        # The pericardium mirrors where the beam meets it squarely: deep, and not along the sides.
        sharp = tissue == Tissue.PERICARDIUM
        depth = places[sharp, 1] / np.maximum(np.linalg.norm(places[sharp], axis=1), 1e-3)
        strength[sharp] *= 0.35 + 1.2 * depth**6
        return places, strength

    def _around_chest(self, frame: int) -> Single:
        """(n, 3) where tissue around the heart is, in the chest: dragged along with the heart, less with distance."""
        rotation, shift = self._beating.pose(frame)
        moved = self._around.places_mm(frame) @ rotation.T.astype(np.float32) + shift.astype(np.float32)
        return np.asarray(self._rest_mm + self._follow * (moved - self._rest_mm))

    def _in_picture(self, chest_mm: Single) -> Single:
        """(n, 3) right, down and out of the plane of places in the chest."""
        axes = np.stack([self._plane.across, self._plane.down, self._plane.out], axis=1).astype(np.float32)
        return np.asarray((chest_mm - self._plane.origin_mm.astype(np.float32)) @ axes)

    def _blood_now(self, frame: int, rng: Generator) -> tuple[Single, Single]:
        places = self._spread(rng, self._blood, -self._half_mm, self._half_mm)
        tissue = self._anatomies[frame].tissue(self._plane.to_chest(places))
        strength = np.where(tissue == Tissue.CAVITY, _TABLE[Tissue.CAVITY] * 1.6, 0)
        return places.astype(np.float32), (strength * signs(rng, self._blood)).astype(np.float32)

    def _unevenness(self, rng: Generator, chest_mm: Array, places: Array) -> Single:
        """How bright the surroundings are: clouds and layers, muscle of the chest wall at the transducer."""
        depth = np.hypot(places[:, 0], places[:, 1]) / self._probe.depth_mm
        broad, fine = Patches(rng, float(rng.uniform(4, 8)), 35, 110), Patches(rng, float(rng.uniform(2, 5)), 9, 30)
        near = 1.4 * np.exp(-((depth / 0.12) ** 2)) + float(rng.uniform(-0.2, 0.9)) * np.clip(depth - 0.5, 0, 1)
        return np.asarray(broad.at(chest_mm) * fine.at(chest_mm) * np.exp(near), np.float32)
