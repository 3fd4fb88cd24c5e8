"""The pixel layout that a DICOM header declares, validated before anything is allocated, and each frame's bytes."""

import struct
from dataclasses import dataclass, replace
from typing import BinaryIO

from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import Message, message, plural, verbatim
from kinecor.io.dicom.header import (
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    DicomFile,
    number,
    syntax_name,
    text,
)
from kinecor.io.files import isolated
from kinecor.io.files.packing import MAX_FRAME_PIXELS

NATIVE = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED})
_JPEG = "1.2.840.10008.1.2.4."
RLE = frozenset({"1.2.840.10008.1.2.5"})
JPEG = frozenset(_JPEG + end for end in ("50", "51", "53", "55", "57", "70"))
JPEG_LS = frozenset(_JPEG + end for end in ("80", "81"))
JPEG_2000 = frozenset(_JPEG + end for end in ("90", "91", "92", "93", "201", "202", "203"))
JPEG_XL = frozenset(_JPEG + end for end in ("110", "111", "112"))
# MPEG-2, MPEG-4 AVC and HEVC, each as one piece and in pieces of which some frames can be read alone.
VIDEO = frozenset(_JPEG + end for end in ("100", "101", "102", "103", "104", "105", "106", "107", "108")) | frozenset(
    _JPEG + end + ".1" for end in ("100", "101", "102", "103", "104", "105", "106")
)
COMPRESSED = RLE | JPEG | JPEG_LS | JPEG_2000 | JPEG_XL

_CODECS = {
    "JPEG baseline": "JPEG8",
    "JPEG lossless": "LJPEG",
    "JPEG-LS": "JPEGLS",
    "JPEG 2000": "JPEG2K",
    "JPEG XL": "JPEGXL",
}

MAX_FRAGMENTS = 1_000_000
_YBR = {"YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_PARTIAL_422", "YBR_ICT", "YBR_RCT"}
PHOTOMETRIC = frozenset(_YBR | {"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB"})

Fragment = tuple[int, int]
"""(offset, length) in bytes from the start of the file."""


@dataclass(frozen=True)
class PixelLayout:
    """How the samples of every frame are written; see PS3.3 C.7.6.3.

    Attributes:
        syntax: transfer syntax UID.
        rows, columns, frames, samples: samples is 1 or 3 a pixel.
        allocated, stored: bits a sample takes, and bits that carry its value.
        high_bit: place of the highest of those, 0 is the lowest.
        signed: whether values are two's complement.
        photometric: the photometric interpretation.
        planar: whether colour is written plane after plane.
        swapped_bytes: whether 8-bit samples were written as big-endian 16-bit words.

    """

    syntax: str
    rows: int
    columns: int
    frames: int
    samples: int
    allocated: int
    stored: int
    high_bit: int
    signed: bool
    photometric: str
    planar: bool
    swapped_bytes: bool = False

    @property
    def subsampled(self) -> bool:
        """Whether uncompressed chroma is shared by two neighbouring pixels."""
        return self.syntax in NATIVE and self.photometric in {"YBR_FULL_422", "YBR_PARTIAL_422"}

    @property
    def frame_bytes(self) -> int:
        """Length of one uncompressed frame as written."""
        samples = 2 if self.subsampled else self.samples
        return self.rows * self.columns * samples * self.allocated // 8


