"""A DICOM file without its pixels: its transfer syntax, and patient, study, equipment, view and times of frames."""

import logging
import math
import re
import struct
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pydicom.config
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import NOTHING, Message, message, verbatim
from kinecor.core.values.recording import Instance, Patient, Source, Stage
from kinecor.core.values.series import Series
from kinecor.io.dicom.charset import contradicting_text
from kinecor.io.dicom.ecg import CURVE_TAGS
from kinecor.io.files.atomic import TemporaryFolder
from kinecor.io.files.packing import check_unpacked

# fmt: off
HEADER_KEYWORDS = (
    "SpecificCharacterSet", "ImageType", "SOPClassUID", "SOPInstanceUID", "StudyDate", "Modality", "Manufacturer",
    "InstitutionName", "StudyDescription", "SeriesDescription", "ManufacturerModelName", "SoftwareVersions",
    "RecommendedDisplayFrameRate", "ViewName", "PatientName", "PatientID", "PatientBirthDate", "PatientSex",
    "PatientAge",
    "PatientSize", "PatientWeight", "SliceThickness", "RepetitionTime", "EchoTime", "CineRate",
    "SpacingBetweenSlices", "ProtocolName", "TriggerTime", "NominalInterval", "FrameTime", "FrameTimeVector",
    "CardiacNumberOfImages", "HeartRate", "RWaveTimeVector", "SequenceOfUltrasoundRegions", "ImagerPixelSpacing",
    "StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber", "AcquisitionNumber", "InstanceNumber",
    "ImagePositionPatient", "ImageOrientationPatient", "FrameOfReferenceUID", "TemporalPositionIdentifier",
    "ImageComments", "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames",
    "FrameIncrementPointer", "Rows", "Columns", "UltrasoundColorDataPresent", "PixelSpacing", "BitsAllocated",
    "BitsStored", "HighBit", "PixelRepresentation", "WindowCenter", "WindowWidth", "RescaleIntercept",
    "RescaleSlope", "RedPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData", "SegmentedRedPaletteColorLookupTableData",
    "SegmentedGreenPaletteColorLookupTableData", "SegmentedBluePaletteColorLookupTableData", "ViewCodeSequence",
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "DirectoryRecordSequence",
    "AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime", "ContentDate", "ContentTime", "StageName",
    "StageNumber", "ViewNumber", "WaveformSequence", "SequenceName", "PulseSequenceName", "InversionTime",
    "InversionTimes", "ContrastBolusAgent", "BurnedInAnnotation", "PhaseContrast", "Tagging", "BloodSignalNulling",
    "InversionRecovery", "SaturationRecovery", "T2Preparation", "TimeOfFlightContrast", "EchoPulseSequence",
    "MultipleSpinEcho", "CardiacSynchronizationTechnique", "AcquisitionContrast", "SteadyStatePulseSequence",
    "VelocityEncodingMaximumValue", "VelocityEncodingMinimumValue", "ContentLabel", "DocumentTitle",
)
# fmt: on


GE_SEQUENCE_NAME, PHILIPS_SEQUENCE_NAME = 0x0019109C, 0x20011020
"""The name of the pulse sequence, each only where that maker wrote the file."""
SEQUENCE_NAME_TAGS = (GE_SEQUENCE_NAME, PHILIPS_SEQUENCE_NAME)

EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
# Of scanners, some 1e-5 (quantitative maps) to 1e3; what is added, at most some ranges of the samples.
_MIN_SLOPE, _MAX_SLOPE = 1e-9, 1e9
_MAX_INTERCEPT = 1e8
_PYDICOM = r"pydicom(\.|$)"
_LONG_VRS = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
# Plain numbers: pydicom looks each element up in this list, and its own tags compare ten times slower.
_TAGS: list[BaseTag | int] = [
    *(int(Tag(keyword)) for keyword in HEADER_KEYWORDS),
    *map(int, CURVE_TAGS),
    *SEQUENCE_NAME_TAGS,
]


@dataclass(frozen=True)
class DicomFile:
    """The header of a file and the place of its pixels.

    Attributes:
        path: of the (inflated) bytes.
        header: the elements of HEADER_KEYWORDS and of curves, and no others.
        syntax: transfer syntax UID; DEFLATED once inflated reads EXPLICIT_LITTLE.
        implicit, little_endian: how elements are written.
        pixel_element: offset of the Pixel Data element, in bytes from the start, or None without pixel data.
        size_bytes: length of the file.
        keep: what must live as long as the file is read (a temporary file), or None.

    """

    path: Path
    header: Dataset
    syntax: str
    implicit: bool
    little_endian: bool
    pixel_element: int | None
    size_bytes: int
    keep: Any = None


