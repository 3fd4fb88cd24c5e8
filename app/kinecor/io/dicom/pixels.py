"""From the bytes of one DICOM frame to its samples: grey as stored, colour as RGB."""

import struct
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.errors import KinecorError
from kinecor.io.dicom.jpeg_header import JpegHeader, jpeg_header
from kinecor.io.dicom.layout import JPEG, JPEG_LS, NATIVE, RLE, Fragment, PixelLayout
from kinecor.io.files.colour import rgb_from_ybr

Samples = NDArray[Any]
_RLE_PACKING = 64
_END_OF_IMAGE = b"\xff\xd9"


class DicomPixels:
    """The frames of one file, read and decoded one at a time; safe to use from several threads.

    Args:
        path: the file.
        layout: see PixelLayout.
        frames: each frame's pieces in the file.
        keep: what must live as long as this object, such as a temporary file.

    """

    def __init__(
        self, path: Path, layout: PixelLayout, frames: tuple[tuple[Fragment, ...], ...], keep: object = None
    ) -> None:
        self.path = path
        self.layout = layout
        self._frames = frames
        self._keep = keep

    def __len__(self) -> int:
        return len(self._frames)

    def samples(self, frame: int) -> Samples:
        """Frame `frame`: (rows, columns) integers as stored, or (rows, columns, 3) uint8 in RGB.

        Raises:
            KinecorError: the frame is damaged, of another kind or size than its header says, or its codec is missing.

        """
        try:
            data = self.encoded(frame)
        except OSError as error:
            raise KinecorError(
                f"Expected to read {self.path.name}, {error.strerror or error}; is the disk there?"
            ) from None
        try:
            return _decoded(data, self.layout)
        except KinecorError as error:
            raise KinecorError(f"Frame {frame + 1}: {error}") from error
        except ImportError as error:
            raise KinecorError(
                "The codec for this recording is missing from this installation; run: pip install imagecodecs"
            ) from error
        except Exception as error:  # codecs have no exception in common
            raise KinecorError(
                f"Frame {frame + 1}: expected intact pixel data, they are damaged; copy or export the recording again"
            ) from error

    def encoded_length(self, frame: int) -> int:
        """How many bytes of the file hold frame `frame`."""
        return sum(length for _, length in self._frames[frame])

    def encoded(self, frame: int) -> bytes:
        """Frame `frame` as the file holds it.

        Raises:
            OSError: the file cannot be read.

        """
        with self.path.open("rb") as file:
            pieces = []
            for at, length in self._frames[frame]:
                file.seek(at)
                pieces.append(file.read(length))
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _decoded(data: bytes, layout: PixelLayout) -> Samples:
    if layout.syntax in NATIVE:
        return _finished(_native(data, layout), layout, layout.photometric)
    if layout.syntax in RLE:
        return _finished(_rle(data, layout), layout, layout.photometric)
    if layout.syntax in JPEG | JPEG_LS:
        header = _checked_jpeg(data, layout)
        if layout.syntax in JPEG_LS:
            # CharLS looks for the next marker beyond the end of a cut-off stream, for seconds; so it gets one to find.
            return _finished(imagecodecs.jpegls_decode(data + _END_OF_IMAGE), layout, layout.photometric)
        if layout.samples == 1:
            return _finished(imagecodecs.jpeg8_decode(data), layout, layout.photometric)
        if header.lossless:
            # Lossless coders transform nothing themselves: the samples are what the header says they are.
            raw = imagecodecs.jpeg8_decode(data, colorspace="RGB", outcolorspace="RGB")
            return _finished(raw, layout, layout.photometric)
        space = "YCBCR" if header.is_ybr(layout.photometric) else "RGB"
        return _finished(imagecodecs.jpeg8_decode(data, colorspace=space, outcolorspace="RGB"), layout, "RGB")
    _check_jpeg_2000(data, layout)
    # The decoder undoes the codec's own colour transform (ICT, RCT); another one, done before coding, is ours.
    photometric = layout.photometric if layout.photometric.startswith("YBR_FULL") else "RGB"
    return _finished(
        imagecodecs.jpeg2k_decode(data), layout, photometric if layout.samples == 3 else layout.photometric
    )


