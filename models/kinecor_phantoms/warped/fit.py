"""Finds the steady flow that carries an ED frame onto its ES frame.

Gauss-Newton on the control values of a spline field: outlines pull, mostly across themselves; images pull where they
show the same thing twice; bending costs. What pulls is measured on the motion itself, carried to its end, so the fit
ends where outlines meet and not where a first order says they would.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.lines import nearest, normals
from kinecor_phantoms.raster import Points
from kinecor_phantoms.warped.flow import Flow
from kinecor_phantoms.warped.matching import Line
from kinecor_phantoms.warped.sampling import Picture, blur_image, looked_up
from kinecor_phantoms.warped.splines import SplineGrid

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]


@dataclass(frozen=True)
class FitSettings:
    """How the fit weighs what pulls.

    Attributes:
        spacing_px: between control points; None takes it from the size of the heart.
        margin_px: width in pixels over which the field fades outside the outlines.
        along: pull along an outline, against 1 across it.
        bending, stretching: what a field's curvature and slope cost.
        picture: pull of the images; 0 leaves them out.

    """

    spacing_px: int | None = None
    margin_px: float = 44.0
    along: float = 0.04
    bending: float = 0.005
    stretching: float = 0.001
    picture: float = 3.0


@dataclass(frozen=True)
class _Stage:
    """Some Gauss-Newton steps on one grid, `coarseness` times as wide as the last one's, on images so blurred.

    The first steps follow the outlines alone, so that images start from nearly where they meet.
    """

    coarseness: int
    rounds: int
    outlines_alone: int
    blur_px: float


# Wide grids cost next to nothing, so most steps are taken there.
STAGES = (_Stage(2, 6, 2, 6.0), _Stage(1, 3, 0, 3.5))


# A box is cut into no more control points each way than this, so that one fit takes about a second.
MAX_CONTROLS = 34
# Number of places at which the path of a landmark is compared.
STOPS = 6
# Pixels between places where images are compared.
COMPARED_PX = 6


def _grid(lines: list[Line], settings: FitSettings, coarseness: int) -> SplineGrid:
    points = np.concatenate([part for line in lines for part in (line.ed, line.es)])
    low, high = points.min(axis=0) - settings.margin_px, points.max(axis=0) + settings.margin_px
    spacing = settings.spacing_px or max(4, int(np.ceil((high - low).max() / (MAX_CONTROLS - 1))))
    return SplineGrid.over((low[0], low[1]), (high[0], high[1]), spacing * coarseness)


def _flow(grid: SplineGrid, values: ComplexArray) -> Flow:
    field = grid.sampled(values)
    # What rounding leaves at the edge is nothing.
    field[[0, -1]], field[:, [0, -1]] = 0, 0
    return Flow(grid.origin, field)


class _Fit:
    """The running sums of one Gauss-Newton step."""

    def __init__(self, lines: list[Line], grid: SplineGrid, settings: FitSettings, coarseness: int) -> None:
        self.grid, self.settings = grid, settings
        # Differences between control points further apart are larger for the same field.
        self.cost = settings.bending / coarseness**2 * grid.bending() + settings.stretching * grid.stretching()
        pairs = [line.landmarks() for line in lines]
        self.start = np.concatenate([a for a, _ in pairs])
        self.aim = np.concatenate([b for _, b in pairs])
        self.which = np.repeat(np.arange(len(lines)), [len(a) for a, _ in pairs])
        self.targets = [(line.es, normals(line.es)) for line in lines]
        n = grid.rows * grid.columns
        self.hessian = np.zeros((2 * n, 2 * n))
        self.pull = np.zeros(2 * n)

    def begin(self, values: ComplexArray) -> None:
        n = len(values)
        self.hessian[:n, :n] = self.hessian[n:, n:] = self.cost
        self.hessian[:n, n:] = self.hessian[n:, :n] = 0
        self.pull[:n], self.pull[n:] = -self.cost @ values.real, -self.cost @ values.imag

    def add(self, weights: FloatArray, across: Points, residual: FloatArray, say: FloatArray) -> None:
        """Rows across . (weights @ step) = residual, each with a weight."""
        n = weights.shape[1]
        # Single precision is enough for sums of rows, and takes half the time; the solving is in double precision.
        root = np.sqrt(say)[:, None]
        first, second = (weights * (root * across[:, k : k + 1]) for k in (0, 1))
        first, second = first.astype(np.float32), second.astype(np.float32)
        residual = (root[:, 0] * residual).astype(np.float32)
        self.hessian[:n, :n] += first.T @ first
        mixed = first.T @ second
        self.hessian[:n, n:] += mixed
        self.hessian[n:, :n] += mixed.T
        self.hessian[n:, n:] += second.T @ second
        self.pull[:n] += first.T @ residual
        self.pull[n:] += second.T @ residual

    def outlines(self, flow: Flow) -> None:
        """Pull each landmark onto its ES line, and a little along it to its own place there."""
        at = self.start
        weights = np.zeros((len(at), self.grid.rows * self.grid.columns))
        for _ in range(STOPS):
            middle = flow.moved(at, 0.5 / STOPS)
            weights += self.grid.weights(middle[:, 0], middle[:, 1]) / STOPS
            at = flow.moved(at, 1 / STOPS)
        foot, normal = np.empty_like(at), np.empty_like(at)
        for i, (line, line_normals) in enumerate(self.targets):
            mine = self.which == i
            foot[mine], piece = nearest(line, at[mine])
            normal[mine] = line_normals[piece]
        tangent = np.stack([-normal[:, 1], normal[:, 0]], axis=1)
        # Far off, the way to the nearest place of a line is a poor guide, and the matched place the better one.
        far = np.clip(np.linalg.norm(self.aim - at, axis=1) / 6 - 1, 0, 1)[:, None]
        goal = foot + far * (self.aim - foot)
        self.add(weights, normal, ((goal - at) * normal).sum(axis=1), np.ones(len(at)))
        say = np.full(len(at), self.settings.along)
        self.add(weights, tangent, ((self.aim - at) * tangent).sum(axis=1), say)

    def pictures(self, flow: Flow, ed: "_Compared", es: "_Compared", seen: Picture) -> None:
        """Pull images onto each other half way (ESM; Malis 2004), where both show something."""
        rows, columns = seen.shape
        low_x, low_y = self.grid.origin
        high_x, high_y = low_x + flow.velocity.shape[1], low_y + flow.velocity.shape[0]
        x, y = np.meshgrid(
            np.arange(max(low_x, 2), min(high_x, columns - 2), COMPARED_PX),
            np.arange(max(low_y, 2), min(high_y, rows - 2), COMPARED_PX),
        )
        z = x.ravel() + 1j * y.ravel()
        back, on = flow.drifted(z, -0.5), flow.drifted(z, 0.5)
        clear = looked_up(seen, back.real, back.imag) * looked_up(seen, on.real, on.imag) > 0.9
        z, back, on = z[clear], back[clear], on[clear]
        level, other = ed.at(back), es.at(on)
        residual = level[0] - other[0]
        # A difference as large as the contrast itself is another structure, not a shift (Geman and McClure 1987).
        say = self.settings.picture / (1 + (residual / 0.5) ** 2) ** 2
        self.add(self.grid.weights(z.real, z.imag), (level[1:] + other[1:]).T / 2, residual, say)


class _Compared:
    """A blurred image with its local mean and contrast taken out, so that gain does not look like motion."""

    def __init__(self, picture: Picture, blur_px: float) -> None:
        soft = blur_image(picture, blur_px)
        mean = blur_image(soft, 4 * blur_px)
        spread = np.sqrt(np.maximum(blur_image((soft - mean) ** 2, 4 * blur_px), 0))
        self.level = (soft - mean) / (spread + 4.0)
        self.slopes = np.gradient(self.level, axis=1), np.gradient(self.level, axis=0)

    def at(self, z: ComplexArray) -> FloatArray:
        """(3, n) level and its slopes along x and y at places x + iy."""
        return np.stack([looked_up(p, z.real, z.imag) for p in (self.level, *self.slopes)])


def fit_flow(lines: list[Line], ed: Picture, es: Picture, seen: Picture, settings: FitSettings) -> Flow:
    """The flow that carries matched ED lines to their ES lines, and the ED image to the ES image where it can.

    Args:
        lines: matched lines.
        ed: (rows, columns) float32 grey image.
        es: its like.
        seen: (rows, columns) float32, 1 where both images show anything.
        settings: what pulls how much.

    """
    flow: Flow | None = None
    for stage in STAGES:
        grid = _grid(lines, settings, stage.coarseness)
        fit = _Fit(lines, grid, settings, stage.coarseness)
        values = np.zeros(grid.rows * grid.columns, np.complex128) if flow is None else grid.controls(flow.at)
        n, flow = len(values), _flow(grid, values)
        pictures = [_Compared(picture, stage.blur_px) for picture in (ed, es)]
        for turn in range(stage.rounds):
            fit.begin(values)
            fit.outlines(flow)
            if settings.picture > 0 and turn >= stage.outlines_alone:
                fit.pictures(flow, pictures[0], pictures[1], seen)
            step = np.linalg.solve(fit.hessian, fit.pull)
            values = values + step[:n] + 1j * step[n:]
            flow = _flow(grid, values)
    assert flow is not None
    return flow