def looks_like_dicom(start: bytes) -> bool:
    """Whether the first 132 bytes (or more) of a file are those of a DICOM file, with or without its preamble.

    Args:
        start: of the file.

    """
    if start[128:132] == b"DICM":
        return True
    if len(start) < 8:
        return False
    little, big = struct.unpack("<HH", start[:4]), struct.unpack(">HH", start[:4])
    return any(group in (2, 8) and element <= 0x100 for group, element in (little, big))


def read_dicom(path: Path) -> DicomFile:
    """Read the header of a DICOM file; the pixels stay on disk.

    Args:
        path: of the file.

    Raises:
        KinecorError: the file is empty, not DICOM, or its header is damaged.
        OSError: the file cannot be read.

    """
    silence_pydicom()
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(132)
        if not start:
            raise KinecorError(message("Expected a DICOM file, the file is empty; copy or export it again"))
        if not looks_like_dicom(start):
            raise KinecorError(
                message("Expected a DICOM file, this is another kind of file; export the recording as DICOM")
            )
        meta_at = 132 if start[128:132] == b"DICM" else 0
        syntax, data_at = _transfer_syntax(file, meta_at, size)
        file.seek(data_at)
        head = file.read(6)
        if syntax == DEFLATED:
            file.seek(data_at)
            return _inflated(file, size)
        if not syntax:
            syntax = _guessed(head)
        return _read(file, path, data_at, syntax, size)


def _read(file: BinaryIO, path: Path, data_at: int, syntax: str, size: int, keep: Any = None) -> DicomFile:
    implicit, little = syntax == IMPLICIT_LITTLE, syntax != EXPLICIT_BIG
    file.seek(data_at)
    try:
        header = read_dataset(file, implicit, little, stop_when=_at_pixels, specific_tags=_TAGS)
    except Exception as error:  # pydicom meets garbage with many kinds of exception
        if isinstance(error, OSError) and error.errno is not None:  # the system's; pydicom's own have no number
            raise
        raise KinecorError(
            message("Expected a readable DICOM header, this one is damaged or cut off; copy or export the file again")
        ) from error
    at = file.tell()
    tag = file.read(4)
    found = len(tag) == 4 and struct.unpack("<HH" if little else ">HH", tag) == (0x7FE0, 0x0010)
    # Some files write implicit elements under an explicit syntax; pydicom noticed and read them so.
    really_implicit = header.original_encoding[0]
    implicit = implicit if really_implicit is None else bool(really_implicit)
    return DicomFile(path, header, syntax, implicit, little, at if found else None, size, keep)


def _at_pixels(tag: int, vr: str | None, length: int) -> bool:  # noqa: ARG001 - pydicom calls it so
    # Float and double pixel data (7FE0,0008 and 0009) come just before; nothing of the header follows.
    return 0x7FE00008 <= tag <= 0x7FE00010


def _transfer_syntax(file: BinaryIO, start: int, size: int) -> tuple[str, int]:
    """The transfer syntax UID ("" if absent) and where the data set begins."""
    file.seek(start)
    at, syntax = start, ""
    while len(head := file.read(8)) == 8:
        group, element = struct.unpack("<HH", head[:4])
        if group != 2:
            break
        at += 8
        length = struct.unpack("<H", head[6:8])[0]
        if head[4:6] in _LONG_VRS:
            length = struct.unpack("<I", (file.read(4) + bytes(4))[:4])[0]
            at += 4
        if at + length > size:
            raise KinecorError(
                message("Expected a complete DICOM file, this one ends within its header; copy it again")
            )
        if element == 0x0010:
            syntax = file.read(min(length, 128)).decode("ascii", "replace").strip("\0 ")
        at += length
        file.seek(at)
    return syntax, at


def _guessed(head: bytes) -> str:
    if head[:2] == b"\x00\x08":
        return EXPLICIT_BIG
    return EXPLICIT_LITTLE if head[4:6].isalpha() and head[4:6].isupper() else IMPLICIT_LITTLE


