"""Cubic B-splines on a regular grid of control points: fields that are smooth by their making."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def _cubic(u: FloatArray) -> FloatArray:
    """The uniform cubic B-spline, 0 beyond 2."""
    u = abs(u)
    return np.where(u < 1, 2 / 3 - u * u + u**3 / 2, np.maximum(2 - u, 0) ** 3 / 6)


@dataclass(frozen=True)
class SplineGrid:
    """Control points `spacing_px` apart over a box; fields on it fade to 0 with no kink at the box's edge.

    Attributes:
        origin: (x, y) of the box's first pixel.
        columns, rows: control points each way.
        spacing_px: between them; a whole number.

    """

    origin: tuple[int, int]
    columns: int
    rows: int
    spacing_px: int

    @classmethod
    def over(cls, low: tuple[float, float], high: tuple[float, float], spacing_px: int) -> "SplineGrid":
        """The grid whose control points are from `low` to beyond `high`, both (x, y)."""
        # A control point reaches two spacings far; so far outside the first and last begins the box.
        origin = int(np.floor(low[0])) - 2 * spacing_px, int(np.floor(low[1])) - 2 * spacing_px
        columns = int(np.ceil((high[0] - low[0]) / spacing_px)) + 1
        rows = int(np.ceil((high[1] - low[1]) / spacing_px)) + 1
        return cls(origin, columns, rows, spacing_px)

    def weights(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """(n, rows * columns): what each control point adds at each of n places."""
        across = self._along(x - self.origin[0], self.columns)
        down = self._along(y - self.origin[1], self.rows)
        return (down[:, :, None] * across[:, None, :]).reshape(len(across), -1)

    def _along(self, at_px: FloatArray, count: int) -> FloatArray:
        return _cubic(at_px[:, None] / self.spacing_px - 2 - np.arange(count))

    def sampled(self, values: NDArray[np.complex128]) -> NDArray[np.complex64]:
        """The field of control values (rows * columns,) at every pixel of the box."""
        down = self._along(np.arange((self.rows + 3) * self.spacing_px + 1.0), self.rows)
        across = self._along(np.arange((self.columns + 3) * self.spacing_px + 1.0), self.columns)
        return (down @ values.reshape(self.rows, self.columns) @ across.T).astype(np.complex64)

    def controls(self, field: Callable[[NDArray[np.complex128]], NDArray[Any]]) -> NDArray[np.complex128]:
        """Control values (rows * columns,) whose field is nearly a given smooth one, which takes and gives x + iy."""
        x = self.origin[0] + self.spacing_px * np.arange(2, self.columns + 2)
        y = self.origin[1] + self.spacing_px * np.arange(2, self.rows + 2)
        v = np.pad(field(x + 1j * y[:, None]), 1)
        # A spline of samples is blurred by (1 4 1) / 6 each way; this undoes that to second order.
        bent = v[:-2, 1:-1] + v[2:, 1:-1] + v[1:-1, :-2] + v[1:-1, 2:] - 4 * v[1:-1, 1:-1]
        return np.asarray(v[1:-1, 1:-1] - bent / 6, np.complex128).ravel()

    def bending(self) -> FloatArray:
        """(n, n) matrix B: values @ B @ values is the field's bending energy, but for a factor.

        Differences of control values stand for derivatives; beyond the grid values are 0.
        """
        first, second = [], []
        for count in (self.columns, self.rows):
            step = np.eye(count + 1, count) - np.eye(count + 1, count, -1)
            first.append(step.T @ step)
            second.append(first[-1] @ first[-1])
        one_x, one_y = np.eye(self.columns), np.eye(self.rows)
        return np.asarray(np.kron(one_y, second[0]) + np.kron(second[1], one_x) + 2 * np.kron(first[1], first[0]))

    def stretching(self) -> FloatArray:
        """(n, n) matrix of the squared slopes."""
        both = []
        for count in (self.columns, self.rows):
            step = np.eye(count + 1, count) - np.eye(count + 1, count, -1)
            both.append(step.T @ step)
        return np.asarray(np.kron(np.eye(self.rows), both[0]) + np.kron(both[1], np.eye(self.columns)))
