"""Contours as a DICOM Segmentation (PS3.3 A.51): a segment for each structure, a frame for each place and time.

highdicom cannot write one of a cine: it has one frame per plane, and needs a frame of reference, which ultrasound has
not. The object is therefore built here; highdicom reads it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.pixels.utils import pack_bits
from pydicom.tag import Tag
from pydicom.uid import SegmentationStorage

from kinecor.core.values.colours import ON_DARK
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import BytesArray, FloatArray, Plane
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Instance, Recording, Stack
from kinecor.core.values.track import Origin, Structure
from kinecor.io.dicom.header import items, positive, text
from kinecor.io.dicom.source_file import source_header
from kinecor.io.files.colour import cielab
from kinecor.io.write import codes
from kinecor.io.write.codes import Code
from kinecor.io.write.dataset import decimal
from kinecor.io.write.derived import (
    Series,
    by_series,
    check_identified,
    derived_object,
    reference,
    save_derived,
    uid_of,
)
from kinecor.io.write.labels import LEFT_ATRIUM, LV_CAVITY, LV_MYOCARDIUM, RV_CAVITY, label_frame
from kinecor.io.write.values import Read, models

SERIES: Final = Series("SEG", 9201, "Kinecor segmentation")
_ANATOMY: Final = Code("91723000", "SCT", "Anatomical Structure")
_DERIVED: Final = Code("113076", "DCM", "Segmentation")
_SOURCE: Final = Code("121322", "DCM", "Source image for image processing operation")


@dataclass(frozen=True, slots=True)
class Segment:
    """A label of the masks as a segment: its name, code, and the outlines it is made from."""

    label: int
    name: str
    code: Code
    outlines: tuple[Structure, ...]


SEGMENTS: Final = (
    Segment(LV_CAVITY, "LV cavity", codes.LEFT_VENTRICLE, (Structure.LV_ENDO,)),
    Segment(LV_MYOCARDIUM, "LV myocardium", codes.MYOCARDIUM, (Structure.LV_EPI, Structure.LV_ENDO)),
    Segment(LEFT_ATRIUM, "Left atrium", codes.LEFT_ATRIUM, (Structure.LA,)),
    Segment(RV_CAVITY, "RV cavity", codes.RIGHT_VENTRICLE, (Structure.RV,)),
)


@dataclass(frozen=True, eq=False)
class _Frame:
    """One frame: the pixels of a segment in one source frame; places and times count from 1."""

    segment: int
    place: int
    time: int
    instance: Instance
    plane: Plane | None
    mask: BytesArray


def write_segmentation(path: Path, read: Read, at: datetime) -> None:
    """Write the masks of all frames, of a stack those of all slices, as one object.

    Pixels and labels are those of `masks/ID.nii.gz`; what is empty is left out.

    Args:
        path: of the file.
        read: the recording and its contours.
        at: when the object is made, with a time zone.

    Raises:
        KinecorError: the recording has no UIDs or no contour, slices differ in size, a source cannot be read again, or
            `path` cannot be written.

    """
    save_derived(segmentation(read, at), path)


def segmentation(read: Read, at: datetime) -> Dataset:
    """The same as a data set that has no SOP Instance UID yet.

    Args:
        read: the recording with its Reading.
        at: when it is written.

    Raises:
        KinecorError: as `write_segmentation`, but for writing.

    """
    recording, reading = read.recording, read.reading
    check_identified(recording.cines, message("segmentation"))
    sizes = {(cine.rows, cine.columns) for cine in recording.cines}
    if len(sizes) > 1:
        raise KinecorError(message("A segmentation needs slices of one size, these differ in rows and columns"))
    frames = _frames(read)
    if not frames:
        raise KinecorError(
            message(
                "{path} has no contours, so there is nothing to write a segmentation of",
                path=verbatim(recording.source.path),
            )
        )
    used = sorted({frame.segment for frame in frames})
    first = recording.cines[0].instances[0]
    source = source_header(first.path)
    made = derived_object(first, SegmentationStorage, SERIES, at, more=text(source, "FrameOfReferenceUID"))
    if reference_frame := text(source, "FrameOfReferenceUID"):
        made.FrameOfReferenceUID = reference_frame
        made.PositionReferenceIndicator = text(source, "PositionReferenceIndicator")
    _describe(made, [SEGMENTS[number] for number in used], reading)
    _pixels(made, frames, *sizes.pop())
    for keyword in ("LossyImageCompressionRatio", "LossyImageCompressionMethod"):
        if keyword in source:
            made.add(source[keyword])
    made.LossyImageCompression = text(source, "LossyImageCompression") or "00"
    made.ReferencedSeriesSequence = by_series([frame.instance for frame in frames], "ReferencedInstanceSequence")
    stacked = isinstance(recording, Stack)
    _dimensions(made, stacked=stacked)
    made.SharedFunctionalGroupsSequence = [_shared(read)]
    numbers = {segment: number for number, segment in enumerate(used, start=1)}
    made.PerFrameFunctionalGroupsSequence = [
        _groups(frame, numbers[frame.segment], stacked=stacked) for frame in frames
    ]
    return made


def _frames(read: Read) -> list[_Frame]:
    """Segment by segment, slice by slice, in order of time; empty masks are left out."""
    recording, reading = read.recording, read.reading
    parts = reading.slices if isinstance(recording, Stack) else (reading,)
    frame_items = []
    for place, (cine, part) in enumerate(zip(recording.cines, parts, strict=True), start=1):
        for time, instance in enumerate(cine.instances):
            labels = label_frame(part, time)
            for number, segment in enumerate(SEGMENTS):
                mask = np.asarray(labels == segment.label, np.uint8)
                if mask.any():
                    frame_items.append(_Frame(number, place, time + 1, instance, cine.plane, mask))
    return sorted(frame_items, key=lambda frame_item: (frame_item.segment, frame_item.place, frame_item.time))


def _describe(made: Dataset, segments: Sequence[Segment], reading: Reading) -> None:
    made.ContentLabel, made.ContentDescription, made.ContentCreatorName = "KINECOR", "Heart chambers and wall", ""
    made.SegmentationType, made.SegmentsOverlap = "BINARY", "NO"
    names = ", ".join(name for name, _ in models([reading])) or "Kinecor"
    described = []
    for number, one in enumerate(segments, start=1):
        item = Dataset()
        item.SegmentNumber, item.SegmentLabel = number, one.name
        item.SegmentedPropertyCategoryCodeSequence = [_ANATOMY.item]
        item.SegmentedPropertyTypeCodeSequence = [one.code.item]
        item.RecommendedDisplayCIELabValue = list(cielab(ON_DARK[one.outlines[0]]))
        item.SegmentAlgorithmType = _origin(reading, one.outlines)
        if item.SegmentAlgorithmType != "MANUAL":
            item.SegmentAlgorithmName = names[:64]
        described.append(item)
    made.SegmentSequence = described


def _origin(reading: Reading, outlines: tuple[Structure, ...]) -> str:
    """AUTOMATIC, SEMIAUTOMATIC where a person edited some frames, MANUAL where a person drew all of them."""
    parts = reading.slices or (reading,)
    drawn = [
        origin is Origin.EDITED
        for part in parts
        for structure in outlines
        if structure in part.tracks
        for contour, origin in zip(part.tracks[structure].contours, part.tracks[structure].origins, strict=True)
        if contour is not None
    ]
    return "MANUAL" if drawn and all(drawn) else "SEMIAUTOMATIC" if any(drawn) else "AUTOMATIC"


def _pixels(made: Dataset, frames: Sequence[_Frame], rows: int, columns: int) -> None:
    made.ImageType = ["DERIVED", "PRIMARY"]
    if frames[0].plane is None:
        made.PatientOrientation = ""  # unknown, as of most ultrasound
    made.SamplesPerPixel, made.PhotometricInterpretation, made.PixelRepresentation = 1, "MONOCHROME2", 0
    made.Rows, made.Columns, made.NumberOfFrames = rows, columns, len(frames)
    made.BitsAllocated, made.BitsStored, made.HighBit = 1, 1, 0
    # Bits run on from frame to frame without a gap (PS3.5 8.1.1).
    made.PixelData = pack_bits(np.stack([frame.mask for frame in frames]).ravel())
    made["PixelData"].VR = "OB"


_SEGMENT, _PLACE, _TIME = Tag(0x0062, 0x000B), Tag(0x0020, 0x9057), Tag(0x0020, 0x9128)
_OF_SEGMENT, _OF_FRAME = Tag(0x0062, 0x000A), Tag(0x0020, 0x9111)


def _dimensions(made: Dataset, *, stacked: bool) -> None:
    """Frames are ordered by segment, by slice where there are several, and by time."""
    organisation = uid_of("dimensions", "segment", "place" if stacked else "", "time")
    item = Dataset()
    item.DimensionOrganizationUID = organisation
    made.DimensionOrganizationSequence = [item]
    made.DimensionIndexSequence = []
    indices = [(_SEGMENT, _OF_SEGMENT, "Segment"), (_PLACE, _OF_FRAME, "Slice"), (_TIME, _OF_FRAME, "Phase")]
    for pointer, group, label in indices:
        if pointer == _PLACE and not stacked:
            continue
        index = Dataset()
        index.DimensionOrganizationUID = organisation
        index.DimensionIndexPointer, index.FunctionalGroupPointer = pointer, group
        index.DimensionDescriptionLabel = label
        made.DimensionIndexSequence.append(index)


def _shared(read: Read) -> Dataset:
    """Pixel size and orientation of a plane in the patient; of ultrasound both follow from the source's own pixels."""
    shared, recording = Dataset(), read.recording
    scale, plane = read.reading.calibration, recording.cines[0].plane
    thickness_mm = _thickness_mm(recording)
    if scale is not None and plane is not None and thickness_mm:
        measures = Dataset()
        measures.PixelSpacing = [decimal(scale.row_mm), decimal(scale.col_mm)]
        measures.SliceThickness = decimal(thickness_mm)
        shared.PixelMeasuresSequence = [measures]
    if plane is not None:
        oriented = Dataset()
        oriented.ImageOrientationPatient = _decimals(np.concatenate([plane.along_x, plane.along_y]))
        shared.PlaneOrientationSequence = [oriented]
    return shared


