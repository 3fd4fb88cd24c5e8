"""NIfTI and MetaImage files: their planes, read one at a time, and the same planes as 8-bit frames."""

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.geometry import BytesArray
from kinecor.io.files.atomic import TemporaryFolder
from kinecor.io.files.cache import CachedFrames, FrameCache
from kinecor.io.files.colour import Window, robust_window
from kinecor.io.files.packing import check_unpacked, megabytes
from kinecor.io.open.find import Candidate
from kinecor.io.open.intact import check_metaimage, check_nifti, is_packed

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
        self.size: tuple[int, ...] = tuple(int(one) for one in reader.GetSize())
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

        Raises:
            KinecorError: the file can no longer be read.

        """
        place = np.unravel_index(number, self.size[2:][::-1])[::-1] if len(self.size) > 2 else ()
        index, size = [0, 0, *map(int, place)], [*self.size[:2], *(1 for _ in place)]
        one: NDArray[Any] = self._read(self._plain(), index, size)[0]
        return one

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
                f"Expected a {self.kind} file of 2 to 4 dimensions, grey or RGB, got {size} with {self.components} "
                "values a pixel; export it as a plain image series"
            )
        total = int(np.prod(self.size, dtype=object)) * self.components * value_bytes
        if total > MAX_BYTES:
            raise KinecorError(
                f"Expected at most {megabytes(MAX_BYTES)} of values, the header says {size}, which are "
                f"{megabytes(total)}; it is damaged or too large, export a part of it"
            )
        if self.packed:
            check_unpacked(self._candidate.path.stat().st_size, total)

    def _damaged(self) -> KinecorError:
        return KinecorError(
            f"Expected a {self.kind} file, this one is damaged, cut off or not of a kind that is read; "
            "copy or export it again"
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
        raise KinecorError("Expected real values, this file holds complex ones; export the magnitude")
    return int(sitk.Image([1, 1], kind).GetSizeOfPixelComponent())


def _check_name(path: str) -> None:
    """SimpleITK ends the whole process on a name that is not UTF-8, so such a name never reaches it."""
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise KinecorError(
            "Expected a file name in UTF-8, this one has other bytes in it; rename the file or its folder"
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
        display = _display(volume.plane if values is None else values.__getitem__, len(volume), tick)
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
        planes = [self._display(one) for one in values]
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
