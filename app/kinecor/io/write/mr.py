"""Simulated cine MRI as DICOM: classic series of single images, or one Enhanced MR Image a series."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedMRImageStorage, MRImageStorage

from kinecor.core.values.geometry import FloatArray
from kinecor.io.write.dataset import About, decimal, new_dataset, save, write_errors

Pixels = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class MrSlice:
    """One slice through the heart cycle.

    Attributes:
        frames: (phases, rows, columns) uint8 or uint16.
        trigger_ms: (phases,) after the R wave, increasing from 0 or more.
        spacing_mm: (between rows, between columns).
        thickness_mm: of the slice.
        position_mm: (3,) centre of the first pixel, patient coordinates (left, back, head).
        across, down: (3,) unit vectors along a row and down a column, at right angles.

    Raises:
        ValueError: shapes, times or directions do not fit.

    """

    frames: Pixels
    trigger_ms: FloatArray
    spacing_mm: tuple[float, float]
    thickness_mm: float
    position_mm: FloatArray
    across: FloatArray
    down: FloatArray

    def __post_init__(self) -> None:
        if self.frames.ndim != 3 or self.frames.dtype not in (np.uint8, np.uint16) or not len(self.frames):
            raise ValueError(
                f"frames are uint8 or uint16 (phases, rows, columns), got {self.frames.dtype} {self.frames.shape}"
            )
        times = np.asarray(self.trigger_ms)
        if times.shape != self.frames.shape[:1] or times[0] < 0 or (np.diff(times) <= 0).any():
            raise ValueError(f"{len(self.frames)} phases need as many trigger times, increasing from 0")
        axes = np.stack([self.across, self.down])
        if np.shape(self.position_mm) != (3,) or not np.allclose(axes @ axes.T, np.eye(2), atol=1e-4):
            raise ValueError("a slice has a position and two directions, unit vectors at right angles")
        if not all(np.isfinite(mm) and mm > 0 for mm in (*self.spacing_mm, self.thickness_mm)):
            raise ValueError(f"spacing and thickness are above 0 mm, got {self.spacing_mm}, {self.thickness_mm}")

    @property
    def orientation(self) -> list[str]:
        """Image Orientation (Patient) as decimal strings."""
        return [decimal(round(float(value), 9)) for value in (*self.across, *self.down)]

    @property
    def position(self) -> list[str]:
        """Image Position (Patient) as decimal strings."""
        return [decimal(round(float(value), 6)) for value in self.position_mm]


@dataclass(frozen=True, eq=False)
class MrSeries:
    """One series: a short-axis stack, or one long axis.

    Attributes:
        description: e.g. "cine SAX".
        slices: parallel, of the same number of phases and size, in order along their normal.
        heart_rate_per_min: mean.

    Raises:
        ValueError: no slice, or slices that differ in size or phases.

    """

    description: str
    slices: tuple[MrSlice, ...]
    heart_rate_per_min: float

    def __post_init__(self) -> None:
        if len({mr_slice.frames.shape for mr_slice in self.slices}) != 1:
            raise ValueError(
                f"a series has slices of one size, got {sorted({mr_slice.frames.shape for mr_slice in self.slices})}"
            )

    @property
    def interval_ms(self) -> float:
        """Length of the heart cycle, ms."""
        return 60_000 / self.heart_rate_per_min

    @property
    def spacing_between_mm(self) -> float | None:
        """From the centre of a slice to that of the next, along the normal, mm; None for a single slice."""
        if len(self.slices) < 2:
            return None
        normal = np.cross(self.slices[0].across, self.slices[0].down)
        places = [float(normal @ mr_slice.position_mm) for mr_slice in self.slices]
        return float(np.median(np.abs(np.diff(places))))


def set_pixels(header: Dataset, frames: Pixels) -> None:
    """Rows, columns, bits and samples of (rows, columns) or (frames, rows, columns).

    MR images are allocated 16 bits (PS3.3 C.8.3.1.1.2); 8-bit images use 8 of them, so that they are shown as they
    are.

    Args:
        header: that gets them.
        frames: uint8 or uint16.

    """
    header.Rows, header.Columns = frames.shape[-2:]
    header.SamplesPerPixel, header.PhotometricInterpretation, header.PixelRepresentation = 1, "MONOCHROME2", 0
    stored = 8 if frames.dtype == np.uint8 else 16
    header.BitsAllocated, header.BitsStored, header.HighBit = 16, stored, stored - 1
    header.PixelData = np.ascontiguousarray(frames, "<u2").tobytes()
    header["PixelData"].VR = "OW"


def write_classic(folder: Path, series: MrSeries, about: About, number: int) -> list[Path]:
    """Write a series as single images, named by slice and phase; the files in that order.

    Args:
        folder: where; made if it is not there.
        series: the slices.
        about: the patient and study.
        number: of the series in its study.

    Raises:
        KinecorError: a file cannot be written there.

    """
    with write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, header in _images(series, about, number):
        save(header, folder / name)
        written.append(folder / name)
    return written


def _images(series: MrSeries, about: About, number: int) -> Iterator[tuple[str, Dataset]]:
    # One window for the series, so that viewers do not flicker between slices.
    some = np.concatenate([mr_slice.frames[:: max(1, len(mr_slice.frames) // 4)].ravel() for mr_slice in series.slices])
    high = max(1.0, float(np.percentile(some, 99.5)))
    instance = 0
    for place, single_mr_slice in enumerate(series.slices, start=1):
        for phase, frame in enumerate(single_mr_slice.frames):
            instance += 1
            header = new_dataset(about, MRImageStorage, "MR", (number, series.description), instance)
            header.ImageType = ["DERIVED", "PRIMARY", "OTHER"]
            header.ScanningSequence, header.SequenceVariant = "GR", "SS"
            header.ScanOptions, header.MRAcquisitionType = "CG", "2D"
            header.RepetitionTime, header.EchoTime, header.EchoTrainLength = "3", "1.5", 1
            header.PatientPosition = "HFS"
            header.FrameOfReferenceUID, header.PositionReferenceIndicator = about.uid("MR", "frame of reference"), ""
            header.ImageOrientationPatient, header.ImagePositionPatient = (
                single_mr_slice.orientation,
                single_mr_slice.position,
            )
            header.PixelSpacing = [decimal(mm) for mm in single_mr_slice.spacing_mm]
            header.SliceThickness = decimal(single_mr_slice.thickness_mm)
            if series.spacing_between_mm:
                header.SpacingBetweenSlices = decimal(round(series.spacing_between_mm, 6))
            header.TriggerTime = decimal(round(float(single_mr_slice.trigger_ms[phase]), 6))
            header.NominalInterval, header.HeartRate = round(series.interval_ms), round(series.heart_rate_per_min)
            header.CardiacNumberOfImages = len(single_mr_slice.frames)
            header.TemporalPositionIdentifier, header.NumberOfTemporalPositions = phase + 1, len(single_mr_slice.frames)
            header.WindowCenter, header.WindowWidth = decimal(high / 2), decimal(high)
            set_pixels(header, frame)
            yield f"s{place:02d}-p{phase + 1:03d}.dcm", header


_STACK_ID, _IN_STACK, _TIME = 0x00209056, 0x00209057, 0x00209128
_FRAME_CONTENT = 0x00209111
# Content Date must not be empty here; a simulation has none.
_NO_DATE = "19000101"


def write_enhanced(path: Path, series: MrSeries, about: About, number: int) -> None:
    """Write a series as one multi-frame file, slice by slice, each through its phases.

    Args:
        path: the file; its folder is made if it is not there.
        series: the slices.
        about: the patient and study.
        number: of the series in its study.

    Raises:
        KinecorError: the file cannot be written there.

    """
    with write_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    header = new_dataset(about, EnhancedMRImageStorage, "MR", (number, series.description), 1)
    frame_type = ["DERIVED", "PRIMARY", "CINE", "NONE"]
    header.ImageType = frame_type
    header.PatientPosition = "HFS"
    header.FrameOfReferenceUID, header.PositionReferenceIndicator = about.uid("MR", "frame of reference"), ""
    header.ContentDate, header.ContentTime = _NO_DATE, "000000"
    header.AcquisitionNumber = number
    header.PixelPresentation, header.VolumetricProperties = "MONOCHROME", "VOLUME"
    header.VolumeBasedCalculationTechnique = "NONE"
    header.ComplexImageComponent, header.AcquisitionContrast = "MAGNITUDE", "UNKNOWN"
    header.ContentQualification, header.ApplicableSafetyStandardAgency = "RESEARCH", "OTHER"
    del header.DerivationDescription  # not of this kind of object; Image Comments says the same
    header.PresentationLUTShape = "IDENTITY"
    header.AcquisitionContextSequence = Sequence([])
    _dimensions(header, about)
    set_pixels(header, np.concatenate([mr_slice.frames for mr_slice in series.slices]))
    header.NumberOfFrames = sum(len(mr_slice.frames) for mr_slice in series.slices)
    header.SharedFunctionalGroupsSequence = Sequence([_shared(series, frame_type)])
    header.PerFrameFunctionalGroupsSequence = Sequence(
        [
            _frame(mr_slice, place, phase, series.interval_ms)
            for place, mr_slice in enumerate(series.slices, start=1)
            for phase in range(len(mr_slice.frames))
        ]
    )
    save(header, path)


def _dimensions(header: Dataset, about: About) -> None:
    """Frames are ordered by stack, position in the stack, and time (PS3.3 C.7.6.17)."""
    organisation = Dataset()
    organisation.DimensionOrganizationUID = about.uid("MR", "dimensions")
    header.DimensionOrganizationSequence = Sequence([organisation])
    pointers = [(_STACK_ID, "Stack"), (_IN_STACK, "Slice"), (_TIME, "Phase")]
    header.DimensionIndexSequence = Sequence(
        [
            _item(
                DimensionOrganizationUID=organisation.DimensionOrganizationUID,
                DimensionIndexPointer=pointer,
                FunctionalGroupPointer=_FRAME_CONTENT,
                DimensionDescriptionLabel=label,
            )
            for pointer, label in pointers
        ]
    )


def _shared(series: MrSeries, frame_type: list[str]) -> Dataset:
    """The functional groups that all frames share."""
    first = series.slices[0]
    measures = _item(PixelSpacing=[decimal(mm) for mm in first.spacing_mm], SliceThickness=decimal(first.thickness_mm))
    if series.spacing_between_mm:
        measures.SpacingBetweenSlices = decimal(round(series.spacing_between_mm, 6))
    region = _item(CodeValue="80891009", CodingSchemeDesignator="SCT", CodeMeaning="Heart")
    high = decimal(max(1.0, float(max(np.percentile(mr_slice.frames, 99.5) for mr_slice in series.slices))))
    groups = {
        "PixelMeasuresSequence": measures,
        "PlaneOrientationSequence": _item(ImageOrientationPatient=first.orientation),
        "FrameAnatomySequence": _item(FrameLaterality="U", AnatomicRegionSequence=Sequence([region])),
        "FrameVOILUTSequence": _item(WindowCenter=decimal(float(high) / 2), WindowWidth=high),
        "PixelValueTransformationSequence": _item(RescaleIntercept="0", RescaleSlope="1", RescaleType="US"),
        "MRImageFrameTypeSequence": _item(
            FrameType=frame_type,
            PixelPresentation="MONOCHROME",
            VolumetricProperties="VOLUME",
            VolumeBasedCalculationTechnique="NONE",
            ComplexImageComponent="MAGNITUDE",
            AcquisitionContrast="UNKNOWN",
        ),
    }
    shared = Dataset()
    for keyword, item in groups.items():
        setattr(shared, keyword, Sequence([item]))
    return shared


def _frame(mr_slice: MrSlice, place: int, phase: int, interval_ms: float) -> Dataset:
    trigger_ms = round(float(mr_slice.trigger_ms[phase]), 6)
    group = Dataset()
    group.FrameContentSequence = Sequence(
        [
            _item(
                FrameAcquisitionNumber=phase + 1,
                CardiacCyclePosition="UNDETERMINED",
                StackID="1",
                InStackPositionNumber=place,
                TemporalPositionIndex=phase + 1,
                DimensionIndexValues=[1, place, phase + 1],
            )
        ]
    )
    group.PlanePositionSequence = Sequence([_item(ImagePositionPatient=mr_slice.position)])
    group.CardiacSynchronizationSequence = Sequence(
        [_item(NominalCardiacTriggerDelayTime=trigger_ms, RRIntervalTimeNominal=interval_ms)]
    )
    return group


def _item(**elements: Any) -> Dataset:  # an element's value may be of any kind
    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item
