"""A recording as it was opened: its frames, times, scale and grey window; one cine, or the slices of a stack.

And what its images show whatever is concluded of them: damaged, repeated and lost frames, the beat.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.geometry import BytesArray, FloatArray, Plane, finite, frozen_array
from kinecor.core.values.geometry import Region as Region
from kinecor.core.values.graph import Graph
from kinecor.core.values.message import NOTHING, Message, message, verbatim
from kinecor.core.values.series import NO_SERIES, Series

_LONGEST_GAP = 0.35
"""A gated cine leaves out at most this share of the cycle at its end."""


@dataclass(frozen=True, eq=False)
class TimeAxis:
    """The times of the frames; where they are the phases of one gated cycle, the last is followed by the first.

    Attributes:
        times_s: (frames,) increasing.
        period_s: length of the cycle, more than the last time; None where frames do not come round again.

    Raises:
        ValueError: times that do not increase, or a period that ends before the last frame.

    """

    times_s: FloatArray
    period_s: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "times_s", frozen_array(self.times_s))
        if self.times_s.ndim != 1 or (np.diff(self.times_s) <= 0).any():
            raise ValueError(f"(frames,) increasing times were expected, got shape {self.times_s.shape}")
        if self.period_s is not None and len(self) and self.period_s <= self.times_s[-1] - self.times_s[0]:
            raise ValueError(f"a cycle of {self.period_s} s ends before its last frame, at {self.times_s[-1]} s")

    def __len__(self) -> int:
        return len(self.times_s)

    @property
    def periodic(self) -> bool:
        """Whether the last frame is followed by the first."""
        return self.period_s is not None

    def at_s(self, frame: int) -> float:
        """Time of a frame; numbers beyond the last go on round the cycle, where it is periodic.

        Args:
            frame: from 0; below 0 and beyond the last the cycle goes on.

        """
        turns, within = divmod(frame, len(self))
        return float(self.times_s[within]) + turns * (self.period_s or 0.0)

    def distance_s(self, frame: int) -> FloatArray:
        """(frames,) time between each frame and `frame`, the shorter way round where it is periodic.

        Args:
            frame: from 0.

        """
        gap = np.abs(self.times_s - self.times_s[frame])
        return np.asarray(gap if self.period_s is None else np.minimum(gap, self.period_s - gap))

    def weights(self, frame: int, reach_s: float, least: float = 0.0) -> FloatArray:
        """(frames,) from 0 to 1: exp(-(time to `frame` / reach)^2); below `least` it is 0.

        A reach of 0 s is this frame only, infinity all frames alike.

        Args:
            frame: from 0.
            reach_s: from 0 to infinity.
            least: 0 to 1.

        """
        if reach_s <= 0:
            weights = np.zeros(len(self))
            weights[frame] = 1.0
            return weights
        weights = np.exp(-((self.distance_s(frame) / reach_s) ** 2))
        return np.where(weights < least, 0.0, weights)

    def share(self, first: int, frame: int, last: int) -> float:
        """Which share of the time from `first` to `last` has passed at `frame`; numbers as in `at_s`.

        Args:
            first: frame, from 0.
            frame: from 0.
            last: frame, after the first.

        """
        return (self.at_s(frame) - self.at_s(first)) / max(self.at_s(last) - self.at_s(first), 1e-9)


def cycle_length_s(times_s: FloatArray, heart_rate_per_min: float | None) -> float:
    """Length of a gated cycle: by the heart rate where that fits the phases, else the phases and one step more.

    Args:
        times_s: (phases,) from 0 on.
        heart_rate_per_min: of the header; None without one.

    """
    step_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 1.0
    whole_s = float(times_s[-1]) + step_s
    header_s = 60 / heart_rate_per_min if heart_rate_per_min else 0.0
    return header_s if whole_s - step_s / 2 <= header_s <= whole_s / (1 - _LONGEST_GAP) else whole_s


# Within this relative difference two spacings count as equal ("square pixels").
# Spacings outside this range are not of a heart on a screen: 1 micrometre to 2 cm a pixel.


Curve = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]
MIN_WIDTH = 1e-6


@dataclass(frozen=True, slots=True)
class GreyWindow:
    """Window Center (0028,1050), Window Width (0028,1051) and VOI LUT Function (0028,1056), PS3.3 C.11.2.1.2.

    Attributes:
        centre: in real values, after Rescale Slope and Intercept.
        width: likewise, above 0; 1 or more where the curve is LINEAR, which counts whole values.
        curve: how grey rises between black and white.
        gamma: exponent of the screen: above 1 what lies between black and white is brighter.
        negative: whether black and white change places.

    Raises:
        ValueError: such a width, a gamma of 0 or below, or a number that is not finite.

    """

    centre: float
    width: float
    curve: Curve = "LINEAR"
    gamma: float = 1.0
    negative: bool = False

    def __post_init__(self) -> None:
        if not np.isfinite(self.gamma) or self.gamma <= 0:
            raise ValueError(f"gamma is above 0, got {self.gamma}")
        least = 1.0 if self.curve == "LINEAR" else MIN_WIDTH
        if not np.isfinite((self.centre, self.width)).all() or self.width < least:
            raise ValueError(f"a grey window has a centre and a width above 0, got {self.centre}, {self.width}")

    def grey(self, values: NDArray[Any]) -> BytesArray:
        """Real values as uint8 of the same shape; what is not finite is black.

        Args:
            values: of any shape and number type.

        """
        real = np.nan_to_num(np.asarray(values, np.float32))
        if self.curve == "SIGMOID":
            level = 255 / (1 + np.exp(np.clip(-4 * (real - self.centre) / self.width, -80, 80)))
        else:
            # LINEAR counts whole values: of a width of 256 around 128, 0 is black and 255 white.
            half, less = (0.5, 1.0) if self.curve == "LINEAR" else (0.0, 0.0)
            span = max(self.width - less, 1e-6)
            level = ((real - np.float32(self.centre - half)) * np.float32(1 / span) + np.float32(0.5)) * 255
        level = np.clip(level, 0, 255)
        if self.gamma != 1.0:
            level = 255 * (level / 255) ** (1 / self.gamma)
        return np.asarray(np.rint(255 - level if self.negative else level), np.uint8)


def window_between(low: float, high: float) -> GreyWindow:
    """The window that makes `low` black and `high` white.

    Args:
        low: value of black.
        high: value of white; where it is not over `low`, the window is 1 wide.

    """
    return GreyWindow((low + high) / 2, high - low if high > low else 1.0, "LINEAR_EXACT")


def apply_window(values: NDArray[Any], window: GreyWindow, *, inverted: bool = False) -> BytesArray:
    """An image of real values under a window; inverted where low values are bright (MONOCHROME1).

    Whole numbers of up to 16 bits go by a table, which is some times quicker than working out each pixel.

    Args:
        values: of any shape.
        window: of these values.
        inverted: whether low values are bright.

    """
    if values.dtype.kind in "iu" and values.dtype.itemsize <= 2:
        grey: BytesArray = _table(window, values.dtype.str)[values]
    else:
        grey = window.grey(values)
    return 255 - grey if inverted else grey


@lru_cache(maxsize=8)
def _table(window: GreyWindow, kind: str) -> BytesArray:
    """Grey of every value that the kind of number can have; negative ones count from the end, as numpy does."""
    bits = np.dtype(kind).itemsize * 8
    return window.grey(np.arange(1 << bits, dtype=np.uint32).astype(f"u{bits // 8}").view(kind))


class RealFrames(Protocol):
    """Random access to frames in real values; may be lazy, may be asked from several threads at once."""

    def __len__(self) -> int:
        """How many frames there are."""

    def __getitem__(self, frame: int) -> NDArray[Any]:
        """Frame `frame` (0-based): (rows, columns), read-only."""


@dataclass(frozen=True, eq=False)
class Depth:
    """A loop's images at the depth they were taken with; for display, nothing is measured on them.

    Attributes:
        frames: as many as the loop has.
        opened: the window given in the file, else `automatic`.
        automatic: the window that the images themselves suggest.
        full: from the darkest to the brightest value that was looked at.
        inverted: whether low values are bright.

    """

    frames: RealFrames
    opened: GreyWindow
    automatic: GreyWindow
    full: GreyWindow
    inverted: bool = False


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


@runtime_checkable
class CheckedFrames(FrameSource, Protocol):
    """Frames whose decoder can tell whether it had to guess."""

    def repaired(self, frame: int) -> bool:
        """Whether frame `frame` (0-based) was decoded from data that are cut off or damaged.

        Args:
            frame: from 0.

        """


class ArrayFrames:
    """A FrameSource over an array that is in memory already."""

    def __init__(self, frames: NDArray[np.uint8]) -> None:
        if frames.dtype != np.uint8 or frames.ndim not in (3, 4) or (frames.ndim == 4 and frames.shape[3] != 3):
            raise ValueError(f"frames are uint8 (t, h, w) or (t, h, w, 3), got {frames.dtype} {frames.shape}")
        self._frames = frozen_array(frames, np.uint8)

    @property
    def shape(self) -> tuple[int, ...]:
        """(frames, rows, columns) or (frames, rows, columns, 3)."""
        return self._frames.shape

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, frame: int) -> BytesArray:
        frame_array: BytesArray = self._frames[frame]
        return frame_array


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
    stated_age: str = ""
    """Patient's Age (0010,1010), e.g. "042Y", "006M"."""

    @property
    def identity(self) -> str:
        """What tells patients apart: the identifier, else the name; "" where there is neither."""
        return self.patient_id.strip() or " ".join(self.name.replace("^", " ").casefold().split())

    @property
    def age_years(self) -> float | None:
        """On the day of the study: from the dates, else as stated; None where neither is known."""
        try:
            born, seen = (date.fromisoformat(date_text) for date_text in (self.birth_date, self.study_date))
            if seen >= born:
                return (seen - born).days / 365.25
        except ValueError:
            pass
        number, unit = self.stated_age[:-1], self.stated_age[-1:].upper()
        per_year = {"Y": 1.0, "M": 12.0, "W": 52.18, "D": 365.25}.get(unit)
        return int(number) / per_year if per_year and number.isdigit() else None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a stress study, such as "Baseline" or "Peak", and its place in the protocol, from 1, where known."""

    name: str
    number: int | None = None

    @property
    def words(self) -> Message:
        """Its name as a reader is shown it."""
        return stage_words(self.name)


def stage_words(name: str) -> Message:
    """The name of a stage: of those that this program offers in the reader's language, of others as it stands.

    Args:
        name: as in the header, or as a reader chose it.

    """
    return _STAGES.get(name) or verbatim(name)


# "Peak" is said in German, too.
_STAGES: Final = {
    "Rest": message("Rest"),
    "Low dose": message("Low dose"),
    "Recovery": message("Recovery"),
}


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
        stage: of a stress study, or None.
        view_number: place of the view in its stage, from 1: the same at all stages; None where the header has none.
        series: what it is a series of, with its kind.
        content_date: when the images were taken, as YYYYMMDD; "" where the header does not say.

    """

    path: str
    recording_id: str
    study_id: str
    modality: str
    equipment: str = ""
    patient: Patient = field(default_factory=Patient)
    extra: tuple[tuple[str, str], ...] = ()
    digest: str = ""
    stage: Stage | None = None
    view_number: int | None = None
    series: Series = NO_SERIES
    content_date: str = ""

    @property
    def burned_in(self) -> bool:
        """Whether the file says that words are drawn into its images, such as a name."""
        return dict(self.extra).get("Burned-in annotation", "").strip().upper() == "YES"

    @property
    def date_warning(self) -> tuple[Message, ...]:
        """A sentence where the images were not taken at the date of their study, or on the day after it."""
        study, content = _day(self.patient.study_date), _day(self.content_date)
        if study is None or content is None or 0 <= (content - study).days <= 1:
            return ()
        return (
            message(
                "The study is dated {study_date}, its images {content_date}: one of the two is wrong.",
                study_date=study,
                content_date=content,
            ),
        )


