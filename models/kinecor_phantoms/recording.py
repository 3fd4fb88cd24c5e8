"""What the simulators give: images, and the truth about them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart.patient import Patient

Array = NDArray[np.float64]
Outline = NDArray[np.float64]

BACKGROUND, LV_CAVITY, LV_MYOCARDIUM, LEFT_ATRIUM, RV_CAVITY = range(5)
"""Numbers of the label maps, those that Kinecor's masks have."""


@dataclass(frozen=True, slots=True)
class BeatTruth:
    """Events of one beat, in seconds of the recording's own clock, exact to rounding.

    Attributes:
        ed_s: mitral valve closure.
        es_s: aortic valve closure.
        aortic_open_s, mitral_open_s: the other two.
        fullest_s, emptiest_s: when the true volume is greatest and least in this beat, for hearts whose walls do not
            contract together.

    """

    ed_s: float
    es_s: float
    aortic_open_s: float
    mitral_open_s: float
    fullest_s: float
    emptiest_s: float


@dataclass(frozen=True, eq=False)
class HeartTruth:
    """What is true of the heart, whichever way it is looked at.

    Attributes:
        times_s: (t,).
        beats: events of the beats whose start or end-systole is within the recording.
        volume_ml: (t,) of the left ventricular cavity.
        biplane_ml: (t,) what biplane disks give on perfect contours of the four- and the two-chamber plane.
        right_volume_ml: (t,) of the right ventricle.
        mass_g: of the left ventricular wall.
        strain_percent: (t,) curves by name: "longitudinal", "circumferential", "radial", each at mid-wall, and
            "longitudinal_endo", "circumferential_endo"; 0 at the first beat's end-diastole.
        segment_strain_percent: (t, 18) by the same names; segments in the order of field.NAMES.

    """

    times_s: Array
    beats: tuple[BeatTruth, ...]
    volume_ml: Array
    biplane_ml: Array
    right_volume_ml: Array
    mass_g: float
    strain_percent: Mapping[str, Array]
    segment_strain_percent: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class PlaneTruth:
    """What is true in one image plane.

    Attributes:
        contours: per structure ("lv_endo", "lv_epi", "la", "rv") and frame an (n, 2) array of (x, y) pixels, or None
            where the plane does not cut it. In long axes first and last point are the hinge points; in short axes
            contours are closed and the first point is not repeated.
        labels: (t, rows, columns) uint8, the numbers above.
        wall_points: (t, layers, points, 2) pixels of material points of the wall from annulus to annulus (long axis)
            or round the ring (short axis), as projected on the plane; layers from endocardium to epicardium.
        wall_points_out_mm: (t, layers, points) how far out of the plane each is.
        displacement_mm: (start, to) gives (rows, columns, 3) float32, right, down and out of the plane: where
            the wall's material at each pixel of frame `start` is at frame `to`, less where it was; NaN outside it.
        strain_percent: (t,) of the wall that this plane cuts, e.g. "longitudinal" of an apical view at mid-wall,
            followed as material.
        wall_share: (t,) of a short axis: share of the turn round the cavity that is ventricular wall, 0 in a slice
            that misses the cavity. A slice belongs to the ventricle from a half on. Empty for long axes.

    """

    contours: Mapping[str, tuple[Outline | None, ...]]
    labels: NDArray[np.uint8]
    wall_points: NDArray[np.float32]
    wall_points_out_mm: NDArray[np.float32]
    displacement_mm: Callable[[int, int], NDArray[np.float32]]
    strain_percent: Mapping[str, Array] = field(default_factory=dict)
    wall_share: Array = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, eq=False)
class EchoRecording:
    """A simulated echo clip.

    Attributes:
        frames: (t, rows, columns) uint8.
        times_s: (t,) from 0.
        spacing_mm: (row, column) size of a pixel.
        region: (x0, y0, x1, y1) of the sector.
        ecg_region: the same of the trace of the electrocardiogram, None if there is none.
        view: "A4C", "A2C", "A3C", "PLAX", "PSAX base", "PSAX mid", "PSAX apex", "SUB4C", "IVC" or "other".
        heart_rate_per_min: mean.
        truth: of the heart, None where there is none in view.
        plane: of the image, None likewise.
        parameters: what it was simulated with, for people and for truth.json; plain numbers and text.
        patient: whom the heart belongs to, None if nobody was made up.

    """

    frames: NDArray[np.uint8]
    times_s: Array
    spacing_mm: tuple[float, float]
    region: tuple[int, int, int, int]
    ecg_region: tuple[int, int, int, int] | None
    view: str
    heart_rate_per_min: float
    truth: HeartTruth | None
    plane: PlaneTruth | None
    parameters: Mapping[str, float | int | str]
    patient: Patient | None = None


@dataclass(frozen=True, eq=False)
class MriSlice:
    """One slice of a simulated MR study, through the cycle.

    Attributes:
        frames: (phases, rows, columns) uint16.
        spacing_mm: (row, column).
        thickness_mm: of the slice.
        position_mm: (3,) centre of the first pixel, patient coordinates (LPS).
        across, down: (3,) unit vectors of rows and columns, patient coordinates.
        trigger_ms: (phases,) trigger times.
        plane: truth in this slice.
        view: "SAX", "A2C", "A3C" or "A4C" (long axes).
        shift_mm: how far breath-holding moved this slice against the others (across, down).

    """

    frames: NDArray[np.uint16]
    spacing_mm: tuple[float, float]
    thickness_mm: float
    position_mm: Array
    across: Array
    down: Array
    trigger_ms: Array
    plane: PlaneTruth
    view: str
    shift_mm: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, eq=False)
class MriStudy:
    """A simulated MR study: a short-axis stack from apex to base, and long axes.

    Attributes:
        stack: short-axis slices in order from apex to base.
        long_axes: others.
        heart_rate_per_min: mean.
        truth: of the heart.
        parameters: what it was simulated with.
        patient: whom the heart belongs to, None if nobody was made up.

    """

    stack: tuple[MriSlice, ...]
    long_axes: tuple[MriSlice, ...]
    heart_rate_per_min: float
    truth: HeartTruth
    parameters: Mapping[str, float | int | str]
    patient: Patient | None = None
