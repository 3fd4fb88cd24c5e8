"""Recordings from files without a patient header: video, stills, NIfTI and MetaImage."""

import struct
from pathlib import Path

import numpy as np

from kinecor.core.values.calibration import Calibration, Options
from kinecor.core.values.errors import Cancelled, KinecorError, Tick, no_tick
from kinecor.core.values.geometry import BytesArray, FloatArray
from kinecor.core.values.message import Message, join_texts, message, number, verbatim
from kinecor.core.values.recording import CineSequence, FrameSource, Source
from kinecor.io.dicom.header import ASSUMED_RATE_PER_S
from kinecor.io.dicom.jpeg_header import jpeg_header
from kinecor.io.dicom.pixels import END_OF_IMAGE, content_digest, libjpeg_warns, named_by
from kinecor.io.dicom.video import stream_times
from kinecor.io.files.cache import CachedFrames, FrameCache
from kinecor.io.files.codecs import decode_image, is_well_formed_jpeg
from kinecor.io.files.isolated import DecoderDiedError
from kinecor.io.files.label_values import LabelsError, are_labels
from kinecor.io.files.packing import MAX_FRAME_PIXELS
from kinecor.io.files.video import VideoFrames, frame_stamps
from kinecor.io.open.candidate import Candidate
from kinecor.io.open.intact import is_cut_off


def headerless_source(
    candidate: Candidate, options: Options, tick: Tick = no_tick, *, companions: tuple[Path, ...] = ()
) -> Source:
    """A source identified by a digest of the file's whole content and of its `companions`; a study by itself.

    Its readings are thus found again, whatever else is opened with it.

    Args:
        candidate: the file.
        options: of opening, such as a modality that was stated.
        tick: may raise Cancelled.
        companions: other files that hold a part of it.

    Raises:
        OSError: a file cannot be read.
        Cancelled: by `tick`.

    """
    digest = content_digest((candidate.path, *companions), tick)
    modality = "" if options.modality == "auto" else options.modality
    return Source(candidate.shown, named_by(digest), named_by(digest), modality, digest=digest)


def headerless_cine(
    source: Source,
    frames: FrameSource,
    times_s: FloatArray,
    times_origin: Message,
    options: Options,
    why_no_scale: Message,
    warnings: tuple[Message, ...] = (),
    calibration: Calibration | None = None,
) -> CineSequence:
    """A CineSequence with the scale from `options`, else `calibration`, else none and `why_no_scale`.

    Args:
        source: see CineSequence.
        frames: the same.
        times_s: the same.
        times_origin: the same.
        options: what was stated on opening.
        why_no_scale: a sentence, with what follows from it.
        warnings: one sentence each.
        calibration: of the file, or None.

    """
    scale = options.calibration or calibration
    return CineSequence(
        frames=frames,
        times_s=times_s,
        times_origin=times_origin,
        calibration=scale,
        source=source,
        calibration_origin=why_no_scale if scale is None else _origin(scale),
        warnings=warnings,
    )


def _origin(scale: Calibration) -> Message:
    spacing = join_texts(number(scale.row_mm, ".4g"), " x ", number(scale.col_mm, ".4g"))
    return message("{spacing} mm/px, from {origin}.", spacing=spacing, origin=scale.origin)


_PNG = b"\x89PNG\r\n\x1a\n"


def open_still(candidate: Candidate, cache: FrameCache, options: Options, tick: Tick = no_tick) -> CineSequence:
    """One frame, grey or RGB as the file has it; transparency is dropped, 16 bits become 8.

    Args:
        candidate: the file.
        cache: for decoded frames.
        options: of opening.
        tick: may raise Cancelled.

    Raises:
        KinecorError: the image is damaged or absurdly large.
        LabelsError: it holds labels.
        OSError: it cannot be read.

    """
    data = candidate.path.read_bytes()
    _check_size(data)
    first = _decoded(data)
    if data[:8] == _PNG and are_labels([first if first.ndim == 2 or _in_colour(first) else first[..., 0]]):
        raise LabelsError

    def decode(frame: int) -> BytesArray:  # noqa: ARG001 - there is but one
        # Through the candidate, which keeps a zip's folder alive.
        try:
            return _decoded(candidate.path.read_bytes())
        except OSError as error:
            raise KinecorError(
                message(
                    "Expected to read {path}, {reason}; is the disk there?",
                    path=verbatim(candidate.shown),
                    reason=verbatim(error.strerror or str(error)),
                )
            ) from None

    frames = CachedFrames(decode, (1, *first.shape), cache, lambda _: _repaired(data))
    return headerless_cine(
        headerless_source(candidate, options, tick),
        frames,
        np.zeros(1),
        message("single frame"),
        options,
        message("An image file carries no scale, so nothing is measured in mm or ml."),
    )