def _day(written: str) -> date | None:
    """A DICOM date; None of another text."""
    try:
        return date(int(written[:4]), int(written[4:6]), int(written[6:8])) if len(written) == 8 else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Instance:
    """The DICOM object that a frame is stored in, as other objects refer to it.

    Attributes:
        path: of the file; of a file from a zip, of its temporary copy.
        sop_class, sop_instance, series, study: UIDs as the file gives them; "" where it has none.
        frame: number of the frame in the object, from 1; 0 where the object is a single image.

    """

    path: str
    sop_class: str
    sop_instance: str
    series: str
    study: str
    frame: int = 0

    @property
    def complete(self) -> bool:
        """Whether all its UIDs are there, so that another object can refer to it."""
        return all((self.sop_class, self.sop_instance, self.series, self.study))


@dataclass(frozen=True, eq=False)
class Trace:
    """A signal that was recorded with a loop, such as its ECG.

    Attributes:
        times_s: (samples,) float64, seconds from the first frame, strictly increasing.
        values: (samples,) float64.
        unit: "mV", "uV", "V", ...; "" where the file does not say.

    Raises:
        ValueError: times that do not increase, or that do not fit the values.

    """

    times_s: FloatArray
    values: FloatArray
    unit: str = ""

    def __post_init__(self) -> None:
        for name in ("times_s", "values"):
            object.__setattr__(self, name, finite(frozen_array(getattr(self, name)), f"{name} of a trace"))
        if self.times_s.ndim != 1 or self.times_s.shape != self.values.shape or len(self.times_s) < 2:
            raise ValueError(f"a time for each value was expected, got {self.times_s.shape} and {self.values.shape}")
        if (np.diff(self.times_s) <= 0).any():
            raise ValueError("times of a trace increase")


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
        r_wave_s: times of R waves from the header, else of the ECG recorded with the loop, relative to the first frame;
            may be empty.
        region: the part of the frame that holds the ultrasound image, or None where the header does not say.
        warnings: one sentence each.
        plane: of the image in the patient, or None where the file does not say.
        depth: the same images in the file's own values, for display; None where they have 8 bits or colour.
        instances: the DICOM object of each frame; empty where the recording was not read from DICOM.
        view_by: what names the view, as the author of it: "header" or "file name".
        stills: whether it is two still images, at ED and at ES; see `stills.joined`.
        ecg: as recorded next to the images, or None; a trace drawn into them is only shown.
        graphs: parts of the images that are spectra or M-modes; see `graph.Graph`.

    Raises:
        ValueError: times or instances do not fit the frames.

    """

    frames: FrameSource
    times_s: FloatArray
    times_origin: str
    calibration: Calibration | None
    source: Source
    calibration_origin: Message = NOTHING
    offered: Calibration | None = None
    view: str | None = None
    heart_rate_per_min: float | None = None
    r_wave_s: tuple[float, ...] = ()
    region: Region | None = None
    warnings: tuple[Message, ...] = ()
    plane: Plane | None = None
    depth: Depth | None = None
    instances: tuple[Instance, ...] = ()
    view_by: str = "header"
    stills: bool = False
    ecg: Trace | None = None
    graphs: tuple[Graph, ...] = ()

    def __post_init__(self) -> None:
        if self.instances and len(self.instances) != len(self.frames):
            raise ValueError(f"{len(self.frames)} frames need as many instances, got {len(self.instances)}")
        times: NDArray[Any] = finite(frozen_array(self.times_s), "frame times")
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


@dataclass(frozen=True, eq=False)
class Stack:
    """Slices of one heart, each a cine over the same phases.

    Attributes:
        slices: one CineSequence per slice, in order of position; all of the same number of frames (phases). Slices
            may differ in rows, columns and spacing.
        positions_mm: (slices,) float64, place of each slice along the common normal, strictly increasing.
        thickness_mm: slice thickness, or None where unknown.
        between_mm: distance from slice to slice as the header states it, or None.
        study_id: the study the slices belong to.
        warnings: one sentence each, e.g. a missing slice.
        recording_id: of the stack as a whole, stable as a CineSequence's; that of its first slice where none is given.

    Raises:
        ValueError: no slice, differing numbers of phases, or positions that do not increase.

    """

    slices: tuple[CineSequence, ...]
    positions_mm: FloatArray
    thickness_mm: float | None
    study_id: str
    warnings: tuple[Message, ...] = ()
    recording_id: str = ""
    between_mm: float | None = None

    def __post_init__(self) -> None:
        positions = finite(frozen_array(self.positions_mm), "slice positions")
        object.__setattr__(self, "positions_mm", positions)
        if not self.slices or positions.shape != (len(self.slices),):
            raise ValueError(f"{len(self.slices)} slices need as many positions, got {positions.shape}")
        if (np.diff(positions) <= 0).any():
            raise ValueError("slice positions must increase")
        if len({len(cine) for cine in self.slices}) != 1:
            raise ValueError(f"slices differ in phases: {[len(cine) for cine in self.slices]}")
        if not self.recording_id:
            object.__setattr__(self, "recording_id", self.slices[0].source.recording_id)

    @property
    def cines(self) -> tuple[CineSequence, ...]:
        """The loops it consists of: its slices."""
        return self.slices

    @property
    def source(self) -> Source:
        """Where it comes from: its own identity, and its first slice's file."""
        return replace(self.slices[0].source, recording_id=self.recording_id, study_id=self.study_id)

    @property
    def phases(self) -> int:
        """Frames per slice."""
        return len(self.slices[0])

    @property
    def times_s(self) -> FloatArray:
        """(phases,) times of the phases, seconds, those of the first slice."""
        return self.slices[0].times_s


