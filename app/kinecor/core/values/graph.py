"""Parts of an ultrasound image that are graphs over time: spectral Doppler and M-mode, with the units of their axes."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from kinecor.core.values.geometry import Region

Point = tuple[float, float]
Form = Literal["spectral", "m-mode"]


@dataclass(frozen=True, slots=True)
class Graph:
    """A rectangle of an image in which x is time, and y velocity (spectral Doppler) or depth (M-mode).

    Attributes:
        form: "spectral" or "m-mode".
        region: the rectangle.
        column_s: time from a column of pixels to the next, s.
        row: what y rises by from a row of pixels to the next below: cm/s (below 0 where velocities towards the
            transducer are drawn upwards), or mm of depth.
        baseline_px: the row of velocity 0, in pixels of the image; None where the file does not say.

    Raises:
        ValueError: a step that is not finite or 0, or time that runs backwards.

    """

    form: Form
    region: Region
    column_s: float
    row: float
    baseline_px: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.column_s) and self.column_s > 0 and math.isfinite(self.row) and self.row):
            raise ValueError(f"steps of a graph are finite and not 0, got {self.column_s} s and {self.row} a pixel")

    def holds(self, points: Iterable[Point]) -> bool:
        """Whether all points (x, y in pixels of the image) lie within."""
        x0, y0, x1, y1 = self.region.x0, self.region.y0, self.region.x1, self.region.y1
        return all(x0 - 0.5 <= x <= x1 - 0.5 and y0 - 0.5 <= y <= y1 - 0.5 for x, y in points)

    def between_s(self, first: Point, second: Point) -> float:
        """Time from one point to another, s; below 0 where the second is further left."""
        return (second[0] - first[0]) * self.column_s

    def velocity_cm_per_s(self, point: Point) -> float | None:
        """Velocity at a point, above 0 towards the transducer; None without a baseline, or in M-mode."""
        if self.form != "spectral" or self.baseline_px is None:
            return None
        return (point[1] - self.baseline_px) * self.row

    def depth_mm(self, first: Point, second: Point) -> float:
        """How far apart in depth two points of an M-mode are, mm; their distance in time does not count."""
        return abs((second[1] - first[1]) * self.row)

    def foot(self, first: Point, second: Point) -> Point | None:
        """Where the line through two points of a spectrum reaches velocity 0 after the first, (x, y) in pixels.

        None without a baseline, and where the line does not fall to it.
        """
        if self.form != "spectral" or self.baseline_px is None or second[0] <= first[0] or first[1] == second[1]:
            return None
        along = (self.baseline_px - first[1]) / (second[1] - first[1])
        return (first[0] + along * (second[0] - first[0]), self.baseline_px) if along > 0 else None

    def slope_time_s(self, first: Point, second: Point) -> float | None:
        """Time from the first point to where the line through both reaches velocity 0, s: deceleration time.

        None without a baseline, and where the line does not fall to the baseline after the first point.
        """
        foot = self.foot(first, second)
        return None if foot is None else self.between_s(first, foot)


def graph_of(graphs: Sequence[Graph], points: Iterable[Point]) -> Graph | None:
    """The graph that all points (x, y in pixels) lie in; None where there is none."""
    every = tuple(points)
    return next((graph for graph in graphs if graph.holds(every)), None)
