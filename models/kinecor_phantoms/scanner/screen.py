"""Where the sector is on the image."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.scanner.probe import Probe


@dataclass(frozen=True, slots=True)
class Screen:
    """An image of square pixels with one sector in it, beams running down from the apex.

    Attributes:
        rows, columns: size of the image, 32 to 4096.
        mm_per_px: side of a pixel, 0.05 to 10.
        apex_px: (x, y) of the transducer's centre; pixel centres at integers.
        depth_mm, sector_deg: of the sector.
        mirrored: the image's right is the probe's left.
        start_mm: what is nearer to the apex stays black.

    Raises:
        ValueError: a value is outside its range.

    """

    rows: int
    columns: int
    mm_per_px: float
    apex_px: tuple[float, float]
    depth_mm: float
    sector_deg: float
    mirrored: bool = False
    start_mm: float = 0.0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("rows", 32, 4096),
            ("columns", 32, 4096),
            ("mm_per_px", 0.05, 10),
            ("depth_mm", 40, 300),
            ("sector_deg", 30, 110),
        ):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"a screen's {name} must be between {low} and {high}, got {getattr(self, name)}")
        if not 0 <= self.start_mm < self.depth_mm:
            raise ValueError(f"a screen's start_mm must be between 0 and its depth, got {self.start_mm}")

    @classmethod
    def fitted(
        cls,
        probe: Probe,
        rows: int = 256,
        columns: int = 256,
        *,
        margin_px: float = 2.0,
        foot_px: float = 0.0,
        mirrored: bool = False,
        start_mm: float = 0.0,
    ) -> "Screen":
        """The screen that shows a probe's sector as large as fits.

        Args:
            probe: its depth and sector are taken.
            rows: of the image.
            columns: of the image.
            margin_px: left free on all sides.
            foot_px: left free below as well, for an ECG trace.
            mirrored: the image's right is the probe's left.
            start_mm: what is nearer to the apex stays black.

        """
        wide = 2 * probe.depth_mm * math.sin(probe.sector_rad / 2)
        if min(columns - 1 - 2 * margin_px, rows - 1 - 2 * margin_px - foot_px) <= 0:
            raise ValueError(f"margins of {margin_px} and a foot of {foot_px} leave nothing of {rows} x {columns} px")
        mm_per_px = max(wide / (columns - 1 - 2 * margin_px), probe.depth_mm / (rows - 1 - 2 * margin_px - foot_px))
        apex = ((columns - 1) / 2, (rows - 1 - foot_px - probe.depth_mm / mm_per_px) / 2)
        return cls(rows, columns, mm_per_px, apex, probe.depth_mm, probe.sector_deg, mirrored, start_mm)

    @property
    def _right(self) -> float:
        return -1.0 if self.mirrored else 1.0

    def to_px(self, points_mm: NDArray[np.floating]) -> NDArray[np.float64]:
        """(n, 2) points of the probe's plane (x to the right, y depth) as (n, 2) points x, y of the image."""
        points = np.asarray(points_mm, np.float64)
        out: NDArray[np.float64] = points * (self._right / self.mm_per_px, 1 / self.mm_per_px) + self.apex_px
        return out

    def to_mm(self, points_px: NDArray[np.floating]) -> NDArray[np.float64]:
        """(n, 2) points x, y of the image as (n, 2) points of the probe's plane, in mm."""
        points = np.asarray(points_px, np.float64)
        out: NDArray[np.float64] = (points - self.apex_px) * (self._right * self.mm_per_px, self.mm_per_px)
        return out

    def polar(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distance from the apex in mm and the beam's angle in rad of every pixel, each (rows, columns)."""
        y, x = np.mgrid[0 : self.rows, 0 : self.columns]
        mm = self.to_mm(np.stack((x.ravel(), y.ravel()), axis=1))
        shape = (self.rows, self.columns)
        return np.hypot(mm[:, 0], mm[:, 1]).reshape(shape), np.arctan2(mm[:, 0], mm[:, 1]).reshape(shape)

    def mask(self) -> NDArray[np.bool_]:
        """(rows, columns), true inside the sector."""
        radius, angle = self.polar()
        half = math.radians(self.sector_deg) / 2
        inside: NDArray[np.bool_] = (radius <= self.depth_mm) & (radius >= self.start_mm) & (np.abs(angle) <= half)
        return inside

    @property
    def region(self) -> tuple[int, int, int, int]:
        """The box x0, y0, x1, y1 around the sector, x0 <= x < x1 and y0 <= y < y1, within the image."""
        half = math.radians(self.sector_deg) / 2
        reach = self.depth_mm * math.sin(half) / self.mm_per_px
        x, y = self.apex_px
        top = y + self.start_mm * math.cos(half) / self.mm_per_px
        return (
            max(0, math.floor(x - reach)),
            max(0, math.floor(top)),
            min(self.columns, math.ceil(x + reach) + 1),
            min(self.rows, math.ceil(y + self.depth_mm / self.mm_per_px) + 1),
        )