def _repaired(data: bytes) -> bool:
    """Whether the decoder had to guess: a JPEG that is cut off or damaged. A damaged PNG is refused."""
    if data[:8] == _PNG:
        return False
    # A camera's preview within the header has an end of its own.
    if END_OF_IMAGE not in data[len(data) // 2 :] or libjpeg_warns(data):
        return True
    header = jpeg_header(data)
    if header is None or header.arithmetic or header.precision != 8 or header.components not in (1, 3):
        return False  # kinds that the strict parser does not read
    try:
        return not is_well_formed_jpeg(data)
    except DecoderDiedError:
        return True


def _in_colour(image: BytesArray) -> bool:
    return bool((image[..., :1] != image).any())


def _check_size(data: bytes) -> None:
    if data[:8] == _PNG and len(data) >= 24:
        columns, rows = struct.unpack(">II", data[16:24])
    else:
        header = jpeg_header(data)
        if header is None:
            raise KinecorError(
                message("Expected a PNG or JPEG image, this is damaged or something else; export it again")
            )
        columns, rows = header.columns, header.rows
    if not 0 < rows * columns <= MAX_FRAME_PIXELS:
        raise KinecorError(
            message(
                "Expected an image of at most {most} pixels, this one has {columns} x {rows}; make it smaller",
                most=MAX_FRAME_PIXELS,
                columns=columns,
                rows=rows,
            )
        )


def _decoded(data: bytes) -> BytesArray:
    try:
        raw = decode_image("png" if data[:8] == _PNG else "jpeg8", data)
    except (Cancelled, DecoderDiedError):
        raise
    except Exception as error:  # codecs have no exception in common
        raise KinecorError(
            message("Expected an intact PNG or JPEG image, this one is damaged; export it again")
        ) from error
    image = np.asarray(raw // 257 if raw.dtype == np.uint16 else raw, np.uint8)
    if image.ndim == 3:
        image = image[:, :, :3] if image.shape[2] >= 3 else image[:, :, 0]
    return np.ascontiguousarray(image)


def open_video(candidate: Candidate, cache: FrameCache, options: Options, tick: Tick = no_tick) -> CineSequence:
    """A colour loop. Frames are counted by walking through the file once, since containers misstate their number.

    Args:
        candidate: the file.
        cache: for decoded frames.
        options: of opening.
        tick: may raise Cancelled.

    Raises:
        KinecorError: the video is damaged, empty, too long, or of a codec that is not known.
        OSError: it cannot be read.
        Cancelled: by `tick`.

    """
    stamps_ms, rate_per_s = frame_stamps(candidate.path, tick)
    count = len(stamps_ms)
    frames = VideoFrames(candidate.path, count, cache, candidate.keep)
    times_s, origin = stream_times(stamps_ms, rate_per_s)
    warnings: tuple[Message, ...] = ()
    if origin == "assumed":
        warnings = (message("The video has no frame times; {rate:g} frames/s are assumed.", rate=ASSUMED_RATE_PER_S),)
    if is_cut_off(candidate.path):
        warnings += (
            message(
                "The video is cut off after {count} frames: the rest is missing; copy or export it again.", count=count
            ),
        )
    source = headerless_source(candidate, options, tick)
    why = message("A video carries no scale, so nothing is measured in mm or ml.")
    return headerless_cine(source, frames, times_s, origin, options, why, warnings)