def _inflated(packed: BinaryIO, size: int) -> DicomFile:
    """Unpack the deflated rest of `packed`, a file of `size` bytes, into a temporary file and read that."""
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    keep = TemporaryFolder()
    path, total = keep.path / "inflated", 0
    try:
        with path.open("wb") as file:
            while not unpack.eof and (block := unpack.unconsumed_tail or packed.read(1 << 20)):
                piece = unpack.decompress(block, 1 << 22)
                total += len(piece)
                check_unpacked(size, total, keep.path)
                file.write(piece)
    except zlib.error as error:
        raise KinecorError(
            message("Expected deflated DICOM data, they are damaged or cut off; copy or export the file again")
        ) from error
    with path.open("rb") as inflated:
        return _read(inflated, path, 0, EXPLICIT_LITTLE, total, keep)


def syntax_name(syntax: str) -> str:
    """The standard's name of a transfer syntax, or the UID itself.

    Args:
        syntax: its UID.

    """
    return UID(syntax).name or "none"


def silence_pydicom() -> None:
    """Silence pydicom's warnings: what matters is checked here and reported in one sentence.

    A filter that stays needs nothing restored, so unlike `catch_warnings` it is safe in threads.
    """
    if not any(
        filter_rule[0] == "ignore" and filter_rule[3] and filter_rule[3].pattern == _PYDICOM
        for filter_rule in warnings.filters
    ):
        warnings.filterwarnings("ignore", module=_PYDICOM)
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE


_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")


@lru_cache(maxsize=1024)
def _tag_of(keyword: str) -> BaseTag:
    return Tag(keyword)


def element(header: Dataset, keyword: str) -> Any:
    """The element's value, or None where it is absent or cannot be parsed.

    Args:
        header: or an item of a sequence.
        keyword: of the element.

    """
    tag = _tag_of(keyword)
    if tag not in header:  # of a hundred elements that are looked for, a header has half; `get` takes ten times longer
        return None
    try:
        return header[tag].value
    except Exception:  # pydicom parses on access, and what it raises on garbage is not a closed set
        return None


def text(header: Dataset, keyword: str) -> str:
    """The element as one line of text, several values joined by a space; "" if absent.

    Where its bytes contradict the declared character set, they are read as what they are; see `charset`.

    Args:
        header: or an item of a sequence.
        keyword: of the element.

    """
    value = contradicting_text(header, keyword)
    if value is None:
        value = element(header, keyword)
    if value is None:
        return ""
    try:
        parts = [str(part) for part in value] if isinstance(value, (MultiValue, list)) else [str(value)]
    except Exception:  # a person name in an unknown character set
        return ""
    line = " ".join(parts)
    if not line.isprintable():
        line = "".join(c if c.isprintable() else " " for c in line)
    return " ".join(line.split())


def numbers(header: Dataset, keyword: str) -> tuple[float, ...]:
    """All values of the element as finite floats; empty if absent or if one is not a number.

    Args:
        header: or an item of a sequence.
        keyword: of the element.

    """
    value = element(header, keyword)
    if value is None or isinstance(value, (str, bytes)):
        return ()
    several = value if isinstance(value, (MultiValue, Sequence)) else [value]
    try:
        parsed = tuple(float(value) for value in several)
    except (TypeError, ValueError, OverflowError):
        return ()
    return parsed if all(math.isfinite(value) for value in parsed) else ()


def number(header: Dataset, keyword: str) -> float | None:
    """The first value of the element as a finite float, or None.

    Args:
        header: or an item of a sequence.
        keyword: of the element.

    """
    found = numbers(header, keyword)
    return found[0] if found else None


def positive(header: Dataset, keyword: str) -> float | None:
    """The first value of the element where it is above zero, else None: in many headers 0 means "unknown".

    Args:
        header: or an item of a sequence.
        keyword: of the element.

    """
    found = number(header, keyword)
    return found if found is not None and found > 0 else None


def rescale(header: Dataset) -> tuple[float, float]:
    """Slope and intercept from stored to real values (PS3.3 C.11.1.1.2); 1 and 0 where there are none.

    Args:
        header: of the image.

    Raises:
        KinecorError: no image has such values; the grey levels would be rounding errors.

    """
    slope, intercept = number(header, "RescaleSlope") or 1.0, number(header, "RescaleIntercept") or 0.0
    if not _MIN_SLOPE <= abs(slope) <= _MAX_SLOPE:
        raise KinecorError(
            message(
                "Expected a RescaleSlope of {least:g} to {most:g}, the file has {slope:g}; "
                "it may be damaged, copy or export it again",
                least=_MIN_SLOPE,
                most=_MAX_SLOPE,
                slope=slope,
            )
        )
    if abs(intercept) > _MAX_INTERCEPT * abs(slope):
        raise KinecorError(
            message(
                "Expected a RescaleIntercept near the image's values, the file has {intercept:g} for a "
                "slope of {slope:g}; it may be damaged, copy or export it again",
                intercept=intercept,
                slope=slope,
            )
        )
    return slope, intercept


