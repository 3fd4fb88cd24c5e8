"""NIfTI and MetaImage: two, three or four dimensions to a loop or a (slice, phase) grid."""

from dataclasses import dataclass, replace

import numpy as np

from kinecor.core.values.calibration import Calibration, Options
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.geometry import FloatArray, Plane
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.io.dicom.header import ASSUMED_RATE_PER_S, even_times
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.find import Candidate
from kinecor.io.open.headerless import headerless_cine, headerless_source
from kinecor.io.open.intact import metaimage_data
from kinecor.io.open.volume_file import SliceFrames, VolumeFile, VolumeFrames

# A third axis in steps of at least this counts as slices: MR slices are 5 to 10 mm apart, pixels 0.2 to 2 mm.
LEAST_SLICE_STEP_MM = 2.5
# Frame intervals: in seconds, and where a file has no unit and meant ms.
_INTERVAL_S = (0.0005, 0.5)


@dataclass(frozen=True)
class _Grid:
    """How the planes of a file are laid out: slices, phases of each, and the steps along these axes."""

    slices: int
    phases: int
    slice_mm: float | None
    interval: float | None
    warnings: tuple[str, ...] = ()


def open_volume(candidate: Candidate, cache: FrameCache, options: Options, tick: Tick = no_tick) -> Recording:
    """A loop (2-D + time) or a Stack (slices, with or without time).

    The first axis of the file runs along rows (x), the second down columns (y), as CAMUS and ACDC store theirs. What
    the third axis of a 3-D file is, no header states: see `Options.third_axis`; "auto" takes a step of 2.5 mm or more
    for slices and says so. Real values become uint8 by one robust window for the whole file; 8-bit data, and real
    values that are within 0..255 and fill it, stay as they are. Planes stay on disk until they are requested.

    Raises:
        KinecorError: damaged, too large, of another dimension, or of complex or vector values.
        OSError: it cannot be read.
        Cancelled: by `tick`.

    """
    volume = VolumeFile(candidate, tick)
    companions = (metaimage_data(candidate.path),) if candidate.path.suffix.lower() == ".mhd" else ()
    source = headerless_source(candidate, options, tick, companions=companions)
    grid = _arranged(volume, options)
    planes = VolumeFrames(volume, cache, tick)
    calibration, why = _calibration(volume.spacing)
    times_s, origin, more = _times(grid.phases, grid.interval)
    warnings = grid.warnings + more

    def cine(number: int) -> CineSequence:
        # SimpleITK's order: time goes slowest, then slices.
        frames = SliceFrames(planes, number, grid.slices, grid.phases)
        return headerless_cine(source, frames, times_s, origin, options, why, warnings, calibration)

    if grid.slices == 1:
        return cine(0)
    step = grid.slice_mm or 1.0
    slices = tuple(
        replace(
            one,
            source=replace(source, recording_id=f"{source.recording_id}-s{number + 1:02d}"),
            warnings=(),
            plane=_plane(volume, number * step),
        )
        for number, one in enumerate(map(cine, range(grid.slices)))
    )
    places = np.arange(len(slices), dtype=np.float64) * step
    return Stack(slices, places, grid.slice_mm, source.study_id, warnings, recording_id=source.recording_id)


def _arranged(volume: VolumeFile, options: Options) -> _Grid:
    size, spacing = volume.size, volume.spacing
    if len(size) == 2 or len(volume) == 1:
        return _Grid(1, 1, None, None)
    if len(size) == 4:
        return _Grid(size[2], size[3], spacing[2] if size[2] > 1 else None, spacing[3])
    axis, warnings = _third_axis(spacing[2], size[2], options)
    if axis == "slice":
        return _Grid(size[2], 1, spacing[2], None, warnings)
    return _Grid(1, size[2], None, spacing[2], warnings)


def _third_axis(step: float, count: int, options: Options) -> tuple[str, tuple[str, ...]]:
    if options.third_axis != "auto":
        return options.third_axis, ()
    if options.modality == "US":
        return "time", ()
    axis = "slice" if step >= LEAST_SLICE_STEP_MM else "time"
    what = "slices of one phase" if axis == "slice" else "frames of one loop"
    return axis, (
        f"The file does not state what its third axis is; its {count} images, {step:.3g} apart, are opened as {what}. "
        "If that is wrong, choose when opening (third axis: time or slice).",
    )


def _plane(volume: VolumeFile, along_mm: float) -> Plane | None:
    """The plane of a slice `along_mm` from the first along the third axis; None without a usable position."""
    axes = volume.direction[:3, :3]
    try:
        origin = np.asarray(volume.origin[:3]) + along_mm * axes[:, 2]
        return Plane(origin, axes[:, 0].copy(), axes[:, 1].copy())
    except (ValueError, IndexError):
        return None


def _calibration(spacing: tuple[float, ...]) -> tuple[Calibration | None, str]:
    col_mm, row_mm = spacing[:2]
    # 1 x 1 is what writers put where they do not know.
    if row_mm == col_mm == 1.0:
        return None, "The file's spacing is 1 x 1, which means 'unknown'"
    try:
        return Calibration(row_mm, col_mm, "the spacing in the file"), ""
    except ValueError:
        return None, "The file's spacing is not that of a heart"


def _times(frames: int, interval: float | None) -> tuple[FloatArray, str, tuple[str, ...]]:
    if frames == 1:
        return np.zeros(1), "single frame", ()
    for scale in (1.0, 1e-3):
        # SimpleITK turns NIfTI's ms into s; without a unit, 30 or so can only be ms.
        interval_s = (interval or 0.0) * scale
        if _INTERVAL_S[0] <= interval_s <= _INTERVAL_S[1] and (scale == 1.0 or (interval or 0.0) > 2):
            taken = f"The file's time step of {interval:g} has no unit and is read as milliseconds."
            return even_times(frames, interval_s), "spacing of the time axis", () if scale == 1.0 else (taken,)
    warning = f"The file has no frame times; {ASSUMED_RATE_PER_S:g} frames/s are assumed."
    return even_times(frames, 1 / ASSUMED_RATE_PER_S), "assumed", (warning,)
