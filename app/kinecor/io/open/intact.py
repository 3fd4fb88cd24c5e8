"""Whether files hold all they declare: readers of NIfTI and MetaImage fill gaps with zeros, those of video stop."""

import gzip
import math
import struct
import zlib
from enum import Enum
from pathlib import Path

from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.core.values.message import message, verbatim
from kinecor.io.files.packing import check_unpacked

_HEADER_BYTES = 1 << 16
_SPACE_UNIT = 0b111
"""Bits of xyzt_units that name the unit of space; none of them where it is not known."""
_VALUE_BYTES = {
    "MET_CHAR": 1, "MET_UCHAR": 1, "MET_SHORT": 2, "MET_USHORT": 2, "MET_INT": 4, "MET_UINT": 4, "MET_LONG": 4,
    "MET_ULONG": 4, "MET_FLOAT": 4, "MET_DOUBLE": 8, "MET_LONG_LONG": 8, "MET_ULONG_LONG": 8,
}  # fmt: skip


def check_nifti(path: Path, tick: Tick = no_tick) -> None:
    """Refuse a NIfTI whose header is damaged or whose data end too early.

    Dimensions, bits a value and the offset of the data are at bytes 40, 72 and 108 of the header (NIfTI-1.1); in
    NIfTI-2 at 16, 14 and 168.

    Args:
        path: of the file, compressed or not.
        tick: may raise Cancelled.

    Raises:
        KinecorError: with what is missing.
        OSError: the file cannot be read.

    """
    packed = path.name.lower().endswith(".gz")
    try:
        with gzip.open(path) if packed else path.open("rb") as file:
            expected = _nifti_bytes(file.read(540))
            if packed:
                check_unpacked(path.stat().st_size, expected)
            found = 540
            while found < expected and (block := file.read(1 << 22)):
                found += len(block)
                tick(0, 0)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise KinecorError(
            message("Expected a complete NIfTI file, this one is damaged or cut off; copy it again")
        ) from error
    size = found if packed else path.stat().st_size
    if size < expected:
        raise KinecorError(
            message(
                "Expected a NIfTI file of {expected} bytes, this one has {size}; copy or export it again",
                expected=expected,
                size=size,
            )
        )


def _nifti_bytes(header: bytes) -> int:
    for order in "<>":
        if len(header) >= 348 and struct.unpack(order + "i", header[:4])[0] == 348:
            sizes = struct.unpack(order + "8h", header[40:56])
            bits, offset = struct.unpack(order + "h", header[72:74])[0], struct.unpack(order + "f", header[108:112])[0]
        elif len(header) >= 540 and struct.unpack(order + "i", header[:4])[0] == 540:
            sizes = struct.unpack(order + "8q", header[16:80])
            bits, offset = struct.unpack(order + "h", header[14:16])[0], struct.unpack(order + "q", header[168:176])[0]
        else:
            continue
        if 1 <= sizes[0] <= 7 and bits > 0 and 0 <= offset < 1 << 40:
            values = 1
            for size in sizes[1 : sizes[0] + 1]:
                values *= max(size, 1)
            return int(offset) + int(values) * int(bits) // 8
    raise KinecorError(
        message("Expected a NIfTI header, this one is damaged or of another kind; copy or export the file again")
    )


class Stated(Enum):
    """What a header says of the size of pixels."""

    UNIT = "numbers and their unit"
    NUMBERS = "numbers without a unit"
    NOTHING = "nothing"


def states_spacing(path: Path) -> Stated:
    """Whether a NIfTI or MetaImage states the size of its pixels. Readers give 1 where it does not.

    Of NIfTI pixdim and xyzt_units, at bytes 76 and 123 of the header, in NIfTI-2 at 104 and 500; of MetaImage
    ElementSpacing or ElementSize, which are millimetres.

    Args:
        path: of the file, compressed or not.

    Raises:
        KinecorError: the header is damaged.
        OSError: the file cannot be read.

    """
    name = path.name.lower()
    if name.endswith((".mhd", ".mha")):
        fields, _ = _metaimage_header(path)
        return Stated.UNIT if {"ElementSpacing", "ElementSize"} & set(fields) else Stated.NOTHING
    stated = _nifti_steps(path)
    if stated is None or not all(step > 0 for step in stated[0][:2]):
        return Stated.NOTHING
    return Stated.UNIT if stated[1] & _SPACE_UNIT else Stated.NUMBERS


def states_slice_step(path: Path) -> bool:
    """Whether a NIfTI states a step between slices that slices can have; readers give 1 where it does not.

    Of MetaImage it is taken from the reader, which refuses others.

    Args:
        path: of a NIfTI or MetaImage file.

    Raises:
        KinecorError: the header is damaged.
        OSError: the file cannot be read.

    """
    if path.name.lower().endswith((".mhd", ".mha")):
        return True
    stated = _nifti_steps(path)
    return stated is not None and 0 < stated[0][2] < math.inf


def _nifti_steps(path: Path) -> tuple[tuple[float, ...], int] | None:
    """Steps along columns, rows and slices, and the unit; None where the header is neither NIfTI-1 nor NIfTI-2."""
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
        header = file.read(540)
    for order in "<>":
        if len(header) >= 348 and struct.unpack(order + "i", header[:4])[0] == 348:
            return struct.unpack(order + "3f", header[80:92]), header[123]
        if len(header) >= 540 and struct.unpack(order + "i", header[:4])[0] == 540:
            return struct.unpack(order + "3d", header[112:136]), struct.unpack(order + "i", header[500:504])[0]
    return None