def read_layout(file: DicomFile) -> tuple[PixelLayout, tuple[tuple[Fragment, ...], ...]]:
    """The layout, and for every frame the pieces of the file that hold it.

    Args:
        file: with its header.

    Raises:
        KinecorError: there are no pixels, the numbers are absurd or do not fit the data, or the syntax is unknown.
        OSError: the file cannot be read.

    """
    if file.syntax in VIDEO:
        raise KinecorError(
            message(
                "Expected frames that are stored one by one, this is a video ({syntax}); export it as "
                "JPEG or uncompressed",
                syntax=verbatim(syntax_name(file.syntax)),
            )
        )
    layout = _declared(file, NATIVE | COMPRESSED)
    if layout.syntax in COMPRESSED:
        isolated.warm()
    with file.path.open("rb") as handle:
        vr, length, at = _pixel_header(handle, file)
        if layout.syntax in NATIVE:
            if length == 0xFFFFFFFF:
                raise KinecorError(
                    message(
                        "Expected uncompressed pixels ({syntax}), the pixel data are compressed; the transfer "
                        "syntax in the header is wrong, export the recording again",
                        syntax=verbatim(syntax_name(layout.syntax)),
                    )
                )
            return _native(layout, at, min(length, file.size_bytes - at), swapped=vr == b"OW")
        offsets, fragments = _encapsulated(handle, file, length, at)
        if layout.frames == 1:
            layout = replace(layout, frames=max(1, len(_starts_by_content(handle, layout, fragments))))
        return layout, _frames_of(handle, layout, offsets, fragments)


def read_stream(file: DicomFile) -> tuple[PixelLayout, tuple[Fragment, ...]]:
    """The layout of a video, and the pieces of the file that hold its stream.

    Args:
        file: whose transfer syntax is a video's.

    Raises:
        KinecorError: there are no pixels, or the numbers are absurd.
        OSError: the file cannot be read.

    """
    layout = _declared(file, VIDEO)
    with file.path.open("rb") as handle:
        _, length, at = _pixel_header(handle, file)
        return layout, tuple(_encapsulated(handle, file, length, at)[1])


def codecs() -> tuple[tuple[str, bool], ...]:
    """(name, whether it is installed) of each codec that transfer syntaxes need beyond uncompressed pixels."""
    try:
        import imagecodecs
    except ImportError:
        return tuple((name, False) for name in _CODECS)
    return tuple((name, bool(getattr(imagecodecs, part).available)) for name, part in _CODECS.items())


def declared_frames(header: Dataset) -> int:
    """Number of Frames (0028,0008), 1 where the header has none.

    `read_layout` finds more where the header declares one frame or none but the pixel data hold a whole loop.

    Args:
        header: of the object.

    """
    return int(number(header, "NumberOfFrames") or 1)


def _declared(file: DicomFile, syntaxes: frozenset[str]) -> PixelLayout:
    header = file.header
    if file.syntax not in syntaxes:
        raise KinecorError(
            message(
                "Expected an uncompressed, RLE, JPEG, JPEG-LS or JPEG 2000 recording, this one is "
                "written as {syntax}, for which there is no codec; export it as JPEG or uncompressed",
                syntax=verbatim(syntax_name(file.syntax)),
            )
        )
    rows, columns = (_whole(header, name, 1) for name in ("Rows", "Columns"))
    frames = _whole(header, "NumberOfFrames", 1) if text(header, "NumberOfFrames") else 1
    samples = _whole(header, "SamplesPerPixel", 1) if text(header, "SamplesPerPixel") else 1
    allocated = _whole(header, "BitsAllocated", 1)
    stored = _whole(header, "BitsStored", 1) if text(header, "BitsStored") else allocated
    photometric = text(header, "PhotometricInterpretation") or ("RGB" if samples == 3 else "MONOCHROME2")
    if rows * columns > MAX_FRAME_PIXELS:
        raise KinecorError(
            message(
                "Expected an image of at most {most} pixels, the header says {columns} x "
                "{rows}; the header is damaged, export the recording again",
                most=MAX_FRAME_PIXELS,
                columns=columns,
                rows=rows,
            )
        )
    if photometric not in PHOTOMETRIC or samples != (1 if photometric[:4] in {"MONO", "PALE"} else 3):
        raise KinecorError(
            message(
                "Expected grey, palette, RGB or YBR pixels, the header says {kind} with {samples} "
                "samples a pixel; export the recording in another form",
                kind=verbatim(photometric),
                samples=samples,
            )
        )
    if allocated not in {8, 16, 32} or not 1 <= stored <= allocated or (samples == 3 and allocated > 16):
        raise KinecorError(
            message(
                "Expected samples of 8 or 16 bits, the header says {stored} of {allocated} bits; export "
                "the recording in another form",
                stored=stored,
                allocated=allocated,
            )
        )
    high = number(header, "HighBit")
    high_bit = int(high) if high is not None and stored - 1 <= high < allocated else stored - 1
    signed = number(header, "PixelRepresentation") == 1 and samples == 1
    planar = number(header, "PlanarConfiguration") == 1
    return PixelLayout(
        file.syntax, rows, columns, frames, samples, allocated, stored, high_bit, signed, photometric, planar
    )


