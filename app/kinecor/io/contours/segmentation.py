"""DICOM Segmentation (PS3.3 A.51) as labels: of any maker, binary, fractional or as a label map."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.utils import unpack_bits

from kinecor.core.outlines.label_orders import part_named, parts_of_names
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import BytesArray, Plane
from kinecor.core.values.labels import LabelFile, LabelPlane, Part
from kinecor.core.values.message import message, verbatim
from kinecor.io.dicom.header import equipment, items, number, numbers, patient, silence_pydicom, text
from kinecor.io.files.packing import megabytes

SEGMENTATIONS: Final = frozenset({"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"})
"""Segmentation Storage and Label Map Segmentation Storage."""
MAX_BYTES: Final = 1 << 30
"""Of all frames, a byte a pixel."""
# SNOMED CT, and what older objects call the same (SRT).
_CODES: Final[Mapping[str, Part]] = MappingProxyType(
    {
        "87878005": Part.LV_CAVITY,
        "T-32600": Part.LV_CAVITY,
        "49848007": Part.LV_WALL,
        "74281007": Part.LV_WALL,
        "T-32020": Part.LV_WALL,
        "82471001": Part.LA,
        "T-32300": Part.LA,
        "53085002": Part.RV,
        "T-32500": Part.RV,
    }
)


@dataclass(frozen=True, eq=False)
class _Frame:
    """Where a frame belongs, and its pixels."""

    segment: int
    time: int
    plane: Plane | None
    spacing_mm: tuple[float, float] | None
    source: tuple[str, int] | None
    mask: BytesArray


def read_segmentation(path: Path) -> LabelFile:
    """The segments of an object as labels, numbered as there; where segments overlap, the smaller lies on top.

    Args:
        path: of the file.

    Raises:
        KinecorError: it is damaged, empty, too large or no segmentation.
        OSError: it cannot be read.

    """
    silence_pydicom()
    try:
        header = dcmread(path, force=True)
    except OSError:
        raise
    except Exception as error:  # pydicom meets garbage with many kinds of exception
        raise _damaged() from error
    if text(header, "SOPClassUID") not in SEGMENTATIONS:
        raise KinecorError(message("Expected a DICOM Segmentation, this is another kind of object"))
    try:
        frames = _frames(header)
    except KinecorError:
        raise
    except Exception as error:
        raise _damaged() from error
    if not frames:
        raise KinecorError(message("This DICOM Segmentation has no pixel in any segment: there is nothing to import"))
    names = {
        int(number(item, "SegmentNumber") or 0): text(item, "SegmentLabel") for item in items(header, "SegmentSequence")
    }
    planes = _planes(frames)
    return LabelFile(
        name=path.name,
        format=verbatim("DICOM Segmentation"),
        planes=planes,
        times=max(plane.time for plane in planes) + 1,
        places=max(plane.place for plane in planes) + 1,
        parts=MappingProxyType(_parts(header, names)),
        names=MappingProxyType(names),
        equipment=equipment(header),
        patient=patient(header).identity,
    )


def _damaged() -> KinecorError:
    return KinecorError(
        message("Expected an intact DICOM Segmentation, this one is damaged or cut off; copy or export it again")
    )


def _parts(header: Dataset, names: Mapping[int, str]) -> dict[int, Part]:
    """What segments are: by their labels, else by their codes."""
    parts = {}
    for item in items(header, "SegmentSequence"):
        value = int(number(item, "SegmentNumber") or 0)
        codes = items(item, "SegmentedPropertyTypeCodeSequence")
        named = part_named(names.get(value, ""))
        coded = next(
            (_CODES.get(text(code, "CodeValue")) or part_named(text(code, "CodeMeaning")) for code in codes), None
        )
        part = named or coded
        if part is not None:
            parts[value] = part
    used = [part for part in parts.values() if part is not Part.NOTHING]
    # Two segments of one part, such as a wall by segments, are for the reader to assign.
    return parts if used and len(set(used)) == len(used) else parts_of_names(names)


def _frames(header: Dataset) -> list[_Frame]:
    masks = _masks(header)
    shared = next(iter(items(header, "SharedFunctionalGroupsSequence")), Dataset())
    groups: list[Dataset] = items(header, "PerFrameFunctionalGroupsSequence") or [Dataset()] * len(masks)
    labelled = text(header, "SegmentationType") == "LABELMAP"
    out = []
    for own, mask in zip(groups, masks, strict=True):
        if not mask.any():
            continue
        both = (own, shared)
        segment = 0 if labelled else int(_first(both, "SegmentIdentificationSequence", "ReferencedSegmentNumber") or 1)
        content = next((item for of in both for item in items(of, "FrameContentSequence")), Dataset())
        time = int(number(content, "TemporalPositionIndex") or 1) - 1
        out.append(_Frame(segment, max(time, 0), _plane(both), _spacing(both), _source(both), mask))
    return out


def _first(groups: Iterable[Dataset], sequence: str, keyword: str) -> float | None:
    return next((value for of in groups for item in items(of, sequence) if (value := number(item, keyword))), None)


def _masks(header: Dataset) -> BytesArray:
    """(frames, rows, columns) uint8: 1 within the segment, of a label map the segment's number."""
    rows, columns = int(header.Rows), int(header.Columns)
    count = int(number(header, "NumberOfFrames") or 1)
    size = rows * columns * count
    if not 0 < size <= MAX_BYTES:
        raise KinecorError(
            message(
                "Expected a DICOM Segmentation of at most {most}, this one has {size}",
                most=megabytes(MAX_BYTES),
                size=megabytes(size),
            )
        )
    if int(header.BitsAllocated) == 1:
        packed = header.PixelData
        if len(packed) * 8 < size:
            raise _damaged()
        bits = np.asarray(unpack_bits(packed, as_array=True))[:size]
        return bits.reshape(count, rows, columns).astype(np.uint8)
    values = np.asarray(header.pixel_array).reshape(count, rows, columns)
    if text(header, "SegmentationType") == "LABELMAP":
        return values.astype(np.uint16).astype(np.uint8) if values.max() < 256 else _too_many()
    most = number(header, "MaximumFractionalValue") or 1
    return np.asarray(2 * values.astype(np.int64) >= most, np.uint8)


