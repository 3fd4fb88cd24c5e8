"""NIfTI and MetaImage: two, three or four dimensions to a loop or a (slice, phase) grid, planes read one at a time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.calibration import Calibration, Options
from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.core.values.geometry import BytesArray, FloatArray, Plane
from kinecor.core.values.message import NOTHING, Message, message, verbatim
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.io.dicom.header import ASSUMED_RATE_PER_S, even_times
from kinecor.io.files.atomic import TemporaryFolder
from kinecor.io.files.cache import CachedFrames, FrameCache
from kinecor.io.files.colour import Window, robust_window
from kinecor.io.files.label_values import LabelsError, are_labels
from kinecor.io.files.packing import check_unpacked, megabytes
from kinecor.io.open.candidate import Candidate
from kinecor.io.open.headerless import headerless_cine, headerless_source
from kinecor.io.open.intact import (
    Stated,
    check_metaimage,
    check_nifti,
    is_packed,
    metaimage_data,
    states_slice_step,
    states_spacing,
)

# Of all values as they are read; a cine study of the heart takes a tenth of it.
MAX_BYTES = 2 << 30
# Planes, spread over the file, from which its range of values is estimated.
_WINDOW_PLANES = 24
Display = Callable[[NDArray[Any]], BytesArray]


class VolumeFile:
    """A file of 2 to 4 dimensions as a row of planes, the last dimension slowest; safe to use from several threads.

    Args:
        candidate: the file; held, since it may keep a zip's folder alive.
        tick: called while the file is checked.

    Raises:
        KinecorError: damaged, too large, of another dimension, or of vectors or complex values.
        OSError: it cannot be read.
        Cancelled: by `tick`.

    """

    def __init__(self, candidate: Candidate, tick: Tick) -> None:
        self._candidate = candidate
        self._lock = threading.Lock()
        self._unpacked: TemporaryFolder | None = None
        path = candidate.path
        _check_name(str(path))
        self.kind = "MetaImage" if path.suffix.lower() in {".mhd", ".mha"} else "NIfTI"
        if self.kind == "MetaImage":
            check_metaimage(path, tick)
        else:
            check_nifti(path, tick)
        self.packed = is_packed(path)
        """Whether the file is compressed, so that one plane costs as much to read as all of them."""
        reader = self._reader(str(path))
        self.size: tuple[int, ...] = tuple(int(length) for length in reader.GetSize())
        """Number of values along each axis: columns, rows, and up to two more."""
        self.spacing: tuple[float, ...] = tuple(reader.GetSpacing())
        """Step along each axis, in the file's units."""
        self.origin: tuple[float, ...] = tuple(reader.GetOrigin())
        """Place of the first value, in the file's units; of the body L, P, S first."""
        self.direction = np.array(reader.GetDirection()).reshape(len(self.size), len(self.size))
        """Unit vectors of the axes, one a column."""
        self.components = int(reader.GetNumberOfComponents())
        """Values a pixel: 1, or 3 for colour."""
        self._check_size(_value_bytes(reader))

    def __len__(self) -> int:
        return int(np.prod(self.size[2:], dtype=int))

    @property
    def plane_shape(self) -> tuple[int, ...]:
        """(rows, columns) or (rows, columns, 3)."""
        return (self.size[1], self.size[0], 3)[: 2 + (self.components == 3)]

    def plane(self, number: int) -> NDArray[Any]:
        """The values of one plane, of `plane_shape`. A compressed file is unpacked to the disk once, at the first.

        Args:
            number: from 0, the third axis of the file fastest.

        Raises:
            KinecorError: the file can no longer be read.

        """
        place = np.unravel_index(number, self.size[2:][::-1])[::-1] if len(self.size) > 2 else ()
        index, size = [0, 0, *map(int, place)], [*self.size[:2], *(1 for _ in place)]
        plane: NDArray[Any] = self._read(self._plain(), index, size)[0]
        return plane

    def planes(self) -> NDArray[Any]:
        """The values of all planes, (planes, *plane_shape).

        Raises:
            KinecorError: the file can no longer be read.

        """
        return self._read(str(self._candidate.path))

    def _read(self, path: str, index: list[int] | None = None, size: list[int] | None = None) -> NDArray[Any]:
        sitk = _sitk()
        reader = self._reader(path)
        if index is not None:
            reader.SetExtractIndex(index)
            reader.SetExtractSize(size)
        try:
            # A copy: the view would not keep the image alive.
            values: NDArray[Any] = sitk.GetArrayFromImage(reader.Execute())
        except RuntimeError as error:
            raise self._damaged() from error
        return values.reshape(-1, *self.plane_shape)

    def _reader(self, path: str) -> Any:
        sitk = _sitk()
        reader = sitk.ImageFileReader()
        reader.SetFileName(path)
        reader.SetImageIO("NiftiImageIO" if path.lower().endswith((".nii", ".nii.gz")) else "MetaImageIO")
        try:
            reader.ReadImageInformation()
        except RuntimeError as error:
            raise self._damaged() from error
        return reader

    def _plain(self) -> str:
        """The path of the file, or of a copy that is not compressed."""
        if not self.packed:
            return str(self._candidate.path)
        with self._lock:
            if self._unpacked is None:
                sitk, folder = _sitk(), TemporaryFolder()
                try:
                    image = self._reader(str(self._candidate.path)).Execute()
                    sitk.WriteImage(image, str(folder.path / "unpacked.mha"), useCompression=False)
                except RuntimeError as error:
                    raise self._damaged() from error
                self._unpacked = folder
            return str(self._unpacked.path / "unpacked.mha")

    def _check_size(self, value_bytes: int) -> None:
        size = " x ".join(map(str, self.size))
        if len(self.size) not in {2, 3, 4} or self.components not in {1, 3} or min(self.size) < 1:
            raise KinecorError(
                message(
                    "Expected a {kind} file of 2 to 4 dimensions, grey or RGB, got {size} with {components} "
                    "values a pixel; export it as a plain image series",
                    kind=verbatim(self.kind),
                    size=verbatim(size),
                    components=self.components,
                )
            )
        total = int(np.prod(self.size, dtype=object)) * self.components * value_bytes
        if total > MAX_BYTES:
            raise KinecorError(
                message(
                    "Expected at most {most} of values, the header says {size}, which are "
                    "{total}; it is damaged or too large, export a part of it",
                    most=megabytes(MAX_BYTES),
                    size=verbatim(size),
                    total=megabytes(total),
                )
            )
        if self.packed:
            check_unpacked(self._candidate.path.stat().st_size, total)

    def _damaged(self) -> KinecorError:
        return KinecorError(
            message(
                "Expected a {kind} file, this one is damaged, cut off or not of a kind that is read; "
                "copy or export it again",
                kind=verbatim(self.kind),
            )
        )