def _whole(header: Dataset, keyword: str, least: int) -> int:
    value = number(header, keyword)
    if value is None or value != int(value) or value < least:
        raise KinecorError(
            message(
                "Expected {keyword} of at least {least}, the header says {given}; the header is damaged "
                "or this is no recording, export it again",
                keyword=verbatim(keyword),
                least=least,
                given=verbatim(text(header, keyword) or message("nothing")),
            )
        )
    return int(value)


def _pixel_header(handle: BinaryIO, file: DicomFile) -> tuple[bytes, int, int]:
    """VR, length and offset of the Pixel Data value."""
    if file.pixel_element is None:
        raise KinecorError(
            message(
                "Expected pixel data, the file has none; it was stripped or cut off, copy or export the recording again"
            )
        )
    handle.seek(file.pixel_element)
    head = handle.read(12).ljust(12, b"\0")
    order = "<" if file.little_endian else ">"
    if file.implicit:
        return b"OW", struct.unpack(order + "I", head[4:8])[0], file.pixel_element + 8
    return head[4:6], struct.unpack(order + "I", head[8:12])[0], file.pixel_element + 12


def _native(
    layout: PixelLayout, at: int, available: int, *, swapped: bool
) -> tuple[PixelLayout, tuple[tuple[Fragment, ...], ...]]:
    full = layout.rows * layout.columns * 3 * layout.allocated // 8
    if layout.subsampled and available >= full * layout.frames:
        # Seen in real files: "422" in the header, full chroma in the data.
        layout = replace(layout, photometric=layout.photometric[:-4])
    if layout.photometric.startswith("YBR_PARTIAL") or layout.photometric in {"YBR_ICT", "YBR_RCT", "YBR"}:
        raise KinecorError(
            message(
                "Expected uncompressed grey, palette, RGB or YBR_FULL pixels, the header says "
                "{kind}; export the recording in another form",
                kind=verbatim(layout.photometric),
            )
        )
    size = layout.frame_bytes
    if layout.frames == 1 and not layout.subsampled and available >= 2 * size and available % size <= 1:
        layout = replace(layout, frames=available // size)
    if available < size * layout.frames:
        raise KinecorError(
            message(
                "Expected {frames} of {columns} x {rows} ({size} bytes), the file holds {available} "
                "bytes of pixels; it was cut off or its header is damaged, copy it again",
                frames=_frames(layout.frames),
                columns=layout.columns,
                rows=layout.rows,
                size=size * layout.frames,
                available=available,
            )
        )
    big = layout.syntax == EXPLICIT_BIG and layout.allocated == 8 and swapped
    layout = replace(layout, swapped_bytes=big)
    if big and (size % 2 or at % 2):
        # Whole words straddle two frames: not worth the code for a retired syntax unless the frame is alone.
        if layout.frames > 1:
            raise KinecorError(
                message(
                    "Expected frames of an even number of bytes in a big-endian file, these are odd; export "
                    "the recording as little endian"
                )
            )
        return layout, (((at, min(available, size + size % 2)),),)
    return layout, tuple(((at + size * frame, size),) for frame in range(layout.frames))


def _encapsulated(handle: BinaryIO, file: DicomFile, length: int, at: int) -> tuple[list[int], list[Fragment]]:
    """As `_fragments`, of pixel data that are compressed indeed."""
    if length != 0xFFFFFFFF:
        raise KinecorError(
            message(
                "Expected compressed pixels ({syntax}), the pixel data are uncompressed; the transfer "
                "syntax in the header is wrong, export the recording again",
                syntax=verbatim(syntax_name(file.syntax)),
            )
        )
    return _fragments(handle, at, file.size_bytes)


def _fragments(handle: BinaryIO, at: int, size: int) -> tuple[list[int], list[Fragment]]:
    """The basic offset table (bytes from the first fragment) and every fragment; PS3.5 A.4."""
    offsets: list[int] = []
    fragments: list[Fragment] = []
    first = True
    while at + 8 <= size:
        handle.seek(at)
        group, element, length = struct.unpack("<HHI", handle.read(8).ljust(8, b"\0"))
        at += 8
        if (group, element) != (0xFFFE, 0xE000):
            break
        if at + length > size:
            raise KinecorError(
                message(
                    "Expected a complete recording, the file ends within compressed frame data ({at} bytes "
                    "are missing); copy or export it again",
                    at=at + length - size,
                )
            )
        if first:
            table = handle.read(min(length, 4 * MAX_FRAGMENTS))
            offsets = list(struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4]))
            first = False
        else:
            fragments.append((at, length))
            if len(fragments) > MAX_FRAGMENTS:
                raise KinecorError(
                    message("Expected compressed frames, found a million pieces; export the recording again")
                )
        at += length
    return offsets, fragments


