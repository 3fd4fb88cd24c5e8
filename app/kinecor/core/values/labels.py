"""Contours of another program as a file holds them: labels of pixels, or points.

What a label stands for is a choice: programs and data sets number the parts of the heart differently.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import Contour, FloatArray, Plane
from kinecor.core.values.message import Message, message
from kinecor.core.values.track import Structure

Labels = NDArray[np.integer[Any]]


class Part(StrEnum):
    """What the pixels of a label are; the values are the words of `--labels`."""

    LV_CAVITY = "lv"
    LV_WALL = "wall"
    LA = "la"
    RV = "rv"
    NOTHING = "none"

    @property
    def caption(self) -> Message:
        """What it is called on screen."""
        return _CAPTIONS[self]


_CAPTIONS: Final[Mapping[Part, Message]] = MappingProxyType(
    {
        Part.LV_CAVITY: message("LV cavity"),
        Part.LV_WALL: message("LV myocardium"),
        Part.LA: message("left atrium"),
        Part.RV: message("right ventricle"),
        Part.NOTHING: message("not imported"),
    }
)

STRUCTURE_OF: Final[Mapping[Part, Structure]] = MappingProxyType(
    {Part.LV_CAVITY: Structure.LV_ENDO, Part.LV_WALL: Structure.LV_EPI, Part.LA: Structure.LA, Part.RV: Structure.RV}
)
"""The outline that a part of the heart gives; the wall with the cavity within gives the epicardium."""


@dataclass(frozen=True, eq=False)
class LabelPlane:
    """Labels of one image plane at one time.

    Attributes:
        values: (rows, columns) whole numbers; 0 is background.
        time: number of the time in the file, from 0.
        place: number of the slice in the file, from 0.
        plane: where it lies in the patient; None where the file does not say.
        spacing_mm: (between rows, between columns), or None.
        source: SOP Instance UID of the image that it was drawn on, and its frame from 1 (0 for a single-frame image);
            None where the file names none.
        corner: (row, column) of the image at which `values` begin, where the file says so of a part of it.

    """

    values: Labels
    time: int = 0
    place: int = 0
    plane: Plane | None = None
    spacing_mm: tuple[float, float] | None = None
    source: tuple[str, int] | None = None
    corner: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False)
class LabelFile:
    """A file of labels.

    Attributes:
        name: of the file, without its folder.
        format: of the file, in words.
        planes: in the order of the file; those without any label may be missing.
        times: number of times, those without labels included.
        places: number of slices, likewise.
        axis_unknown: whether `places` may as well count times: a file of three dimensions does not say.
        parts: what labels stand for, as far as the file says.
        names: of the labels in the file's words.
        equipment: what made it; "" where the file does not say.
        patient: whom it is of; "" where the file does not say; see `Patient.identity`.
        frame_number: of the time that it is of, from 0, by its name; None where that does not say.

    """

    name: str
    format: Message
    planes: tuple[LabelPlane, ...]
    times: int
    places: int
    axis_unknown: bool = False
    parts: Mapping[int, Part] = field(default_factory=lambda: MappingProxyType({}))
    names: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    equipment: str = ""
    patient: str = ""
    frame_number: int | None = None

    @property
    def values(self) -> tuple[int, ...]:
        """Every label in use, in order, without the background."""
        present: set[int] = set()
        for plane in self.planes:
            present.update(int(value) for value in np.unique(plane.values))
        return tuple(sorted(present - {0}))


@dataclass(frozen=True, eq=False)
class DrawnContour:
    """One contour of a file of points.

    Attributes:
        structure: what it outlines.
        place: number of the slice, from 0; None of a loop.
        frame: from 0.
        contour: in pixels of the image that it was drawn on.
        patient_mm: (n, 3) the same points in the patient; None where the file does not say.

    """

    structure: Structure
    place: int | None
    frame: int
    contour: Contour
    patient_mm: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class RecordedContours:
    """Contours of one recording of a file of points.

    Attributes:
        recording: its id.
        frames: number of frames; None where the file does not say.
        slices: number of slices, 0 of a loop; None where the file does not say.
        contours: see DrawnContour.

    """

    recording: str
    frames: int | None
    slices: int | None
    contours: tuple[DrawnContour, ...]


@dataclass(frozen=True, eq=False)
class ContourFile:
    """A file of points: contours of one recording or of several.

    Attributes:
        name: of the file, without its folder.
        format: of the file, in words.
        recordings: see RecordedContours.
        equipment: what made it; "" where the file does not say.

    """

    name: str
    format: Message
    recordings: tuple[RecordedContours, ...]
    equipment: str = ""