def _native(data: bytes, layout: PixelLayout) -> Samples:
    order = ">" if layout.syntax == "1.2.840.10008.1.2.2" else "<"
    if layout.swapped_bytes:
        data = np.frombuffer(data, ">u2").astype("<u2").tobytes()[: layout.frame_bytes]
    flat = np.frombuffer(data, f"{order}u{layout.allocated // 8}", count=layout.frame_bytes * 8 // layout.allocated)
    if layout.subsampled:
        # Y1 Y2 Cb Cr: two pixels share their chroma (PS3.3 C.7.6.3.1.2).
        if flat.size % 4:
            raise KinecorError("expected an even number of pixels with shared chroma, got an odd one; export it again")
        quads = flat.reshape(-1, 4)
        pairs = np.empty((len(quads), 2, 3), flat.dtype)
        pairs[:, :, 0] = quads[:, :2]
        pairs[:, :, 1:] = quads[:, None, 2:]
        return pairs.reshape(layout.rows, layout.columns, 3)
    if layout.samples == 1:
        return flat.reshape(layout.rows, layout.columns)
    if layout.planar:
        return flat.reshape(3, layout.rows, layout.columns).transpose(1, 2, 0)
    return flat.reshape(layout.rows, layout.columns, 3)


def _rle(data: bytes, layout: PixelLayout) -> Samples:
    """PS3.5 annex G: byte planes, most significant first, sample after sample, whatever Planar Configuration says."""
    segments = struct.unpack("<I", data[:4])[0]
    if segments != layout.samples * layout.allocated // 8:
        raise KinecorError(
            f"expected {layout.samples * layout.allocated // 8} RLE segments, got {segments}; "
            "the transfer syntax or the header is wrong, export it again"
        )
    dtype = np.dtype(f"<u{layout.allocated // 8}")
    size = layout.samples * layout.rows * layout.columns * dtype.itemsize
    # Checked before anything is allocated: two bytes make 128 at most.
    filled = 0
    if size <= _RLE_PACKING * len(data):
        out = np.zeros(size, np.uint8)
        filled = len(imagecodecs.dicomrle_decode(data, dtype, out=out.data))
    if filled != size:
        raise KinecorError(
            f"expected run lengths for {layout.columns} x {layout.rows} pixels, there are fewer; the file was cut off "
            "or its header is wrong, copy or export it again"
        )
    planes: Samples = out.view(dtype).reshape(layout.samples, layout.rows, layout.columns)
    return planes[0] if layout.samples == 1 else planes.transpose(1, 2, 0)


def _checked_jpeg(data: bytes, layout: PixelLayout) -> JpegHeader:
    header = jpeg_header(data)
    if header is None or header.is_jpeg_ls != (layout.syntax in JPEG_LS):
        raise KinecorError(
            f"expected {'JPEG-LS' if layout.syntax in JPEG_LS else 'JPEG'} data, got something else; "
            "the transfer syntax in the header is wrong, export the recording again"
        )
    _same_size((header.rows, header.columns, header.components), layout)
    return header


def _check_jpeg_2000(data: bytes, layout: PixelLayout) -> None:
    # Either a bare code stream (SOC then SIZ) or one within a JP2 file.
    at = data.find(b"\xff\x4f\xff\x51", 0, 4096)
    if at < 0:
        raise KinecorError(
            "expected JPEG 2000 data, got something else; the transfer syntax in the header is wrong, "
            "export the recording again"
        )
    right, lower, left, upper = struct.unpack(">4I", data[at + 8 : at + 24])
    _same_size((lower - upper, right - left, struct.unpack(">H", data[at + 40 : at + 42])[0]), layout)


def _same_size(found: tuple[int, int, int], layout: PixelLayout) -> None:
    if found != (layout.rows, layout.columns, layout.samples):
        raise KinecorError(
            f"expected {layout.columns} x {layout.rows} pixels of {layout.samples} samples, the compressed image has "
            f"{found[1]} x {found[0]} of {found[2]}; the header is wrong, export the recording again"
        )


def _finished(samples: Samples, layout: PixelLayout, photometric: str) -> Samples:
    """Grey samples with their true size and sign, colour as 8-bit RGB."""
    if samples.ndim == 3 and samples.shape[2] != 3:
        samples = samples.transpose(1, 2, 0)
    if samples.dtype.byteorder == ">":
        samples = samples.astype(samples.dtype.newbyteorder("="))
    if layout.samples == 1:
        return _signed(samples, layout)
    if samples.dtype != np.uint8:
        samples = (samples >> max(layout.stored - 8, 0)).astype(np.uint8)
    samples = np.ascontiguousarray(samples)
    return rgb_from_ybr(samples) if photometric.startswith("YBR") else samples


def _signed(samples: Samples, layout: PixelLayout) -> Samples:
    """Only the stored bits count, the highest of them as the sign where values are signed."""
    width = samples.dtype.itemsize * 8
    stored = min(layout.stored, width)
    # Codecs give values already shifted down; uncompressed words may carry other things above and below.
    low = max(min(layout.high_bit, width - 1) - stored + 1, 0) if layout.syntax in NATIVE | RLE else 0
    kind = np.dtype(f"{'i' if layout.signed else 'u'}{samples.dtype.itemsize}")
    if stored == width:
        return samples.view(kind)
    return (samples.astype(f"u{samples.dtype.itemsize}") << (width - stored - low)).view(kind) >> (width - stored)
