"""Many points of a heart through time, in single precision: what an image needs, at a tenth of the cost of truth."""

from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart.heart import Beating
from kinecor_phantoms.heart.motion import Material

Single = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Course:
    """The ventricle over given angles and heights of its material, at one time; each (n,) float32.

    Attributes:
        cosine, sine: of the angle in space.
        z_mm: height in the heart's own axes.
        spread: J of motion.py.
        inner2_mm2: squared radius of the endocardium.

    """

    cosine: Single
    sine: Single
    z_mm: Single
    spread: Single
    inner2_mm2: Single

    def at_radius(self, r_mm: Single) -> Single:
        """(n, 3) at distances from the axis, in the heart's own axes."""
        return np.stack([r_mm * self.cosine, r_mm * self.sine, self.z_mm], axis=1)


class Paths:
    """Material points followed through time.

    Args:
        beating: the heart at its times.
        points: the material.

    """

    def __init__(self, beating: Beating, points: Material) -> None:
        self._beating = beating
        at = points.basis
        self._value, self._integral, self._turned = (
            np.ascontiguousarray(part, np.float32) for part in (at.value, at.integral, at.turned)
        )
        self.angle, self.height = points.angle.astype(np.float32), points.height.astype(np.float32)
        self._tip, self._under = points.tip.astype(np.float32), points.under_tip.astype(np.float32)
        self._inner2 = (points.inner_mm**2).astype(np.float32)
        self.beyond2_mm2 = (points.radius_mm**2).astype(np.float32) - self._inner2

    def chosen(self, which: NDArray[np.bool_]) -> "Paths":
        """Those of the points that `which` (n,) marks."""
        paths = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray):
                setattr(paths, name, value[which])
        return paths

    def __len__(self) -> int:
        """How many points."""
        return len(self.angle)

    def course(self, frame: int) -> Course:
        """The ventricle where the points are, at a time."""
        motion = self._beating.motion
        along, around = motion.longitudinal[frame].astype(np.float32), motion.circumferential[frame].astype(np.float32)
        cap, shift_mm = np.float32(motion.cap[frame]), np.float32(motion.shift_mm(frame))
        apex, change = motion.apical_twist[frame], motion.basal_twist[frame] - motion.apical_twist[frame]
        up = np.clip(self.height, 0, np.float32(4 / 3))
        twist = np.float32(apex) + np.float32(change) * up * up * (2 - up)
        slope = np.float32(change) * (4 * up - 3 * up * up)
        spread = 1 + self._value @ along + cap * self._tip - slope * (self._turned @ along)
        risen = self.height + self._integral @ along + cap * self._under
        round_ = 1 + self._value @ around
        inner2 = self._inner2 * (self._tip / spread + (1 - self._tip) * round_ * round_)
        turned = self.angle + twist
        length = np.float32(motion.shape.length_mm)
        return Course(np.cos(turned), np.sin(turned), length * risen + shift_mm, spread, inner2)

    def places_mm(self, frame: int) -> Single:
        """(n, 3) where the points are at a time, in the heart's own axes; as Motion.place, to some micrometres."""
        here = self.course(frame)
        r2 = here.inner2_mm2 + self.beyond2_mm2 / here.spread
        return here.at_radius(np.sqrt(np.maximum(r2, 0)))
