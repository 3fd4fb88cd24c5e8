"""Cubic B-splines on a regular grid of control points: fields that are smooth by their making."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array, kron

FloatArray = NDArray[np.float64]


def _cubic(u: FloatArray) -> FloatArray:
    """The uniform cubic B-spline, 0 beyond 2."""
    u = abs(u)
    return np.where(u < 1, 2 / 3 - u * u + u**3 / 2, np.maximum(2 - u, 0) ** 3 / 6)


def _slopes(count: int) -> csr_array:
    """(count, count) matrix of the squared differences between neighbours along one axis."""
    step = eye_array(count + 1, count) - eye_array(count + 1, count, k=-1)
    return csr_array(step.T @ step)


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

    def weights(self, x: FloatArray, y: FloatArray) -> csr_array:
        """(n, rows * columns), sparse: what each control point adds at each of n places."""
        column, across = self._near(x - self.origin[0], self.columns)
        row, down = self._near(y - self.origin[1], self.rows)
        point = row[:, :, None] * self.columns + column[:, None, :]
        each = down[:, :, None] * across[:, None, :]
        begins = np.arange(len(x) + 1) * each[:1].size
        found = csr_array((each.ravel(), point.ravel(), begins), shape=(len(x), self.rows * self.columns))
        found.sum_duplicates()
        return found

    def _near(self, at_px: FloatArray, count: int) -> tuple[NDArray[np.intp], FloatArray]:
        """(n, 4) the control points that reach each place along one axis, and what each adds there."""
        at = at_px / self.spacing_px - 2
        index = np.floor(at).astype(np.intp)[:, None] + np.arange(-1, 3)
        weight = np.where((index >= 0) & (index < count), _cubic(at[:, None] - index), 0.0)
        return np.clip(index, 0, count - 1), weight

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

    def bending(self) -> csr_array:
        """(n, n) sparse matrix B: values @ B @ values is the field's bending energy, but for a factor.

        Differences of control values stand for derivatives; beyond the grid values are 0.
        """
        first, second = [], []
        for count in (self.columns, self.rows):
            first.append(_slopes(count))
            second.append(first[-1] @ first[-1])
        one_x, one_y = eye_array(self.columns), eye_array(self.rows)
        return csr_array(kron(one_y, second[0]) + kron(second[1], one_x) + 2 * kron(first[1], first[0]))

    def stretching(self) -> csr_array:
        """(n, n) sparse matrix of the squared slopes."""
        across, down = _slopes(self.columns), _slopes(self.rows)
        return csr_array(kron(eye_array(self.rows), across) + kron(down, eye_array(self.columns)))
