"""Scatterers of what hangs on the left ventricle: right ventricle's wall, papillary muscles, leaflets.

Each gives (n, 3) places in the heart's own axes, in millimetres, at a frame, and the strength of each scatterer.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.echo.patches import Patches
from kinecor_phantoms.heart import chambers
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.heart import Beating
from kinecor_phantoms.heart.motion import Material
from kinecor_phantoms.heart.paths import Paths, Single
from kinecor_phantoms.scanner.scene import signs

_LEAFLET_MM = 1.3
_SHUT_DEG, _OPEN_DEG = 22.0, 78.0
_POSTERIOR = 0.62
_PER_MM3 = 1.5


class RightWall:
    """The right ventricle's free wall.

    Args:
        beating: the heart at its times.
        rng: places the scatterers.
        per_mm3: how many there are.

    """

    def __init__(self, beating: Beating, rng: Generator, per_mm3: float) -> None:
        shape, sizes = beating.heart.shape, beating.heart.chambers
        wide = 2 * np.deg2rad(sizes.right_deg) * (shape.radius_mm + sizes.right_mm)
        count = int(per_mm3 * wide * shape.length_mm * sizes.right_wall_mm)
        angle = np.pi + rng.uniform(-1, 1, count) * np.deg2rad(sizes.right_deg)
        height = rng.uniform(chambers.RIGHT_APEX, 1.15, count)
        there = sizes.right_gap_mm(angle, height, 0.0) > 0.5
        angle, z_mm = angle[there], height[there] * shape.length_mm
        self._beating = beating
        self._depth_mm = rng.uniform(0, sizes.right_wall_mm, len(angle)).astype(np.float32)
        self._paths = Paths(beating, Material(shape, shape.radius_mm_at(1.0, angle, z_mm), angle, z_mm))
        rest = np.stack([50 * np.cos(angle), 50 * np.sin(angle), z_mm], axis=1)
        self.strength = signs(rng, len(angle)) * Patches(rng, 5.0, 15, 60).at(rest)

    def at(self, frame: int) -> Single:
        """Places at a frame."""
        course, paths = self._paths.course(frame), self._paths
        contraction = float(self._beating.contraction[frame])
        gap = self._beating.heart.chambers.right_gap_mm(paths.angle, paths.height, contraction)
        outer = np.sqrt(np.maximum(course.inner2_mm2 + paths.beyond2_mm2 / course.spread, 0))
        return course.at_radius(np.asarray(outer + gap + self._depth_mm, np.float32))

    def keep(self, chosen: NDArray[np.bool_]) -> None:
        """Forgets the others."""
        self._paths, self._depth_mm = self._paths.chosen(chosen), self._depth_mm[chosen]
        self.strength = self.strength[chosen]


class Papillaries:
    """Both papillary muscles; see RightWall."""

    def __init__(self, beating: Beating, rng: Generator, per_mm3: float) -> None:
        shape, sizes = beating.heart.shape, beating.heart.chambers
        self._size_mm = sizes.papillary * shape.radius_mm
        long_mm = (chambers.PAPILLARY_TO - chambers.PAPILLARY_FROM) * shape.length_mm
        count = int(per_mm3 * 2 * 0.7 * np.pi * self._size_mm**2 * long_mm)
        at = rng.choice(chambers.PAPILLARY_ANGLES, count)
        u = rng.uniform(0, 1, count)
        turn = rng.uniform(0, 2 * np.pi, count)
        far = self._size_mm * np.sqrt(4 * u * (1 - u)) * np.sqrt(rng.uniform(0, 1, count))
        self._offset_mm = np.stack([far * np.cos(turn), far * np.sin(turn)], axis=1).astype(np.float32)
        z_mm = chambers.PAPILLARY_FROM * shape.length_mm + u * long_mm
        self._paths = Paths(beating, Material(shape, shape.radius_mm_at(0.0, at, z_mm), at, z_mm))
        self.strength = signs(rng, count)

    def at(self, frame: int) -> Single:
        """Places at a frame."""
        course = self._paths.course(frame)
        inner = np.sqrt(course.inner2_mm2)
        out = np.maximum(inner - np.float32(0.9 * self._size_mm), np.float32(0.3) * inner)
        places = course.at_radius(out + self._offset_mm[:, 0])
        places[:, 0] -= self._offset_mm[:, 1] * course.sine
        places[:, 1] += self._offset_mm[:, 1] * course.cosine
        return places

    def keep(self, chosen: NDArray[np.bool_]) -> None:
        """Forgets the others."""
        self._paths, self._offset_mm = self._paths.chosen(chosen), self._offset_mm[chosen]
        self.strength = self.strength[chosen]


class Leaflets:
    """Mitral leaflets and aortic cusps, opening and closing.

    Args:
        beating: the heart at its times.
        rng: places the scatterers.

    """

    def __init__(self, beating: Beating, rng: Generator) -> None:
        self._beating = beating
        base_mm = beating.heart.shape.radius_mm
        count = int(_PER_MM3 * 2 * np.pi * base_mm * 0.8 * base_mm * _LEAFLET_MM)
        self._angle = rng.uniform(0, 2 * np.pi, count)
        self._along = rng.uniform(0, 1, count)
        self._thick_mm = rng.uniform(-0.5, 0.5, count) * _LEAFLET_MM
        cusps = 2 * count // 5
        self._cusp_angle = rng.uniform(0, 2 * np.pi, cusps)
        self._cusp_along = np.sqrt(rng.uniform(0, 1, cusps))
        self._cusp_mm = rng.uniform(-0.5, 0.5, cusps)
        self.strength = np.concatenate([signs(rng, count), 0.8 * signs(rng, cusps)]).astype(np.float32)
        # Tips are thicker than bodies; parts of the leaflets are out of the beam's reach.
        patchy = np.exp(0.5 * np.sin(3 * self._angle + rng.uniform(0, 6)) * np.sin(5 * self._along + rng.uniform(0, 6)))
        self.strength[:count] *= (0.4 + 0.45 * self._along**2) * patchy
        self.strength *= np.float32(rng.uniform(0.6, 1.2))

    def at(self, anatomy: Anatomy, frame: int) -> Single:
        """Places at a frame; `anatomy` is that frame's."""
        return np.concatenate([self._mitral(anatomy, frame), self._aortic(anatomy, frame)]).astype(np.float32)

    def _mitral(self, anatomy: Anatomy, frame: int) -> NDArray[np.float64]:
        sizes, opening = self._beating.heart.chambers, float(self._beating.mitral_opening[frame])
        angle = self._angle
        ring = sizes.annulus_mm(anatomy.rim_mm(angle), angle)
        base = float(np.mean(anatomy.rim_mm(np.linspace(0, 2 * np.pi, 36))))
        hinge = np.stack([ring * np.cos(angle), ring * np.sin(angle)], axis=1)
        plane = anatomy.rim_plane
        level = plane[0] + hinge @ plane[1:]
        centre = -0.25 * base * np.array([np.cos(chambers.AORTA), np.sin(chambers.AORTA)])
        inward = centre - hinge
        reach = np.linalg.norm(inward, axis=1)
        inward /= np.maximum(reach[:, None], 1e-6)
        anterior = np.clip(np.cos(angle - chambers.AORTA), 0, 1) ** 0.5
        length = reach / np.cos(np.deg2rad(_SHUT_DEG)) * sizes.leaflet
        length *= _POSTERIOR + (1.05 - _POSTERIOR) * np.maximum(anterior, 1 - opening)
        tilt = np.deg2rad(_SHUT_DEG + (_OPEN_DEG - _SHUT_DEG) * opening)
        u = self._along
        # Bellies bulge towards the atrium while shut.
        belly = (1 - opening) * 0.12 * length * 4 * u * (1 - u)
        flat = hinge + inward * (u * length * np.cos(tilt))[:, None]
        down = level - u * length * np.sin(tilt) + belly * np.cos(tilt) + self._thick_mm
        return np.concatenate([flat, down[:, None]], axis=1)

    def _aortic(self, anatomy: Anatomy, frame: int) -> NDArray[np.float64]:
        sizes, opening = self._beating.heart.chambers, float(self._beating.aortic_opening[frame])
        origin, lean = anatomy.aorta
        side = np.cross(lean, [0.0, 0.0, 1.0])
        side /= np.linalg.norm(side)
        other = np.cross(lean, side)
        # Shut, the cusps are a shallow dome across the root; open, they stand along its wall.
        u, turn = self._cusp_along, self._cusp_angle
        out = sizes.aorta_mm * (u * (1 - opening) + 0.88 * opening)
        up = 3.0 + (1 - opening) * 2.5 * (1 - u) + opening * 9.0 * (1 - u) + self._cusp_mm
        ring = np.cos(turn)[:, None] * side + np.sin(turn)[:, None] * other
        return np.asarray(origin + up[:, None] * lean + out[:, None] * ring)