def _thickness_mm(recording: Recording) -> float:
    """As the file says, of a stack else the usual distance of its slices; 0 where neither is known."""
    if isinstance(recording, Stack):
        return recording.thickness_mm or float(np.median(np.diff(recording.positions_mm)))
    source = source_header(recording.instances[0].path)
    shared = [
        item
        for group in items(source, "SharedFunctionalGroupsSequence")
        for item in items(group, "PixelMeasuresSequence")
    ]
    return next((found for item in (source, *shared) if (found := positive(item, "SliceThickness"))), 0.0)


def _groups(frame: _Frame, segment: int, *, stacked: bool) -> Dataset:
    groups, content, named = Dataset(), Dataset(), Dataset()
    content.DimensionIndexValues = [segment, frame.place, frame.time] if stacked else [segment, frame.time]
    content.TemporalPositionIndex = frame.time
    if stacked:
        content.StackID, content.InStackPositionNumber = "1", frame.place
    groups.FrameContentSequence = [content]
    named.ReferencedSegmentNumber = segment
    groups.SegmentIdentificationSequence = [named]
    if frame.plane is not None:
        position = Dataset()
        position.ImagePositionPatient = _decimals(frame.plane.origin_mm)
        groups.PlanePositionSequence = [position]
    source = reference(frame.instance, *((frame.instance.frame,) if frame.instance.frame else ()))
    source.PurposeOfReferenceCodeSequence = [_SOURCE.item]
    source.SpatialLocationsPreserved = "YES"
    how = Dataset()
    how.DerivationCodeSequence, how.SourceImageSequence = [_DERIVED.item], [source]
    groups.DerivationImageSequence = [how]
    return groups


def _decimals(values: FloatArray) -> list[str]:
    return [decimal(round(float(value), 9)) for value in values]
