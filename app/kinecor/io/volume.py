"""NIfTI and MetaImage: two, three or four dimensions to a loop or a (slice, phase) grid."""

from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinecor.core.arrays import BytesArray, FloatArray
from kinecor.core.calibration import Calibration
from kinecor.core.cine import ArrayFrames
from kinecor.core.errors import KinecorError
from kinecor.core.stack import Recording, Stack
from kinecor.io.cache import FrameCache
from kinecor.io.colour import Window, robust_window
from kinecor.io.find import Candidate
from kinecor.io.frame_times import ASSUMED_RATE_PER_S, even_times
from kinecor.io.intact import check_metaimage, check_nifti, metaimage_data
from kinecor.io.options import Options
from kinecor.io.plain import plain_cine, plain_source

MAX_VOXELS = 1 << 30
# A third axis in steps of at least this is made of slices: MR slices are 5 to 10 mm apart, pixels 0.2 to 2 mm.
LEAST_SLICE_STEP_MM = 2.5
# Frame intervals: in seconds, and where a file tells no unit and meant ms.
_INTERVAL_S = (0.0005, 0.5)


@dataclass(frozen=True)
class _Grid:
    """Pixels (slices, frames, rows, columns[, 3]) and the steps along the first two axes."""

    pixels: BytesArray
    row_mm: float
    col_mm: float
    slice_mm: float | None
    interval: float | None
    warnings: tuple[str, ...] = ()


def open_volume(candidate: Candidate, cache: FrameCache, options: Options) -> Recording:  # noqa: ARG001 - same call for all kinds
    """A loop (2-D + time) or a Stack (slices, with or without time).

    The first axis of the file runs along rows (x), the second down columns (y), as CAMUS and ACDC store theirs. What
    the third axis of a 3-D file is, no header tells: see `Options.third_axis`; "auto" takes a step of 2.5 mm or more
    for slices and says so. Real values become uint8 by one robust window for the whole file; 8-bit data, and real
    values that lie within 0..255 and fill it, stay as they are. The whole file is held as uint8.

    Raises:
        KinecorError: damaged, too large, of another dimension, or of complex or vector values.
        OSError: it cannot be read.

    """
    grid = _arranged(candidate.path, options)
    calibration, why = _calibration(grid)
    warnings = grid.warnings
    times_s, origin, more = _times(grid.pixels.shape[1], grid.interval)
    beside = (metaimage_data(candidate.path),) if candidate.path.suffix.lower() == ".mhd" else ()
    source = plain_source(candidate, options, beside=beside)
    cines = tuple(
        plain_cine(source, ArrayFrames(one), times_s, origin, options, why, warnings + more, calibration)
        for one in grid.pixels
    )
    if len(cines) == 1:
        return cines[0]
    identity = cines[0].source.recording_id
    slices = tuple(
        replace(one, source=replace(one.source, recording_id=f"{identity}-s{number:02d}"), warnings=())
        for number, one in enumerate(cines, start=1)
    )
    step = grid.slice_mm or 1.0
    return Stack(slices, np.arange(len(slices), dtype=np.float64) * step, grid.slice_mm, identity, warnings + more)


def _arranged(path: Path, options: Options) -> _Grid:
    values, spacing, dimension = _read(path)
    colour = values.shape[-1] == 3 and values.ndim == dimension + 1
    pixels = _grey(values) if not colour else np.asarray(values, np.uint8)
    col_mm, row_mm = spacing[0], spacing[1]
    if dimension == 2:
        return _Grid(pixels[None, None], row_mm, col_mm, None, None)
    if dimension == 4:
        # SimpleITK gives (t, z, y, x).
        slice_mm = spacing[2] if pixels.shape[1] > 1 else None
        return _Grid(np.swapaxes(pixels, 0, 1), row_mm, col_mm, slice_mm, spacing[3])
    if pixels.shape[0] == 1:
        return _Grid(pixels[None], row_mm, col_mm, None, None)
    axis, warnings = _third_axis(spacing[2], pixels.shape[0], options)
    if axis == "slice":
        return _Grid(pixels[:, None], row_mm, col_mm, spacing[2], None, warnings)
    return _Grid(pixels[None], row_mm, col_mm, None, spacing[2], warnings)


def _third_axis(step: float, count: int, options: Options) -> tuple[str, tuple[str, ...]]:
    if options.third_axis != "auto":
        return options.third_axis, ()
    if options.modality == "US":
        return "time", ()
    axis = "slice" if step >= LEAST_SLICE_STEP_MM else "time"
    what = "slices of one phase" if axis == "slice" else "frames of one loop"
    return axis, (
        f"The file does not tell what its third axis is; its {count} pictures, {step:.3g} apart, are taken for {what}. "
        "If that is wrong, say so when opening (third axis: time or slice).",
    )