def items(header: Dataset, keyword: str, most_bytes: int | None = None) -> list[Dataset]:
    """The items of a sequence; empty if absent, or longer than `most_bytes`: to read thousands takes seconds.

    Args:
        header: or an item of a sequence.
        keyword: of the sequence.
        most_bytes: of the sequence; None for any length.

    """
    if most_bytes is not None and keyword in header:
        raw: Any = header.get_item(keyword)
        if isinstance(raw, RawDataElement) and raw.value is not None and len(raw.value) > most_bytes:
            return []
    value = element(header, keyword)
    return [item for item in value if isinstance(item, Dataset)] if isinstance(value, Sequence | MultiValue) else []


def safe_id(uid: str) -> str:
    """`uid` where it is fit for a file name, else a digest of it; "" stays "".

    Args:
        uid: of the header; any text.

    """
    if not uid or _ID.fullmatch(uid):
        return uid
    return "uid-" + sha256(uid.encode("utf-8", "replace")).hexdigest()[:24]


ASSUMED_RATE_PER_S = 30.0
# Outside these an interval is a slip, not a frame rate: 2000 and 0.2 frames a second.
MIN_INTERVAL_MS, MAX_INTERVAL_MS = 0.5, 5000.0
_FRAME_TIME, _FRAME_TIME_VECTOR = 0x00181063, 0x00181065


@dataclass(frozen=True)
class FrameTimes:
    """Times of a loop's frames.

    Attributes:
        times_s: (frames,) seconds from the first frame.
        origin: the element they come from, or "assumed".
        warnings: about the elements that could not be used.

    """

    times_s: FloatArray
    origin: Message
    warnings: tuple[Message, ...] = ()


def header_times(header: Dataset, frames: int) -> FrameTimes:
    """Times of an ultrasound loop.

    In this order: what Frame Increment Pointer (0028,0009) names, Frame Time (0018,1063) or Frame Time Vector
    (0018,1065), both in ms; the other of the two; Recommended Display Frame Rate (0008,2144); Cine Rate (0018,0040);
    else 30 frames a second, marked as assumed. See PS3.3 C.7.6.5.

    Args:
        header: of the loop.
        frames: of the loop.

    """
    if frames == 1:
        return FrameTimes(np.zeros(1), message("single frame"))
    warnings: list[Message] = []
    pointer = _pointer(header)
    order = (
        (_vector, _interval) if _FRAME_TIME_VECTOR in pointer and _FRAME_TIME not in pointer else (_interval, _vector)
    )
    for read in (*order, _display_rate, _cine_rate):
        found, complaint = read(header, frames)
        if complaint:
            warnings.append(complaint)
        if found is not None:
            return FrameTimes(found[0], found[1], tuple(warnings))
    warnings.append(message("The file has no frame times; {rate:g} frames/s are assumed.", rate=ASSUMED_RATE_PER_S))
    return FrameTimes(even_times(frames, 1 / ASSUMED_RATE_PER_S), message("assumed"), tuple(warnings))


def even_times(frames: int, interval_s: float) -> FloatArray:
    """(frames,) seconds, `interval_s` apart, from 0.

    Args:
        frames: of the loop.
        interval_s: from frame to frame.

    """
    return np.arange(frames, dtype=np.float64) * interval_s


_Found = tuple[tuple[FloatArray, Message] | None, Message]


def _pointer(header: Dataset) -> set[int]:
    value = element(header, "FrameIncrementPointer")
    if value is None:
        return set()
    try:
        return {int(value)} if isinstance(value, int) else {int(number) for number in value}
    except (TypeError, ValueError):
        return set()


def _interval(header: Dataset, frames: int) -> _Found:
    interval_ms = number(header, "FrameTime")
    if interval_ms is None or interval_ms == 0:
        return None, NOTHING
    if not MIN_INTERVAL_MS <= interval_ms <= MAX_INTERVAL_MS:
        return None, message(
            "The file's Frame Time of {interval:g} ms is not a frame rate and was ignored.", interval=interval_ms
        )
    return (even_times(frames, interval_ms / 1000), verbatim("FrameTime")), NOTHING


