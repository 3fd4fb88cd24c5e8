"""Parse JPEG and JPEG-LS frame headers without decoding."""

import struct
from dataclasses import dataclass

_STARTS_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_LS_FRAME = 0xF7


@dataclass(frozen=True)
class JpegHeader:
    """The frame header and the hints about colour (ITU-T T.81 B.2; Adobe TN 5116; JFIF 1.02).

    Attributes:
        is_jpeg_ls: JPEG-LS rather than JPEG.
        lossless: JPEG process 14 and its like (SOF3).
        arithmetic: arithmetic coding in place of Huffman's.
        precision: bits a sample.
        rows, columns, components: size.
        ids: component identifiers, one byte each.
        subsampled: whether components differ in resolution.
        jfif: whether the stream has an APP0 JFIF marker.
        adobe_transform: of the APP14 Adobe marker: 0 none, 1 YCbCr; None without the marker.

    """

    is_jpeg_ls: bool
    lossless: bool
    arithmetic: bool
    precision: int
    rows: int
    columns: int
    components: int
    ids: bytes
    subsampled: bool
    jfif: bool
    adobe_transform: int | None

    def is_ybr(self, photometric: str) -> bool:
        """Whether the three components are YCbCr, given DICOM's photometric interpretation.

        DICOM headers are wrong in both directions, and a wrong guess turns an echo green. The stream takes precedence:
        an Adobe marker, then components named R, G, B. Otherwise YBR means YBR, and RGB means RGB unless the stream
        has a JFIF marker (JFIF is YCbCr) or halved chroma, which RGB never has.

        Args:
            photometric: of the header, e.g. "YBR_FULL_422".

        """
        if self.adobe_transform is not None:
            return self.adobe_transform == 1
        if self.ids == b"RGB":
            return False
        if photometric.startswith("YBR"):
            return True
        return self.jfif or self.subsampled


def jpeg_header(data: bytes) -> JpegHeader | None:
    """The header of the JPEG or JPEG-LS stream in `data`, or None where it is neither, or ends before its frame.

    Args:
        data: of one frame, or its beginning.

    """
    if data[:2] != b"\xff\xd8":
        return None
    at, jfif, adobe = 2, False, None
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        body = data[at + 4 : at + 2 + length]
        if marker == 0xE0 and body.startswith(b"JFIF"):
            jfif = True
        elif marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
            adobe = body[11]
        elif marker in _STARTS_OF_FRAME or marker == _JPEG_LS_FRAME:
            return _frame_header(marker, body, jfif, adobe)
        elif marker in {0xD9, 0xDA}:
            return None
        at += 2 + length
    return None


def _frame_header(marker: int, body: bytes, jfif: bool, adobe: int | None) -> JpegHeader | None:
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        return None
    precision, rows, columns, components = struct.unpack(">BHHB", body[:6])
    parts = [body[6 + 3 * i : 9 + 3 * i] for i in range(components)]
    return JpegHeader(
        is_jpeg_ls=marker == _JPEG_LS_FRAME,
        lossless=marker in {0xC3, 0xC7, 0xCB, 0xCF},
        arithmetic=0xC9 <= marker <= 0xCF,
        precision=precision,
        rows=rows,
        columns=columns,
        components=components,
        ids=bytes(part[0] for part in parts),
        subsampled=len({part[1] for part in parts}) > 1,
        jfif=jfif,
        adobe_transform=adobe,
    )
