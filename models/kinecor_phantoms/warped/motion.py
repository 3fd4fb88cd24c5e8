"""Where material is in each frame of a warped cine: a flow's phase, and the pose of the whole image on top."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.warped.flow import Complex, Flow, Points

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Motion:
    """Material at z = x + iy in frame pose 1, phase 0 is at turn * drifted(z, phase) + shift in a frame.

    Attributes:
        flow: what moves the heart, or None where only the pose changes.
        phases: (t,) how far along the flow each frame is.
        turns: (t,) complex; its size zooms, its angle turns, clockwise on the screen.
        shifts: (t,) complex, x + iy in pixels.

    Raises:
        ValueError: lengths differ, or a zoom is 0.

    """

    flow: Flow | None
    phases: FloatArray
    turns: NDArray[np.complex128]
    shifts: NDArray[np.complex128]

    def __post_init__(self) -> None:
        counts = len(self.phases), len(self.turns), len(self.shifts)
        if len(set(counts)) != 1:
            raise ValueError(f"expected one phase, turn and shift a frame, got {counts}")
        if not abs(self.turns).min(initial=1.0) > 0:
            raise ValueError("a zoom must be above 0, got 0")

    def to_material(self, z: Complex, frame: int) -> Complex:
        """Positions of a frame with its pose taken off; the phase stays the frame's."""
        return np.asarray((z - self.shifts[frame]) / self.turns[frame])

    def carried_complex(self, z: Complex, start: int, to: int) -> Complex:
        """Where material at z in frame `start` is in frame `to`."""
        z = self.to_material(z, start)
        if self.flow is not None:
            z = self.flow.drifted(z, float(self.phases[to] - self.phases[start]))
        return np.asarray(z * self.turns[to] + self.shifts[to])

    def carried(self, points_px: Points, start: int, to: int) -> Points:
        """Points (n, 2) of frame `start` where they are in frame `to`."""
        z = np.ascontiguousarray(points_px, np.float64).view(np.complex128)[:, 0]
        return np.ascontiguousarray(self.carried_complex(z, start, to)).view(np.float64).reshape(-1, 2)

    def placed(self, points_px: Points, frame: int) -> Points:
        """Material points (n, 2), given where they are at phase 0 without pose, in a frame."""
        z: Complex = np.ascontiguousarray(points_px, np.float64).view(np.complex128)[:, 0]
        if self.flow is not None:
            z = self.flow.drifted(z, float(self.phases[frame]))
        placed = np.asarray(z * self.turns[frame] + self.shifts[frame])
        return np.ascontiguousarray(placed).view(np.float64).reshape(-1, 2)


def identity_poses(frames: int) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Turns and shifts of images that stay where they are."""
    return np.ones(frames, np.complex128), np.zeros(frames, np.complex128)