def _vector(header: Dataset, frames: int) -> _Found:
    increments_ms = np.asarray(numbers(header, "FrameTimeVector"))
    if not increments_ms.size:
        return None, NOTHING
    if increments_ms.size == frames - 1:
        # Seen in real files: the leading 0 is missing.
        increments_ms = np.concatenate(([0.0], increments_ms))
    if increments_ms.size != frames:
        return (
            None,
            message(
                "The file's Frame Time Vector has {count} times for {frames} frames and was ignored.",
                count=increments_ms.size,
                frames=frames,
            ),
        )
    if (increments_ms[1:] <= 0).any():
        return None, message("The file's Frame Time Vector does not increase and was ignored.")
    increments_ms[0] = 0.0
    return (np.cumsum(increments_ms) / 1000, verbatim("FrameTimeVector")), NOTHING


def _display_rate(header: Dataset, frames: int) -> _Found:
    return _rate(header, frames, "RecommendedDisplayFrameRate")


def _cine_rate(header: Dataset, frames: int) -> _Found:
    return _rate(header, frames, "CineRate")


def _rate(header: Dataset, frames: int, keyword: str) -> _Found:
    rate = positive(header, keyword)
    if rate is None or not MIN_INTERVAL_MS <= 1000 / rate <= MAX_INTERVAL_MS:
        return None, NOTHING
    return (even_times(frames, 1 / rate), verbatim(keyword)), NOTHING


# Codes of PS3.16 CID 12226, SNOMED CT and the older SRT ones.
_VIEW_CODES = {
    "399214001": "A4C", "G-A19C": "A4C",
    "399232001": "A2C", "G-A19B": "A2C",
    "399339008": "A3C", "G-0395": "A3C",
    "399139001": "PLAX", "G-0396": "PLAX",
    "399306005": "PSAX", "G-0397": "PSAX",
}  # fmt: skip
_VIEW_WORDS = (
    (r"a4c|ap4|4ch|ap(ical)? ?(4|four)(?!\d)", "A4C"),
    (r"a2c|ap2|2ch|ap(ical)? ?(2|two)(?!\d)", "A2C"),
    (r"a3c|ap3|3ch|aplax|ap(ical)? ?((3|three)(?!\d)|long)", "A3C"),
    (r"plax|parasternal long", "PLAX"),
    (r"psax|parasternal short", "PSAX"),
)
# "Subcostal 4CH", "SAX 4chamber", "ME 4CH": four chambers, but seen from elsewhere than the apex of the left ventricle.
_NOT_APICAL = r"sub ?cost|sub ?xi|supra|sc\b|sax|psax|plax|short|paraste|tee\b|toe\b|me\b|mid ?o?esoph|trans ?o?esoph"
# A view of the right heart: none of the standard views.
_OTHER_HEART = r"rv|rvot|right|tricusp|pulm"
_APICAL = frozenset({"A4C", "A2C", "A3C"})
_EXTRA = (
    ("Series", "SeriesDescription"),
    ("Protocol", "ProtocolName"),
    ("Comment", "ImageComments"),
    ("Pixels", "PhotometricInterpretation"),
    ("Frame times", "FrameTime"),
    ("Burned-in annotation", "BurnedInAnnotation"),
)


def source_of(file: DicomFile, path: str, recording_id: str, modality: str, digest: str) -> Source:
    """The Source of a recording; `recording_id` is used as it is, the study's UID made fit for a file name.

    Where the header names no study, the recording forms a study by itself.

    Args:
        file: with its header.
        path: as a reader knows it.
        recording_id: as the file gives it, or made for it.
        modality: in force, stated or of the header.
        digest: of the pixels, in hex.

    """
    header = file.header
    extra = [(name, found) for name, keyword in _EXTRA if (found := text(header, keyword))]
    extra.append(("Transfer syntax", syntax_name(file.syntax)))
    if positive(header, "UltrasoundColorDataPresent"):
        extra.append(("Ultrasound colour data", "present"))
    return Source(
        path=path,
        recording_id=recording_id,
        study_id=safe_id(text(header, "StudyInstanceUID")) or recording_id,
        modality=modality,
        digest=digest,
        equipment=equipment(header),
        patient=patient(header),
        extra=tuple(extra),
        stage=stage_of(header),
        view_number=int(place) if (place := positive(header, "ViewNumber")) is not None else None,
        series=series_of(header),
        content_date=text(header, "AcquisitionDate")
        or text(header, "AcquisitionDateTime")[:8]
        or text(header, "ContentDate"),
    )


