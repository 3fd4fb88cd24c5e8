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
        """Whether all points (x, y in pixels of the image) lie within.

        Args:
            points: of the image, its edges included.

        """
        x0, y0, x1, y1 = self.region.x0, self.region.y0, self.region.x1, self.region.y1
        return all(x0 - 0.5 <= x <= x1 - 0.5 and y0 - 0.5 <= y <= y1 - 0.5 for x, y in points)

    def between_s(self, first: Point, second: Point) -> float:
        """Time from one point to another, s; below 0 where the second is further left.

        Args:
            first: (x, y) in pixels of the image.
            second: (x, y) in pixels of the image.

        """
        return (second[0] - first[0]) * self.column_s

    def velocity_cm_per_s(self, point: Point) -> float | None:
        """Velocity at a point, above 0 towards the transducer; None without a baseline, or in M-mode.

        Args:
            point: (x, y) in pixels of the image.

        """
        if self.form != "spectral" or self.baseline_px is None:
            return None
        return (point[1] - self.baseline_px) * self.row

    def depth_mm(self, first: Point, second: Point) -> float:
        """How far apart in depth two points of an M-mode are, mm; their distance in time does not count.

        Args:
            first: (x, y) in pixels of the image.
            second: (x, y) in pixels of the image.

        """
        return abs((second[1] - first[1]) * self.row)

    def foot(self, first: Point, second: Point) -> Point | None:
        """Where the line through two points of a spectrum reaches velocity 0 after the first, (x, y) in pixels.

        None without a baseline, and where the line does not fall to it.

        Args:
            first: (x, y) in pixels of the image, such as the peak.
            second: (x, y) in pixels of the image, right of the first.

        """
        if self.form != "spectral" or self.baseline_px is None or second[0] <= first[0] or first[1] == second[1]:
            return None
        along = (self.baseline_px - first[1]) / (second[1] - first[1])
        return (first[0] + along * (second[0] - first[0]), self.baseline_px) if along > 0 else None

    def slope_time_s(self, first: Point, second: Point) -> float | None:
        """Time from the first point to where the line through both reaches velocity 0, s: deceleration time.

        None without a baseline, and where the line does not fall to the baseline after the first point.

        Args:
            first: (x, y) in pixels of the image, such as the peak.
            second: (x, y) in pixels of the image, right of the first.

        """
        foot = self.foot(first, second)
        return None if foot is None else self.between_s(first, foot)

    def velocity_time_integral_cm(self, points: Sequence[Point]) -> float | None:
        """Area between a trace and velocity 0, cm: how far the flow goes in the time of the trace.

        Flow is on one side of the baseline, the one that the trace reaches further into: the stretches of the trace
        beyond the baseline, such as where it was begun a little too deep, count as velocity 0.

        Args:
            points: of the envelope in order, from its beginning to its end or from its end to its beginning.

        Returns:
            The area, above 0; None without a baseline, in M-mode, and where the trace encloses none.

        """
        if self.form != "spectral" or self.baseline_px is None or len(points) < 2:
            return None
        speeds = [(y - self.baseline_px) * self.row for _, y in points]
        side = math.copysign(1.0, max(speeds, key=abs))
        total = 0.0
        for (x0, _), (x1, _), here, there in zip(points, points[1:], speeds, speeds[1:], strict=False):
            low, high = sorted((side * here, side * there))
            if high <= 0:
                continue
            mean = (low + high) / 2 if low >= 0 else high**2 / (2 * (high - low))
            total += mean * (x1 - x0) * self.column_s
        return abs(total) or None


def graph_of(graphs: Sequence[Graph], points: Iterable[Point]) -> Graph | None:
    """The graph that all points (x, y in pixels) lie in; None where there is none.

    Args:
        graphs: of the recording.
        points: of a calliper.

    """
    every = tuple(points)
    return next((graph for graph in graphs if graph.holds(every)), None)