def _frames_of(
    handle: BinaryIO, layout: PixelLayout, offsets: list[int], fragments: list[Fragment]
) -> tuple[tuple[Fragment, ...], ...]:
    frames = layout.frames
    # Padding pieces, such as an empty one at the end, belong to no frame.
    fragments = [fragment for fragment in fragments if fragment[1]]
    if len(fragments) == frames:
        return tuple((fragment,) for fragment in fragments)
    if frames == 1 and fragments:
        return (tuple(fragments),)
    if len(fragments) > frames:
        starts = _starts_by_table(offsets, fragments, frames) or _starts_by_marker(handle, fragments)
        if len(starts) == frames and starts[0] == 0:
            ends = [*starts[1:], len(fragments)]
            return tuple(tuple(fragments[a:b]) for a, b in zip(starts, ends, strict=True))
    sentence = message("{count} pieces", count=len(fragments)) if len(fragments) > frames else _frames(len(fragments))
    raise KinecorError(
        message(
            "Expected {frames}, the file holds {content}; it was cut off or its header is damaged, "
            "copy or export it again",
            frames=_frames(frames),
            content=sentence,
        )
    )


def _starts_by_content(handle: BinaryIO, layout: PixelLayout, fragments: list[Fragment]) -> list[int]:
    """The pieces that begin a frame, by their content alone; empty where the first one does not."""
    whole = [fragment for fragment in fragments if fragment[1]]
    if layout.syntax in RLE:
        # PS3.5 A.4.2: each frame is one piece.
        return list(range(len(whole)))
    starts = _starts_by_marker(handle, whole)
    return starts if starts[:1] == [0] else []


def _frames(count: int) -> Message:
    return plural("{count} frame", "{count} frames", count)


def _starts_by_table(offsets: list[int], fragments: list[Fragment], frames: int) -> list[int]:
    if len(offsets) != frames:
        return []
    # Offsets count from the first byte of the first item's tag, eight bytes before its content.
    place = {at - fragments[0][0]: index for index, (at, _) in enumerate(fragments)}
    starts = [place.get(offset, -1) for offset in offsets]
    return [] if -1 in starts or sorted(set(starts)) != starts else starts


def _starts_by_marker(handle: BinaryIO, fragments: list[Fragment]) -> list[int]:
    """Pieces that begin a JPEG, JPEG-LS (FF D8) or JPEG 2000 (FF 4F) stream."""
    starts = []
    for index, (at, _) in enumerate(fragments):
        handle.seek(at)
        if handle.read(3) in {b"\xff\xd8\xff", b"\xff\x4f\xff"}:
            starts.append(index)
    return starts