def _sitk() -> Any:
    # Imported here, since it takes longer than opening; as Any, since it carries no types.
    sitk: Any = import_module("SimpleITK")
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    return sitk


def _value_bytes(reader: Any) -> int:
    kind = reader.GetPixelID()
    sitk = _sitk()
    if kind in {sitk.sitkComplexFloat32, sitk.sitkComplexFloat64}:
        raise KinecorError(message("Expected real values, this file holds complex ones; export the magnitude"))
    return int(sitk.Image([1, 1], kind).GetSizeOfPixelComponent())


def _check_name(path: str) -> None:
    """SimpleITK ends the whole process on a name that is not UTF-8, so such a name never reaches it."""
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise KinecorError(
            message("Expected a file name in UTF-8, this one has other bytes in it; rename the file or its folder")
        ) from error


class VolumeFrames(CachedFrames):
    """All planes of a file as uint8.

    A file that is not compressed is read plane by plane. A compressed one is read as a whole and all its planes left
    in the cache, where they may all stay; else it is unpacked to the disk once.
    """

    def __init__(self, volume: VolumeFile, cache: FrameCache, tick: Tick) -> None:
        shape = (len(volume), *volume.plane_shape)
        self._volume = volume
        self._whole = volume.packed and int(np.prod(shape)) <= cache.share_bytes
        self._reading = threading.Lock()
        tick(0, 0)
        values = volume.planes() if self._whole else None
        plane = volume.plane if values is None else values.__getitem__
        if are_labels(plane(number) for number in range(0, len(volume), max(1, len(volume) // _WINDOW_PLANES))):
            raise LabelsError
        display = _display(plane, len(volume), tick)
        self._display = display
        super().__init__(lambda plane: display(volume.plane(plane)), shape, cache)
        if values is not None:
            self._hold_all(values)

    def _decoded(self, frame: int) -> BytesArray:
        if not self._whole:
            return super()._decoded(frame)
        with self._reading:
            held = self.held(frame)
            return self._hold_all(self._volume.planes())[frame] if held is None else held

    def _hold_all(self, values: NDArray[Any]) -> list[BytesArray]:
        planes = [self._display(value) for value in values]
        for number, plane in enumerate(planes):
            self.hold(number, plane)
        return planes


class SliceFrames:
    """One slice of a volume: planes `first`, `first` + `step`, ...; a FrameSource."""

    def __init__(self, planes: VolumeFrames, first: int, step: int, count: int) -> None:
        self._planes, self._first, self._step, self._count = planes, first, step, count

    @property
    def shape(self) -> tuple[int, ...]:
        """(frames, rows, columns) or (frames, rows, columns, 3)."""
        return (self._count, *self._planes.shape[1:])

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, frame: int) -> BytesArray:
        if not 0 <= frame < self._count:
            raise IndexError(f"frame {frame} of a recording with frames 0..{self._count - 1}")
        return self._planes[self._first + frame * self._step]


def _display(plane: Callable[[int], NDArray[Any]], count: int, tick: Tick) -> Display:
    """What makes a plane's values grey: as they are where they are 8-bit or fill 0..255, else by one robust window."""
    first = plane(0)
    if first.dtype == np.uint8 or first.ndim == 3:
        return lambda values: np.array(values, np.uint8)
    sampled: list[NDArray[Any]] = []
    lows, highs = [], []
    for number in range(0, count, max(1, count // _WINDOW_PLANES)):
        tick(0, 0)
        values = plane(number)
        finite = values[np.isfinite(values)]
        if finite.size:
            lows.append(float(finite.min()))
            highs.append(float(finite.max()))
        sampled.append(values)
    if lows and min(lows) >= 0 and 128 <= max(highs) <= 255:
        return Window(0.0, 255.0)
    return robust_window(sampled)


# A third axis in steps of at least this counts as slices: MR slices are 5 to 10 mm apart, pixels 0.2 to 2 mm.
MIN_SLICE_STEP_MM = 2.5
# Frame intervals: in seconds, and where a file has no unit and meant ms.
_INTERVAL_S = (0.0005, 0.5)


@dataclass(frozen=True)
class _Grid:
    """How the planes of a file are laid out: slices, phases of each, and the steps along these axes."""

    slices: int
    phases: int
    slice_mm: float | None
    interval: float | None
    warnings: tuple[Message, ...] = ()


def open_volume(candidate: Candidate, cache: FrameCache, options: Options, tick: Tick = no_tick) -> Recording:
    """A loop (2-D + time) or a Stack (slices, with or without time).

    The first axis of the file runs along rows (x), the second down columns (y), as CAMUS and ACDC store theirs. What
    the third axis of a 3-D file is, no header states: see `Options.third_axis`; "auto" takes a step of 2.5 mm or more
    for slices and says so. Real values become uint8 by one robust window for the whole file; 8-bit data, and real
    values that are within 0..255 and fill it, stay as they are. Planes stay on disk until they are requested.

    Args:
        candidate: the file.
        cache: for decoded frames.
        options: of opening.
        tick: may raise Cancelled.

    Raises:
        KinecorError: damaged, too large, of another dimension, or of complex or vector values.
        LabelsError: it holds labels.
        OSError: it cannot be read.
        Cancelled: by `tick`.

    """
    volume = VolumeFile(candidate, tick)
    companions = (metaimage_data(candidate.path),) if candidate.path.suffix.lower() == ".mhd" else ()
    source = headerless_source(candidate, options, tick, companions=companions)
    grid = _arranged(volume, options)
    planes = VolumeFrames(volume, cache, tick)
    stated = states_spacing(candidate.path)
    if grid.slices > 1 and not (0 < (grid.slice_mm or 0) < np.inf and states_slice_step(candidate.path)):
        grid, stated = replace(grid, slice_mm=None), Stated.NOTHING  # volumes are as wrong as the step
    calibration, why = _calibration(volume.spacing, stated=stated is not Stated.NOTHING)
    times_s, origin, more = _times(grid.phases, grid.interval)
    warnings = (
        grid.warnings + more + ((_NO_UNIT,) if stated is Stated.NUMBERS and volume.spacing[:2] == (1.0, 1.0) else ())
    )

    def cine(number: int) -> CineSequence:
        # SimpleITK's order: time goes slowest, then slices.
        frames = SliceFrames(planes, number, grid.slices, grid.phases)
        return headerless_cine(source, frames, times_s, origin, options, why, warnings, calibration)

    if grid.slices == 1:
        return cine(0)
    step = grid.slice_mm or 1.0
    slices = tuple(
        replace(
            single_cine,
            source=replace(source, recording_id=f"{source.recording_id}-s{number + 1:02d}"),
            warnings=(),
            plane=_plane(volume, number * step),
        )
        for number, single_cine in enumerate(map(cine, range(grid.slices)))
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


def _third_axis(step: float, count: int, options: Options) -> tuple[str, tuple[Message, ...]]:
    if options.third_axis != "auto":
        return options.third_axis, ()
    if options.modality == "US":
        return "time", ()
    axis = "slice" if step >= MIN_SLICE_STEP_MM else "time"
    taken = message("slices of one phase") if axis == "slice" else message("frames of one loop")
    return axis, (
        message(
            "The file does not state what its third axis is; its {count} images, {step:.3g} apart, are opened as "
            "{taken}. "
            "If that is wrong, choose when opening (third axis: time or slice).",
            count=count,
            step=step,
            taken=taken,
        ),
    )


def _plane(volume: VolumeFile, along_mm: float) -> Plane | None:
    """The plane of a slice `along_mm` from the first along the third axis; None without a usable position."""
    axes = volume.direction[:3, :3]
    try:
        origin = np.asarray(volume.origin[:3]) + along_mm * axes[:, 2]
        return Plane(origin, axes[:, 0].copy(), axes[:, 1].copy())
    except (ValueError, IndexError):
        return None


_NO_UNIT = message(
    "The file's spacing is 1 x 1 without a unit and is read as millimetres. Where it was never set, enter the scale."
)


def _calibration(spacing: tuple[float, ...], *, stated: bool) -> tuple[Calibration | None, Message]:
    col_mm, row_mm = spacing[:2]
    if not stated:  # the reader fills in 1 x 1
        return None, message("The file states no spacing, so nothing is measured in mm or ml.")
    try:
        return Calibration(row_mm, col_mm, message("the spacing in the file")), NOTHING
    except ValueError:
        return None, message("The file's spacing is not that of a heart, so nothing is measured in mm or ml.")


def _times(frames: int, interval: float | None) -> tuple[FloatArray, Message, tuple[Message, ...]]:
    if frames == 1:
        return np.zeros(1), message("single frame"), ()
    for scale in (1.0, 1e-3):
        # SimpleITK turns NIfTI's ms into s; without a unit, 30 or so can only be ms.
        interval_s = (interval or 0.0) * scale
        if _INTERVAL_S[0] <= interval_s <= _INTERVAL_S[1] and (scale == 1.0 or (interval or 0.0) > 2):
            taken = message(
                "The file's time step of {interval:g} has no unit and is read as milliseconds.",
                interval=interval or 0.0,
            )
            origin = message("spacing of the time axis")
            return even_times(frames, interval_s), origin, () if scale == 1.0 else (taken,)
    warning = message("The file has no frame times; {rate:g} frames/s are assumed.", rate=ASSUMED_RATE_PER_S)
    return even_times(frames, 1 / ASSUMED_RATE_PER_S), message("assumed"), (warning,)
