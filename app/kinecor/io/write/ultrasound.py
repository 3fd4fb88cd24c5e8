"""A simulated echo clip as an Ultrasound Multi-frame Image (PS3.3 A.7)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UltrasoundMultiFrameImageStorage

from kinecor.core.values.geometry import FloatArray
from kinecor.io.write.dataset import About, decimal, new_dataset, save

Box = tuple[int, int, int, int]

# PS3.3 C.8.5.5.1: region formats, data types and units.
_TWO_DIMENSIONAL, _WAVEFORM = 1, 4
_TISSUE, _ECG = 1, 0x0A
_NO_UNIT, _CENTIMETRES, _SECONDS = 0, 3, 4
# PS3.16 CID 12226; a view that is not listed has no code and is written by name.
_CODES = {
    "A4C": ("399214001", "Apical four chamber"),
    "A2C": ("399232001", "Apical two chamber"),
    "A3C": ("399339008", "Apical long axis"),
    "PLAX": ("399139001", "Parasternal long axis"),
    "PSAX": ("399306005", "Parasternal short axis"),
    "PSAX base": ("399036006", "Parasternal short axis at the Mitral Valve level"),
    "PSAX mid": ("399271003", "Parasternal short axis at the Papillary Muscle level"),
    "PSAX apex": ("399306005", "Parasternal short axis"),
    "SUB4C": ("399310008", "Subcostal long axis"),
}
_EVEN = 1e-6


@dataclass(frozen=True, eq=False)
class UltrasoundLoop:
    """A simulated clip to be written.

    Attributes:
        frames: (t, rows, columns) uint8 grey, t from 1 on.
        times_s: (t,) seconds, increasing from 0.
        spacing_mm: (between rows, between columns).
        region: (x0, y0, x1, y1) of the tissue image, x0 <= x < x1.
        view: "A4C", "PSAX base", ... or any other name, or "" without a view.
        heart_rate_per_min: 15 to 350, or None.
        r_wave_s: seconds of R waves from the first frame.
        ecg_region: the box of a drawn ECG trace, or None.
        ecg_s: seconds that the trace's box spans, None where unknown.

    Raises:
        ValueError: shapes, times, spacing or boxes do not fit.

    """

    frames: NDArray[np.uint8]
    times_s: FloatArray
    spacing_mm: tuple[float, float]
    region: Box
    view: str = ""
    heart_rate_per_min: float | None = None
    r_wave_s: tuple[float, ...] = ()
    ecg_region: Box | None = None
    ecg_s: float | None = None

    def __post_init__(self) -> None:
        if self.frames.ndim != 3 or self.frames.dtype != np.uint8 or not len(self.frames):
            raise ValueError(f"frames are uint8 (t, rows, columns), got {self.frames.dtype} {self.frames.shape}")
        times = np.asarray(self.times_s)
        if times.shape != self.frames.shape[:1] or times[0] != 0 or (np.diff(times) <= 0).any():
            raise ValueError(f"{len(self.frames)} frames need as many times, increasing from 0")
        if not all(np.isfinite(mm) and mm > 0 for mm in self.spacing_mm):
            raise ValueError(f"spacing is two lengths above 0 mm, got {self.spacing_mm}")
        for x0, y0, x1, y1 in [self.region, *([self.ecg_region] if self.ecg_region else [])]:
            if not (0 <= x0 < x1 <= self.frames.shape[2] and 0 <= y0 < y1 <= self.frames.shape[1]):
                raise ValueError(f"a region must be within the image, got x {x0}..{x1}, y {y0}..{y1}")


def write_ultrasound(path: Path, loop: UltrasoundLoop, about: About, instance: int = 1) -> None:
    """Write the clip, uncompressed, with calibrated region and frame times.

    Args:
        path: of the file.
        loop: its frames, times and scale.
        about: patient and study.
        instance: its number in the series, from 1.

    Raises:
        KinecorError: the file cannot be written there.

    """
    header = new_dataset(about, UltrasoundMultiFrameImageStorage, "US", (1, loop.view or "Echo"), instance)
    # Value 3 is the examination, value 4 the modes: 0001 is two-dimensional imaging (PS3.3 C.8.5.6.1.1).
    header.ImageType = ["DERIVED", "PRIMARY", "TTE", "0001"]
    header.PatientOrientation = ""
    header.NumberOfStages = header.NumberOfViewsInStage = 1
    header.FrameOfReferenceUID, header.PositionReferenceIndicator = about.uid("US", "frame of reference"), ""
    _pixels(header, loop.frames)
    _times(header, loop)
    header.SequenceOfUltrasoundRegions = Sequence(_regions(loop))
    if loop.view:
        header.ViewName = loop.view
    if loop.view in _CODES:
        header.ViewCodeSequence = Sequence([_code(*_CODES[loop.view])])
    save(header, path)


def _pixels(header: Dataset, frames: NDArray[np.uint8]) -> None:
    header.NumberOfFrames, header.Rows, header.Columns = frames.shape
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated = header.BitsStored = 8
    header.HighBit, header.PixelRepresentation, header.UltrasoundColorDataPresent = 7, 0, 0
    header.WindowCenter, header.WindowWidth = "128", "256"
    samples = np.ascontiguousarray(frames).tobytes()
    header.PixelData = samples + b"\0" * (len(samples) % 2)
    header["PixelData"].VR = "OB"


def _times(header: Dataset, loop: UltrasoundLoop) -> None:
    """Frame Time where frames are evenly spaced, else Frame Time Vector; heart rate and R waves where known."""
    steps_ms = np.diff(loop.times_s) * 1000
    if len(steps_ms) and np.ptp(steps_ms) > _EVEN * steps_ms.mean():
        header.FrameTimeVector = [decimal(ms) for ms in (0.0, *steps_ms.tolist())]
        header.FrameIncrementPointer = 0x00181065
    else:
        header.FrameTime = decimal(float(steps_ms.mean())) if len(steps_ms) else "0"
        header.FrameIncrementPointer = 0x00181063
    if len(steps_ms):
        header.CineRate = header.RecommendedDisplayFrameRate = max(1, round(1000 / float(steps_ms.mean())))
    if loop.heart_rate_per_min is not None:
        header.HeartRate = round(loop.heart_rate_per_min)
    if loop.r_wave_s:
        header.RWaveTimeVector = [1000.0 * moment for moment in loop.r_wave_s]


def _regions(loop: UltrasoundLoop) -> list[Dataset]:
    row_mm, col_mm = loop.spacing_mm
    tissue = _region(loop.region, _TWO_DIMENSIONAL, _TISSUE, (_CENTIMETRES, _CENTIMETRES), (col_mm / 10, row_mm / 10))
    if loop.ecg_region is None:
        return [tissue]
    wide = loop.ecg_region[2] - loop.ecg_region[0]
    unit, delta = (_SECONDS, loop.ecg_s / wide) if loop.ecg_s else (_NO_UNIT, 0.0)
    return [tissue, _region(loop.ecg_region, _WAVEFORM, _ECG, (unit, _NO_UNIT), (delta, 0.0))]


def _region(box: Box, spatial: int, kind: int, units: tuple[int, int], delta: tuple[float, float]) -> Dataset:
    """An item of (0018,6011); its last row and column belong to it, so they are one less than the box's ends."""
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = spatial, kind, 1
    item.RegionLocationMinX0, item.RegionLocationMinY0 = box[0], box[1]
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = box[2] - 1, box[3] - 1
    item.PhysicalUnitsXDirection, item.PhysicalUnitsYDirection = units
    item.PhysicalDeltaX, item.PhysicalDeltaY = delta
    return item


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return item