def _read(path: Path) -> tuple[NDArray[Any], tuple[float, ...], int]:
    """Values in SimpleITK's order (slowest axis first), spacing in file order, and the number of dimensions."""
    # Imported here, since it takes longer than opening; as Any, since it carries no types.
    sitk: Any = import_module("SimpleITK")

    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    _check_name(path)
    kind = "MetaImage" if path.suffix.lower() in {".mhd", ".mha"} else "NIfTI"
    (check_metaimage if kind == "MetaImage" else check_nifti)(path)
    try:
        reader = sitk.ImageFileReader()
        reader.SetFileName(str(path))
        reader.SetImageIO(f"{'Meta' if kind == 'MetaImage' else 'Nifti'}ImageIO")
        reader.ReadImageInformation()
        size, dimension = reader.GetSize(), reader.GetDimension()
        components = reader.GetNumberOfComponents()
        _check(size, dimension, components, kind)
        image = reader.Execute()
        # A copy: the view would not keep the image alive.
        return sitk.GetArrayFromImage(image), tuple(image.GetSpacing()), dimension
    except RuntimeError as error:
        raise KinecorError(
            f"Expected a {kind} file, this one is damaged, cut off or not of a kind that is read; "
            "copy or export it again"
        ) from error


def _check_name(path: Path) -> None:
    """SimpleITK ends the whole process on a name that is not UTF-8, so such a name never reaches it."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise KinecorError(
            "Expected a file name in UTF-8, this one has other bytes in it; rename the file or its folder"
        ) from error


def _check(size: tuple[int, ...], dimension: int, components: int, kind: str) -> None:
    if dimension not in {2, 3, 4} or components not in {1, 3} or min(size) < 1:
        raise KinecorError(
            f"Expected a {kind} file of 2 to 4 dimensions, grey or RGB, got {' x '.join(map(str, size))} with "
            f"{components} values a pixel; export it as a plain picture series"
        )
    voxels = int(np.prod([int(one) for one in size], dtype=object)) * components
    if voxels > MAX_VOXELS:
        raise KinecorError(
            f"Expected at most {MAX_VOXELS} values, the header says {' x '.join(map(str, size))}; it is damaged or too "
            "large, export a part of it"
        )


def _grey(values: NDArray[Any]) -> BytesArray:
    if values.dtype == np.uint8:
        return np.array(values)
    if np.iscomplexobj(values):
        raise KinecorError("Expected real values, this file holds complex ones; export the magnitude")
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    plain = low >= 0 and 128 <= high <= 255
    planes = values.reshape(-1, *values.shape[-2:])
    window = Window(0.0, 255.0) if plain else robust_window(planes[:: max(1, len(planes) // 24)])
    pixels = np.empty(planes.shape, np.uint8)
    for target, plane in zip(pixels, planes, strict=True):
        # Plane by plane: a float copy of the whole would take four times the file.
        target[:] = window(plane)
    return pixels.reshape(values.shape)


def _calibration(grid: _Grid) -> tuple[Calibration | None, str]:
    # 1 x 1 is what writers put where nobody told them.
    if grid.row_mm == grid.col_mm == 1.0:
        return None, "The file's spacing is 1 x 1, which stands for 'not told'"
    try:
        return Calibration(grid.row_mm, grid.col_mm, "the spacing in the file"), ""
    except ValueError:
        return None, "The file's spacing is not that of a heart"


def _times(frames: int, interval: float | None) -> tuple[FloatArray, str, tuple[str, ...]]:
    if frames == 1:
        return np.zeros(1), "single frame", ()
    for scale in (1.0, 1e-3):
        # SimpleITK turns NIfTI's ms into s; where no unit is told, 30 or so can only be ms.
        interval_s = (interval or 0.0) * scale
        if _INTERVAL_S[0] <= interval_s <= _INTERVAL_S[1] and (scale == 1.0 or (interval or 0.0) > 2):
            taken = f"The file's time step of {interval:g} has no unit and is taken for milliseconds."
            return even_times(frames, interval_s), "spacing of the time axis", () if scale == 1.0 else (taken,)
    warning = f"The file does not tell its frame times; {ASSUMED_RATE_PER_S:g} frames a second are assumed."
    return even_times(frames, 1 / ASSUMED_RATE_PER_S), "assumed", (warning,)
