"""A recording as it was opened: frames, times, scale."""

from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.arrays import BytesArray, FloatArray, finite, frozen
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.grey import Depth, RealFrames
from kinecor.core.values.plane import Plane


@runtime_checkable
class FrameSource(Protocol):
    """Random access to decoded frames; may be lazy, may be called from several threads at once."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(frames, rows, columns) or (frames, rows, columns, 3)."""

    def __len__(self) -> int:
        """How many frames there are."""

    def __getitem__(self, frame: int) -> BytesArray:
        """Frame `frame` (0-based), read-only uint8 of shape (rows, columns) or (rows, columns, 3) in RGB.

        Raises:
            KinecorError: the frame cannot be decoded.
            IndexError: there is no such frame.

        """


class ArrayFrames:
    """A FrameSource over an array that is in memory already."""

    def __init__(self, frames: NDArray[np.uint8]) -> None:
        if frames.dtype != np.uint8 or frames.ndim not in (3, 4) or (frames.ndim == 4 and frames.shape[3] != 3):
            raise ValueError(f"frames are uint8 (t, h, w) or (t, h, w, 3), got {frames.dtype} {frames.shape}")
        self._frames = frozen(frames, np.uint8)

    @property
    def shape(self) -> tuple[int, ...]:
        """(frames, rows, columns) or (frames, rows, columns, 3)."""
        return self._frames.shape

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, frame: int) -> BytesArray:
        one: BytesArray = self._frames[frame]
        return one


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of pixels: x0 <= x < x1, y0 <= y < y1."""

    x0: int
    y0: int
    x1: int
    y1: int

    def __post_init__(self) -> None:
        if not (0 <= self.x0 < self.x1 and 0 <= self.y0 < self.y1):
            raise ValueError(f"not a rectangle of pixels: x {self.x0}..{self.x1}, y {self.y0}..{self.y1}")


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient and the study by the header; empty where it says nothing."""

    name: str = ""
    patient_id: str = ""
    birth_date: str = ""
    sex: str = ""
    height_cm: float | None = None
    weight_kg: float | None = None
    study_date: str = ""
    study_description: str = ""
    institution: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a recording comes from, and how it is recognised.

    Attributes:
        path: the file or folder as it was given.
        recording_id: stable over moves and renames: the SOP (or series) UID, else a digest of the content.
        study_id: the study UID, else the recording's own id.
        modality: "US", "MR", or what else the file says ("XA", ...); "" where it does not say.
        equipment: maker, model and software of the scanner, as one line.
        patient: see Patient.
        extra: further header facts by name, for display only.
        digest: of the pixels, sha256 in hex; "" where they were not read from a file.

    """

    path: str
    recording_id: str
    study_id: str
    modality: str
    equipment: str = ""
    patient: Patient = field(default_factory=Patient)
    extra: tuple[tuple[str, str], ...] = ()
    digest: str = ""


@dataclass(frozen=True, eq=False)
class CineSequence:
    """One cine loop.

    Attributes:
        frames: (t, h, w) or (t, h, w, 3) uint8, lazily decoded.
        times_s: (t,) float64, seconds from the first frame, strictly increasing, first is 0.
        times_origin: "FrameTime", "FrameTimeVector", "TriggerTime", ..., or "assumed".
        calibration: scale of the image, or None: then nothing is measured in mm or ml.
        calibration_origin: where the scale comes from, or why there is none, in one sentence.
        offered: a scale that is probably right but that a person must accept first, or None.
        source: see Source.
        view: the view named by the header ("A4C", ...), or None.
        heart_rate_per_min: from the header, or None.
        r_wave_s: times of R waves from the header, relative to the first frame; may be empty.
        region: the part of the frame that holds the ultrasound image, or None where the header does not say.
        warnings: one sentence each.
        plane: of the image in the patient, or None where the file does not say.
        depth: the same images in the file's own values, for display; None where they have 8 bits or colour.

    Raises:
        ValueError: times do not fit the frames.

    """

    frames: FrameSource
    times_s: FloatArray
    times_origin: str
    calibration: Calibration | None
    source: Source
    calibration_origin: str = ""
    offered: Calibration | None = None
    view: str | None = None
    heart_rate_per_min: float | None = None
    r_wave_s: tuple[float, ...] = ()
    region: Region | None = None
    warnings: tuple[str, ...] = ()
    plane: Plane | None = None
    depth: Depth | None = None

    def __post_init__(self) -> None:
        times: NDArray[Any] = finite(frozen(self.times_s), "frame times")
        object.__setattr__(self, "times_s", times)
        if times.shape != (len(self.frames),):
            raise ValueError(f"{len(self.frames)} frames need as many times, got {times.shape}")
        if len(times) == 0:
            raise ValueError("a recording has at least one frame")
        if times[0] != 0 or (np.diff(times) <= 0).any():
            raise ValueError("frame times start at 0 and increase")

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def cines(self) -> "tuple[CineSequence, ...]":
        """The loops it consists of: itself, as of a stack its slices."""
        return (self,)

    @property
    def seen(self) -> RealFrames:
        """The frames for display by a grey window: at their own depth where they have more than 8 bits."""
        return self.depth.frames if self.depth else self.frames

    @property
    def rows(self) -> int:
        """Height of a frame in pixels."""
        return self.frames.shape[1]

    @property
    def columns(self) -> int:
        """Width of a frame in pixels."""
        return self.frames.shape[2]
