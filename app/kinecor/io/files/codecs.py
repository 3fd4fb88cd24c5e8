"""Compressed images to arrays, by native libraries; see `isolated` for where they run.

Only what the libraries themselves do: what a stream must look like is checked before, what its samples mean is decided
after, by those who call.
"""

import contextlib
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kinecor.io.files import isolated

Codec = Literal["jpeg8", "jpegls", "jpegxl", "jpeg2k", "png"]


def decode_image(codec: Codec, data: bytes, **spaces: str) -> NDArray[Any]:
    """The samples of one image, (rows, columns) or (rows, columns, samples).

    Args:
        codec: by its name in imagecodecs.
        data: the compressed stream.
        spaces: colorspace and outcolorspace of a JPEG.

    Raises:
        DecoderDiedError: the decoder crashed or took too long, in a process of its own.
        ImportError: the library is missing.
        Exception: of the library; the stream is damaged.

    """
    return isolated.run(_decoded, data, codec, spaces)


def run_lengths(data: bytes, dtype: str, size: int) -> NDArray[np.uint8]:
    """The bytes of DICOM RLE (PS3.5 annex G), plane after plane: `size` of them, or fewer where the data end early.

    Args:
        data: compressed.
        dtype: of a sample, as numpy names it.
        size: bytes of the image.

    Raises:
        Exception: as `decode_image`.

    """
    return isolated.run(_run_lengths, data, dtype, size)


def libjpeg_warning(data: bytes) -> str:
    """What libjpeg warns of in a baseline JPEG; "" for nothing.

    imagecodecs drops its warnings, so the stream is decoded a second time, to an eighth of its size.

    Args:
        data: of the whole JPEG.

    Raises:
        DecoderDiedError: the decoder crashed or took too long, in a process of its own.

    """
    return isolated.run(_libjpeg_warning, data)


def is_well_formed_jpeg(data: bytes) -> bool:
    """Whether a Huffman-coded JPEG of 8 bits parses strictly, every coefficient in its range and none left over.

    libjpeg reads on past much of that without a warning. JPEG XL can hold a JPEG so that each of its bytes comes back,
    so its encoder refuses what no encoder wrote. It takes ten times as long as decoding.

    Args:
        data: of the whole JPEG.

    Raises:
        DecoderDiedError: the encoder crashed or took too long, in a process of its own.

    """
    return isolated.run(_is_well_formed_jpeg, data)


def _decoded(data: bytes, codec: Codec, spaces: dict[str, str]) -> NDArray[Any]:
    global _last_shape
    import imagecodecs

    decode = getattr(imagecodecs, f"{codec}_decode")
    if codec == "jpeg8" and (place := isolated.place(_last_shape)) is not None:
        with contextlib.suppress(Exception):  # another size, or damaged: decoded again, and said below
            return np.asarray(decode(data, out=place, **spaces))
    made: NDArray[Any] = np.asarray(decode(data, **spaces))
    if codec == "jpeg8" and made.dtype == np.uint8:
        _last_shape = made.shape
    return made


_last_shape: tuple[int, ...] = (0,)  # of the JPEG before: the frames of a loop are alike


def _run_lengths(data: bytes, dtype: str, size: int) -> NDArray[np.uint8]:
    import imagecodecs

    out = np.zeros(size, np.uint8)
    return out[: len(imagecodecs.dicomrle_decode(data, np.dtype(dtype), out=out.data))]


def _libjpeg_warning(data: bytes) -> str:
    import simplejpeg

    try:
        simplejpeg.decode_jpeg(data, "GRAY", min_height=1, min_width=1, min_factor=8)
    except ValueError as warning:
        return str(warning)
    return ""


def _is_well_formed_jpeg(data: bytes) -> bool:
    import imagecodecs

    try:
        imagecodecs.jpegxl_encode_jpeg(data)
    except imagecodecs.JpegxlError:
        return False
    return True