def _too_many() -> BytesArray:
    raise KinecorError(message("Expected at most 255 segments, this label map has more"))


def _plane(groups: tuple[Dataset, Dataset]) -> Plane | None:
    where = next((item for of in groups for item in items(of, "PlanePositionSequence")), None)
    turned = next((item for of in groups for item in items(of, "PlaneOrientationSequence")), None)
    if where is None or turned is None:
        return None
    position, axes = numbers(where, "ImagePositionPatient"), numbers(turned, "ImageOrientationPatient")
    if len(position) != 3 or len(axes) != 6:
        return None
    try:
        return Plane(np.array(position), np.array(axes[:3]), np.array(axes[3:]))
    except ValueError:
        return None


def _spacing(groups: tuple[Dataset, Dataset]) -> tuple[float, float] | None:
    measures = next((item for of in groups for item in items(of, "PixelMeasuresSequence")), None)
    spacing = () if measures is None else numbers(measures, "PixelSpacing")
    return (spacing[0], spacing[1]) if len(spacing) == 2 and min(spacing) > 0 else None


def _source(groups: tuple[Dataset, Dataset]) -> tuple[str, int] | None:
    """The image that a frame was drawn on, where it is one and its pixels are at the same places."""
    images = [
        image
        for of in groups
        for how in items(of, "DerivationImageSequence")
        for image in items(how, "SourceImageSequence")
    ]
    if len(images) != 1 or text(images[0], "SpatialLocationsPreserved") not in ("YES", ""):
        return None
    uid = text(images[0], "ReferencedSOPInstanceUID")
    frame: Any = numbers(images[0], "ReferencedFrameNumber")
    return (uid, int(frame[0]) if frame else 0) if uid else None


_SAME_MM: Final = 0.01


def _planes(frames: list[_Frame]) -> tuple[LabelPlane, ...]:
    """Segments of one place and time on one another."""
    area: dict[int, int] = {}
    for frame in frames:
        values, counts = np.unique(frame.mask, return_counts=True)
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            if value:
                label = frame.segment or value
                area[label] = area.get(label, 0) + count
    along = next((frame.plane.normal for frame in frames if frame.plane is not None), None)

    def position(frame_item: _Frame) -> float:
        return 0.0 if along is None or frame_item.plane is None else float(frame_item.plane.origin_mm @ along)

    # Places a hundredth of a millimetre apart are one.
    places = sorted({round(position(frame) / _SAME_MM) for frame in frames})
    number_of = {place: number for number, place in enumerate(places)}
    grouped: dict[tuple[Any, ...], list[_Frame]] = {}
    for frame in frames:
        grouped.setdefault((frame.source, frame.time, round(position(frame) / _SAME_MM)), []).append(frame)
    out = []
    for (source, time, place), members in grouped.items():
        values = np.zeros(members[0].mask.shape, np.uint16)
        for frame_item in sorted(members, key=lambda each: -area.get(each.segment, 0)):
            values[frame_item.mask > 0] = (
                frame_item.segment if frame_item.segment else frame_item.mask[frame_item.mask > 0]
            )
        out.append(LabelPlane(values, time, number_of[place], members[0].plane, members[0].spacing_mm, source))
    return tuple(sorted(out, key=lambda plane: (plane.time, plane.place)))