def check_metaimage(path: Path, tick: Tick = no_tick) -> None:
    """Refuse a MetaImage whose pixels are elsewhere, absent, or fewer than its header says.

    Args:
        path: of the file with the header.
        tick: may raise Cancelled.

    Raises:
        KinecorError: with what is missing.
        OSError: the file cannot be read.

    """
    fields, length = _metaimage_header(path)
    data = metaimage_data(path)
    if data != path:
        length = 0
    expected = _metaimage_bytes(fields)
    packed = _is_packed(fields)
    found = _inflated_bytes(data, length, expected, tick) if packed else data.stat().st_size - length
    if found < expected:
        raise KinecorError(
            message(
                "Expected {expected} bytes of pixels in '{path}', it holds {size}; copy or export it again",
                expected=expected,
                path=verbatim(data.name),
                size=found,
            )
        )


def is_cut_off(path: Path) -> bool:
    """Whether an AVI or MP4 ends before its container says it does; False for what is neither.

    An AVI is a sequence of RIFF chunks (OpenDML has several), an MP4 one of boxes (ISO/IEC 14496-12); both begin with
    their length.

    Args:
        path: of any file.

    Raises:
        OSError: the file cannot be read.

    """
    end, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while at + 8 <= end:
            file.seek(at)
            head = file.read(16)
            if head[:4] == b"RIFF":
                length = int.from_bytes(head[4:8], "little") + 8
            elif at and not head[4:8].isalnum():
                return False  # something after the last chunk: padding, or another program's notes
            else:
                length = int.from_bytes(head[:4], "big")
                length = int.from_bytes(head[8:16], "big") if length == 1 else length
                if length == 0:  # to the end of the file
                    return False
            if length < 8:
                return False
            at += length + length % 2 * (head[:4] == b"RIFF")
    return at > end


def is_packed(path: Path) -> bool:
    """Whether the pixels of a NIfTI or MetaImage are compressed.

    Args:
        path: of the file.

    Raises:
        KinecorError: the header of a MetaImage is damaged.
        OSError: the file cannot be read.

    """
    name = path.name.lower()
    return name.endswith(".gz") or (name.endswith((".mhd", ".mha")) and _is_packed(_metaimage_header(path)[0]))


def _is_packed(fields: dict[str, str]) -> bool:
    return fields.get("CompressedData", "False").lower() == "true"


def metaimage_data(path: Path) -> Path:
    """The file that holds the pixels of a MetaImage: itself, or one next to it.

    Args:
        path: of the file with the header.

    Raises:
        KinecorError: the header is damaged, or the pixels are elsewhere or not there.
        OSError: the file cannot be read.

    """
    fields, _ = _metaimage_header(path)
    named = fields["ElementDataFile"]
    if named.upper() == "LOCAL":
        return path
    if named.upper() == "LIST" or "%" in named:
        raise KinecorError(
            message("Expected the pixels of a MetaImage in one file, they are in a list of files; join them")
        )
    data = path.parent / named
    if Path(named).name != named or not data.is_file():
        raise KinecorError(
            message(
                "Expected the pixels of this MetaImage in '{path}' next to it, they are not there; copy "
                "both files into one folder",
                path=verbatim(Path(named).name),
            )
        )
    return data


def _metaimage_header(path: Path) -> tuple[dict[str, str], int]:
    """The fields of the header, and its length in bytes."""
    with path.open("rb") as file:
        head = file.read(_HEADER_BYTES)
    fields: dict[str, str] = {}
    length = 0
    for line in head.split(b"\n"):
        length += len(line) + 1
        name, separator, value = line.decode("latin-1").partition("=")
        if not separator:
            break
        fields[name.strip()] = value.strip()
        if name.strip() == "ElementDataFile":
            break
    if not fields.get("ElementDataFile") or "DimSize" not in fields:
        raise KinecorError(
            message("Expected a MetaImage header, this one is damaged or cut off; export the recording again")
        )
    return fields, length


def _metaimage_bytes(fields: dict[str, str]) -> int:
    try:
        dimensions = [int(length) for length in fields["DimSize"].split()]
        values = int(fields.get("ElementNumberOfChannels", "1"))
        well = len(dimensions) == int(fields["NDims"]) and min(*dimensions, values) >= 1
        size = _VALUE_BYTES[fields["ElementType"]]
    except (KeyError, ValueError):
        well, values, size, dimensions = False, 0, 0, []
    if not well:
        raise KinecorError(
            message(
                "Expected NDims, DimSize and ElementType in the MetaImage header, one is missing or "
                "damaged; export the recording again"
            )
        )
    for dimension in dimensions:
        values *= dimension
    return values * size


def _inflated_bytes(path: Path, start: int, enough: int, tick: Tick) -> int:
    """How many bytes the compressed data unpack to, counted up to `enough`."""
    unpack, found = zlib.decompressobj(zlib.MAX_WBITS | 32), 0
    try:
        with path.open("rb") as file:
            file.seek(start)
            while found < enough and not unpack.eof and (block := unpack.unconsumed_tail or file.read(1 << 20)):
                found += len(unpack.decompress(block, 1 << 22))
                tick(0, 0)
    except zlib.error:
        return found
    return found
