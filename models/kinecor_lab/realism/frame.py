"""One image to be judged by its look, real or simulated, and the measures' common ground."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.uint8]

# What echo frames are brought to before they are measured: the spacing of the labelled real frames available.
ECHO_GRID_MM = 0.616
CAVITY, WALL, ATRIUM, RIGHT = 1, 2, 3, 4


@dataclass(frozen=True, eq=False)
class LookFrame:
    """An image with what is known of its parts.

    Attributes:
        name: of the recording, for messages.
        image: (rows, columns) uint8.
        labels: the same shape, 0 background or not labelled, 1 LV cavity, 2 LV myocardium, 3 left atrium, 4 RV cavity;
            None where nothing is labelled. Classes may be missing.
        spacing_mm: of square pixels, or None where unknown.
        clip: (frames, rows, columns) uint8 of which `image` is one, or None.
        interval_s: between frames of the clip, or None where unknown.

    """

    name: str
    image: NDArray[np.uint8]
    labels: Labels | None = None
    spacing_mm: float | None = None
    clip: NDArray[np.uint8] | None = None
    interval_s: float | None = None

    def part(self, label: int) -> NDArray[np.bool_]:
        """The pixels of a class; none where nothing is labelled."""
        if self.labels is None:
            return np.zeros(self.image.shape, bool)
        return np.asarray(self.labels == label)

    def inside(self, mask: NDArray[np.bool_]) -> "LookFrame":
        """The frame with labels only where the mask is true: experts draw walls on beyond the sector's edge."""
        return self if self.labels is None else replace(self, labels=np.where(mask, self.labels, 0).astype(np.uint8))


@dataclass(frozen=True, slots=True)
class Measure:
    """A row of the table: what it is called, its unit, and what it means."""

    unit: str
    meaning: str


Measured = Mapping[str, float]
"""Value by the measure's name; NaN where a frame does not allow it."""


def resampled(frame: LookFrame, spacing_mm: float) -> LookFrame:
    """The frame at another spacing: areas averaged on the way down, cubic on the way up. Its clip is dropped."""
    if frame.spacing_mm is None or abs(frame.spacing_mm / spacing_mm - 1) < 0.01:
        return frame
    factor = frame.spacing_mm / spacing_mm
    size = (round(frame.image.shape[1] * factor), round(frame.image.shape[0] * factor))
    image = cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    labels = frame.labels
    if labels is not None:
        labels = np.asarray(cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    return LookFrame(frame.name, np.asarray(image, np.uint8), labels, spacing_mm)


def table_of(rows: Mapping[str, tuple[str, str]]) -> Mapping[str, Measure]:
    """Measures by name, from (unit, meaning)."""
    return MappingProxyType({name: Measure(*row) for name, row in rows.items()})