Recording = CineSequence | Stack
"""What may be opened: a loop, or a stack of them. Both have `cines`, `source`, `times_s` and `warnings`."""


MIN_FROZEN = 2
"""Repeated frames one after the other from which the picture counts as frozen."""


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Measured once on all frames of a loop, before anything is concluded; of a stack, what compares its slices.

    Frames and slices are counted from 0 and increase.

    Attributes:
        measured: whether the images were looked at; all else is empty before.
        damaged: frames whose decoder warned, that cannot be decoded, or a part of which is out of place.
        undecoded: those of them that a decoder warned of or refused.
        repeated: frames that show the same picture as the frame before, while the heart moves.
        lost_after: frames after which the picture jumps as if others were lost, where the times show no gap.
        gap_after: frames after which the times step far more than usual.
        period_frames: length of the heart beat by the images alone, in frames; None where fewer than about 1.3 beats
            are seen, or the images do not show it clearly.
        still: whether nothing moves: one frame, or a picture that never changes.
        blank: whether the whole recording is of one grey.
        sector: bounds of the part of the picture that moves; None where nothing does.
        apex_up: of an echo sector, whether its narrow end is at the top; None where it cannot be seen.
        covered: share of the moving part that the calibrated region covers, 0 to 1; None where nothing moves.
        tick_px: (dx, dy) from one mark of a depth scale to the next below it; None where none is read surely.
        sector_aspect: height of a pixel over its width by the shape of the echo sector; None where that does not show
            it.
        drawn_px: (x, y) of pixels of lines that stand still and bright in the moving part, as callipers, text or a
            trace drawn over it; of many some, at equal steps.
        r_wave_s: times of R waves of an ECG drawn into the images, in s from the first frame; empty where none is sure.
        same_slices: of a stack, pairs of slices with the same pixels.
        late_slices: of a stack, (slice, phases): slices whose motion comes that many phases later than the others',
            negative where earlier.
        unlike_after: of a stack, slices whose next one shows nothing of the same body, while others there do.
        phase_order: of each slice of a stack, how much more its phases differ the farther apart they are, as a
            correlation; NaN where nothing moves.
        phase_likeness: of a stack, the least correlation of the images of some phase with those of the next one that
            was looked at, in the median of the slices; None with one phase.

    """

    measured: bool = False
    damaged: tuple[int, ...] = ()
    undecoded: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    lost_after: tuple[int, ...] = ()
    gap_after: tuple[int, ...] = ()
    period_frames: float | None = None
    still: bool = False
    blank: bool = False
    sector: Region | None = None
    apex_up: bool | None = None
    covered: float | None = None
    tick_px: tuple[float, float] | None = None
    sector_aspect: float | None = None
    drawn_px: tuple[tuple[int, int], ...] = ()
    r_wave_s: tuple[float, ...] = ()
    same_slices: tuple[tuple[int, int], ...] = ()
    late_slices: tuple[tuple[int, int], ...] = ()
    unlike_after: tuple[int, ...] = ()
    phase_order: tuple[float, ...] = ()
    phase_likeness: float | None = None

    @property
    def frozen(self) -> tuple[tuple[int, int], ...]:
        """(first, last) of each run of `MIN_FROZEN` or more repeated frames."""
        runs: list[tuple[int, int]] = []
        starts = [b for a, b in pairwise((-2, *self.repeated)) if b != a + 1]
        for start in starts:
            last = start
            while last + 1 in self.repeated:
                last += 1
            if last - start + 1 >= MIN_FROZEN:
                runs.append((start, last))
        return tuple(runs)

    def sound(self, frames: int) -> NDArray[np.bool_]:
        """(frames,) whether each frame can be measured: neither damaged nor repeated.

        Args:
            frames: of the recording.

        """
        out = np.ones(frames, bool)
        out[[*self.damaged, *self.repeated]] = False
        return out


NOT_MEASURED = ImageFacts()


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """What the images of a recording show: of the whole, and of a stack also of each slice in order."""

    whole: ImageFacts
    slices: tuple[ImageFacts, ...] = ()
