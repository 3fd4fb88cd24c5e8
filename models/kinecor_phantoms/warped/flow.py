"""A smooth motion with one clock: every point drifts along a steady field of velocities.

The field does not change; how long points drift in it, the phase, is what time steers. Drifting on for a and then for b
is drifting for a + b, and drifting back undoes it, so the way between any two frames is one drift, exact both ways, and
a smooth field cannot fold (one-parameter subgroups: Arsigny et al., MICCAI 2006).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.warped.sampling import mix_samples

Points = NDArray[np.float64]
Complex = NDArray[np.complexfloating[Any, Any]]

# No step of integration carries a point further, in pixels: halving it moves ends by under 0.002 px.
STEP_PX = 0.8


@dataclass(frozen=True, eq=False)
class Flow:
    """A steady field of velocities, linear between samples one pixel apart and 0 outside them.

    Attributes:
        origin: (x, y) in pixels of the first sample; may be outside the image.
        velocity: (rows, columns) complex64, x + iy in pixels per unit of phase; its outermost samples are 0.

    Raises:
        ValueError: the field is not two-dimensional, or not still at its edge.

    """

    origin: tuple[int, int]
    velocity: NDArray[np.complex64]

    def __post_init__(self) -> None:
        v = self.velocity
        if v.ndim != 2 or min(v.shape) < 2:
            raise ValueError(f"expected a field of at least 2 x 2 samples, got {v.shape}; give it more")
        edge = max(abs(v[[0, -1]]).max(), abs(v[:, [0, -1]]).max())
        if edge > 1e-6:
            raise ValueError(f"expected a field that is still at its edge, got {edge:.3g} px there; widen it")
        v.flags.writeable = False

    @property
    def fastest_px(self) -> float:
        """The greatest speed in pixels per unit of phase."""
        return float(abs(self.velocity).max())

    def at(self, z: Complex) -> Complex:
        """Velocity x + iy at positions x + iy."""
        rows, columns = self.velocity.shape
        x = np.clip(z.real - self.origin[0], 0, columns - 1.001)
        y = np.clip(z.imag - self.origin[1], 0, rows - 1.001)
        column, row = x.astype(np.int32), y.astype(np.int32)
        x -= column
        y -= row
        return mix_samples(self.velocity, row, column, x, y)

    def drifted(self, z: Complex, phase: float) -> Complex:
        """Positions x + iy after drifting for `phase`, which may be negative (midpoint rule)."""
        steps = int(np.ceil(abs(phase) * self.fastest_px / STEP_PX))
        if steps == 0:
            return z
        step = type(z.flat[0].real)(phase / steps) if z.size else phase
        for _ in range(steps):
            z = z + step * self.at(z + step / 2 * self.at(z))
        return z

    def moved(self, points_px: Points, phase: float) -> Points:
        """Points (n, 2) after drifting for `phase`."""
        z = np.ascontiguousarray(points_px, np.float64).view(np.complex128)[:, 0]
        return np.ascontiguousarray(self.drifted(z, phase)).view(np.float64).reshape(-1, 2)

    def origins(self, shape: tuple[int, int], phases: NDArray[np.float64]) -> Iterator[tuple[int, Complex]]:
        """Where the material that is at each pixel at each phase came from: (which phase, (rows, columns) x + iy).

        Phases come out sorted, each continued from the last, which costs one pass over the image for all of them.
        """
        y, x = np.mgrid[: shape[0], : shape[1]]
        start = (x + 1j * y).astype(np.complex64)
        order = np.argsort(phases, kind="stable")
        for run in (order[phases[order] >= 0], order[phases[order] < 0][::-1]):
            z, reached = start, 0.0
            for i in run:
                z = self.drifted(z, reached - phases[i])
                reached = float(phases[i])
                yield int(i), z

    def least_growths(self, phases: Sequence[float]) -> list[float]:
        """The smallest determinant of the motion's Jacobian over all pixels at each phase; 0 or less is a fold."""
        rows, columns = self.velocity.shape
        y, x = np.mgrid[:rows, :columns].astype(np.float32)
        z, reached, growths = (x + self.origin[0]) + 1j * (y + self.origin[1]), 0.0, []
        for phase in phases:
            z = self.drifted(z, phase - reached)
            reached = phase
            along, down = np.diff(z, axis=1)[:-1], np.diff(z, axis=0)[:, :-1]
            growths.append(float((along.real * down.imag - along.imag * down.real).min()))
        return growths

    def scaled(self, weight: NDArray[np.floating[Any]]) -> "Flow":
        """The same field slowed by a weight (rows, columns) per sample."""
        return Flow(self.origin, (self.velocity * weight).astype(np.complex64))