def series_of(header: Dataset) -> Series:
    """What a header says of its series; the kind is not decided yet.

    Args:
        header: of an object of the series.

    """
    stated = number(header, "SeriesNumber")
    return Series(
        uid=text(header, "SeriesInstanceUID"),
        number=None if stated is None else int(stated),
        description=text(header, "SeriesDescription") or text(header, "ProtocolName"),
    )


def instances_of(file: DicomFile, frames: int) -> tuple[Instance, ...]:
    """The DICOM object as each of its frames is referred to; frames of an object that is a single image have 0.

    Args:
        file: with its header.
        frames: of the object.

    """
    names = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID")
    sop_class, sop_instance, series, study = (text(file.header, name) for name in names)
    several = "NumberOfFrames" in file.header
    return tuple(
        Instance(str(file.path), sop_class, sop_instance, series, study, frame + 1 if several else 0)
        for frame in range(frames)
    )


def stage_of(header: Dataset) -> Stage | None:
    """The stage of a stress study (StageName and StageNumber, PS3.3 C.8.5.6), or None where the header names none.

    Args:
        header: of the loop.

    """
    name, number = " ".join(text(header, "StageName").split()), positive(header, "StageNumber")
    if not name and number is None:
        return None
    return Stage(name or f"Stage {number:.0f}", int(number) if number is not None else None)


def patient(header: Dataset) -> Patient:
    """Patient and study; height in cm from metres, weight in kg, absent where out of a person's range.

    Args:
        header: of an object of the patient.

    """
    height_m, weight_kg = positive(header, "PatientSize"), positive(header, "PatientWeight")
    return Patient(
        name=text(header, "PatientName"),
        patient_id=text(header, "PatientID"),
        birth_date=birth_date(header),
        sex=text(header, "PatientSex"),
        height_cm=round(height_m * 100, 2) if height_m and 0.2 <= height_m <= 2.7 else None,
        weight_kg=weight_kg if weight_kg and 0.3 <= weight_kg <= 500 else None,
        study_date=text(header, "StudyDate"),
        study_description=text(header, "StudyDescription"),
        institution=text(header, "InstitutionName"),
        stated_age=text(header, "PatientAge"),
    )


def birth_date(header: Dataset) -> str:
    """The birth date as written; "" where it is nothing but zeros, as scanners write an unknown one.

    Args:
        header: of an object of the patient.

    """
    written = text(header, "PatientBirthDate")
    return written if written.strip("0") else ""


def equipment(header: Dataset) -> str:
    """Maker, model and software as one line.

    Args:
        header: of the object.

    """
    parts = (text(header, name) for name in ("Manufacturer", "ManufacturerModelName", "SoftwareVersions"))
    return " ".join(part for part in parts if part)


def modality_of(header: Dataset) -> str:
    """What Modality (0008,0060) says ("US", "MR", "XA", ...), else "US" or "MR" by the SOP class, else "".

    Args:
        header: of the object.

    """
    if stated := text(header, "Modality").upper():
        return stated
    name = sop_class(header)
    return "US" if "Ultrasound" in name else "MR" if " MR " in f" {name} " else ""


def sop_class(header: Dataset) -> str:
    """The standard's name of the kind of object, "" where it is missing or not known.

    Args:
        header: of the object.

    """
    uid = text(header, "SOPClassUID")
    name = UID(uid).name if uid else ""
    return "" if name == uid else name


def view_of(header: Dataset) -> str | None:
    """The standard view ("A4C", "A2C", "A3C", "PLAX", "PSAX"), from View Code Sequence or View Name, or None.

    Args:
        header: of the loop.

    """
    for item in items(header, "ViewCodeSequence"):
        if view := _VIEW_CODES.get(text(item, "CodeValue")) or _named(text(item, "CodeMeaning")):
            return view
    return _named(text(header, "ViewName"))


def _named(words: str) -> str | None:
    """The one view that the words name; None where they name none, several, or a view with a similar name."""
    folded = " ".join(re.sub(r"[^a-z0-9]+", " ", words.lower()).split())
    found = {view for pattern, view in _VIEW_WORDS if re.search(rf"\b({pattern})", folded)}
    if len(found) != 1 or re.search(rf"\b({_OTHER_HEART})", folded):
        return None
    view = found.pop()
    return None if view in _APICAL and re.search(rf"\b({_NOT_APICAL})", folded) else view
