"""A DICOM file up to its pixels: encoding, header, and where the pixel data begin."""

import logging
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pydicom.config
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID

from kinecor.core.values.errors import KinecorError
from kinecor.io.files.atomic import TemporaryFolder

# fmt: off
HEADER_KEYWORDS = (
    "SpecificCharacterSet", "ImageType", "SOPClassUID", "SOPInstanceUID", "StudyDate", "Modality", "Manufacturer",
    "InstitutionName", "StudyDescription", "SeriesDescription", "ManufacturerModelName", "SoftwareVersions",
    "RecommendedDisplayFrameRate", "ViewName", "PatientName", "PatientID", "PatientBirthDate", "PatientSex",
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
    "AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime", "ContentDate", "ContentTime",
)
# fmt: on


EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
# A deflated file is unpacked to disk; beyond this it is not a recording.
MAX_INFLATED_BYTES = 4 << 30
_PYDICOM = r"pydicom(\.|$)"
_LONG_VRS = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
# Plain numbers: pydicom looks each element up in this list, and its own tags compare ten times slower.
_TAGS: list[BaseTag | int] = [int(Tag(keyword)) for keyword in HEADER_KEYWORDS]


@dataclass(frozen=True)
class DicomFile:
    """The header of a file and the place of its pixels.

    Attributes:
        path: of the (inflated) bytes.
        header: the elements of HEADER_KEYWORDS, and no others.
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
    """Whether the first 132 bytes (or more) of a file are those of a DICOM file, with or without its preamble."""
    if start[128:132] == b"DICM":
        return True
    if len(start) < 8:
        return False
    little, big = struct.unpack("<HH", start[:4]), struct.unpack(">HH", start[:4])
    return any(group in (2, 8) and element <= 0x100 for group, element in (little, big))


def read_dicom(path: Path) -> DicomFile:
    """Read the header of a DICOM file; the pixels stay on disk.

    Raises:
        KinecorError: the file is empty, not DICOM, or its header is damaged.
        OSError: the file cannot be read.

    """
    _silence_pydicom()
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(132)
        if not start:
            raise KinecorError("Expected a DICOM file, the file is empty; copy or export it again")
        if not looks_like_dicom(start):
            raise KinecorError("Expected a DICOM file, this is another kind of file; export the recording as DICOM")
        meta_at = 132 if start[128:132] == b"DICM" else 0
        syntax, data_at = _transfer_syntax(file, meta_at, size)
        file.seek(data_at)
        head = file.read(6)
        if syntax == DEFLATED:
            file.seek(data_at)
            return _inflated(file)
        if not syntax:
            syntax = _guessed(head)
        return _read(file, path, data_at, syntax, size)


def _read(file: BinaryIO, path: Path, data_at: int, syntax: str, size: int, keep: Any = None) -> DicomFile:
    implicit, little = syntax == IMPLICIT_LITTLE, syntax != EXPLICIT_BIG
    file.seek(data_at)
    try:
        header = read_dataset(file, implicit, little, stop_when=_at_pixels, specific_tags=_TAGS)
    except OSError:
        raise
    except Exception as error:  # pydicom meets garbage with many kinds of exception
        raise KinecorError(
            "Expected a readable DICOM header, this one is damaged or cut off; copy or export the file again"
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
            raise KinecorError("Expected a complete DICOM file, this one ends within its header; copy it again")
        if element == 0x0010:
            syntax = file.read(min(length, 128)).decode("ascii", "replace").strip("\0 ")
        at += length
        file.seek(at)
    return syntax, at


def _guessed(head: bytes) -> str:
    if head[:2] == b"\x00\x08":
        return EXPLICIT_BIG
    return EXPLICIT_LITTLE if head[4:6].isalpha() and head[4:6].isupper() else IMPLICIT_LITTLE


def _inflated(packed: BinaryIO) -> DicomFile:
    """Unpack the deflated rest of `packed` into a temporary file and read that."""
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    keep = TemporaryFolder()
    path, total = keep.path / "inflated", 0
    try:
        with path.open("wb") as file:
            while not unpack.eof and (block := unpack.unconsumed_tail or packed.read(1 << 20)):
                piece = unpack.decompress(block, 1 << 22)
                total += len(piece)
                if total > MAX_INFLATED_BYTES:
                    raise KinecorError(
                        f"Expected at most {MAX_INFLATED_BYTES >> 30} GiB of inflated data, this deflated DICOM file "
                        "holds more; export it in another transfer syntax"
                    )
                file.write(piece)
    except zlib.error as error:
        raise KinecorError(
            "Expected deflated DICOM data, they are damaged or cut off; copy or export the file again"
        ) from error
    with path.open("rb") as inflated:
        return _read(inflated, path, 0, EXPLICIT_LITTLE, total, keep)


def syntax_name(syntax: str) -> str:
    """The standard's name of a transfer syntax, or the UID itself."""
    return UID(syntax).name or "none"


def _silence_pydicom() -> None:
    """Silence pydicom's warnings: what matters is checked here and reported in one sentence.

    A filter that stays needs nothing restored, so unlike `catch_warnings` it is safe in threads.
    """
    if not any(one[0] == "ignore" and one[3] and one[3].pattern == _PYDICOM for one in warnings.filters):
        warnings.filterwarnings("ignore", module=_PYDICOM)
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
